//! The entropy-coded bits of a scan of one component.

use super::lanes::{Blocks, LANES, Quantiser, transform};
use super::tables::{Codes, DETAILS, MEANS};
use crate::plane::Plane;

const MEAN_CODES: Codes = MEANS.codes();
const DETAIL_CODES: Codes = DETAILS.codes();
/// Every coefficient that follows is zero.
const END: usize = 0x00;
/// Sixteen zeros, and not the end yet.
const SIXTEEN: usize = 0xf0;

/// Bits towards bytes, with a zero after each byte of ones.
struct Bits<'a> {
    out: &'a mut Vec<u8>,
    held: u64,
    free: u32,
}

impl<'a> Bits<'a> {
    fn behind(out: &'a mut Vec<u8>) -> Self {
        Self { out, held: 0, free: 64 }
    }

    /// At most 32 of them, the others being zero.
    #[inline(always)]
    fn put(&mut self, bits: u32, length: u32) {
        if length < self.free {
            self.free -= length;
            self.held |= u64::from(bits) << self.free;
            return;
        }
        let over = length - self.free;
        self.write(self.held | u64::from(bits) >> over);
        self.free = 64 - over;
        self.held = if over == 0 { 0 } else { u64::from(bits) << self.free };
    }

    #[inline(always)]
    fn write(&mut self, word: u64) {
        const ONES: u64 = 0x0101_0101_0101_0101;
        let bytes = word.to_be_bytes();
        // A byte of ones is a zero in the complement: is there one that borrows?
        if (!word).wrapping_sub(ONES) & word & (ONES << 7) == 0 {
            self.out.extend_from_slice(&bytes);
        } else {
            self.write_stuffed(&bytes);
        }
    }

    #[cold]
    fn write_stuffed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.out.push(byte);
            if byte == 0xff {
                self.out.push(0);
            }
        }
    }

    /// Fills the last byte with ones.
    fn end(mut self) {
        self.put(0x7f, 7);
        let whole = (64 - self.free) / 8;
        let bytes = self.held.to_be_bytes();
        self.write_stuffed(&bytes[..whole as usize]);
    }
}

/// How many bits a value has, and what they are: one less for a negative one.
#[inline(always)]
fn sized(value: i32) -> (u32, u32) {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let bits = (value + (value >> 31)) as u32 & ((1 << size) - 1);
    (size, bits)
}

/// Writes the plane's blocks, in rows.
#[multiversion::multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(super) fn write_scan(plane: &Plane<u8>, quantiser: &Quantiser, out: &mut Vec<u8>) {
    let mut bits = Bits::behind(out);
    let mut mean = 0;
    let columns = plane.width.div_ceil(8);
    for top in (0..plane.height).step_by(8) {
        let lines: [&[u8]; 8] = std::array::from_fn(|line| {
            let row = (top + line).min(plane.height - 1) * plane.width;
            &plane.samples[row..row + plane.width]
        });
        for first in (0..columns).step_by(LANES) {
            let mut blocks = gathered(&lines, first * 8);
            transform(&mut blocks);
            let quantised = quantiser.quantise(&blocks);
            for lane in 0..LANES.min(columns - first) {
                let block = &quantised.blocks;
                let (size, extra) = sized(block[0][lane] - mean);
                mean = block[0][lane];
                let code = MEAN_CODES[size as usize & 15];
                bits.put(code.bits | extra, code.length);
                write_details(block, lane, quantised.marks(lane), &mut bits);
            }
        }
    }
    bits.end();
}

/// The coefficients behind the mean: each that is not zero, with the zeros before it.
#[inline(always)]
fn write_details(block: &Blocks, lane: usize, marks: u64, bits: &mut Bits<'_>) {
    let mut marks = marks & !1;
    let mut last = 0;
    while marks != 0 {
        let place = marks.trailing_zeros();
        marks &= marks - 1;
        let mut zeros = place - last - 1;
        last = place;
        while zeros >= 16 {
            bits.put(DETAIL_CODES[SIXTEEN].bits, DETAIL_CODES[SIXTEEN].length);
            zeros -= 16;
        }
        let (size, extra) = sized(block[place as usize & 63][lane]);
        let code = DETAIL_CODES[(zeros << 4 | size) as usize & 255];
        bits.put(code.bits | extra, code.length);
    }
    if last != 63 {
        bits.put(DETAIL_CODES[END].bits, DETAIL_CODES[END].length);
    }
}

/// Eight blocks of eight lines from a column on, the last pixel of a line repeated beyond its end.
#[inline(always)]
fn gathered(lines: &[&[u8]; 8], left: usize) -> Blocks {
    let mut blocks = [[0; LANES]; 64];
    for (line, samples) in lines.iter().enumerate() {
        let mut pixels = [0; 8 * LANES];
        let rest = &samples[left..];
        if let Some(whole) = rest.first_chunk() {
            pixels = *whole;
        } else {
            pixels[..rest.len()].copy_from_slice(rest);
            pixels[rest.len()..].fill(rest[rest.len() - 1]);
        }
        // Halves of each block's line: then a column of all blocks is one shift away.
        let mut halves = [[0; LANES]; 2];
        for (block, word) in pixels.as_chunks().0.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            halves[0][block] = word as u32;
            halves[1][block] = (word >> 32) as u32;
        }
        for column in 0..8 {
            let lane = &mut blocks[line * 8 + column];
            for (sample, half) in lane.iter_mut().zip(&halves[column / 4]) {
                *sample = (half >> (column % 4 * 8) & 0xff) as i32 - 128;
            }
        }
    }
    blocks
}
