//! Reading a ledger: by its writer, or by anyone who was given a copy.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use photofinish_study::Digest;

use crate::ledger::entry::{
    BEGINNING, Entry, FORMAT, Intent, IntentId, Kept, Line, LineFormat, Outcome, Torn, What,
};
use crate::ledger::{Ledger, LedgerError};

/// What a ledger holds. Reading needs no lock and changes nothing.
#[derive(Debug)]
pub struct Records {
    pub(crate) folder: PathBuf,
    /// Bytes up to the end of the last whole line.
    pub(crate) length: u64,
    pub(crate) torn: Option<Torn>,
    entries: Vec<Entry>,
    heads: Vec<Digest>,
    in_doubt: BTreeSet<u64>,
}

/// A ledger whose chain holds and whose bodies are all there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: u64,
    /// The hash of its last line: who noted it can tell later whether anything was cut off.
    pub head: Digest,
}

/// A ledger that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {line}: {why}", file.display())]
pub struct Broken {
    /// The file of its lines.
    pub file: PathBuf,
    /// The first line that is wrong.
    pub line: u64,
    /// In what way.
    pub why: String,
}

impl Records {
    /// Reads the ledger in this folder as far as it is whole, and checks its chain. None yet is an
    /// empty one.
    pub fn read(folder: &Path) -> Result<Self, LedgerError> {
        let path = folder.join(Ledger::FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(LedgerError::file(&path, source)),
        };
        Ok(Self::of(folder, &bytes)?)
    }

    fn of(folder: &Path, bytes: &[u8]) -> Result<Self, Broken> {
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let (lines, tail) = bytes.split_at(whole);
        let torn = (!tail.is_empty()).then(|| Torn { line: Kept::of(tail) });
        let mut records = Self {
            folder: folder.to_owned(),
            length: whole as u64,
            torn,
            entries: Vec::new(),
            heads: vec![Digest::of(BEGINNING.as_bytes())],
            in_doubt: BTreeSet::new(),
        };
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            let line = &line[..line.len() - 1];
            let entry = records.understood(line).map_err(|why| records.broken(why))?;
            records.push(entry, Digest::of(line));
        }
        Ok(records)
    }

    /// Whether everything is as it was written: the chain, and each body by its hash.
    pub fn verify(&self) -> Result<Verified, Broken> {
        let path = self.folder.join(Ledger::FILE);
        let broken = |line, why| Broken { file: path.clone(), line, why };
        let bytes = std::fs::read(&path).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound if self.entries.is_empty() => Ok(Vec::new()),
            _ => Err(broken(1, format!("it cannot be read: {error}"))),
        })?;
        let written = Self::of(&self.folder, &bytes)?;
        for entry in &written.entries {
            let Some(kept) = entry.what.kept() else { continue };
            written.body(kept).map_err(|why| broken(entry.number, why))?;
        }
        if !written.was_at(self.head()) {
            let why = "entries that were there are there no more".to_owned();
            return Err(broken(written.next_number(), why));
        }
        Ok(Verified { entries: written.entries.len() as u64, head: written.head().clone() })
    }

    /// Its entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The hash of its last line.
    #[must_use]
    pub fn head(&self) -> &Digest {
        self.heads.last().expect("the beginning is always there")
    }

    /// Whether this hash was its head once: everything up to there is in it still.
    #[must_use]
    pub fn was_at(&self, head: &Digest) -> bool {
        self.heads.contains(head)
    }

    /// A half-written last line that no writer has put aside yet.
    #[must_use]
    pub fn torn(&self) -> Option<&Torn> {
        self.torn.as_ref()
    }

    /// The requests of which nothing is known but that they were to be sent.
    pub fn in_doubt(&self) -> impl Iterator<Item = (IntentId, &Intent)> {
        self.intents().filter(|(id, _)| self.is_in_doubt(*id))
    }

    /// Each request, in order.
    pub fn intents(&self) -> impl DoubleEndedIterator<Item = (IntentId, &Intent)> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            What::Intent(intent) => Some((IntentId(entry.number), intent)),
            _ => None,
        })
    }

    /// What became of a request, if that is known.
    #[must_use]
    pub fn outcome(&self, intent: IntentId) -> Option<&Outcome> {
        self.entries.iter().find_map(|entry| match &entry.what {
            What::Outcome(outcome) if outcome.of == intent.number() => Some(outcome),
            _ => None,
        })
    }

    /// Bytes that an entry refers to, or in words why they cannot be had.
    pub fn body(&self, kept: &Kept) -> Result<Vec<u8>, String> {
        if !kept.is_sound() {
            return Err(format!("`{}` is no SHA-256", kept.sha256));
        }
        let name = format!("{}/{}", Ledger::BODIES, kept.sha256.short());
        let bytes = std::fs::read(self.body_path(kept))
            .map_err(|error| format!("its body {name}… cannot be read: {error}"))?;
        if Kept::of(&bytes) == *kept {
            Ok(bytes)
        } else {
            Err(format!("its body {name}… does not hold what its name says"))
        }
    }

    pub(crate) fn body_path(&self, kept: &Kept) -> PathBuf {
        self.folder.join(Ledger::BODIES).join(kept.sha256.as_str())
    }

    pub(crate) fn is_in_doubt(&self, intent: IntentId) -> bool {
        self.in_doubt.contains(&intent.number())
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.entries.len() as u64 + 1
    }

    pub(crate) fn push(&mut self, entry: Entry, head: Digest) {
        match &entry.what {
            What::Intent(_) => {
                self.in_doubt.insert(entry.number);
            }
            What::Outcome(outcome) => {
                self.in_doubt.remove(&outcome.of);
            }
            What::Pasted(_) | What::Torn(_) => {}
        }
        self.entries.push(entry);
        self.heads.push(head);
    }

    fn understood(&self, line: &[u8]) -> Result<Entry, String> {
        match serde_json::from_slice(line) {
            Ok(LineFormat { format: FORMAT }) => {}
            Ok(LineFormat { format }) => {
                return Err(format!("it has format {format}, and this program reads {FORMAT}"));
            }
            Err(error) => return Err(format!("it is no entry of a ledger: {error}")),
        }
        let line: Line = serde_json::from_slice(line)
            .map_err(|error| format!("it is no entry of a ledger: {error}"))?;
        if line.number != self.next_number() {
            return Err(format!("it is numbered {}", line.number));
        }
        if line.prev != *self.head() {
            return Err("the line before it is not the one that it was written after".to_owned());
        }
        let entry = line.entry();
        match &entry.what {
            What::Outcome(outcome) if !self.in_doubt.contains(&outcome.of) => {
                Err(format!("entry {} is no intent that waits for its outcome", outcome.of))
            }
            what if what.kept().is_some_and(|kept| !kept.is_sound()) => {
                Err("the hash of its body is no SHA-256".to_owned())
            }
            _ => Ok(entry),
        }
    }

    fn broken(&self, why: String) -> Broken {
        Broken { file: self.folder.join(Ledger::FILE), line: self.next_number(), why }
    }
}
