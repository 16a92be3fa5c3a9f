//! Invocations that nobody waits for: accepted, run later, and tried again where they failed.
//!
//! They wait in memory: what is not done when the emulator stops is not done.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::service::Lambda;
use crate::invocation::Invocation;

/// What an asynchronous event may be long.
pub(super) const EVENT_LIMIT: usize = 1 << 20;

/// How long Lambda waits before it tries a failed event again, and so how often.
const RETRIES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];
/// An event that finds no place waits at first so long, then twice as long each time, …
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// … but never longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// An event that found no place for so long is given up.
const OLDEST: Duration = Duration::from_secs(6 * 60 * 60);

/// What is done next about an event.
enum Next {
    Wait(Duration),
    Nothing,
}

/// An event on its way, with its luck so far.
struct Delivery {
    function: String,
    invocation: Invocation,
    accepted: Instant,
    failures: usize,
    wait: Duration,
}

impl Lambda {
    /// Runs it when there is a place for it.
    pub(super) fn invoke_later(self: &Arc<Self>, function: String, invocation: Invocation) {
        let lambda = Arc::downgrade(self);
        let delivery = Delivery {
            function,
            invocation,
            accepted: Instant::now(),
            failures: 0,
            wait: FIRST_WAIT,
        };
        self.pool.spawn(delivery.deliver(lambda));
    }
}

impl Delivery {
    /// An emulator that is let go of meanwhile must not be kept alive by what waits in it.
    async fn deliver(mut self, lambda: Weak<Lambda>) {
        while let Some(lambda_now) = lambda.upgrade() {
            let next = self.attempt(&lambda_now).await;
            drop(lambda_now);
            match next {
                Next::Wait(delay) => sleep(delay).await,
                Next::Nothing => return,
            }
        }
    }

    /// Each attempt is of the function as it is by then.
    async fn attempt(&mut self, lambda: &Arc<Lambda>) -> Next {
        let deployment =
            lambda.function(&self.function).and_then(|record| lambda.deployed(&record));
        let Ok(deployment) = deployment else {
            return Next::Nothing;
        };
        match lambda.pool.invoke(deployment, self.invocation.clone()).await {
            Ok(invoked) if invoked.outcome.error_type().is_none() => Next::Nothing,
            Ok(_) => {
                self.failures += 1;
                RETRIES.get(self.failures - 1).map_or(Next::Nothing, |delay| Next::Wait(*delay))
            }
            Err(_) if self.accepted.elapsed() < OLDEST => {
                let wait = self.wait;
                self.wait = (wait * 2).min(LONGEST_WAIT);
                Next::Wait(wait)
            }
            Err(_) => Next::Nothing,
        }
    }
}
