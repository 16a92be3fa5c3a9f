//! S3: whole objects in and out, signed, tried again where that is harmless.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, StatusCode};
use rusty_s3::{Bucket, Credentials, S3Action as _, UrlStyle};
use url::Url;

use crate::failure::Failure;
use crate::transport::{Response, Transport};

/// How long a signature is good for: longer than a request is under way.
const SIGNED_FOR: Duration = Duration::from_secs(300);
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(25);

/// Where objects are kept.
pub struct Store {
    transport: Transport,
    region: String,
    credentials: Credentials,
    /// One for all buckets, which S3's own are not.
    endpoint: Option<Url>,
}

/// One object, and what is to be done with it.
struct Call<'a> {
    method: &'static str,
    bucket: &'a str,
    key: &'a str,
    address: Url,
    content: Option<(&'static str, Bytes)>,
}

impl Store {
    /// What Lambda says of it; the credentials are good for as long as the sandbox.
    pub fn from_environment() -> Result<Self, Failure> {
        let region = variable("AWS_REGION")?;
        let key = variable("AWS_ACCESS_KEY_ID")?;
        let secret = variable("AWS_SECRET_ACCESS_KEY")?;
        let credentials = match optional("AWS_SESSION_TOKEN") {
            Some(token) => Credentials::new_with_token(key, secret, token),
            None => Credentials::new(key, secret),
        };
        let endpoint = match endpoint("AWS_ENDPOINT_URL_S3")? {
            None => endpoint("AWS_ENDPOINT_URL")?,
            some => some,
        };
        let transport = match &endpoint {
            Some(endpoint) if endpoint.scheme() == "http" => Transport::plain(),
            _ => Transport::secure()?,
        };
        Ok(Self { transport, region, credentials, endpoint })
    }

    /// The whole object.
    pub async fn get(&self, bucket: &str, key: &str) -> Result<Bytes, Failure> {
        let at = self.bucket(bucket, key)?;
        let address = at.get_object(Some(&self.credentials), key).sign(SIGNED_FOR);
        let response =
            self.call(Call { method: "GET", bucket, key, address, content: None }).await?;
        Ok(response.body)
    }

    /// Writes the whole object.
    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        content_type: &'static str,
        content: Vec<u8>,
    ) -> Result<(), Failure> {
        let at = self.bucket(bucket, key)?;
        let address = at.put_object(Some(&self.credentials), key).sign(SIGNED_FOR);
        let content = Some((content_type, Bytes::from(content)));
        self.call(Call { method: "PUT", bucket, key, address, content }).await?;
        Ok(())
    }

    fn bucket(&self, bucket: &str, key: &str) -> Result<Bucket, Failure> {
        let no_address =
            |why: String| Failure::Address { bucket: bucket.to_owned(), key: key.to_owned(), why };
        // In an address these would name another object.
        if key.is_empty() || key.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(no_address("its key is empty, or a part of it is `.` or `..`".to_owned()));
        }
        let (endpoint, style) = match &self.endpoint {
            Some(endpoint) => (endpoint.clone(), UrlStyle::Path),
            None => {
                let host = format!("https://s3.{}.amazonaws.com", self.region);
                let host = Url::parse(&host).map_err(|error| no_address(error.to_string()))?;
                // A certificate's wildcard stands for a name without dots.
                let dotted = bucket.contains('.');
                (host, if dotted { UrlStyle::Path } else { UrlStyle::VirtualHost })
            }
        };
        Bucket::new(endpoint, style, bucket.to_owned(), self.region.clone())
            .map_err(|error| no_address(error.to_string()))
    }

    /// Both methods may be tried again: a connection that was kept may have been closed by S3
    /// while the sandbox was frozen, and S3 asks for patience by 5xx.
    async fn call(&self, call: Call<'_>) -> Result<Response, Failure> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            match self.attempt(&call).await {
                Ok(response) => return Ok(response),
                Err(failure) if !is_passing(&failure) => return Err(failure),
                Err(_) => tokio::time::sleep(pause).await,
            }
            pause *= 2;
        }
        self.attempt(&call).await
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Response, Failure> {
        let connection = |why: String| Failure::Connection {
            method: call.method,
            bucket: call.bucket.to_owned(),
            key: call.key.to_owned(),
            why,
        };
        let request = call.request().map_err(|error| connection(error.to_string()))?;
        let response = self.transport.send(request).await.map_err(connection)?;
        if response.status == StatusCode::OK {
            return Ok(response);
        }
        Err(Failure::Refused {
            method: call.method,
            bucket: call.bucket.to_owned(),
            key: call.key.to_owned(),
            status: response.status.as_u16(),
            said: String::from_utf8_lossy(&response.body).into_owned(),
        })
    }
}

impl Call<'_> {
    fn request(&self) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let request = Request::builder().uri(self.address.as_str());
        match &self.content {
            None => request.method(Method::GET).body(Full::default()),
            Some((content_type, content)) => request
                .method(Method::PUT)
                .header("content-type", *content_type)
                .body(Full::new(content.clone())),
        }
    }
}

fn is_passing(failure: &Failure) -> bool {
    match failure {
        Failure::Connection { .. } => true,
        Failure::Refused { status, .. } => matches!(status, 429 | 500 | 502 | 503 | 504),
        _ => false,
    }
}

fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn variable(name: &'static str) -> Result<String, Failure> {
    let missing = || Failure::Environment { name, why: "is not set".to_owned() };
    optional(name).ok_or_else(missing)
}

fn endpoint(name: &'static str) -> Result<Option<Url>, Failure> {
    let Some(text) = optional(name) else { return Ok(None) };
    let wrong = |error| Failure::Environment { name, why: format!("is `{text}`: {error}") };
    Url::parse(&text).map(Some).map_err(wrong)
}
