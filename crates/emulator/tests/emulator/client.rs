//! A client that shows its requests: raw HTTP, signed as asked.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials as SigningCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use photofinish_emulator::{Credentials, Emulator};
use serde_json::Value;
use tokio::net::TcpStream;

/// An answer, whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text();
        let shown: String = text.chars().take(500).collect();
        write!(f, "{} {:?} {shown}", self.status, self.error())
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The error's code, as SDKs read it.
    pub fn error(&self) -> (u16, &str) {
        (self.status.as_u16(), self.header("x-amzn-errortype").unwrap_or("none"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Who signs, for what, and when.
#[derive(Clone)]
pub struct Client {
    pub endpoint: String,
    pub credentials: Credentials,
    pub region: String,
    pub time: SystemTime,
}

impl Client {
    pub fn of(emulator: &Emulator) -> Self {
        Self {
            endpoint: emulator.endpoint(),
            credentials: emulator.credentials(),
            region: emulator.region().to_owned(),
            time: SystemTime::now(),
        }
    }

    /// Lambda: JSON in and out.
    pub async fn lambda(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        self.lambda_with(method, path, body, &[]).await
    }

    pub async fn lambda_with(
        &self,
        method: &str,
        path: &str,
        body: Bytes,
        headers: &[(&str, &str)],
    ) -> Answer {
        let request = self.signed("lambda", method, path, body, headers);
        self.send(request).await
    }

    pub async fn s3(
        &self,
        method: &str,
        path: &str,
        body: impl Into<Bytes>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let request = self.signed("s3", method, path, body.into(), headers);
        self.send(request).await
    }

    pub fn unsigned(&self, method: &str, path: &str, body: Bytes) -> Request<Full<Bytes>> {
        let host = self.endpoint.trim_start_matches("http://");
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", host)
            .body(Full::new(body))
            .expect("a request")
    }

    pub fn signed(
        &self,
        service: &str,
        method: &str,
        path: &str,
        body: Bytes,
        headers: &[(&str, &str)],
    ) -> Request<Full<Bytes>> {
        let mut settings = SigningSettings::default();
        if service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let identity = SigningCredentials::new(
            self.credentials.access_key_id(),
            self.credentials.secret_access_key(),
            None,
            None,
            "test",
        )
        .into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(self.time)
            .settings(settings)
            .build()
            .expect("parameters")
            .into();
        let uri = format!("{}{path}", self.endpoint);
        let signable =
            SignableRequest::new(method, uri, headers.iter().copied(), SignableBody::Bytes(&body))
                .expect("signable");
        let (instructions, _) = sign(signable, &params).expect("signed").into_parts();
        let mut request = self.unsigned(method, path, body.clone());
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().expect("a header's name");
            request.headers_mut().append(name, value.parse().expect("a header's value"));
        }
        for (name, value) in instructions.headers() {
            let name: http::HeaderName = name.parse().expect("a header's name");
            request.headers_mut().insert(name, value.parse().expect("a header's value"));
        }
        request
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let stream = TcpStream::connect(self.endpoint.trim_start_matches("http://"))
            .await
            .expect("a connection");
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the answer's body").to_bytes();
        connection.abort();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}
