//! Executions of a state machine: started once by name, looked at until they end, stopped,
//! redriven.

use std::time::Duration;

use aws_sdk_sfn::types::{ExecutionStatus as SdkStatus, MapRunItemCounts};

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// What has become of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionStatus {
    /// It is under way, or waits to be redriven.
    Running,
    /// It did all that it was to do.
    Succeeded,
    /// A step failed.
    Failed,
    /// It took longer than it may.
    TimedOut,
    /// Somebody stopped it.
    Aborted,
}

impl ExecutionStatus {
    fn of(status: &SdkStatus) -> Self {
        match status {
            SdkStatus::Succeeded => Self::Succeeded,
            SdkStatus::Failed => Self::Failed,
            SdkStatus::TimedOut => Self::TimedOut,
            SdkStatus::Aborted => Self::Aborted,
            _ => Self::Running,
        }
    }
}

/// An execution as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// What has become of it.
    pub status: ExecutionStatus,
    /// What it was given.
    pub input: String,
    /// What came of it, once it has succeeded.
    pub output: Option<String>,
    /// Why it failed, in the service's word.
    pub error: Option<String>,
    /// The same in a sentence.
    pub cause: Option<String>,
    /// When it was started, in milliseconds since 1970, by the service's clock.
    pub started_ms: i64,
    /// When it ended.
    pub stopped_ms: Option<i64>,
    /// How often it was redriven.
    pub redrives: u32,
}

impl Execution {
    /// Whether nothing more comes of it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.status != ExecutionStatus::Running
    }

    /// Whether it failed because a role that was made a moment ago is not known everywhere yet.
    #[must_use]
    pub fn met_a_young_role(&self) -> bool {
        let told = |text: &Option<String>| {
            text.as_ref().is_some_and(|text| {
                text.contains("is not authorized to perform")
                    || text.contains("authorized to assume")
                    || text.contains("States.Permissions")
            })
        };
        self.status == ExecutionStatus::Failed && (told(&self.error) || told(&self.cause))
    }
}

/// How many items of a Map Run fared how. Every item is in one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ItemCounts {
    /// Not begun.
    pub pending: u64,
    /// Under way.
    pub running: u64,
    /// Done.
    pub succeeded: u64,
    /// Failed.
    pub failed: u64,
    /// Took longer than they may.
    pub timed_out: u64,
    /// Stopped.
    pub aborted: u64,
    /// All of them.
    pub total: u64,
}

impl ItemCounts {
    /// Those of which nothing more comes.
    #[must_use]
    pub fn over(&self) -> u64 {
        self.succeeded + self.failed + self.timed_out + self.aborted
    }

    fn of(counts: &MapRunItemCounts) -> Self {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Self {
            pending: count(counts.pending),
            running: count(counts.running),
            succeeded: count(counts.succeeded),
            failed: count(counts.failed),
            timed_out: count(counts.timed_out),
            aborted: count(counts.aborted),
            total: count(counts.total),
        }
    }
}

/// What a Distributed Map state has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapRun {
    /// Its ARN.
    pub arn: String,
    /// How its items fare. A batch counts as one, unless Step Functions itself made it.
    pub items: ItemCounts,
}

fn at(doing: &'static str, arn: &str) -> Place {
    let name = arn.rsplit(':').next().unwrap_or(arn);
    Place::new(doing, format!("execution `{name}`"))
}

