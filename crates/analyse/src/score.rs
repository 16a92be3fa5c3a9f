//! How good a model is at writing the functions: how often it is right, how fast its code is, and
//! what a right answer takes.
//!
//! A *unit* is one sample's answer for one function, or one sample's answers for all of them: the
//! part `pipeline`, right if every function is. First answers alone make the arm 0. The arm r is
//! what stands after r rounds of repair: the latest answer of at most that round, with the tokens,
//! time and money of all up to it; repaired answers are never mixed with first ones.
//!
//! A unit whose judgement is not known, or that lacks an answer for a function, counts as nothing.
//! Of the n that are left, c are right:
//! - *of all*: an answer that was refused, cut off, without code or never had is wrong;
//! - *of those with code*: only units whose answers all have code are counted;
//! - pass@k and pass^k as in [`crate::draws`], for first answers; a repaired arm has k = 1 alone.
//!   Their interval is that of Clopper and Pearson on the chance p of one answer, carried through
//!   1 − (1 − p)ᵏ and pᵏ, which grow with p: it holds the truth as often as p's does. It is widened
//!   to hold the estimate, which is unbiased and may lie beyond where k is near n;
//! - eff@k: the mean of the best speed of k answers, wrong ones being 0, over the answers that were
//!   to race ([`crate::speed`]); none unless every right one of them was measured. The interval is
//!   the jackknife's, approximate, and absent for few answers;
//! - money per right unit: all that the n cost over c; its interval is the mean cost of a unit over
//!   the ends of p's interval, taking the cost of a unit as it was;
//! - tokens and time: quartiles of type 7 over all units that have the figure for each of their
//!   answers, summed over them.

use std::collections::{BTreeMap, BTreeSet};

use photofinish_study::record::Generation;
use photofinish_study::{Contestant, Name};

use crate::draws::{all_of, best_of, best_of_interval, one_of};
use crate::proportion::proportion_interval;
use crate::race::Part;
use crate::speed::Speeds;
use crate::spread::quantile;
use crate::student::Interval;

/// How many answers at once, unless a study says otherwise.
pub const DRAWS: [u32; 3] = [1, 3, 5];

/// An interval on a chance that is wider than this says next to nothing.
const WIDE: f64 = 0.5;

/// What is worth knowing of one model's answers for one part.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Whose.
    pub variant: Name,
    /// 0 for first answers, else after how many rounds of repair.
    pub repair: u32,
    /// Which function, or all of them.
    pub part: Part,
    /// Units that count as nothing, since it is not known whether they are right.
    pub unknown: u64,
    /// Of all units, whatever came of asking.
    pub of_all: Tally,
    /// Of the units with code.
    pub with_code: Tally,
    /// How fast the code is; none unless speeds were given.
    pub speed: Option<Speed>,
    /// What a right unit costs.
    pub money: Money,
    /// What a unit takes.
    pub effort: Effort,
}

/// How many are right, and what that says of k answers drawn anew.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// How many there are.
    pub n: u64,
    /// How many are right.
    pub right: u64,
    /// pass@k: one of k is right.
    pub one_of: Vec<Draw>,
    /// pass^k: all of k are right.
    pub all_of: Vec<Draw>,
}

/// A figure of k answers drawn anew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    /// How many answers.
    pub k: u32,
    /// What is expected of them.
    pub estimate: f64,
    /// Its 95 % interval.
    pub interval: Option<Interval>,
}

/// How fast the code is, the baseline's speed being 1 and wrong code's 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Speed {
    /// How many of the answers that were to race are known to be right or wrong.
    pub n: u64,
    /// How many of them are right and have no time; if there are any, there is no figure.
    pub unmeasured: u64,
    /// eff@k.
    pub best_of: Vec<Draw>,
}

/// What was paid for answers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Money {
    /// For all units that count; none if the price of any is not known.
    pub spent_usd: Option<f64>,
    /// The same over the right ones; none if none is right.
    pub per_right_usd: Option<f64>,
    /// 95 % interval on the price of a right one; without an end if there may be none.
    pub interval: Option<Interval>,
}

/// What a unit takes, for those of which it is known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Effort {
    /// Tokens of the questions.
    pub input_tokens: Option<Quartiles>,
    /// Tokens of the answers, with thoughts.
    pub output_tokens: Option<Quartiles>,
    /// Tokens of the thoughts.
    pub reasoning_tokens: Option<Quartiles>,
    /// Time to answer; of several answers the sum, as if asked for one after the other.
    pub seconds: Option<Quartiles>,
}

