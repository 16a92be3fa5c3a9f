//! Buckets: emptied, then deleted.

use super::{Made, Resource};
use crate::connection::Cloud;
use crate::error::Error;

pub(super) async fn find(cloud: &Cloud, prefix: &str) -> Result<Vec<Made>, Error> {
    let mut made = Vec::new();
    for name in cloud.buckets(prefix).await? {
        let tags = cloud.bucket_tags(&name).await?;
        made.push(Made { resource: Resource::Bucket(name), tags });
    }
    Ok(made)
}

/// Deletes the objects of a bucket.
pub(super) async fn empty(
    cloud: &Cloud,
    bucket: &str,
    removed: &mut Vec<Resource>,
) -> Result<(), Error> {
    let count = cloud.empty_bucket(bucket).await?;
    if count > 0 {
        removed.push(Resource::Objects { bucket: bucket.to_owned(), count });
    }
    Ok(())
}
