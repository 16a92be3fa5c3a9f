//! Ctrl-C: the first asks the stage at hand to come to an end, the second ends it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// Whether the user wants to stop.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
    first: Arc<Notify>,
    again: Arc<Notify>,
}

impl Interrupt {
    /// Listens for SIGINT and SIGTERM from now on. Needs a tokio runtime around it.
    pub(crate) fn listen() -> Self {
        let interrupt =
            Self { asked: Arc::default(), first: Arc::default(), again: Arc::default() };
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            let heard = interrupt.clone();
            // Where signals cannot be listened to they end the process, as they always did.
            let Ok(mut signals) = signal(kind) else { continue };
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    heard.hear();
                }
            });
        }
        interrupt
    }

    fn hear(&self) {
        if self.asked.swap(true, Ordering::Relaxed) {
            self.again.notify_one();
        } else {
            self.first.notify_one();
        }
    }

    /// Set once the user has asked.
    pub(crate) fn asked(&self) -> &AtomicBool {
        &self.asked
    }

    /// Ends when the user has asked.
    pub(crate) async fn once(&self) {
        self.first.notified().await;
    }

    /// Ends when the user has asked a second time. The first time it is told what is still waited for.
    pub(crate) async fn twice(&self, at_hand: &str) {
        self.once().await;
        eprintln!("stopping after {at_hand}; again to stop at once");
        self.again.notified().await;
    }
}
