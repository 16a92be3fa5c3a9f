//! Where the bytes of an object are hashed and written, in their order, while the next are on their
//! way: by two threads of their own. The MD5 takes longer than all else, so nothing else keeps it
//! waiting.

use std::fs::File;
use std::io::{self, Write};
use std::mem;

use bytes::Bytes;
use s3s::{S3Error, S3Result};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::upload::Hashes;

/// So many pieces wait to be hashed at most: each is what was read at once, so 2 MB. More would be a
/// little faster, and one guest may have many uploads at a time.
const WAITING: usize = 32;
/// So many are taken at once where as many wait, so that whoever brings them is not woken for each.
const TAKEN: usize = 8;
/// So many bytes are written at once, or what there is at the end: to wake a thread for each piece
/// costs more than to write it.
const PILE: usize = 512 << 10;
/// So many piles wait to be written at most.
const PILES: usize = 1;

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
    to_write: mpsc::Sender<Vec<Bytes>>,
    pile: Vec<Bytes>,
    piled: usize,
    hashing: JoinHandle<Hashes>,
    writing: JoinHandle<io::Result<File>>,
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
        let (to_write, piles) = mpsc::channel(PILES);
        let writing = tokio::task::spawn_blocking(move || write(file, piles, disk));
        Self { to_hash, to_write, pile: Vec::new(), piled: 0, hashing, writing }
    }

    /// Takes a piece when few enough wait. It takes none any more where the file could not be
    /// written; why is told when all is done.
    pub(super) async fn take(&mut self, piece: Bytes) -> bool {
        self.piled += piece.len();
        self.pile.push(piece.clone());
        let writing = self.piled < PILE || self.clear().await;
        writing && self.to_hash.send(piece).await.is_ok()
    }

    /// Gives away what is piled up to be written.
    async fn clear(&mut self) -> bool {
        self.piled = 0;
        self.to_write.send(mem::take(&mut self.pile)).await.is_ok()
    }

    /// Waits until nothing lies on it.
    pub(super) async fn done(mut self) -> S3Result<(File, Hashes)> {
        // Where the file could not be written, that is told below.
        self.clear().await;
        let Self { to_hash, to_write, hashing, writing, .. } = self;
        drop((to_hash, to_write));
        let hashes = hashing.await.map_err(S3Error::internal_error)?;
        let written = writing.await.map_err(S3Error::internal_error)?;
        Ok((written.map_err(S3Error::internal_error)?, hashes))
    }
}

fn write(mut file: File, mut piles: mpsc::Receiver<Vec<Bytes>>, disk: Disk) -> io::Result<File> {
    let mut at = 0;
    while let Some(pile) = piles.blocking_recv() {
        let begin = at;
        for piece in pile {
            file.write_all(&piece)?;
            at += piece.len() as u64;
        }
        if disk == Disk::Soon {
            begin_to_sync(&file, begin, at - begin);
        }
    }
    Ok(file)
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
