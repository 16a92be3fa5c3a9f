//! The record of what a runtime is made of.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// The version of the file that this program writes and reads.
pub(crate) const FORMAT: u32 = 2;
/// Its name in an entry of the cache.
pub(crate) const FILE: &str = "manifest.json";

/// What one Python root and its runtime folder hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this file.
    pub format: u32,
    /// The hash of how it was made: what was asked for, our scripts, the pins.
    pub recipe: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// The version of Python as it says itself, for example `3.14.8`.
    pub python: String,
    /// Where the root came from: a Debian suite with its mirror, or an installed Python.
    pub source: String,
    /// The Debian packages of the root; empty where it came from an installed Python.
    pub packages: Vec<DebianPackage>,
    /// The wheels in the runtime folder.
    pub wheels: Vec<WheelRecord>,
}

/// A Debian package as it was unpacked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DebianPackage {
    /// Its name.
    pub name: String,
    /// Its version, epoch included.
    pub version: String,
    /// Of the file, lower-case hexadecimal.
    pub sha256: String,
}

/// A wheel as it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WheelRecord {
    /// The project's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The name of the file, which carries its tags.
    pub file: String,
    /// Of the file, lower-case hexadecimal.
    pub sha256: String,
}

impl Manifest {
    pub(crate) fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a manifest is plain data") + "\n"
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE);
        fs::write(&path, self.text()).map_err(Error::file("write", &path))
    }

    pub(crate) fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| Error::Damaged { path: path.clone(), why: error.to_string() })?;
        if manifest.format != FORMAT {
            let why = format!("it has format {}, this program reads {FORMAT}", manifest.format);
            return Err(Error::Damaged { path, why });
        }
        Ok(manifest)
    }
}

/// The SHA-256 of a file.
pub(crate) fn sha256_of(path: &Path) -> Result<String, Error> {
    let mut file = fs::File::open(path).map_err(Error::file("open", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(Error::file("read", path))?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}
