//! How much of a picture a caller is ready to hold.

use crate::error::Error;

/// Checked against a file's length and its header, before anything of its size is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most pixels.
    pub pixels: u64,
    /// The most bytes of the file.
    pub bytes: u64,
    /// The most bytes that decoding may hold at once, the finished picture among them.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pixels: 100_000_000, bytes: 256 << 20, memory: 1 << 30 }
    }
}

impl Limits {
    /// Whether a picture of this size may be opened.
    pub fn check(self, width: u64, height: u64) -> Result<(), Error> {
        if width.saturating_mul(height) <= self.pixels {
            return Ok(());
        }
        Err(Error::TooLarge { width, height, limit: self.pixels })
    }

    pub(crate) fn check_file(self, file: &[u8]) -> Result<(), Error> {
        let bytes = file.len() as u64;
        if bytes <= self.bytes {
            return Ok(());
        }
        Err(Error::TooLong { bytes, limit: self.bytes })
    }

    /// Whether so many bytes may be held.
    pub fn check_memory(self, needed: u64) -> Result<(), Error> {
        if needed <= self.memory {
            return Ok(());
        }
        Err(Error::TooHungry { needed, limit: self.memory })
    }
}
