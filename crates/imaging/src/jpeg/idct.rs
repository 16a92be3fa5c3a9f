//! From coefficients to samples: the accurate integer transform of libjpeg ("islow", after
//! Loeffler, Ligtenberg and Moschytz 1989, with constants of 13 bits), rounded where that rounds.

const BITS: u32 = 13;
/// What the first pass keeps below the point.
const KEPT: u32 = 2;

/// One dimension, scaled up by 2^13 and √8. It is exact: nothing is rounded here, so it is a
/// product with a matrix of whole numbers.
#[inline(always)]
const fn butterfly(input: [i32; 8]) -> [i32; 8] {
    const fn plus(a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }
    const fn minus(a: i32, b: i32) -> i32 {
        a.wrapping_sub(b)
    }
    const fn times(a: i32, b: i32) -> i32 {
        a.wrapping_mul(b)
    }
    let [in0, in1, in2, in3, in4, in5, in6, in7] = input;
    // The even part.
    let z1 = times(plus(in2, in6), 4433);
    let t2 = minus(z1, times(in6, 15_137));
    let t3 = plus(z1, times(in2, 6270));
    let t0 = plus(in0, in4) << BITS;
    let t1 = minus(in0, in4) << BITS;
    let (e0, e3) = (plus(t0, t3), minus(t0, t3));
    let (e1, e2) = (plus(t1, t2), minus(t1, t2));
    // The odd part.
    let (z1, z2) = (plus(in7, in1), plus(in5, in3));
    let (z3, z4) = (plus(in7, in3), plus(in5, in1));
    let z5 = times(plus(z3, z4), 9633);
    let z1 = times(z1, -7373);
    let z2 = times(z2, -20_995);
    let z3 = plus(times(z3, -16_069), z5);
    let z4 = plus(times(z4, -3196), z5);
    let o0 = plus(times(in7, 2446), plus(z1, z3));
    let o1 = plus(times(in5, 16_819), plus(z2, z4));
    let o2 = plus(times(in3, 25_172), plus(z2, z3));
    let o3 = plus(times(in1, 12_299), plus(z1, z4));
    [
        plus(e0, o3),
        plus(e1, o2),
        plus(e2, o1),
        plus(e3, o0),
        minus(e3, o0),
        minus(e2, o1),
        minus(e1, o2),
        minus(e0, o3),
    ]
}

/// The butterfly as a matrix: a row for each frequency.
const MATRIX: [[i32; 8]; 8] = {
    let mut matrix = [[0; 8]; 8];
    let mut frequency = 0;
    while frequency < 8 {
        let mut unit = [0; 8];
        unit[frequency] = 1;
        matrix[frequency] = butterfly(unit);
        frequency += 1;
    }
    matrix
};

/// The first pass, down the columns beside each other, of which only so many are not empty.
#[inline(always)]
fn columns<const WIDE: usize>(coefficients: &[i32; 64], half: &mut [i32; 64]) {
    const DOWN: u32 = BITS - KEPT;
    for column in 0..WIDE {
        let at = |row: usize| coefficients[8 * row + column];
        let done = butterfly([at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)]);
        for (row, done) in done.into_iter().enumerate() {
            half[8 * row + column] = done.wrapping_add(1 << (DOWN - 1)) >> DOWN;
        }
    }
}

/// The second pass, along a row: its eight samples beside each other, frequency by frequency.
#[inline(always)]
fn row<const WIDE: usize>(half: &[i32; 8]) -> [u8; 8] {
    const DOWN: u32 = BITS + KEPT + 3;
    const ROUNDED: i32 = (128 << DOWN) + (1 << (DOWN - 1));
    let mut samples = [0; 8];
    for (x, sample) in samples.iter_mut().enumerate() {
        let mut sum = ROUNDED;
        for (&half, frequency) in half[..WIDE].iter().zip(&MATRIX) {
            sum = half.wrapping_mul(frequency[x]).wrapping_add(sum);
        }
        *sample = (sum >> DOWN).clamp(0, 255) as u8;
    }
    samples
}

/// Both passes.
#[inline(always)]
fn samples<const WIDE: usize>(coefficients: &[i32; 64], into: &mut [u8], stride: usize) {
    let mut half = [0; 64];
    columns::<WIDE>(coefficients, &mut half);
    let (halves, _) = half.as_chunks::<8>();
    for (half, into) in halves.iter().zip(into.chunks_mut(stride)) {
        let into = into.first_chunk_mut::<8>().expect("a plane is whole blocks wide");
        *into = row::<WIDE>(half);
    }
}

