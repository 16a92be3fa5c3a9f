//! The five functions as they are used: held against [`crate::reference`], and free to be faster.

use crate::error::Error;
use crate::jpeg::{decode_grey, luma_jpeg};
use crate::limits::Limits;
use crate::png_file::encode_png16;
use crate::reference;
use crate::resample::Filter;
use crate::scaling::ten_bits;

pub use crate::reference::{convert, depth, rotate};

/// JPEG to upright one-component JPEG: of this quality, or of the input's own where its luma can
/// be taken over as it is.
pub fn greyscale(input: &[u8], quality: u8, limits: Limits) -> Result<Vec<u8>, Error> {
    match luma_jpeg(input, limits)? {
        Some(grey) => Ok(grey),
        None => reference::greyscale(input, quality, limits),
    }
}

/// Grey JPEG to a 16-bit PNG of 10-bit samples at a fixed size.
pub fn resize(input: &[u8], width: usize, height: usize, limits: Limits) -> Result<Vec<u8>, Error> {
    let (plane, _) = decode_grey(input, limits)?;
    encode_png16(&ten_bits(&plane, width, height, Filter::Lanczos3))
}
