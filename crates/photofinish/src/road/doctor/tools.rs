//! Programs of this machine: where they are, and what they say of themselves.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use photofinish_runtimes::{Cache, Error, Qemu};
use photofinish_study::Architecture;

use super::Finding;

/// A program that says nothing for so long is passed over.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where the search path has a program of this name.
pub(super) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// The first line that a program prints, unless it fails or keeps us waiting.
pub(super) fn says(program: impl AsRef<Path>, arguments: &[&str]) -> Option<String> {
    let mut child = Command::new(program.as_ref())
        .args(arguments)
        // A toolchain that a folder asks for is neither of interest nor to be fetched.
        .current_dir("/")
        .env("RUSTUP_AUTO_INSTALL", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let begun = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    };
    let mut text = String::new();
    child.stdout.take()?.read_to_string(&mut text).ok()?;
    let line = text.lines().next()?.trim().to_owned();
    (status.success() && !line.is_empty()).then_some(line)
}

/// What Python 3.14 and packages for it are fetched with.
pub(super) fn fetching() -> Finding {
    const WHAT: &str = "apt or uv";
    let apt = ["apt-get", "dpkg-deb", "tar"].map(which);
    let keyring = ["gpg", "pgp"]
        .map(|ending| format!("/usr/share/keyrings/debian-archive-keyring.{ending}"))
        .into_iter()
        .find(|path| Path::new(path).is_file());
    let mut found = Vec::new();
    if let [Some(apt), Some(_), Some(_)] = &apt {
        found.push(match &keyring {
            Some(_) => format!("apt ({}, with Debian's keyring)", apt.display()),
            None => format!("apt ({}, without Debian's keyring)", apt.display()),
        });
    }
    if let Some(uv) = which("uv") {
        let version = says(&uv, &["--version"]).unwrap_or_else(|| "uv".to_owned());
        found.push(format!("{version} ({})", uv.display()));
    }
    if found.is_empty() {
        let mend = "install uv (https://docs.astral.sh/uv), or give `--python PATH` to commands";
        return Finding::without(WHAT, "neither is on the search path", mend);
    }
    let found = found.join("; ");
    if apt.iter().all(Option::is_some) && keyring.is_none() {
        return Finding::without(WHAT, found, "apt install debian-archive-keyring");
    }
    Finding::fine(WHAT, found)
}

/// Whether qemu can run functions of the architecture that this machine is not.
pub(super) fn emulation(cache: Option<&Cache>, other: Architecture) -> Finding {
    const WHAT: &str = "qemu-user";
    let Some(cache) = cache else {
        return Finding::without(WHAT, "it is not looked for without a cache", "see `disk`");
    };
    match Qemu::look(cache, other) {
        Ok(Some(qemu)) => {
            Finding::fine(WHAT, format!("{} ({})", qemu.words(), qemu.path.display()))
        }
        Ok(None) => {
            Finding::fine(WHAT, format!("for {other}: to be fetched once as a Debian package"))
        }
        Err(Error::Missing { what, mend }) => Finding::without(WHAT, what, mend),
        Err(error) => {
            Finding::without(WHAT, error.to_string(), "apt install --reinstall qemu-user-static")
        }
    }
}

/// Whether the native variant can be built, for each architecture.
pub(super) fn native() -> Finding {
    const WHAT: &str = "native variant";
    let Some(cargo) = which("cargo") else {
        let mend = "install Rust (https://rustup.rs)";
        return Finding::without(WHAT, "there is no cargo on the search path", mend);
    };
    let version = says(&cargo, &["--version"]);
    let Some((version, library)) = version.zip(says("rustc", &["--print", "sysroot"])) else {
        let found = format!("{} or its rustc does not answer", cargo.display());
        return Finding::without(WHAT, found, "run `rustup default stable`");
    };
    let library = Path::new(&library).join("lib/rustlib");
    let targets = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];
    let (there, missing): (Vec<&str>, Vec<&str>) =
        targets.into_iter().partition(|target| library.join(target).join("lib").is_dir());
    let mut found = version;
    if !there.is_empty() {
        found.push_str(&format!(", with {}", there.join(" and ")));
    }
    if missing.is_empty() {
        return Finding::fine(WHAT, found);
    }
    if which("rustup").is_some() {
        found.push_str(&format!("; rustup adds {} once", missing.join(" and ")));
        return Finding::fine(WHAT, found);
    }
    found.push_str(&format!(", without {}", missing.join(" and ")));
    let mend = "install your distribution's package of it, or Rust from https://rustup.rs";
    Finding::without(WHAT, found, mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_or_is_not_there_says_nothing() {
        assert_eq!(says("sh", &["-c", "echo ' one '; echo two"]).as_deref(), Some("one"));
        assert_eq!(says("sh", &["-c", "echo one; exit 1"]), None);
        assert_eq!(says("/no/such/program", &[]), None);
        assert!(which("sh").is_some() && which("no-such-program").is_none());
    }
}
