//! What the plan promised, so that what is missing can be seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use photofinish_study::{Deployment, Flow, Name, Phase};

use crate::race::Race;

/// What a complete race holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Planned {
    /// Every deployment, in the study's order: a pair's left is the earlier one.
    pub deployments: Vec<Arc<Deployment>>,
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
    /// What the plan must have been, judging by the rows alone: deployments sorted, functions in
    /// their first order of appearance, and for each picture the most successful race passes that
    /// any deployment has in one round.
    #[must_use]
    pub fn seen_in(race: Race<'_>) -> Self {
        let mut deployments = BTreeSet::new();
        let mut counts: BTreeMap<_, u32> = BTreeMap::new();
        for pass in race.passes.iter().filter(|pass| pass.at.phase == Phase::Race) {
            let at = &pass.at;
            deployments.insert(Arc::clone(&at.deployment));
            if pass.status.is_ok() {
                *counts.entry((&at.deployment, at.flow, at.round, &at.image)).or_default() += 1;
            }
        }
        let mut round = BTreeMap::new();
        for ((_, flow, _, image), count) in counts {
            let most = round.entry((flow, image.clone())).or_insert(count);
            *most = count.max(*most);
        }
        let mut functions: Vec<Name> = Vec::new();
        for call in race.invocations {
            if !functions.contains(&call.function) {
                functions.push(call.function.clone());
            }
        }
        Self { deployments: deployments.into_iter().collect(), functions, round }
    }

    /// The pictures of one round of a flow, with how often each is run.
    pub(crate) fn pictures(&self, flow: Flow) -> impl Iterator<Item = (&Name, u32)> {
        self.round
            .iter()
            .filter(move |((planned, _), _)| *planned == flow)
            .map(|((_, image), &passes)| (image, passes))
    }
}
