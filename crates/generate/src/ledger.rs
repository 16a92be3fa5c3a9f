//! The ledger: every attempt to have a model answer, append-only, so that what was asked and what
//! was answered can be shown to others, and replayed by them without a network or a key.
//!
//! A folder with one line of JSON for each entry in `ledger.jsonl`, and each body as it was sent or
//! received under its hash in `bodies/`. Each line carries the SHA-256 of the line before (its bytes
//! without the line end), the first one that of the text `photofinish ledger`: no line can be
//! changed, moved or taken out without breaking the chain, and any tool can check it. That the last
//! ones were cut off is seen by whoever noted the chain's head (`Records::was_at`); so is a chain
//! that was written anew from some line on.
//!
//! An intent is on the disk before its request is sent, an outcome before it is used. What a kill
//! leaves without an outcome is in doubt: it may have cost money. A line that a kill left half
//! written is put aside as it is, and an entry says so. There is one writer at a time.
//!
//! Keys have no business here. Headers and parts of an address that usually carry one are redacted
//! once more before anything is written.

mod difference;
mod entry;
mod error;
mod lines;
mod recording;
mod records;
mod replay;
mod secrets;

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use photofinish_study::{Digest, now};

pub use difference::{Change, Difference};
pub use entry::{
    Arrival, Asked, Billed, Entry, Intent, IntentId, Kept, Outcome, Pasted, Reading, Received,
    Sent, Task, Torn, What,
};
pub use error::LedgerError;
pub use recording::{Recording, Subject};
pub use records::{Broken, Records, Verified};
pub use replay::{Miss, Nearest, Replay, Unanswered};

use crate::attempt::Attempt;
use entry::Line;

/// A ledger open for writing; it alone may write until it is dropped.
#[derive(Debug)]
pub struct Ledger {
    records: Records,
    file: File,
    length: u64,
    _lock: File,
}

impl Ledger {
    /// The file of its lines.
    pub const FILE: &str = "ledger.jsonl";
    /// The folder of its bodies.
    pub const BODIES: &str = "bodies";
    const LOCK: &str = "ledger.lock";

    /// Opens the ledger in this folder, or begins it. A half-written last line is put aside.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let bodies = folder.join(Self::BODIES);
        fs::create_dir_all(&bodies).map_err(|source| LedgerError::file(&bodies, source))?;
        let lock = lock(&folder.join(Self::LOCK))?;
        let path = folder.join(Self::FILE);
        let failed = |source| LedgerError::file(&path, source);
        let file = File::options().append(true).create(true).open(&path).map_err(failed)?;
        sync_folder(folder)?;
        let records = Records::read(folder)?;
        let length = records.length;
        let mut ledger = Self { records, file, length, _lock: lock };
        if let Some(torn) = ledger.records.torn.take() {
            ledger.put_aside(torn)?;
        }
        Ok(ledger)
    }

    /// What it holds.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// A request is about to be sent.
    pub fn intend(&mut self, asked: &Asked) -> Result<IntentId, LedgerError> {
        let request = &asked.request;
        let intent = Intent {
            task: asked.task.clone(),
            attempt: asked.attempt,
            provider: asked.provider.clone(),
            model: asked.model.clone(),
            effort: asked.effort.clone(),
            request: Sent {
                url: secrets::without_keys(&request.url),
                headers: secrets::without_values(&request.headers),
                body: self.keep(&request.body)?,
            },
        };
        self.append(What::Intent(intent)).map(IntentId)
    }

    /// What became of it; with what was understood of the response, if it could be read, else with
    /// what it says was used.
    pub fn conclude(
        &mut self,
        intent: IntentId,
        attempt: &Attempt,
        reading: Option<&Reading>,
        billed: Option<Billed>,
    ) -> Result<(), LedgerError> {
        if !self.records.is_in_doubt(intent) {
            return Err(LedgerError::NotIntended(intent.number()));
        }
        let arrival = match &attempt.outcome {
            Ok(response) => Arrival::Response(Received {
                status: response.status,
                headers: secrets::without_values(&response.headers),
                body: self.keep(&response.body)?,
            }),
            Err(failure) => Arrival::Failure(secrets::without_keys_in(failure)),
        };
        let outcome = Outcome {
            of: intent.number(),
            sent_at: attempt.sent_at.clone(),
            took_ms: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
            arrival,
            reading: reading.cloned(),
            billed,
        };
        self.append(What::Outcome(outcome)).map(drop)
    }

    /// An answer that was pasted from elsewhere; `model` is the user's word.
    pub fn paste(&mut self, task: &Task, model: &str, answer: &[u8]) -> Result<(), LedgerError> {
        let answer = self.keep(answer)?;
        let pasted = Pasted { task: task.clone(), model: model.to_owned(), answer };
        self.append(What::Pasted(pasted)).map(drop)
    }

    fn put_aside(&mut self, torn: Torn) -> Result<(), LedgerError> {
        let path = self.records.folder.join(Self::FILE);
        let bytes = fs::read(&path).map_err(|source| LedgerError::file(&path, source))?;
        let start = usize::try_from(self.length).unwrap_or(bytes.len()).min(bytes.len());
        self.keep(&bytes[start..])?;
        self.cut_back()?;
        self.append(What::Torn(torn)).map(drop)
    }

    /// Keeps bytes under their hash, on the disk before their entry is.
    fn keep(&self, bytes: &[u8]) -> Result<Kept, LedgerError> {
        let kept = Kept::of(bytes);
        let path = self.records.body_path(&kept);
        match fs::read(&path) {
            Ok(there) if there == bytes => return Ok(kept),
            Ok(_) => return Err(LedgerError::OtherBody(path)),
            Err(_) => {}
        }
        write_whole(&path, bytes).map_err(|source| LedgerError::file(&path, source))?;
        sync_folder(&self.records.folder.join(Self::BODIES))?;
        Ok(kept)
    }

    fn append(&mut self, what: What) -> Result<u64, LedgerError> {
        let number = self.records.next_number();
        let entry = Entry { number, at: now(), what };
        let line = Line::of(entry.clone(), self.records.head().clone());
        let text = line.written();
        if let Err(source) = self.write(text.as_bytes()) {
            let failure = LedgerError::file(&self.records.folder.join(Self::FILE), source);
            self.cut_back()?;
            return Err(failure);
        }
        self.length += text.len() as u64;
        self.records.push(entry, Digest::of(text.trim_end().as_bytes()));
        Ok(number)
    }

    fn write(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.file.write_all(line)?;
        self.file.sync_data()
    }

    /// Takes what is behind the last whole line off the file.
    fn cut_back(&self) -> Result<(), LedgerError> {
        let cut = self.file.set_len(self.length).and_then(|()| self.file.sync_data());
        cut.map_err(|source| LedgerError::file(&self.records.folder.join(Self::FILE), source))
    }
}

fn lock(path: &Path) -> Result<File, LedgerError> {
    let failed = |source| LedgerError::file(path, source);
    let file =
        File::options().write(true).create(true).truncate(false).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(LedgerError::Busy(path.parent().map(PathBuf::from).unwrap_or_default()))
        }
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Written beside and renamed, so that what is there is whole.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("part");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// A name is on the disk when its folder is.
fn sync_folder(folder: &Path) -> Result<(), LedgerError> {
    let sync = File::open(folder).and_then(|folder| folder.sync_all());
    sync.map_err(|source| LedgerError::file(folder, source))
}
