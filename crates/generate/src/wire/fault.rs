//! Responses that are no replies: what went wrong, and whether it is worth asking again.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::{json, limits};
use crate::attempt::Response;

/// The most that is quoted of what a server said.
const LONGEST_QUOTE: usize = 300;

/// Why a response holds no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Asking again would change nothing.
    Fatal {
        /// Why.
        cause: Cause,
        /// In the server's words.
        said: String,
    },
    /// Asking again later may do.
    Later {
        /// The server's own wish: not before this has passed.
        after: Option<Duration>,
        /// Whether there were too many requests, rather than a server that failed.
        busy: bool,
        /// In the server's words.
        said: String,
    },
    /// The answer cannot be understood, and why.
    Unreadable(String),
}

/// Why asking again would change nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The key is not valid, or may not do this.
    BadKey,
    /// A quota is used up for longer than one waits.
    NoQuota,
    /// There is no money left.
    NoBalance,
    /// The model is retired, or never was.
    NoSuchModel,
    /// There is no such API at this address.
    NoSuchPlace,
    /// Nobody at this address can show that it is the server that is meant.
    Untrusted,
    /// The question itself will not be answered.
    RefusedContent,
    /// The request is not what the API takes.
    BadRequest,
}

impl Cause {
    /// A word for records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadKey => "bad key",
            Self::NoQuota => "no quota",
            Self::NoBalance => "no balance",
            Self::NoSuchModel => "no such model",
            Self::NoSuchPlace => "no such place",
            Self::Untrusted => "untrusted",
            Self::RefusedContent => "refused content",
            Self::BadRequest => "bad request",
        }
    }

    /// What it means, for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::BadKey => "the key is not valid, or not allowed this",
            Self::NoQuota => "a quota is used up",
            Self::NoBalance => "there is no money on the account",
            Self::NoSuchModel => "the model is retired, or there never was one of this name",
            Self::NoSuchPlace => "there is no such API at this address",
            Self::Untrusted => "the server cannot prove that it is the one at this address",
            Self::RefusedContent => "the question was refused for its content",
            Self::BadRequest => "the request was not understood",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fatal { cause, said } => write!(f, "{}: {said}", cause.meaning()),
            Self::Later { busy: true, said, .. } => write!(f, "too many requests: {said}"),
            Self::Later { said, .. } => write!(f, "the server failed: {said}"),
            Self::Unreadable(why) => write!(f, "the answer cannot be read: {why}"),
        }
    }
}

impl std::error::Error for Fault {}

/// A response that refuses, taken apart.
pub(super) struct Refusal<'a> {
    /// The status of HTTP, or the one in the body where that is hidden behind a 200.
    pub(super) status: u16,
    /// The body's `error`, or the body itself.
    pub(super) error: &'a Value,
    /// The provider's words for machines, in lower case: code, type and status.
    pub(super) words: Vec<String>,
    /// The provider's words for people.
    pub(super) said: String,
    /// When the server wishes to be asked again.
    pub(super) after: Option<Duration>,
}

impl<'a> Refusal<'a> {
    pub(super) fn of(response: &Response, body: &'a Value) -> Self {
        // Google's streaming servers, and some gateways, put the object into a list.
        let body = body.as_array().and_then(|list| list.first()).unwrap_or(body);
        let error = json::at(body, "error").filter(|error| !error.is_null()).unwrap_or(body);
        let words = ["code", "type", "status"];
        let words = words.iter().filter_map(|key| json::text(error, key));
        let inner = json::number(error, "code").and_then(|code| u16::try_from(code).ok());
        let status = match inner.filter(|code| (400..600).contains(code)) {
            Some(code) if response.status == 200 => code,
            _ => response.status,
        };
        Self {
            status,
            error,
            words: words.map(str::to_lowercase).collect(),
            said: said(response, body, error),
            after: limits::after(&response.headers),
        }
    }

    pub(super) fn has_word(&self, word: &str) -> bool {
        self.words.iter().any(|has| has == word)
    }

    pub(super) fn mentions(&self, words: &[&str]) -> bool {
        let said = self.said.to_lowercase();
        words.iter().any(|word| said.contains(word))
    }

    pub(super) fn fatal(&self, cause: Cause) -> Fault {
        Fault::Fatal { cause, said: self.said.clone() }
    }

    pub(super) fn later(&self, after: Option<Duration>) -> Fault {
        let busy = matches!(self.status, 409 | 425 | 429) || self.has_word("rate_limit_exceeded");
        Fault::Later { after, busy, said: self.said.clone() }
    }

    /// What the words and the status mean wherever they are used.
    pub(super) fn common(&self) -> Fault {
        if let Some(cause) = self.by_word() {
            return self.fatal(cause);
        }
        match self.status {
            // A failure told in the body of a 200, without a status of its own.
            200..=299 => self.later(self.after),
            401 | 403 => self.fatal(Cause::BadKey),
            402 => self.fatal(Cause::NoBalance),
            404 | 410 if self.is_about_the_model() => self.fatal(Cause::NoSuchModel),
            300..=399 | 404 | 405 | 410 => self.fatal(Cause::NoSuchPlace),
            408 | 409 | 425 | 429 | 500.. => self.later(self.after),
            _ => self.fatal(Cause::BadRequest),
        }
    }

    fn by_word(&self) -> Option<Cause> {
        let by_word = [
            ("invalid_api_key", Cause::BadKey),
            ("insufficient_quota", Cause::NoQuota),
            ("billing_hard_limit_reached", Cause::NoBalance),
            ("billing_not_active", Cause::NoBalance),
            ("insufficient_balance", Cause::NoBalance),
            ("model_not_found", Cause::NoSuchModel),
            ("model_not_available", Cause::NoSuchModel),
            ("invalid_prompt", Cause::RefusedContent),
            ("content_filter", Cause::RefusedContent),
            ("content_policy_violation", Cause::RefusedContent),
            ("invalid_request_error", Cause::BadRequest),
        ];
        let known = by_word.iter().find(|(word, _)| self.has_word(word));
        match known.map(|&(_, cause)| cause) {
            // This word covers everything from a key to a model: the status is more exact.
            Some(Cause::BadRequest) if self.status != 200 => None,
            found => found,
        }
    }

    fn is_about_the_model(&self) -> bool {
        self.mentions(&["model"])
            && self.mentions(&["not found", "not exist", "not supported", "no longer", "unknown"])
    }
}

/// What a refusal says, in one line fit for a terminal.
fn said(response: &Response, body: &Value, error: &Value) -> String {
    let message = json::text(error, "message")
        .or_else(|| error.as_str())
        .or_else(|| json::text(body, "message"))
        .or_else(|| json::text(body, "detail"));
    match message.map(quote).filter(|message| !message.is_empty()) {
        Some(message) => format!("{message} (HTTP status {})", response.status),
        None => format!("HTTP status {}, without a reason", response.status),
    }
}

/// The beginning of someone's words, on one line and without control characters.
pub(super) fn quote(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
