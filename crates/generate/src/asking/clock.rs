//! Time, as it passes and as it is written down.

use std::pin::Pin;
use std::time::{Duration, Instant};

/// What tells the time, so that stories of waiting need not wait.
pub trait Clock: Send + Sync {
    /// How long it has run; never goes back.
    fn now(&self) -> Duration;

    /// The moment in RFC 3339 with milliseconds, UTC.
    fn written(&self) -> String;

    /// Lets a time pass.
    fn sleep(&self, length: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The time on the wall.
#[derive(Debug, Clone, Copy)]
pub struct WallClock(Instant);

impl WallClock {
    /// A clock that begins to run.
    #[must_use]
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for WallClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn written(&self) -> String {
        photofinish_study::now()
    }

    fn sleep(&self, length: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(length))
    }
}
