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
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use crate::error::{Error, Place};
use crate::patience::{Listener, Patience, Persistence, Wait};
use crate::zip::hex;

pub(crate) use credential::Credential;
pub use pull::{Descriptor, Pulled};
pub use push::{ImageUpload, Pushed};
pub use reference::{BadReference, Reference};
use transport::Transport;

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
