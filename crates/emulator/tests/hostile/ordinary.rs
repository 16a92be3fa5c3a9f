//! The corpus once more, as somebody who owns nothing on this machine.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use photofinish_emulator::Architecture;

use crate::python::{ARCHITECTURE, Python};

const ORDINARY: u32 = 54321;

pub fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status");
    status.is_ok_and(|status| status.contains("\nUid:\t0\t"))
}

pub fn who_we_are() -> &'static str {
    if is_root() { "as root" } else { "as an ordinary user" }
}

/// Runs a copy of this program, with a copy of the Python, that an ordinary user may read.
pub fn again(python: &Python) -> ExitCode {
    let folder = tempfile::tempdir().expect("a folder");
    open_to_all(folder.path());
    let program = folder.path().join("hostile");
    std::fs::copy(std::env::current_exe().expect("this program"), &program).expect("a copy");
    open_to_all(&program);
    let cache = folder.path().join("cache/photofinish/python3.14");
    std::fs::create_dir_all(&cache).expect("a cache");
    // By hard links where they can be had.
    let here = Architecture::parse(ARCHITECTURE).expect("one of the two");
    let root = python.runtimes().get("python3.14", here).expect("the runtime").root.clone();
    let made = root.parent().expect("a folder of the cache");
    let linked = copy("-al", made, &cache) || copy("-a", made, &cache);
    assert!(linked, "the Python cannot be copied");
    let run = Command::new(program)
        .args(std::env::args().skip(1))
        .current_dir("/")
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .uid(ORDINARY)
        .gid(ORDINARY)
        .status()
        .expect("the copy runs");
    if run.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn copy(how: &str, from: &Path, into: &Path) -> bool {
    let copied = Command::new("cp").arg(how).args([from, into]).status();
    copied.is_ok_and(|copied| copied.success())
}

fn open_to_all(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}
