//! What a state machine adds: the pipeline run by Step Functions beside the same pipeline run by
//! the client, in the same rounds and sandboxes.
//!
//! One row for each deployment that has race passes by a state machine, over its warm chained ones:
//! - turnaround: the summary's mean and interval of the client's passes, and the same of the
//!   machine's, both by the client's clock from a pass's first request to its last response;
//! - ratio: machine over client, a paired t on the logarithms of round means as in
//!   [`crate::verdict`], over the rounds that both completed; none below eight of them. Interval
//!   and p are not adjusted: this table is exploratory, and no verdict rests on it;
//! - failed: its race passes that did not end well; no figure is of them;
//! - execution: the mean and interval of the execution's time from its start to its end, by the
//!   platform's clock; functions: the mean of the sum of its REPORT durations, so that the
//!   difference is the machine's own;
//! - cost of N images with F functions, at one state transition for each function:
//!   Express N requests and N · g GB-seconds, with g the mean, over pictures' means, of what an
//!   execution is charged for: its billed time in s × its billed memory in GB. Where the platform
//!   does not tell, that is its time rounded up to 100 ms and 64 MB, which is what Express is
//!   charged for at least. Standard, which was not run: N · F transitions.
//! - total: the cost of [`crate::cost`] at the mean billed time of the machine's own passes, and
//!   Express on top; its interval is the total at the ends of that mean's.

use std::collections::BTreeMap;
use std::sync::Arc;

use photofinish_study::record::{Execution, Pass};
use photofinish_study::{Deployment, Flow, Name, Orchestration, Phase, State};

use crate::cost::{Costing, Costs, MachineCost, workload};
use crate::planned::{Planned, Rejection};
use crate::race::{Images, Part, Race};
use crate::ratio::{PairedRatio, paired_ratio};
use crate::rounds::{Rounds, Series};
use crate::spread::mean;
use crate::student::Interval;
use crate::summary::{Metric, SummaryRow, summarise};
use crate::verdict::FEWEST_ROUNDS;

/// The names of the prices in the book.
pub(crate) const EXPRESS_REQUEST: &str = "step functions express request";
pub(crate) const EXPRESS_DURATION: &str = "step functions express duration";
const TRANSITION: &str = "step functions standard transition";

/// What an execution is charged for in steps of, at the least one.
const BILLED_STEP_MS: f64 = 100.0;
const BILLED_STEP_MB: f64 = 64.0;

/// A mean, how many values it is of, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// The mean of the pictures' means.
    pub mean: f64,
    /// 95 % interval, from round means.
    pub interval: Option<Interval>,
    /// Of so many passes.
    pub n: u64,
}

/// A row of `orchestration.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct OrchestrationRow {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// How many rounds were completed by both.
    pub rounds: u64,
    /// How many race passes of the state machine did not end well.
    pub failed: u64,
    /// Turnaround in seconds where the client calls; none without a warm pass.
    pub client_s: Option<Mean>,
    /// Turnaround in seconds by the state machine; none without a warm pass.
    pub machine_s: Option<Mean>,
    /// Machine over client; none where too few rounds were completed.
    pub ratio: Option<PairedRatio>,
    /// The execution's own time, in milliseconds.
    pub execution_ms: Option<Mean>,
    /// What of it the functions took, in milliseconds.
    pub functions_ms: Option<f64>,
    /// State transitions of an image.
    pub transitions: u64,
    /// What a number of images costs; none where that cannot be told.
    pub cost: Option<MachineCost>,
}

/// One row for each deployment with race passes by a state machine, in the study's order.
#[must_use]
pub fn orchestrations(
    race: Race<'_>,
    planned: &Planned,
    rejections: &[Rejection],
    summary: &[SummaryRow],
    costing: &Costing,
) -> Vec<OrchestrationRow> {
    let race = race.by(Orchestration::StepFunctions);
    let by_machine = summarise(race, planned);
    let rounds = [Orchestration::Client, Orchestration::StepFunctions]
        .map(|by| Rounds::of(race.by(by), planned));
    let gb_seconds = gb_seconds(race, planned);
    let raced = |deployment: &&Arc<Deployment>| {
        race.passes().any(|pass| pass.at.deployment == **deployment)
    };
    let row = |deployment: &Arc<Deployment>| {
        let of = |rows, metric| find(rows, deployment, metric);
        let [client, machine] = rounds.each_ref().map(|by| by.get(deployment, &Series::Turnaround));
        let pairs: Vec<(f64, f64)> = machine
            .iter()
            .filter_map(|(round, own)| Some((own.mean, client.get(round)?.mean)))
            .collect();
        let enough = pairs.len() >= FEWEST_ROUNDS;
        let right = !rejections.iter().any(|rejection| rejection.deployment == *deployment);
        let billed = of(&by_machine, Metric::Billed).filter(|_| right);
        OrchestrationRow {
            deployment: Arc::clone(deployment),
            rounds: pairs.len() as u64,
            failed: failed(race, deployment),
            client_s: of(summary, Metric::Turnaround).map(Mean::of),
            machine_s: of(&by_machine, Metric::Turnaround).map(Mean::of),
            ratio: enough.then(|| paired_ratio(&pairs)).flatten(),
            execution_ms: of(&by_machine, Metric::Execution).map(Mean::of),
            functions_ms: of(&by_machine, Metric::Duration).map(|row| row.mean),
            transitions: planned.functions.len() as u64,
            cost: Option::zip(billed, gb_seconds.get(deployment)).and_then(|(billed, &gb_s)| {
                cost(summary, planned, costing, deployment, billed, gb_s)
            }),
        }
    };
    planned.deployments.iter().filter(raced).map(row).collect()
}

