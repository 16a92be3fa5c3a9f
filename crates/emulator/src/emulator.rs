//! The server: one port, all APIs.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::service::S3Service;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::config::{Config, Reach};
use crate::connection;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::fault::Fault;
use crate::form;
use crate::identifier::uuid;
use crate::invocation::{Pool, Surroundings, Watchers};
use crate::lambda::{self, Lambda};
use crate::logs::{self, Logs};
use crate::s3::{self, ObjectStore};
use crate::signature::{Authorization, Verifier};

const CONTROL_BODY: usize = 70_167_211;
const INVOKE_BODY: usize = 6_291_456;

/// A running emulator.
pub struct Emulator {
    address: SocketAddr,
    front: Arc<Front>,
    serving: tokio::task::JoinHandle<()>,
}

/// What every connection shares.
struct Front {
    verifier: Verifier,
    lambda: Arc<Lambda>,
    logs: Arc<Logs>,
    s3: S3Service,
}

impl Emulator {
    /// Opens the data folder and listens. Needs a tokio runtime around it.
    pub async fn start(config: Config) -> Result<Self, Error> {
        if config.reach == Reach::Loopback && !config.listen.ip().is_loopback() {
            return Err(Error::NotLoopback(config.listen));
        }
        let credentials = config.credentials.map_or_else(Credentials::random, Ok)?;
        let objects = config.data.join("objects");
        let objects = ObjectStore::open(objects, config.durable, config.function_storage)?;
        let objects = Arc::new(objects);
        let s3 = s3::for_clients(Arc::clone(&objects), &credentials, &config.region);
        let pool = Pool::new(Surroundings {
            keeper: config.keeper,
            watchers: Watchers::new(),
            data: config.data.clone(),
            objects: Arc::clone(&objects),
            guest_access: config.guest_access,
        })?;
        let logs = Logs { data: config.data.clone(), region: config.region.clone() };
        let lambda = Lambda::open(
            config.data,
            config.region.clone(),
            config.runtimes,
            objects,
            pool,
            config.code_storage,
        )?;
        let listening = |source| Error::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let front = Arc::new(Front {
            verifier: Verifier { credentials, region: config.region },
            lambda,
            logs: Arc::new(logs),
            s3,
        });
        let serving = tokio::spawn(accept(listener, Arc::clone(&front)));
        Ok(Self { address, front, serving })
    }

    /// Where clients on this machine find the APIs: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        let mut address = self.address;
        // Every address is none that a client could connect to.
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}")
    }

    /// The key pair that requests must be signed with.
    pub fn credentials(&self) -> Credentials {
        self.front.verifier.credentials.clone()
    }

    /// The region that requests must be signed for.
    pub fn region(&self) -> &str {
        &self.front.verifier.region
    }

    /// Stops listening, breaks connections off, and ends every sandbox and the keeper.
    /// When this returns nothing of them is left.
    pub async fn shutdown(mut self) -> Result<(), Error> {
        self.serving.abort();
        // The only way for it to end is the abort.
        let _ = (&mut self.serving).await;
        self.front.lambda.shut_down().await
    }
}

impl Drop for Emulator {
    /// Nobody should be served by what has been let go of; the keeper ends the guests.
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn accept(listener: TcpListener, front: Arc<Front>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&front)));
                }
                // Out of descriptors, mostly: those that end free some.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn serve(stream: TcpStream, front: Arc<Front>) {
    // Without it a connection is slower, not wrong.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let front = Arc::clone(&front);
        async move { front.answer(request).await }
    });
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(connection::AT_ONCE)
        .serve_connection(TokioIo::new(stream), service);
    // A client that goes away in the middle is no trouble of ours.
    let _ = connection.await;
}

/// Whom a request is for.
enum Api {
    Lambda,
    Logs,
    S3,
    Sts,
    Other(String),
}

fn api_of(headers: &HeaderMap, path: &str) -> Api {
    match Authorization::of(headers) {
        Ok(Some(authorization)) => match authorization.service {
            "lambda" => Api::Lambda,
            "logs" => Api::Logs,
            "s3" => Api::S3,
            "sts" => Api::Sts,
            other => Api::Other(other.to_owned()),
        },
        _ if lambda::is_lambda_path(path) => Api::Lambda,
        _ if logs::are_asked(headers) => Api::Logs,
        _ => Api::S3,
    }
}

