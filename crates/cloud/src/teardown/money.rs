//! What watches over money: the last to go, since until then something can cost.

use super::{Found, Marks, Resource, found};
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::Error;

pub(super) async fn find_alarms(
    cloud: &Cloud,
    prefix: &str,
    marks: Marks,
) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for (name, arn) in cloud.alarms(prefix).await? {
        let tags = match marks {
            Marks::Unread => Ok(Some(Tags::new())),
            Marks::Read => cloud.alarm_tags(&arn).await.map(Some),
        };
        all.extend(found(Resource::Alarm(name), tags));
    }
    Ok(all)
}

pub(super) async fn find_topics(
    cloud: &Cloud,
    prefix: &str,
    marks: Marks,
) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for arn in cloud.topics(prefix).await? {
        let tags = match marks {
            Marks::Unread => Ok(Some(Tags::new())),
            Marks::Read => cloud.topic_tags(&arn).await.map(Some),
        };
        all.extend(found(Resource::Topic(arn), tags));
    }
    Ok(all)
}

pub(super) async fn find_budgets(
    cloud: &Cloud,
    prefix: &str,
    marks: Marks,
) -> Result<Vec<Found>, Error> {
    let account = cloud.account().await?;
    let mut all = Vec::new();
    for name in cloud.budgets(&account, prefix).await? {
        let tags = match marks {
            Marks::Unread => Ok(Some(Tags::new())),
            Marks::Read => cloud.budget_tags(&account, &name).await.map(Some),
        };
        all.extend(found(Resource::Budget(name), tags));
    }
    Ok(all)
}
