//! `memory.csv`.

use photofinish_analyse::Interval;
use photofinish_analyse::memory::{Cost, Found, Goal, MemoryRow, Step};

use super::cells::{maybe, maybe_number, number};
use super::outcome::ends;
use super::record::{deployment, target_cells};
use super::{BadCell, Cells, Row};

/// The columns of one goal.
struct Columns {
    standing: &'static str,
    ratio: &'static str,
    low: &'static str,
    high: &'static str,
    p: &'static str,
}

const TIME: Columns = Columns {
    standing: "fastest",
    ratio: "time_ratio",
    low: "time_ratio_ci_low",
    high: "time_ratio_ci_high",
    p: "time_p_adjusted",
};
const COST: Columns = Columns {
    standing: "cheapest",
    ratio: "cost_ratio",
    low: "cost_ratio_ci_low",
    high: "cost_ratio_ci_high",
    p: "cost_p_adjusted",
};
const KNEE: Columns = Columns {
    standing: "knee",
    ratio: "knee_ratio",
    low: "knee_ratio_ci_low",
    high: "knee_ratio_ci_high",
    p: "knee_p_adjusted",
};

impl Columns {
    fn found(&self, cells: &Cells<'_>) -> Result<Option<Found>, BadCell> {
        let Some(standing) = cells.find(self.standing)? else { return Ok(None) };
        let ratio = cells.find(self.ratio)?;
        let step = ratio.zip(between(cells, self.low, self.high)?).zip(cells.find(self.p)?);
        let step = step.map(|((ratio, interval), p_adjusted)| Step { ratio, interval, p_adjusted });
        Ok(Some(Found { standing, step }))
    }
}

fn between(
    cells: &Cells<'_>,
    low: &'static str,
    high: &'static str,
) -> Result<Option<Interval>, BadCell> {
    let ends = cells.find(low)?.zip(cells.find(high)?);
    Ok(ends.map(|(low, high)| Interval { low, high }))
}

impl Row for MemoryRow {
    const FILE: &str = "memory.csv";
    const COLUMNS: &[&str] = &[
        "variant",
        "sample",
        "platform",
        "architecture",
        "memory_mb",
        "rounds",
        "n",
        "duration_ms",
        "duration_ci_low",
        "duration_ci_high",
        "images",
        "total_usd",
        "total_ci_low",
        "total_ci_high",
        TIME.standing,
        TIME.ratio,
        TIME.low,
        TIME.high,
        TIME.p,
        COST.standing,
        COST.ratio,
        COST.low,
        COST.high,
        COST.p,
        KNEE.standing,
        KNEE.ratio,
        KNEE.low,
        KNEE.high,
        KNEE.p,
    ];

    fn cells(&self) -> Vec<String> {
        let contestant = &self.deployment.contestant;
        let mut cells = vec![contestant.variant.to_string(), contestant.sample.to_string()];
        cells.extend(target_cells(&self.deployment.target));
        cells.extend([self.rounds, self.n].map(|count| count.to_string()));
        cells.push(number(self.duration_ms));
        cells.extend(ends(self.duration_interval));
        cells.push(maybe(self.cost.map(|cost| cost.images)));
        cells.push(maybe_number(self.cost.map(|cost| cost.total_usd)));
        cells.extend(ends(self.cost.and_then(|cost| cost.interval)));
        for goal in Goal::ALL {
            let found = self.found(goal);
            let step = found.and_then(|found| found.step);
            cells.push(maybe(found.map(|found| found.standing)));
            cells.push(maybe_number(step.map(|step| step.ratio)));
            cells.extend(ends(step.map(|step| step.interval)));
            cells.push(maybe_number(step.map(|step| step.p_adjusted)));
        }
        cells
    }

    fn read(cells: &Cells<'_>, last: Option<&Self>) -> Result<Self, BadCell> {
        let of = (cells.find("images")?, cells.find("total_usd")?);
        let interval = between(cells, "total_ci_low", "total_ci_high")?;
        let time = TIME.found(cells)?.ok_or_else(|| BadCell {
            column: TIME.standing,
            cause: "is empty; a size is it, is not, or is undecided".to_owned(),
        })?;
        Ok(Self {
            deployment: deployment(cells, last.map(|last| &last.deployment))?,
            rounds: cells.get("rounds")?,
            n: cells.get("n")?,
            duration_ms: cells.get("duration_ms")?,
            duration_interval: between(cells, "duration_ci_low", "duration_ci_high")?,
            cost: Option::zip(of.0, of.1).map(|(images, total_usd)| Cost {
                images,
                total_usd,
                interval,
            }),
            time,
            price: COST.found(cells)?,
            knee: KNEE.found(cells)?,
        })
    }
}
