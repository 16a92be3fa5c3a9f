//! Objects: bytes with a content type under a key in a bucket.

use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// An object as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What is in it.
    pub bytes: Bytes,
    /// What it says it is.
    pub content_type: Option<String>,
}

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its length in bytes.
    pub size: u64,
    /// What it says it is.
    pub content_type: Option<String>,
}

fn at(doing: &'static str, bucket: &str, key: &str) -> Place {
    Place::new(doing, format!("object `{key}` in bucket `{bucket}`"))
}

impl Cloud {
    /// Writes an object, replacing what was there.
    pub async fn put_object(
        &self,
        bucket: &str,
        key: &str,
        bytes: impl Into<Bytes>,
        content_type: &str,
    ) -> Result<(), Error> {
        let bytes = bytes.into();
        let at = at("write", bucket, key);
        self.persist(at.clone(), || async {
            self.s3
                .put_object()
                .bucket(bucket)
                .key(key)
                .content_type(content_type)
                .body(ByteStream::from(bytes.clone()))
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(at.clone(), &error))
        })
        .await
    }

    /// Reads a whole object.
    pub async fn get_object(&self, bucket: &str, key: &str) -> Result<Object, Error> {
        let at = at("read", bucket, key);
        self.persist(at.clone(), || async {
            let answer = self
                .s3
                .get_object()
                .bucket(bucket)
                .key(key)
                .send()
                .await
                .map_err(|error| Error::from_sdk(at.clone(), &error))?;
            let content_type = answer.content_type().map(str::to_owned);
            let body = answer.body.collect().await;
            let bytes = body
                .map_err(|cut| Error::new(at.clone(), Kind::Network, cut.to_string()))?
                .into_bytes();
            Ok(Object { bytes, content_type })
        })
        .await
    }

    /// Asks after an object; none if there is none.
    pub async fn head_object(&self, bucket: &str, key: &str) -> Result<Option<Head>, Error> {
        let at = at("look at", bucket, key);
        let found = self
            .persist(at.clone(), || async {
                self.s3
                    .head_object()
                    .bucket(bucket)
                    .key(key)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(at.clone(), &error))
            })
            .await;
        match found {
            Ok(head) => Ok(Some(Head {
                size: head.content_length().and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
                content_type: head.content_type().map(str::to_owned),
            })),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How long a HEAD to a bucket takes there and back, sent once.
    pub async fn time_head(&self, bucket: &str) -> Result<Duration, Error> {
        let at = Place::new("reach", format!("bucket `{bucket}`"));
        let sent = Instant::now();
        let answer = self.s3.head_bucket().bucket(bucket).send().await;
        let took = sent.elapsed();
        answer.map(|_| took).map_err(|error| Error::from_sdk(at, &error))
    }
}