/// The middle of some numbers, and the middles of its halves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quartiles {
    /// How many numbers.
    pub n: u64,
    /// A quarter is below.
    pub low: f64,
    /// A half is below.
    pub median: f64,
    /// Three quarters are below.
    pub high: f64,
}

/// Scores every model's answers; rows in the order in which variants first appear, then of repair,
/// then of `functions`, the pipeline last where there is more than one.
#[must_use]
pub fn scores(
    answers: &[Generation],
    functions: &[Name],
    draws: &[u32],
    speeds: Option<&Speeds>,
) -> Vec<Score> {
    let mut variants: Vec<&Name> = Vec::new();
    for answer in answers {
        if !variants.contains(&&answer.contestant.variant) {
            variants.push(&answer.contestant.variant);
        }
    }
    let mut parts: Vec<Part> = functions.iter().cloned().map(Part::Function).collect();
    if functions.len() > 1 {
        parts.push(Part::Pipeline);
    }
    let mut rows = Vec::new();
    for variant in variants {
        let own: Vec<&Generation> =
            answers.iter().filter(|answer| answer.contestant.variant == *variant).collect();
        let last = own.iter().map(|answer| answer.repair()).max().unwrap_or(0);
        for repair in 0..=last {
            let arm = Arm { own: &own, functions, draws, speeds, repair };
            rows.extend(parts.iter().filter_map(|part| arm.score(variant, part)));
        }
    }
    rows
}

/// What each contestant cost to write, all functions together and with all that was repaired up to
/// it; those whose every answer has a price.
#[must_use]
pub fn writing_usd(answers: &[Generation]) -> BTreeMap<Contestant, f64> {
    let whose: BTreeSet<&Contestant> = answers.iter().map(|answer| &answer.contestant).collect();
    let usd = |of: &Contestant| -> Option<f64> {
        let led_to_it = |answer: &&Generation| {
            let Contestant { variant, sample } = &answer.contestant;
            *variant == of.variant
                && sample.number == of.sample.number
                && sample.repair <= of.sample.repair
        };
        answers.iter().filter(led_to_it).map(|answer| answer.usd).sum()
    };
    whose.into_iter().filter_map(|of| Some((of.clone(), usd(of)?))).collect()
}

/// One variant's answers as they stand after so many rounds of repair.
struct Arm<'a> {
    own: &'a [&'a Generation],
    functions: &'a [Name],
    draws: &'a [u32],
    speeds: Option<&'a Speeds>,
    repair: u32,
}

/// A sample's answers for a part.
struct Unit<'a> {
    /// Right, wrong, or not known.
    right: Option<bool>,
    has_code: bool,
    answers: Vec<&'a Generation>,
}

impl Unit<'_> {
    /// Whose it is, if somebody was asked.
    fn contestant(&self) -> Option<&Contestant> {
        self.answers.last().map(|answer| &answer.contestant)
    }
}

impl<'a> Arm<'a> {
    /// None if no sample was asked for the part.
    fn score(&self, variant: &Name, part: &Part) -> Option<Score> {
        let units = self.units(part);
        if units.is_empty() {
            return None;
        }
        let (known, unknown): (Vec<&Unit<'_>>, Vec<&Unit<'_>>) =
            units.iter().partition(|unit| unit.right.is_some());
        let of_all = self.tally(&known);
        let with_code: Vec<&Unit<'_>> =
            known.iter().filter(|unit| unit.has_code).copied().collect();
        Some(Score {
            variant: variant.clone(),
            repair: self.repair,
            part: part.clone(),
            unknown: unknown.len() as u64,
            with_code: self.tally(&with_code),
            speed: self.speed(&known, part),
            money: money(&known, &of_all),
            effort: effort(&units),
            of_all,
        })
    }

