//! What a study's pipeline would cost for 100,000 images, from a dated price book.
//!
//! Compute is the untrimmed mean of billed milliseconds, with its interval over rounds, at the
//! price of the architecture that they were measured on. Init is the mean cold init at the stated
//! share of cold starts. Requests are one for each function. S3 counts one GET and one PUT for
//! each function. Logs and transfer are what the stated bytes cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use photofinish_study::record::Invocation;
use photofinish_study::{Architecture, Deployment, Flow, InputError, Name, Phase, Source, State};
use serde::Deserialize;

use crate::describe::interval;
use crate::table::{Race, mean, mean_of_image_means};

/// Images that a cost is for.
pub const IMAGES: f64 = 100_000.0;
/// Of a thousand calls, how many find no warm sandbox; stated, not measured.
pub const COLD_SHARE: f64 = 0.01;
/// START, END and REPORT of one call, in bytes; what functions print is not counted.
pub const LOG_BYTES: f64 = 400.0;
const GB: f64 = 1e9;

/// Prices, their date and where they are from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceBook {
    /// Of this file.
    pub format: u32,
    /// When the prices were published.
    pub date: String,
    /// Where they hold.
    pub region: String,
    /// Where they are from.
    pub source: String,
    duration_gb_s: BTreeMap<String, Price>,
    request: Price,
    s3: S3Prices,
    logs: LogPrices,
    transfer: TransferPrices,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    usd: f64,
    source: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct S3Prices {
    put: Price,
    get: Price,
    storage_gb_month: Price,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogPrices {
    ingestion_gb: Price,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferPrices {
    egress_gb: Price,
}

impl PriceBook {
    /// Reads a price book.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let book: Self = source.parse()?;
        for architecture in Architecture::ALL {
            if !book.duration_gb_s.contains_key(architecture.as_str()) {
                let message = format!("no price of duration for {architecture}");
                return Err(InputError::of_file(source.path(), message));
            }
        }
        Ok(book)
    }

    /// Price of a gigabyte-second on this architecture.
    fn gb_second(&self, architecture: Architecture) -> f64 {
        self.duration_gb_s[architecture.as_str()].usd
    }

    /// Price of so many milliseconds at this memory size.
    #[must_use]
    pub fn compute(&self, architecture: Architecture, memory_mb: u32, milliseconds: f64) -> f64 {
        milliseconds / 1000.0 * f64::from(memory_mb) / 1024.0 * self.gb_second(architecture)
    }
}

/// What one call costs: its billed time and its request.
#[must_use]
pub fn invocation_cost(book: &PriceBook, row: &Invocation) -> Option<f64> {
    let target = row.at.deployment.target;
    let compute = book.compute(target.architecture, target.memory_mb, row.billed_ms?);
    Some(compute + book.request.usd)
}

/// One row of `cost.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct CostRow {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// For how many.
    pub images: f64,
    /// Billed time.
    pub compute_usd: f64,
    /// Cold starts at the stated share.
    pub init_usd: f64,
    /// Calls.
    pub requests_usd: f64,
    /// GETs and PUTs.
    pub s3_usd: f64,
    /// The platform's own log lines.
    pub logs_usd: f64,
    /// Out of the region: none, the pipeline stays in it.
    pub transfer_usd: f64,
    /// All of it.
    pub total_usd: f64,
    /// Lower end of the 95 % interval of the total.
    pub ci_low: Option<f64>,
    /// Upper end.
    pub ci_high: Option<f64>,
    /// Date of the price book.
    pub price_date: String,
}

/// A row for each deployment whose chain was raced.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a pipeline has few functions")]
pub fn cost(race: &Race<'_>, book: &PriceBook) -> Vec<CostRow> {
    let calls = race.planned.functions.len() as f64;
    let mut rows = Vec::new();
    for deployment in race.deployments() {
        let target = deployment.target;
        let rounds = race.of_pipeline(&deployment, Flow::Chained, |row| row.billed_ms);
        if rounds.is_empty() {
            continue;
        }
        let price = |ms: f64| book.compute(target.architecture, target.memory_mb, ms) * IMAGES;
        let means: Vec<f64> = rounds.values().map(mean_of_image_means).collect();
        let compute_usd = price(mean(&means));
        let init_usd = price(init(race, &deployment)) * COLD_SHARE;
        let requests_usd = calls * book.request.usd * IMAGES;
        let s3_usd = calls * (book.s3.get.usd + book.s3.put.usd) * IMAGES;
        let logs_usd = calls * LOG_BYTES / GB * book.logs.ingestion_gb.usd * IMAGES;
        let transfer_usd = 0.0 * book.transfer.egress_gb.usd;
        let fixed = init_usd + requests_usd + s3_usd + logs_usd + transfer_usd;
        let interval = interval(&means);
        rows.push(CostRow {
            deployment,
            images: IMAGES,
            compute_usd,
            init_usd,
            requests_usd,
            s3_usd,
            logs_usd,
            transfer_usd,
            total_usd: compute_usd + fixed,
            ci_low: interval.map(|(low, _)| price(low) + fixed),
            ci_high: interval.map(|(_, high)| price(high) + fixed),
            price_date: book.date.clone(),
        });
    }
    rows
}

/// Mean init of the whole chain in milliseconds: the sum over its functions.
fn init(race: &Race<'_>, deployment: &Deployment) -> f64 {
    let mut by_function: BTreeMap<&Name, Vec<f64>> = BTreeMap::new();
    for row in race.good(Phase::WarmUp) {
        if *row.at.deployment == *deployment
            && row.state == Some(State::Cold)
            && let Some(init) = row.init_ms
        {
            by_function.entry(&row.function).or_default().push(init);
        }
    }
    by_function.values().map(|values| mean(values)).sum()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn book() -> PriceBook {
        let text = include_str!("../../assets/prices/aws-2026-09.toml");
        PriceBook::parse(&Source::from_text(Path::new("aws-2026-09.toml"), text)).unwrap()
    }

    #[test]
    fn the_worked_example_of_100000_seconds_at_1769_mb() {
        let cost = |architecture| 100_000.0 * book().compute(architecture, 1769, 1000.0);
        assert!((cost(Architecture::X86_64) - 2.88).abs() < 0.005);
        assert!((cost(Architecture::Arm64) - 2.30).abs() < 0.005);
    }
}
