//! Groups of logs: made before the functions that write into them, so that they carry tags, keep
//! their lines for some days only, and no function needs the right to make one.

use std::collections::HashMap;

use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// For how many days lines are kept; one of the numbers that CloudWatch Logs takes.
const RETENTION_DAYS: i32 = 14;

/// The group that a function writes into unless told otherwise.
pub(crate) fn log_group(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

fn at(doing: &'static str, group: &str) -> Place {
    Place::new(doing, format!("log group `{group}`"))
}

impl Cloud {
    fn logs(&self) -> aws_sdk_cloudwatchlogs::Client {
        aws_sdk_cloudwatchlogs::Client::new(&self.config)
    }

    /// Makes the group of logs of a function where there is none, with its tags, and lets it
    /// forget after two weeks.
    pub async fn ensure_log_group(&self, function: &str, tags: &Tags) -> Result<(), Error> {
        let (logs, group) = (self.logs(), log_group(function));
        let here = at("create", &group);
        let tags: HashMap<String, String> = tags.clone().into_iter().collect();
        self.persist(here.clone(), || async {
            let sent = logs
                .create_log_group()
                .log_group_name(&group)
                .set_tags((!tags.is_empty()).then(|| tags.clone()))
                .send()
                .await;
            match sent.map_err(|error| Error::from_sdk(here.clone(), &error)) {
                Err(error) if error.code() == Some("ResourceAlreadyExistsException") => Ok(()),
                other => other.map(|_| ()),
            }
        })
        .await?;
        let here = at("limit the age of", &group);
        self.persist(here.clone(), || async {
            logs.put_retention_policy()
                .log_group_name(&group)
                .retention_in_days(RETENTION_DAYS)
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }

    /// Names and ARNs of the region's groups that begin so.
    pub(crate) async fn log_groups(&self, prefix: &str) -> Result<Vec<(String, String)>, Error> {
        let (logs, here) = (self.logs(), Place::new("list", "log groups"));
        let mut groups = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    logs.describe_log_groups()
                        .log_group_name_prefix(prefix)
                        .set_next_token(from.clone())
                        .send()
                        .await
                        .map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            for group in page.log_groups() {
                let (Some(name), Some(arn)) =
                    (group.log_group_name(), group.log_group_arn().or(group.arn()))
                else {
                    continue;
                };
                if name.starts_with(prefix) {
                    let arn = arn.strip_suffix(":*").unwrap_or(arn);
                    groups.push((name.to_owned(), arn.to_owned()));
                }
            }
            from = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if from.is_none() {
                return Ok(groups);
            }
        }
    }

    pub(crate) async fn log_group_tags(&self, name: &str, arn: &str) -> Result<Tags, Error> {
        let (logs, here) = (self.logs(), at("read the tags of", name));
        let found = self
            .persist(here.clone(), || async {
                logs.list_tags_for_resource()
                    .resource_arn(arn)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match found {
            Ok(answer) => Ok(answer.tags.into_iter().flatten().collect()),
            Err(error) if error.kind() == Kind::NotFound => Ok(Tags::new()),
            Err(error) => Err(error),
        }
    }

    /// Deletes a group with its lines; false if there was none.
    pub(crate) async fn delete_log_group(&self, group: &str) -> Result<bool, Error> {
        let (logs, here) = (self.logs(), at("delete", group));
        let gone = self
            .persist(here.clone(), || async {
                logs.delete_log_group()
                    .log_group_name(group)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match gone {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
