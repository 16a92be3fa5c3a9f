//! How far two pictures are apart.

use crate::plane::Plane;

/// A difference and where it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worst {
    /// How large.
    pub value: f64,
    /// Its column.
    pub x: usize,
    /// Its row.
    pub y: usize,
}

/// The largest absolute difference of any pixel.
#[must_use]
pub fn worst_pixel(left: &Plane<f32>, right: &Plane<f32>) -> Worst {
    let mut worst = Worst { value: 0.0, x: 0, y: 0 };
    for (index, (a, b)) in left.samples.iter().zip(&right.samples).enumerate() {
        let value = f64::from((a - b).abs());
        if value > worst.value {
            worst = Worst { value, x: index % left.width, y: index / left.width };
        }
    }
    worst
}

/// Means of 8×8 blocks compared: the mean of their absolute differences, and the worst block.
/// Blocks at the right and lower edge are as large as what is left.
#[must_use]
pub fn block_means(left: &Plane<f32>, right: &Plane<f32>) -> (f64, Worst) {
    const BLOCK: usize = 8;
    let mut sum = 0.0;
    let mut blocks = 0.0;
    let mut worst = Worst { value: 0.0, x: 0, y: 0 };
    for top in (0..left.height).step_by(BLOCK) {
        for start in (0..left.width).step_by(BLOCK) {
            let (bottom, end) = ((top + BLOCK).min(left.height), (start + BLOCK).min(left.width));
            let mut difference = 0.0;
            for y in top..bottom {
                for x in start..end {
                    difference += f64::from(left.at(x, y)) - f64::from(right.at(x, y));
                }
            }
            let value = difference.abs() / ((bottom - top) * (end - start)) as f64;
            sum += value;
            blocks += 1.0;
            if value > worst.value {
                worst = Worst { value, x: start, y: top };
            }
        }
    }
    (sum / f64::max(blocks, 1.0), worst)
}

/// Peak signal-to-noise ratio in decibels; infinite for equal pictures.
#[must_use]
pub fn psnr(left: &Plane<f32>, right: &Plane<f32>, peak: f64) -> f64 {
    let squares: f64 = left
        .samples
        .iter()
        .zip(&right.samples)
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    let mean = squares / left.samples.len() as f64;
    10.0 * (peak * peak / mean).log10()
}

/// How many different values there are.
#[must_use]
pub fn levels(plane: &Plane<u16>) -> usize {
    let mut seen = vec![false; 65_536];
    plane.samples.iter().for_each(|&sample| seen[usize::from(sample)] = true);
    seen.iter().filter(|seen| **seen).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_pictures_are_infinitely_near_and_a_known_error_has_its_decibels() {
        let plane = Plane::new(16, 16, vec![100.0_f32; 256]);
        assert_eq!(psnr(&plane, &plane, 255.0), f64::INFINITY);
        let off = plane.map(|sample| sample + 1.0);
        assert!((psnr(&plane, &off, 255.0) - 48.1308).abs() < 1e-3);
        let (mean, worst) = block_means(&plane, &off);
        assert!((mean - 1.0).abs() < 1e-9 && (worst.value - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_worst_place_is_found() {
        let plane = Plane::new(20, 10, vec![0.0_f32; 200]);
        let mut other = plane.clone();
        other.samples[9 * 20 + 17] = 5.0;
        let worst = worst_pixel(&plane, &other);
        assert_eq!((worst.x, worst.y), (17, 9));
        let (_, block) = block_means(&plane, &other);
        assert_eq!((block.x, block.y), (16, 8));
    }
}
