//! Where the bytes of an object are hashed and written, in their order, while the next are on their
//! way. The MD5 takes longer than all else, so nothing else keeps its thread waiting.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use s3s::{S3Error, S3Result};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::upload::Hashes;

/// So many pieces wait to be hashed at most: each is what was read at once, so 2 MB. More would be a
/// little faster, and one guest may have many uploads at a time.
const WAITING: usize = 32;
/// So many are taken at once where as many wait, so that whoever brings them is not woken for each.
const TAKEN: usize = 16;
/// So many bytes are written at once: to wake a thread for each piece costs more than to write it. No
/// thread is woken for an object that is no larger.
const PILE: usize = 1 << 20;

/// Whether someone will wait for the bytes to be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disk {
    /// They go there at once, so that little is left to wait for.
    Soon,
    /// They go there when the system sees fit.
    Whenever,
}

pub(super) struct Desk {
    to_hash: mpsc::Sender<Bytes>,
    hashing: JoinHandle<Hashes>,
    output: Output,
    pile: Vec<Bytes>,
    piled: usize,
    writer: Option<Writer>,
}

impl Desk {
    pub(super) fn open(file: File, mut hashes: Hashes, disk: Disk) -> Self {
        let (to_hash, mut pieces) = mpsc::channel::<Bytes>(WAITING);
        let hashing = tokio::task::spawn_blocking(move || {
            let mut taken = Vec::new();
            while pieces.blocking_recv_many(&mut taken, TAKEN) > 0 {
                taken.drain(..).for_each(|piece| hashes.update(&piece));
            }
            hashes
        });
        let output = Output { file: Arc::new(file), disk };
        Self { to_hash, hashing, output, pile: Vec::new(), piled: 0, writer: None }
    }

    /// Takes a piece when few enough wait. It takes none any more where the file could not be
    /// written; why is told when all is done.
    pub(super) async fn take(&mut self, piece: Bytes) -> bool {
        self.piled += piece.len();
        self.pile.push(piece.clone());
        let writing = self.piled <= PILE || self.clear().await;
        writing && self.to_hash.send(piece).await.is_ok()
    }

    /// Gives away what is piled up.
    async fn clear(&mut self) -> bool {
        self.piled = 0;
        let writer = self.writer.get_or_insert_with(|| Writer::of(self.output.clone()));
        writer.piles.send(mem::take(&mut self.pile)).await.is_ok()
    }

    /// Waits until nothing lies on it.
    pub(super) async fn done(self) -> S3Result<Hashes> {
        let Self { to_hash, hashing, output, pile, writer, .. } = self;
        drop(to_hash);
        let written = match writer {
            None => output.write(0, pile).map(|_| ()),
            Some(writer) => writer.finish(pile).await,
        };
        let hashes = hashing.await.map_err(S3Error::internal_error)?;
        written.map_err(S3Error::internal_error)?;
        Ok(hashes)
    }
}

/// A thread that writes one pile while the next grows.
struct Writer {
    piles: mpsc::Sender<Vec<Bytes>>,
    writing: JoinHandle<io::Result<()>>,
}

impl Writer {
    fn of(output: Output) -> Self {
        let (piles, mut given) = mpsc::channel::<Vec<Bytes>>(1);
        let writing = tokio::task::spawn_blocking(move || {
            let mut at = 0;
            while let Some(pile) = given.blocking_recv() {
                at = output.write(at, pile)?;
            }
            Ok(())
        });
        Self { piles, writing }
    }

    async fn finish(self, pile: Vec<Bytes>) -> io::Result<()> {
        let Self { piles, writing } = self;
        // Where it has stopped already, the reason is told below.
        let _ = piles.send(pile).await;
        drop(piles);
        writing.await.map_err(io::Error::other)?
    }
}

#[derive(Clone)]
struct Output {
    file: Arc<File>,
    disk: Disk,
}

impl Output {
    /// Writes what comes at this place; gives the place of what comes next.
    fn write(&self, at: u64, pile: Vec<Bytes>) -> io::Result<u64> {
        let mut end = at;
        for piece in pile {
            (&*self.file).write_all(&piece)?;
            end += piece.len() as u64;
        }
        if self.disk == Disk::Soon {
            begin_to_sync(&self.file, at, end - at);
        }
        Ok(end)
    }
}

/// Has the system begin to bring these bytes to the disk. Where it cannot, it brings all at the end.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "there is no safe interface to it")]
fn begin_to_sync(file: &File, from: u64, length: u64) {
    use std::os::fd::AsRawFd;

    let (Ok(from), Ok(length)) = (from.try_into(), length.try_into()) else { return };
    // SAFETY: it takes no memory of ours, and the descriptor is open for as long as the file is lent.
    unsafe {
        libc::sync_file_range(file.as_raw_fd(), from, length, libc::SYNC_FILE_RANGE_WRITE);
    }
}

#[cfg(not(target_os = "linux"))]
fn begin_to_sync(_: &File, _: u64, _: u64) {}
