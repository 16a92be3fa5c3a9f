//! What the charts draw: for each part and picture, a lane of race calls for each deployment.

use std::collections::BTreeMap;
use std::sync::Arc;

use photofinish_analyse::{Part, quantile};
use photofinish_study::{Deployment, Flow, Name, Orchestration, Phase, State};

use crate::data::ReportData;

/// The successful warm race calls of one deployment on one picture.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// Round and figure, in the order of the journal.
    pub(super) calls: Vec<(u32, f64)>,
    /// The figures, rising.
    pub(super) sorted: Vec<f64>,
}

impl Lane {
    pub(super) fn quantile(&self, p: f64) -> f64 {
        quantile(&self.sorted, p).unwrap_or(0.0)
    }
}

/// Lanes by picture, then by the deployment's place in the study.
pub(super) type Lanes = BTreeMap<Name, BTreeMap<usize, Lane>>;

/// The places of deployments, and who may be shown.
struct Cast<'a> {
    data: &'a ReportData,
    places: BTreeMap<&'a Arc<Deployment>, usize>,
}

impl<'a> Cast<'a> {
    fn of(data: &'a ReportData) -> Self {
        let places = data.planned.deployments.iter().enumerate().map(|(i, d)| (d, i)).collect();
        Self { data, places }
    }

    /// Where it stands, unless it is wrong or only emulated: then it has no time.
    fn shown(&self, part: &Part) -> BTreeMap<&'a Arc<Deployment>, usize> {
        let may = |deployment: &&Arc<Deployment>| {
            !self.data.is_rejected(deployment, part) && !self.data.is_emulated(deployment)
        };
        self.places.iter().filter(|(d, _)| may(d)).map(|(d, place)| (*d, *place)).collect()
    }
}

fn is_warm(state: Option<State>) -> bool {
    state.is_none_or(|state| state == State::Warm)
}

/// REPORT durations of a function, in milliseconds.
pub(super) fn of_function(data: &ReportData, flow: Flow, function: &Name) -> Lanes {
    let shown = Cast::of(data).shown(&Part::Function(function.clone()));
    let calls = data.invocations.iter().filter(|call| {
        call.function == *function
            && call.at.flow == flow
            && call.at.orchestration == Orchestration::Client
            && call.at.phase == Phase::Race
            && call.status.is_ok()
            && is_warm(call.state)
    });
    gathered(calls.filter_map(|call| {
        let place = *shown.get(&call.at.deployment)?;
        Some((place, &call.at.image, call.at.round, call.duration_ms?))
    }))
}

/// Turnaround of whole passes, in seconds.
pub(super) fn of_passes(data: &ReportData, flow: Flow) -> Lanes {
    let shown = Cast::of(data).shown(&Part::Pipeline);
    let passes = data.passes.iter().filter(|pass| {
        pass.at.flow == flow
            && pass.at.orchestration == Orchestration::Client
            && pass.at.phase == Phase::Race
            && pass.status.is_ok()
            && is_warm(pass.state)
    });
    gathered(passes.filter_map(|pass| {
        let place = *shown.get(&pass.at.deployment)?;
        Some((place, &pass.at.image, pass.at.round, pass.turnaround_s?))
    }))
}

fn gathered<'a>(calls: impl Iterator<Item = (usize, &'a Name, u32, f64)>) -> Lanes {
    let mut lanes = Lanes::new();
    for (place, image, round, figure) in calls.filter(|call| call.3.is_finite() && call.3 > 0.0) {
        let lane = lanes.entry(image.clone()).or_default().entry(place).or_default();
        lane.calls.push((round, figure));
        lane.sorted.push(figure);
    }
    lanes
        .values_mut()
        .flat_map(BTreeMap::values_mut)
        .for_each(|lane| lane.sorted.sort_by(f64::total_cmp));
    lanes
}

/// The colour of a deployment is its contestant's.
pub(super) fn colour(data: &ReportData, place: usize) -> usize {
    const COLOURS: usize = 6;
    let mut contestants = Vec::new();
    for deployment in data.planned.deployments.iter().take(place + 1) {
        if !contestants.contains(&&deployment.contestant) {
            contestants.push(&deployment.contestant);
        }
    }
    let own = data.planned.deployments.get(place).map(|deployment| &deployment.contestant);
    contestants.iter().position(|known| Some(*known) == own).unwrap_or(0) % COLOURS
}
