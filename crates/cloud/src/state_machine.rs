//! State machines: made for one study, kept as they are wanted by name, and run.
//!
//! What a machine does is text to everything but [`definition`]; what it runs is an
//! [`Execution`].

mod definition;
mod execution;
mod results;
mod rights;

use aws_sdk_sfn::types::{StateMachineStatus, StateMachineType, Tag};

pub use self::definition::{Batches, MOST_ITEM_BYTES, Step};
pub use self::execution::{Execution, ExecutionStatus, ItemCounts, MapRun};
pub use self::results::{Failed, FailedBatch, Results};
pub use self::rights::{BatchRights, MachineRights};

use crate::account::Account;
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// The one service that may assume the role of a state machine.
pub const STATES_SERVICE: &str = "states.amazonaws.com";

/// How a machine's executions are kept and charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workflow {
    /// Up to a year, each step once, each charged; it can be looked at and redriven.
    Standard,
    /// Up to five minutes, each step at least once, charged by time; only its logs can be looked
    /// at.
    Express,
}

impl Workflow {
    fn as_sdk(self) -> StateMachineType {
        match self {
            Self::Standard => StateMachineType::Standard,
            Self::Express => StateMachineType::Express,
        }
    }
}

/// A state machine as it is wanted.
#[derive(Debug, Clone)]
pub struct StateMachineSpec {
    /// Its name, unique in the region.
    pub name: String,
    /// What it does, in the Amazon States Language.
    pub definition: String,
    /// The ARN of the role that it does it as.
    pub role: String,
    /// How its executions are kept; it can never be changed.
    pub workflow: Workflow,
    /// What it is marked with.
    pub tags: Tags,
}

/// A state machine as it is.
struct Found {
    definition: String,
    role: String,
    workflow: StateMachineType,
    is_going: bool,
}

impl Found {
    fn is_as(&self, spec: &StateMachineSpec) -> bool {
        self.definition == spec.definition && self.role == spec.role
    }
}

fn at(doing: &'static str, machine: &str) -> Place {
    Place::new(doing, format!("state machine `{machine}`"))
}

/// The ARN of a state machine of this name.
fn arn_of(account: &Account, region: &str, name: &str) -> String {
    format!("arn:{}:states:{region}:{}:stateMachine:{name}", account.partition, account.id)
}

impl Cloud {
    pub(crate) fn states(&self) -> aws_sdk_sfn::Client {
        aws_sdk_sfn::Client::new(&self.config)
    }

    /// Makes a state machine, or gives one of ours the definition, the role and the tags that are
    /// wanted, and gives its ARN. One of that name without our tags is somebody else's and left
    /// alone. An execution that is started within seconds of a change may still be one of the
    /// former definition; one that is under way keeps to it.
    pub async fn ensure_state_machine(
        &self,
        account: &Account,
        spec: &StateMachineSpec,
    ) -> Result<String, Error> {
        let arn = arn_of(account, &self.region, &spec.name);
        let mut attempts = self.attempts(at("make", &spec.name));
        loop {
            match self.find_state_machine(&arn, &spec.name).await? {
                None => {
                    if self.create_state_machine(spec).await? {
                        return Ok(arn);
                    }
                }
                Some(found) if found.is_going => {}
                Some(found) => {
                    self.mend_state_machine(&arn, spec, &found).await?;
                    return Ok(arn);
                }
            }
            if !attempts.pause("one of that name is still being deleted").await {
                let cause = "one of that name is still being deleted, or comes and goes";
                return Err(Error::new(at("make", &spec.name), Kind::Conflict, cause));
            }
        }
    }

    /// False if one of that name has appeared in the meantime.
    async fn create_state_machine(&self, spec: &StateMachineSpec) -> Result<bool, Error> {
        let (client, here) = (self.states(), at("create", &spec.name));
        self.persist(here.clone(), || async {
            let sent = client
                .create_state_machine()
                .name(&spec.name)
                .definition(&spec.definition)
                .role_arn(&spec.role)
                .r#type(spec.workflow.as_sdk())
                .set_tags(Some(sdk_tags(&spec.tags)))
                .send()
                .await;
            match sent.map_err(|error| Error::from_sdk(here.clone(), &error)) {
                Ok(_) => Ok(true),
                Err(error) if error.code() == Some("StateMachineAlreadyExists") => Ok(false),
                Err(error) => Err(role_is_young(error)),
            }
        })
        .await
    }

