//! A root file system around a Python 3.14 that is installed on this machine, or that uv installs:
//! the interpreter with its library, and the shared libraries of the host that they load.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Cache;
use crate::command;
use crate::error::Error;
use crate::interpreter::Interpreter;
use crate::progress::Progress;

const COPY: &str = include_str!("../python/copy_installed.py");

/// The cache's entry for what uv installs.
const UV_ENTRY: &str = "uv-python3.14";

/// Whether uv is here.
pub(crate) fn has_uv() -> bool {
    command::is_installed("uv")
}

/// An interpreter of this machine.
pub(crate) struct Installed {
    path: PathBuf,
    version: String,
}

impl Installed {
    /// The one at a path, which must be CPython 3.14.
    pub(crate) fn at(path: &Path) -> Result<Self, Error> {
        let not_usable = |why: String| {
            let mend = "give the path of a python3.14, or leave --python out";
            Error::missing(format!("{} {why}", path.display()), mend)
        };
        let full =
            fs::canonicalize(path).map_err(|error| not_usable(format!("is not there: {error}")))?;
        let version = Interpreter::installed(full.clone())
            .version()
            .map_err(|error| not_usable(format!("is no Python: {error}")))?;
        if !version.starts_with("3.14.") {
            return Err(not_usable(format!("is Python {version}, and functions need 3.14")));
        }
        Ok(Self { path: full, version })
    }

    /// The one that uv has installed into our cache already, if any.
    pub(crate) fn in_cache(cache: &Cache) -> Option<Self> {
        let folder = cache.path().join(UV_ENTRY);
        Self::at(&below(&folder).ok()??).ok()
    }

    /// The one that uv installs into our cache.
    pub(crate) fn by_uv(cache: &Cache, progress: &dyn Progress) -> Result<Self, Error> {
        let folder = cache.entry(UV_ENTRY, progress, |folder| {
            progress.step("fetching Python 3.14 with uv");
            let mut uv = Command::new("uv");
            uv.args(["python", "install", "3.14", "--install-dir"]).arg(folder);
            command::output(&mut uv, "have uv install Python 3.14").map(drop)
        })?;
        let python = below(&folder)?.ok_or_else(|| Error::Damaged {
            path: folder.clone(),
            why: "uv left no bin/python3.14 in it".to_owned(),
        })?;
        Self::at(&python)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn recipe(&self) -> String {
        format!("installed {} {} {COPY}", self.path.display(), self.version)
    }

    /// Fills an empty root: Python at /var/lang as on Lambda, libraries where its loader looks.
    pub(crate) fn copy(&self, root: &Path) -> Result<(), Error> {
        let mut copy = Interpreter::installed(self.path.clone()).command();
        copy.args(["-c", COPY]).arg(root);
        command::output(&mut copy, "copy the installed Python").map(drop)
    }
}

/// The interpreter in a folder that uv has installed into.
fn below(folder: &Path) -> Result<Option<PathBuf>, Error> {
    let listing = fs::read_dir(folder).map_err(Error::file("list", folder))?;
    let pythons = listing.flatten().map(|entry| entry.path().join("bin/python3.14"));
    Ok(pythons.into_iter().find(|python| python.is_file()))
}

/// The standard library in a root: Debian's place, or /var/lang.
pub(crate) fn library(root: &Path) -> PathBuf {
    let ours = root.join("var/lang/lib/python3.14");
    if ours.is_dir() { ours } else { root.join("usr/lib/python3.14") }
}
