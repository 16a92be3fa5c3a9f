//! The keeper of guests: runs a command that nobody trusts in a room of its own
//! (namespaces, a read-only root, no network but the listening sockets it is
//! given) within limits of memory, CPU time, processes, descriptors and file sizes.
//!
//! The *keeper* is this program executed again as a separate process with a single
//! thread: user namespaces cannot be made from a process with threads, and a
//! guest's "die with your parent" signal follows the thread that forked it. The
//! program calls [`keeper::main_if_keeper`] first thing in `main`; everything else
//! goes through the [`Keeper`] handle. When the handle's socket closes, however the
//! program ended, the keeper takes every guest down and removes its cgroups.
//!
//! It knows nothing of what runs in a guest: no Lambda, no HTTP, no Python. It is
//! the only crate with `unsafe` code, all of it in one module around system calls.

mod client;
mod error;
pub mod keeper;
#[cfg(target_os = "linux")]
mod meter;
mod spec;
mod tier;
#[cfg(target_os = "linux")]
mod wire;

pub use client::{Guest, Keeper, probe};
pub use error::Error;
pub use spec::{Bind, Exit, GuestSpec, Interpreter, Limits, Usage};
pub use tier::{Control, Identity, Lack, Namespace, Tier};
