//! From coefficients to samples: the accurate integer transform of libjpeg ("islow", after
//! Loeffler, Ligtenberg and Moschytz 1989, with constants of 13 bits), rounded where that rounds.

/// Eight numbers that go the same way.
type Lanes = [i32; 8];

const BITS: u32 = 13;
/// What the first pass keeps below the point.
const KEPT: u32 = 2;

#[inline(always)]
fn lanes(mut each: impl FnMut(usize) -> i32) -> Lanes {
    let mut result = [0; 8];
    for (lane, result) in result.iter_mut().enumerate() {
        *result = each(lane);
    }
    result
}

#[inline(always)]
fn plus(a: Lanes, b: Lanes) -> Lanes {
    lanes(|lane| a[lane].wrapping_add(b[lane]))
}

#[inline(always)]
fn minus(a: Lanes, b: Lanes) -> Lanes {
    lanes(|lane| a[lane].wrapping_sub(b[lane]))
}

#[inline(always)]
fn times(a: Lanes, by: i32) -> Lanes {
    lanes(|lane| a[lane].wrapping_mul(by))
}

#[inline(always)]
fn raised(a: Lanes, by: u32) -> Lanes {
    lanes(|lane| a[lane] << by)
}

#[inline(always)]
fn rounded(a: Lanes, by: u32) -> Lanes {
    lanes(|lane| a[lane].wrapping_add(1 << (by - 1)) >> by)
}

/// One dimension, of eight columns at a time; `down` is how far the result is scaled down.
#[inline(always)]
fn pass(input: &[Lanes; 8], down: u32) -> [Lanes; 8] {
    let [in0, in1, in2, in3, in4, in5, in6, in7] = *input;
    // The even part.
    let z1 = times(plus(in2, in6), 4433);
    let t2 = minus(z1, times(in6, 15_137));
    let t3 = plus(z1, times(in2, 6270));
    let t0 = raised(plus(in0, in4), BITS);
    let t1 = raised(minus(in0, in4), BITS);
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
        rounded(plus(e0, o3), down),
        rounded(plus(e1, o2), down),
        rounded(plus(e2, o1), down),
        rounded(plus(e3, o0), down),
        rounded(minus(e3, o0), down),
        rounded(minus(e2, o1), down),
        rounded(minus(e1, o2), down),
        rounded(minus(e0, o3), down),
    ]
}

#[inline(always)]
fn transposed(rows: &[Lanes; 8]) -> [Lanes; 8] {
    let mut columns = [[0; 8]; 8];
    for (at, column) in columns.iter_mut().enumerate() {
        *column = lanes(|lane| rows[lane][at]);
    }
    columns
}

/// What a transform makes of a block's dequantised coefficients, in natural order.
pub(crate) trait Transform {
    /// Samples of a block in a row and a column.
    const SIDE: usize;
    /// One sample.
    type Sample: Copy + Default + Send;

    /// The samples of a block whose coefficients after the first are all 0.
    fn flat(dc: i32) -> Self::Sample;

    /// Writes a block's samples, row by row.
    fn block(coefficients: &[i32; 64], into: &mut [Self::Sample], stride: usize);
}

/// Every pixel, as libjpeg has it.
pub(crate) struct Full;

impl Transform for Full {
    const SIDE: usize = 8;
    type Sample = u8;

    #[inline(always)]
    fn flat(dc: i32) -> u8 {
        ((dc.wrapping_add(4) >> 3).wrapping_add(128)).clamp(0, 255) as u8
    }

    #[inline(always)]
    fn block(coefficients: &[i32; 64], into: &mut [u8], stride: usize) {
        let (rows, _) = coefficients.as_chunks::<8>();
        let rows: &[Lanes; 8] = rows.try_into().expect("64 are 8 times 8");
        let columns = transposed(&pass(rows, BITS - KEPT));
        let samples = transposed(&pass(&columns, BITS + KEPT + 3));
        for (row, into) in samples.iter().zip(into.chunks_mut(stride)) {
            let into = into.first_chunk_mut::<8>().expect("a plane is whole blocks wide");
            for (sample, into) in row.iter().zip(into) {
                *into = sample.wrapping_add(128).clamp(0, 255) as u8;
            }
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
    type Sample = u16;

    #[inline(always)]
    fn flat(dc: i32) -> u16 {
        // An eighth of the coefficient, in sixteenths.
        (dc.wrapping_mul(PARTS / 8).wrapping_add(128 * PARTS)).clamp(0, 255 * PARTS) as u16
    }

    #[inline(always)]
    fn block(coefficients: &[i32; 64], into: &mut [u16], stride: usize) {
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
