//! Invoke: from a request to the pool and back.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::events::EVENT_LIMIT;
use super::function::{FunctionRecord, State};
use super::service::{Lambda, lock};
use crate::fault::Fault;
use crate::identifier::digits32;
use crate::invocation::{Deployment, Invocation, Invoked};

/// How a client wants to be answered.
enum Kind {
    RequestResponse,
    Event,
    DryRun,
}

impl Lambda {
    pub(super) async fn invoke(
        self: &Arc<Self>,
        name: &str,
        query: &str,
        headers: &HeaderMap,
        body: Bytes,
        request_id: &str,
    ) -> Result<Response<Bytes>, Fault> {
        let record = self.qualified(name, query)?;
        let kind = kind(headers)?;
        let tail = wants_tail(headers)?;
        let payload = payload(body)?;
        match &record.state {
            State::Active => {}
            State::Pending => return Err(not_now("Pending")),
            State::Failed(reason) => {
                return Err(Fault::conflict(format!(
                    "The function is currently in the following state: Failed ({reason})"
                )));
            }
        }
        if matches!(kind, Kind::Event) && payload.len() > EVENT_LIMIT {
            return Err(too_large_for_event(payload.len()));
        }
        let invocation = Invocation {
            request_id: request_id.to_owned(),
            payload,
            client_context: client_context(headers)?,
            trace_id: trace_id(headers)?,
        };
        match kind {
            Kind::DryRun => Ok(response(StatusCode::NO_CONTENT, Bytes::new())),
            Kind::Event => {
                self.invoke_later(record.name, invocation);
                Ok(response(StatusCode::ACCEPTED, Bytes::new()))
            }
            Kind::RequestResponse => {
                let deployment = self.deployed(&record)?;
                let invoked = self.pool.invoke(deployment, invocation).await?;
                Ok(answer(&invoked, request_id, tail))
            }
        }
    }

    /// The deployment that invocations run in: during an update still the one before it.
    pub(super) fn deployed(&self, record: &FunctionRecord) -> Result<Deployment, Fault> {
        lock(&self.deployed)
            .get(&record.name)
            .map(|deployment| Deployment {
                function: FunctionRecord {
                    reserved_concurrency: record.reserved_concurrency,
                    ..deployment.function.clone()
                },
                ..deployment.clone()
            })
            .ok_or_else(|| not_now("Pending"))
    }
}

fn answer(invoked: &Invoked, request_id: &str, tail: bool) -> Response<Bytes> {
    let mut response = response(StatusCode::OK, invoked.outcome.payload(request_id));
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if invoked.outcome.error_type().is_some() {
        headers.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    }
    if tail && let Ok(log) = HeaderValue::from_str(&STANDARD.encode(&invoked.log_tail)) {
        headers.insert("x-amz-log-result", log);
    }
    response
}

fn response(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn not_now(state: &str) -> Fault {
    Fault::conflict(format!(
        "The operation cannot be performed at this time. The function is currently in the following state: {state}"
    ))
}

fn too_large_for_event(length: usize) -> Fault {
    Fault::new(
        "RequestTooLargeException",
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "{length} byte payload is too large for the Event invocation type (limit {EVENT_LIMIT} bytes)"
        ),
    )
}

fn kind(headers: &HeaderMap) -> Result<Kind, Fault> {
    match text(headers, "x-amz-invocation-type") {
        None | Some("RequestResponse") => Ok(Kind::RequestResponse),
        Some("DryRun") => Ok(Kind::DryRun),
        Some("Event") => Ok(Kind::Event),
        Some(other) => Err(Fault::validation(format!(
            "1 validation error detected: Value '{other}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
        ))),
    }
}

fn wants_tail(headers: &HeaderMap) -> Result<bool, Fault> {
    match text(headers, "x-amz-log-type") {
        None | Some("None") => Ok(false),
        Some("Tail") => Ok(true),
        Some(other) => Err(Fault::validation(format!(
            "1 validation error detected: Value '{other}' at 'logType' failed to satisfy constraint: Member must satisfy enum value set: [None, Tail]"
        ))),
    }
}

/// An event is JSON; none at all is the empty object.
fn payload(body: Bytes) -> Result<Bytes, Fault> {
    if body.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(&body) {
        Ok(_) => Ok(body),
        Err(error) => Err(Fault::new(
            "InvalidRequestContentException",
            StatusCode::BAD_REQUEST,
            format!(
                "Could not parse request body into json: Could not parse payload into json: {error}"
            ),
        )),
    }
}

fn client_context(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let Some(encoded) = text(headers, "x-amz-client-context") else {
        return Ok(None);
    };
    let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let invalid = || {
        Fault::new(
            "InvalidRequestContentException",
            StatusCode::BAD_REQUEST,
            "Client context must be a valid Base64-encoded JSON object.",
        )
    };
    decoded.map(Some).ok_or_else(invalid)
}

fn trace_id(headers: &HeaderMap) -> Result<String, Fault> {
    if let Some(given) = text(headers, "x-amzn-trace-id") {
        return Ok(given.to_owned());
    }
    let digits = digits32()?;
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    Ok(format!("Root=1-{now:08x}-{};Parent={};Sampled=0", &digits[..24], &digits[16..]))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
