//! A picture's rows as PNG stores them: each byte as what it differs by from a guess.

use std::ops::Range;

use multiversion::multiversion;

/// What a byte is guessed from, itself the byte of the same place in pixels that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Guess {
    /// The pixel to the left.
    Left = 1,
    /// The pixel above.
    Above = 2,
    /// Both, their mean: half of the noise of either.
    Mean = 3,
    /// Paeth's: of both and the pixel above to the left, the one that is nearest to a plane
    /// through the three.
    Paeth = 4,
}

impl Guess {
    const ALL: [Self; 4] = [Self::Above, Self::Mean, Self::Paeth, Self::Left];
}

/// The rows of a picture.
pub(super) struct Rows<'a> {
    bytes: &'a [u8],
    /// Bytes of a row.
    length: usize,
    /// Bytes of a pixel.
    each: usize,
    /// What is above the first.
    zeros: Vec<u8>,
}

/// Of so many rows one is tried with every guess.
const TRIED: usize = 8;

impl<'a> Rows<'a> {
    pub(super) fn new(bytes: &'a [u8], length: usize, each: usize) -> Self {
        Self { bytes, length, each, zeros: vec![0; length] }
    }

    fn at(&self, row: usize) -> &[u8] {
        &self.bytes[row * self.length..][..self.length]
    }

    fn above(&self, row: usize) -> &[u8] {
        if row == 0 { &self.zeros } else { self.at(row - 1) }
    }

    /// Some rows as they are stored, by the guess that is the best for them.
    pub(super) fn stored(&self, rows: Range<usize>, into: &mut Vec<u8>) {
        into.resize(rows.len() * (1 + self.length), 0);
        let guess = self.best(rows.clone(), &mut into[..self.length]);
        for (row, into) in rows.zip(into.chunks_exact_mut(1 + self.length)) {
            into[0] = guess as u8;
            differences(guess, self.at(row), self.above(row), self.each, &mut into[1..]);
        }
    }

    fn best(&self, rows: Range<usize>, room: &mut [u8]) -> Guess {
        let tried = rows.start + rows.len().min(TRIED) / 2;
        let mut misses = |guess| -> u64 {
            let of_row = |row| {
                differences(guess, self.at(row), self.above(row), self.each, room);
                total(room)
            };
            (tried..rows.end).step_by(TRIED).map(of_row).sum()
        };
        Guess::ALL.into_iter().min_by_key(|&guess| misses(guess)).unwrap_or(Guess::Above)
    }
}

/// The sum of differences, whatever their sign.
#[multiversion(targets("x86_64+avx2"))]
fn total(differences: &[u8]) -> u64 {
    // A chunk's sum fits into 32 bits, which are summed faster.
    differences
        .chunks(1 << 16)
        .map(|chunk| {
            let sizes = chunk.iter().map(|&byte| u32::from(byte.cast_signed().unsigned_abs()));
            u64::from(sizes.sum::<u32>())
        })
        .sum()
}

/// What each byte of a row differs by from the guess.
#[multiversion(targets("x86_64+avx2"))]
fn differences(guess: Guess, row: &[u8], above: &[u8], each: usize, into: &mut [u8]) {
    // Left of the first pixel are zeros.
    let (first, rest) = into.split_at_mut(each);
    for ((into, &byte), &up) in first.iter_mut().zip(row).zip(above) {
        *into = byte.wrapping_sub(match guess {
            Guess::Left => 0,
            Guess::Above | Guess::Paeth => up,
            Guess::Mean => up >> 1,
        });
    }
    let neighbours = row.iter().zip(&above[each..]).zip(above);
    let places = rest.iter_mut().zip(&row[each..]).zip(neighbours);
    match guess {
        Guess::Left => {
            places.for_each(|((into, &byte), ((&left, _), _))| *into = byte.wrapping_sub(left));
        }
        Guess::Above => {
            places.for_each(|((into, &byte), ((_, &up), _))| *into = byte.wrapping_sub(up));
        }
        Guess::Mean => {
            // Half of the sum, without a ninth bit.
            let mean = |left: u8, up: u8| (left & up) + ((left ^ up) >> 1);
            places.for_each(|((into, &byte), ((&left, &up), _))| {
                *into = byte.wrapping_sub(mean(left, up));
            });
        }
        Guess::Paeth => {
            places.for_each(|((into, &byte), ((&left, &up), &corner))| {
                *into = byte.wrapping_sub(paeth(left, up, corner));
            });
        }
    }
}

