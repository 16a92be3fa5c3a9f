//! Registries of images, by the OCI distribution API: what is missing is pushed, what is wanted
//! is pulled, and every byte is held against its hash.
//!
//! Whose registry it is, it does not know: AWS's own is one, with a password from ECR; anybody's
//! that lets everyone pull is another. A password is sent to the registry itself and nowhere else.

mod credential;
mod pull;
mod push;
mod reference;
mod transport;

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::WWW_AUTHENTICATE;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use crate::error::{Error, Kind, Place};
use crate::patience::{Listener, Patience, Persistence, Wait};
use crate::zip::hex;

use credential::Challenge;
pub(crate) use credential::Credential;
pub use pull::{Descriptor, Pulled};
pub use push::{ImageUpload, Pushed};
pub use reference::{BadReference, Reference};
use transport::{Answer, Request, Transport};

/// A token is a few kilobytes.
const LONGEST_TOKEN: u64 = 64 * 1024;

/// Bytes under the name of their hash, as registries keep them.
#[derive(Debug, Clone)]
pub struct Blob {
    /// `sha256:` and the hash in hexadecimal.
    pub digest: String,
    /// What they are, such as `application/vnd.oci.image.config.v1+json`.
    pub media_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl Blob {
    /// Bytes that are shared with whoever made them.
    #[must_use]
    pub fn new(digest: String, media_type: &str, bytes: Arc<[u8]>) -> Self {
        Self { digest, media_type: media_type.to_owned(), bytes: Bytes::from_owner(bytes) }
    }
}

/// One repository of a registry.
#[derive(Clone)]
pub struct Registry {
    transport: Arc<Transport>,
    credential: Arc<Mutex<Credential>>,
    /// Where it is, such as `https://public.ecr.aws`.
    url: String,
    /// The repository's name in it.
    repository: String,
    persistence: Persistence,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (url, repository) = (&self.url, &self.repository);
        f.debug_struct("Registry").field("url", url).field("repository", repository).finish()
    }
}

impl Registry {
    /// The repository that a reference names, for whoever may pull from it without a password.
    pub fn of(reference: &Reference) -> Result<Self, Error> {
        let place = Place::new("reach", format!("registry `{}`", reference.host()));
        let persistence = Persistence { patience: Patience::default(), listener: None };
        Self::open(place, &reference.url(), reference.repository(), Credential::Nobody, persistence)
    }

    /// The same registry, telling `listener` of each wait as it begins.
    #[must_use]
    pub fn with_listener(mut self, listener: impl Fn(&Wait) + Send + Sync + 'static) -> Self {
        let listener: Listener = Arc::new(listener);
        self.persistence.listener = Some(listener);
        self
    }

    /// The same registry with another measure of patience.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.persistence.patience = patience;
        self
    }

    pub(crate) fn open(
        at: Place,
        url: &str,
        repository: &str,
        credential: Credential,
        persistence: Persistence,
    ) -> Result<Self, Error> {
        Ok(Self {
            transport: Arc::new(Transport::to(at, url)?),
            credential: Arc::new(Mutex::new(credential)),
            url: url.trim_end_matches('/').to_owned(),
            repository: repository.to_owned(),
            persistence,
        })
    }

    /// The address of something in this repository.
    fn address(&self, rest: &str) -> String {
        format!("{}/v2/{}/{rest}", self.url, self.repository)
    }

    /// Asks; and where the registry wants a token first that it gives to everybody, gets one.
    async fn ask(&self, at: &Place, request: &Request<'_>) -> Result<Answer, Error> {
        let known = self.credential.lock().await.clone();
        let answer = self.transport.send(at, request, &known).await?;
        let challenge = answer.header(WWW_AUTHENTICATE.as_str()).and_then(Challenge::read);
        match challenge.filter(|_| answer.status == 401) {
            Some(challenge) => {
                let token = self.token(at, &challenge).await?;
                *self.credential.lock().await = token.clone();
                self.transport.send(at, request, &token).await
            }
            None => Ok(answer),
        }
    }

    async fn token(&self, at: &Place, challenge: &Challenge) -> Result<Credential, Error> {
        let at = Place::new("get a token for", at.resource.clone());
        let failed = |cause: &str| Error::new(at.clone(), Kind::Other, cause);
        let mut url = reqwest::Url::parse(&challenge.realm)
            .map_err(|_| failed("the registry names no address to ask at"))?;
        for (name, value) in [("service", &challenge.service), ("scope", &challenge.scope)] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        let (method, body, url) = (Method::GET, Bytes::new(), url.to_string());
        let request =
            Request { method, url: &url, headers: &[], body, longest_answer: LONGEST_TOKEN };
        let answer = self.transport.send(&at, &request, &Credential::Nobody).await?;
        if answer.status != 200 {
            return Err(answer.refusal(&at));
        }
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = said["token"].as_str().or(said["access_token"].as_str());
        let token = token.and_then(Credential::bearer);
        token.ok_or_else(|| failed("the answer has no token"))
    }
}

/// `sha256:` and the hash of these bytes.
fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// The hash of a digest that is written as one.
fn sha256_in(digest: &str) -> Option<&str> {
    let hash = digest.strip_prefix("sha256:")?;
    let plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (hash.len() == 64 && hash.bytes().all(plain)).then_some(hash)
}
