//! The five functions as they are used: held against [`crate::reference`], and free to be faster.

use crate::error::Error;
use crate::jpeg::luma_jpeg;
use crate::limits::Limits;
use crate::reference;

pub use crate::reference::{convert, depth, resize, rotate};

/// JPEG to upright one-component JPEG: of this quality, or of the input's own where its luma can
/// be taken over as it is.
pub fn greyscale(input: &[u8], quality: u8, limits: Limits) -> Result<Vec<u8>, Error> {
    match luma_jpeg(input, limits)? {
        Some(grey) => Ok(grey),
        None => reference::greyscale(input, quality, limits),
    }
}
