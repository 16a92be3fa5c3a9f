//! What can keep an emulator from starting or stopping.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why an emulator could not start, stop, or keep its data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something in the data folder could not be read or written.
    #[error("{}: cannot {action}", path.display())]
    Data {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A file in the data folder is not what this version writes.
    #[error("{}: {problem}\nhint: use another data folder, or the version of photofinish that wrote this one", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The address could not be listened on.
    #[error("cannot listen on {address}\nhint: choose another port, or port 0 to have one picked")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why it failed.
        source: io::Error,
    },
    /// The address is not a loopback address.
    #[error(
        "{0} is not a loopback address: the emulator runs code for whoever can reach it\nhint: listen on 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The keeper did not end as it should.
    #[error("the keeper of the sandboxes did not end as it should")]
    Keeper(#[source] photofinish_sandbox::Error),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for keys and ids: {0}")]
    Randomness(getrandom::Error),
}

impl Error {
    pub(crate) fn data(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Data { action, path, source }
    }
}
