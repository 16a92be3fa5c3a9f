//! A qemu that runs programs of the other architecture on this machine's kernel: found, or
//! fetched as a Debian package.
//!
//! What runs under it is right or wrong as it would be on such a machine, and as slow as an
//! emulator: whoever uses it says so with the result. Only a static qemu will do, since a guest
//! sees this one file of the host and no library of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use photofinish_study::Architecture;

use crate::cache::Cache;
use crate::debian;
use crate::elf::Elf;
use crate::error::Error;
use crate::manifest::sha256_of;
use crate::progress::Progress;

/// The package of Debian's testing suite whose programs are static; that of Debian 12 of the same
/// name is not.
const PACKAGE: &str = "qemu-user";
const MEND: &str = "apt install qemu-user-static";
/// Where distributions put it, for a search path that leaves it out.
const USUAL: &str = "/usr/bin";

/// A static qemu on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qemu {
    /// The program.
    pub path: PathBuf,
    /// What it runs programs for.
    pub guest: Architecture,
    /// Its version, for example `11.1.2`.
    pub version: String,
    /// The hash of the program, lower-case hexadecimal.
    pub sha256: String,
}

impl Qemu {
    /// One that is installed, or was fetched before, or is fetched now.
    pub fn find(
        cache: &Cache,
        guest: Architecture,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        match Self::look(cache, guest)? {
            Some(qemu) => Ok(qemu),
            None => fetched(cache, guest, here()?, progress),
        }
    }

    /// The same without fetching: `None` where [`Qemu::find`] would fetch it, an error where that
    /// cannot be.
    pub fn look(cache: &Cache, guest: Architecture) -> Result<Option<Self>, Error> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain([PathBuf::from(USUAL)]);
        look_in(folders, cache, guest)
    }

    /// The model of processor that it plays, where its default will not do. For arm64 that is the
    /// core of Lambda's Graviton2; the default has pointer authentication, which makes Python 15
    /// times as slow.
    #[must_use]
    pub fn cpu(&self) -> Option<&'static str> {
        cpu(self.guest)
    }

    /// Its arguments before the path of the program that it shall run.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        self.cpu().map_or_else(Vec::new, |cpu| vec!["-cpu".to_owned(), cpu.to_owned()])
    }

    /// What stands beside every result from under it.
    #[must_use]
    pub fn words(&self) -> String {
        let model = self.cpu().map_or_else(String::new, |cpu| format!(" as {cpu}"));
        format!("{} {}{model}", program(self.guest), self.version)
    }
}

fn look_in(
    folders: impl Iterator<Item = PathBuf>,
    cache: &Cache,
    guest: Architecture,
) -> Result<Option<Qemu>, Error> {
    let here = here()?;
    let names = [format!("{}-static", program(guest)), program(guest).to_owned()];
    let installed = folders.flat_map(|folder| names.each_ref().map(|name| folder.join(name)));
    let kept = cache.path().join(entry(guest, here)).join(program(guest));
    for path in installed.chain([kept]) {
        if Elf::of_file(&path)
            .is_some_and(|elf| elf.is_static() && elf.architecture() == Some(here))
            && let Some(qemu) = usable(&path, guest)?
        {
            return Ok(Some(qemu));
        }
    }
    match debian::has_programs() {
        true => debian::keyring().map(|_| None).map_err(|error| lacking(guest, &error)),
        false => Err(lacking(guest, &"there is no apt here to fetch it with")),
    }
}

/// `None` for one that does not run, or is too old to know the processor.
fn usable(path: &Path, guest: Architecture) -> Result<Option<Qemu>, Error> {
    let said = |arguments: &[&str]| {
        // It lists the processors and ends as if it had failed.
        let ended = Command::new(path).args(arguments).stdin(Stdio::null()).output();
        ended.map(|ended| String::from_utf8_lossy(&ended.stdout).into_owned()).unwrap_or_default()
    };
    let knows = cpu(guest)
        .is_none_or(|cpu| said(&["-cpu", "help"]).split_whitespace().any(|word| word == cpu));
    let Some(version) = version_in(&said(&["--version"])).filter(|_| knows) else {
        return Ok(None);
    };
    let sha256 = sha256_of(path)?;
    Ok(Some(Qemu { path: path.to_owned(), guest, version, sha256 }))
}

/// `qemu-aarch64 version 11.1.2 (Debian 1:11.1.2+ds-3)` is 11.1.2.
fn version_in(said: &str) -> Option<String> {
    let after = said.split_once(" version ")?.1;
    after.split_whitespace().next().map(str::to_owned)
}

fn fetched(
    cache: &Cache,
    guest: Architecture,
    here: Architecture,
    progress: &dyn Progress,
) -> Result<Qemu, Error> {
    let folder = cache
        .entry(&entry(guest, here), progress, |folder| {
            let member = format!("./usr/bin/{}", program(guest));
            debian::take(PACKAGE, &member, here, folder, progress)
        })
        .map_err(|error| lacking(guest, &error))?;
    let path = folder.join(program(guest));
    let is_static = Elf::of_file(&path).is_some_and(|elf| elf.is_static());
    usable(&path, guest)?.filter(|_| is_static).ok_or_else(|| {
        lacking(guest, &format!("{} is no static program that runs here", path.display()))
    })
}

fn lacking(guest: Architecture, why: &dyn std::fmt::Display) -> Error {
    Error::missing(
        format!("there is no static qemu here to run {guest} functions with: {why}"),
        MEND,
    )
}

fn here() -> Result<Architecture, Error> {
    Architecture::of_this_machine().ok_or_else(|| {
        let mend = "run photofinish on such a machine";
        Error::missing("this machine is neither x86_64 nor arm64", mend)
    })
}

fn entry(guest: Architecture, here: Architecture) -> String {
    format!("qemu/{}-{}-on-{here}", program(guest), debian::SUITE)
}

fn program(guest: Architecture) -> &'static str {
    match guest {
        Architecture::X86_64 => "qemu-x86_64",
        Architecture::Arm64 => "qemu-aarch64",
    }
}

fn cpu(guest: Architecture) -> Option<&'static str> {
    match guest {
        Architecture::X86_64 => None,
        Architecture::Arm64 => Some("neoverse-n1"),
    }
}
