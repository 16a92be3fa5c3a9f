//! Groups of logs: after the functions that write into them, before the role that lets them.

use super::{Found, Marks, Resource, found};
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::Error;
use crate::logs::log_group;

pub(super) async fn find(cloud: &Cloud, prefix: &str, marks: Marks) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for (name, arn) in cloud.log_groups(&log_group(prefix)).await? {
        let tags = match marks {
            Marks::Unread => Ok(Tags::new()),
            Marks::Read => cloud.log_group_tags(&name, &arn).await,
        };
        all.extend(found(Resource::LogGroup(name), tags.map(Some)));
    }
    Ok(all)
}