/// Race passes that did not end well.
fn failed(race: Race<'_>, deployment: &Arc<Deployment>) -> u64 {
    let failed = |pass: &&Pass| {
        pass.at.phase == Phase::Race && pass.at.deployment == *deployment && !pass.status.is_ok()
    };
    race.passes().filter(failed).count() as u64
}

impl Mean {
    fn of(row: &SummaryRow) -> Self {
        Self { mean: row.mean, interval: row.interval, n: row.n }
    }
}

/// The summary's row of warm chained passes over all pictures.
fn find<'a>(
    rows: &'a [SummaryRow],
    deployment: &Arc<Deployment>,
    metric: Metric,
) -> Option<&'a SummaryRow> {
    rows.iter().find(|row| {
        row.images == Images::All
            && row.metric == metric
            && row.flow == Flow::Chained
            && row.state == Some(State::Warm)
            && row.part == Part::Pipeline
            && row.deployment == *deployment
    })
}

/// What an execution of each deployment is charged for: the mean of the pictures' means.
fn gb_seconds(race: Race<'_>, planned: &Planned) -> BTreeMap<Arc<Deployment>, f64> {
    let mut all: BTreeMap<Arc<Deployment>, BTreeMap<&Name, Vec<f64>>> = BTreeMap::new();
    for whole in race.good_passes(planned.functions.len()) {
        let warm = whole.pass.state == Some(State::Warm);
        let Some(charged) = whole.execution.filter(|_| warm).and_then(charged) else { continue };
        let pictures = all.entry(Arc::clone(&whole.pass.at.deployment)).or_default();
        pictures.entry(&whole.pass.at.image).or_default().push(charged);
    }
    let of = |pictures: BTreeMap<&Name, Vec<f64>>| {
        let means: Vec<f64> = pictures.values().filter_map(|values| mean(values)).collect();
        mean(&means)
    };
    all.into_iter().filter_map(|(deployment, pictures)| Some((deployment, of(pictures)?))).collect()
}

/// The GB-seconds of one execution.
pub(crate) fn charged(execution: Execution) -> Option<f64> {
    let up_to = |ms: f64| (ms / BILLED_STEP_MS).ceil().max(1.0) * BILLED_STEP_MS;
    let ms = execution.billed_ms.or_else(|| execution.duration_ms.map(up_to))?;
    Some(ms / 1000.0 * execution.memory_mb.unwrap_or(BILLED_STEP_MB) / 1024.0)
}

fn cost(
    summary: &[SummaryRow],
    planned: &Planned,
    costing: &Costing,
    deployment: &Arc<Deployment>,
    billed: &SummaryRow,
    gb_s: f64,
) -> Option<MachineCost> {
    let work = workload(summary, planned, costing, deployment).ok()?;
    let price = |name: &str, amount: f64| Some(costing.book.other(name)?.of(amount));
    let images = costing.assumptions.images as f64;
    let express_usd = price(EXPRESS_REQUEST, images)? + price(EXPRESS_DURATION, images * gb_s)?;
    let total = |billed_ms| costing.terms(&work, billed_ms).total() + express_usd;
    Some(MachineCost {
        images: costing.assumptions.images,
        express_usd,
        standard_usd: price(TRANSITION, images * planned.functions.len() as f64)?,
        total_usd: total(billed.mean),
        interval: billed
            .interval
            .map(|ends| Interval { low: total(ends.low.max(0.0)), high: total(ends.high) }),
    })
}

impl Costs {
    /// The same costs, with what each deployment costs by way of its state machine.
    #[must_use]
    pub fn with_machines(mut self, rows: &[OrchestrationRow]) -> Self {
        for cost in &mut self.rows {
            let row = rows.iter().find(|row| row.deployment == cost.deployment);
            cost.machine = row.and_then(|row| row.cost);
        }
        self
    }
}
