//! Photograph-like pictures from a seed, the same on every machine: integers only.

use crate::plane::{Plane, Rgb};

/// What kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// Muted, as landscapes are.
    Natural,
    /// Strong colours inside the gamut, so that wrong luma weights show.
    Saturated,
    /// Muted and without any detail.
    Smooth,
}

/// A picture of layered noise, a gradient and a few hard edges.
#[must_use]
pub fn scene(seed: u64, width: usize, height: usize, palette: Palette) -> Rgb {
    let mut samples = Vec::with_capacity(3 * width * height);
    let extent = width.max(height);
    let detailed = palette != Palette::Smooth;
    for y in 0..height {
        for x in 0..width {
            let light = texture(seed, x, y, extent, if detailed { 7 } else { 1 });
            // Colours change more slowly than light, as they do in photographs.
            let hue = texture(seed ^ 0x9e37_79b9, x, y, extent, if detailed { 3 } else { 1 });
            let edge = if detailed { edges(seed, x, y, width, height) } else { 0 };
            let [r, g, b] = colour(light, hue, edge, palette);
            samples.extend([r, g, b]);
        }
    }
    Rgb { width, height, samples }
}

/// A plane on which every one of 1,024 codes stands, in bands and then mixed.
#[must_use]
pub fn all_codes(width: usize, height: usize) -> Plane<u16> {
    let samples = (0..width * height)
        .map(|index| {
            let (x, y) = (index % width, index / width);
            if y < height / 2 {
                (x * 1024 / width) as u16
            } else {
                (hash(1, x as u64, y as u64) % 1024) as u16
            }
        })
        .collect();
    let mut plane = Plane::new(width, height, samples);
    // The first pixels hold every code, whatever the width.
    for (code, sample) in plane.samples.iter_mut().take(1024).enumerate() {
        *sample = code as u16;
    }
    plane
}

/// Noise of several sizes, 0 to 255: the finest of seven is of single pixels, as a sensor's.
fn texture(seed: u64, x: usize, y: usize, extent: usize, sizes: u64) -> i64 {
    let mut sum = 0;
    let mut share = 128;
    let mut cell = (extent / 3).max(2);
    for octave in 0..sizes {
        sum += smooth(seed.wrapping_add(octave), x, y, cell) * share / 255;
        share = (share / 2).max(6);
        cell = (cell / 3).max(1);
    }
    sum.min(255)
}

/// Bilinear noise between the corners of a cell.
fn smooth(seed: u64, x: usize, y: usize, cell: usize) -> i64 {
    let (column, row) = ((x / cell) as u64, (y / cell) as u64);
    let (right, down) = ((x % cell) as i64, (y % cell) as i64);
    let cell = cell as i64;
    let corner = |dx, dy| (hash(seed, column + dx, row + dy) & 255) as i64;
    let upper = corner(0, 0) * (cell - right) + corner(1, 0) * right;
    let lower = corner(0, 1) * (cell - right) + corner(1, 1) * right;
    (upper * (cell - down) + lower * down) / (cell * cell)
}

fn edges(seed: u64, x: usize, y: usize, width: usize, height: usize) -> i64 {
    let mut offset = 0;
    for shape in 0..6 {
        let place = |salt: u64, extent: usize| (hash(seed, shape, salt) % extent as u64) as i64;
        let radius = 2 + place(3, width.min(height) / 4 + 1);
        let (dx, dy) = (x as i64 - place(1, width), y as i64 - place(2, height));
        let inside = if shape % 2 == 0 {
            dx * dx + dy * dy < radius * radius
        } else {
            dx.abs() < radius && dy.abs() < radius / 2
        };
        if inside {
            offset += if shape % 3 == 0 { 50 } else { -40 };
        }
    }
    offset
}

fn colour(light: i64, hue: i64, edge: i64, palette: Palette) -> [u8; 3] {
    let byte = |value: i64| value.clamp(12, 243) as u8;
    match palette {
        Palette::Natural | Palette::Smooth => {
            let base = 40 + light * 170 / 255 + edge;
            let warm = (hue - 128) / 4;
            [byte(base + warm), byte(base + 4), byte(base - warm)]
        }
        Palette::Saturated => {
            let base = 60 + light / 4 + edge / 2;
            let strong = 150;
            match hue * 6 / 256 {
                0 => [byte(base + strong), byte(base / 3), byte(base / 3)],
                1 => [byte(base / 3), byte(base + strong), byte(base / 3)],
                2 => [byte(base / 3), byte(base / 3), byte(base + strong)],
                3 => [byte(base + strong), byte(base + strong), byte(base / 3)],
                4 => [byte(base / 3), byte(base + strong), byte(base + strong)],
                _ => [byte(base + strong), byte(base / 3), byte(base + strong)],
            }
        }
    }
}

/// Mixes three numbers into one that looks random.
fn hash(seed: u64, x: u64, y: u64) -> u64 {
    let mut value = seed
        .wrapping_add(x.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(y.wrapping_mul(0xc2b2_ae3d_27d4_eb4f));
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_picture_and_another_seed_is_another() {
        let one = scene(1, 64, 48, Palette::Natural);
        assert_eq!(one, scene(1, 64, 48, Palette::Natural));
        assert_ne!(one, scene(2, 64, 48, Palette::Natural));
        let distinct: std::collections::HashSet<&[u8]> = one.samples.chunks(3).collect();
        assert!(distinct.len() > 300, "{}", distinct.len());
    }

    #[test]
    fn every_code_is_there() {
        assert_eq!(crate::metric::levels(&all_codes(800, 600)), 1024);
    }
}
