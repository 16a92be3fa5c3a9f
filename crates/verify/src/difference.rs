//! A rejected output as a person sees it: what was asked for, what was found, how far they differ.
//!
//! Bytes in, small grey PNGs and a sentence out; it judges nothing.

use photofinish_imaging::metric::{Worst, block_means, worst_pixel};
use photofinish_imaging::{Error, Filter, Limits, Plane, encode_png8, resample_float};

use crate::expected::Levels;
use crate::opened::Opened;

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
        let wanted = Opened::read(reference, limits)?.levels();
        let expected = shown(&wanted)?;
        let found = match Opened::read(output, limits) {
            Ok(found) => found.levels(),
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
    let worst = WorstPixel::between(wanted, found)?;
    let Some(gain) = worst.gain() else {
        let words = "every pixel is right; what is wrong is not in the pixels".to_owned();
        return Some((largest(wanted, |_, _| 0.0), words));
    };
    let (mean, _) = block_means(wanted, found);
    let off = |x, y| (wanted.at(x, y) - found.at(x, y)).abs() * gain;
    let words = format!(
        "worst at {worst}; means of 8x8 blocks are off by {mean:.1} levels on average; the \
         difference is shown {gain:.1} times as large"
    );
    Some((largest(wanted, off), words))
}

/// The pixel that is furthest from what is asked for, in levels of 8 bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorstPixel {
    /// Its column.
    pub column: usize,
    /// Its row.
    pub row: usize,
    /// What was found there.
    pub found: f64,
    /// What is asked for there.
    pub expected: f64,
}

impl WorstPixel {
    /// None of pictures of two sizes.
    pub(crate) fn between(wanted: &Levels, found: &Levels) -> Option<Self> {
        if (wanted.width, wanted.height) != (found.width, found.height) {
            return None;
        }
        let Worst { x, y, .. } = worst_pixel(wanted, found);
        let level = |picture: &Levels| f64::from(picture.at(x, y));
        Some(Self { column: x, row: y, found: level(found), expected: level(wanted) })
    }

    /// How many times a difference is amplified for the worst to be white, if there is any.
    #[must_use]
    pub fn gain(&self) -> Option<f32> {
        let off = (self.found - self.expected).abs();
        (off > 0.0).then(|| (255.0 / off) as f32)
    }
}

impl std::fmt::Display for WorstPixel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { column, row, found, expected } = self;
        write!(f, "column {column}, row {row}: {found:.0} where {expected:.0} is asked for")
    }
}

/// How far each pixel is off, at full size, amplified until the worst is white: a PNG file. None
/// of pictures of two sizes.
pub(crate) fn amplified(wanted: &Levels, found: &Levels) -> Option<Result<Vec<u8>, Error>> {
    let gain = WorstPixel::between(wanted, found)?.gain().unwrap_or(1.0);
    let off = |(wanted, found): (&f32, &f32)| byte((wanted - found).abs() * gain);
    let samples = wanted.samples.iter().zip(&found.samples).map(off).collect();
    Some(encode_png8(&Plane::new(wanted.width, wanted.height, samples)))
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
