//! `orchestration.csv`.

use photofinish_analyse::cost::MachineCost;
use photofinish_analyse::orchestration::{Mean, OrchestrationRow};
use photofinish_analyse::{Interval, PairedRatio};

use super::cells::{maybe, maybe_number};
use super::outcome::ends;
use super::record::{deployment, target_cells};
use super::{BadCell, Cells, Row};

/// The columns of a mean.
struct Columns {
    mean: &'static str,
    low: &'static str,
    high: &'static str,
    n: &'static str,
}

const CLIENT: Columns =
    Columns { mean: "client_s", low: "client_ci_low", high: "client_ci_high", n: "n_client" };
const MACHINE: Columns =
    Columns { mean: "machine_s", low: "machine_ci_low", high: "machine_ci_high", n: "n_machine" };
const EXECUTION: Columns = Columns {
    mean: "execution_ms",
    low: "execution_ci_low",
    high: "execution_ci_high",
    n: "n_execution",
};

impl Columns {
    fn cells(mean: Option<Mean>) -> [String; 4] {
        let [low, high] = ends(mean.and_then(|of| of.interval));
        [maybe(mean.map(|of| of.n)), maybe_number(mean.map(|of| of.mean)), low, high]
    }

    fn read(&self, cells: &Cells<'_>) -> Result<Option<Mean>, BadCell> {
        let interval = between(cells, self.low, self.high)?;
        let of = Option::zip(cells.find(self.mean)?, cells.find(self.n)?);
        Ok(of.map(|(mean, n)| Mean { mean, interval, n }))
    }
}

fn between(
    cells: &Cells<'_>,
    low: &'static str,
    high: &'static str,
) -> Result<Option<Interval>, BadCell> {
    let ends = Option::zip(cells.find(low)?, cells.find(high)?);
    Ok(ends.map(|(low, high)| Interval { low, high }))
}

impl Row for OrchestrationRow {
    const FILE: &str = "orchestration.csv";
    const COLUMNS: &[&str] = &[
        "variant",
        "sample",
        "platform",
        "architecture",
        "memory_mb",
        "rounds",
        "failed",
        CLIENT.n,
        CLIENT.mean,
        CLIENT.low,
        CLIENT.high,
        MACHINE.n,
        MACHINE.mean,
        MACHINE.low,
        MACHINE.high,
        "ratio",
        "ratio_ci_low",
        "ratio_ci_high",
        "p",
        EXECUTION.n,
        EXECUTION.mean,
        EXECUTION.low,
        EXECUTION.high,
        "functions_ms",
        "transitions",
        "images",
        "express_usd",
        "standard_usd",
        "total_usd",
        "total_ci_low",
        "total_ci_high",
    ];

    fn cells(&self) -> Vec<String> {
        let contestant = &self.deployment.contestant;
        let mut cells = vec![contestant.variant.to_string(), contestant.sample.to_string()];
        cells.extend(target_cells(&self.deployment.target));
        cells.extend([self.rounds, self.failed].map(|count| count.to_string()));
        cells.extend(Columns::cells(self.client_s));
        cells.extend(Columns::cells(self.machine_s));
        cells.push(maybe_number(self.ratio.map(|of| of.ratio)));
        cells.extend(ends(self.ratio.map(|of| of.interval)));
        cells.push(maybe_number(self.ratio.map(|of| of.p)));
        cells.extend(Columns::cells(self.execution_ms));
        cells.push(maybe_number(self.functions_ms));
        cells.push(self.transitions.to_string());
        cells.push(maybe(self.cost.map(|cost| cost.images)));
        let usd = |of: fn(MachineCost) -> f64| maybe_number(self.cost.map(of));
        cells.push(usd(|cost| cost.express_usd));
        cells.push(usd(|cost| cost.standard_usd));
        cells.push(usd(|cost| cost.total_usd));
        cells.extend(ends(self.cost.and_then(|cost| cost.interval)));
        cells
    }

    fn read(cells: &Cells<'_>, last: Option<&Self>) -> Result<Self, BadCell> {
        let ratio = Option::zip(cells.find("ratio")?, cells.find("p")?);
        let ratio = Option::zip(ratio, between(cells, "ratio_ci_low", "ratio_ci_high")?);
        Ok(Self {
            deployment: deployment(cells, last.map(|last| &last.deployment))?,
            rounds: cells.get("rounds")?,
            failed: cells.get("failed")?,
            client_s: CLIENT.read(cells)?,
            machine_s: MACHINE.read(cells)?,
            ratio: ratio.map(|((ratio, p), interval)| PairedRatio { ratio, interval, p }),
            execution_ms: EXECUTION.read(cells)?,
            functions_ms: cells.find("functions_ms")?,
            transitions: cells.get("transitions")?,
            cost: cost(cells)?,
        })
    }
}

fn cost(cells: &Cells<'_>) -> Result<Option<MachineCost>, BadCell> {
    let Some(images) = cells.find("images")? else { return Ok(None) };
    Ok(Some(MachineCost {
        images,
        express_usd: cells.get("express_usd")?,
        standard_usd: cells.get("standard_usd")?,
        total_usd: cells.get("total_usd")?,
        interval: between(cells, "total_ci_low", "total_ci_high")?,
    }))
}
