//! State machines: the first to go, since what they do calls functions, and costs.

use super::{Found, Marks, Resource, found};
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::Error;

pub(super) async fn find(cloud: &Cloud, prefix: &str, marks: Marks) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for (name, arn) in cloud.state_machines(prefix).await? {
        let tags = match marks {
            Marks::Unread => Ok(Some(Tags::new())),
            Marks::Read => cloud.state_machine_tags(&arn, &name).await,
        };
        all.extend(found(Resource::StateMachine { name, arn }, tags));
    }
    Ok(all)
}
