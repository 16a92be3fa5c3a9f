//! One request over HTTP: bytes out, bytes in, nothing repeated and nothing followed.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};

use super::NoClient;
use crate::attempt::{Request, Response};
use crate::provider;

/// A connection that is not there by then will not be.
const CONNECT: Duration = Duration::from_secs(30);
/// A model may think for minutes without a byte; a router between should not forget the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// No answer is as long as this.
const LONGEST_ANSWER: usize = 32 * 1024 * 1024;

pub(super) struct Transport(reqwest::Client);

/// A request without an answer.
pub(super) struct Unanswered {
    /// Why, in words.
    pub(super) why: String,
    /// Whether the same would come of asking again.
    pub(super) again: Again,
}

/// Whether asking again may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It may.
    MayDo,
    /// Nobody at this address can show that it is the server that is meant.
    Untrusted,
}

impl From<String> for Unanswered {
    fn from(why: String) -> Self {
        Self { why, again: Again::MayDo }
    }
}

impl Transport {
    /// For the servers at an address. TLS is rustls with ring, trusting what the platform trusts;
    /// at plain `http:` no certificates are loaded, and no proxy is asked for this machine itself.
    pub(super) fn to(base_url: &str, one_request: Duration) -> Result<Self, NoClient> {
        let roots =
            if base_url.starts_with("https:") { platform()? } else { RootCertStore::empty() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| NoClient::NoTransport(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .timeout(one_request)
            .tcp_keepalive(KEEP_ALIVE);
        if provider::is_loopback(base_url) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| NoClient::NoTransport(chain(&error)))?;
        Ok(Self(client))
    }

    /// Sends it, with the key in its header, and waits for all of the answer.
    pub(super) async fn send(
        &self,
        request: &Request,
        key_header: &str,
        key: Option<HeaderValue>,
    ) -> Result<Response, Unanswered> {
        let mut headers = HeaderMap::new();
        for (name, value) in request.headers.iter().filter(|(name, _)| name != key_header) {
            headers.insert(header_name(name)?, header_value(value)?);
        }
        if let Some(key) = key {
            headers.insert(header_name(key_header)?, key);
        }
        let sent = self.0.post(&request.url).headers(headers).body(request.body.clone()).send();
        let mut answer = sent.await.map_err(|error| broken(error, None))?;
        let status = answer.status().as_u16();
        let headers = kept(answer.headers());
        let mut body = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > LONGEST_ANSWER => {
                    let why = format!("the answer is longer than {LONGEST_ANSWER} bytes");
                    return Err(why.into());
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Response { status, headers, body }),
                Err(error) => return Err(broken(error, Some((status, body.len())))),
            }
        }
    }
}

fn platform() -> Result<RootCertStore, NoClient> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable > 0 {
        return Ok(roots);
    }
    Err(NoClient::NoCertificates(match found.errors.first() {
        Some(error) => format!("no certificate authority could be read: {error}"),
        None => "no certificate authority is known here".to_owned(),
    }))
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    name.parse().map_err(|_| format!("`{name}` is no header"))
}

fn header_value(value: &str) -> Result<HeaderValue, String> {
    value.parse().map_err(|_| "a header's value holds control characters".to_owned())
}

/// The headers as they are recorded: cookies are secrets of a session and left out.
fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    let kept = headers.iter().filter(|(name, _)| *name != reqwest::header::SET_COOKIE);
    kept.map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    })
    .collect()
}

fn broken(error: reqwest::Error, answer: Option<(u16, usize)>) -> Unanswered {
    let error = error.without_url();
    if is_untrusted(&error) {
        let why = format!("its certificate cannot be verified: {}", chain(&error));
        return Unanswered { why, again: Again::Untrusted };
    }
    let what = match answer {
        Some((status, length)) => {
            format!("the answer (HTTP status {status}) broke off after {length} bytes")
        }
        None if error.is_timeout() => "no answer in time".to_owned(),
        None if error.is_connect() => "the server cannot be reached".to_owned(),
        None => "the connection broke".to_owned(),
    };
    format!("{what}: {}", chain(&error)).into()
}

/// Whether TLS said that the certificate is not one to trust.
fn is_untrusted(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| cause(*error))
        .filter_map(|error| error.downcast_ref::<rustls::Error>())
        .any(|error| matches!(error, rustls::Error::InvalidCertificate(_)))
}

/// What an error came from. An `io::Error` passes over what it was made of.
fn cause<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a (dyn std::error::Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(within) => Some(within),
        None => error.source(),
    }
}

/// The messages of an error and its causes, each once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in std::iter::successors(Some(error), |error| error.source()) {
        let text = cause.to_string();
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}
