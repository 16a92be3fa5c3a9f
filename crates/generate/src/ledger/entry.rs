//! What a ledger's lines say.

use std::fmt;

use photofinish_study::{Contestant, Digest, Name};
use serde::{Deserialize, Serialize};

use crate::attempt::{Ending, Reply, Request, Usage};

/// The format of the lines that are written.
pub(crate) const FORMAT: u32 = 1;

/// What the first line names as the line before it.
pub(crate) const BEGINNING: &str = "photofinish ledger";

/// Which answer: whose, and to which function.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// A variant, which of its samples, and after how many rounds of repairs.
    pub contestant: Contestant,
    /// The function that is asked for.
    pub function: Name,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.contestant, self.function)
    }
}

/// A request that is about to be sent, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The answer that is wanted.
    pub task: Task,
    /// Which attempt at it, from 1.
    pub attempt: u32,
    /// Whose interface is spoken.
    pub provider: String,
    /// The model that is asked for.
    pub model: String,
    /// How hard it is asked to think, in the provider's own word.
    pub effort: Option<String>,
    /// What is sent.
    pub request: Request,
}

/// The number of an intent's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(pub(crate) u64);

impl IntentId {
    /// The entry's number, which is its line's.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number, from 1: its line's.
    pub number: u64,
    /// When it was written, UTC.
    pub at: String,
    /// What it says.
    pub what: What,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A request is about to be sent.
    Intent(Intent),
    /// What became of it.
    Outcome(Outcome),
    /// An answer came from elsewhere.
    Pasted(Pasted),
    /// A line that a kill left half written was put aside.
    Torn(Torn),
}

/// A request, before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The answer that is wanted.
    pub task: Task,
    /// Which attempt at it, from 1.
    pub attempt: u32,
    /// Whose interface is spoken.
    pub provider: String,
    /// The model that is asked for.
    pub model: String,
    /// How hard it is asked to think.
    pub effort: Option<String>,
    /// What is sent.
    pub request: Sent,
}

/// A request as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Where to.
    pub url: String,
    /// Without what is secret.
    pub headers: Vec<(String, String)>,
    /// Its bytes.
    pub body: Kept,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The number of the intent.
    pub of: u64,
    /// When the request was sent, UTC.
    pub sent_at: String,
    /// From the first byte sent to the last received, or to the failure.
    pub took_ms: u64,
    /// What came.
    pub arrival: Arrival,
    /// What was understood of it, if it could be read.
    pub reading: Option<Reading>,
    /// What it counts, of a response that is no answer and yet says what was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billed: Option<Billed>,
}

impl Outcome {
    /// What it cost, answer or not, where that is known.
    #[must_use]
    pub fn cost_usd(&self) -> Option<f64> {
        let read = self.reading.as_ref().and_then(|reading| reading.cost_usd);
        read.or_else(|| self.billed.as_ref().and_then(|billed| billed.cost_usd))
    }
}

/// What a response that is no answer says was used: it is paid for all the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Billed {
    /// Tokens.
    pub usage: Usage,
    /// What they cost by the prices of the day, where they are known.
    pub cost_usd: Option<f64>,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// A response, of whatever status.
    Response(Received),
    /// None, for this reason.
    Failure(String),
}

/// A response as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// The status of HTTP.
    pub status: u16,
    /// Without what is secret.
    pub headers: Vec<(String, String)>,
    /// Its bytes.
    pub body: Kept,
}

/// What was understood of a response. The text itself is in the response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// How the answer ended.
    pub ending: Ending,
    /// The model that says it answered.
    pub served: Option<String>,
    /// Tokens.
    pub usage: Usage,
    /// What it cost by the prices of the day, where they are known.
    pub cost_usd: Option<f64>,
}

impl Reading {
    /// What was understood, with its price.
    #[must_use]
    pub fn of(reply: &Reply, cost_usd: Option<f64>) -> Self {
        let Reply { ending, served, usage, .. } = reply;
        Self { ending: ending.clone(), served: served.clone(), usage: *usage, cost_usd }
    }
}

/// An answer that was pasted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pasted {
    /// Which answer it is.
    pub task: Task,
    /// The model that the user names; nothing vouches for it.
    pub model: String,
    /// Its bytes.
    pub answer: Kept,
}

/// A line that a kill left half written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Torn {
    /// Its bytes.
    pub line: Kept,
}

/// Bytes that are kept beside the lines, under their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Their hash, and their file's name.
    pub sha256: Digest,
    /// How many.
    pub bytes: u64,
}

impl Kept {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { sha256: Digest::of(bytes), bytes: bytes.len() as u64 }
    }

    /// Whether the hash can be a file's name: a ledger may come from anyone.
    pub(crate) fn is_sound(&self) -> bool {
        let digits = self.sha256.as_str();
        digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    }
}

impl What {
    /// The bytes that it refers to.
    pub(crate) fn kept(&self) -> Option<&Kept> {
        match self {
            Self::Intent(intent) => Some(&intent.request.body),
            Self::Outcome(outcome) => match &outcome.arrival {
                Arrival::Response(response) => Some(&response.body),
                Arrival::Failure(_) => None,
            },
            Self::Pasted(pasted) => Some(&pasted.answer),
            Self::Torn(torn) => Some(&torn.line),
        }
    }
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) format: u32,
    pub(crate) number: u64,
    pub(crate) prev: Digest,
    pub(crate) at: String,
    pub(crate) what: What,
}

/// All that is certain of a line, whatever its format.
#[derive(Debug, Deserialize)]
pub(crate) struct LineFormat {
    pub(crate) format: u32,
}

impl Line {
    pub(crate) fn of(entry: Entry, prev: Digest) -> Self {
        Self { format: FORMAT, number: entry.number, prev, at: entry.at, what: entry.what }
    }

    pub(crate) fn entry(self) -> Entry {
        Entry { number: self.number, at: self.at, what: self.what }
    }

    /// As it stands in the file.
    pub(crate) fn written(&self) -> String {
        let line = serde_json::to_string(self).expect("a line has text for keys throughout");
        format!("{line}\n")
    }
}
