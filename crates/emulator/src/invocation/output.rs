//! A guest's output on its way into the log.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::sync::Arc;

use tokio::net::unix::pipe::Receiver;
use tokio::sync::{mpsc, oneshot};

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
    buffer: Vec<u8>,
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
        Ok(Self { pipe, direct, log, buffer: vec![0; 64 << 10] })
    }

    /// Moves output into the log until the guest has ended.
    pub(crate) async fn pump(mut self, mut drains: mpsc::Receiver<oneshot::Sender<()>>) {
        loop {
            tokio::select! {
                biased;
                Some(done) = drains.recv() => {
                    // The pipe itself is asked: its readiness may not have come round yet.
                    let stopped = self.read(DRAIN_LIMIT);
                    let _ = done.send(());
                    if stopped == Stopped::Ended {
                        return;
                    }
                }
                ready = self.pipe.readable() => {
                    if ready.is_err() || self.read_piece() == Stopped::Ended {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Reads what is there in the runtime's way, which notes that the pipe is empty.
    fn read_piece(&mut self) -> Stopped {
        for _ in 0..READS_A_TURN {
            match self.pipe.try_read(&mut self.buffer) {
                Ok(0) => return Stopped::Ended,
                Ok(count) => self.log.output(&self.buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Stopped::Empty,
                Err(_) => return Stopped::Ended,
            }
        }
        Stopped::Enough
    }

    /// Reads what is there now.
    fn read(&mut self, limit: usize) -> Stopped {
        let mut taken = 0;
        while taken < limit {
            match self.direct.read(&mut self.buffer) {
                Ok(0) => return Stopped::Ended,
                Ok(count) => {
                    self.log.output(&self.buffer[..count]);
                    taken += count;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Stopped::Empty,
                Err(_) => return Stopped::Ended,
            }
        }
        Stopped::Enough
    }
}
