//! Why something is no package.

use std::path::PathBuf;

use photofinish_study::Architecture;

use crate::audit::GlibcVersion;

/// What is wrong, where, and by how much.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder would not be read or written.
    #[error("cannot {doing} {}: {source}", .path.display())]
    File {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// There is nothing to pack.
    #[error("{} has no files to pack", .0.display())]
    Empty(PathBuf),
    /// A name that no zip for Lambda may have.
    #[error("{} cannot be packed: {why}", .path.display())]
    Unfit {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The zip could not be written.
    #[error("cannot pack {file}: {source}")]
    Zip {
        /// The member.
        file: String,
        /// Why not.
        source: zip::result::ZipError,
    },
    /// More than Lambda takes.
    #[error("{what} is {is} {unit}, and Lambda takes at most {limit}{}", hint(.mend))]
    TooMuch {
        /// What was measured.
        what: String,
        /// How much it is.
        is: u64,
        /// The most that Lambda takes.
        limit: u64,
        /// Of what.
        unit: &'static str,
        /// What to do about it; empty where nothing general can be said.
        mend: &'static str,
    },
    /// A function's name that Lambda refuses.
    #[error("`{0}` is no function name: Lambda takes letters, digits, - and _ only")]
    FunctionName(String),
    /// A binary file for another machine.
    #[error("{file} is for {found}, and the layer is for {wanted}")]
    WrongMachine {
        /// The file.
        file: String,
        /// What it is for.
        found: String,
        /// What it should be for.
        wanted: Architecture,
    },
    /// A binary file that needs a newer C library than the target has.
    #[error("{file} needs GLIBC_{needs} (from {library}), and the target has {has}")]
    NewerLibc {
        /// The file.
        file: String,
        /// The version that it asks for.
        needs: GlibcVersion,
        /// Of which library.
        library: String,
        /// The newest that the target has.
        has: GlibcVersion,
    },
    /// A program that asks for a loader that the target does not have.
    #[error("{file} asks for the loader {found}, and the target has {wanted}")]
    WrongLoader {
        /// The file.
        file: String,
        /// What it asks for.
        found: String,
        /// What there is.
        wanted: &'static str,
    },
    /// A file that begins like a binary and is none.
    #[error("{file} begins as an ELF file and cannot be read as one: {source}")]
    BrokenElf {
        /// The file.
        file: String,
        /// Why not.
        source: object::read::Error,
    },
    /// A wheel whose name says that it is not for the target.
    #[error("wheel {file} is not for CPython 3.14 on {wanted}: {why}")]
    WheelTags {
        /// The wheel.
        file: String,
        /// What the layer is for.
        wanted: Architecture,
        /// Which of its tags does not fit.
        why: String,
    },
    /// An image that functions cannot stand on.
    #[error("no function can stand on {image}: {why}{}", hint(.mend))]
    Base {
        /// Its name.
        image: String,
        /// What is wrong with it.
        why: String,
        /// What to do about it.
        mend: &'static str,
    },
    /// The runtime could not do its part.
    #[error(transparent)]
    Runtime(#[from] photofinish_runtimes::Error),
}

impl Error {
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { doing, path, source }
    }
}

fn hint(mend: &str) -> String {
    if mend.is_empty() { String::new() } else { format!(" (hint: {mend})") }
}
