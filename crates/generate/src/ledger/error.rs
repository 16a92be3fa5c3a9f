//! What can go wrong with a ledger.

use std::path::{Path, PathBuf};

use crate::ledger::Broken;

/// A ledger that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process writes it.
    #[error("{} is in use by another photofinish; wait for it or stop it", .0.display())]
    Busy(PathBuf),
    /// A file or folder of it cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Its chain does not hold, so nothing is added to it.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// A body's file holds something else.
    #[error(
        "{} does not hold what its name says: it was damaged or changed; put the ledger's folder \
         aside, or bring the file back from a copy", .0.display()
    )]
    OtherBody(PathBuf),
    /// An outcome of nothing: no such intent, or it has one already.
    #[error("entry {0} of the ledger is no intent that waits for its outcome")]
    NotIntended(u64),
}

impl LedgerError {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}
