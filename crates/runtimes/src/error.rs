//! What can go wrong on the way to a runtime, with the mend where there is one.

use std::path::PathBuf;

/// Why there is no runtime or no wheel.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This machine lacks something; `mend` says how to get it.
    #[error("{what} (hint: {mend})")]
    Missing {
        /// What is not there.
        what: String,
        /// What to do about it.
        mend: String,
    },
    /// A program that we started failed.
    #[error("could not {doing}: `{program}` {outcome}{}", indented(.output))]
    Program {
        /// What it was started for.
        doing: String,
        /// Its name.
        program: String,
        /// How it ended.
        outcome: String,
        /// The end of what it said.
        output: String,
    },
    /// A file or folder of the cache would not be read or written.
    #[error("could not {doing} {}: {source}", .path.display())]
    File {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A wheel is not to be had, or is not what it should be.
    #[error("wheel {name}: {why}")]
    Wheel {
        /// The project and version, or the file.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// A file of the cache is not as we wrote it.
    #[error("{} is damaged: {why} (hint: delete that folder, it will be made again)", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Error {
    /// Whether this machine lacks something, so that another attempt cannot help.
    #[must_use]
    pub fn is_lacking(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }

    pub(crate) fn missing(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Missing { what: what.into(), mend: mend.into() }
    }

    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { doing, path, source }
    }

    pub(crate) fn wheel(name: impl Into<String>, why: impl ToString) -> Self {
        Self::Wheel { name: name.into(), why: why.to_string() }
    }
}

fn indented(output: &str) -> String {
    output.lines().map(|line| format!("\n    {line}")).collect()
}
