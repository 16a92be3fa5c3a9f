//! Components of any size to pixels, as libjpeg does it: "fancy" upsampling, which weighs the
//! nearer of two neighbours three times, and colours by tables of 16 bits below the point.

use multiversion::multiversion;

use super::frame::{Component, Frame};
use super::sequential::Samples;
use crate::error::Error;

/// How a component's samples become one for each pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spread {
    /// They are.
    Even,
    /// Weighed with the neighbour at the side.
    Wide,
    /// Weighed with the neighbour above or below.
    High,
    /// Weighed with both.
    Both,
    /// Each repeated so often.
    Repeated(usize, usize),
}

impl Spread {
    fn of(component: &Component, frame: &Frame) -> Result<Self, Error> {
        let (h, v) = component.factors;
        if !frame.most.0.is_multiple_of(h) || !frame.most.1.is_multiple_of(v) {
            return Err(Error::Unsuited {
                found: "a JPEG with sampling factors that do not divide each other".to_owned(),
                expected: "8-bit grey or colour JPEG",
            });
        }
        Ok(match (frame.most.0 / h, frame.most.1 / v) {
            (1, 1) => Self::Even,
            (2, 1) if component.size.0 > 2 => Self::Wide,
            (2, 2) if component.size.0 > 2 => Self::Both,
            (1, 2) => Self::High,
            (across, down) => Self::Repeated(across, down),
        })
    }
}

/// A component of a picture whose samples are whole.
struct Channel<'a> {
    samples: &'a Samples<u8>,
    spread: Spread,
    size: (usize, usize),
    /// Sums of two rows.
    sums: Vec<u16>,
    /// The row for the pixels.
    row: Vec<u8>,
}

impl<'a> Channel<'a> {
    fn of(frame: &Frame, index: usize, samples: &'a Samples<u8>) -> Result<Self, Error> {
        let component = &frame.components[index];
        let spread = Spread::of(component, frame)?;
        let size = component.size;
        let row = match spread {
            Spread::Even => 0,
            Spread::High => size.0,
            Spread::Wide | Spread::Both => 2 * size.0,
            Spread::Repeated(across, _) => across * size.0,
        };
        Ok(Self { samples, spread, size, sums: vec![0; size.0], row: vec![0; row] })
    }

    fn stored(&self, y: usize) -> &[u8] {
        &self.samples.samples[y * self.samples.stride..][..self.size.0]
    }

    /// The nearest stored row to a row of pixels, and the one on its other side.
    fn neighbours(&self, y: usize) -> (&[u8], &[u8]) {
        let near = y / 2;
        let far = if y.is_multiple_of(2) { near.saturating_sub(1) } else { near + 1 };
        (self.stored(near), self.stored(far.min(self.size.1 - 1)))
    }

    /// Makes the samples for a row of pixels.
    #[inline(always)]
    fn spread(&mut self, y: usize) {
        let mut row = std::mem::take(&mut self.row);
        match self.spread {
            Spread::Even => {}
            Spread::Wide => widened(self.stored(y), &mut row),
            Spread::High => {
                let (near, far) = self.neighbours(y);
                let bias = if y.is_multiple_of(2) { 1 } else { 2 };
                for ((into, &near), &far) in row.iter_mut().zip(near).zip(far) {
                    *into = ((3 * u16::from(near) + u16::from(far) + bias) >> 2) as u8;
                }
            }
            Spread::Both => {
                let mut sums = std::mem::take(&mut self.sums);
                let (near, far) = self.neighbours(y);
                for ((sum, &near), &far) in sums.iter_mut().zip(near).zip(far) {
                    *sum = 3 * u16::from(near) + u16::from(far);
                }
                widened_sums(&sums, &mut row);
                self.sums = sums;
            }
            Spread::Repeated(across, down) => {
                for (into, &sample) in row.chunks_mut(across).zip(self.stored(y / down)) {
                    into.fill(sample);
                }
            }
        }
        self.row = row;
    }

    /// What `spread` made, or found.
    fn pixels(&self, y: usize) -> &[u8] {
        if self.spread == Spread::Even { self.stored(y) } else { &self.row }
    }
}

