//! How much memory: what each size of one contestant takes and costs, which size is the fastest,
//! which the cheapest, and where the knee is.
//!
//! A *ladder* is one contestant on one platform and architecture at two sizes or more, the smallest
//! first: those that are right and have a chained pass. Nobody is compared with anybody else, so
//! those who are raced beside the others have ladders, too. Of each size:
//! - time: the summary's mean of the pipeline's REPORT durations, warm and chained, with its
//!   interval; cost: the total of [`crate::cost`], with its own.
//! - A size's *step* is its ratio to the next smaller size, in time, in cost and in time × cost:
//!   a paired t on the logarithms of round means, as in [`crate::verdict`], over the rounds that
//!   both sizes completed; none below eight of them. A round's cost is what its billed mean costs.
//!   The interval is unadjusted; p is adjusted as follows.
//! - The *fastest* is the size with the least time, the *cheapest* the one with the least cost, the
//!   *knee* the one with the least time × cost: from there, more memory buys less than 1 % of time
//!   for each 1 % that it costs.
//! - For each of the three, *every* two sizes of a ladder are compared, and the p of these k(k − 1)/2
//!   comparisons are adjusted by Holm, so that no choice afterwards of which to look at adds errors.
//!   A size is out (`no`) if another is shown to be better (adjusted p below 0.05). If one is left,
//!   it is the one (`yes`); if several are, it is between them (`undecided`).
//!
//! These comparisons are exploratory: they are in none of the families fixed before the race.
//!
//! The idea of three answers is AWS Lambda Power Tuning's (its strategies speed, cost and balanced;
//! github.com/alexcasalboni/aws-lambda-power-tuning). Its balanced size has the least
//! ½ · cost / (largest cost) + ½ · time / (longest time), which changes with the sizes that happen
//! to be on the list; a product does not, and its logarithm is a sum that the same t can test.

use std::collections::BTreeMap;
use std::sync::Arc;

use photofinish_study::{Architecture, Contestant, Deployment, Flow, Platform, State, word};

use crate::cost::{CostRow, Costing, workload};
use crate::holm::holm;
use crate::planned::{Planned, Rejection};
use crate::race::{Images, Part, Race};
use crate::ratio::{PairedRatio, log_ratio};
use crate::rounds::{Rounds, Series};
use crate::student::Interval;
use crate::summary::{Metric, SummaryRow};
use crate::verdict::{FEWEST_ROUNDS, LEVEL};

word! {
    /// Whether a size is the one that is sought.
    Standing, "standing":
    /// It is the one.
    Best = "yes",
    /// It may be, and so may others.
    Open = "undecided",
    /// Another is shown to be better.
    Out = "no",
}

/// What is sought in a ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// The least time.
    Time,
    /// The least cost.
    Cost,
    /// The least time × cost.
    Knee,
}

impl Goal {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Time, Self::Cost, Self::Knee];
}

/// A size over the next smaller one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Geometric mean of larger/smaller.
    pub ratio: f64,
    /// Its 95 % interval, not adjusted.
    pub interval: Interval,
    /// Holm's p, over every two sizes of the ladder.
    pub p_adjusted: f64,
}

/// How a size stands in one respect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Whether it is the one.
    pub standing: Standing,
    /// What it changes; none for the smallest size, or where too few rounds were completed.
    pub step: Option<Step>,
}

/// A row of `memory.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryRow {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// In how many rounds it was timed.
    pub rounds: u64,
    /// In how many passes.
    pub n: u64,
    /// How long a pass takes.
    pub duration_ms: f64,
    /// 95 % interval on that.
    pub duration_interval: Option<Interval>,
    /// What how many images cost; none where they have no price.
    pub cost: Option<Cost>,
    /// Is it the fastest?
    pub time: Found,
    /// Is it the cheapest? None where a size of the ladder has no price.
    pub price: Option<Found>,
    /// Is it the knee? None where a size of the ladder has no price.
    pub knee: Option<Found>,
}

/// What a number of images costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// How many.
    pub images: u64,
    /// All terms.
    pub total_usd: f64,
    /// 95 % interval on that.
    pub interval: Option<Interval>,
}

