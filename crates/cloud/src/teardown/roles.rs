//! Roles: the last of what functions use.

use super::{Made, Resource};
use crate::connection::Cloud;
use crate::error::Error;

pub(super) async fn find(cloud: &Cloud, prefix: &str) -> Result<Vec<Made>, Error> {
    let mut made = Vec::new();
    for name in cloud.roles(prefix).await? {
        if let Some(found) = cloud.find_role(&name).await? {
            made.push(Made { resource: Resource::Role(name), tags: found.tags });
        }
    }
    Ok(made)
}