/// What a transform makes of a block's dequantised coefficients, in natural order.
pub(crate) trait Transform {
    /// Samples of a block in a row and a column.
    const SIDE: usize;
    /// The last coefficient, in the order in which they are coded, that the samples hang on.
    const LAST: usize;
    /// One sample.
    type Sample: Copy + Default + Send;

    /// The samples of a block whose coefficients after the first are all 0.
    fn flat(dc: i32) -> Self::Sample;

    /// Writes a block's samples, row by row. `places` has each bit of the places of coefficients
    /// that are not 0.
    fn block(coefficients: &[i32; 64], places: u8, into: &mut [Self::Sample], stride: usize);
}

/// Every pixel, as libjpeg has it.
pub(crate) struct Full;

impl Transform for Full {
    const SIDE: usize = 8;
    const LAST: usize = 63;
    type Sample = u8;

    #[inline(always)]
    fn flat(dc: i32) -> u8 {
        ((dc.wrapping_add(4) >> 3).wrapping_add(128)).clamp(0, 255) as u8
    }

    #[inline(always)]
    fn block(coefficients: &[i32; 64], places: u8, into: &mut [u8], stride: usize) {
        // Of coefficients in the left half all places lack the bit that stands for 4.
        if places & 4 == 0 {
            samples::<4>(coefficients, into, stride);
        } else {
            samples::<8>(coefficients, into, stride);
        }
    }
}

/// The mean of `8 / N` pixels squared, or nearly, in sixteenths of a level: the N lowest
/// frequencies in both directions, transformed back at that size.
pub(crate) struct Reduced<const N: usize>;

/// Levels are counted in parts of this many.
pub(crate) const PARTS: i32 = 16;

impl<const N: usize> Reduced<N> {
    /// `cos((2x + 1) u π / 2N)`, scaled so that a block of one level stays it, in 2^12.
    const BASIS: [[i32; N]; N] = {
        // √2 cos(π/8), √2 cos(3π/8), √2 cos(π/4) and the like, where N asks for them.
        let mut basis = [[0; N]; N];
        let mut x = 0;
        while x < N {
            let mut u = 0;
            while u < N {
                basis[x][u] = match (N, u, x) {
                    (_, 0, _) | (4, 2, 0 | 3) | (2, 1, 0) => 4096,
                    (4, 2, 1 | 2) | (2, 1, 1) => -4096,
                    (4, 1, 0) | (4, 3, 2) => 5352,
                    (4, 1, 3) | (4, 3, 1) => -5352,
                    (4, 1, 1) | (4, 3, 0) => 2217,
                    (4, 1, 2) | (4, 3, 3) => -2217,
                    _ => panic!("blocks are reduced to 4, 2 or 1"),
                };
                u += 1;
            }
            x += 1;
        }
        basis
    };
}

impl<const N: usize> Transform for Reduced<N> {
    const SIDE: usize = N;
    // Place 24 is the diagonal one of four rows, place 4 that of two.
    const LAST: usize = match N {
        4 => 24,
        2 => 4,
        1 => 0,
        _ => panic!("blocks are reduced to 4, 2 or 1"),
    };
    type Sample = u16;

    #[inline(always)]
    fn flat(dc: i32) -> u16 {
        // An eighth of the coefficient, in sixteenths.
        (dc.wrapping_mul(PARTS / 8).wrapping_add(128 * PARTS)).clamp(0, 255 * PARTS) as u16
    }

    #[inline(always)]
    fn block(coefficients: &[i32; 64], _: u8, into: &mut [u16], stride: usize) {
        if N == 1 {
            into[0] = Self::flat(coefficients[0]);
            return;
        }
        let mut half = [[0; N]; N];
        for (y, half) in half.iter_mut().enumerate() {
            for (u, half) in half.iter_mut().enumerate() {
                let products =
                    (0..N).map(|v| Self::BASIS[y][v].wrapping_mul(coefficients[8 * v + u]));
                *half = products.fold(1 << 6, i32::wrapping_add) >> 7;
            }
        }
        for (half, into) in half.iter().zip(into.chunks_mut(stride)) {
            for (x, into) in into[..N].iter_mut().enumerate() {
                let products = (0..N).map(|u| Self::BASIS[x][u].wrapping_mul(half[u]));
                // 12 bits of each basis, less 7, and an eighth in sixteenths.
                let sample = products.fold(1 << 15, i32::wrapping_add) >> 16;
                *into = sample.wrapping_add(128 * PARTS).clamp(0, 255 * PARTS) as u16;
            }
        }
    }
}
