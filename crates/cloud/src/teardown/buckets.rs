//! Buckets: emptied, then deleted.

use super::{Found, Marks, Resource, found};
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::Error;

pub(super) async fn find(cloud: &Cloud, prefix: &str, marks: Marks) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for name in cloud.buckets(prefix).await? {
        let tags = match marks {
            Marks::Unread => Ok(Tags::new()),
            Marks::Read => cloud.bucket_tags(&name).await,
        };
        all.extend(found(Resource::Bucket(name), tags.map(Some)));
    }
    Ok(all)
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