impl Cloud {
    /// Starts an execution under a name of its own, and gives its ARN. An answer that was lost is
    /// no reason for a second one: the same name with the same input is the same execution. One of
    /// that name with another input is an error.
    pub async fn start_execution(
        &self,
        machine: &str,
        name: &str,
        input: &str,
    ) -> Result<String, Error> {
        let (client, here) = (self.states(), at("start", name));
        let started = self
            .just_made(here.clone(), || async {
                let request = client.start_execution().state_machine_arn(machine).name(name);
                let sent = request.input(input).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match started {
            Ok(answer) => Ok(answer.execution_arn),
            Err(error) if error.code() == Some("ExecutionAlreadyExists") => {
                let arn = format!("{}:{name}", machine.replace(":stateMachine:", ":execution:"));
                let found = self.execution(&arn).await?;
                if found.is_some_and(|found| found.input == input) { Ok(arn) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }

    /// One look at an execution; none if there is none, or none any more: what has ended is
    /// forgotten after 90 days.
    pub async fn execution(&self, arn: &str) -> Result<Option<Execution>, Error> {
        let (client, here) = (self.states(), at("look at", arn));
        let found = self
            .persist(here.clone(), || async {
                let sent = client.describe_execution().execution_arn(arn).send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        let ms = |moment: &aws_smithy_types::DateTime| moment.to_millis().unwrap_or_default();
        match found {
            Ok(answer) => Ok(Some(Execution {
                status: ExecutionStatus::of(&answer.status),
                started_ms: ms(&answer.start_date),
                stopped_ms: answer.stop_date.as_ref().map(ms),
                redrives: answer.redrive_count.and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
                arn: answer.execution_arn,
                input: answer.input.unwrap_or_default(),
                output: answer.output,
                error: answer.error,
                cause: answer.cause,
            })),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks at an execution again and again, telling `tell` what it and its Map Runs are at, until
    /// it is over. It can take a year: whoever does not want to wait drops this.
    pub async fn execution_ended(
        &self,
        arn: &str,
        pause: Duration,
        mut tell: impl FnMut(&Execution, &[MapRun]),
    ) -> Result<Execution, Error> {
        let mut not_seen = self.attempts(at("look at", arn));
        loop {
            let Some(execution) = self.execution(arn).await? else {
                // Just started, and not yet seen from everywhere.
                if not_seen.pause("it is not there yet").await {
                    continue;
                }
                return Err(Error::new(at("look at", arn), Kind::NotFound, "it is not there"));
            };
            tell(&execution, &self.map_runs(arn).await?);
            if execution.is_over() {
                return Ok(execution);
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// The Map Runs of an execution with their counts.
    pub async fn map_runs(&self, execution: &str) -> Result<Vec<MapRun>, Error> {
        let (client, here) = (self.states(), at("list the map runs of", execution));
        let mut arns = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    let request = client.list_map_runs().execution_arn(execution);
                    let sent = request.set_next_token(from.clone()).send().await;
                    sent.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            arns.extend(page.map_runs.into_iter().map(|run| run.map_run_arn));
            from = page.next_token;
            if from.is_none() {
                break;
            }
        }
        let mut runs = Vec::new();
        for arn in arns {
            let described = self
                .persist(here.clone(), || async {
                    let sent = client.describe_map_run().map_run_arn(&arn).send().await;
                    sent.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            let items = described.item_counts.as_ref().map(ItemCounts::of).unwrap_or_default();
            runs.push(MapRun { arn, items });
        }
        Ok(runs)
    }

    /// The ARNs of a state machine's executions that are under way.
    pub async fn running_executions(&self, machine: &str) -> Result<Vec<String>, Error> {
        let (client, here) = (self.states(), at("list those that are running of", machine));
        let mut arns = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    let request = client.list_executions().state_machine_arn(machine);
                    let request = request.status_filter(SdkStatus::Running);
                    let sent = request.set_next_token(from.clone()).send().await;
                    sent.map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await;
            let page = match page {
                Ok(page) => page,
                Err(error) if error.kind() == Kind::NotFound => return Ok(arns),
                Err(error) => return Err(error),
            };
            arns.extend(page.executions.into_iter().map(|one| one.execution_arn));
            from = page.next_token;
            if from.is_none() {
                return Ok(arns);
            }
        }
    }

    /// Stops an execution with all that it has started; one that is over, or not there, is left.
    pub async fn stop_execution(&self, arn: &str, why: &str) -> Result<(), Error> {
        let (client, here) = (self.states(), at("stop", arn));
        let stopped = self
            .persist(here.clone(), || async {
                let request = client.stop_execution().execution_arn(arn);
                let sent = request.error("photofinish.Stopped").cause(why).send().await;
                sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match stopped {
            Err(error) if error.kind() == Kind::NotFound => Ok(()),
            // It has ended in between.
            Err(error) if error.code() == Some("ValidationException") => Ok(()),
            other => other,
        }
    }

    /// Has an execution that did not succeed go on with what did not: of a Map Run the items that
    /// failed, were stopped or were not begun. The service allows it for 14 days.
    pub async fn redrive_execution(&self, arn: &str) -> Result<(), Error> {
        let (client, here) = (self.states(), at("redrive", arn));
        // The same token for each attempt: an answer that was lost is no second redrive.
        let token = format!("photofinish-{:016x}", fastrand::u64(..));
        self.persist(here.clone(), || async {
            let request = client.redrive_execution().execution_arn(arn).client_token(&token);
            let sent = request.send().await;
            sent.map(|_| ()).map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }
}
