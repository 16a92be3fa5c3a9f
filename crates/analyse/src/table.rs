//! The rows of a study, arranged for analysis.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use photofinish_study::record::{Invocation, Pass};
use photofinish_study::{Deployment, Flow, Name, Phase};

/// What the plan asked of each round, so that an incomplete one is known as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The functions, in the order of the chain.
    pub functions: Vec<Name>,
    /// Race passes of one deployment in one round, for each flow.
    pub passes_per_round: u32,
}

/// The race's rows, arranged by who, what and where.
#[derive(Debug)]
pub struct Race<'a> {
    /// What the plan asked for.
    pub planned: &'a Planned,
    invocations: &'a [Invocation],
    passes: &'a [Pass],
}

/// Round → image → values.
pub(crate) type Rounds = BTreeMap<u32, BTreeMap<Name, Vec<f64>>>;

impl<'a> Race<'a> {
    /// Rows as the journal or a CSV gives them: every phase, failures too.
    #[must_use]
    pub fn new(planned: &'a Planned, invocations: &'a [Invocation], passes: &'a [Pass]) -> Self {
        Self { planned, invocations, passes }
    }

    /// Every deployment that was raced, in order.
    #[must_use]
    pub fn deployments(&self) -> Vec<Arc<Deployment>> {
        let race = self.passes.iter().filter(|pass| pass.at.phase == Phase::Race);
        let all: BTreeSet<Arc<Deployment>> =
            race.map(|pass| Arc::clone(&pass.at.deployment)).collect();
        all.into_iter().collect()
    }

    /// Every invocation of this phase that was answered rightly.
    pub(crate) fn good(&self, phase: Phase) -> impl Iterator<Item = &'a Invocation> {
        self.invocations.iter().filter(move |row| row.at.phase == phase && row.status.is_ok())
    }

    /// Every race pass that was right from end to end.
    pub(crate) fn good_passes(&self) -> impl Iterator<Item = &'a Pass> {
        self.passes.iter().filter(|row| row.at.phase == Phase::Race && row.status.is_ok())
    }

    /// A function's values by round and image, from right race calls.
    pub(crate) fn of_function(
        &self,
        deployment: &Deployment,
        flow: Flow,
        function: &Name,
        value: impl Fn(&Invocation) -> Option<f64>,
    ) -> Rounds {
        let mut rounds = Rounds::new();
        for row in self.good(Phase::Race) {
            let at = &row.at;
            if *at.deployment == *deployment
                && at.flow == flow
                && row.function == *function
                && let Some(value) = value(row)
            {
                let images = rounds.entry(at.round).or_default();
                images.entry(at.image.clone()).or_default().push(value);
            }
        }
        rounds
    }

    /// The pipeline's values by round and image: the sum over a right pass's calls.
    pub(crate) fn of_pipeline(
        &self,
        deployment: &Deployment,
        flow: Flow,
        value: impl Fn(&Invocation) -> Option<f64>,
    ) -> Rounds {
        let mut sums: BTreeMap<u64, (f64, usize)> = BTreeMap::new();
        for row in self.good(Phase::Race) {
            if *row.at.deployment == *deployment
                && row.at.flow == flow
                && let Some(value) = value(row)
            {
                let (sum, calls) = sums.entry(row.at.pass).or_default();
                *sum += value;
                *calls += 1;
            }
        }
        let mut rounds = Rounds::new();
        for pass in self.good_passes() {
            let at = &pass.at;
            let whole = self.planned.functions.len();
            if *at.deployment == *deployment
                && at.flow == flow
                && let Some((sum, calls)) = sums.get(&at.pass)
                && *calls == whole
            {
                rounds.entry(at.round).or_default().entry(at.image.clone()).or_default().push(*sum);
            }
        }
        rounds
    }

    /// Turnaround in seconds by round and image.
    pub(crate) fn turnaround(&self, deployment: &Deployment, flow: Flow) -> Rounds {
        let mut rounds = Rounds::new();
        for pass in self.good_passes() {
            let at = &pass.at;
            if *at.deployment == *deployment
                && at.flow == flow
                && let Some(turnaround) = pass.turnaround_s
            {
                let images = rounds.entry(at.round).or_default();
                images.entry(at.image.clone()).or_default().push(turnaround);
            }
        }
        rounds
    }

    /// The rounds in which every planned value is there: round → mean of the image means.
    pub(crate) fn complete(&self, rounds: &Rounds) -> BTreeMap<u32, f64> {
        let planned = self.planned.passes_per_round as usize;
        rounds
            .iter()
            .filter(|(_, images)| images.values().map(Vec::len).sum::<usize>() == planned)
            .map(|(round, images)| (*round, mean_of_image_means(images)))
            .collect()
    }
}

/// Images count equally, however often each was run.
pub(crate) fn mean_of_image_means(images: &BTreeMap<Name, Vec<f64>>) -> f64 {
    let means: Vec<f64> = images.values().map(|values| mean(values)).collect();
    mean(&means)
}

#[expect(clippy::cast_precision_loss, reason = "no study has 2^52 rows")]
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
