//! The trial: every function of a deployment is called through the deployment that will be
//! raced, and what it writes is held against the reference.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use photofinish_cloud::Cloud;
use photofinish_journal::Journal;
use photofinish_study::record::{NO_INPUT, Verification};
use photofinish_study::{Digest, Flow, Lane, LaneFunction, Name};
use serde::{Deserialize, Serialize};

use crate::attempt::{ANSWER, Attempt, Attempted, Outcome};
use crate::error::Error;
use crate::judge::{Check, Judge, Judgement, Output};

/// Something to try a function on.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// Its name in tables.
    pub name: Arc<str>,
    /// What the function is given.
    pub bytes: Arc<[u8]>,
}

/// Is given a check, what the function had been given, and what it wrote.
pub type Keep<'a> = dyn Fn(&Verification, &[u8], &[u8]) + Sync + 'a;

/// Everything a trial needs.
#[derive(Clone, Copy)]
pub struct Trial<'a> {
    /// The platform.
    pub cloud: &'a Cloud,
    /// Where everything is written down.
    pub journal: &'a Journal,
    /// The reference and its limits.
    pub judge: &'a Judge,
    /// What each function is tried on in isolation.
    pub fixtures: &'a HashMap<Name, Vec<Fixture>>,
    /// What the whole chain is tried on.
    pub pictures: &'a [Fixture],
    /// Whether the chain is tried at all.
    pub chained: bool,
    /// What earlier trials of the same code found: not tried again.
    pub known: &'a [(Verification, String)],
    /// How long one call may take.
    pub timeout: Duration,
    /// Where inputs and intermediate pictures lie.
    pub bucket: &'a str,
    /// Where the last function writes.
    pub destination: &'a str,
    /// Told after each output.
    pub tell: &'a (dyn Fn(&Verification) + Sync),
    /// Given each output that was rejected, with what the function had been given.
    pub keep: &'a Keep<'a>,
}

/// What a trial of one deployment came to.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Functions whose outputs were right on every fixture.
    pub accepted: HashSet<Name>,
    /// Whether the whole chain was right on every picture.
    pub chain_accepted: bool,
    /// Why not, for each function that was rejected: the first reason.
    pub rejections: Vec<(Name, String)>,
}

impl Verdict {
    /// Whether anything was wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.rejections.is_empty() && self.chain_accepted
    }

    fn reject(&mut self, function: &Name, reason: &str) {
        self.accepted.remove(function);
        if !self.rejections.iter().any(|(rejected, _)| rejected == function) {
            self.rejections.push((function.clone(), reason.to_owned()));
        }
    }
}

/// What one call came to.
struct Tried {
    output: Option<Arc<[u8]>>,
    judgement: Judgement,
    answered: bool,
}

