//! Repositories with their images: after the functions that are made of them.

use super::{Found, Marks, Resource, found};
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::Error;

pub(super) async fn find(cloud: &Cloud, prefix: &str, marks: Marks) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for (name, arn) in cloud.repositories(prefix).await? {
        let tags = match marks {
            Marks::Unread => Ok(Tags::new()),
            Marks::Read => cloud.repository_tags(&name, &arn).await,
        };
        all.extend(found(Resource::Repository(name), tags.map(Some)));
    }
    Ok(all)
}
