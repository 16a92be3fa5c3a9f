//! What can go wrong with a journal.

use std::path::PathBuf;

/// A journal that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the study.
    #[error("{} is in use by another photofinish; wait for it or stop it", .0.display())]
    Busy(PathBuf),
    /// Written by a later version of this program.
    #[error(
        "{} has format {found}, newer than this program's {}; use a newer photofinish",
        path.display(), crate::FORMAT
    )]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
    /// Written by an earlier version of this program.
    #[error(
        "{} has format {found}, older than this program's {}; read it with the photofinish that \
         its study.lock.toml names, or put it aside and start again with --fresh",
        path.display(), crate::FORMAT
    )]
    Older {
        /// The journal.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
    /// It belongs to a different study.
    #[error(
        "{} is the journal of {found}, not of {wanted}; choose another --out, or --fresh to start again",
        path.display()
    )]
    OtherStudy {
        /// The journal.
        path: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose was asked for.
        wanted: String,
    },
    /// No journal is there yet.
    #[error("{} is no study directory: it has no journal.sqlite; `photofinish run` makes one", .0.display())]
    Missing(PathBuf),
    /// The directory or its lock file cannot be used.
    #[error("{}: {source}", path.display())]
    File {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("{}: {source}", path.display())]
    Database {
        /// The journal.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A row says what no version of this program writes.
    #[error("{}: row {row} of {table}: {message}", path.display())]
    Row {
        /// The journal.
        path: PathBuf,
        /// Where.
        table: &'static str,
        /// Which.
        row: i64,
        /// What is wrong.
        message: String,
    },
}

impl Error {
    /// A journal of another format than this program's.
    pub(crate) fn of_format(path: PathBuf, found: i64) -> Self {
        if found > crate::FORMAT {
            Self::Newer { path, found }
        } else {
            Self::Older { path, found }
        }
    }
}
