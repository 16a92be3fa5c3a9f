//! A JPEG's pixels.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::entropy::check_blocks;
use super::markers::{JpegHeader, jpeg_header};
use crate::error::Error;
use crate::limits::Limits;
use crate::orientation::Orientation;
use crate::plane::{Plane, Rgb};

fn options() -> DecoderOptions {
    DecoderOptions::default().set_strict_mode(true).set_max_width(65_535).set_max_height(65_535)
}

/// Checks what can be known without the pixels.
fn suited(bytes: &[u8], limits: Limits) -> Result<JpegHeader, Error> {
    let header = jpeg_header(bytes)?;
    if header.width == 0 || header.height == 0 {
        return Err(Error::Damaged("it has no pixels".to_owned()));
    }
    limits.check(header.width as u64, header.height as u64)?;
    let expected = "8-bit grey or colour JPEG";
    if header.precision != 8 {
        let found = format!("a JPEG of {} bits", header.precision);
        return Err(Error::Unsuited { found, expected });
    }
    match header.components {
        1 | 3 => Ok(header),
        4 => Err(Error::Unsuited { found: "a CMYK JPEG".to_owned(), expected }),
        n => Err(Error::Unsuited { found: format!("a JPEG of {n} components"), expected }),
    }
}

fn decode(bytes: &[u8], space: ColorSpace) -> Result<Vec<u8>, Error> {
    check_blocks(bytes)?;
    let options = options().jpeg_set_out_colorspace(space);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options)
        .decode()
        .map_err(|error| Error::Damaged(format!("{error:?}")))
}

/// The pixels of a colour JPEG as stored, with how the camera was held.
pub fn decode_rgb(bytes: &[u8], limits: Limits) -> Result<(Rgb, Orientation), Error> {
    let header = suited(bytes, limits)?;
    let samples = decode(bytes, ColorSpace::RGB)?;
    if samples.len() != 3 * header.width * header.height {
        return Err(Error::Damaged("it has fewer pixels than its header says".to_owned()));
    }
    Ok((Rgb { width: header.width, height: header.height, samples }, header.orientation))
}

/// The pixels of a one-component JPEG, or the luma of a colour one, as stored.
pub fn decode_grey(bytes: &[u8], limits: Limits) -> Result<(Plane<u8>, Orientation), Error> {
    let header = suited(bytes, limits)?;
    let samples = decode(bytes, ColorSpace::Luma)?;
    if samples.len() != header.width * header.height {
        return Err(Error::Damaged("it has fewer pixels than its header says".to_owned()));
    }
    Ok((Plane::new(header.width, header.height, samples), header.orientation))
}
