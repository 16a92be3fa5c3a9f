//! The five functions as they are used: held against [`crate::reference`], and free to be faster.

use crate::error::Error;
use crate::jpeg::{PARTS, Scale, decode_grey, decode_grey_scaled, jpeg_header, luma_jpeg};
use crate::limits::Limits;
use crate::plane::Plane;
use crate::png_file::encode_png16;
use crate::reference;
use crate::resample::Filter;
use crate::scaling::{Source, ten_bits};

pub use crate::reference::{convert, depth, rotate};

/// JPEG to upright one-component JPEG: of this quality, or of the input's own where its luma can
/// be taken over as it is.
pub fn greyscale(input: &[u8], quality: u8, limits: Limits) -> Result<Vec<u8>, Error> {
    match luma_jpeg(input, limits)? {
        Some(grey) => Ok(grey),
        None => reference::greyscale(input, quality, limits),
    }
}

/// A picture is decoded smaller only if it then still has five samples for every four new ones in
/// a row and in a column.
const SAMPLES_FOR_FOUR: usize = 5;

/// Grey JPEG to a 16-bit PNG of 10-bit samples at a fixed size.
pub fn resize(input: &[u8], width: usize, height: usize, limits: Limits) -> Result<Vec<u8>, Error> {
    encode_png16(&resized(input, width, height, limits)?)
}

fn resized(input: &[u8], width: usize, height: usize, limits: Limits) -> Result<Plane<u16>, Error> {
    let stored = jpeg_header(input)?;
    let enough = |scale: &Scale| {
        let least = scale.factor() * SAMPLES_FOR_FOUR;
        4 * stored.width >= least * width && 4 * stored.height >= least * height
    };
    let Some(scale) = [Scale::Eighth, Scale::Quarter, Scale::Half].into_iter().find(enough) else {
        let (plane, _) = decode_grey(input, limits)?;
        return Ok(ten_bits(&Source::whole(&plane), width, height, Filter::Lanczos3));
    };
    let (plane, _) = decode_grey_scaled(input, limits, scale)?;
    let smaller = |side: usize| side as f64 / scale.factor() as f64;
    let extent = (smaller(stored.width), smaller(stored.height));
    let source = Source { plane: &plane, extent, unit: 1.0 / PARTS as f32 };
    Ok(ten_bits(&source, width, height, Filter::Lanczos3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::psnr;
    use crate::reference::luma;
    use crate::scene::{Palette, scene};

    /// How near to the reference, in dB of 10-bit codes.
    fn nearness(stored: (usize, usize), palette: Palette) -> f64 {
        let plane = luma(&scene(29, stored.0, stored.1, palette));
        let jpeg = crate::encode_grey(&plane, 95).expect("a JPEG");
        let made = resized(&jpeg, 160, 120, Limits::default()).expect("a picture");
        let (plane, _) = decode_grey(&jpeg, Limits::default()).expect("a JPEG");
        let exact = reference::ten_bits(&plane, 160, 120, Filter::Lanczos3);
        psnr(&made.map(f32::from), &exact.map(f32::from), 1023.0)
    }

    #[test]
    fn a_picture_that_is_decoded_smaller_is_resized_as_the_reference_does() {
        // Just too small for it, then at each reduction; no side is a multiple of any.
        for (stored, least) in [
            ((399, 299), 60.0),
            ((401, 301), 50.0),
            ((643, 509), 50.0),
            ((801, 601), 50.0),
            ((1283, 967), 50.0),
            ((1601, 1201), 50.0),
        ] {
            let near = nearness(stored, Palette::Natural);
            assert!(near > least, "{stored:?}: {near:.1} dB");
        }
    }
}