impl MemoryRow {
    /// What was found out in one respect.
    #[must_use]
    pub fn found(&self, goal: Goal) -> Option<Found> {
        match goal {
            Goal::Time => Some(self.time),
            Goal::Cost => self.price,
            Goal::Knee => self.knee,
        }
    }

    fn ladder(&self) -> Ladder<'_> {
        Ladder::of(&self.deployment)
    }
}

/// The sizes of one contestant on one kind of machine.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ladder<'a> {
    contestant: &'a Contestant,
    platform: Platform,
    architecture: Architecture,
}

impl<'a> Ladder<'a> {
    fn of(deployment: &'a Deployment) -> Self {
        let target = deployment.target;
        let (platform, architecture) = (target.platform, target.architecture);
        Self { contestant: &deployment.contestant, platform, architecture }
    }
}

/// The rows of each ladder, the smallest size first.
pub fn ladders(rows: &[MemoryRow]) -> impl Iterator<Item = &[MemoryRow]> {
    rows.chunk_by(|a, b| a.ladder() == b.ladder())
}

/// The sizes of a ladder that may be the one that is sought: one where it is decided, none where it
/// cannot be asked.
#[must_use]
pub fn candidates(ladder: &[MemoryRow], goal: Goal) -> Vec<u32> {
    let open =
        |row: &&MemoryRow| row.found(goal).is_some_and(|found| found.standing != Standing::Out);
    ladder.iter().filter(open).map(|row| row.deployment.target.memory_mb).collect()
}

/// One row for each size of each ladder, ladders in the study's order.
///
/// `costing` is the price list with the costs that came of it; without it only time is looked at.
#[must_use]
pub fn memory(
    race: Race<'_>,
    planned: &Planned,
    rejections: &[Rejection],
    summary: &[SummaryRow],
    costing: Option<(&Costing, &[CostRow])>,
) -> Vec<MemoryRow> {
    let right = |deployment: &&Arc<Deployment>| {
        !rejections.iter().any(|rejection| rejection.deployment == **deployment)
    };
    let timed = |deployment: &'_ Arc<Deployment>| {
        let row = duration(summary, deployment)?;
        Some((Arc::clone(deployment), row))
    };
    let sizes: Vec<_> = planned.deployments.iter().filter(right).filter_map(timed).collect();
    let mut ladders: Vec<Vec<Rung<'_>>> = Vec::new();
    let rounds = Rounds::of(race, planned);
    for (deployment, row) in sizes {
        let rung = Rung::of(deployment, row, &rounds, planned, summary, costing);
        let own = |ladder: &&mut Vec<Rung<'_>>| {
            Ladder::of(&ladder[0].deployment) == Ladder::of(&rung.deployment)
        };
        match ladders.iter_mut().find(own) {
            Some(ladder) => ladder.push(rung),
            None => ladders.push(vec![rung]),
        }
    }
    let several = ladders.into_iter().filter(|ladder| ladder.len() > 1);
    several.flat_map(climb).collect()
}

/// The summary's row of how long a pass takes.
fn duration<'a>(summary: &'a [SummaryRow], deployment: &Arc<Deployment>) -> Option<&'a SummaryRow> {
    summary.iter().find(|row| {
        row.images == Images::All
            && row.metric == Metric::Duration
            && row.flow == Flow::Chained
            && row.state == Some(State::Warm)
            && row.part == Part::Pipeline
            && row.deployment == *deployment
    })
}

/// A round's figure by its number.
type Line = BTreeMap<u32, f64>;

/// One size, before it is compared.
struct Rung<'a> {
    deployment: Arc<Deployment>,
    duration: &'a SummaryRow,
    cost: Option<Cost>,
    time: Line,
    usd: Line,
}

