//! The tables that everything is computed from, and views of them.

use std::collections::HashMap;
use std::fmt;

use photofinish_study::record::{Execution, Invocation, Pass};
use photofinish_study::{BadName, Name, Orchestration, Phase};

/// The rows of a study by one orchestration. Everything is worked out of those of the client, but
/// for what compares it with another.
#[derive(Debug, Clone, Copy)]
pub struct Race<'a> {
    passes: &'a [Pass],
    invocations: &'a [Invocation],
    by: Orchestration,
}

/// What a figure is about: a function, or all of them as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// One function.
    Function(Name),
    /// All functions of a pass together, written `pipeline`.
    Pipeline,
}

impl Part {
    const PIPELINE: &str = "pipeline";

    /// Reads what [`Part`]'s display writes.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text == Self::PIPELINE {
            Ok(Self::Pipeline)
        } else {
            Name::new(text).map(Self::Function)
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(name) => name.fmt(f),
            Self::Pipeline => f.pad(Self::PIPELINE),
        }
    }
}

/// Which pictures a figure is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Images {
    /// One picture.
    One(Name),
    /// All pictures, each with the same weight; written `all`.
    All,
}

impl Images {
    const EVERY: &str = "all";

    /// Reads what [`Images`]'s display writes.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text == Self::EVERY { Ok(Self::All) } else { Name::new(text).map(Self::One) }
    }
}

impl fmt::Display for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(name) => name.fmt(f),
            Self::All => f.pad(Self::EVERY),
        }
    }
}

/// A race pass that went well, with the sums over its functions.
#[derive(Debug)]
pub(crate) struct WholePass<'a> {
    pub(crate) pass: &'a Pass,
    pub(crate) duration_ms: Option<f64>,
    pub(crate) billed_ms: Option<f64>,
    pub(crate) client_ms: Option<f64>,
    pub(crate) output_bytes: Option<u64>,
    pub(crate) turnaround_s: Option<f64>,
    pub(crate) execution: Option<Execution>,
}

/// Sums over the invocations of one pass; a sum is absent when one of its terms is.
#[derive(Debug, Clone, Copy)]
struct Sums {
    calls: usize,
    duration_ms: Option<f64>,
    billed_ms: Option<f64>,
    client_ms: Option<f64>,
    output_bytes: Option<u64>,
}

impl Sums {
    const NONE: Self = Self {
        calls: 0,
        duration_ms: Some(0.0),
        billed_ms: Some(0.0),
        client_ms: Some(0.0),
        output_bytes: Some(0),
    };

    fn add(&mut self, call: &Invocation) {
        let sum = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
        self.calls += 1;
        self.duration_ms = sum(self.duration_ms, call.duration_ms);
        self.billed_ms = sum(self.billed_ms, call.billed_ms);
        self.client_ms = sum(self.client_ms, call.client_ms);
        self.output_bytes = Option::zip(self.output_bytes, call.output_bytes).map(|(a, b)| a + b);
    }
}

/// The passes that must have been, judging by their invocations alone: for measurements that come
/// without `passes.csv`. A pass is ok if all its invocations are. Its state is that of its least
/// warm invocation; its turnaround, the latest `sent_ms` + `client_ms` of them, is known if it is
/// ok and each invocation has both.
#[must_use]
pub fn passes_of(invocations: &[Invocation]) -> Vec<Pass> {
    let mut passes: Vec<Pass> = Vec::new();
    let mut places: HashMap<u64, usize> = HashMap::new();
    for call in invocations {
        let place = *places.entry(call.at.pass).or_insert(passes.len());
        let Some(pass) = passes.get_mut(place) else {
            passes.push(Pass {
                at: (*call.at).clone(),
                state: call.state,
                started_at: call.started_at.clone(),
                turnaround_s: received_s(call).filter(|_| call.status.is_ok()),
                execution: None,
                status: call.status.clone(),
            });
            continue;
        };
        // Cold stands before proactive before warm.
        pass.state = pass.state.into_iter().chain(call.state).min();
        if pass.status.is_ok() {
            pass.status = call.status.clone();
        }
        let both = Option::zip(pass.turnaround_s, received_s(call));
        pass.turnaround_s = both.map(|(a, b)| a.max(b)).filter(|_| pass.status.is_ok());
    }
    passes
}

/// How long after its pass's first request a call's response was there.
fn received_s(call: &Invocation) -> Option<f64> {
    Some((call.sent_ms? + call.client_ms?) / 1000.0)
}

impl<'a> Race<'a> {
    /// The client's rows among these: passes in any order, invocations in any order but that a
    /// pass's own stand in the order of its functions.
    #[must_use]
    pub fn of(passes: &'a [Pass], invocations: &'a [Invocation]) -> Self {
        Self { passes, invocations, by: Orchestration::Client }
    }

    /// The rows of another orchestration of the same study.
    #[must_use]
    pub fn by(self, orchestration: Orchestration) -> Self {
        Self { by: orchestration, ..self }
    }

    /// Every pass.
    pub(crate) fn passes(self) -> impl Iterator<Item = &'a Pass> {
        self.passes.iter().filter(move |pass| pass.at.orchestration == self.by)
    }

    /// Every invocation.
    pub(crate) fn invocations(self) -> impl Iterator<Item = &'a Invocation> {
        self.invocations.iter().filter(move |call| call.at.orchestration == self.by)
    }

    /// The race's invocations that went well.
    pub(crate) fn good_calls(self) -> impl Iterator<Item = &'a Invocation> {
        self.invocations().filter(|call| call.at.phase == Phase::Race && call.status.is_ok())
    }

    /// The race's passes that went well, with sums over their successful invocations. The sums are
    /// absent unless each of the `functions` succeeded once.
    pub(crate) fn good_passes(self, functions: usize) -> Vec<WholePass<'a>> {
        let mut sums: HashMap<u64, Sums> = HashMap::new();
        for call in self.good_calls() {
            sums.entry(call.at.pass).or_insert(Sums::NONE).add(call);
        }
        let good = |pass: &&Pass| pass.at.phase == Phase::Race && pass.status.is_ok();
        let whole = |pass: &'a Pass| {
            let sums = sums.get(&pass.at.pass).filter(|sums| sums.calls == functions);
            WholePass {
                pass,
                duration_ms: sums.and_then(|sums| sums.duration_ms),
                billed_ms: sums.and_then(|sums| sums.billed_ms),
                client_ms: sums.and_then(|sums| sums.client_ms),
                output_bytes: sums.and_then(|sums| sums.output_bytes),
                turnaround_s: sums.and(pass.turnaround_s),
                execution: sums.and(pass.execution),
            }
        };
        self.passes().filter(good).map(whole).collect()
    }
}
