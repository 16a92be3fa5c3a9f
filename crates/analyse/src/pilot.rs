//! What a race costs, by its pilot: a few rounds that are run before it, each on fresh sandboxes,
//! and that are in nothing that the race finds.
//!
//! A round of the pilot holds of each deployment one pass that finds its sandboxes cold, its first
//! of the round, and one pass over each picture after it. It tells what the race would cost if all
//! of the race were like it: with k the cost of a deployment's first pass and w the mean of its
//! others, the sum over deployments of (cold passes · k + other passes · w). A round counts in which
//! every deployment's passes went well.
//!
//! - The estimate is the mean m of the rounds' R sums x₁…x_R.
//! - Its interval is one for the sum of N rounds to come (95 %, Student's): m ± t(R − 1)·s·√(1/R +
//!   1/N). A sandbox's luck is in x, since sandboxes are fresh in each round; that hours differ is
//!   not. With one round there is no interval.
//!
//! What a number of images costs is worked out from the pilot's passes as [`crate::cost`] does from
//! the race's, with the interval of so few rounds.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use photofinish_study::record::{Invocation, Pass, Position};
use photofinish_study::{Deployment, Name, Phase};

use crate::spent::Rates;
use crate::spread::{mean, sample_sd};
use crate::student::{Interval, t_quantile};

/// What of a race is still to be run, of one deployment.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Passes that find fresh sandboxes.
    pub cold: f64,
    /// All others.
    pub warm: f64,
}

/// What something that is to be run is expected to cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// In US dollars.
    pub usd: f64,
    /// Where it will lie, in 95 of 100 cases; none from a single round.
    pub interval: Option<Interval>,
    /// How many rounds of the pilot it rests on.
    pub rounds: u64,
}

/// What the rest of the race is expected to cost, if any round of the pilot went well; `beside` is
/// what comes on top and is known, `rounds` how many rounds are left.
#[must_use]
pub fn forecast(
    rates: &Rates,
    (passes, calls): (&[Pass], &[Invocation]),
    ahead: &[Ahead],
    rounds: u32,
    beside: f64,
) -> Option<Forecast> {
    let mut costs: HashMap<u64, f64> = HashMap::new();
    for call in calls.iter().filter(|call| call.at.phase == Phase::Pilot) {
        *costs.entry(call.at.pass).or_insert_with(|| rates.pass()) += rates.of(call);
    }
    let sums: Vec<f64> = by_round(passes)
        .values()
        .filter_map(|of_round| {
            let of = |ahead: &Ahead| {
                let (first, others) = of_round.get(&ahead.deployment)?.split_first()?;
                let cost = |pass: &&Pass| costs.get(&pass.at.pass).copied();
                let good = first.status.is_ok() && others.iter().all(|pass| pass.status.is_ok());
                let others: Option<Vec<f64>> = others.iter().map(cost).collect();
                let warm = mean(&others?).filter(|_| good)?;
                Some(ahead.cold * cost(first)? + ahead.warm * warm)
            };
            ahead.iter().map(of).sum::<Option<f64>>()
        })
        .collect();
    let usd = mean(&sums)? + beside;
    let n = sums.len() as f64;
    let interval = sample_sd(&sums).filter(|_| rounds > 0).map(|sd| {
        let half = t_quantile(0.05, n - 1.0) * sd * (1.0 / n + 1.0 / f64::from(rounds)).sqrt();
        Interval { low: (usd - half).max(0.0), high: usd + half }
    });
    Some(Forecast { usd, interval, rounds: sums.len() as u64 })
}

type OfRound<'a> = HashMap<Arc<Deployment>, Vec<&'a Pass>>;

/// The pilot's passes by round and deployment, in the order in which they were run; of rounds that
/// hold as many passes of each deployment over each picture as any does.
fn by_round(passes: &[Pass]) -> BTreeMap<u32, OfRound<'_>> {
    let mut rounds: BTreeMap<u32, OfRound<'_>> = BTreeMap::new();
    for pass in passes.iter().filter(|pass| pass.at.phase == Phase::Pilot) {
        let of_round = rounds.entry(pass.at.round).or_default();
        of_round.entry(Arc::clone(&pass.at.deployment)).or_default().push(pass);
    }
    let pictures: HashSet<&Name> =
        rounds.values().flat_map(HashMap::values).flatten().map(|pass| &pass.at.image).collect();
    let every = pictures.len();
    rounds.retain(|_, of_round| {
        of_round.values().all(|passes| {
            let seen: HashSet<&Name> = passes.iter().skip(1).map(|pass| &pass.at.image).collect();
            seen.len() == every
        })
    });
    rounds
}

/// The pilot's rows as if they were a race's, so that what is worked out of a race's can be worked
/// out of them: the first pass of each deployment in a round as its warm-up.
#[must_use]
pub fn as_raced(passes: &[Pass], calls: &[Invocation]) -> (Vec<Pass>, Vec<Invocation>) {
    let mut begun: HashSet<(u32, Arc<Deployment>)> = HashSet::new();
    let mut places: HashMap<u64, Arc<Position>> = HashMap::new();
    let mut raced = Vec::new();
    for pass in passes.iter().filter(|pass| pass.at.phase == Phase::Pilot) {
        let first = begun.insert((pass.at.round, Arc::clone(&pass.at.deployment)));
        let phase = if first { Phase::WarmUp } else { Phase::Race };
        let at = Position { phase, ..pass.at.clone() };
        places.insert(at.pass, Arc::new(at.clone()));
        raced.push(Pass { at, ..pass.clone() });
    }
    let of = |call: &Invocation| {
        let at = Arc::clone(places.get(&call.at.pass)?);
        Some(Invocation { at, ..call.clone() })
    };
    (raced, calls.iter().filter_map(of).collect())
}
