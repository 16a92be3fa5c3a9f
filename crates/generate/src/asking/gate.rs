//! What all questions to one provider share: how many are under way, and a wait that it asked for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::clock::Clock;

pub(super) struct Gate {
    places: Semaphore,
    closed_until: Mutex<Duration>,
}

impl Gate {
    pub(super) fn of(at_once: usize) -> Self {
        let places = Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS));
        Self { places, closed_until: Mutex::new(Duration::ZERO) }
    }

    /// Whoever was told to wait speaks for all: the limit is the account's.
    pub(super) fn close_until(&self, moment: Duration) {
        let mut until = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = moment.max(*until);
    }

    /// Waits for a place, and until the gate is open.
    pub(super) async fn enter(&self, clock: &dyn Clock) -> SemaphorePermit<'_> {
        let permit = self.places.acquire().await.expect("the semaphore is never closed");
        loop {
            let until = *self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(left) = until.checked_sub(clock.now()).filter(|left| !left.is_zero()) else {
                return permit;
            };
            clock.sleep(left).await;
        }
    }
}
