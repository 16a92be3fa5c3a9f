//! A repository of images in ECR: private, for one study, with tags that are never moved; Lambda
//! may pull from it for that study's functions and for no others.

use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability, Tag,
};
use serde_json::json;

use crate::account::Account;
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};
use crate::registry::{Credential, Registry};
use crate::role::LAMBDA_SERVICE;

/// How the statement is called by which Lambda's own console lets Lambda in.
const STATEMENT: &str = "LambdaECRImageRetrievalPolicy";

/// A repository as it is wanted.
#[derive(Debug, Clone)]
pub struct RepositorySpec {
    /// Its name, unique in the account and region.
    pub name: String,
    /// How the names of all functions begin that are made of its images.
    pub functions: String,
    /// What it is marked with.
    pub tags: Tags,
}

/// A repository that is there, and the way into it for the next hours.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Its address: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME`, as functions' images begin.
    pub uri: String,
    /// Where its images are pushed to.
    pub registry: Registry,
}

/// A repository as it is.
struct Found {
    arn: String,
    uri: String,
}

fn at(doing: &'static str, repository: &str) -> Place {
    Place::new(doing, format!("repository `{repository}`"))
}

impl Cloud {
    fn ecr(&self) -> aws_sdk_ecr::Client {
        aws_sdk_ecr::Client::new(&self.config)
    }

    /// Makes a repository, or takes one of ours, lets Lambda pull from it, and asks for the
    /// password to its registry. One of that name without our tags is somebody else's and left
    /// alone.
    pub async fn ensure_repository(
        &self,
        account: &Account,
        spec: &RepositorySpec,
    ) -> Result<Repository, Error> {
        let found = match self.create_repository(spec).await? {
            Some(found) => found,
            None => self.take_repository(spec).await?,
        };
        self.let_lambda_in(account, spec).await?;
        let (url, credential) = self.registry_password(&spec.name).await?;
        let here = at("reach the registry of", &spec.name);
        let registry =
            Registry::open(here, &url, &spec.name, credential, self.persistence.clone())?;
        Ok(Repository { uri: found.uri, registry })
    }

