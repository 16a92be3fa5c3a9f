//! Python 3.14 as a root file system for a guest, the wheels that go with it, and programs built
//! from Rust that need neither: found, fetched, checked and kept in the user's cache.
//!
//! It knows nothing of functions, of layers as zips, or of sandboxes: it gives folders, files
//! and what they are made of. `python314` gives a [`Runtime`]; [`wheels`] gives wheel files;
//! [`build_native`] gives a static binary.

mod cache;
mod command;
mod debian;
mod elf;
mod error;
mod installed;
mod interpreter;
mod manifest;
mod native;
mod progress;
mod python;
mod qemu;
mod wheel;

pub use cache::Cache;
pub use error::Error;
pub use manifest::{DebianPackage, Manifest, WheelRecord};
pub use native::build_native;
pub use photofinish_study::Architecture;
pub use progress::{Progress, Silent};
pub use python::{Outlook, Runtime, outlook, python314};
pub use qemu::Qemu;
pub use wheel::{Wheel, WheelSet, wheels};
