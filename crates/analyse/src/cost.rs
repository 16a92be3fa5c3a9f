//! What a number of images costs on each deployment, from its chained passes.
//!
//! With N images, F functions, b the mean billed time of a warm chained race pass in ms
//! (untrimmed, the mean of the pictures' means, as in the summary), GB = memory_mb / 1024:
//! - compute: N · b/1000 · GB at the duration price of the *deployment's own* architecture;
//! - init: what compute rises by if a share of the images find every function cold, each function
//!   adding its mean Init Duration (billed since 2025-08);
//! - requests: N · F calls;
//! - s3: N · F reads and N · F writes (the contract's one each), and every output kept for the
//!   retention: N · bytes / 2³⁰ · days / 30 GB-months;
//! - logs: N · F · bytes a call / 2³⁰ GB;
//! - transfer: the share of final pictures that leaves AWS, N · share · bytes / 2³⁰ GB; between
//!   Lambda and S3 in one region it is free;
//! - total: their sum; its interval is the total at the ends of b's interval (from round means).
//!
//! From local durations such a row is a *projection* and must be shown as one. A deployment with a
//! rejected function has no cost, and one with a missing figure has none either: see [`Unpriced`].

use std::sync::Arc;

pub use photofinish_study::Assumptions;
use photofinish_study::{Deployment, Flow, Platform, State, Target};

use crate::break_even::{BreakEven, Priced, break_even};
use crate::planned::{Planned, Rejection};
use crate::price::{PriceBook, gb_seconds};
use crate::race::{Images, Part};
use crate::student::Interval;
use crate::summary::{Metric, SummaryRow};

/// Prices, and what is taken for granted with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Costing {
    /// What the provider asks.
    pub book: PriceBook,
    /// How it is used.
    pub assumptions: Assumptions,
}

/// What a number of images costs, term by term, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Billed time.
    pub compute: f64,
    /// Cold starts.
    pub init: f64,
    /// Calls.
    pub requests: f64,
    /// Objects read, written and kept.
    pub s3: f64,
    /// Logs written.
    pub logs: f64,
    /// Traffic to the internet.
    pub transfer: f64,
}

impl Terms {
    /// The sum of the terms.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.compute + self.init + self.requests + self.s3 + self.logs + self.transfer
    }
}

/// A row of `cost.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct CostRow {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// How many images.
    pub images: u64,
    /// The terms.
    pub terms: Terms,
    /// Their sum.
    pub total_usd: f64,
    /// 95 % interval on the sum.
    pub interval: Option<Interval>,
    /// The day of the prices.
    pub price_date: String,
    /// What they cost by way of a state machine, where one was raced.
    pub machine: Option<MachineCost>,
}

/// What a number of images costs by way of a state machine, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MachineCost {
    /// How many.
    pub images: u64,
    /// The Express state machine alone.
    pub express_usd: f64,
    /// What a Standard one would be alone.
    pub standard_usd: f64,
    /// Everything, with the Express one.
    pub total_usd: f64,
    /// 95 % interval on that.
    pub interval: Option<Interval>,
}

impl CostRow {
    /// Whether it is computed from durations that were not measured where the prices hold.
    #[must_use]
    pub fn is_projection(&self) -> bool {
        self.deployment.target.platform == Platform::Local
    }
}

/// A deployment whose cost cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpriced {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Why not, in a sentence.
    pub reason: String,
}

/// What was found out about costs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Costs {
    /// One row for each deployment that can be priced.
    pub rows: Vec<CostRow>,
    /// The deployments that cannot.
    pub unpriced: Vec<Unpriced>,
    /// Where each contestant's two architectures cost the same.
    pub break_even: Vec<BreakEven>,
}

/// What one chained pass of a deployment takes beside its billed time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) target: Target,
    pub(crate) functions: f64,
    pub(crate) init_ms: f64,
    pub(crate) output_bytes: f64,
    pub(crate) final_bytes: f64,
}

/// Prices every planned deployment from the rows of the summary.
#[must_use]
pub fn costs(
    summary: &[SummaryRow],
    planned: &Planned,
    rejections: &[Rejection],
    costing: &Costing,
) -> Costs {
    let (mut found, mut priced) = (Costs::default(), Vec::new());
    for deployment in &planned.deployments {
        match cost_row(summary, planned, rejections, costing, deployment) {
            Ok((row, of)) => {
                found.rows.push(row);
                priced.push(of);
            }
            Err(reason) => {
                found.unpriced.push(Unpriced { deployment: Arc::clone(deployment), reason });
            }
        }
    }
    found.break_even = break_even(&priced, costing);
    found
}

