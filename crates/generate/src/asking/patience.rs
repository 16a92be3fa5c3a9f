//! How long, and how often, to ask.

use std::time::Duration;

use super::WhyNot;
use crate::wire::Fault;

/// How long, and how often, to ask. Pauses double from the first to the longest, each cut by up to
/// a half at random so that many do not come back at once; a server's own wish is never cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// No attempt is begun after this much time with one question.
    pub deadline: Duration,
    /// How long one request may take. Thinking takes minutes, and a provider may keep a request
    /// waiting for ten before it begins.
    pub one_request: Duration,
    /// The first pause.
    pub first_pause: Duration,
    /// No pause is longer, unless the server asks for it.
    pub longest_pause: Duration,
    /// Attempts that may fail by the server's or the network's fault.
    pub attempts_when_broken: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(45 * 60),
            one_request: Duration::from_secs(20 * 60),
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(120),
            attempts_when_broken: 5,
        }
    }
}

/// The attempts at one question.
pub(super) struct Tries {
    patience: Patience,
    began: Duration,
    made: u32,
    pauses: u32,
    broken: u32,
}

impl Tries {
    pub(super) fn begin(patience: Patience, now: Duration) -> Self {
        Self { patience, began: now, made: 0, pauses: 0, broken: 0 }
    }

    /// One more is sent.
    pub(super) fn count(&mut self) {
        self.made += 1;
    }

    /// How many were sent.
    pub(super) fn made(&self) -> u32 {
        self.made
    }

    /// How long to pause before another attempt, or why there is none.
    pub(super) fn next(
        &mut self,
        fault: Fault,
        now: Duration,
    ) -> Result<(Duration, Fault), WhyNot> {
        let (after, busy) = match fault {
            Fault::Fatal { cause, said } => return Err(WhyNot::Fatal { cause, said }),
            Fault::Later { after, busy, .. } => (after, busy),
            Fault::Unreadable(_) => (None, false),
        };
        let waited = now.saturating_sub(self.began);
        let left = self.patience.deadline.saturating_sub(waited);
        if !busy {
            self.broken += 1;
        }
        if left.is_zero() || self.broken >= self.patience.attempts_when_broken {
            return Err(WhyNot::GaveUp { attempts: self.made, waited, last: fault });
        }
        if let Some(asked) = after.filter(|asked| *asked > left) {
            return Err(WhyNot::TooLong { asked, left, last: fault });
        }
        Ok((self.pause(after).min(left), fault))
    }

    fn pause(&mut self, after: Option<Duration>) -> Duration {
        let Patience { first_pause, longest_pause, .. } = self.patience;
        let longest = first_pause.saturating_mul(1 << self.pauses.min(16)).min(longest_pause);
        self.pauses += 1;
        let own = longest.mul_f64(0.5 + fastrand::f64() / 2.0);
        match after {
            // Everyone was told the same moment: some come a little later.
            Some(after) => own.max(after.saturating_add(first_pause.mul_f64(fastrand::f64()))),
            None => own,
        }
    }
}
