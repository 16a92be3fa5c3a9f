//! Work that goes on when whoever waited for it has gone.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::pool::Pool;

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Does its work where it is waited for, so that nobody must be woken to hear the end of it; if it
/// is let go of before that end, the rest is the pool's to do.
pub(super) struct Persistent<T: Send + 'static> {
    work: Option<Work<T>>,
    pool: Arc<Pool>,
}

impl<T: Send + 'static> Persistent<T> {
    pub(super) fn new(pool: &Arc<Pool>, work: impl Future<Output = T> + Send + 'static) -> Self {
        Self { work: Some(Box::pin(work)), pool: Arc::clone(pool) }
    }
}

impl<T: Send + 'static> Future for Persistent<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.work else { return Poll::Pending };
        let polled = work.as_mut().poll(context);
        if polled.is_ready() {
            self.work = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Persistent<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.pool.spawn(async move {
                // Nobody hears it any more.
                let _ = work.await;
            });
        }
    }
}