    /// Nothing if there is one of that name.
    async fn create_repository(&self, spec: &RepositorySpec) -> Result<Option<Found>, Error> {
        let (ecr, here) = (self.ecr(), at("create", &spec.name));
        let tags = sdk_tags(&here, &spec.tags)?;
        let by_ecr = EncryptionConfiguration::builder().encryption_type(EncryptionType::Aes256);
        let by_ecr = by_ecr
            .build()
            .map_err(|error| Error::new(here.clone(), Kind::Other, error.to_string()))?;
        self.persist(here.clone(), || async {
            let sent = ecr
                .create_repository()
                .repository_name(&spec.name)
                .image_tag_mutability(ImageTagMutability::Immutable)
                .image_scanning_configuration(
                    ImageScanningConfiguration::builder().scan_on_push(false).build(),
                )
                .encryption_configuration(by_ecr.clone())
                .set_tags(Some(tags.clone()))
                .send()
                .await;
            match sent.map_err(|error| Error::from_sdk(here.clone(), &error)) {
                Ok(answer) => Ok(answer.repository.and_then(found)),
                Err(error) if error.code() == Some("RepositoryAlreadyExistsException") => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// One that is there, if it is ours, with the tags that may have changed.
    async fn take_repository(&self, spec: &RepositorySpec) -> Result<Found, Error> {
        let (ecr, here) = (self.ecr(), at("take", &spec.name));
        let answer = self
            .just_made(here.clone(), || async {
                let request = ecr.describe_repositories().repository_names(&spec.name);
                let sent = request.send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let Some(found) = answer.repositories.into_iter().flatten().next().and_then(found) else {
            return Err(Error::new(here, Kind::Conflict, "it went while it was looked at"));
        };
        let tags = self.repository_tags(&spec.name, &found.arn).await?;
        let owner = spec.tags.iter().find(|(key, _)| key.as_str() == "photofinish");
        if let Some((key, value)) = owner
            && tags.get(key) != Some(value)
        {
            let cause = format!(
                "there is one of that name without the tag {key} = {value}, which somebody else \
                 made; rename the study"
            );
            return Err(Error::new(here, Kind::Other, cause));
        }
        if spec.tags.iter().any(|(key, value)| tags.get(key) != Some(value)) {
            let tags = sdk_tags(&here, &spec.tags)?;
            self.persist(here.clone(), || async {
                let request = ecr.tag_resource().resource_arn(&found.arn);
                let sent = request.set_tags(Some(tags.clone())).send().await;
                sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        }
        Ok(found)
    }

    async fn let_lambda_in(&self, account: &Account, spec: &RepositorySpec) -> Result<(), Error> {
        let (ecr, here) = (self.ecr(), at("let Lambda pull from", &spec.name));
        let policy = policy(account, &self.region, &spec.functions);
        self.just_made(here.clone(), || async {
            let request = ecr.set_repository_policy().repository_name(&spec.name);
            let sent = request.policy_text(&policy).send().await;
            sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }

    /// Where the account's registry is, and what lets one in for twelve hours.
    async fn registry_password(&self, name: &str) -> Result<(String, Credential), Error> {
        let (ecr, here) = (self.ecr(), at("ask for the password to", name));
        let answer = self
            .persist(here.clone(), || async {
                let sent = ecr.get_authorization_token().send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let given = answer.authorization_data().first().and_then(|data| {
            let credential = Credential::basic(data.authorization_token()?)?;
            Some((data.proxy_endpoint()?.to_owned(), credential))
        });
        given.ok_or_else(|| Error::new(here, Kind::Other, "the answer has no password"))
    }

    /// Names and ARNs of the region's repositories that begin so.
    pub(crate) async fn repositories(&self, prefix: &str) -> Result<Vec<(String, String)>, Error> {
        let (ecr, here) = (self.ecr(), Place::new("list", "repositories"));
        let mut all = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    let sent = ecr.describe_repositories().set_next_token(from.clone()).send();
                    sent.await.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            for one in page.repositories() {
                let (Some(name), Some(arn)) = (one.repository_name(), one.repository_arn()) else {
                    continue;
                };
                if name.starts_with(prefix) {
                    all.push((name.to_owned(), arn.to_owned()));
                }
            }
            from = page.next_token().filter(|next| !next.is_empty()).map(str::to_owned);
            if from.is_none() {
                return Ok(all);
            }
        }
    }

    pub(crate) async fn repository_tags(&self, name: &str, arn: &str) -> Result<Tags, Error> {
        let (ecr, here) = (self.ecr(), at("read the tags of", name));
        let answer = self
            .persist(here.clone(), || async {
                let sent = ecr.list_tags_for_resource().resource_arn(arn).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match answer {
            Ok(answer) => {
                let tags = answer.tags.into_iter().flatten();
                Ok(tags.map(|tag| (tag.key, tag.value)).collect())
            }
            Err(error) if error.kind() == Kind::NotFound => Ok(Tags::new()),
            Err(error) => Err(error),
        }
    }

    /// Deletes a repository with its images; false if there was none.
    pub(crate) async fn delete_repository(&self, name: &str) -> Result<bool, Error> {
        let (ecr, here) = (self.ecr(), at("delete", name));
        let gone = self
            .persist(here.clone(), || async {
                let sent = ecr.delete_repository().repository_name(name).force(true).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match gone {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn found(repository: aws_sdk_ecr::types::Repository) -> Option<Found> {
    Some(Found { arn: repository.repository_arn?, uri: repository.repository_uri? })
}

/// Lambda may pull for the study's own functions; two actions, none a wildcard.
fn policy(account: &Account, region: &str, functions: &str) -> String {
    let Account { id, partition, .. } = account;
    let of = format!("arn:{partition}:lambda:{region}:{id}:function:{functions}*");
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": STATEMENT,
            "Effect": "Allow",
            "Principal": {"Service": LAMBDA_SERVICE},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {"StringLike": {"aws:sourceArn": of}},
        }],
    })
    .to_string()
}

fn sdk_tags(at: &Place, tags: &Tags) -> Result<Vec<Tag>, Error> {
    let tag = |(key, value): (&String, &String)| {
        let built = Tag::builder().key(key).value(value).build();
        built.map_err(|error| Error::new(at.clone(), Kind::Other, error.to_string()))
    };
    tags.iter().map(tag).collect()
}
