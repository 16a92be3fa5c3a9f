//! The ledger as the one who is told of attempts.

use std::sync::{Mutex, PoisonError};

use crate::asking::{Recorder, Unrecorded};
use crate::attempt::{Attempt, Request, Usage};
use crate::ledger::entry::{Asked, Billed, IntentId, Reading, Task};
use crate::ledger::{Ledger, LedgerError};
use crate::provider::Provider;

/// Enters the attempts at one answer. Several may share a ledger.
pub struct Recording<'a> {
    ledger: &'a Mutex<Ledger>,
    subject: Subject<'a>,
    attempts: u32,
    open: Option<IntentId>,
}

/// What stays the same from one attempt to the next.
pub struct Subject<'a> {
    /// The answer that is wanted.
    pub task: Task,
    /// Who is asked.
    pub provider: Provider,
    /// The model that is asked for.
    pub model: String,
    /// How hard it is asked to think.
    pub effort: Option<String>,
    /// What tokens cost, where that is known.
    pub price: &'a (dyn Fn(&Usage) -> Option<f64> + Sync),
}

impl<'a> Recording<'a> {
    /// For one answer; attempts are counted on from those that are in the ledger already.
    #[must_use]
    pub fn of(ledger: &'a Mutex<Ledger>, subject: Subject<'a>) -> Self {
        let made =
            held(ledger).records().intents().filter(|(_, it)| it.task == subject.task).count();
        let attempts = u32::try_from(made).unwrap_or(u32::MAX);
        Self { ledger, subject, attempts, open: None }
    }

    fn begin(&mut self, request: &Request) -> Result<IntentId, LedgerError> {
        self.attempts = self.attempts.saturating_add(1);
        held(self.ledger).intend(&Asked {
            task: self.subject.task.clone(),
            attempt: self.attempts,
            provider: self.subject.provider.as_str().to_owned(),
            model: self.subject.model.clone(),
            effort: self.subject.effort.clone(),
            request: request.clone(),
        })
    }

    fn reading(&self, attempt: &Attempt) -> Option<Reading> {
        let response = attempt.outcome.as_ref().ok()?;
        let reply = self.subject.provider.read(response).ok()?;
        Some(Reading::of(&reply, (self.subject.price)(&reply.usage)))
    }

    /// What a response that is no answer says was used.
    fn billed(&self, attempt: &Attempt) -> Option<Billed> {
        let usage = self.subject.provider.usage(attempt.outcome.as_ref().ok()?);
        let cost_usd = (self.subject.price)(&usage);
        (usage != Usage::default()).then_some(Billed { usage, cost_usd })
    }
}

impl Recorder for Recording<'_> {
    fn intent(&mut self, request: &Request, _sent_at: &str) -> Result<(), Unrecorded> {
        self.open = Some(self.begin(request)?);
        Ok(())
    }

    fn outcome(&mut self, attempt: &Attempt) -> Result<(), Unrecorded> {
        let intent = self.open.take().ok_or("an outcome came without its intent")?;
        let reading = self.reading(attempt);
        let billed = if reading.is_none() { self.billed(attempt) } else { None };
        Ok(held(self.ledger).conclude(intent, attempt, reading.as_ref(), billed)?)
    }
}

/// A writer that panicked left whole entries behind: what follows is entered all the same.
fn held(ledger: &Mutex<Ledger>) -> std::sync::MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}
