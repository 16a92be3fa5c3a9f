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

/// Divided by a power of two, halves upwards.
#[inline(always)]
fn rounded(value: i32, bits: u32) -> i32 {
    (value + (1 << (bits - 1))) >> bits
}

/// Eight samples in a line to eight frequencies: what is weighed by constants loses `bits`, what
/// is not is changed by `whole`.
#[inline(always)]
fn line(samples: [i32; 8], whole: impl Fn(i32) -> i32, bits: u32) -> [i32; 8] {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = samples;
    let (outer, inner) = (s0 + s7, s3 + s4);
    let (second, third) = (s1 + s6, s2 + s5);
    let (even, slope) = (outer + inner, outer - inner);
    let (odd, bend) = (second + third, second - third);
    let turned = (bend + slope) * fixed(0.541_196_100);

    let (d4, d5, d6, d7) = (s3 - s4, s2 - s5, s1 - s6, s0 - s7);
    let (near, far) = (d4 + d6, d5 + d7);
    let both = (near + far) * fixed(1.175_875_602);
    let near = both - near * fixed(1.961_570_560);
    let far = both - far * fixed(0.390_180_644);
    let outside = (d4 + d7) * fixed(0.899_976_223);
    let inside = (d5 + d6) * fixed(2.562_915_447);
    [
        whole(even + odd),
        rounded(d7 * fixed(1.501_321_110) - outside + far, bits),
        rounded(turned + slope * fixed(0.765_366_865), bits),
        rounded(d6 * fixed(3.072_711_026) - inside + near, bits),
        whole(even - odd),
        rounded(d5 * fixed(2.053_119_869) - inside + far, bits),
        rounded(turned - bend * fixed(1.847_759_065), bits),
        rounded(d4 * fixed(0.298_631_336) - outside + near, bits),
    ]
}

/// The same in every lane: a loop over lanes, which is what the compiler makes vectors of.
#[inline(always)]
fn lines(samples: &[Lane; 8], whole: impl Fn(i32) -> i32, bits: u32) -> [Lane; 8] {
    let mut frequencies = [[0; LANES]; 8];
    for lane in 0..LANES {
        let made = line(std::array::from_fn(|at| samples[at][lane]), &whole, bits);
        for (at, value) in made.into_iter().enumerate() {
            frequencies[at][lane] = value;
        }
    }
    frequencies
}

/// Levels around zero to frequencies, eight times as large as they are.
#[inline(always)]
pub(super) fn transform(blocks: &mut Blocks) {
    for row in blocks.as_chunks_mut::<8>().0 {
        *row = lines(row, |value| value << KEPT, FRACTION - KEPT);
    }
    for column in 0..8 {
        let samples = std::array::from_fn(|row| blocks[row * 8 + column]);
        let frequencies = lines(&samples, |value| rounded(value, KEPT), FRACTION + KEPT);
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
            let values = &blocks[usize::from(natural)];
            let made = &mut quantised.blocks[place];
            let marks = &mut quantised.marks[place / 32];
            for lane in 0..LANES {
                let size = ((values[lane].unsigned_abs() + half) * factor) >> shift;
                let sign = values[lane] >> 31;
                made[lane] = (size as i32 ^ sign) - sign;
                marks[lane] |= u32::from(size != 0) << (place % 32);
            }
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
            for (place, made) in blocks.iter().enumerate() {
                let (down, across) = (place / 8, place % 8);
                let exact: f64 = (0..64)
                    .map(|at| {
                        f64::from(samples[at][lane]) * wave(at / 8, down) * wave(at % 8, across)
                    })
                    .sum();
                let made = f64::from(made[lane]) / 8.0;
                assert!((made - exact).abs() < 0.4, "lane {lane}, {place}: {made}, not {exact}");
            }
        }
    }
}
