//! Eight blocks side by side, a block to a lane: their transform and their quantisation.
//!
//! The transform is the forward discrete cosine transform of Loeffler, Ligtenberg and Moschytz
//! (ICASSP 1989) in integers, with the scaling and the roundings of the Independent JPEG Group's
//! accurate one, so that the coefficients are those of libjpeg.

use super::tables::{ZIGZAG, divisors};

/// How many blocks are worked on together.
pub(super) const LANES: usize = 8;

/// One value of each block.
pub(super) type Lane = [i32; LANES];

/// Eight blocks: the values of one place side by side.
pub(super) type Blocks = [Lane; 64];

/// Fractional bits of the constants.
const FRACTION: u32 = 13;
/// Fractional bits that rows keep for the columns.
const KEPT: u32 = 2;

const fn fixed(value: f64) -> i32 {
    (value * (1 << FRACTION) as f64 + 0.5) as i32
}

#[inline(always)]
fn sum(a: Lane, b: Lane) -> Lane {
    std::array::from_fn(|lane| a[lane] + b[lane])
}

#[inline(always)]
fn difference(a: Lane, b: Lane) -> Lane {
    std::array::from_fn(|lane| a[lane] - b[lane])
}

#[inline(always)]
fn times(a: Lane, factor: i32) -> Lane {
    a.map(|value| value * factor)
}

/// Divided by a power of two, halves upwards.
#[inline(always)]
fn rounded(a: Lane, bits: u32) -> Lane {
    a.map(|value| (value + (1 << (bits - 1))) >> bits)
}

/// Eight samples in a line to eight frequencies, `8` times as large after rows and columns.
#[inline(always)]
fn line(samples: [Lane; 8], whole: impl Fn(Lane) -> Lane, bits: u32) -> [Lane; 8] {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = samples;
    let (outer, inner) = (sum(s0, s7), sum(s3, s4));
    let (second, third) = (sum(s1, s6), sum(s2, s5));
    let (even, slope) = (sum(outer, inner), difference(outer, inner));
    let (odd, bend) = (sum(second, third), difference(second, third));
    let turned = times(sum(bend, slope), fixed(0.541_196_100));
    let f2 = sum(turned, times(slope, fixed(0.765_366_865)));
    let f6 = difference(turned, times(bend, fixed(1.847_759_065)));

    let (d4, d5) = (difference(s3, s4), difference(s2, s5));
    let (d6, d7) = (difference(s1, s6), difference(s0, s7));
    let (near, far) = (sum(d4, d6), sum(d5, d7));
    let both = times(sum(near, far), fixed(1.175_875_602));
    let near = difference(both, times(near, fixed(1.961_570_560)));
    let far = difference(both, times(far, fixed(0.390_180_644)));
    let outside = times(sum(d4, d7), fixed(0.899_976_223));
    let inside = times(sum(d5, d6), fixed(2.562_915_447));
    let f7 = sum(difference(times(d4, fixed(0.298_631_336)), outside), near);
    let f5 = sum(difference(times(d5, fixed(2.053_119_869)), inside), far);
    let f3 = sum(difference(times(d6, fixed(3.072_711_026)), inside), near);
    let f1 = sum(difference(times(d7, fixed(1.501_321_110)), outside), far);
    [
        whole(sum(even, odd)),
        rounded(f1, bits),
        rounded(f2, bits),
        rounded(f3, bits),
        whole(difference(even, odd)),
        rounded(f5, bits),
        rounded(f6, bits),
        rounded(f7, bits),
    ]
}

/// Levels around zero to frequencies, eight times as large as they are.
#[inline(always)]
pub(super) fn transform(blocks: &mut Blocks) {
    for row in blocks.as_chunks_mut::<8>().0 {
        *row = line(*row, |lane| times(lane, 1 << KEPT), FRACTION - KEPT);
    }
    for column in 0..8 {
        let samples = std::array::from_fn(|row| blocks[row * 8 + column]);
        let frequencies = line(samples, |lane| rounded(lane, KEPT), FRACTION + KEPT);
        for (row, lane) in frequencies.into_iter().enumerate() {
            blocks[row * 8 + column] = lane;
        }
    }
}

