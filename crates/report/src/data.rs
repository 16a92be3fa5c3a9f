//! Everything that a report shows, computed elsewhere.

use photofinish_analyse::{CostRow, Rejection, SummaryRow, VerdictRow};
use photofinish_study::record::{Invocation, Pass, Verification};
use photofinish_study::{Deployment, Flow, Name};

/// A study and what came of it.
#[derive(Debug, Clone)]
pub struct ReportData {
    /// Its name.
    pub study: String,
    /// What its application does.
    pub description: String,
    /// Too small to be quoted.
    pub demonstration: bool,
    /// Measured on the embedded platform, not on AWS.
    pub local: bool,
    /// Which flows were run.
    pub flows: Vec<Flow>,
    /// Its functions, in the order of the chain.
    pub functions: Vec<FunctionInfo>,
    /// Everyone who took part, raced or rejected.
    pub deployments: Vec<Deployment>,
    /// Each contestant with what the reader must know of its author.
    pub authors: Vec<(String, String)>,
    /// Mean, spread and quantiles.
    pub summary: Vec<SummaryRow>,
    /// Who is faster or cheaper.
    pub verdicts: Vec<VerdictRow>,
    /// What 100,000 images cost.
    pub cost: Vec<CostRow>,
    /// Each check of each output.
    pub verification: Vec<Verification>,
    /// What was not right.
    pub rejections: Vec<Rejection>,
    /// Every call.
    pub invocations: Vec<Invocation>,
    /// Every pass.
    pub passes: Vec<Pass>,
    /// The machine, the versions, the hashes.
    pub facts: Vec<(String, String)>,
    /// The code that was raced.
    pub sources: Vec<Source>,
    /// The contract's text.
    pub contract: String,
    /// How to do it again.
    pub reproduce: Vec<String>,
}

/// A function of the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Its name.
    pub name: Name,
    /// What its author expects it to be bound by.
    pub kind: String,
}

/// The code of one function of one contestant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Whose.
    pub contestant: String,
    /// Which function.
    pub function: Name,
    /// The file's text.
    pub code: String,
}
