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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::upload::Promise;

    async fn through(file: File, bytes: &[u8], piece: usize) -> S3Result<Hashes> {
        let mut desk = Desk::open(file, Hashes::new(&Promise::default()), Disk::Soon);
        for piece in bytes.chunks(piece) {
            if !desk.take(Bytes::copy_from_slice(piece)).await {
                break;
            }
        }
        desk.done().await
    }

    /// Whoever writes: of nothing, of little, of just as much as is little, and of more.
    #[tokio::test]
    async fn what_comes_is_written_and_hashed_in_its_order() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|i| (i % 251) as u8).collect();
        let small = usize::try_from(SMALL).expect("it is small");
        for length in [0, 1, PILE - 1, PILE, small - 1, small, small + 1, bytes.len()] {
            for piece in [65_536, 400_000] {
                let file = tempfile::NamedTempFile::new().expect("a file");
                let lent = file.as_file().try_clone().expect("lent");
                let hashes = through(lent, &bytes[..length], piece).await.expect("written");
                let written = std::fs::read(file.path()).expect("there");
                assert!(written == bytes[..length], "{length} bytes by {piece}");
                let expected = hex::encode(<md5::Md5 as md5::Digest>::digest(&bytes[..length]));
                assert_eq!(hashes.finish(length as u64).md5, expected, "{length} by {piece}");
            }
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_is_told() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let small = usize::try_from(SMALL).expect("it is small");
        for length in [1, PILE, small, 4 * small] {
            let unwritable = File::open(file.path()).expect("open to be read");
            let told = through(unwritable, &vec![7; length], 65_536).await;
            assert!(told.is_err(), "{length} bytes were written to a file that cannot be");
        }
    }
}
