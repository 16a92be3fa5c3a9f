//! A rejected output as a person sees it: what was asked for, what was found, how far they differ.
//!
//! Bytes in, small grey PNGs and a sentence out; it judges nothing.

use photofinish_imaging::metric::{block_means, worst_pixel};
use photofinish_imaging::{
    Depth, Error, Filter, Limits, Plane, decode_grey, decode_png, decode_rgb, encode_png8,
    jpeg_header, luma, resample_float,
};

use crate::expected::Levels;
use crate::judge::media_type;

/// No picture is shown wider than this, in pixels.
pub const WIDEST: usize = 320;

/// The pictures are PNG files of at most [`WIDEST`] pixels' width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What was asked for.
    pub expected: Vec<u8>,
    /// What was found, unless it is no picture.
    pub found: Option<Vec<u8>>,
    /// How far each pixel is off, amplified until the worst is white; only of pictures of one size.
    pub difference: Option<Vec<u8>>,
    /// Where it is worst and by how much, or why there is nothing to show.
    pub words: String,
}

impl Difference {
    /// Between the reference's output and what was found, however broken that is.
    ///
    /// Samples of 10 bits are shown as levels of 8; those above 1023 are white. Fails only if the
    /// reference's own output is no picture.
    pub fn between(reference: &[u8], output: &[u8], limits: Limits) -> Result<Self, Error> {
        let wanted = levels(reference, limits)?;
        let expected = shown(&wanted)?;
        let found = match levels(output, limits) {
            Ok(found) => found,
            Err(error) => {
                let words = format!("nothing can be shown: the output {error}");
                return Ok(Self { expected, found: None, difference: None, words });
            }
        };
        let (difference, words) = match compared(&wanted, &found) {
            Some((difference, words)) => (Some(encode_png8(&difference)?), words),
            None => (None, sizes(&wanted, &found)),
        };
        Ok(Self { expected, found: Some(shown(&found)?), difference, words })
    }
}

/// Any picture that can be decoded, as levels of 8 bits.
fn levels(bytes: &[u8], limits: Limits) -> Result<Levels, Error> {
    if media_type(bytes) == "image/jpeg" {
        return Ok(if jpeg_header(bytes)?.components == 1 {
            decode_grey(bytes, limits)?.0.map(f32::from)
        } else {
            luma(&decode_rgb(bytes, limits)?.0).map(f32::from)
        });
    }
    Ok(match decode_png(bytes, limits)? {
        Depth::Eight(plane) => plane.map(f32::from),
        Depth::Sixteen(codes) => codes.map(|code| f32::from(code.min(1023)) * (255.0 / 1023.0)),
    })
}

/// The size at which a picture of this size is shown.
fn shown_size(width: usize, height: usize) -> (usize, usize) {
    let wide = width.min(WIDEST);
    (wide, (height * wide).div_ceil(width.max(1)).max(1))
}

fn shown(picture: &Levels) -> Result<Vec<u8>, Error> {
    let (width, height) = shown_size(picture.width, picture.height);
    let small = if width == picture.width {
        picture.clone()
    } else {
        resample_float(picture, width, height, Filter::Triangle)
    };
    encode_png8(&small.map(byte))
}

fn byte(level: f32) -> u8 {
    level.round().clamp(0.0, 255.0) as u8
}

/// The amplified difference and where it is worst; none of pictures of two sizes.
fn compared(wanted: &Levels, found: &Levels) -> Option<(Plane<u8>, String)> {
    if (wanted.width, wanted.height) != (found.width, found.height) {
        return None;
    }
    let worst = worst_pixel(wanted, found);
    let (mean, _) = block_means(wanted, found);
    if worst.value == 0.0 {
        let words = "every pixel is right; what is wrong is not in the pixels".to_owned();
        return Some((largest(wanted, |_, _| 0.0), words));
    }
    let gain = (255.0 / worst.value) as f32;
    let off = |x, y| (wanted.at(x, y) - found.at(x, y)).abs() * gain;
    let (x, y) = (worst.x, worst.y);
    let words = format!(
        "worst at column {x}, row {y}: {:.0} where {:.0} is asked for; means of 8x8 blocks are off \
         by {mean:.1} levels on average; the difference is shown {gain:.1} times as large",
        found.at(x, y),
        wanted.at(x, y),
    );
    Some((largest(wanted, off), words))
}

/// Scaled down so that one wrong pixel still shows: each new pixel is the largest that it covers.
fn largest(picture: &Levels, off: impl Fn(usize, usize) -> f32) -> Plane<u8> {
    let (width, height) = shown_size(picture.width, picture.height);
    let mut samples = vec![0_u8; width * height];
    for y in 0..picture.height {
        for x in 0..picture.width {
            let place = (y * height / picture.height) * width + x * width / picture.width;
            samples[place] = samples[place].max(byte(off(x, y)));
        }
    }
    Plane::new(width, height, samples)
}

fn sizes(wanted: &Levels, found: &Levels) -> String {
    format!(
        "it is {}x{} where {}x{} is asked for, so pixels cannot be compared",
        found.width, found.height, wanted.width, wanted.height
    )
}
