//! Complete rounds and their means: the units of inference.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use photofinish_study::record::{Pass, Position};
use photofinish_study::{Deployment, Flow, Name, Phase, State};

use crate::planned::Planned;
use crate::race::Race;
use crate::spread::mean;

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Series {
    /// A function's REPORT duration, isolated.
    Function(Name),
    /// The sum of a pass's REPORT durations, chained.
    PipelineDuration,
    /// The sum of a pass's billed durations, chained.
    PipelineBilled,
    /// A pass's turnaround, chained.
    Turnaround,
}

impl Series {
    pub(crate) fn flow(&self) -> Flow {
        match self {
            Self::Function(_) => Flow::Isolated,
            Self::PipelineDuration | Self::PipelineBilled | Self::Turnaround => Flow::Chained,
        }
    }
}

/// A complete round's mean of the pictures' means, and how many values it is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoundMean {
    pub(crate) mean: f64,
    pub(crate) n: u64,
}

/// How many rounds of a deployment and flow hold every planned race pass, ok and warm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Whose outputs it was given.
    pub flow: Flow,
    /// The rounds that are complete.
    pub complete: u64,
    /// The rounds that were begun.
    pub begun: u64,
}

/// Counts rounds, in the order of deployment and flow. Incomplete rounds are shown, not tested.
#[must_use]
pub fn completeness(race: Race<'_>, planned: &Planned) -> Vec<Completeness> {
    let mut begun: HashMap<(&Arc<Deployment>, Flow, u32), HashMap<&Name, u32>> = HashMap::new();
    for pass in race.passes().filter(|pass| pass.at.phase == Phase::Race) {
        let at = &pass.at;
        let cell = begun.entry((&at.deployment, at.flow, at.round)).or_default();
        *cell.entry(&at.image).or_default() += u32::from(is_good(pass));
    }
    let flows: BTreeSet<Flow> = planned.round.keys().map(|(flow, _)| *flow).collect();
    let mut counts = Vec::new();
    for deployment in &planned.deployments {
        for &flow in &flows {
            let here = |key: &(&Arc<Deployment>, Flow, u32)| key.0 == deployment && key.1 == flow;
            let mut rows =
                Completeness { deployment: Arc::clone(deployment), flow, complete: 0, begun: 0 };
            for (_, cell) in begun.iter().filter(|(key, _)| here(key)) {
                let whole =
                    |(image, passes): (&Name, u32)| cell.get(image).is_some_and(|&n| n >= passes);
                rows.begun += 1;
                rows.complete += u64::from(planned.pictures(flow).all(whole));
            }
            counts.push(rows);
        }
    }
    counts
}

/// A race pass that went well in sandboxes that had served before.
fn is_good(pass: &Pass) -> bool {
    pass.at.phase == Phase::Race
        && pass.status.is_ok()
        && pass.state.is_none_or(|state| state == State::Warm)
}

/// The complete rounds of every deployment.
pub(crate) struct Rounds {
    means: HashMap<(Arc<Deployment>, Series), BTreeMap<u32, RoundMean>>,
}

/// The values of one deployment and series in one round, by picture.
type Cells = HashMap<(Arc<Deployment>, Series), BTreeMap<u32, HashMap<Name, Vec<f64>>>>;

impl Rounds {
    /// A round is complete if every planned race pass is ok and warm in it and has the figure.
    pub(crate) fn of(race: Race<'_>, planned: &Planned) -> Self {
        let passes: HashSet<u64> =
            race.passes().filter(|pass| is_good(pass)).map(|pass| pass.at.pass).collect();
        let mut cells = Cells::new();
        let mut put = |at: &Position, series: Series, value| {
            let Some(value) = value else { return };
            if at.flow != series.flow() || !passes.contains(&at.pass) {
                return;
            }
            let rounds = cells.entry((Arc::clone(&at.deployment), series)).or_default();
            rounds.entry(at.round).or_default().entry(at.image.clone()).or_default().push(value);
        };
        for call in race.good_calls().filter(|call| call.at.flow == Flow::Isolated) {
            put(&call.at, Series::Function(call.function.clone()), call.duration_ms);
        }
        for whole in race.good_passes(planned.functions.len()) {
            put(&whole.pass.at, Series::PipelineDuration, whole.duration_ms);
            put(&whole.pass.at, Series::PipelineBilled, whole.billed_ms);
            put(&whole.pass.at, Series::Turnaround, whole.turnaround_s);
        }
        let means = cells.into_iter().map(|(key, rounds)| {
            let flow = key.1.flow();
            let complete = rounds
                .into_iter()
                .filter_map(|(round, cell)| Some((round, round_mean(&cell, flow, planned)?)));
            (key, complete.collect())
        });
        Self { means: means.collect() }
    }

    /// The complete rounds of one deployment.
    pub(crate) fn get(
        &self,
        deployment: &Arc<Deployment>,
        series: &Series,
    ) -> BTreeMap<u32, RoundMean> {
        self.means.get(&(Arc::clone(deployment), series.clone())).cloned().unwrap_or_default()
    }
}

fn round_mean(cell: &HashMap<Name, Vec<f64>>, flow: Flow, planned: &Planned) -> Option<RoundMean> {
    let (mut means, mut n) = (Vec::new(), 0);
    for (image, passes) in planned.pictures(flow) {
        let values = cell.get(image).filter(|values| values.len() >= passes as usize)?;
        means.push(mean(values)?);
        n += values.len() as u64;
    }
    let mean = mean(&means).filter(|mean| mean.is_finite() && *mean > 0.0)?;
    Some(RoundMean { mean, n })
}
