//! Waiting: for what is busy, throttled, broken for a moment, or not there yet.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// How long, and how often, to try again. Pauses double from the first to the longest, each
/// cut by up to a half at random so that many callers do not come back at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// No new attempt is begun after this much waiting for one thing.
    pub deadline: Duration,
    /// The first pause.
    pub first_pause: Duration,
    /// No pause is longer.
    pub longest_pause: Duration,
    /// Attempts at a service that cannot be reached or fails by itself.
    pub attempts_when_broken: u32,
    /// How long a call is waited for beyond its function's own time limit: for a sandbox to be
    /// made, an init that takes its ten seconds twice, and the way there and back.
    pub call_margin: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(180),
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(5),
            attempts_when_broken: 4,
            call_margin: Duration::from_secs(60),
        }
    }
}

/// One pause before another look or another attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What is being done, to what.
    pub what: String,
    /// What is in the way.
    pub why: String,
    /// How long this pause is.
    pub pause: Duration,
}

/// Who is told of waits.
pub(crate) type Listener = Arc<dyn Fn(&Wait) + Send + Sync>;

/// How something is tried again, and who is told.
#[derive(Clone)]
pub(crate) struct Persistence {
    pub(crate) patience: Patience,
    pub(crate) listener: Option<Listener>,
}

/// A run of attempts at one thing.
pub(crate) struct Attempts<'a> {
    persistence: &'a Persistence,
    at: Place,
    began: Instant,
    made: u32,
}

impl Attempts<'_> {
    /// Waits before the next attempt; false once patience is at its end.
    pub(crate) async fn pause(&mut self, why: &str) -> bool {
        let patience = self.persistence.patience;
        if self.began.elapsed() >= patience.deadline {
            return false;
        }
        let longest =
            patience.first_pause.saturating_mul(1 << self.made.min(16)).min(patience.longest_pause);
        self.made += 1;
        let pause = longest.mul_f64(0.5 + fastrand::f64() / 2.0);
        if let Some(listener) = &self.persistence.listener {
            let what = format!("{} {}", self.at.doing, self.at.resource);
            listener(&Wait { what, why: why.to_owned(), pause });
        }
        tokio::time::sleep(pause).await;
        true
    }
}

impl Persistence {
    pub(crate) fn attempts(&self, at: Place) -> Attempts<'_> {
        Attempts { persistence: self, at, began: Instant::now(), made: 0 }
    }

    /// Tries until it works, fails for good, or patience ends; then the last failure stands.
    pub(crate) async fn persist<T, F>(&self, at: Place, attempt: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut attempts = self.attempts(at);
        loop {
            let error = match attempt().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let worth_it = match error.kind() {
                Kind::Throttled | Kind::Conflict => true,
                Kind::Network | Kind::Unavailable => {
                    attempts.made + 1 < self.patience.attempts_when_broken
                }
                _ => false,
            };
            if !worth_it || !attempts.pause(error.cause()).await {
                return Err(error);
            }
        }
    }

    /// The same for something that was made a moment ago, and may not be seen from everywhere yet.
    pub(crate) async fn just_made<T, F>(
        &self,
        at: Place,
        attempt: impl Fn() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.persist(at, || async {
            attempt().await.map_err(|error| match error.kind() {
                Kind::NotFound => error.of_kind(Kind::Conflict),
                _ => error,
            })
        })
        .await
    }
}

impl Cloud {
    pub(crate) fn attempts(&self, at: Place) -> Attempts<'_> {
        self.persistence.attempts(at)
    }

    pub(crate) async fn persist<T, F>(&self, at: Place, attempt: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.persistence.persist(at, attempt).await
    }

    pub(crate) async fn just_made<T, F>(
        &self,
        at: Place,
        attempt: impl Fn() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.persistence.just_made(at, attempt).await
    }

    /// The same connection, also keeping the waits it tells of.
    pub(crate) fn recording(&self) -> (Self, Recording) {
        let recording = Recording::default();
        let (kept, told) = (recording.clone(), self.persistence.listener.clone());
        let cloud = self.clone().with_listener(move |wait| {
            kept.0.lock().unwrap_or_else(PoisonError::into_inner).push(wait.clone());
            if let Some(told) = &told {
                told(wait);
            }
        });
        (cloud, recording)
    }
}

/// The waits of one piece of work.
#[derive(Clone, Default)]
pub(crate) struct Recording(Arc<Mutex<Vec<Wait>>>);

impl Recording {
    pub(crate) fn take(&self) -> Vec<Wait> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
