//! How much of a picture a caller is ready to hold in memory.

use crate::error::Error;

/// Checked against a picture's header, before anything of its size is allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most pixels.
    pub pixels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pixels: 100_000_000 }
    }
}

impl Limits {
    pub(crate) fn check(self, width: u64, height: u64) -> Result<(), Error> {
        if width.saturating_mul(height) <= self.pixels {
            return Ok(());
        }
        Err(Error::TooLarge { width, height, limit: self.pixels })
    }
}
