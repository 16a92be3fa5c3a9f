//! A guest's output on its way into the log.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::unix::pipe::Receiver;

use super::log::LogStream;

/// As much is taken at once when someone waits for what was written: a guest
/// that goes on writing must not keep its caller waiting.
const DRAIN_LIMIT: usize = 4 << 20;
const READS_A_TURN: usize = 16;

/// The pipe that is the guest's stdout and stderr.
pub(crate) struct Output {
    pipe: Receiver,
    /// The same pipe without the runtime's notion of whether it is ready, which
    /// may lag behind what the guest has written.
    direct: File,
    log: Arc<LogStream>,
    /// Whoever holds it reads, and has what was read in the log before the next one reads.
    buffer: Mutex<Vec<u8>>,
}

/// Why reading stopped.
#[derive(PartialEq, Eq)]
enum Stopped {
    Empty,
    Ended,
    Enough,
}

impl Output {
    pub(crate) fn new(pipe: Receiver, log: Arc<LogStream>) -> Result<Self, String> {
        let direct = pipe.as_fd().try_clone_to_owned();
        let direct =
            direct.map_err(|error| format!("the guest's output cannot be read: {error}"))?.into();
        Ok(Self { pipe, direct, log, buffer: Mutex::new(vec![0; 64 << 10]) })
    }

    /// Moves output into the log until the guest has ended.
    pub(crate) async fn pump(self: Arc<Self>) {
        loop {
            if self.pipe.readable().await.is_err() || self.read_piece() == Stopped::Ended {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Reads what is there in the runtime's way, which notes that the pipe is empty.
    fn read_piece(&self) -> Stopped {
        let mut buffer = self.turn();
        for _ in 0..READS_A_TURN {
            match self.pipe.try_read(&mut buffer) {
                Ok(0) => return Stopped::Ended,
                Ok(count) => self.log.output(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Stopped::Empty,
                Err(_) => return Stopped::Ended,
            }
        }
        Stopped::Enough
    }

    /// Moves what the guest has written so far into the log.
    ///
    /// The pipe itself is asked: its readiness may not have come round yet.
    pub(crate) fn drain(&self) {
        let mut buffer = self.turn();
        let mut taken = 0;
        while taken < DRAIN_LIMIT {
            match (&self.direct).read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => {
                    self.log.output(&buffer[..count]);
                    taken += count;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // Empty; or broken, which the pump finds too.
                Err(_) => return,
            }
        }
    }

    fn turn(&self) -> MutexGuard<'_, Vec<u8>> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
