//! One execution of the state machine: started, watched, stopped.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use photofinish_cloud::{Cloud, Execution, ExecutionStatus};
use serde_json::json;

use super::batches::{self, Shape};
use super::bucket::Picture;
use super::machine::BATCHES;
use crate::failure::{Failure, Told};
use crate::road::Site;
use crate::road::deploying::noted;
use crate::road::interrupt::Interrupt;

/// Between two looks at how far it is.
const LOOK: Duration = Duration::from_secs(2);
/// For how long a role that was just made may be unknown somewhere.
const YOUNG: Duration = Duration::from_secs(120);

/// Where it runs.
pub(super) struct Run<'a> {
    pub(super) site: &'a Site<'a>,
    pub(super) cloud: &'a Cloud,
    /// The state machine's ARN.
    pub(super) machine: &'a str,
    /// The bucket that the batches are read from.
    pub(super) bucket: &'a str,
}

impl Run<'_> {
    /// The executions that an earlier command has left under way.
    pub(super) async fn under_way(&self) -> Result<Vec<String>, Failure> {
        let listed = self.cloud.running_executions(self.machine).await;
        listed.map_err(|error| Failure::provider(&error))
    }

    /// Writes the batches and starts an execution on them.
    pub(super) async fn start(
        &self,
        pictures: &[Picture],
        shape: Shape,
    ) -> Result<String, Failure> {
        let name = format!("run-{}", Timestamp::now().as_millisecond());
        let key = format!("{BATCHES}{name}.json");
        let text = batches::written(pictures, shape.in_a_batch);
        let wrote = self.cloud.put_object(self.bucket, &key, text, "application/json").await;
        wrote.map_err(|error| Failure::provider(&error))?;
        let input = json!({"bucket": self.bucket, "batches": key}).to_string();
        let started = self.cloud.start_execution(self.machine, &name, &input);
        noted(self.site.journal, "start-execution", &name, started).await
    }

    /// Shows how far an execution is until it is over, well or ill; Ctrl-C stops it.
    pub(super) async fn watch(
        &self,
        arn: &str,
        pictures: u64,
        interrupt: &Interrupt,
    ) -> Result<Execution, Failure> {
        let began = Instant::now();
        loop {
            let ended = tokio::select! {
                ended = self.until_over(arn, pictures) => ended?,
                () = wanted_to_stop(interrupt) => {
                    let stopped = self.cloud.stop_execution(arn, "interrupted").await;
                    stopped.map_err(|error| Failure::provider(&error))?;
                    self.until_over(arn, pictures).await?
                }
            };
            if !ended.met_a_young_role() || began.elapsed() > YOUNG {
                return Ok(ended);
            }
            tokio::time::sleep(LOOK).await;
            let redriven = self.cloud.redrive_execution(arn).await;
            redriven.map_err(|error| Failure::provider(&error))?;
        }
    }

    async fn until_over(&self, arn: &str, pictures: u64) -> Result<Execution, Failure> {
        let mut bar = self.site.progress.bar("process", pictures);
        let mut failed = 0;
        let ended = self
            .cloud
            .execution_ended(arn, LOOK, |_, runs| {
                let Some(items) = runs.first().map(|run| run.items) else { return };
                failed = items.over() - items.succeeded;
                // Batches are counted, and all but one are of one size.
                let done = pictures * items.over() / items.total.max(1);
                bar.at(done, &format!("{} of {} batches", items.over(), items.total));
            })
            .await
            .map_err(|error| {
                let hint = "what was begun goes on; the same command waits for it";
                Failure::provider(&error).hint(hint)
            })?;
        let text = match failed {
            0 => "the state machine has come to its end".to_owned(),
            n => format!("the state machine has come to its end; {n} batches failed as a whole"),
        };
        bar.end(&text);
        Ok(ended)
    }
}

/// Whoever waits for a second Ctrl-C hears the first, so here the flag is looked at.
async fn wanted_to_stop(interrupt: &Interrupt) {
    while !interrupt.asked().load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// An execution that failed as a whole, which no batch and no picture can make it do.
pub(super) fn succeeded(execution: &Execution) -> Result<(), Failure> {
    if !matches!(execution.status, ExecutionStatus::Failed | ExecutionStatus::TimedOut) {
        return Ok(());
    }
    let word = execution.error.as_deref().unwrap_or("no error is named");
    let cause = execution.cause.as_deref().unwrap_or("and no cause");
    let message = format!("the state machine failed: {word}: {cause}");
    let hint = "the same command goes on with what is not made yet";
    Err(Failure::Provider(Told::words(message, Some(hint))))
}
