//! What a study has cost on AWS by its own books, counted from above: AWS bills hours late, so a
//! study that is to keep to a limit must count for itself.
//!
//! - A call: its billed time (inits are in it) and the request; two PUTs and two GETs (the function
//!   reads its input and writes its output, the client puts the one and gets the other); a KB of
//!   log; and its output's bytes over the internet, unless the client is in the region.
//! - Where no REPORT tells the billed time, a call counts as long as the client waited for its
//!   answer, and one that nobody saw the end of, as one that ran into its time limit. One that was
//!   not sent, or refused, did not run: it counts as a request and a line of log.
//! - A pass: two requests that take away what it read and wrote, at the price of PUTs.
//! - A block: a call of the function that does nothing, as long as such a call may take, and a HEAD.
//! - An execution of a state machine, beside its calls: an Express request and its GB-seconds; the
//!   longest that there can be, where nobody knows its end.
//! - A trial of the verification: as a call and a pass.
//! - Something that was put in place, and for which code may have gone through the bucket: a PUT
//!   and a GET.

use std::collections::HashMap;
use std::sync::Arc;

use photofinish_study::record::{Execution, Invocation, Status};
use photofinish_study::{Architecture, Deployment, Target};

use crate::orchestration::{EXPRESS_DURATION, EXPRESS_REQUEST, charged};
use crate::price::{PriceBook, gb_seconds};

/// What one call writes to the log, in GB: START, END and REPORT, and as much again.
const LOGGED_GB: f64 = 1e-6;
/// A call of the function that does nothing: its memory, and the longest that it can take.
const NOTHING_MB: u32 = 128;
const NOTHING_MS: f64 = 3_000.0;
/// The longest that an Express execution can take.
const LONGEST_MS: f64 = 300_000.0;
const BYTES_PER_GB: f64 = (1_u64 << 30) as f64;

/// Statuses of calls that never ran.
const NEVER_RAN: [&str; 2] = ["not sent", "refused"];

/// Where the client reads the outputs from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// In the functions' region: what it reads costs no transfer.
    InTheRegion,
    /// Anywhere else.
    Outside,
}

/// What a study's doings cost.
#[derive(Debug, Clone)]
pub struct Rates {
    /// What the provider asks.
    pub book: PriceBook,
    /// The longest that a call can take, and be charged for.
    pub timeout_ms: f64,
    /// Where the outputs go.
    pub client: Client,
}

/// A trial of the verification, as the books have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// Where its function runs.
    pub target: Target,
    /// What was billed, or else how long its answer was waited for; nothing if nobody knows.
    pub billed_ms: Option<f64>,
    /// What it wrote.
    pub output_bytes: Option<u64>,
}

/// Everything that a study did on AWS.
#[derive(Debug, Clone, Copy)]
pub struct Books<'a> {
    /// Every call, of whatever phase.
    pub calls: &'a [Invocation],
    /// How many passes were begun.
    pub passes: usize,
    /// Of the passes by state machines, what the platform says of each, if anything.
    pub executions: &'a [Option<Execution>],
    /// How often the client's distance was measured.
    pub distances: usize,
    /// Every trial of the verification.
    pub trials: &'a [Trial],
    /// How many functions and layers were put in place, or tried to be.
    pub put_in_place: usize,
}

/// What a call of each deployment costs on average, where any was answered.
pub type Means = HashMap<Arc<Deployment>, f64>;

impl Rates {
    /// All of it, in US dollars.
    #[must_use]
    pub fn spent(&self, books: &Books<'_>) -> f64 {
        let calls: f64 = books.calls.iter().map(|call| self.of(call)).sum();
        let trials: f64 = books.trials.iter().map(|trial| self.trial(trial)).sum();
        let PriceBook { s3, .. } = &self.book;
        calls
            + trials
            + books.passes as f64 * self.pass()
            + books.executions.iter().map(|of| self.execution(*of)).sum::<f64>()
            + books.distances as f64 * self.distance()
            + books.put_in_place as f64 * (s3.put.of(1.0) + s3.get.of(1.0))
    }

