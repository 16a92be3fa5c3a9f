//! Margins: how far each limit is from the worst right value and from the nearest wrong one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::attempt::ANSWER;
use crate::contract::Limits;
use crate::judge::{Bound, Judgement};
use crate::mutant::{Mutant, Side};

/// An implementation and what the judge says of what it wrote on each fixture.
#[derive(Debug, Clone)]
pub struct Tested {
    /// The implementation.
    pub mutant: Mutant,
    /// By the fixture's name, in order.
    pub judged: Vec<(Arc<str>, Judgement)>,
}

/// A value, and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Extreme {
    /// The value.
    pub value: f64,
    /// The implementation's name.
    pub name: String,
    /// The fixture's.
    pub fixture: Arc<str>,
}

/// One limit of one function, and what lies on both sides of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Margin {
    /// What the contract calls the limit.
    pub limit: &'static str,
    /// Where it is.
    pub allowed: f64,
    /// On which side of it values are right.
    pub bound: Bound,
    /// The value of a right implementation that is nearest to the limit, or beyond it.
    pub worst_right: Option<Extreme>,
    /// Of the wrong implementations that this limit rejects, the one whose worst value is nearest
    /// to the limit.
    pub nearest_wrong: Option<Extreme>,
    /// How many wrong implementations this limit rejects.
    pub rejects: usize,
    /// The wrong implementations that nothing else rejects.
    pub alone: Vec<String>,
}

/// Reads one limit.
type Reads = fn(&Limits) -> Option<f64>;

/// Every limit that a contract can set.
const LIMITS: [(&str, Bound, Reads); 8] = [
    ("pixel", Bound::Most, |limits| limits.pixel),
    ("block_mean", Bound::Most, |limits| limits.block_mean),
    ("block_max", Bound::Most, |limits| limits.block_max),
    ("psnr", Bound::Least, |limits| limits.psnr),
    ("above_q88", Bound::Least, |limits| limits.above_q88),
    ("outside", Bound::Most, |limits| limits.outside),
    ("outside_share", Bound::Most, |limits| limits.outside_share),
    ("levels", Bound::Least, |limits| limits.levels),
];

impl Bound {
    /// Whichever of two values is further on the wrong side.
    fn worse<'a>(self, one: &'a Extreme, other: &'a Extreme) -> std::cmp::Ordering {
        match self {
            Self::Most => one.value.total_cmp(&other.value),
            Self::Least => other.value.total_cmp(&one.value),
        }
    }
}

impl Tested {
    /// What was rejected, with the fixture's name.
    pub fn rejections(&self) -> impl Iterator<Item = (&Arc<str>, &Judgement)> {
        self.judged.iter().filter(|(_, judgement)| !judgement.accepted).map(|(name, it)| (name, it))
    }

    /// Whether it fared as it must: a right one accepted on every fixture, a wrong one rejected
    /// on at least one.
    #[must_use]
    pub fn is_as_it_must_be(&self) -> bool {
        let rejected = self.rejections().next().is_some();
        rejected == matches!(self.mutant.side, Side::Wrong { .. })
    }

    /// Whether it was rejected for nothing but that it raised, took too long or wrote nothing.
    #[must_use]
    pub fn only_failed(&self) -> bool {
        let deciding = |(_, judgement): (_, &Judgement)| {
            judgement.deciding().is_some_and(|check| check.name == ANSWER)
        };
        let mut rejections = self.rejections().peekable();
        rejections.peek().is_some() && rejections.all(deciding)
    }

    /// On how many fixtures each check decided, those that decided most often first.
    #[must_use]
    pub fn deciding(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for check in self.rejections().filter_map(|(_, judgement)| judgement.deciding()) {
            *counts.entry(check.name.to_string()).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        counts
    }

    /// The worst value of a limit, over all fixtures.
    fn worst(&self, limit: &str, bound: Bound) -> Option<Extreme> {
        let values = self.judged.iter().flat_map(|(fixture, judgement)| {
            let checks = judgement.checks.iter();
            checks.filter(|check| check.limit_name == Some(limit)).filter_map(|check| {
                let (name, fixture) = (self.mutant.name.clone(), Arc::clone(fixture));
                Some(Extreme { value: check.value?, name, fixture })
            })
        });
        values.max_by(|one, other| bound.worse(one, other))
    }

    /// Everything that rejects it: a limit by what the contract calls it, another check by name.
    fn rejected_by(&self) -> BTreeSet<&str> {
        let checks = self.rejections().flat_map(|(_, judgement)| &judgement.checks);
        let failed = checks.filter(|check| !check.passed);
        failed.map(|check| check.limit_name.unwrap_or(check.name.as_ref())).collect()
    }
}

/// The margins of every limit that is set, over implementations of one function.
#[must_use]
pub fn margins(limits: &Limits, tested: &[Tested]) -> Vec<Margin> {
    let set = LIMITS.iter().filter_map(|(name, bound, read)| Some((*name, *bound, read(limits)?)));
    set.map(|(limit, bound, allowed)| margin((limit, bound, allowed), tested)).collect()
}

fn margin((limit, bound, allowed): (&'static str, Bound, f64), tested: &[Tested]) -> Margin {
    let (right, wrong): (Vec<&Tested>, Vec<&Tested>) =
        tested.iter().partition(|tested| tested.mutant.side == Side::Right);
    let rejected: Vec<(&Tested, BTreeSet<&str>)> = wrong
        .into_iter()
        .map(|tested| (tested, tested.rejected_by()))
        .filter(|(_, by)| by.contains(limit))
        .collect();
    let worst = |tested: &&Tested| tested.worst(limit, bound);
    Margin {
        limit,
        allowed,
        bound,
        worst_right: right.iter().filter_map(worst).max_by(|a, b| bound.worse(a, b)),
        nearest_wrong: rejected
            .iter()
            .filter_map(|(tested, _)| worst(tested))
            .min_by(|a, b| bound.worse(a, b)),
        rejects: rejected.len(),
        alone: rejected
            .iter()
            .filter(|(_, by)| by.len() == 1)
            .map(|(tested, _)| tested.mutant.name.clone())
            .collect(),
    }
}
