//! `summary.csv`, `verdicts.csv`, `verification.csv` and `cost.csv`.

use std::sync::Arc;

use photofinish_analyse::cost::{CostRow, MachineCost, Terms};
use photofinish_analyse::summary::{Metric, SummaryRow};
use photofinish_analyse::verdict::Verdict;
use photofinish_analyse::{Images, Interval, Part};
use photofinish_study::record::Verification;
use photofinish_study::{Architecture, Contestant, Deployment, Name, Sample};

use super::cells::{maybe, maybe_number, number};
use super::record::{deployment, target, target_cells};
use super::{BadCell, Cells, Row};

pub(super) fn interval(cells: &Cells<'_>) -> Result<Option<Interval>, BadCell> {
    let (low, high) = (cells.find("ci_low")?, cells.find("ci_high")?);
    Ok(Option::zip(low, high).map(|(low, high)| Interval { low, high }))
}

pub(super) fn ends(interval: Option<Interval>) -> [String; 2] {
    [maybe_number(interval.map(|i| i.low)), maybe_number(interval.map(|i| i.high))]
}

/// A contestant in a file without a column for the sample: `variant`, and `/sample` unless it is 1.
fn contestant_cell(contestant: &Contestant) -> String {
    if contestant.sample == Sample::first(1) {
        contestant.variant.to_string()
    } else {
        contestant.to_string()
    }
}

fn contestant(cells: &Cells<'_>) -> Result<Contestant, BadCell> {
    if cells.text("variant").contains('/') {
        return cells.get("variant");
    }
    Ok(Contestant { variant: cells.with("variant", Name::new)?, sample: Sample::first(1) })
}

impl Row for SummaryRow {
    const FILE: &str = "summary.csv";
    const COLUMNS: &[&str] = &[
        "variant",
        "sample",
        "platform",
        "architecture",
        "memory_mb",
        "flow",
        "function",
        "image",
        "metric",
        "unit",
        "state",
        "rounds",
        "n",
        "mean",
        "sd",
        "cv",
        "sd_raw",
        "cv_raw",
        "median",
        "p95",
        "p99",
        "ci_low",
        "ci_high",
    ];

    fn cells(&self) -> Vec<String> {
        let contestant = &self.deployment.contestant;
        let mut cells = vec![contestant.variant.to_string(), contestant.sample.to_string()];
        cells.extend(target_cells(&self.deployment.target));
        cells.push(self.flow.to_string());
        cells.push(self.part.to_string());
        cells.push(self.images.to_string());
        cells.push(self.metric.to_string());
        cells.push(self.metric.unit().to_owned());
        cells.push(maybe(self.state));
        cells.push(self.rounds.to_string());
        cells.push(self.n.to_string());
        cells.push(number(self.mean));
        cells.extend([self.sd, self.cv, self.sd_raw, self.cv_raw].map(maybe_number));
        cells.extend([self.median, self.p95, self.p99].map(number));
        cells.extend(ends(self.interval));
        cells
    }

    fn read(cells: &Cells<'_>, last: Option<&Self>) -> Result<Self, BadCell> {
        let metric: Metric = cells.get("metric")?;
        if cells.text("unit") != metric.unit() {
            let cause = format!("`{}`: {metric} is in {}", cells.text("unit"), metric.unit());
            return Err(BadCell { column: "unit", cause });
        }
        Ok(Self {
            deployment: deployment(cells, last.map(|last| &last.deployment))?,
            flow: cells.get("flow")?,
            part: cells.with("function", Part::parse)?,
            images: cells.with("image", Images::parse)?,
            metric,
            state: cells.find("state")?,
            rounds: cells.get("rounds")?,
            n: cells.get("n")?,
            mean: cells.get("mean")?,
            sd: cells.find("sd")?,
            cv: cells.find("cv")?,
            sd_raw: cells.find("sd_raw")?,
            cv_raw: cells.find("cv_raw")?,
            median: cells.get("median")?,
            p95: cells.get("p95")?,
            p99: cells.get("p99")?,
            interval: interval(cells)?,
        })
    }
}

impl Row for Verdict {
    const FILE: &str = "verdicts.csv";
    const COLUMNS: &[&str] = &[
        "family",
        "metric",
        "flow",
        "function",
        "left",
        "right",
        "ratio",
        "ci_low",
        "ci_high",
        "rounds",
        "n_left",
        "n_right",
        "p",
        "p_adjusted",
        "verdict",
        "reason",
    ];

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.family.to_string(),
            self.measure.to_string(),
            self.flow.to_string(),
            self.part.to_string(),
            self.left.to_string(),
            self.right.to_string(),
            maybe_number(self.ratio),
        ];
        cells.extend(ends(self.interval));
        cells.extend([self.rounds, self.n_left, self.n_right].map(|count| count.to_string()));
        cells.extend([self.p, self.p_adjusted].map(maybe_number));
        cells.push(self.outcome.to_string());
        cells.push(self.reason.clone());
        cells
    }

    fn read(cells: &Cells<'_>, _last: Option<&Self>) -> Result<Self, BadCell> {
        Ok(Self {
            family: cells.get("family")?,
            measure: cells.get("metric")?,
            flow: cells.get("flow")?,
            part: cells.with("function", Part::parse)?,
            left: Arc::new(cells.get("left")?),
            right: Arc::new(cells.get("right")?),
            ratio: cells.find("ratio")?,
            interval: interval(cells)?,
            rounds: cells.get("rounds")?,
            n_left: cells.get("n_left")?,
            n_right: cells.get("n_right")?,
            p: cells.find("p")?,
            p_adjusted: cells.find("p_adjusted")?,
            outcome: cells.get("verdict")?,
            reason: cells.text("reason").to_owned(),
        })
    }
}

