//! Codes of 10 bits made levels of 8 in a wrong way.

use photofinish_imaging::Plane;

use super::Made;

type Map = fn(u32) -> u32;

const MAPS: [(&str, Map); 10] = [
    ("codes clipped at 255 instead of scaled", |code| code.min(255)),
    ("the low byte of the code", |code| code & 255),
    ("the high byte of the code, as if it reached 65535", |code| code >> 8),
    ("codes divided by 2 and cut off", |code| (code >> 1).min(255)),
    ("the low byte of half the code", |code| code >> 1 & 255),
    ("codes divided by 8", |code| code.min(1023) >> 3),
    ("codes divided by 16, as if they were of 12 bits", |code| code.min(1023) >> 4),
    ("codes above 1023 wrapped instead of white", |code| (code * 255 / 1023) & 255),
    ("a product that overflowed 16 bits", |code| (code * 255 % 65_536) / 1023),
    ("codes with their bytes swapped, then scaled", |code| swapped(code).min(1023) * 255 / 1023),
];

fn swapped(code: u32) -> u32 {
    (code & 255) << 8 | code >> 8
}

pub(super) fn mistakes(codes: &Plane<u16>) -> Vec<Made<'_>> {
    let size = (codes.width, codes.height);
    let mut made: Vec<Made<'_>> = MAPS
        .iter()
        .map(|(name, map)| {
            Made::new(*name, size, move |x, y| map(u32::from(codes.at(x, y))) as f32)
        })
        .collect();
    let least = codes.samples.iter().copied().min().unwrap_or(0);
    let span = f32::from(codes.samples.iter().copied().max().unwrap_or(0) - least).max(1.0);
    let stretched = "contrast stretched to the darkest and brightest code";
    made.push(Made::new(stretched, size, move |x, y| {
        f32::from(codes.at(x, y) - least) * 255.0 / span
    }));
    made
}