/// How one frequency is divided: by a product and a shift, which is exact below 2^16.
#[derive(Clone, Copy, Default)]
struct Divisor {
    half: u32,
    factor: u32,
    shift: u32,
}

impl Divisor {
    /// With a shift of 17 bits more than the divisor has before its last, the factor errs by less
    /// than a divisor: by less than 2^shift below a numerator of 2^16.
    fn by(divisor: u32) -> Self {
        let shift = 17 + divisor.ilog2();
        Self { half: divisor / 2, factor: (1_u32 << shift).div_ceil(divisor), shift }
    }
}

/// The divisors of every frequency.
pub(super) struct Quantiser([Divisor; 64]);

/// Eight blocks as they are written.
pub(super) struct Quantised {
    /// In the order of the zigzag.
    pub(super) blocks: Blocks,
    /// For each block, which of them are not zero: the lower and the upper half.
    marks: [[u32; LANES]; 2],
}

impl Quantised {
    /// A bit for each coefficient of a block that is not zero.
    #[inline(always)]
    pub(super) fn marks(&self, lane: usize) -> u64 {
        u64::from(self.marks[0][lane]) | u64::from(self.marks[1][lane]) << 32
    }
}

impl Quantiser {
    /// Of this quality.
    pub(super) fn of(quality: u8) -> Self {
        Self(divisors(quality).map(|divisor| Divisor::by(8 * u32::from(divisor))))
    }

    /// Every frequency by its divisor, halves away from zero.
    #[inline(always)]
    pub(super) fn quantise(&self, blocks: &Blocks) -> Quantised {
        let mut quantised = Quantised { blocks: [[0; LANES]; 64], marks: [[0; LANES]; 2] };
        for (place, &natural) in ZIGZAG.iter().enumerate() {
            let Divisor { half, factor, shift } = self.0[usize::from(natural)];
            let lane = blocks[usize::from(natural)].map(|value| {
                let size = ((value.unsigned_abs() + half) * factor) >> shift;
                let sign = value >> 31;
                (size as i32 ^ sign) - sign
            });
            let bit = 1 << (place % 32);
            let marks = &mut quantised.marks[place / 32];
            *marks =
                std::array::from_fn(|block| marks[block] | if lane[block] == 0 { 0 } else { bit });
            quantised.blocks[place] = lane;
        }
        quantised
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_and_a_shift_divide_exactly_by_every_divisor() {
        for divisor in (8..=8 * 255).step_by(8) {
            let Divisor { half, factor, shift } = Divisor::by(divisor);
            for size in 0..1 << 14 {
                let made = ((size + half) * factor) >> shift;
                assert_eq!(made, (size + divisor / 2) / divisor, "{size} by {divisor}");
            }
        }
    }

    #[test]
    fn the_transform_is_the_cosine_sum_of_each_lane() {
        let mut seed = 7_u32;
        let mut blocks: Blocks = std::array::from_fn(|_| {
            std::array::from_fn(|lane| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Noise, and in the last two lanes the extremes.
                match lane {
                    6 => -128,
                    7 if seed >> 31 == 0 => -128,
                    7 => 127,
                    _ => (seed >> 24) as i32 - 128,
                }
            })
        });
        let samples = blocks;
        transform(&mut blocks);
        let wave = |at: usize, turns: usize| {
            let scale = if turns == 0 { f64::sqrt(0.125) } else { 0.5 };
            scale * (std::f64::consts::PI * (2 * at + 1) as f64 * turns as f64 / 16.0).cos()
        };
        for lane in 0..LANES {
            for place in 0..64 {
                let (down, across) = (place / 8, place % 8);
                let exact: f64 = (0..64)
                    .map(|at| {
                        f64::from(samples[at][lane]) * wave(at / 8, down) * wave(at % 8, across)
                    })
                    .sum();
                let made = f64::from(blocks[place][lane]) / 8.0;
                assert!((made - exact).abs() < 0.4, "lane {lane}, {place}: {made}, not {exact}");
            }
        }
    }
}