/// The neighbour that is nearest to `left + up - corner`; of equals the first.
#[inline(always)]
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let (to_left, to_up, to_corner) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    let of_above = if to_up <= to_corner { up } else { corner };
    if to_left <= to_up.min(to_corner) { left } else { of_above }
}

#[cfg(test)]
mod tests {
    use super::super::unfiltered::unfiltered;
    use super::*;

    /// What the standard's words make of stored rows.
    fn read(stored: &[u8], length: usize, each: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (row, stored) in stored.chunks(1 + length).enumerate() {
            for (x, &difference) in stored[1..].iter().enumerate() {
                let at = |row: usize, x: usize| bytes[row * length + x];
                let left = if x < each { 0 } else { at(row, x - each) };
                let up = if row == 0 { 0 } else { at(row - 1, x) };
                let corner = if x < each || row == 0 { 0 } else { at(row - 1, x - each) };
                let guess = match stored[0] {
                    0 => 0,
                    1 => left,
                    2 => up,
                    3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
                    4 => {
                        let wanted = i32::from(left) + i32::from(up) - i32::from(corner);
                        let from = |one: &u8| (i32::from(*one) - wanted).abs();
                        [left, up, corner].into_iter().min_by_key(from).expect("three")
                    }
                    other => panic!("a filter of type {other}"),
                };
                bytes.push(difference.wrapping_add(guess));
            }
        }
        bytes
    }

    /// Bytes of a simple generator, with steps of so much.
    fn noise(count: usize, most: u32) -> Vec<u8> {
        let mut state = 9_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % most
        };
        (0..count).map(|_| next() as u8).collect()
    }

    #[test]
    fn every_guess_is_the_standards() {
        for (length, each, most) in [(1, 1, 256), (67, 1, 256), (66, 2, 256), (2, 2, 9), (70, 1, 5)]
        {
            let bytes = noise(5 * length, most);
            let rows = Rows::new(&bytes, length, each);
            for guess in Guess::ALL {
                let mut stored = Vec::new();
                for row in 0..5 {
                    let mut into = vec![0; length];
                    differences(guess, rows.at(row), rows.above(row), each, &mut into);
                    stored.push(guess as u8);
                    stored.extend(into);
                }
                assert_eq!(read(&stored, length, each), bytes, "{guess:?} of {length} bytes");
            }
        }
    }

    #[test]
    fn rows_of_any_filters_are_undone_as_the_standard_says_however_many_there_are() {
        for (length, each) in [(1, 1), (2, 2), (3, 1), (67, 1), (66, 2)] {
            for count in 1..20 {
                let mut stored = noise(count * (1 + length), 256);
                let filters = noise(count, 5);
                for (row, filter) in stored.chunks_mut(1 + length).zip(filters) {
                    row[0] = filter;
                }
                let mut bytes = Vec::new();
                unfiltered(&stored, length, each, |row| bytes.extend_from_slice(row))
                    .expect("known filters");
                assert_eq!(bytes, read(&stored, length, each), "{count} rows of {length} bytes");
            }
        }
    }

    #[test]
    fn the_best_guess_is_the_one_that_misses_least() {
        let guess = |pixel: &dyn Fn(usize, usize) -> u8| {
            let bytes: Vec<u8> = (0..64 * 64).map(|at| pixel(at % 64, at / 64)).collect();
            let mut stored = Vec::new();
            Rows::new(&bytes, 64, 1).stored(0..64, &mut stored);
            assert_eq!(read(&stored, 64, 1), bytes);
            stored[0]
        };
        assert_eq!(guess(&|x, _| (x * x * 37) as u8), Guess::Above as u8);
        let noise = noise(64 * 64, 64);
        assert_eq!(guess(&|x, y| 90 + noise[64 * y + x]), Guess::Mean as u8);
        // Edges in both directions, and nothing between them.
        assert_eq!(guess(&|x, y| (90 * (x / 5) + 50 * (y / 3)) as u8), Guess::Paeth as u8);
    }
}
