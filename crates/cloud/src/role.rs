//! Roles: made for one study, trusted to one service, allowed what is named and nothing else.

use aws_sdk_iam::types::Tag;
use serde_json::json;

use crate::account::Account;
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};
use crate::logs::log_group;

/// The name of the one policy that a role of ours holds.
const POLICY: &str = "photofinish";

/// The one service that may assume the role of a function.
pub const LAMBDA_SERVICE: &str = "lambda.amazonaws.com";

/// A role as it is wanted.
#[derive(Debug, Clone)]
pub struct RoleSpec {
    /// Its name, unique in the account.
    pub name: String,
    /// The one service that may assume it, such as [`LAMBDA_SERVICE`].
    pub service: String,
    /// What it is allowed to do: a policy document in JSON.
    pub policy: String,
    /// What it is marked with.
    pub tags: Tags,
}

/// The objects of a bucket whose keys begin so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objects {
    /// The bucket.
    pub bucket: String,
    /// How the keys begin: nothing for all of them, or a folder that ends with `/`.
    pub prefix: String,
}

impl Objects {
    /// All of a bucket.
    #[must_use]
    pub fn all_of(bucket: &str) -> Self {
        Self { bucket: bucket.to_owned(), prefix: String::new() }
    }
}

/// What a study's functions need to do, and where.
#[derive(Debug, Clone)]
pub struct FunctionRights<'a> {
    /// The account and partition that everything lies in.
    pub account: &'a Account,
    /// The region of the functions.
    pub region: &'a str,
    /// How the names of all the study's functions begin.
    pub prefix: &'a str,
    /// What they read.
    pub reads: &'a [Objects],
    /// What they write.
    pub writes: &'a [Objects],
}

impl FunctionRights<'_> {
    /// The policy that grants just these rights: no action is a wildcard, and no object of
    /// another account's bucket is meant, should a name change hands.
    #[must_use]
    pub fn policy(&self) -> String {
        let Account { id, partition, .. } = self.account;
        let arn = |objects: &Objects| {
            format!("arn:{partition}:s3:::{}/{}*", objects.bucket, objects.prefix)
        };
        let reads: Vec<String> = self.reads.iter().map(arn).collect();
        let writes: Vec<String> = self.writes.iter().map(arn).collect();
        let ours = json!({"StringEquals": {"aws:ResourceAccount": id}});
        let streams = format!(
            "arn:{partition}:logs:{}:{id}:log-group:{}*:log-stream:*",
            self.region,
            log_group(self.prefix)
        );
        json!({
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "ReadInputs",
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": reads,
                    "Condition": ours,
                },
                {
                    "Sid": "WriteOutputs",
                    "Effect": "Allow",
                    "Action": "s3:PutObject",
                    "Resource": writes,
                    "Condition": ours,
                },
                {
                    "Sid": "WriteLogs",
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": streams,
                },
            ],
        })
        .to_string()
    }
}

/// A role as it is.
#[derive(Debug)]
pub(crate) struct FoundRole {
    pub(crate) arn: String,
    pub(crate) tags: Tags,
}

fn at(doing: &'static str, role: &str) -> Place {
    Place::new(doing, format!("role `{role}`"))
}

