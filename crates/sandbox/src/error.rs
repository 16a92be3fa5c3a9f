use std::io;
use std::path::PathBuf;

use crate::tier::Lack;

/// Why something asked of the keeper did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not Linux.
    #[error(
        "functions are run in namespaces of Linux, which this system has not; run local studies on \
         Linux, in a virtual machine if need be"
    )]
    Unsupported,
    /// The keeper's process could not be started.
    #[error("cannot start the keeper from {}: {cause}", program.display())]
    Start {
        /// The program that was to become the keeper.
        program: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The program started as keeper does not speak as one.
    #[error(
        "{} was started as keeper but did not answer as one; it must call main_if_keeper() first thing in main()",
        program.display()
    )]
    NotAKeeper {
        /// The program that was started.
        program: PathBuf,
    },
    /// The machine does not allow guests.
    #[error("{0}")]
    Lacking(Lack),
    /// The keeper has ended, and with it every guest.
    #[error("the keeper has ended, and every guest with it")]
    KeeperGone,
    /// The guest is gone.
    #[error("guest {guest} has ended")]
    GuestGone {
        /// Which guest.
        guest: u64,
    },
    /// The specification does not fit into one message.
    #[error(
        "the guest's specification is too long to hand over ({bytes} bytes): shorten its environment or command"
    )]
    SpecTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The guest could not be set up or started.
    #[error("cannot start the guest: {step} {place}: {cause}")]
    Setup {
        /// What was being done.
        step: String,
        /// To what.
        place: String,
        /// What the system said.
        cause: io::Error,
    },
}
