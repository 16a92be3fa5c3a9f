//! Requests and whole answers, over connections that are kept.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};

use crate::failure::{Failure, chain};

/// How S3 is reached; without HTTPS no roots are read.
pub enum Transport {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Secure(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// An answer, whole.
pub struct Response {
    pub status: StatusCode,
    pub body: Bytes,
}

impl Transport {
    pub fn plain() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self::Plain(Client::builder(TokioExecutor::new()).build(connector))
    }

    /// Trusts whom this machine trusts.
    pub fn secure() -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (trusted, _) = roots.add_parsable_certificates(found.certs);
        if trusted == 0 {
            let why = found.errors.iter().map(|error| chain(error)).collect::<Vec<_>>().join("; ");
            return Err(Failure::Tls(format!("there are no root certificates; {why}")));
        }
        let provider = Arc::new(rustls_graviola::default_provider());
        let configuration = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::Tls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(configuration)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        Ok(Self::Secure(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends one request and takes its whole answer.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response, String> {
        let response = match self {
            Self::Plain(client) => client.request(request).await,
            Self::Secure(client) => client.request(request).await,
        };
        let response = response.map_err(|error| chain(&error))?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| chain(&error))?;
        Ok(Response { status, body: body.to_bytes() })
    }
}
