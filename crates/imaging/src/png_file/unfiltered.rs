//! Rows as they were, from what each byte differs by from a guess.
//!
//! A byte waits for the one to its left. So that the processor need not, several rows are undone at
//! once, each a pixel behind the one above it: all that a step asks for is known by the step before.

use multiversion::multiversion;

use crate::error::Error;

/// Bytes of one step: pixels of one byte in eight rows, or of two bytes in four.
const LANES: usize = 8;

/// A number for each byte of a step.
type Lanes = [i16; LANES];

/// Gives each of a picture's rows, whose bytes stand after the number of their filter.
pub(super) fn unfiltered(
    stored: &[u8],
    length: usize,
    each: usize,
    give: impl FnMut(&[u8]),
) -> Result<(), Error> {
    if let Some((y, row)) = stored.chunks_exact(1 + length).zip(0..).find_map(unknown) {
        return Err(Error::Damaged(format!("row {row} has a filter of type {y}")));
    }
    if each == 1 {
        in_groups::<1>(stored, length, give);
    } else {
        in_groups::<2>(stored, length, give);
    }
    Ok(())
}

fn unknown((row, y): (&[u8], usize)) -> Option<(u8, usize)> {
    (row[0] > 4).then_some((row[0], y))
}

/// The same of pixels of so many bytes, whose filters are known to be some.
fn in_groups<const EACH: usize>(stored: &[u8], length: usize, mut give: impl FnMut(&[u8])) {
    let together = LANES / EACH;
    let mut steps = vec![[0; LANES]; length / EACH + together - 1];
    // The row above a group, and those of the group.
    let mut rows = vec![0; (1 + together) * length];
    for group in stored.chunks(together * (1 + length)) {
        let count = group.len() / (1 + length);
        let mut filters = [0; LANES];
        for (row, stored) in group.chunks_exact(1 + length).enumerate() {
            filters[row * EACH..][..EACH].fill(stored[0]);
            slanted::<EACH>(&stored[1..], row, &mut steps);
        }
        let (above, rest) = rows.split_at_mut(length);
        undo::<EACH>(&Masks::of(filters), above, &mut steps);
        for (row, into) in rest.chunks_exact_mut(length).take(count).enumerate() {
            upright::<EACH>(&steps, row, into);
            give(into);
        }
        rows.copy_within(count * length.., 0);
    }
}

/// Puts a row's bytes where its steps are.
fn slanted<const EACH: usize>(row: &[u8], place: usize, steps: &mut [Lanes]) {
    for (pixel, step) in row.as_chunks::<EACH>().0.iter().zip(&mut steps[place..]) {
        step.as_chunks_mut::<EACH>().0[place] = pixel.map(i16::from);
    }
}

/// Takes a row's bytes from where its steps are.
fn upright<const EACH: usize>(steps: &[Lanes], place: usize, row: &mut [u8]) {
    for (pixel, step) in row.as_chunks_mut::<EACH>().0.iter_mut().zip(&steps[place..]) {
        *pixel = step.as_chunks::<EACH>().0[place].map(|byte| byte as u8);
    }
}

/// Which guess counts in each lane: all bits are set there.
struct Masks {
    left: Lanes,
    up: Lanes,
    mean: Lanes,
    paeth: Lanes,
}

impl Masks {
    fn of(filters: [u8; LANES]) -> Self {
        let mask = |filter| filters.map(|of| -i16::from(of == filter));
        Self { left: mask(1), up: mask(2), mean: mask(3), paeth: mask(4) }
    }
}

/// Undoes the filters of some rows, step by step.
#[multiversion(targets("x86_64+avx2"))]
fn undo<const EACH: usize>(masks: &Masks, above: &[u8], steps: &mut [Lanes]) {
    let (mut left, mut corner) = ([0; LANES], [0; LANES]);
    let above = above.as_chunks::<EACH>().0.iter().chain(std::iter::repeat(&[0; EACH]));
    for (step, above) in steps.iter_mut().zip(above) {
        // What is above is what the row above had a step before.
        let up: Lanes = std::array::from_fn(|lane| match lane.checked_sub(EACH) {
            Some(before) => left[before],
            None => i16::from(above[lane]),
        });
        let next: Lanes = std::array::from_fn(|lane| {
            let (a, b, c) = (left[lane], up[lane], corner[lane]);
            let guess = a & masks.left[lane]
                | b & masks.up[lane]
                | (a + b) >> 1 & masks.mean[lane]
                | paeth(a, b, c) & masks.paeth[lane];
            (step[lane] + guess) & 0xff
        });
        *step = next;
        (left, corner) = (next, up);
    }
}

/// The neighbour that is nearest to `left + up - corner`; of equals the first.
#[inline(always)]
fn paeth(left: i16, up: i16, corner: i16) -> i16 {
    let (across, down) = (up - corner, left - corner);
    let (to_left, to_up, to_corner) = (across.abs(), down.abs(), (across + down).abs());
    let of_above = if to_up <= to_corner { up } else { corner };
    if to_left <= to_up.min(to_corner) { left } else { of_above }
}
