//! The keeper's side: the process that owns the guests.

#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod family;
#[cfg(target_os = "linux")]
mod governor;
#[cfg(target_os = "linux")]
mod guests;
#[cfg(target_os = "linux")]
mod identity;
#[cfg(target_os = "linux")]
mod init;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod procfs;
#[cfg(target_os = "linux")]
mod root;
#[cfg(target_os = "linux")]
mod seccomp;
#[cfg(target_os = "linux")]
mod service;
#[cfg(target_os = "linux")]
mod trial;

/// The hidden first argument that makes the program a keeper.
pub(crate) const WORD: &str = "__keeper";

/// Becomes the keeper, and never returns, if this process was started as one.
///
/// To be called first thing in `main`, before any thread or runtime is made.
pub fn main_if_keeper() {
    if std::env::args_os().nth(1).is_none_or(|word| word != WORD) {
        return;
    }
    #[cfg(target_os = "linux")]
    std::process::exit(service::run());
    #[cfg(not(target_os = "linux"))]
    std::process::exit(3);
}

#[cfg(target_os = "linux")]
pub(crate) use cgroup::remove_left_over;