impl Row for CostRow {
    const FILE: &str = "cost.csv";
    const COLUMNS: &[&str] = &[
        "variant",
        "platform",
        "architecture",
        "memory_mb",
        "images",
        "compute_usd",
        "init_usd",
        "requests_usd",
        "s3_usd",
        "logs_usd",
        "transfer_usd",
        "total_usd",
        "ci_low",
        "ci_high",
        "price_date",
        "express_usd",
        "standard_usd",
        "orchestrated_usd",
        "orchestrated_ci_low",
        "orchestrated_ci_high",
    ];

    /// What a state machine costs came later, and stands only where one was raced.
    const REQUIRED: &[&str] = Self::COLUMNS.split_at(15).0;

    fn cells(&self) -> Vec<String> {
        let terms = &self.terms;
        let mut cells = vec![contestant_cell(&self.deployment.contestant)];
        cells.extend(target_cells(&self.deployment.target));
        cells.push(self.images.to_string());
        cells.extend(
            [
                terms.compute,
                terms.init,
                terms.requests,
                terms.s3,
                terms.logs,
                terms.transfer,
                self.total_usd,
            ]
            .map(number),
        );
        cells.extend(ends(self.interval));
        cells.push(self.price_date.clone());
        let usd = |of: fn(MachineCost) -> f64| maybe_number(self.machine.map(of));
        cells.push(usd(|machine| machine.express_usd));
        cells.push(usd(|machine| machine.standard_usd));
        cells.push(usd(|machine| machine.total_usd));
        cells.extend(ends(self.machine.and_then(|machine| machine.interval)));
        cells
    }

    fn read(cells: &Cells<'_>, _last: Option<&Self>) -> Result<Self, BadCell> {
        let deployment = Deployment { contestant: contestant(cells)?, target: target(cells)? };
        Ok(Self {
            deployment: Arc::new(deployment),
            images: cells.get("images")?,
            terms: Terms {
                compute: cells.get("compute_usd")?,
                init: cells.get("init_usd")?,
                requests: cells.get("requests_usd")?,
                s3: cells.get("s3_usd")?,
                logs: cells.get("logs_usd")?,
                transfer: cells.get("transfer_usd")?,
            },
            total_usd: cells.get("total_usd")?,
            interval: interval(cells)?,
            price_date: cells.text("price_date").to_owned(),
            machine: machine_cost(cells)?,
        })
    }
}

/// By way of a state machine, where one was raced.
fn machine_cost(cells: &Cells<'_>) -> Result<Option<MachineCost>, BadCell> {
    let Some(express_usd) = cells.find("express_usd")? else { return Ok(None) };
    let ends = (cells.find("orchestrated_ci_low")?, cells.find("orchestrated_ci_high")?);
    Ok(Some(MachineCost {
        images: cells.get("images")?,
        express_usd,
        standard_usd: cells.get("standard_usd")?,
        total_usd: cells.get("orchestrated_usd")?,
        interval: Option::zip(ends.0, ends.1).map(|(low, high)| Interval { low, high }),
    }))
}

/// A row of `verification.csv`: one check of one output.
#[derive(Debug, Clone, PartialEq)]
pub struct VerificationRow {
    /// Whose code.
    pub contestant: Contestant,
    /// What it ran on.
    pub architecture: Architecture,
    /// Which function.
    pub function: Name,
    /// Which input.
    pub input: Arc<str>,
    /// Whether the contract holds.
    pub accepted: bool,
    /// Why not, in a sentence.
    pub reason: Option<Arc<str>>,
    /// The check that decided.
    pub metric: Arc<str>,
    /// What was found.
    pub value: Option<f64>,
    /// What was allowed.
    pub limit: Option<f64>,
}

impl From<&Verification> for VerificationRow {
    fn from(check: &Verification) -> Self {
        Self {
            contestant: check.deployment.contestant.clone(),
            architecture: check.deployment.target.architecture,
            function: check.function.clone(),
            input: Arc::clone(&check.input),
            accepted: check.accepted,
            reason: check.reason.clone(),
            metric: Arc::clone(&check.metric),
            value: check.value,
            limit: check.limit,
        }
    }
}

impl Row for VerificationRow {
    const FILE: &str = "verification.csv";
    const COLUMNS: &[&str] = &[
        "variant",
        "architecture",
        "function",
        "input",
        "verdict",
        "reason",
        "metric",
        "value",
        "limit",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            contestant_cell(&self.contestant),
            self.architecture.to_string(),
            self.function.to_string(),
            self.input.to_string(),
            if self.accepted { "accepted" } else { "rejected" }.to_owned(),
            maybe(self.reason.as_ref()),
            self.metric.to_string(),
            maybe_number(self.value),
            maybe_number(self.limit),
        ]
    }

    fn read(cells: &Cells<'_>, _last: Option<&Self>) -> Result<Self, BadCell> {
        Ok(Self {
            contestant: contestant(cells)?,
            architecture: cells.get("architecture")?,
            function: cells.with("function", Name::new)?,
            input: cells.text("input").into(),
            accepted: cells.with("verdict", |text| match text {
                "accepted" => Ok(true),
                "rejected" => Ok(false),
                _ => Err("is neither accepted nor rejected"),
            })?,
            reason: cells.shared("reason"),
            metric: cells.text("metric").into(),
            value: cells.find("value")?,
            limit: cells.find("limit")?,
        })
    }
}