impl Cloud {
    fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.config)
    }

    /// Makes a role, or gives one of ours back the trust and the policy that are wanted, and
    /// gives its ARN. A role of that name without our tags is somebody else's and left alone.
    /// What was just made cannot be assumed for some seconds yet: deploying waits for that.
    pub async fn ensure_role(&self, spec: &RoleSpec) -> Result<String, Error> {
        let arn = match self.create_role(spec).await? {
            Some(arn) => arn,
            None => self.mend_role(spec).await?,
        };
        let (iam, here) = (self.iam(), at("set the policy of", &spec.name));
        self.just_made(here.clone(), || async {
            iam.put_role_policy()
                .role_name(&spec.name)
                .policy_name(POLICY)
                .policy_document(&spec.policy)
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await?;
        Ok(arn)
    }

    /// The ARN, or nothing if there is a role of that name.
    async fn create_role(&self, spec: &RoleSpec) -> Result<Option<String>, Error> {
        let (iam, here) = (self.iam(), at("create", &spec.name));
        let tags = sdk_tags(&here, &spec.tags)?;
        self.persist(here.clone(), || async {
            let sent = iam
                .create_role()
                .role_name(&spec.name)
                .description("made by photofinish for one study; `photofinish destroy` removes it")
                .assume_role_policy_document(trust(&spec.service))
                .set_tags(Some(tags.clone()))
                .send()
                .await;
            match sent.map_err(|error| Error::from_sdk(here.clone(), &error)) {
                Ok(answer) => Ok(answer.role.map(|role| role.arn)),
                Err(error) if error.code() == Some("EntityAlreadyExists") => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Gives a role of ours the trust that is wanted, and the tags that may have changed.
    async fn mend_role(&self, spec: &RoleSpec) -> Result<String, Error> {
        let here = at("take", &spec.name);
        let Some(found) = self.find_role(&spec.name).await? else {
            return Err(Error::new(here, Kind::Conflict, "it went while it was looked at"));
        };
        let owner = spec.tags.iter().find(|(key, _)| key.as_str() == "photofinish");
        if let Some((key, value)) = owner
            && found.tags.get(key) != Some(value)
        {
            let cause = format!(
                "there is one of that name without the tag {key} = {value}, which somebody else \
                 made; rename the study, or name a role in the study's target"
            );
            return Err(Error::new(here, Kind::Other, cause));
        }
        let iam = self.iam();
        self.persist(here.clone(), || async {
            iam.update_assume_role_policy()
                .role_name(&spec.name)
                .policy_document(trust(&spec.service))
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await?;
        if spec.tags.iter().any(|(key, value)| found.tags.get(key) != Some(value)) {
            let tags = sdk_tags(&here, &spec.tags)?;
            self.persist(here.clone(), || async {
                iam.tag_role()
                    .role_name(&spec.name)
                    .set_tags(Some(tags.clone()))
                    .send()
                    .await
                    .map(|_| ())
                    .map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        }
        Ok(found.arn)
    }

    /// One look at a role; none if there is none.
    pub(crate) async fn find_role(&self, name: &str) -> Result<Option<FoundRole>, Error> {
        let (iam, here) = (self.iam(), at("look at", name));
        let found = self
            .persist(here.clone(), || async {
                iam.get_role()
                    .role_name(name)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match found {
            Ok(answer) => Ok(answer.role.map(|role| FoundRole {
                tags: role.tags().iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect(),
                arn: role.arn,
            })),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The names of the account's roles that begin so.
    pub(crate) async fn roles(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let (iam, here) = (self.iam(), Place::new("list", "roles"));
        let mut names = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    iam.list_roles()
                        .set_marker(from.clone())
                        .max_items(1000)
                        .send()
                        .await
                        .map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            let all = page.roles().iter().map(|role| role.role_name());
            names.extend(all.filter(|name| name.starts_with(prefix)).map(str::to_owned));
            from = page.marker().filter(|_| page.is_truncated()).map(str::to_owned);
            if from.is_none() {
                return Ok(names);
            }
        }
    }

    /// Deletes a role with its policies; false if there was none.
    pub(crate) async fn delete_role(&self, name: &str) -> Result<bool, Error> {
        match self.strip_role(name).await {
            Err(error) if error.kind() == Kind::NotFound => return Ok(false),
            stripped => stripped?,
        }
        let (iam, here) = (self.iam(), at("delete", name));
        let gone = self
            .persist(here.clone(), || async {
                iam.delete_role()
                    .role_name(name)
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

    /// A role can be deleted once it holds no policy: its own are deleted, others' let go.
    async fn strip_role(&self, name: &str) -> Result<(), Error> {
        let (iam, here) = (self.iam(), at("take the policies of", name));
        let own = self
            .persist(here.clone(), || async {
                let sent = iam.list_role_policies().role_name(name).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        for policy in own.policy_names() {
            let sent = self
                .persist(here.clone(), || async {
                    let request = iam.delete_role_policy().role_name(name).policy_name(policy);
                    let sent = request.send().await;
                    sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await;
            gone_is_fine(sent)?;
        }
        let attached = self
            .persist(here.clone(), || async {
                let sent = iam.list_attached_role_policies().role_name(name).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        for arn in attached.attached_policies().iter().filter_map(|policy| policy.policy_arn()) {
            let sent = self
                .persist(here.clone(), || async {
                    let request = iam.detach_role_policy().role_name(name).policy_arn(arn);
                    let sent = request.send().await;
                    sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await;
            gone_is_fine(sent)?;
        }
        Ok(())
    }
}

fn gone_is_fine(sent: Result<(), Error>) -> Result<(), Error> {
    match sent {
        Err(error) if error.kind() == Kind::NotFound => Ok(()),
        other => other,
    }
}

fn sdk_tags(at: &Place, tags: &Tags) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value): (&String, &String)| {
        let built = Tag::builder().key(key).value(value).build();
        built.map_err(|error| Error::new(at.clone(), Kind::Other, error.to_string()))
    };
    tags.iter().map(tag).collect()
}

fn trust(service: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        }],
    })
    .to_string()
}