    /// What one call has cost.
    #[must_use]
    pub fn of(&self, call: &Invocation) -> f64 {
        if NEVER_RAN.contains(&&*call.status.0) {
            return self.book.lambda.requests.of(1.0) + self.book.logs.ingestion.of(LOGGED_GB);
        }
        let answered = &*call.status.0 != Status::IN_DOUBT;
        let waited = call.client_ms.filter(|_| answered).map(|ms| ms.min(self.timeout_ms));
        let ms = call.billed_ms.or(waited).unwrap_or(self.timeout_ms);
        self.call(call.at.deployment.target, ms) + self.transfer(call.output_bytes)
    }

    /// A call that is billed so long, with what comes with every call but its output's way.
    #[must_use]
    pub fn call(&self, target: Target, billed_ms: f64) -> f64 {
        let PriceBook { s3, logs, .. } = &self.book;
        self.book.call_usd(target.architecture, target.memory_mb, billed_ms)
            + s3.put.of(2.0)
            + s3.get.of(2.0)
            + logs.ingestion.of(LOGGED_GB)
    }

    /// The most that a call can come to, but for its output's way.
    #[must_use]
    pub fn at_most(&self, target: Target) -> f64 {
        self.call(target, self.timeout_ms)
    }

    /// One execution of a state machine, without its calls; one of which nothing is known may have
    /// run as long as it can.
    #[must_use]
    pub fn execution(&self, execution: Option<Execution>) -> f64 {
        let longest = Execution { billed_ms: Some(LONGEST_MS), ..Execution::default() };
        let gb_s = execution.and_then(charged).or_else(|| charged(longest)).unwrap_or_default();
        let price = |name, amount| self.book.other(name).map_or(0.0, |price| price.of(amount));
        price(EXPRESS_REQUEST, 1.0) + price(EXPRESS_DURATION, gb_s)
    }

    /// What comes with a pass beside its calls.
    #[must_use]
    pub fn pass(&self) -> f64 {
        self.book.s3.put.of(2.0)
    }

    /// What measuring the client's distance once comes to.
    #[must_use]
    pub fn distance(&self) -> f64 {
        let dearest = [Architecture::X86_64, Architecture::Arm64]
            .map(|architecture| self.book.call_usd(architecture, NOTHING_MB, NOTHING_MS));
        dearest[0].max(dearest[1])
            + self.book.logs.ingestion.of(LOGGED_GB)
            + self.book.s3.get.of(1.0)
    }

    /// What a trial has cost.
    #[must_use]
    pub fn trial(&self, trial: &Trial) -> f64 {
        let ms = trial.billed_ms.map_or(self.timeout_ms, |ms| ms.min(self.timeout_ms));
        self.call(trial.target, ms) + self.transfer(trial.output_bytes) + self.pass()
    }

    /// What init adds to a call: it is billed like the call itself.
    #[must_use]
    pub fn init(&self, target: Target, init_ms: f64) -> f64 {
        self.book.duration(target.architecture).of(gb_seconds(target.memory_mb, init_ms))
    }

    fn transfer(&self, bytes: Option<u64>) -> f64 {
        match self.client {
            Client::InTheRegion => 0.0,
            Client::Outside => self.book.transfer.out.of(bytes.unwrap_or(0) as f64 / BYTES_PER_GB),
        }
    }

    /// What calls of each deployment cost on average, where any was answered.
    #[must_use]
    pub fn means(&self, calls: &[Invocation]) -> Means {
        let mut sums: HashMap<Arc<Deployment>, (f64, f64)> = HashMap::new();
        for call in calls.iter().filter(|call| call.billed_ms.is_some()) {
            let (sum, n) = sums.entry(Arc::clone(&call.at.deployment)).or_default();
            *sum += self.of(call);
            *n += 1.0;
        }
        sums.into_iter().map(|(deployment, (sum, n))| (deployment, sum / n)).collect()
    }

    /// What a call is expected to cost: as its deployment's calls so far, or as trials where it
    /// runs, or, before there are any, the most that it can.
    #[must_use]
    pub fn expected(&self, deployment: &Deployment, means: &Means, trials: &[Trial]) -> f64 {
        if let Some(mean) = means.get(deployment) {
            return *mean;
        }
        let alike: Vec<f64> = trials
            .iter()
            .filter(|trial| trial.target == deployment.target && trial.billed_ms.is_some())
            .map(|trial| self.trial(trial))
            .collect();
        crate::spread::mean(&alike).unwrap_or_else(|| self.at_most(deployment.target))
    }
}
