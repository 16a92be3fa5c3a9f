//! The five functions as they are used: held against [`crate::reference`], and free to be faster.

use multiversion::multiversion;

use crate::error::Error;
use crate::jpeg::{JpegHeader, PARTS, Scale, grey, luma_jpeg, scaled, suited};
use crate::limits::Limits;
use crate::plane::Plane;
use crate::png_file::{Opened, encode_png8, encode_png16};
use crate::reference::{self, eight_bits, to_eight_bits};
use crate::resample::Filter;
use crate::scaling::{Source, ten_bits};

pub use crate::reference::{convert, rotate};

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
    let stored = suited(input, limits)?;
    encode_png16(&resized(input, &stored, (width, height), limits)?)
}

/// 16-bit PNG of 10-bit samples to 8-bit PNG: each row is mapped as soon as it is read.
pub fn depth(input: &[u8], limits: Limits) -> Result<Vec<u8>, Error> {
    let png = Opened::new(input, limits)?;
    if png.header.bit_depth != 16 {
        return Err(reference::not_sixteen_bits());
    }
    encode_png8(&png.plane(append_eight_bits)?)
}

#[multiversion(targets("x86_64+avx2"))]
fn append_eight_bits(row: &[u8], samples: &mut Vec<u8>) {
    samples.extend(row.as_chunks::<2>().0.iter().map(|&pair| eight_bits(u16::from_be_bytes(pair))));
}

/// All five at once, without the files between them: a JPEG as a PNG, small, upright and then
/// turned. No JPEG lies in between, so it is nearer to the input than the five in turn.
pub fn all_five(
    input: &[u8],
    width: usize,
    height: usize,
    limits: Limits,
) -> Result<Vec<u8>, Error> {
    let stored = suited(input, limits)?;
    let exchanged = stored.orientation.exchanges_sides();
    let size = if exchanged { (height, width) } else { (width, height) };
    let codes = stored.orientation.upright(resized(input, &stored, size, limits)?);
    encode_png8(&to_eight_bits(&codes).clockwise())
}

/// The luma of a JPEG as 10-bit samples at another size.
fn resized(
    input: &[u8],
    stored: &JpegHeader,
    (width, height): (usize, usize),
    limits: Limits,
) -> Result<Plane<u16>, Error> {
    let enough = |scale: &Scale| {
        let least = scale.factor() * SAMPLES_FOR_FOUR;
        4 * stored.width >= least * width && 4 * stored.height >= least * height
    };
    let Some(scale) = [Scale::Eighth, Scale::Quarter, Scale::Half].into_iter().find(enough) else {
        let plane = grey(input, limits)?;
        return Ok(ten_bits(&Source::whole(&plane), width, height, Filter::Lanczos3));
    };
    let plane = scaled(input, limits, scale)?;
    let smaller = |side: usize| side as f64 / scale.factor() as f64;
    let extent = (smaller(stored.width), smaller(stored.height));
    let source = Source { plane: &plane, extent, unit: 1.0 / PARTS as f32 };
    Ok(ten_bits(&source, width, height, Filter::Lanczos3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpeg::decode_grey;
    use crate::metric::{block_means, psnr};
    use crate::reference::luma;
    use crate::scene::{Palette, scene};

    /// How near to the reference, in dB of 10-bit codes.
    fn nearness(stored: (usize, usize), palette: Palette) -> f64 {
        let plane = luma(&scene(29, stored.0, stored.1, palette));
        let jpeg = crate::encode_grey(&plane, 95).expect("a JPEG");
        let header = suited(&jpeg, Limits::default()).expect("a header");
        let made = resized(&jpeg, &header, (160, 120), Limits::default()).expect("a picture");
        let (plane, _) = decode_grey(&jpeg, Limits::default()).expect("a JPEG");
        let exact = reference::ten_bits(&plane, 160, 120, Filter::Lanczos3);
        psnr(&made.map(f32::from), &exact.map(f32::from), 1023.0)
    }

    #[test]
    fn all_five_at_once_are_the_five_in_turn_however_the_camera_was_held() {
        for tag in [1, 6, 7] {
            let path =
                format!("{}/tests/goldens/orientation-{tag}.jpg", env!("CARGO_MANIFEST_DIR"));
            let input = std::fs::read(path).expect("a golden file");
            let limits = Limits::default();
            let grey = reference::greyscale(&input, 100, limits).expect("a picture");
            let small = reference::resize(&grey, 80, 60, limits).expect("a picture");
            let turned = reference::depth(&small, limits).and_then(|png| rotate(&png, 100, limits));
            let in_turn = turned.and_then(|jpeg| convert(&jpeg, limits)).expect("a picture");
            let at_once = all_five(&input, 80, 60, limits).expect("a picture");
            let (one, other) = (eight_bits(&in_turn), eight_bits(&at_once));
            assert_eq!((one.width, one.height), (60, 80));
            let (mean, worst) = block_means(&one, &other);
            assert!(mean < 1.0 && worst.value < 4.0, "orientation {tag}: {mean}, {worst:?}");
        }
    }

    fn eight_bits(png: &[u8]) -> Plane<f32> {
        match crate::decode_png(png, Limits::default()).expect("a PNG") {
            crate::Depth::Eight(plane) => plane.map(f32::from),
            crate::Depth::Sixteen(_) => panic!("16 bits"),
        }
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
