//! Buckets: made, emptied, deleted.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    BucketLocationConstraint, CreateBucketConfiguration, Delete, ObjectIdentifier, Tag, Tagging,
};

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// Tags: what a resource is marked with, so that it can be found again.
pub type Tags = BTreeMap<String, String>;

/// DeleteObjects takes no more at a time.
const MOST_KEYS: usize = 1000;

fn at(doing: &'static str, bucket: &str) -> Place {
    Place::new(doing, format!("bucket `{bucket}`"))
}

impl Cloud {
    /// Makes a bucket where there is none of that name, and tags it. Ours is kept as it is.
    pub async fn ensure_bucket(&self, bucket: &str, tags: &Tags) -> Result<(), Error> {
        let here = at("create", bucket);
        self.persist(here.clone(), || async {
            let made = self
                .s3
                .create_bucket()
                .bucket(bucket)
                .set_create_bucket_configuration(self.location())
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error));
            match made {
                Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => Ok(()),
                // Some say this of one's own as well; one's own are those that are listed.
                Err(error) if error.code() == Some("BucketAlreadyExists") => {
                    let ours = self.buckets(bucket).await?;
                    if ours.iter().any(|name| name == bucket) {
                        return Ok(());
                    }
                    let cause = "another account has a bucket of that name, and names are the \
                                 world's; rename the study";
                    Err(Error::new(here.clone(), Kind::Other, cause))
                }
                other => other,
            }
        })
        .await?;
        if tags.is_empty() { Ok(()) } else { self.tag_bucket(bucket, tags).await }
    }

    /// The first region of all is the one that must not be named.
    fn location(&self) -> Option<CreateBucketConfiguration> {
        (self.region != "us-east-1").then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(self.region.as_str()))
                .build()
        })
    }

    async fn tag_bucket(&self, bucket: &str, tags: &Tags) -> Result<(), Error> {
        let here = at("tag", bucket);
        let set: Result<Vec<Tag>, _> =
            tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        let tagging = set
            .and_then(|set| Tagging::builder().set_tag_set(Some(set)).build())
            .map_err(|error| Error::new(here.clone(), Kind::Other, error.to_string()))?;
        self.persist(here.clone(), || async {
            self.s3
                .put_bucket_tagging()
                .bucket(bucket)
                .tagging(tagging.clone())
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }

    /// The tags of a bucket; none if it has none.
    pub(crate) async fn bucket_tags(&self, bucket: &str) -> Result<Tags, Error> {
        let here = at("read the tags of", bucket);
        let found = self
            .persist(here.clone(), || async {
                self.s3
                    .get_bucket_tagging()
                    .bucket(bucket)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match found {
            Ok(answer) => Ok(answer
                .tag_set()
                .iter()
                .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                .collect()),
            Err(error) if error.kind() == Kind::NotFound => Ok(Tags::new()),
            Err(error) => Err(error),
        }
    }

    /// The names of the account's buckets that begin so, but for those that say that they lie in
    /// another region.
    pub async fn buckets(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let here = Place::new("list", "buckets");
        let mut names = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    self.s3
                        .list_buckets()
                        .prefix(prefix)
                        .set_continuation_token(from.clone())
                        .send()
                        .await
                        .map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            // Not every implementation heeds the prefix.
            let here = page
                .buckets()
                .iter()
                .filter(|bucket| bucket.bucket_region().is_none_or(|region| region == self.region));
            let ours = here.filter_map(|bucket| bucket.name());
            names.extend(ours.filter(|name| name.starts_with(prefix)).map(str::to_owned));
            from = page.continuation_token().map(str::to_owned);
            if from.is_none() {
                return Ok(names);
            }
        }
    }

    /// The keys in a bucket that begin so, in order.
    pub async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, Error> {
        let mut keys = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let (page, next) = self.page_of_keys(bucket, prefix, from).await?;
            keys.extend(page);
            from = next;
            if from.is_none() {
                return Ok(keys);
            }
        }
    }

    async fn page_of_keys(
        &self,
        bucket: &str,
        prefix: &str,
        from: Option<String>,
    ) -> Result<(Vec<String>, Option<String>), Error> {
        let here = at("list the objects of", bucket);
        let page = self
            .persist(here.clone(), || async {
                self.s3
                    .list_objects_v2()
                    .bucket(bucket)
                    .prefix(prefix)
                    .set_continuation_token(from.clone())
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let keys = page.contents().iter().filter_map(|object| object.key());
        let keys = keys.map(str::to_owned).collect();
        let next = page.next_continuation_token().map(str::to_owned);
        Ok((keys, next.filter(|_| page.is_truncated() == Some(true))))
    }

    /// Deletes objects by key; keys that are not there are no error.
    pub async fn delete_objects(&self, bucket: &str, keys: &[String]) -> Result<(), Error> {
        for some in keys.chunks(MOST_KEYS) {
            self.delete_some(bucket, some).await?;
        }
        Ok(())
    }

    async fn delete_some(&self, bucket: &str, keys: &[String]) -> Result<(), Error> {
        let here = at("delete objects of", bucket);
        let named: Result<Vec<ObjectIdentifier>, _> =
            keys.iter().map(|key| ObjectIdentifier::builder().key(key).build()).collect();
        let order = named
            .and_then(|named| Delete::builder().set_objects(Some(named)).quiet(true).build())
            .map_err(|error| Error::new(here.clone(), Kind::Other, error.to_string()))?;
        self.persist(here.clone(), || async {
            let answer = self
                .s3
                .delete_objects()
                .bucket(bucket)
                .delete(order.clone())
                .send()
                .await
                .map_err(|error| Error::from_sdk(here.clone(), &error))?;
            let Some(first) = answer.errors().first() else { return Ok(()) };
            let cause = format!(
                "{} objects remain, the first `{}`: {}",
                answer.errors().len(),
                first.key().unwrap_or("?"),
                first.message().or(first.code()).unwrap_or("no reason given"),
            );
            // What is throttled or broken inside an answer is said by code only.
            let kind = match first.code() {
                Some("SlowDown") => Kind::Throttled,
                Some("InternalError") => Kind::Unavailable,
                Some("AccessDenied") => Kind::AccessDenied,
                _ => Kind::Other,
            };
            Err(Error::new(here.clone(), kind, cause))
        })
        .await
    }

    /// Deletes all objects of a bucket and says how many; a bucket that is not there has none.
    pub async fn empty_bucket(&self, bucket: &str) -> Result<u64, Error> {
        let mut count = 0;
        let mut before: Option<String> = None;
        loop {
            // Always the first page: what was listed is gone by the next look.
            let keys = match self.page_of_keys(bucket, "", None).await {
                Ok((keys, _)) => keys,
                Err(error) if error.kind() == Kind::NotFound => return Ok(count),
                Err(error) => return Err(error),
            };
            if keys.is_empty() {
                return Ok(count);
            }
            if before.as_ref() == keys.first() {
                let cause = format!("`{}` is still there after it was deleted", keys[0]);
                return Err(Error::new(at("empty", bucket), Kind::Other, cause));
            }
            self.delete_objects(bucket, &keys).await?;
            count += keys.len() as u64;
            before = keys.into_iter().next();
        }
    }

    /// Deletes an empty bucket; false if there was none.
    pub async fn delete_bucket(&self, bucket: &str) -> Result<bool, Error> {
        let here = at("delete", bucket);
        let gone = self
            .persist(here.clone(), || async {
                self.s3
                    .delete_bucket()
                    .bucket(bucket)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match gone {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
