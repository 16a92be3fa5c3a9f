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
/// So many bytes are written at once, or what there is at the end.
const PILE: usize = 256 << 10;
/// So many are written by whoever brings them: another thread would be woken for little, and keep the
/// MD5 waiting.
const SMALL: u64 = 1 << 20;

/// So many piles wait to be written at most.
const PILES: usize = 4;

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
    pile: Vec<Bytes>,
    piled: usize,
    output: Output,
    written: io::Result<()>,
    /// Where there is more than whoever brings it writes.
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
        let output = Output { file: Arc::new(file), at: 0, disk };
        let pile = Vec::new();
        Self { to_hash, hashing, pile, piled: 0, output, written: Ok(()), writer: None }
    }

    /// Takes a piece when few enough wait. It takes none any more where the file could not be
    /// written; why is told when all is done.
    pub(super) async fn take(&mut self, piece: Bytes) -> bool {
        self.piled += piece.len();
        self.pile.push(piece.clone());
        let writing = self.piled < PILE || self.clear().await;
        writing && self.to_hash.send(piece).await.is_ok()
    }

    /// Writes what is piled up, or has it written.
    async fn clear(&mut self) -> bool {
        let (pile, length) = (mem::take(&mut self.pile), mem::take(&mut self.piled));
        if self.writer.is_none() && self.output.at + length as u64 <= SMALL {
            self.written = self.output.write(pile);
            return self.written.is_ok();
        }
        let writer = self.writer.get_or_insert_with(|| Writer::of(self.output.clone()));
        writer.piles.send(pile).await.is_ok()
    }

    /// Waits until nothing lies on it.
    pub(super) async fn done(self) -> S3Result<Hashes> {
        let Self { to_hash, hashing, pile, mut output, mut written, writer, .. } = self;
        drop(to_hash);
        written = match writer {
            None => written.and_then(|()| output.write(pile)),
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
    fn of(mut output: Output) -> Self {
        let (piles, mut given) = mpsc::channel::<Vec<Bytes>>(PILES);
        let writing = tokio::task::spawn_blocking(move || {
            while let Some(pile) = given.blocking_recv() {
                output.write(pile)?;
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

/// The file, and how far it is written.
#[derive(Clone)]
struct Output {
    file: Arc<File>,
    at: u64,
    disk: Disk,
}

impl Output {
    fn write(&mut self, pile: Vec<Bytes>) -> io::Result<()> {
        let begin = self.at;
        for piece in pile {
            (&*self.file).write_all(&piece)?;
            self.at += piece.len() as u64;
        }
        if self.disk == Disk::Soon {
            begin_to_sync(&self.file, begin, self.at - begin);
        }
        Ok(())
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
