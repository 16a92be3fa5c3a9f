//! What the trials came to, by function and by draw.

use photofinish_study::Name;
use photofinish_verify::{Limits, Margin, Side, Tested, margins};

/// Everything that was found.
pub(super) struct Found {
    pub(super) application: Name,
    /// What each draw is.
    pub(super) draws: Vec<String>,
    pub(super) functions: Vec<OfFunction>,
    /// Whether wrong ones were done with at their first rejection.
    pub(super) quick: bool,
}

/// Of one function.
pub(super) struct OfFunction {
    pub(super) function: Name,
    pub(super) limits: Limits,
    /// For each draw, every implementation.
    pub(super) by_draw: Vec<Vec<Tested>>,
}

/// How many implementations there are, and how they fared.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) right: usize,
    pub(super) accepted: usize,
    pub(super) wrong: usize,
    pub(super) rejected: usize,
    /// Of the rejected, those that merely raised, took too long or wrote nothing.
    pub(super) by_failing: usize,
}

impl Found {
    /// Whether every right one was accepted everywhere, and every wrong one rejected somewhere.
    pub(super) fn is_as_it_must_be(&self) -> bool {
        self.functions.iter().all(|function| function.not_as_they_must_be().next().is_none())
    }

    /// What was found with one draw.
    pub(super) fn of_draw(&self, draw: usize) -> impl Iterator<Item = (&OfFunction, &[Tested])> {
        self.functions.iter().map(move |function| (function, function.by_draw[draw].as_slice()))
    }
}

impl OfFunction {
    /// Right ones that were rejected and wrong ones that were not, of every draw.
    pub(super) fn not_as_they_must_be(&self) -> impl Iterator<Item = &Tested> {
        self.by_draw.iter().flatten().filter(|tested| !tested.is_as_it_must_be())
    }

    pub(super) fn margins(&self, tested: &[Tested]) -> Vec<Margin> {
        margins(&self.limits, tested)
    }
}

impl Counts {
    pub(super) fn of(tested: &[Tested]) -> Self {
        let mut counts = Self::default();
        for one in tested {
            let fared = usize::from(one.is_as_it_must_be());
            match one.mutant.side {
                Side::Right => {
                    counts.right += 1;
                    counts.accepted += fared;
                }
                Side::Wrong { .. } => {
                    counts.wrong += 1;
                    counts.rejected += fared;
                    counts.by_failing += usize::from(one.only_failed());
                }
            }
        }
        counts
    }
}
