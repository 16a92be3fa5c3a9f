//! What is kept of every pass, invocation and answer: the rows behind `invocations.csv`,
//! `passes.csv` and `generations.csv`.

mod generation;

use std::sync::Arc;

pub use generation::{Channel, Ending, Generation, Judgement};

use crate::words::{Deployment, Flow, Name, Orchestration, Phase, State};

/// What stands for the input of a function that was never written.
pub const NO_INPUT: &str = "no input";

/// Where in the race a pass stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// The pass's number in the journal, unique in the study.
    pub pass: u64,
    /// Which sitting, from 1.
    pub session: u32,
    /// Which set of fresh sandboxes, from 1.
    pub round: u32,
    /// Which block of the round, from 1.
    pub block: u32,
    /// Which place in the block's random order, from 1.
    pub position: u32,
    /// Why it was run.
    pub phase: Phase,
    /// Whose outputs it was given.
    pub flow: Flow,
    /// Who called one function after the other.
    pub orchestration: Orchestration,
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// The model behind the variant; none for a named source.
    pub model: Option<Arc<str>>,
    /// Which picture.
    pub image: Name,
}

/// How an attempt ended: `ok`, or a short reason why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status(pub Arc<str>);

impl Status {
    /// The one status of success.
    pub const OK: &str = "ok";
    /// The status of an attempt whose end nobody saw.
    pub const IN_DOUBT: &str = "in doubt";

    /// The status of a round that its user ended.
    pub const STOPPED: &str = "stopped";

    /// Ended before its time, by a kill or by its user: a round that is to be run anew.
    #[must_use]
    pub fn is_cut_short(&self) -> bool {
        matches!(&*self.0, Self::IN_DOUBT | Self::STOPPED)
    }

    /// Done and right.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        &*self.0 == Self::OK
    }
}

/// One image through all functions of one deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// Where in the race.
    pub at: Position,
    /// Cold if any of its invocations was, else proactive if any was, else warm.
    pub state: Option<State>,
    /// Client's wall clock, RFC 3339 with milliseconds, UTC.
    pub started_at: Arc<str>,
    /// From the first request sent to the last response received: the latest `sent_ms` +
    /// `client_ms` of its invocations. By a state machine: from its request sent to its response
    /// received.
    pub turnaround_s: Option<f64>,
    /// What the platform says of the state machine's execution; none where the client calls.
    pub execution: Option<Execution>,
    /// `ok`, or why not.
    pub status: Status,
}

/// One execution of a state machine, in the platform's own figures. Absent figures are absent,
/// never zero.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Execution {
    /// From its start to its end, by the platform's clock.
    pub duration_ms: Option<f64>,
    /// The time that it is charged for.
    pub billed_ms: Option<f64>,
    /// The memory that it is charged for.
    pub memory_mb: Option<f64>,
}

/// One call of one function. Absent figures are absent, never zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// Where in the race its pass stands.
    pub at: Arc<Position>,
    /// Which function.
    pub function: Name,
    /// Cold, proactive or warm.
    pub state: Option<State>,
    /// Client's wall clock, RFC 3339 with milliseconds, UTC.
    pub started_at: Arc<str>,
    /// Request sent, counted from the pass's first request, client's monotonic clock; absent where
    /// a state machine sent it, as `client_ms` is.
    pub sent_ms: Option<f64>,
    /// Request sent to response received, client's monotonic clock.
    pub client_ms: Option<f64>,
    /// REPORT's Duration.
    pub duration_ms: Option<f64>,
    /// REPORT's Billed Duration.
    pub billed_ms: Option<f64>,
    /// REPORT's Init Duration; only on a cold start.
    pub init_ms: Option<f64>,
    /// REPORT's Max Memory Used.
    pub max_memory_mb: Option<f64>,
    /// Inspector: CPU time of the call.
    pub cpu_ms: Option<f64>,
    /// Inspector: importing the function's module (once in a sandbox).
    pub import_ms: Option<f64>,
    /// Inspector: reading from S3.
    pub download_ms: Option<f64>,
    /// Inspector: the rest of the handler.
    pub compute_ms: Option<f64>,
    /// Inspector: writing to S3.
    pub upload_ms: Option<f64>,
    /// Size of what it was given.
    pub input_bytes: Option<u64>,
    /// Size of what it wrote.
    pub output_bytes: Option<u64>,
    /// Inspector: S3 calls made.
    pub s3_requests: Option<u32>,
    /// The sandbox's identity: its log stream's name.
    pub sandbox: Option<Arc<str>>,
    /// The processor it ran on.
    pub cpu_model: Option<Arc<str>>,
    /// `ok`, or why not.
    pub status: Status,
    /// The error's type and message, if it failed.
    pub error: Option<Arc<str>>,
    /// Hash of what it wrote.
    pub output_sha256: Option<Arc<str>>,
    /// What this call costs at the price book's prices: compute and request.
    pub cost_usd: Option<f64>,
}

/// One check of one output, for `verification.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Which function.
    pub function: Name,
    /// Whose outputs it was given.
    pub flow: Flow,
    /// Which input.
    pub input: Arc<str>,
    /// Whether the contract holds.
    pub accepted: bool,
    /// Why not, in a sentence.
    pub reason: Option<Arc<str>>,
    /// The check that decided (the nearest to its limit, or the one that failed).
    pub metric: Arc<str>,
    /// What was found.
    pub value: Option<f64>,
    /// What was allowed.
    pub limit: Option<f64>,
    /// Hash of the output.
    pub output_sha256: Option<Arc<str>>,
}