impl Front {
    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<s3s::Body>, s3s::HttpError> {
        match api_of(request.headers(), request.uri().path()) {
            Api::S3 => s3::answer(&self.s3, request).await,
            Api::Lambda => Ok(self.answer_lambda(request).await.map(whole)),
            Api::Logs => Ok(self.answer_logs(request).await.map(whole)),
            Api::Sts => Ok(self.answer_sts(request).await.map(whole)),
            Api::Other(service) => Ok(refuse(&service, request.headers()).map(whole)),
        }
    }

    async fn answer_lambda(&self, request: Request<Incoming>) -> Response<Bytes> {
        match self.admit("lambda", request, Fault::into_response).await {
            Ok(Admitted { parts, body, id }) => self.lambda.answer(&parts, body, &id).await,
            Err(refusal) => refusal,
        }
    }

    async fn answer_logs(&self, request: Request<Incoming>) -> Response<Bytes> {
        let Admitted { parts, body, id } = match self.admit("logs", request, logs::refuse).await {
            Ok(admitted) => admitted,
            Err(refusal) => return refusal,
        };
        let (logs, given) = (Arc::clone(&self.logs), id.clone());
        let reading =
            tokio::task::spawn_blocking(move || logs.answer(&parts.headers, &body, &given));
        reading.await.unwrap_or_else(|error| {
            logs::refuse(Fault::service(format!("reading logs failed: {error}")), &id)
        })
    }

    async fn answer_sts(&self, request: Request<Incoming>) -> Response<Bytes> {
        match self.admit("sts", request, form::refuse).await {
            Ok(Admitted { body, id, .. }) => form::answer(&body, &id),
            Err(refusal) => refusal,
        }
    }

    /// Reads a request and looks at its signature; who is not let in is told in the service's words.
    async fn admit(
        &self,
        service: &str,
        request: Request<Incoming>,
        refuse: fn(Fault, &str) -> Response<Bytes>,
    ) -> Result<Admitted, Response<Bytes>> {
        let id = uuid().map_err(|error| refuse(error.into(), ""))?;
        let (parts, body) = request.into_parts();
        let body = read(body, &parts.method, parts.uri.path()).await;
        let body = body.map_err(|fault| refuse(fault, &id))?;
        self.verifier
            .verify(service, &parts, &body, SystemTime::now())
            .map_err(|fault| refuse(fault, &id))?;
        Ok(Admitted { parts, body, id })
    }
}

/// A request that was let in, and the id that it is given.
struct Admitted {
    parts: Parts,
    body: Bytes,
    id: String,
}

/// What a service says that is not here, in the words of its clients.
fn refuse(service: &str, headers: &HeaderMap) -> Response<Bytes> {
    let fault = Fault::unsupported(format_args!(
        "the service {service}, only lambda, logs, s3 and sts (who has the keys)"
    ));
    let request_id = uuid().unwrap_or_default();
    if form::is_sent(headers) {
        form::refuse(fault, &request_id)
    } else if headers.contains_key("x-amz-target") {
        logs::refuse(fault, &request_id)
    } else {
        fault.into_response(&request_id)
    }
}

fn whole(bytes: Bytes) -> s3s::Body {
    s3s::Body::http_body(Full::new(bytes))
}

/// The body, if it is no larger than the operation allows.
async fn read(body: Incoming, method: &Method, path: &str) -> Result<Bytes, Fault> {
    let invoking = method == Method::POST && path.ends_with("/invocations");
    let limit = if invoking { INVOKE_BODY } else { CONTROL_BODY };
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() && invoking => Err(Fault::new(
            "RequestTooLargeException",
            http::StatusCode::PAYLOAD_TOO_LARGE,
            format!("Request must be smaller than {limit} bytes for the InvokeFunction operation"),
        )),
        Err(error) if error.is::<LengthLimitError>() => Err(Fault::too_large(format!(
            "Request must be smaller than {limit} bytes for this operation"
        ))),
        Err(error) => Err(Fault::validation(format!("the body could not be read: {error}"))),
    }
}
