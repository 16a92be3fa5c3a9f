//! Resampling as [`crate::resample`] means it, fast: a new row at a time, first down, then across.

use crate::plane::Plane;
use crate::resample::{Filter, weights_within};

/// So many products are summed side by side.
const LANES: usize = 8;

/// Samples of a picture that may have been made smaller already.
pub(crate) struct Source<'a, T> {
    /// The samples.
    pub(crate) plane: &'a Plane<T>,
    /// Width and height of the picture in samples: the last ones may lie in part beyond its end.
    pub(crate) extent: (f64, f64),
    /// How much of a level a sample counts.
    pub(crate) unit: f32,
}

impl<'a> Source<'a, u8> {
    /// A whole picture of 8 bits.
    pub(crate) fn whole(plane: &'a Plane<u8>) -> Self {
        Self { plane, extent: (plane.width as f64, plane.height as f64), unit: 1.0 }
    }
}

/// Samples of 0 to 1023 at another size.
#[must_use]
pub(crate) fn ten_bits<T: Copy + Into<f32>>(
    source: &Source<'_, T>,
    width: usize,
    height: usize,
    filter: Filter,
) -> Plane<u16> {
    let (plane, (wide, high)) = (source.plane, source.extent);
    let across = Across::of(weights_within(wide, plane.width, width, filter));
    let mut down = weights_within(high, plane.height, height, filter);
    let to_codes = source.unit * (1023.0 / 255.0);
    down.iter_mut().flat_map(|(_, weights)| weights).for_each(|weight| *weight *= to_codes);
    let mut samples = vec![0; width * height];
    fill(plane, &down, &across, &mut samples);
    Plane::new(width, height, samples)
}

/// The weights of a row, in whole lanes.
struct Across {
    /// Where the neighbours of each new sample begin.
    firsts: Vec<usize>,
    /// For each new sample as many weights as for any, the last ones zero.
    weights: Vec<[f32; LANES]>,
    /// How many lanes a new sample has.
    lanes: usize,
}

impl Across {
    fn of(narrow: Vec<(usize, Vec<f32>)>) -> Self {
        let most = narrow.iter().map(|(_, weights)| weights.len()).max().unwrap_or(0);
        let lanes = most.div_ceil(LANES);
        let mut wide = vec![[0.0; LANES]; lanes * narrow.len()];
        for ((_, weights), wide) in narrow.iter().zip(wide.chunks_exact_mut(lanes)) {
            wide.as_flattened_mut()[..weights.len()].copy_from_slice(weights);
        }
        let firsts = narrow.iter().map(|(first, _)| *first).collect();
        Self { firsts, weights: wide, lanes }
    }

    /// How many samples beyond its end a row is read.
    fn margin(&self) -> usize {
        self.lanes * LANES
    }
}

/// Makes every new row: a wide one of sums over old rows, then sums along it.
#[multiversion::multiversion(targets("x86_64+avx2"))]
fn fill<T: Copy + Into<f32>>(
    plane: &Plane<T>,
    down: &[(usize, Vec<f32>)],
    across: &Across,
    out: &mut [u16],
) {
    let mut wide = vec![0.0; plane.width + across.margin()];
    let width = across.firsts.len();
    for ((first, weights), out) in down.iter().zip(out.chunks_exact_mut(width)) {
        let sums = &mut wide[..plane.width];
        sums.fill(0.0);
        let old = |at: usize| &plane.samples[(first + at) * plane.width..][..plane.width];
        let (fours, rest) = weights.as_chunks::<4>();
        for (index, &weights) in fours.iter().enumerate() {
            let rows = std::array::from_fn(|row| old(4 * index + row));
            add_rows(sums, rows, weights);
        }
        for (index, &weight) in rest.iter().enumerate() {
            for (sum, &sample) in sums.iter_mut().zip(old(4 * fours.len() + index)) {
                *sum += sample.into() * weight;
            }
        }
        let lanes = across.weights.chunks_exact(across.lanes);
        for ((out, &first), lanes) in out.iter_mut().zip(&across.firsts).zip(lanes) {
            let code = dot(&wide[first..], lanes);
            *out = code.clamp(0.0, 1023.0).round_ties_even() as u16;
        }
    }
}

/// Four rows at once, so that the sums are read and written a quarter as often.
#[inline(always)]
fn add_rows<T: Copy + Into<f32>>(sums: &mut [f32], rows: [&[T]; 4], weights: [f32; 4]) {
    let [first, second, third, fourth] = rows;
    let rows = first.iter().zip(second).zip(third).zip(fourth);
    for (sum, (((&a, &b), &c), &d)) in sums.iter_mut().zip(rows) {
        let upper = a.into() * weights[0] + b.into() * weights[1];
        let lower = c.into() * weights[2] + d.into() * weights[3];
        *sum += upper + lower;
    }
}

/// Samples by their weights, as many as there are weights.
#[inline(always)]
fn dot(samples: &[f32], weights: &[[f32; LANES]]) -> f32 {
    let mut sums = [0.0; LANES];
    for (samples, weights) in samples.as_chunks::<LANES>().0.iter().zip(weights) {
        for lane in 0..LANES {
            sums[lane] += samples[lane] * weights[lane];
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    (a + e + (c + g)) + (b + f + (d + h))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use crate::scene::{Palette, scene};

    /// The largest difference, in codes of 10 bits.
    fn apart(plane: &Plane<u8>, width: usize, height: usize, filter: Filter) -> u16 {
        let made = ten_bits(&Source::whole(plane), width, height, filter);
        let exact = reference::ten_bits(plane, width, height, filter);
        assert_eq!((made.width, made.height), (width, height));
        let pairs = made.samples.iter().zip(&exact.samples);
        pairs.map(|(one, other)| one.abs_diff(*other)).max().expect("a pixel")
    }

    #[test]
    fn every_filter_is_the_references_at_every_ratio() {
        let plane = reference::luma(&scene(11, 317, 203, Palette::Natural));
        for filter in Filter::ALL {
            for (width, height) in [(80, 60), (60, 80), (317, 203), (1, 1), (400, 7), (7, 300)] {
                let worst = apart(&plane, width, height, filter);
                assert!(worst <= 1, "{filter:?} to {width}x{height}: {worst}");
            }
        }
    }

    #[test]
    fn the_smallest_and_the_most_extreme_pictures_are_the_references_too() {
        for (width, height) in [(1, 1), (1, 50), (50, 1), (3, 2), (9, 64)] {
            let samples = (0..width * height).map(|at| if at % 3 == 0 { 255 } else { 0 });
            let plane = Plane::new(width, height, samples.collect());
            let worst = apart(&plane, 16, 12, Filter::Lanczos3);
            assert!(worst <= 1, "{width}x{height}: {worst}");
        }
    }
}
