//! The five functions as the contract means them, written to be read: what everyone's outputs are
//! compared with, the crate's own fast functions among them.

use crate::error::Error;
use crate::jpeg::{decode_grey, decode_rgb, encode_grey, jpeg_header};
use crate::limits::Limits;
use crate::plane::{Plane, Rgb};
use crate::png_file::{Depth, decode_png, encode_png8, encode_png16};
use crate::resample::{Filter, resample};

/// ITU-R 601 luma of every pixel, rounded.
#[must_use]
pub fn luma(picture: &Rgb) -> Plane<u8> {
    let samples = picture
        .samples
        .as_chunks::<3>()
        .0
        .iter()
        .map(|&[r, g, b]| {
            let sum = 19_595 * u32::from(r) + 38_470 * u32::from(g) + 7_471 * u32::from(b);
            ((sum + 0x8000) >> 16) as u8
        })
        .collect();
    Plane::new(picture.width, picture.height, samples)
}

/// The upright grey picture of a JPEG: what `greyscale` writes, before it is encoded.
pub fn upright_grey(input: &[u8], limits: Limits) -> Result<Plane<u8>, Error> {
    let (plane, orientation) = if jpeg_header(input)?.components == 1 {
        decode_grey(input, limits)?
    } else {
        let (picture, orientation) = decode_rgb(input, limits)?;
        (luma(&picture), orientation)
    };
    Ok(orientation.upright(plane))
}

/// JPEG to upright one-component JPEG.
pub fn greyscale(input: &[u8], quality: u8, limits: Limits) -> Result<Vec<u8>, Error> {
    encode_grey(&upright_grey(input, limits)?, quality)
}

/// 8-bit samples at another size as samples of 0 to 1023.
#[must_use]
pub fn ten_bits(plane: &Plane<u8>, width: usize, height: usize, filter: Filter) -> Plane<u16> {
    resample(plane, width, height, filter)
        .map(|sample| (sample * (1023.0 / 255.0)).round().clamp(0.0, 1023.0) as u16)
}

/// Grey JPEG to a 16-bit PNG of 10-bit samples at a fixed size.
pub fn resize(input: &[u8], width: usize, height: usize, limits: Limits) -> Result<Vec<u8>, Error> {
    let (plane, _) = decode_grey(input, limits)?;
    encode_png16(&ten_bits(&plane, width, height, Filter::Lanczos3))
}

/// `round(v · 255 / 1023)`, samples above 1023 read as 1023.
#[must_use]
pub fn to_eight_bits(plane: &Plane<u16>) -> Plane<u8> {
    plane.map(eight_bits)
}

/// The same of one sample.
#[inline(always)]
pub(crate) fn eight_bits(sample: u16) -> u8 {
    ((u32::from(sample.min(1023)) * 1021 + 2048) >> 12) as u8
}

/// 16-bit PNG of 10-bit samples to 8-bit PNG.
pub fn depth(input: &[u8], limits: Limits) -> Result<Vec<u8>, Error> {
    match decode_png(input, limits)? {
        Depth::Sixteen(plane) => encode_png8(&to_eight_bits(&plane)),
        Depth::Eight(_) => Err(not_sixteen_bits()),
    }
}

pub(crate) fn not_sixteen_bits() -> Error {
    Error::Unsuited { found: "an 8-bit PNG".to_owned(), expected: "16-bit greyscale PNG" }
}

/// 8-bit PNG to JPEG, turned by 90 degrees clockwise.
pub fn rotate(input: &[u8], quality: u8, limits: Limits) -> Result<Vec<u8>, Error> {
    match decode_png(input, limits)? {
        Depth::Eight(plane) => encode_grey(&plane.clockwise(), quality),
        Depth::Sixteen(_) => Err(Error::Unsuited {
            found: "a 16-bit PNG".to_owned(),
            expected: "8-bit greyscale PNG",
        }),
    }
}

/// Grey JPEG to 8-bit PNG.
pub fn convert(input: &[u8], limits: Limits) -> Result<Vec<u8>, Error> {
    let (plane, _) = decode_grey(input, limits)?;
    encode_png8(&plane)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_map_is_the_rounded_quotient_for_every_code() {
        let codes = Plane::new(1025, 1, (0..=1024).collect());
        let mapped = to_eight_bits(&codes);
        for code in 0..=1023_u32 {
            let exact = (f64::from(code) * 255.0 / 1023.0).round();
            assert_eq!(f64::from(mapped.samples[code as usize]), exact, "code {code}");
        }
        assert_eq!(mapped.samples[1024], 255);
    }
}