/// Two samples for each, the nearer neighbour weighing three times.
#[inline(always)]
fn widened(stored: &[u8], row: &mut [u8]) {
    let last = stored.len() - 1;
    let (pairs, _) = row.as_chunks_mut::<2>();
    pairs[0][0] = stored[0];
    pairs[last][1] = stored[last];
    let middles = pairs[..last].iter_mut().zip(stored).zip(&stored[1..]);
    for ((pair, &this), &next) in middles {
        pair[1] = ((3 * u16::from(this) + u16::from(next) + 2) >> 2) as u8;
    }
    for ((pair, &this), &before) in pairs[1..].iter_mut().zip(&stored[1..]).zip(stored) {
        pair[0] = ((3 * u16::from(this) + u16::from(before) + 1) >> 2) as u8;
    }
}

/// The same of sums of two rows, four times as large.
#[inline(always)]
fn widened_sums(sums: &[u16], row: &mut [u8]) {
    let last = sums.len() - 1;
    let (pairs, _) = row.as_chunks_mut::<2>();
    pairs[0][0] = ((4 * sums[0] + 8) >> 4) as u8;
    pairs[last][1] = ((4 * sums[last] + 7) >> 4) as u8;
    for ((pair, &this), &next) in pairs[..last].iter_mut().zip(sums).zip(&sums[1..]) {
        pair[1] = ((3 * this + next + 7) >> 4) as u8;
    }
    for ((pair, &this), &before) in pairs[1..].iter_mut().zip(&sums[1..]).zip(sums) {
        pair[0] = ((3 * this + before + 8) >> 4) as u8;
    }
}

/// Three components as interleaved pixels.
pub(crate) fn pixels(
    frame: &Frame,
    planes: &[Samples<u8>; 3],
    is_rgb: bool,
) -> Result<Vec<u8>, Error> {
    let [a, b, c] = planes;
    let mut channels =
        [Channel::of(frame, 0, a)?, Channel::of(frame, 1, b)?, Channel::of(frame, 2, c)?];
    let mut pixels = vec![0; 3 * frame.width * frame.height];
    convert(frame.width, &mut channels, is_rgb, &mut pixels);
    Ok(pixels)
}

/// The first component as a sample for each pixel.
pub(crate) fn first(frame: &Frame, plane: &Samples<u8>) -> Result<Vec<u8>, Error> {
    let mut channel = Channel::of(frame, 0, plane)?;
    let mut samples = Vec::with_capacity(frame.width * frame.height);
    for y in 0..frame.height {
        channel.spread(y);
        samples.extend_from_slice(&channel.pixels(y)[..frame.width]);
    }
    Ok(samples)
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+fma"))]
fn convert(width: usize, channels: &mut [Channel<'_>; 3], is_rgb: bool, pixels: &mut [u8]) {
    for (y, into) in pixels.chunks_exact_mut(3 * width).enumerate() {
        for channel in &mut *channels {
            channel.spread(y);
        }
        let [a, b, c] = &*channels;
        let rows =
            a.pixels(y)[..width].iter().zip(&b.pixels(y)[..width]).zip(&c.pixels(y)[..width]);
        let (into, _) = into.as_chunks_mut::<3>();
        if is_rgb {
            for (into, ((&r, &g), &b)) in into.iter_mut().zip(rows) {
                *into = [r, g, b];
            }
        } else {
            for (into, ((&luma, &blue), &red)) in into.iter_mut().zip(rows) {
                *into = rgb(luma, blue, red);
            }
        }
    }
}

/// ITU-R 601 as JFIF has it, its factors in 65,536ths.
#[inline(always)]
fn rgb(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let (luma, blue, red) = (i32::from(luma), i32::from(blue) - 128, i32::from(red) - 128);
    let half = 1 << 15;
    let level = |offset: i32| (luma + (offset >> 16)).clamp(0, 255) as u8;
    [
        level(91_881 * red + half),
        level(half - 22_554 * blue - 46_802 * red),
        level(116_130 * blue + half),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neutral_chroma_is_grey_and_pure_colours_come_back() {
        for level in [0, 1, 127, 128, 255] {
            assert_eq!(rgb(level, 128, 128), [level; 3]);
        }
        assert_eq!(rgb(76, 85, 255), [254, 0, 0]);
        assert_eq!(rgb(29, 255, 107), [0, 0, 254]);
    }

    #[test]
    fn a_step_is_spread_by_quarters() {
        let mut row = [0; 8];
        widened(&[0, 0, 100, 100], &mut row);
        assert_eq!(row, [0, 0, 0, 25, 75, 100, 100, 100]);
        widened_sums(&[0, 0, 400, 400], &mut row);
        assert_eq!(row, [0, 0, 0, 25, 75, 100, 100, 100]);
    }
}
