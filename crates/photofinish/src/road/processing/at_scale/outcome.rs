//! What came of it: counts, failures with their reasons, cost.

use std::collections::{HashMap, HashSet};

use photofinish_cloud::{Cloud, Execution, ExecutionStatus, Results};
use serde_json::{Value, json};

use super::bucket::{Picture, Refused};
use super::cost::Spent;
use crate::failure::{Answer, Failure};
use crate::progress::Progress;

/// What a command came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Outputs that were there already.
    pub(super) made_before: u64,
    pub(super) made: u64,
    /// Pictures that were not given to any function.
    pub(super) refused: Vec<Refused>,
    pub(super) failed: Vec<Unmade>,
    /// Pictures that the execution did not come to.
    pub(super) left: u64,
    /// An execution has not come to its end, as far as is known.
    pub(super) under_way: bool,
    /// The variant did not pass its checks.
    pub(super) rejected: bool,
    pub(super) execution: Option<String>,
    pub(super) cost: Option<Spent>,
}

/// A picture that has no output, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unmade {
    pub(super) key: String,
    /// The function in which it failed, if that is known.
    pub(super) function: Option<String>,
    pub(super) error: String,
    pub(super) reason: String,
}

impl Outcome {
    pub(super) fn answer(&self) -> Answer {
        let clean = self.refused.is_empty() && self.failed.is_empty() && !self.rejected;
        if clean && self.left == 0 { Answer::Yes } else { Answer::No }
    }

    /// What is made is what lies in the bucket; what an execution says of the others is their
    /// reason. Where outputs were there before, only the execution can tell.
    pub(super) async fn judge(
        &mut self,
        cloud: &Cloud,
        wanted: &[Picture],
        there: &HashSet<String>,
        execution: &Execution,
        again: bool,
    ) -> Result<(), Failure> {
        self.execution = Some(execution.arn.clone());
        let stopped = execution.status == ExecutionStatus::Aborted;
        let missing = wanted.iter().any(|picture| !there.contains(&picture.output));
        let mut reasons = HashMap::new();
        if (missing || again) && !stopped {
            let output = execution.output.as_deref().unwrap_or_default();
            let results = cloud.results(output).await.map_err(|error| Failure::provider(&error))?;
            reasons = by_id(results);
        }
        for picture in wanted {
            let is_there = there.contains(&picture.output);
            match reasons.remove(&picture.id) {
                // A batch that failed as a whole may have made some of its pictures.
                Some(_) if is_there && !again => self.made += 1,
                Some((function, error, reason)) => {
                    let key = picture.key.clone();
                    self.failed.push(Unmade { key, function, error, reason });
                }
                None if is_there => self.made += 1,
                None if stopped => self.left += 1,
                None => self.failed.push(Unmade {
                    key: picture.key.clone(),
                    function: None,
                    error: "no output".to_owned(),
                    reason: "every function returned, and its output is not there".to_owned(),
                }),
            }
        }
        Ok(())
    }

    fn as_json(&self) -> Value {
        let failed = self.failed.iter().map(|one| {
            json!({
                "key": one.key,
                "function": one.function,
                "error": one.error,
                "reason": one.reason,
            })
        });
        let refused = self.refused.iter().map(|one| json!({"key": one.key, "reason": one.reason}));
        json!({
            "made": self.made,
            "made_before": self.made_before,
            "failed": failed.collect::<Vec<_>>(),
            "refused": refused.collect::<Vec<_>>(),
            "left": self.left,
            "rejected": self.rejected,
            "execution": self.execution,
            "cost": self.cost.as_ref().map(Spent::as_json),
        })
    }
}

/// The reason of each picture that the execution names.
type Reason = (Option<String>, String, String);

fn by_id(results: Results) -> HashMap<String, Reason> {
    let mut reasons = HashMap::new();
    for batch in results.batches {
        let reason = format!("its batch failed: {}", batch.cause);
        for id in batch.ids {
            reasons.insert(id, (None, batch.error.clone(), reason.clone()));
        }
    }
    for failed in results.failed {
        let reason = failed.message();
        reasons.insert(failed.id, (Some(failed.step), failed.error, reason));
    }
    reasons
}

/// Tells of it: failures one a line on stderr, as JSON on stdout where that is asked for.
pub(super) fn tell(outcome: &Outcome, json: bool, progress: Progress) {
    let one_line = |text: &str| text.replace(char::is_control, " ");
    for Refused { key, reason } in &outcome.refused {
        progress.say("failed", &format!("{}: {}", one_line(key), one_line(reason)));
    }
    for Unmade { key, function, error, reason } in &outcome.failed {
        let place = function.as_deref().map_or(String::new(), |name| format!("{name}: "));
        let text = format!("{}: {place}{error}: {}", one_line(key), one_line(reason));
        progress.say("failed", &text);
    }
    let failed = outcome.failed.len() + outcome.refused.len();
    let mut text = format!("{} made", outcome.made);
    for (count, what) in
        [(outcome.made_before, "were there"), (failed as u64, "failed"), (outcome.left, "left")]
    {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    if failed > 0 || outcome.left > 0 {
        text.push_str("; the same command tries again what is not there");
    }
    progress.say("process", &text);
    if let Some(cost) = &outcome.cost {
        progress.say("cost", &cost.as_text());
    }
    if json {
        println!("{:#}", outcome.as_json());
    }
}
