//! Functions: the first to go, since they use everything else.

use super::{Made, Resource};
use crate::connection::Cloud;
use crate::error::Error;

pub(super) async fn find(cloud: &Cloud, prefix: &str) -> Result<Vec<Made>, Error> {
    let mut made = Vec::new();
    for name in cloud.functions(prefix).await? {
        // One that went in between is no longer anybody's.
        if let Some(found) = cloud.find_function(&name).await? {
            made.push(Made { resource: Resource::Function(name), tags: found.tags });
        }
    }
    Ok(made)
}