    fn units(&self, part: &Part) -> Vec<Unit<'a>> {
        let samples: BTreeSet<u32> =
            self.own.iter().map(|answer| answer.contestant.sample.number).collect();
        let functions = match part {
            Part::Function(function) => std::slice::from_ref(function),
            Part::Pipeline => self.functions,
        };
        let unit = |number| self.unit(number, functions);
        let asked = |unit: &Unit<'_>| !unit.answers.is_empty();
        samples.into_iter().map(unit).filter(asked).collect()
    }

    fn unit(&self, number: u32, functions: &[Name]) -> Unit<'a> {
        let mut unit = Unit { right: Some(true), has_code: true, answers: vec![] };
        for function in functions {
            let mut rounds: Vec<&Generation> = self
                .own
                .iter()
                .filter(|a| a.contestant.sample.number == number && a.function == *function)
                .filter(|a| a.repair() <= self.repair)
                .copied()
                .collect();
            rounds.sort_by_key(|answer| answer.repair());
            let latest = rounds.last();
            let right = latest.and_then(|answer| answer.is_right());
            unit.right = Option::zip(unit.right, right).map(|(all, this)| all && this);
            unit.has_code &= latest.is_some_and(|answer| answer.has_code());
            unit.answers.extend(rounds);
        }
        unit
    }

    fn tally(&self, units: &[&Unit<'_>]) -> Tally {
        let n = units.len() as u64;
        let right = units.iter().filter(|unit| unit.right == Some(true)).count() as u64;
        let draws = |estimate: fn(u64, u64, u64) -> Option<f64>, carry: fn(f64, u32) -> f64| {
            let of = |&k: &u32| {
                let estimate = estimate(u64::from(k), right, n)?;
                let interval = proportion_interval(right, n).map(|p| Interval {
                    low: carry(p.low, k).min(estimate),
                    high: carry(p.high, k).max(estimate),
                });
                Some(Draw { k, estimate, interval })
            };
            self.draws().iter().filter_map(of).collect()
        };
        let one_of = draws(one_of, |p, k| 1.0 - (1.0 - p).powf(f64::from(k)));
        let all_of = draws(all_of, |p, k| p.powf(f64::from(k)));
        Tally { n, right, one_of, all_of }
    }

    /// Only first answers are drawn several at a time.
    fn draws(&self) -> &[u32] {
        if self.repair == 0 { self.draws } else { &[1] }
    }

    fn speed(&self, known: &[&Unit<'_>], part: &Part) -> Option<Speed> {
        let speeds = self.speeds.filter(|_| self.repair == 0)?;
        let of = |unit: &&Unit<'_>| {
            let contestant = unit.contestant().filter(|whose| speeds.is_chosen(whose))?;
            let wrong = unit.right != Some(true);
            Some(if wrong { Some(0.0) } else { speeds.relative(contestant, part) })
        };
        let found: Vec<Option<f64>> = known.iter().filter_map(of).collect();
        let unmeasured = found.iter().filter(|speed| speed.is_none()).count() as u64;
        let all: Vec<f64> = found.iter().flatten().copied().collect();
        let draw = |&k: &u32| {
            let estimate = best_of(u64::from(k), &all)?;
            Some(Draw { k, estimate, interval: best_of_interval(u64::from(k), &all) })
        };
        let draws = if unmeasured == 0 { self.draws } else { &[] };
        let best_of = draws.iter().filter_map(draw).collect();
        (!found.is_empty()).then_some(Speed { n: found.len() as u64, unmeasured, best_of })
    }
}

fn money(known: &[&Unit<'_>], tally: &Tally) -> Money {
    let answers = known.iter().flat_map(|unit| &unit.answers);
    let spent: Option<f64> = answers.map(|answer| answer.usd).sum();
    let Some(spent) = spent.filter(|_| tally.n > 0) else { return Money::default() };
    let each = spent / tally.n as f64;
    Money {
        spent_usd: Some(spent),
        per_right_usd: (tally.right > 0).then(|| spent / tally.right as f64),
        interval: proportion_interval(tally.right, tally.n)
            .map(|chance| Interval { low: each / chance.high, high: each / chance.low })
            .filter(|_| spent > 0.0),
    }
}

fn effort(units: &[Unit<'_>]) -> Effort {
    let of = |figure: fn(&Generation) -> Option<f64>| {
        let sum = |unit: &Unit<'_>| unit.answers.iter().map(|answer| figure(answer)).sum();
        Quartiles::of(units.iter().filter_map(sum).collect())
    };
    Effort {
        input_tokens: of(|answer| answer.input_tokens.map(|tokens| tokens as f64)),
        output_tokens: of(|answer| answer.output_tokens.map(|tokens| tokens as f64)),
        reasoning_tokens: of(|answer| answer.reasoning_tokens.map(|tokens| tokens as f64)),
        seconds: of(|answer| answer.seconds),
    }
}

impl Quartiles {
    /// Of numbers in any order; none of no numbers.
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let at = |p| quantile(&values, p);
        let n = values.len() as u64;
        Some(Self { n, low: at(0.25)?, median: at(0.5)?, high: at(0.75)? })
    }
}

impl Draw {
    /// Whether the interval on a chance is so wide that it says next to nothing.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        self.interval.is_some_and(|ends| ends.high - ends.low > WIDE)
    }
}