    async fn mend_state_machine(
        &self,
        arn: &str,
        spec: &StateMachineSpec,
        found: &Found,
    ) -> Result<(), Error> {
        let (client, here) = (self.states(), at("change", &spec.name));
        let tags = self.state_machine_tags(arn, &spec.name).await?.unwrap_or_default();
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
        if found.workflow != spec.workflow.as_sdk() {
            let cause = format!("it is of type {}, which cannot be changed", found.workflow);
            return Err(Error::new(here, Kind::Other, cause));
        }
        if !found.is_as(spec) {
            self.persist(here.clone(), || async {
                let sent = client
                    .update_state_machine()
                    .state_machine_arn(arn)
                    .definition(&spec.definition)
                    .role_arn(&spec.role)
                    .send()
                    .await;
                let sent = sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error));
                sent.map_err(role_is_young)
            })
            .await?;
        }
        if spec.tags.iter().all(|(key, value)| tags.get(key) == Some(value)) {
            return Ok(());
        }
        self.persist(here.clone(), || async {
            let request = client.tag_resource().resource_arn(arn);
            let sent = request.set_tags(Some(sdk_tags(&spec.tags))).send().await;
            sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }

    /// One look at a state machine; none if there is none.
    async fn find_state_machine(&self, arn: &str, name: &str) -> Result<Option<Found>, Error> {
        let (client, here) = (self.states(), at("look at", name));
        let found = self
            .persist(here.clone(), || async {
                let sent = client.describe_state_machine().state_machine_arn(arn).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match found {
            Ok(answer) => Ok(Some(Found {
                is_going: answer.status == Some(StateMachineStatus::Deleting),
                definition: answer.definition,
                role: answer.role_arn,
                workflow: answer.r#type,
            })),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Names and ARNs of the region's state machines whose names begin so.
    pub(crate) async fn state_machines(
        &self,
        prefix: &str,
    ) -> Result<Vec<(String, String)>, Error> {
        let (client, here) = (self.states(), Place::new("list", "state machines"));
        let mut machines = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    let request = client.list_state_machines().max_results(1000);
                    let sent = request.set_next_token(from.clone()).send().await;
                    sent.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            let ours = page.state_machines.into_iter().filter(|one| one.name.starts_with(prefix));
            machines.extend(ours.map(|one| (one.name, one.state_machine_arn)));
            from = page.next_token;
            if from.is_none() {
                return Ok(machines);
            }
        }
    }

    /// What a state machine is marked with; none if there is none.
    pub(crate) async fn state_machine_tags(
        &self,
        arn: &str,
        name: &str,
    ) -> Result<Option<Tags>, Error> {
        let (client, here) = (self.states(), at("read the tags of", name));
        let told = self
            .persist(here.clone(), || async {
                let sent = client.list_tags_for_resource().resource_arn(arn).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match told {
            Ok(answer) => {
                let pair = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()));
                Ok(Some(answer.tags().iter().filter_map(pair).collect()))
            }
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stops what a state machine is doing, deletes it and waits until it is gone; false if there
    /// was none. Left to itself, one that is being deleted ends what is under way first, and what
    /// that costs goes on.
    pub(crate) async fn delete_state_machine(&self, arn: &str, name: &str) -> Result<bool, Error> {
        let Some(found) = self.find_state_machine(arn, name).await? else { return Ok(false) };
        if found.workflow == StateMachineType::Standard {
            for execution in self.running_executions(arn).await? {
                self.stop_execution(&execution, "its state machine is being deleted").await?;
            }
        }
        let (client, here) = (self.states(), at("delete", name));
        self.persist(here.clone(), || async {
            let sent = client.delete_state_machine().state_machine_arn(arn).send().await;
            match sent.map_err(|error| Error::from_sdk(here.clone(), &error)) {
                Err(error) if error.kind() == Kind::NotFound => Ok(()),
                other => other.map(|_| ()),
            }
        })
        .await?;
        let mut attempts = self.attempts(here.clone());
        while self.find_state_machine(arn, name).await?.is_some() {
            if !attempts.pause("it ends what is under way").await {
                return Err(Error::new(here, Kind::Conflict, "it is still being deleted"));
            }
        }
        Ok(true)
    }
}

/// A role can be assumed some seconds after it was made; until then it is said to be denied.
fn role_is_young(error: Error) -> Error {
    let young = error.cause().contains("authorized to assume the provided role");
    if young { error.of_kind(Kind::Conflict) } else { error }
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
