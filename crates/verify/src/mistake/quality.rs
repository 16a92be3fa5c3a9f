//! Pictures that lost too much to a JPEG: the one that was written, or one on the way to it.

use photofinish_imaging::{Plane, decode_grey, encode_grey};

use super::{Made, Wrong};
use crate::contract::Step;
use crate::expected::{Given, Levels};
use crate::judge::media_type;

/// The table for luma that the standard proposes, in the order in which a file has it.
const PROPOSED: [u16; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, //
    26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51, //
    56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, //
    95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

pub(super) fn mistakes<'a>(wrong: &'a Wrong<'_>) -> Vec<Made<'a>> {
    const ON_THE_WAY: &str = "another lossy JPEG on the way";
    let right = &wrong.expected.picture;
    let mut made = Vec::new();
    if let Some(quality) = quality(wrong.bytes).filter(|quality| *quality < wrong.quality) {
        let name = format!("a JPEG of quality {quality}, not {}", wrong.quality);
        made.extend(through(right, quality, wrong).map(|picture| Made::whole(name, picture)));
    }
    for quality in [25, 50, 75, 90] {
        if media_type(wrong.bytes) == "image/png" || quality < 90 {
            let picture = through(right, quality, wrong);
            made.extend(picture.map(|picture| Made::whole(ON_THE_WAY, picture)));
        }
        if let (Step::Rotate, Given::Grey(given)) = (wrong.step, &wrong.expected.given) {
            let picture = through(given, quality, wrong);
            made.extend(picture.map(|picture| Made::whole(ON_THE_WAY, picture.clockwise())));
        }
    }
    made
}

fn through(picture: &Levels, quality: u8, wrong: &Wrong<'_>) -> Option<Levels> {
    let bytes: Plane<u8> = picture.map(|level| level.round().clamp(0.0, 255.0) as u8);
    let jpeg = encode_grey(&bytes, quality).ok()?;
    Some(decode_grey(&jpeg, wrong.limits).ok()?.0.map(f32::from))
}

/// The quality at which the standard's table is nearest to a JPEG's first.
fn quality(jpeg: &[u8]) -> Option<u8> {
    let table = table(jpeg)?;
    let far = |quality: u16| -> u32 {
        let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
        let step = |proposed: u16| {
            ((u32::from(proposed) * u32::from(scale) + 50) / 100).clamp(1, 255) as u16
        };
        let steps = PROPOSED.iter().zip(&table);
        steps.map(|(proposed, found)| u32::from(step(*proposed).abs_diff(*found))).sum()
    };
    let nearest = (1..=100_u16).min_by_key(|quality| far(*quality))?;
    u8::try_from(nearest).ok()
}

/// The quantisation table with the number 0.
fn table(jpeg: &[u8]) -> Option<[u16; 64]> {
    let mut rest = jpeg.get(2..)?;
    loop {
        let [0xff, marker, high, low, after @ ..] = rest else { return None };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let mut body = after.get(..length.checked_sub(2)?)?;
        rest = &after[body.len()..];
        match marker {
            0xda | 0xd9 => return None,
            0xdb => {}
            _ => continue,
        }
        while let [kind, entries @ ..] = body {
            let bytes = if kind >> 4 == 0 { 64 } else { 128 };
            let entries = entries.get(..bytes)?;
            if kind & 15 == 0 && bytes == 64 {
                let entries: &[u8; 64] = entries.try_into().ok()?;
                return Some(entries.map(u16::from));
            }
            body = &body[1 + bytes..];
        }
    }
}
