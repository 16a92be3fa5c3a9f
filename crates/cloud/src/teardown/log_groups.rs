//! Groups of logs: after the functions that write into them, before the role that lets them.

use super::{Made, Resource};
use crate::connection::Cloud;
use crate::error::Error;
use crate::logs::log_group;

pub(super) async fn find(cloud: &Cloud, prefix: &str) -> Result<Vec<Made>, Error> {
    let mut made = Vec::new();
    for (name, arn) in cloud.log_groups(&log_group(prefix)).await? {
        let tags = cloud.log_group_tags(&name, &arn).await?;
        made.push(Made { resource: Resource::LogGroup(name), tags });
    }
    Ok(made)
}