impl<'a> Rung<'a> {
    fn of(
        deployment: Arc<Deployment>,
        duration: &'a SummaryRow,
        rounds: &Rounds,
        planned: &Planned,
        summary: &[SummaryRow],
        costing: Option<(&Costing, &[CostRow])>,
    ) -> Self {
        let means = |series| rounds.get(&deployment, &series).into_iter();
        let time = means(Series::PipelineDuration).map(|(round, at)| (round, at.mean)).collect();
        let price = || {
            let (prices, costs) = costing?;
            let row = costs.iter().find(|row| row.deployment == deployment)?;
            let work = workload(summary, planned, prices, &deployment).ok()?;
            let usd = |ms| prices.terms(&work, ms).total();
            let line = means(Series::PipelineBilled).map(|(round, at)| (round, usd(at.mean)));
            let (images, total_usd, interval) = (row.images, row.total_usd, row.interval);
            Some((Cost { images, total_usd, interval }, line.collect()))
        };
        let (cost, usd) = price().map_or((None, Line::new()), |(cost, usd)| (Some(cost), usd));
        Self { deployment, duration, cost, time, usd }
    }

    fn line(&self, goal: Goal) -> Line {
        match goal {
            Goal::Time => self.time.clone(),
            Goal::Cost => self.usd.clone(),
            Goal::Knee => {
                let both = |(round, ms): (&u32, &f64)| Some((*round, ms * self.usd.get(round)?));
                self.time.iter().filter_map(both).collect()
            }
        }
    }
}

/// The rows of one ladder.
fn climb(mut ladder: Vec<Rung<'_>>) -> Vec<MemoryRow> {
    ladder.sort_by_key(|rung| rung.deployment.target.memory_mb);
    let priced = ladder.iter().all(|rung| rung.cost.is_some());
    let [time, price, knee] = Goal::ALL.map(|goal| {
        let lines: Vec<Line> = ladder.iter().map(|rung| rung.line(goal)).collect();
        (goal == Goal::Time || priced).then(|| sought(&lines))
    });
    let time = time.unwrap_or_default();
    let of = |all: &Option<Vec<Found>>, place: usize| all.as_ref().map(|all| all[place]);
    let row = |(place, rung): (usize, Rung<'_>)| MemoryRow {
        rounds: rung.duration.rounds,
        n: rung.duration.n,
        duration_ms: rung.duration.mean,
        duration_interval: rung.duration.interval,
        cost: rung.cost,
        time: time[place],
        price: of(&price, place),
        knee: of(&knee, place),
        deployment: rung.deployment,
    };
    ladder.into_iter().enumerate().map(row).collect()
}

/// Which of some lines is the lowest, and how each differs from the one before.
fn sought(lines: &[Line]) -> Vec<Found> {
    let mut compared: Vec<((usize, usize), PairedRatio)> = Vec::new();
    for larger in 0..lines.len() {
        for smaller in 0..larger {
            let found = compare(&lines[larger], &lines[smaller]);
            compared.extend(found.map(|ratio| ((smaller, larger), ratio)));
        }
    }
    let adjusted = holm(&compared.iter().map(|(_, found)| found.p).collect::<Vec<_>>());
    let (mut out, mut steps) = (vec![false; lines.len()], vec![None; lines.len()]);
    for (((smaller, larger), found), &p_adjusted) in compared.into_iter().zip(&adjusted) {
        if p_adjusted < LEVEL {
            out[if found.ratio < 1.0 { smaller } else { larger }] = true;
        }
        if smaller + 1 == larger {
            let PairedRatio { ratio, interval, .. } = found;
            steps[larger] = Some(Step { ratio, interval, p_adjusted });
        }
    }
    let left = out.iter().filter(|out| !**out).count();
    let standing = |out: bool| match (out, left) {
        (_, 0) => Standing::Open, // each is beaten by another, in rounds that are not the same
        (true, _) => Standing::Out,
        (false, 1) => Standing::Best,
        (false, _) => Standing::Open,
    };
    out.into_iter().zip(steps).map(|(out, step)| Found { standing: standing(out), step }).collect()
}

fn compare(larger: &Line, smaller: &Line) -> Option<PairedRatio> {
    let both = |(round, a): (&u32, &f64)| Some(a.ln() - smaller.get(round)?.ln());
    let logs: Vec<f64> = larger.iter().filter_map(both).collect();
    if logs.len() < FEWEST_ROUNDS { None } else { log_ratio(&logs) }
}
