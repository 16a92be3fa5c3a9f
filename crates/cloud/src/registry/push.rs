//! Pushing an image: what the registry lacks is sent, and the manifest last.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};

use super::transport::{Answer, Request};
use super::{Blob, Registry};
use crate::error::{Error, Kind, Place};

/// No answer to a push is longer.
const LONGEST_ANSWER: u64 = 1024 * 1024;

/// An image as it is pushed.
#[derive(Debug, Clone)]
pub struct ImageUpload {
    /// Its layers and its configuration.
    pub blobs: Vec<Blob>,
    /// Names them; its digest is the image's.
    pub manifest: Blob,
    /// The tag that the image gets.
    pub tag: String,
}

/// What a push did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pushed {
    /// Layers and configurations that were sent.
    pub blobs: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Images whose manifest was sent; the others were there.
    pub images: usize,
}

impl std::ops::AddAssign for Pushed {
    fn add_assign(&mut self, other: Self) {
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.images += other.images;
    }
}

impl Registry {
    /// Pushes an image, unless it is there under its tag. What another image of the repository
    /// has brought is not sent again. Safe to repeat, whatever was cut off.
    pub async fn push(&self, image: &ImageUpload) -> Result<Pushed, Error> {
        let mut pushed = Pushed::default();
        if self.holds_manifest(image).await? {
            return Ok(pushed);
        }
        for blob in &image.blobs {
            if self.push_blob(blob).await? {
                pushed.blobs += 1;
                pushed.bytes += blob.bytes.len() as u64;
            }
        }
        self.push_manifest(image).await?;
        pushed.images = 1;
        Ok(pushed)
    }

    /// Tags are never moved, so one that is there is asked after and not put again.
    async fn holds_manifest(&self, image: &ImageUpload) -> Result<bool, Error> {
        let at = self.at("look for image", &image.tag);
        let url = self.address(&format!("manifests/{}", image.tag));
        let headers = [(ACCEPT.as_str(), image.manifest.media_type.as_str())];
        let answer =
            self.persistence.persist(at.clone(), || self.there(&at, &url, &headers)).await?;
        let Some(answer) = answer else { return Ok(false) };
        match answer.header("docker-content-digest") {
            Some(digest) if digest != image.manifest.digest => {
                let cause = format!("there is another image of that tag, {digest}");
                Err(Error::new(at, Kind::Other, cause))
            }
            _ => Ok(true),
        }
    }

    /// True if it was sent, false if it was there.
    async fn push_blob(&self, blob: &Blob) -> Result<bool, Error> {
        let at = self.at("push", &blob.digest);
        self.persistence
            .just_made(at.clone(), || async {
                let url = self.address(&format!("blobs/{}", blob.digest));
                if self.there(&at, &url, &[]).await?.is_some() {
                    return Ok(false);
                }
                self.upload(&at, blob).await?;
                Ok(true)
            })
            .await
    }

    /// A session is begun, takes all of the bytes, and is closed with their digest. What breaks
    /// off is begun anew: registries forget a session that nobody closes.
    async fn upload(&self, at: &Place, blob: &Blob) -> Result<(), Error> {
        let begun = self.put(at, Method::POST, &self.address("blobs/uploads/"), None).await?;
        let Some(session) = self.session(at, &begun)? else {
            return Err(Error::new(at.clone(), Kind::Other, "the answer leads nowhere"));
        };
        let sent = self.put(at, Method::PATCH, &session, Some(blob)).await?;
        let session = self.session(at, &sent)?.unwrap_or(session);
        let mark = if session.contains('?') { '&' } else { '?' };
        // A digest's colon may stand in a query as it is.
        let last = format!("{session}{mark}digest={}", blob.digest);
        let closed = self.put(at, Method::PUT, &last, None).await?;
        if closed.status != 201 {
            return Err(closed.refusal(at));
        }
        Ok(())
    }

    /// Where an upload goes on. Registries differ in how they say that they took something.
    fn session(&self, at: &Place, answer: &Answer) -> Result<Option<String>, Error> {
        if !matches!(answer.status, 201 | 202 | 204) {
            return Err(answer.refusal(at));
        }
        let location = answer.header(LOCATION.as_str());
        Ok(location.map(|location| match location.starts_with('/') {
            true => format!("{}{location}", self.url),
            false => location.to_owned(),
        }))
    }

    async fn put(
        &self,
        at: &Place,
        method: Method,
        url: &str,
        blob: Option<&Blob>,
    ) -> Result<Answer, Error> {
        let headers = [(CONTENT_TYPE.as_str(), "application/octet-stream")];
        let request = Request {
            method,
            url,
            headers: if blob.is_some() { &headers } else { &[] },
            body: blob.map(|blob| blob.bytes.clone()).unwrap_or_default(),
            longest_answer: LONGEST_ANSWER,
        };
        self.ask(at, &request).await
    }

    async fn push_manifest(&self, image: &ImageUpload) -> Result<(), Error> {
        let at = self.at("push image", &image.tag);
        let url = self.address(&format!("manifests/{}", image.tag));
        let headers = [
            (CONTENT_TYPE.as_str(), image.manifest.media_type.as_str()),
            (ACCEPT.as_str(), image.manifest.media_type.as_str()),
        ];
        self.persistence
            .just_made(at.clone(), || async {
                // An attempt whose answer was lost may have put it: a tag is put once.
                if self.there(&at, &url, &headers[1..]).await?.is_some() {
                    return Ok(());
                }
                let request = Request {
                    method: Method::PUT,
                    url: &url,
                    headers: &headers[..1],
                    body: image.manifest.bytes.clone(),
                    longest_answer: LONGEST_ANSWER,
                };
                let answer = self.ask(&at, &request).await?;
                if answer.status != 201 {
                    return Err(answer.refusal(&at));
                }
                match answer.header("docker-content-digest") {
                    Some(digest) if digest != image.manifest.digest => {
                        let cause = format!("the registry took it for {digest}");
                        Err(Error::new(at.clone(), Kind::Other, cause))
                    }
                    _ => Ok(()),
                }
            })
            .await
    }

    /// One look; nothing if it is not there.
    async fn there(
        &self,
        at: &Place,
        url: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Option<Answer>, Error> {
        let (method, body) = (Method::HEAD, bytes::Bytes::new());
        let request = Request { method, url, headers, body, longest_answer: LONGEST_ANSWER };
        let answer = self.ask(at, &request).await?;
        match answer.status {
            200 => Ok(Some(answer)),
            404 => Ok(None),
            _ => Err(answer.refusal(at)),
        }
    }

    fn at(&self, doing: &'static str, what: &str) -> Place {
        Place::new(doing, format!("`{what}` in repository `{}`", self.repository))
    }
}
