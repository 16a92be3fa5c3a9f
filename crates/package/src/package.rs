//! A finished package and the record of what is in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use photofinish_study::Digest;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use photofinish_runtimes::WheelRecord;

/// A zip, its hash and what it holds.
#[derive(Debug, Clone)]
pub struct Package {
    /// The zip.
    pub bytes: Vec<u8>,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// What is in it.
    pub manifest: Manifest,
}

/// The record of a package's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manifest {
    /// Version of this record.
    pub format: u32,
    /// Of the zip.
    pub sha256: String,
    /// Bytes of the zip.
    pub size: u64,
    /// Bytes of all files in it.
    pub unzipped_size: u64,
    /// The wheels that it was made from; none for a function's code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wheels: Vec<WheelRecord>,
    /// Its files, in the order of their paths.
    pub files: Vec<FileRecord>,
}

/// One file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRecord {
    /// Its path in the zip.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// Its hash.
    pub sha256: Digest,
}

impl Package {
    pub(crate) fn new(bytes: Vec<u8>, files: Vec<FileRecord>) -> Self {
        let sha256 = Digest::of(&bytes).to_string();
        let manifest = Manifest {
            format: 1,
            sha256: sha256.clone(),
            size: bytes.len() as u64,
            unzipped_size: files.iter().map(|file| file.size).sum(),
            wheels: Vec::new(),
            files,
        };
        Self { bytes, sha256, manifest }
    }

    /// The hash as Lambda's `CodeSha256` has it.
    #[must_use]
    pub fn code_sha256(&self) -> String {
        STANDARD.encode(Sha256::digest(&self.bytes))
    }

    /// Bytes of all files in it.
    #[must_use]
    pub fn unzipped_size(&self) -> u64 {
        self.manifest.unzipped_size
    }
}
