//! What each provider's API looks like: a question as a request, a response as a reply or a fault.
//!
//! All of it is a pure function of bytes: the same question gives the same request, and a response
//! that was kept can be read again. Whatever a server sends is survived; what is missing from an
//! answer is left out of the reply, and what cannot be understood is a fault that says so.

mod chat;
mod fault;
mod gemini;
mod json;
mod limits;
mod openai;

use serde_json::Value;

pub use fault::{Cause, Fault};

use crate::attempt::{Question, Reply, Request, Response, Usage};
use crate::key::REDACTED;
use crate::provider::Provider;
use fault::Refusal;

/// One API.
trait Wire: Sync {
    /// Where a question goes, below the provider's address.
    fn path(&self, model: &str) -> String;

    /// The question as the API wants it.
    fn body(&self, question: &Question) -> Value;

    /// The header that carries the key, and what stands before the key in it.
    fn key_header(&self) -> (&'static str, &'static str) {
        ("authorization", "Bearer ")
    }

    /// What an accepted question was answered with.
    fn reply(&self, answer: &Value) -> Result<Reply, Fault>;

    /// What was counted.
    fn usage(&self, answer: &Value) -> Usage;

    /// What only this API says by way of refusal; the rest is common to all.
    fn cause(&self, refusal: &Refusal<'_>) -> Option<Fault>;
}

impl Provider {
    fn wire(self) -> &'static dyn Wire {
        match self {
            Self::OpenAi => &openai::Responses,
            Self::Gemini => &gemini::GenerateContent,
            Self::DeepSeek => &chat::Chat::DeepSeek,
            Self::Compatible => &chat::Chat::Compatible,
        }
    }

    /// The request that asks a question below an address, without the key.
    #[must_use]
    pub fn request(self, base_url: &str, question: &Question) -> Request {
        let wire = self.wire();
        let (key_header, _) = wire.key_header();
        let headers = [
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("user-agent", "photofinish"),
            (key_header, REDACTED),
        ];
        Request {
            url: format!("{}{}", base_url.trim_end_matches('/'), wire.path(&question.model)),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: wire.body(question).to_string().into_bytes(),
        }
    }

    /// The header that carries the key, and what stands before the key in it.
    pub(crate) fn key_header(self) -> (&'static str, &'static str) {
        self.wire().key_header()
    }

    /// What a response says.
    pub fn read(self, response: &Response) -> Result<Reply, Fault> {
        let wire = self.wire();
        let body = json::read(&response.body);
        if !(200..300).contains(&response.status) {
            let body = body.unwrap_or(Value::Null);
            return Err(refused(wire, &Refusal::of(response, &body)));
        }
        let answer = body.map_err(Fault::Unreadable)?;
        // Some gateways say 200 and put the refusal into the body, with the status in its code.
        if json::at(&answer, "error").is_some_and(|error| !error.is_null()) {
            return match wire.reply(&answer) {
                Err(fault) if json::at(&answer, "output").is_some() => Err(fault),
                _ => Err(refused(wire, &Refusal::of(response, &answer))),
            };
        }
        wire.reply(&answer)
    }

    /// What a response counted, whether or not it could be read as a reply: what failed may have
    /// been paid for too.
    #[must_use]
    pub fn usage(self, response: &Response) -> Usage {
        json::read(&response.body)
            .map_or_else(|_| Usage::default(), |body| self.wire().usage(&body))
    }
}

fn refused(wire: &dyn Wire, refusal: &Refusal<'_>) -> Fault {
    wire.cause(refusal).unwrap_or_else(|| refusal.common())
}
