//! What watches over money: the last to go, since until then something can cost.

use super::{Made, Resource};
use crate::connection::Cloud;
use crate::error::Error;

pub(super) async fn find_alarms(cloud: &Cloud, prefix: &str) -> Result<Vec<Made>, Error> {
    let alarms = cloud.alarms(prefix).await?.into_iter();
    Ok(alarms.map(|(name, tags)| Made { resource: Resource::Alarm(name), tags }).collect())
}

pub(super) async fn find_topics(cloud: &Cloud, prefix: &str) -> Result<Vec<Made>, Error> {
    let topics = cloud.topics(prefix).await?.into_iter();
    Ok(topics.map(|(arn, tags)| Made { resource: Resource::Topic(arn), tags }).collect())
}

pub(super) async fn find_budgets(cloud: &Cloud, prefix: &str) -> Result<Vec<Made>, Error> {
    let account = cloud.account().await?;
    let mut made = Vec::new();
    for name in cloud.budgets(&account, prefix).await? {
        let tags = cloud.budget_tags(&account, &name).await?;
        made.push(Made { resource: Resource::Budget(name), tags });
    }
    Ok(made)
}
