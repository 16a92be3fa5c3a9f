//! How fast each answer's code is beside a baseline's, as the race measured it.
//!
//! Of a function: the baseline's mean REPORT duration over the answer's, warm isolated race calls,
//! all pictures; of the pipeline, of warm chained race passes; both on one target. 2 is twice as
//! fast as the baseline. Nothing is clipped, so an answer may be worth more than the baseline.

use std::collections::{BTreeMap, BTreeSet};

use photofinish_study::{Contestant, Flow, State, Target};

use crate::race::{Images, Part};
use crate::summary::{Metric, SummaryRow};

/// The measured speeds of answers on one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Speeds {
    /// Whose code counts as 1.
    pub baseline: Contestant,
    /// Where they were measured.
    pub target: Target,
    chosen: BTreeSet<Contestant>,
    relative: BTreeMap<(Contestant, Part), f64>,
}

impl Speeds {
    /// Reads the speeds off a summary. `chosen` are the answers that were to race, as fixed before
    /// any was judged: the wrong ones among them count as 0, and no other answer counts at all.
    #[must_use]
    pub fn of(
        summary: &[SummaryRow],
        baseline: &Contestant,
        target: Target,
        chosen: BTreeSet<Contestant>,
    ) -> Self {
        let usable = |row: &&SummaryRow| {
            let flow = if row.part == Part::Pipeline { Flow::Chained } else { Flow::Isolated };
            row.deployment.target == target
                && row.flow == flow
                && row.metric == Metric::Duration
                && row.images == Images::All
                && row.state == Some(State::Warm)
                && row.mean > 0.0
        };
        let rows: Vec<&SummaryRow> = summary.iter().filter(usable).collect();
        let of_baseline = |part: &Part| {
            let is_it =
                |row: &&&SummaryRow| row.deployment.contestant == *baseline && row.part == *part;
            rows.iter().find(is_it).map(|row| row.mean)
        };
        let relative = |row: &&SummaryRow| {
            let key = (row.deployment.contestant.clone(), row.part.clone());
            Some((key, of_baseline(&row.part)? / row.mean))
        };
        let relative = rows.iter().filter_map(relative).collect();
        Self { baseline: baseline.clone(), target, chosen, relative }
    }

    /// Whether the answer was to race.
    pub(crate) fn is_chosen(&self, contestant: &Contestant) -> bool {
        self.chosen.contains(contestant)
    }

    /// How often the baseline's time holds the answer's.
    pub(crate) fn relative(&self, contestant: &Contestant, part: &Part) -> Option<f64> {
        self.relative.get(&(contestant.clone(), part.clone())).copied()
    }
}
