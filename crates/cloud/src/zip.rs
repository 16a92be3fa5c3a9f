//! A package as it is uploaded: its bytes and their hash.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

/// A zip file and the SHA-256 of its bytes, by which a platform's copy is recognised.
#[derive(Clone)]
pub struct Zip {
    bytes: Bytes,
    sha256: [u8; 32],
}

impl Zip {
    /// The most that goes into a request; more goes by way of S3. Lambda refuses a request of
    /// 69,905,067 bytes ("Request must be smaller than …", its own words): 50 MiB in base64, with
    /// no byte left for what stands beside the zip, such as 4 KB of variables.
    pub const DIRECT_LIMIT: usize = 50 * 1024 * 1024 - 64 * 1024;

    /// Takes the bytes and hashes them.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let sha256 = Sha256::digest(&bytes).into();
        Self { bytes, sha256 }
    }

    /// The file itself.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The hash in hexadecimal, as files and tables have it.
    #[must_use]
    pub fn sha256(&self) -> String {
        hex(&self.sha256)
    }

    /// The hash in base64, as Lambda's CodeSha256 has it.
    pub(crate) fn code_sha256(&self) -> String {
        STANDARD.encode(self.sha256)
    }

    pub(crate) fn goes_directly(&self) -> bool {
        self.bytes.len() <= Self::DIRECT_LIMIT
    }
}

impl std::fmt::Debug for Zip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Zip({} bytes, sha256 {})", self.bytes.len(), self.sha256())
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