fn cost_row(
    summary: &[SummaryRow],
    planned: &Planned,
    rejections: &[Rejection],
    costing: &Costing,
    deployment: &Arc<Deployment>,
) -> Result<(CostRow, Priced), String> {
    let rejected = rejections.iter().find(|rejection| rejection.deployment == *deployment);
    if let Some(Rejection { function, reason, .. }) = rejected {
        return Err(format!("{function} is rejected: {reason}"));
    }
    let figures = Lookup { summary, deployment };
    let billed = figures.chained(&Part::Pipeline, Metric::Billed)?;
    let workload = workload(summary, planned, costing, deployment)?;
    let terms = costing.terms(&workload, billed.mean);
    let total = |billed_ms| costing.terms(&workload, billed_ms).total();
    let row = CostRow {
        deployment: Arc::clone(deployment),
        images: costing.assumptions.images,
        terms,
        total_usd: terms.total(),
        interval: billed
            .interval
            .map(|ends| Interval { low: total(ends.low.max(0.0)), high: total(ends.high) }),
        price_date: costing.book.date.clone(),
        machine: None,
    };
    Ok((row, Priced { deployment: Arc::clone(deployment), work: workload, billed_ms: billed.mean }))
}

/// Gathers what a chained pass takes beside its billed time, or says what is missing.
pub(crate) fn workload(
    summary: &[SummaryRow],
    planned: &Planned,
    costing: &Costing,
    deployment: &Arc<Deployment>,
) -> Result<Workload, String> {
    let figures = Lookup { summary, deployment };
    let last = planned.functions.last().ok_or("the plan has no functions")?;
    let mut init_ms = 0.0;
    let some_are_cold = costing.assumptions.cold_share > 0.0;
    for function in planned.functions.iter().filter(|_| some_are_cold) {
        init_ms += figures.init(&Part::Function(function.clone()))?;
    }
    Ok(Workload {
        target: deployment.target,
        functions: planned.functions.len() as f64,
        init_ms,
        output_bytes: figures.chained(&Part::Pipeline, Metric::OutputBytes)?.mean,
        final_bytes: figures.chained(&Part::Function(last.clone()), Metric::OutputBytes)?.mean,
    })
}

/// The rows of one deployment, over all pictures.
struct Lookup<'a> {
    summary: &'a [SummaryRow],
    deployment: &'a Arc<Deployment>,
}

impl<'a> Lookup<'a> {
    fn find(
        &self,
        flow: Flow,
        part: &Part,
        metric: Metric,
        state: State,
    ) -> Option<&'a SummaryRow> {
        self.summary.iter().find(|row| {
            row.images == Images::All
                && row.metric == metric
                && row.flow == flow
                && row.state == Some(state)
                && row.part == *part
                && row.deployment == *self.deployment
        })
    }

    fn chained(&self, part: &Part, metric: Metric) -> Result<&'a SummaryRow, String> {
        self.find(Flow::Chained, part, metric, State::Warm)
            .ok_or_else(|| format!("no warm chained race pass has `{metric}` of {part}"))
    }

    fn init(&self, part: &Part) -> Result<f64, String> {
        let of = |flow| self.find(flow, part, Metric::Init, State::Cold);
        let row = of(Flow::Chained).or_else(|| of(Flow::Isolated));
        row.map(|row| row.mean).ok_or_else(|| format!("no cold start of {part} was seen"))
    }
}

const BYTES_PER_GB: f64 = (1_u64 << 30) as f64;
const DAYS_PER_MONTH: f64 = 30.0;

impl Costing {
    /// The terms of so many images, each billed `billed_ms` in all its functions together.
    pub(crate) fn terms(&self, work: &Workload, billed_ms: f64) -> Terms {
        let (book, assumed) = (&self.book, &self.assumptions);
        let images = assumed.images as f64;
        let duration = book.duration(work.target.architecture);
        let compute_of = |ms: f64| duration.of(images * gb_seconds(work.target.memory_mb, ms));
        let compute = compute_of(billed_ms);
        let calls = images * work.functions;
        let kept = images * work.output_bytes / BYTES_PER_GB * assumed.retention_days;
        Terms {
            compute,
            init: compute_of(billed_ms + assumed.cold_share * work.init_ms) - compute,
            requests: book.lambda.requests.of(calls),
            s3: book.s3.put.of(calls)
                + book.s3.get.of(calls)
                + book.s3.storage.of(kept / DAYS_PER_MONTH),
            logs: book.logs.ingestion.of(calls * assumed.log_bytes_per_call / BYTES_PER_GB),
            transfer: book
                .transfer
                .out
                .of(images * assumed.downloaded_share * work.final_bytes / BYTES_PER_GB),
        }
    }
}
