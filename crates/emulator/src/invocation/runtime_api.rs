//! The Runtime API of one sandbox: what a runtime asks for its next event, and
//! where it answers. A runtime is the guest's own code: nothing it sends is believed
//! beyond the one invocation it was given.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde_json::json;
use tokio::sync::{Notify, oneshot, watch};

use super::outcome::RESPONSE_LIMIT;

const RUNTIME: &str = "/2018-06-01/runtime/";

/// An event on its way into a sandbox.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    pub(crate) deadline: SystemTime,
    pub(crate) arn: String,
    pub(crate) trace_id: String,
    pub(crate) client_context: Option<String>,
}

/// What came back, and when.
#[derive(Debug)]
pub(crate) struct Answered {
    /// When the runtime was given the event.
    pub(crate) handed: Instant,
    /// When its answer was here, whole.
    pub(crate) received: Instant,
    pub(crate) answer: Answer,
    pub(crate) receipt: Receipt,
}

/// The runtime is told that its answer was taken when this is dropped.
///
/// So long it waits and does nothing: what it does next, which is to ask for its next event, would
/// take its time from those who answer the client.
#[derive(Debug)]
pub(crate) struct Receipt {
    _given: oneshot::Sender<()>,
}

/// A runtime's answer to an event.
#[derive(Debug)]
pub(crate) enum Answer {
    Response(Bytes),
    Error { body: Bytes, kind: String },
    TooLarge,
}

/// How far the runtime's init is.
#[derive(Clone, Debug)]
pub(crate) enum Init {
    Running,
    Done(Instant),
    Failed { body: Bytes, kind: String, at: Instant },
}

/// The state that all connections of a guest share.
pub(crate) struct RuntimeApi {
    state: Mutex<State>,
    sent: Notify,
    init: watch::Sender<Init>,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    answered: Option<String>,
}

struct Current {
    event: Event,
    handed: Option<Instant>,
    answer: oneshot::Sender<Answered>,
}

