//! Asking a model until it answers, refuses, or patience ends.
//!
//! Every attempt is handed to a recorder before it is sent and again when it is over, so that a
//! kill leaves an intent without an outcome: in doubt, and maybe paid for.

mod clock;
mod gate;
mod patience;
mod transport;

use std::sync::Arc;
use std::time::Duration;

pub use clock::{Clock, WallClock};
pub use patience::Patience;

use crate::attempt::{Attempt, Question, Reply, Request, Response};
use crate::provider::{Access, Provider};
use crate::wire::{Cause, Fault};
use gate::Gate;
use patience::Tries;
use transport::{Again, Transport, Unanswered};

/// Something that could not be written down.
pub type Unrecorded = Box<dyn std::error::Error + Send + Sync>;

/// Who is told of attempts. Nothing is sent that could not be recorded first.
pub trait Recorder: Send {
    /// This is about to be sent, at a moment in UTC.
    fn intent(&mut self, request: &Request, sent_at: &str) -> Result<(), Unrecorded>;

    /// This became of it.
    fn outcome(&mut self, attempt: &Attempt) -> Result<(), Unrecorded>;

    /// There is a pause before the next attempt, and why.
    fn pause(&mut self, length: Duration, why: &Fault) {
        let _ = (length, why);
    }
}

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    /// This machine trusts no authority, so that no server can prove who it is.
    #[error("{0}; install the package `ca-certificates`, or set SSL_CERT_FILE")]
    NoCertificates(String),
    /// The HTTP client would not start.
    #[error("the HTTP client cannot start: {0}")]
    NoTransport(String),
}

/// A question that was not answered.
#[derive(Debug, thiserror::Error)]
#[error("cannot ask {provider} for `{model}`: {why}")]
pub struct Failure {
    /// Who was asked.
    pub provider: Provider,
    /// For which model.
    pub model: String,
    /// How often it was sent.
    pub attempts: u32,
    /// What stood in the way.
    pub why: WhyNot,
}

/// What stood in the way of an answer.
#[derive(Debug, thiserror::Error)]
pub enum WhyNot {
    /// Asking again would change nothing.
    #[error("{}: {said}{}", .cause.meaning(), mend(*.cause))]
    Fatal {
        /// Why.
        cause: Cause,
        /// In the server's words.
        said: String,
    },
    /// It was asked as long, or as often, as patience allows.
    #[error("gave up after {attempts} attempts in {} s; the last: {last}", .waited.as_secs())]
    GaveUp {
        /// How often it was sent.
        attempts: u32,
        /// Since the first attempt.
        waited: Duration,
        /// What the last attempt came to.
        last: Fault,
    },
    /// The server wants to be left alone for longer than patience allows.
    #[error("the server asks for a wait of {} s, longer than the {} s that are left; {last}", .asked.as_secs(), .left.as_secs())]
    TooLong {
        /// The server's wish.
        asked: Duration,
        /// What was left of the time allowed.
        left: Duration,
        /// What the last attempt came to.
        last: Fault,
    },
    /// An attempt could not be written down, so nothing more is sent.
    #[error("the attempt cannot be recorded: {0}")]
    Unrecorded(#[source] Unrecorded),
}

fn mend(cause: Cause) -> &'static str {
    match cause {
        Cause::BadKey => "; check the key in the environment",
        Cause::NoQuota => "; wait until it is renewed, or raise it with the provider",
        Cause::NoBalance => "; add money with the provider",
        Cause::NoSuchModel => "; name another model, such as its successor",
        Cause::NoSuchPlace => "; check the base_url",
        Cause::Untrusted => {
            "; check the base_url and this machine's clock; where a proxy or a server of your own \
             has its own authority, name its certificates in SSL_CERT_FILE"
        }
        Cause::RefusedContent | Cause::BadRequest => "",
    }
}

/// Asks one provider at one address. Whoever asks it at the same time shares its limits.
pub struct Client {
    access: Access,
    patience: Patience,
    transport: Transport,
    gate: Gate,
    clock: Arc<dyn Clock>,
}

impl Client {
    /// A client that has no more than `at_once` requests under way.
    pub fn new(access: Access, patience: Patience, at_once: usize) -> Result<Self, NoClient> {
        Self::with_clock(access, patience, at_once, Arc::new(WallClock::new()))
    }

    /// The same by another clock.
    pub fn with_clock(
        access: Access,
        patience: Patience,
        at_once: usize,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, NoClient> {
        let transport = Transport::to(&access.base_url, patience.one_request)?;
        Ok(Self { access, patience, transport, gate: Gate::of(at_once), clock })
    }

    /// Who is asked, and where.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The request that a question is sent as, but for the key.
    #[must_use]
    pub fn request(&self, question: &Question) -> Request {
        self.access.provider.request(&self.access.base_url, question)
    }

    /// Asks until there is an answer, a fault that no waiting mends, or no patience.
    pub async fn ask(
        &self,
        question: &Question,
        recorder: &mut dyn Recorder,
    ) -> Result<Reply, Failure> {
        let request = self.request(question);
        let mut tries = Tries::of(self.patience);
        loop {
            let done = self.attempt(&request, &mut tries, recorder).await;
            let next = match done {
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(fault)) => tries.next(fault, self.clock.now()),
                Err(unrecorded) => Err(WhyNot::Unrecorded(unrecorded)),
            };
            let (pause, fault) = next.map_err(|why| Failure {
                provider: self.access.provider,
                model: question.model.clone(),
                attempts: tries.made(),
                why,
            })?;
            recorder.pause(pause, &fault);
            self.clock.sleep(pause).await;
        }
    }

    async fn attempt(
        &self,
        request: &Request,
        tries: &mut Tries,
        recorder: &mut dyn Recorder,
    ) -> Result<Result<Reply, Fault>, Unrecorded> {
        let _entered = self.gate.enter(&*self.clock).await;
        let sent_at = self.clock.written();
        recorder.intent(request, &sent_at)?;
        let began = self.clock.now();
        tries.count(began);
        let sent = self.send(request).await;
        let took = self.clock.now().saturating_sub(began);
        let again = sent.as_ref().err().map(|unanswered| unanswered.again);
        let outcome = sent.map_err(|unanswered| unanswered.why);
        let attempt = Attempt { request: request.clone(), sent_at, took, outcome };
        recorder.outcome(&attempt)?;
        let done = match &attempt.outcome {
            Ok(response) => self.access.provider.read(response),
            Err(said) if again == Some(Again::Untrusted) => {
                Err(Fault::Fatal { cause: Cause::Untrusted, said: said.clone() })
            }
            Err(why) => Err(Fault::Later { after: None, busy: false, said: why.clone() }),
        };
        if let Err(Fault::Later { busy: true, after: Some(after), .. }) = &done
            && *after <= self.patience.deadline
        {
            self.gate.close_until(self.clock.now() + *after);
        }
        Ok(done)
    }

    /// The key goes in here and nowhere else, and is taken out of whatever comes back.
    async fn send(&self, request: &Request) -> Result<Response, Unanswered> {
        let (header, prefix) = self.access.provider.key_header();
        let Some(key) = &self.access.key else {
            return self.transport.send(request, header, None).await;
        };
        match self.transport.send(request, header, Some(key.header(prefix))).await {
            Ok(mut response) => {
                key.redact(&mut response);
                Ok(response)
            }
            Err(Unanswered { why, again }) => Err(Unanswered { why: key.redact_text(&why), again }),
        }
    }
}
