//! What the plan promised, so that what is missing can be seen.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use photofinish_study::{Deployment, Flow, Name, Phase};

use crate::race::Race;

/// What a complete race holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Planned {
    /// Every deployment, in the study's order: a pair's left is the earlier one.
    pub deployments: Vec<Arc<Deployment>>,
    /// Those of them that are raced beside the others and never judged.
    pub beside: HashSet<Arc<Deployment>>,
    /// Every function, in the pipeline's order.
    pub functions: Vec<Name>,
    /// How many race passes of each picture one round of a flow holds, for each deployment.
    pub round: BTreeMap<(Flow, Name), u32>,
}

/// A function of a deployment whose output the contract does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Which function.
    pub function: Name,
    /// Why, in a sentence.
    pub reason: Arc<str>,
}

impl Planned {
    /// What the plan must have been, judging by the rows alone: deployments in the order of their
    /// first appearance, functions in the order in which passes call them, and for each picture
    /// the most successful race passes that any deployment has in one round.
    #[must_use]
    pub fn seen_in(race: Race<'_>) -> Self {
        let (mut deployments, mut seen) = (Vec::new(), HashSet::new());
        for pass in race.passes() {
            if seen.insert(&pass.at.deployment) {
                deployments.push(Arc::clone(&pass.at.deployment));
            }
        }
        let mut counts: BTreeMap<_, u32> = BTreeMap::new();
        for pass in race.passes().filter(|pass| pass.at.phase == Phase::Race) {
            let at = &pass.at;
            if pass.status.is_ok() {
                *counts.entry((&at.deployment, at.flow, at.round, &at.image)).or_default() += 1;
            }
        }
        let mut round = BTreeMap::new();
        for ((_, flow, _, image), count) in counts {
            let most = round.entry((flow, image.clone())).or_insert(count);
            *most = count.max(*most);
        }
        let beside = HashSet::new();
        Self { deployments, beside, functions: functions_in_order(race), round }
    }

    /// The deployments that are judged.
    #[must_use]
    pub fn judged(&self) -> Vec<Arc<Deployment>> {
        let judged = |deployment: &&Arc<Deployment>| !self.beside.contains(*deployment);
        self.deployments.iter().filter(judged).cloned().collect()
    }

    /// The pictures of one round of a flow, with how often each is run.
    pub(crate) fn pictures(&self, flow: Flow) -> impl Iterator<Item = (&Name, u32)> {
        self.round
            .iter()
            .filter(move |((planned, _), _)| *planned == flow)
            .map(|((_, image), &passes)| (image, passes))
    }
}

/// The functions in the order of the chain. One that an earlier pass lacked is put right behind
/// the function that it follows in its own pass.
fn functions_in_order(race: Race<'_>) -> Vec<Name> {
    let mut functions: Vec<Name> = Vec::new();
    let mut last: HashMap<u64, &Name> = HashMap::new();
    for call in race.invocations() {
        let before = last.insert(call.at.pass, &call.function);
        if !functions.contains(&call.function) {
            let behind = |before| functions.iter().position(|known| known == before);
            let place = before.and_then(behind).map_or(0, |place| place + 1);
            functions.insert(place, call.function.clone());
        }
    }
    functions
}
