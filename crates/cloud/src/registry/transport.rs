//! One request to a registry and its answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Method, Url};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;

use super::credential::Credential;
use super::reference::is_loopback;
use crate::error::{Error, Kind, Place, chain};

const CONNECT: Duration = Duration::from_secs(30);
/// Every request has this long, and a second more for each so many bytes of its body or answer.
const AT_LEAST: Duration = Duration::from_secs(120);
const BYTES_A_SECOND: u64 = 64 * 1024;
/// Registries hand blobs out from elsewhere, in one step as a rule.
const STEPS: usize = 5;

/// A request, but for whom it is from.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) url: &'a str,
    pub(super) headers: &'a [(&'static str, &'a str)],
    pub(super) body: Bytes,
    /// The most bytes that the answer may have.
    pub(super) longest_answer: u64,
}

/// What came of it, whatever the status.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// A client of one registry.
pub(super) struct Transport {
    client: reqwest::Client,
    registry: Url,
}

impl Transport {
    /// TLS is rustls with ring, trusting what the platform trusts. Plain `http:` is for this very
    /// machine, where no certificates are loaded and no proxy is asked.
    pub(super) fn to(at: Place, url: &str) -> Result<Self, Error> {
        let failed = |kind, cause: String| Err(Error::new(at.clone(), kind, cause));
        let registry = match Url::parse(url) {
            Ok(url) if is_safe(&url) => url,
            Ok(_) => {
                let cause = format!("`{url}` is neither https nor on this machine");
                return failed(Kind::Other, cause);
            }
            Err(error) => return failed(Kind::Other, format!("`{url}` is no address: {error}")),
        };
        let here = registry.scheme() == "http";
        let mut roots = RootCertStore::empty();
        if !here {
            let found = rustls_native_certs::load_native_certs();
            let (usable, _) = roots.add_parsable_certificates(found.certs);
            if usable == 0 {
                let cause = match found.errors.first() {
                    Some(error) => format!("no certificate authority could be read: {error}"),
                    None => "no certificate authority is known here".to_owned(),
                };
                return failed(Kind::MissingCertificates, cause);
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let tls = match tls {
            Ok(tls) => tls.with_root_certificates(roots).with_no_client_auth(),
            Err(error) => return failed(Kind::Other, error.to_string()),
        };
        let mut client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::custom(followed))
            .retry(reqwest::retry::never())
            .user_agent("photofinish")
            .connect_timeout(CONNECT);
        if here {
            client = client.no_proxy();
        }
        match client.build() {
            Ok(client) => Ok(Self { client, registry }),
            Err(error) => failed(Kind::Other, chain(&error)),
        }
    }

    /// Sends it once and reads all of the answer. Who one is, is told to the registry alone.
    pub(super) async fn send(
        &self,
        at: &Place,
        request: &Request<'_>,
        credential: &Credential,
    ) -> Result<Answer, Error> {
        let failed = |kind, cause: String| Error::new(at.clone(), kind, cause);
        let url = Url::parse(request.url).map_err(|error| {
            failed(Kind::Other, format!("the registry gave no address: {error}"))
        })?;
        if !is_safe(&url) {
            return Err(failed(
                Kind::Other,
                "the registry leads to where there is no TLS".to_owned(),
            ));
        }
        let of_registry = url.origin() == self.registry.origin();
        let size = (request.body.len() as u64).max(request.longest_answer);
        let mut sent = self
            .client
            .request(request.method.clone(), url)
            .timeout(AT_LEAST + Duration::from_secs(size / BYTES_A_SECOND));
        for (name, value) in request.headers {
            sent = sent.header(*name, *value);
        }
        if let Credential::Header(value) = credential
            && of_registry
        {
            sent = sent.header(AUTHORIZATION, value.clone());
        }
        let sent = sent.body(request.body.clone()).send().await;
        let mut answer = sent.map_err(|error| broken(at, error))?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| broken(at, error))? {
            if (body.len() + chunk.len()) as u64 > request.longest_answer {
                let cause = format!("the answer is longer than {} bytes", request.longest_answer);
                return Err(failed(Kind::Other, cause));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

impl Answer {
    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A refusal, with the code and the words of the registry where it gives any.
    pub(super) fn refusal(&self, at: &Place) -> Error {
        let said: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let first = &said["errors"][0];
        let text = |field: &str| first[field].as_str().map(|text| text.chars().take(300).collect());
        let (code, message): (Option<String>, Option<String>) = (text("code"), text("message"));
        Error::refused(at.clone(), code.as_deref(), message.as_deref(), self.status)
    }
}

fn followed(attempt: Attempt<'_>) -> Action {
    if attempt.previous().len() > STEPS {
        return attempt.error("the registry leads on and on");
    }
    if !is_safe(attempt.url()) {
        return attempt.error("the registry leads to where there is no TLS");
    }
    attempt.follow()
}

fn is_safe(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => url.host_str().is_some_and(is_loopback),
        _ => false,
    }
}

/// A request without an answer. An address may be signed, so none is told.
fn broken(at: &Place, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let kind = if error.is_timeout() {
        Kind::Timeout
    } else if error.is_redirect() {
        Kind::Other
    } else {
        Kind::Network
    };
    Error::new(at.clone(), kind, chain(&error))
}
