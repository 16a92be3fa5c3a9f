//! A second fence around files, where the kernel has landlock: should a mount ever be writable
//! that was not meant to be, a guest still changes nothing but `/tmp`. Later kernels also keep its
//! signals, and its sockets without a path, among its own processes.

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::kernel;
use crate::wire::{At, Fault};

// What can be done to files, as the kernel numbers it.
const WRITE_FILE: u64 = 1 << 1;
const REMOVE_DIRECTORY: u64 = 1 << 4;
const REMOVE_FILE: u64 = 1 << 5;
const MAKE_CHARACTER_DEVICE: u64 = 1 << 6;
const MAKE_DIRECTORY: u64 = 1 << 7;
const MAKE_REGULAR: u64 = 1 << 8;
const MAKE_SOCKET: u64 = 1 << 9;
const MAKE_FIFO: u64 = 1 << 10;
const MAKE_BLOCK_DEVICE: u64 = 1 << 11;
const MAKE_LINK: u64 = 1 << 12;
const REFER: u64 = 1 << 13;
const TRUNCATE: u64 = 1 << 14;

/// In `/tmp` everything but devices.
const IN_TMP: u64 = WRITE_FILE
    | REMOVE_DIRECTORY
    | REMOVE_FILE
    | MAKE_DIRECTORY
    | MAKE_REGULAR
    | MAKE_SOCKET
    | MAKE_FIFO
    | MAKE_LINK
    | REFER
    | TRUNCATE;
/// Nobody does that.
const NOWHERE: u64 = MAKE_CHARACTER_DEVICE | MAKE_BLOCK_DEVICE;
const IN_DEV: u64 = WRITE_FILE | TRUNCATE;

// What reaches beyond files: sockets without a path, and signals.
const SCOPES: u64 = 1 << 0 | 1 << 1;

/// What is fenced off; the first word and perhaps the third of the kernel's structure.
#[repr(C)]
pub(super) struct Ruleset {
    files: u64,
    network: u64,
    scopes: u64,
}

/// The first version under which files can be moved between folders.
const FIRST: i32 = 2;
const WITH_TRUNCATE: i32 = 3;
const WITH_SCOPES: i32 = 6;

/// The kernel's version of it, if that is of use.
pub(super) fn version() -> Option<i32> {
    kernel::landlock_version().filter(|version| *version >= FIRST)
}

/// Fences this process, and all that come from it, for good.
pub(super) fn fence(version: i32) -> Result<(), Fault> {
    let known = if version >= WITH_TRUNCATE { !0 } else { !TRUNCATE };
    let ruleset = Ruleset {
        files: (IN_TMP | NOWHERE) & known,
        network: 0,
        scopes: if version >= WITH_SCOPES { SCOPES } else { 0 },
    };
    let fence = kernel::landlock_ruleset(&ruleset, version >= WITH_SCOPES).at("make", "a fence")?;
    for (path, allowed) in [("/tmp", IN_TMP & known), ("/dev", IN_DEV & known)] {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = match openat(CWD, path, flags, Mode::empty()) {
            Err(Errno::NOENT) => continue,
            opened => opened.at("open for the fence", path)?,
        };
        kernel::landlock_allow(&fence, &folder, allowed).at("open the fence at", path)?;
    }
    kernel::landlock_restrict(&fence).at("stay behind", "the fence")
}