impl Trial<'_> {
    /// How many outputs a deployment is asked for.
    #[must_use]
    pub fn steps(&self, lane: &Lane) -> usize {
        let isolated: usize =
            lane.functions.iter().map(|function| self.fixtures_of(function).len()).sum();
        isolated + if self.chained { self.pictures.len() * lane.functions.len() } else { 0 }
    }

    /// How many of them no earlier trial was asked for: what is left to be called.
    #[must_use]
    pub fn left(&self, lane: &Lane) -> usize {
        let isolated = lane.functions.iter().flat_map(|function| {
            self.fixtures_of(function)
                .iter()
                .filter(|one| self.known(lane, function, Flow::Isolated, &one.name).is_none())
        });
        let chain = |picture: &&Fixture| {
            let found = |f| self.known(lane, f, Flow::Chained, &picture.name);
            !lane.functions.iter().all(|f| found(f).is_some_and(|row| row.accepted))
        };
        let chained = if self.chained { self.pictures.iter().filter(chain).count() } else { 0 };
        isolated.count() + chained * lane.functions.len()
    }

    fn fixtures_of(&self, function: &LaneFunction) -> &[Fixture] {
        self.fixtures.get(&function.name).map_or(&[], Vec::as_slice)
    }

    /// Tries one deployment: each function on its fixtures, then the chain on the pictures.
    pub async fn run(&self, lane: &Lane) -> Result<Verdict, Error> {
        let mut verdict = Verdict { chain_accepted: true, ..Verdict::default() };
        for (function, reason) in &lane.absent {
            self.note_absent(lane, function, reason)?;
            verdict.reject(function, reason);
        }
        for function in &lane.functions {
            verdict.accepted.insert(function.name.clone());
            for fixture in self.fixtures_of(function) {
                let tried = self.try_once(lane, function, Flow::Isolated, fixture).await?;
                if let Some(reason) = tried.reason() {
                    verdict.reject(&function.name, &reason);
                }
                if !tried.answered {
                    break;
                }
            }
        }
        if !self.chained || !verdict.rejections.is_empty() {
            verdict.chain_accepted = verdict.rejections.is_empty();
            return Ok(verdict);
        }
        for picture in self.pictures {
            self.chain(lane, picture, &mut verdict).await?;
        }
        Ok(verdict)
    }

    /// A function that was never written is rejected without a call.
    fn note_absent(&self, lane: &Lane, function: &Name, reason: &str) -> Result<(), Error> {
        let package = Digest::of(reason.as_bytes());
        let noted = self.known.iter().any(|(known, of)| {
            of == package.as_str()
                && known.deployment == lane.deployment
                && known.function == *function
        });
        if noted {
            return Ok(());
        }
        let verification = Verification {
            deployment: Arc::clone(&lane.deployment),
            function: function.clone(),
            flow: Flow::Isolated,
            input: NO_INPUT.into(),
            accepted: false,
            reason: Some(reason.into()),
            metric: ANSWER.into(),
            value: None,
            limit: None,
            output_sha256: None,
        };
        let checks = serde_json::to_string(&Judgement::rejected(ANSWER, reason));
        let checks = checks.map_err(Error::Json)?;
        self.journal.verified(&verification, package.as_str(), &checks)?;
        (self.tell)(&verification);
        Ok(())
    }

    /// One picture through the deployment's own chain; each output judged on the input it had.
    async fn chain(
        &self,
        lane: &Lane,
        picture: &Fixture,
        verdict: &mut Verdict,
    ) -> Result<(), Error> {
        let found = |function| self.known(lane, function, Flow::Chained, &picture.name);
        if lane.functions.iter().all(|function| found(function).is_some_and(|row| row.accepted)) {
            return Ok(());
        }
        let mut given = picture.clone();
        for function in &lane.functions {
            let tried = self.try_once(lane, function, Flow::Chained, &given).await?;
            if let Some(reason) = tried.reason() {
                verdict.chain_accepted = false;
                verdict.reject(&function.name, &format!("in its own chain: {reason}"));
                // Nobody can be blamed for what they make of a wrong picture.
                break;
            }
            let Some(output) = tried.output else {
                verdict.chain_accepted = false;
                break;
            };
            given = Fixture { name: Arc::clone(&picture.name), bytes: output };
        }
        Ok(())
    }

    /// What an earlier trial of this very code found on this input.
    fn known(
        &self,
        lane: &Lane,
        function: &LaneFunction,
        flow: Flow,
        input: &str,
    ) -> Option<&Verification> {
        let same = |(known, package): &&(Verification, String)| {
            package == function.package.as_str()
                && known.deployment == lane.deployment
                && known.function == function.name
                && known.flow == flow
                && &*known.input == input
        };
        self.known.iter().find(same).map(|(known, _)| known)
    }

    async fn try_once(
        &self,
        lane: &Lane,
        function: &LaneFunction,
        flow: Flow,
        fixture: &Fixture,
    ) -> Result<Tried, Error> {
        let known = self.known(lane, function, flow, &fixture.name);
        // A chain needs the bytes, so it is run again unless it was rejected.
        if let Some(known) = known
            && (flow == Flow::Isolated || !known.accepted)
        {
            return Ok(Tried::from_known(known));
        }
        let last = lane.functions.last().is_some_and(|last| last.name == function.name);
        let tried = self.call(lane, function, fixture, last).await?;
        let verification = verification(lane, function, flow, fixture, &tried);
        let checks = serde_json::to_string(&tried.judgement).map_err(Error::Json)?;
        self.journal.verified(&verification, function.package.as_str(), &checks)?;
        (self.tell)(&verification);
        if let (false, Some(output)) = (verification.accepted, &tried.output) {
            (self.keep)(&verification, &fixture.bytes, output);
        }
        Ok(tried)
    }

    async fn call(
        &self,
        lane: &Lane,
        function: &LaneFunction,
        fixture: &Fixture,
        last: bool,
    ) -> Result<Tried, Error> {
        let attempt = Attempt {
            cloud: self.cloud,
            deployed_as: &function.deployed_as,
            function: &function.name,
            extension: &function.extension,
            bucket: self.bucket,
            output_bucket: if last { self.destination } else { self.bucket },
            timeout: self.timeout,
        };
        let subject = format!("{} on {}", function.deployed_as, fixture.name);
        let effect = self.journal.intend(Bill::EFFECT, &subject)?;
        let outcome = attempt.on(&fixture.bytes).await;
        let status = outcome.as_ref().map_or_else(ToString::to_string, |_| "ok".to_owned());
        let bill = Bill::of(lane, outcome.as_ref().ok());
        let bill = serde_json::to_string(&bill).map_err(Error::Json)?;
        self.journal.conclude(effect, &status, Some(&bill))?;
        let object = match outcome?.outcome {
            Outcome::Failed(reason) => return Ok(Tried::failed(&reason)),
            Outcome::Wrote(object) => object,
        };
        let output = Output { bytes: &object.bytes, content_type: object.content_type.as_deref() };
        let judgement = self.judge.judge(&function.name, &fixture.bytes, &output)?;
        Ok(Tried { output: Some(Arc::from(object.bytes.as_ref())), judgement, answered: true })
    }
}

