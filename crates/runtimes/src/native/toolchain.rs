//! The Rust that is installed here, as far as a build for another architecture needs it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use photofinish_study::Architecture;

use crate::cache::Cache;
use crate::command;
use crate::error::Error;
use crate::progress::Progress;

/// Settings of cargo that say where packages come from; the rest say what is built, and how.
const KEPT: [&str; 5] =
    ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_SOURCE_"];

/// Programs on a search path, at work on one package.
pub(super) struct Toolchain<'a> {
    path: OsString,
    pub(super) source: &'a Path,
}

impl<'a> Toolchain<'a> {
    pub(super) fn on(path: impl Into<OsString>, source: &'a Path) -> Self {
        Self { path: path.into(), source }
    }

    /// Whether there is one at all.
    pub(super) fn check(&self) -> Result<(), Error> {
        if command::is_on("cargo", &self.path) && command::is_on("rustc", &self.path) {
            return Ok(());
        }
        Err(Error::missing(
            "the native variant is built by Rust, which is not installed here",
            "install it from https://rustup.rs, or leave the native variant out of the study",
        ))
    }

    /// Sees to it that the standard library for the architecture is there.
    pub(super) fn provide(
        &self,
        architecture: Architecture,
        cache: &Cache,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        if self.has(architecture)? {
            return Ok(());
        }
        let target = target(architecture);
        let lacks = format!("this machine's Rust has no standard library for {target}");
        if !command::is_on("rustup", &self.path) {
            let mend = "install your distribution's package of it, or Rust from https://rustup.rs";
            return Err(Error::missing(lacks, mend));
        }
        // Two that change one toolchain at once would spoil it.
        let _lock = cache.lock("native/rustup", progress)?;
        if self.has(architecture)? {
            return Ok(());
        }
        progress.step(&format!("adding the Rust target {target}"));
        let mut add = self.command("rustup");
        let added = command::output(add.args(["target", "add", target]), "add a Rust target");
        added.map(drop).map_err(|error| {
            Error::missing(
                format!("{lacks}, and {error}"),
                format!("run `rustup target add {target}`"),
            )
        })
    }

    fn has(&self, architecture: Architecture) -> Result<bool, Error> {
        let mut ask = self.command("rustc");
        ask.args(["--print", "target-libdir", "--target", target(architecture)]);
        let folder = command::output(&mut ask, "ask Rust for its targets")?;
        Ok(Path::new(folder.trim()).is_dir())
    }

    /// Builds the package into `into`, and gives the program.
    pub(super) fn build(&self, architecture: Architecture, into: &Path) -> Result<PathBuf, Error> {
        let target = target(architecture);
        // Cargo will be at work in another folder than we are.
        let into = std::path::absolute(into).map_err(Error::file("find", into))?;
        let mut build = self.command("cargo");
        build.args(["build", "--release", "--locked", "--target", target, "--target-dir"]);
        build.arg(&into);
        let linker = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
        // These stand in for whatever the user's own settings of cargo say.
        build.env(linker, "rust-lld").env("CARGO_ENCODED_RUSTFLAGS", "-Clink-self-contained=yes");
        command::output(&mut build, "build the native variant")?;
        Ok(into.join(target).join("release").join(super::BOOTSTRAP))
    }

    /// A command in the package's folder, without what a cargo around us tells its children.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if is_of_a_build(&name) {
                command.env_remove(name);
            }
        }
        command.env("PATH", &self.path).current_dir(self.source);
        command
    }
}

/// Whether a variable says how something else is built.
fn is_of_a_build(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let of_cargo = name == "CARGO" || name.starts_with("CARGO_");
    let of_rustc = name.starts_with("RUSTC") || name.starts_with("RUSTFLAGS");
    of_rustc || of_cargo && !KEPT.iter().any(|kept| name.starts_with(kept))
}

/// Static, on any Linux of that architecture.
fn target(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64-unknown-linux-musl",
        Architecture::Arm64 => "aarch64-unknown-linux-musl",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_inherits_where_packages_come_from_and_nothing_of_another_build() {
        for (name, of_a_build) in [
            ("CARGO", true),
            ("CARGO_TARGET_DIR", true),
            ("CARGO_ENCODED_RUSTFLAGS", true),
            ("RUSTFLAGS", true),
            ("RUSTC_WRAPPER", true),
            ("CARGO_HOME", false),
            ("CARGO_REGISTRIES_MINE_INDEX", false),
            ("RUSTUP_TOOLCHAIN", false),
            ("HOME", false),
        ] {
            assert_eq!(is_of_a_build(OsStr::new(name)), of_a_build, "{name}");
        }
    }
}
