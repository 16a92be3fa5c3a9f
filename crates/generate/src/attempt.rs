//! One attempt to have a model answer: what was sent, what came back, and when, as bytes.
//!
//! What a provider makes of a question and what it understands of a response is `wire`'s; keeping
//! attempts is the ledger's. Neither ever holds a key: it is put into the headers at the moment of
//! sending, and is in none of these.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A POST as it is sent, but for the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Where to.
    pub url: String,
    /// Names in lower case; the one that carries the key says `redacted`.
    pub headers: Vec<(String, String)>,
    /// The bytes that are sent.
    pub body: Vec<u8>,
}

/// What came back, as it was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The status of HTTP.
    pub status: u16,
    /// Names in lower case, cookies left out.
    pub headers: Vec<(String, String)>,
    /// The bytes that were received.
    pub body: Vec<u8>,
}

/// A request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What was sent.
    pub request: Request,
    /// When, in UTC.
    pub sent_at: String,
    /// From the first byte sent to the last received, or to the failure.
    pub took: Duration,
    /// What came back, or why nothing did, in words.
    pub outcome: Result<Response, String>,
}

/// What is asked: a conversation that ends with the user's turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The id that the provider knows the model by.
    pub model: String,
    /// In order; a first answer has one turn, a repair has the answer and its faults besides.
    pub turns: Vec<Turn>,
    /// How hard to think, in the provider's own word; none leaves it to the provider.
    pub effort: Option<String>,
    /// The most tokens that may be written, thoughts included.
    pub max_output_tokens: u32,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks.
    pub speaker: Speaker,
    /// What is said.
    pub text: String,
}

/// Who speaks in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Whoever asks.
    User,
    /// Whoever answers.
    Model,
}

/// What a model gave, read out of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The text of the answer, thoughts left out; empty where there is none.
    pub text: String,
    /// How it ended.
    pub ending: Ending,
    /// The model that says it answered.
    pub served: Option<String>,
    /// What was counted.
    pub usage: Usage,
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// By the model's own choice.
    Complete,
    /// At a limit, named by the provider.
    CutOff(String),
    /// Refused or filtered, in the provider's words.
    Refused(String),
}

/// Tokens, as the provider counts them; nothing is made up where it does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Of the question, with what was cached.
    pub input: Option<u64>,
    /// Of the question, taken from a cache.
    pub cached: Option<u64>,
    /// Of the answer, with thoughts: what is billed as output.
    pub output: Option<u64>,
    /// Of the thoughts.
    pub reasoning: Option<u64>,
}
