//! Where the bytes of an object are hashed and written, in their order, while the next are on their
//! way. The MD5 takes longer than all else, so nothing else keeps its thread waiting.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
/// Whoever brings the bytes writes them, too, for as long as that takes less: a thread woken for it
/// would run where the MD5 does. It takes more where the system lets nobody write until the disk has
/// caught up; then a thread of its own waits for that, and no other request does.
const PATIENCE: Duration = Duration::from_millis(5);
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
    patience: Duration,
    /// Where that is at an end.
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
        Self {
            to_hash,
            hashing,
            pile: Vec::new(),
            piled: 0,
            output,
            written: Ok(()),
            patience: PATIENCE,
            writer: None,
        }
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
        self.piled = 0;
        let pile = mem::take(&mut self.pile);
        if let Some(writer) = &self.writer {
            return writer.piles.send(pile).await.is_ok();
        }
        let begun = Instant::now();
        self.written = self.output.write(pile);
        if begun.elapsed() > self.patience {
            self.writer = Some(Writer::of(self.output.clone()));
        }
        self.written.is_ok()
    }

    /// Waits until nothing lies on it.
    pub(super) async fn done(self) -> S3Result<Hashes> {
        let Self { to_hash, hashing, pile, mut output, mut written, writer, .. } = self;
        drop(to_hash);
        if written.is_ok() {
            written = match writer {
                None => output.write(pile),
                Some(writer) => writer.finish(pile).await,
            };
        }
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
        // Of length zero the advice would be about the whole file.
        if self.disk == Disk::Soon && self.at > begin {
            begin_to_sync(&self.file, begin, self.at - begin);
        }
        Ok(())
    }
}

/// Has the system begin to bring these bytes to the disk; as advice it is given to no longer keep them
/// in memory, which begins with that and leaves in memory what is on its way. Where it does not, it
/// brings all at the end.
#[cfg(target_os = "linux")]
fn begin_to_sync(file: &File, from: u64, length: u64) {
    use std::num::NonZeroU64;

    use rustix::fs::{Advice, fadvise};

    let _ = fadvise(file, from, NonZeroU64::new(length), Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn begin_to_sync(_: &File, _: u64, _: u64) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::upload::Promise;

    /// Whoever brings it writes, or a thread of its own does from the second pile on.
    const WHOEVER: [Duration; 2] = [Duration::from_secs(3600), Duration::ZERO];

    async fn through(
        file: File,
        bytes: &[u8],
        piece: usize,
        patience: Duration,
    ) -> S3Result<Hashes> {
        let mut desk = Desk::open(file, Hashes::new(&Promise::default()), Disk::Soon);
        desk.patience = patience;
        for piece in bytes.chunks(piece) {
            if !desk.take(Bytes::copy_from_slice(piece)).await {
                break;
            }
        }
        assert!(patience > Duration::ZERO || bytes.len() < PILE || desk.writer.is_some());
        desk.done().await
    }

    /// Of nothing, of little, of just one pile, and of many.
    #[tokio::test]
    async fn what_comes_is_written_and_hashed_in_its_order() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
        for patience in WHOEVER {
            for length in [0, 1, PILE - 1, PILE, PILE + 1, bytes.len()] {
                for piece in [65_536, 400_000] {
                    let case = format!("{length} bytes by {piece}, {patience:?}");
                    let file = tempfile::NamedTempFile::new().expect("a file");
                    let lent = file.as_file().try_clone().expect("lent");
                    let done = through(lent, &bytes[..length], piece, patience).await;
                    let hashes = done.expect("written");
                    let written = std::fs::read(file.path()).expect("there");
                    assert!(written == bytes[..length], "{case}");
                    let expected = hex::encode(<md5::Md5 as md5::Digest>::digest(&written));
                    assert_eq!(hashes.finish(length as u64).md5, expected, "{case}");
                }
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_is_told() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for patience in WHOEVER {
            for length in [1, PILE, 3 * PILE, 20 * PILE] {
                let unwritable = File::open(file.path()).expect("open to be read");
                let told = through(unwritable, &vec![7; length], 65_536, patience).await;
                assert!(told.is_err(), "{length} bytes were written, {patience:?}");
            }
        }
    }
}
