//! The five functions as they are used: held against [`crate::reference`], and free to be faster.

use crate::error::Error;
use crate::jpeg::decode_grey;
use crate::limits::Limits;
use crate::png_file::encode_png16;
use crate::resample::Filter;
use crate::scaling::ten_bits;

pub use crate::reference::{convert, depth, greyscale, rotate};

/// Grey JPEG to a 16-bit PNG of 10-bit samples at a fixed size.
pub fn resize(input: &[u8], width: usize, height: usize, limits: Limits) -> Result<Vec<u8>, Error> {
    let (plane, _) = decode_grey(input, limits)?;
    encode_png16(&ten_bits(&plane, width, height, Filter::Lanczos3))
}