/// What a trial is billed for, as the journal keeps it beside the effect `verify`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bill {
    /// Whose code, where, as tables write it.
    pub deployment: String,
    /// What its REPORT bills, or else how long its answer was waited for; nothing if nobody knows.
    pub billed_ms: Option<f64>,
    /// What it wrote.
    pub output_bytes: Option<u64>,
}

impl Bill {
    /// The effect that such trials are.
    pub const EFFECT: &str = "verify";

    fn of(lane: &Lane, attempted: Option<&Attempted>) -> Self {
        let output_bytes = attempted.and_then(|attempted| match &attempted.outcome {
            Outcome::Wrote(object) => Some(object.bytes.len() as u64),
            Outcome::Failed(_) => None,
        });
        Self {
            deployment: lane.deployment.to_string(),
            billed_ms: attempted.map(|attempted| attempted.billed_ms),
            output_bytes,
        }
    }
}

impl Tried {
    fn failed(reason: &str) -> Self {
        Self { output: None, judgement: Judgement::rejected(ANSWER, reason), answered: false }
    }

    fn from_known(known: &Verification) -> Self {
        let reason = known.reason.as_deref().unwrap_or_default();
        let judgement = if known.accepted {
            Judgement::accepted()
        } else {
            Judgement::rejected("known", reason)
        };
        Self { output: None, judgement, answered: known.output_sha256.is_some() }
    }

    fn reason(&self) -> Option<String> {
        (!self.judgement.accepted)
            .then(|| self.judgement.reason.clone().unwrap_or_else(|| "rejected".to_owned()))
    }
}

fn verification(
    lane: &Lane,
    function: &LaneFunction,
    flow: Flow,
    fixture: &Fixture,
    tried: &Tried,
) -> Verification {
    let deciding: Option<&Check> = tried.judgement.deciding();
    Verification {
        deployment: Arc::clone(&lane.deployment),
        function: function.name.clone(),
        flow,
        input: Arc::clone(&fixture.name),
        accepted: tried.judgement.accepted,
        reason: tried.reason().map(Into::into),
        metric: deciding.map_or(ANSWER, |check| check.name.as_ref()).into(),
        value: deciding.and_then(|check| check.value),
        limit: deciding.and_then(|check| check.limit),
        output_sha256: tried.output.as_ref().map(|bytes| Digest::of(bytes).as_str().into()),
    }
}
