//! Complete rounds and their means: the units of inference.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use photofinish_study::record::Pass;
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
}

impl Series {
    pub(crate) fn flow(&self) -> Flow {
        match self {
            Self::Function(_) => Flow::Isolated,
            Self::PipelineDuration | Self::PipelineBilled => Flow::Chained,
        }
    }
}

/// A complete round's mean of the pictures' means, and how many values it is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoundMean {
    pub(crate) mean: f64,
    pub(crate) n: u64,
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
        let good = |pass: &&Pass| {
            pass.at.phase == Phase::Race
                && pass.status.is_ok()
                && pass.state.is_none_or(|state| state == State::Warm)
        };
        let passes: HashSet<u64> = race.passes.iter().filter(good).map(|p| p.at.pass).collect();
        let mut cells = Cells::new();
        let mut put = |at: &photofinish_study::record::Position, series: Series, value| {
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