/// What the runtime did that it may not.
enum Misstep {
    WrongId,
    WrongState(&'static str),
    NotHere,
}

impl RuntimeApi {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            sent: Notify::new(),
            init: watch::channel(Init::Running).0,
        })
    }

    /// Follows the runtime's init.
    pub(crate) fn init(&self) -> watch::Receiver<Init> {
        self.init.subscribe()
    }

    /// Gives the runtime an event. The receiver errs if the sandbox goes away.
    pub(crate) fn send(&self, event: Event) -> oneshot::Receiver<Answered> {
        let (answer, answered) = oneshot::channel();
        self.lock().current = Some(Current { event, handed: None, answer });
        self.sent.notify_waiters();
        answered
    }

    /// Answers one request of the guest.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().strip_prefix(RUNTIME).unwrap_or("");
        let steps: Vec<&str> = path.split('/').collect();
        let done = match (&parts.method, steps.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => self.response(id, body).await,
            (&Method::POST, ["invocation", id, "error"]) => {
                self.error(id, &parts.headers, body).await
            }
            (&Method::POST, ["init", "error"]) => self.init_error(&parts.headers, body).await,
            _ => Err(Misstep::NotHere),
        };
        done.unwrap_or_else(Misstep::into_response)
    }

    async fn next(&self) -> Result<Response<Full<Bytes>>, Misstep> {
        self.init.send_if_modified(|init| {
            let first = matches!(init, Init::Running);
            if first {
                *init = Init::Done(Instant::now());
            }
            first
        });
        loop {
            // Enlisted before the look, so that no event slips between look and wait.
            let sent = self.sent.notified();
            if let Some(event) = self.take()? {
                return Ok(event_response(&event));
            }
            sent.await;
        }
    }

    fn take(&self) -> Result<Option<Event>, Misstep> {
        let mut state = self.lock();
        match &mut state.current {
            None => Ok(None),
            Some(Current { handed: Some(_), .. }) => Err(Misstep::WrongState("Running to Ready")),
            Some(current) => {
                current.handed = Some(Instant::now());
                Ok(Some(current.event.clone()))
            }
        }
    }

    async fn response(&self, id: &str, body: Incoming) -> Result<Response<Full<Bytes>>, Misstep> {
        self.check(id)?;
        match Limited::new(body, RESPONSE_LIMIT).collect().await {
            Ok(collected) => {
                let receipt = self.deliver(id, Answer::Response(collected.to_bytes()))?;
                Ok(accepted_with(receipt).await)
            }
            Err(error) if error.is::<LengthLimitError>() => {
                self.deliver(id, Answer::TooLarge)?;
                let message =
                    format!("Exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes).");
                Ok(refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message))
            }
            // The guest broke off: its invocation goes on until it answers or ends.
            Err(_) => Err(Misstep::WrongState("InvocationResponse: the body broke off")),
        }
    }

    async fn error(
        &self,
        id: &str,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Result<Response<Full<Bytes>>, Misstep> {
        self.check(id)?;
        let (body, kind) = read_error(headers, body).await;
        let receipt = self.deliver(id, Answer::Error { body, kind })?;
        Ok(accepted_with(receipt).await)
    }

    async fn init_error(
        &self,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Result<Response<Full<Bytes>>, Misstep> {
        if !matches!(*self.init.borrow(), Init::Running) {
            return Err(Misstep::WrongState("Ready to InitError"));
        }
        let (body, kind) = read_error(headers, body).await;
        self.init.send_replace(Init::Failed { body, kind, at: Instant::now() });
        Ok(accepted())
    }

    /// Whether an answer to this id would be taken.
    fn check(&self, id: &str) -> Result<(), Misstep> {
        let state = self.lock();
        match &state.current {
            Some(Current { handed: Some(_), event, .. }) if event.request_id == id => Ok(()),
            Some(Current { handed: Some(_), .. }) => Err(Misstep::WrongId),
            // The next event may be here, but the runtime has not asked for it.
            _ if state.answered.as_deref() == Some(id) => {
                Err(Misstep::WrongState("ResponseSent to InvocationResponse"))
            }
            _ => Err(Misstep::WrongId),
        }
    }

    /// Hands an answer to whoever waits for it; what is given back ends with the receipt.
    fn deliver(&self, id: &str, answer: Answer) -> Result<oneshot::Receiver<()>, Misstep> {
        let received = Instant::now();
        self.check(id)?;
        let mut state = self.lock();
        let Some(current) = state.current.take() else {
            return Err(Misstep::WrongId);
        };
        state.answered = Some(current.event.request_id);
        let handed = current.handed.unwrap_or(received);
        // Nobody waits any more when the timeout was quicker.
        let (given, receipt) = oneshot::channel();
        let receipt_of = Receipt { _given: given };
        let _ = current.answer.send(Answered { handed, received, answer, receipt: receipt_of });
        Ok(receipt)
    }

    /// When the current event was handed over, if it was.
    pub(crate) fn handed(&self) -> Option<Instant> {
        self.lock().current.as_ref().and_then(|current| current.handed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of an error, and its type by header or body.
async fn read_error(headers: &HeaderMap, body: Incoming) -> (Bytes, String) {
    let body = Limited::new(body, RESPONSE_LIMIT)
        .collect()
        .await
        .map(|collected| collected.to_bytes())
        .unwrap_or_default();
    let told: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
    let in_body =
        told.as_ref().and_then(|told| told.get("errorType")).and_then(|kind| kind.as_str());
    let in_header =
        headers.get("lambda-runtime-function-error-type").and_then(|kind| kind.to_str().ok());
    let kind: String = in_body
        .or(in_header)
        .unwrap_or("Unhandled")
        .chars()
        .filter(|c| !c.is_control())
        .take(128)
        .collect();
    let body =
        if told.is_some() { body } else { Bytes::from(json!({"errorType": kind}).to_string()) };
    (body, kind)
}

fn event_response(event: &Event) -> Response<Full<Bytes>> {
    let deadline =
        event.deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string();
    let mut response = Response::new(Full::new(event.payload.clone()));
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set("lambda-runtime-aws-request-id", &event.request_id);
    set("lambda-runtime-deadline-ms", &deadline);
    set("lambda-runtime-invoked-function-arn", &event.arn);
    set("lambda-runtime-trace-id", &event.trace_id);
    if let Some(context) = &event.client_context {
        set("lambda-runtime-client-context", context);
    }
    response
}

async fn accepted_with(receipt: oneshot::Receiver<()>) -> Response<Full<Bytes>> {
    // Nothing is ever sent: this returns when the receipt is dropped.
    let _ = receipt.await;
    accepted()
}

fn accepted() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"{\"status\":\"OK\"}\n")));
    *response.status_mut() = StatusCode::ACCEPTED;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

fn refused(status: StatusCode, kind: &str, message: &str) -> Response<Full<Bytes>> {
    let body = json!({"errorMessage": message, "errorType": kind}).to_string();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

impl Misstep {
    fn into_response(self) -> Response<Full<Bytes>> {
        match self {
            Self::WrongId => {
                refused(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
            }
            Self::WrongState(transition) => {
                let message = format!(
                    "State transition from {transition} failed. Error: State transition is not allowed"
                );
                refused(StatusCode::FORBIDDEN, "InvalidStateTransition", &message)
            }
            Self::NotHere => {
                refused(StatusCode::NOT_FOUND, "NotFound", "the Runtime API has no such path")
            }
        }
    }
}
