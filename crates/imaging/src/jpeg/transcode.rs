//! A colour JPEG's luma as a JPEG of its own, without transforming anything.
//!
//! Of a baseline JPEG the bits of AC coefficients are copied as they are, with their table; only
//! the DC coefficients, which are coded as differences, are written anew. So the pixels are
//! exactly those of the source's luma.

use std::ops::Range;

use multiversion::multiversion;

use super::bit_writer::BitWriter;
use super::bits::{BitReader, Bits};
use super::clipping::{Means, clips};
use super::decode::{coefficients, stores_luma, suited};
use super::frame::{Coding, NATURAL, Scan, Steps};
use super::huffman::{Huffman, Leaps};
use super::markers::walk;
use super::progressive::Blocks;
use super::scans::{Fault, MOST_SCANS, intervals};
use super::sequential::{first, skip_rest};
use crate::error::Error;
use crate::limits::Limits;
use crate::orientation::Orientation;

/// A code for DC sizes and one for AC symbols that hold for every picture: those of the
/// standard's annex K.
const DC_COUNTS: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_SYMBOLS: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const AC_COUNTS: [u8; 16] = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
const AC_SYMBOLS: [u8; 162] = [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
    0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0,
    0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25, 0x26, 0x27, 0x28,
    0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
    0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
    0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
    0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
    0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5,
    0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2,
    0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
    0xf9, 0xfa,
];

/// The luma of a JPEG as a baseline JPEG of one component, with the source's quantisation and
/// without its metadata; `None` where that would not be the upright grey picture, or where it
/// cannot be told cheaply: a turned picture, one stored as red, green and blue or with luma of
/// fewer samples than pixels, steps beyond 255, coefficients beyond what baseline codes, and colours
/// so strong that decoders clip them.
pub fn luma_jpeg(bytes: &[u8], limits: Limits) -> Result<Option<Vec<u8>>, Error> {
    let header = suited(bytes, limits)?;
    // Places of bits are noted in 32 bits.
    if bytes.len() >= 1 << 28 || header.orientation != Orientation::UPRIGHT || !stores_luma(bytes)?
    {
        return Ok(None);
    }
    if header.progressive {
        let (coding, components) = coefficients(bytes, limits)?;
        let means: Vec<Means> = components.iter().map(Means::of_blocks).collect();
        Ok(written(&coding, &means, &Source::Coefficients(&components[0])))
    } else {
        let gathered = Gathered::of(bytes, limits)?;
        Ok(written(&gathered.coding, &gathered.means, &Source::Bits(&gathered)))
    }
}

/// Where AC coefficients come from.
enum Source<'a> {
    Bits(&'a Gathered),
    Coefficients(&'a Blocks),
}

/// Where the bits of a block's AC coefficients lie.
#[derive(Debug, Clone, Copy, Default)]
struct Lies {
    start: u32,
    length: u16,
}

/// A sequential JPEG as its DC coefficients, and its luma's AC bits where they were.
#[derive(Default)]
struct Gathered {
    coding: Coding,
    /// DC coefficients of each component.
    means: Vec<Means>,
    /// For each block of luma.
    lies: Vec<Lies>,
    /// The luma's scan, without stuffing.
    bits: Bits,
    /// The table of its AC bits.
    code: Option<Huffman>,
    scanned: Vec<bool>,
}

impl Gathered {
    fn of(bytes: &[u8], limits: Limits) -> Result<Self, Error> {
        let mut gathered = Self::default();
        let mut scans = 0;
        walk(bytes, &mut |segment| {
            let Some(scan) = gathered.coding.take(segment)? else {
                return Ok(());
            };
            if scans == 0 {
                gathered.prepare(bytes, limits)?;
            }
            scans += 1;
            if scans > MOST_SCANS {
                return Err(Error::TooManyScans { limit: MOST_SCANS });
            }
            gathered.scan(&scan, segment.entropy)
        })?;
        match gathered.scanned.iter().position(|scanned| !scanned) {
            Some(index) => Err(Error::Damaged(format!("component {} has no scan", index + 1))),
            None => Ok(gathered),
        }
    }

    fn prepare(&mut self, file: &[u8], limits: Limits) -> Result<(), Error> {
        let frame = self.coding.frame.as_ref().expect("a scan's header was read after the frame's");
        let blocks: u64 = frame
            .components
            .iter()
            .map(|component| component.padded)
            .map(|(across, down)| across as u64 * down as u64)
            .sum();
        // The file, its bits, those that are written, and eight bytes and a mean for each block.
        limits.check_memory(4 * file.len() as u64 + 10 * blocks)?;
        self.means = frame.components.iter().map(Means::room).collect();
        self.lies = vec![Lies::default(); self.means[0].values.len()];
        self.scanned = vec![false; frame.components.len()];
        Ok(())
    }

    fn scan(&mut self, scan: &Scan, entropy: &[u8]) -> Result<(), Error> {
        let frame = self.coding.frame.as_ref().expect("a scan's header was read after the frame's");
        let mut means: Vec<_> = self.means.iter_mut().map(Some).collect();
        let mut lies = Some(self.lies.as_mut_slice());
        let mut courses = Vec::with_capacity(scan.parts.len());
        for &part in &scan.parts {
            if std::mem::replace(&mut self.scanned[part.component], true) {
                let number = part.component + 1;
                return Err(Error::Damaged(format!("component {number} has two scans")));
            }
            let there = "a scan's header was checked for its tables";
            let ac = self.coding.ac[part.ac].as_ref().expect(there);
            if part.component == 0 {
                self.code = Some(ac.clone());
            }
            courses.push(Course {
                dc: self.coding.dc[part.dc].as_ref().expect(there),
                ac,
                leaps: Leaps::of(ac),
                blocks: scan.blocks_of(part, frame),
                prediction: 0,
                means: means[part.component].take().expect("a scan names a component once"),
                lies: if part.component == 0 { lies.take() } else { None },
            });
        }
        let luma = scan.parts.iter().any(|part| part.component == 0);
        let (wide, high) = scan.units(frame);
        intervals(entropy, wide * high, self.coding.restart, |interval, units| {
            for course in &mut courses {
                course.prediction = 0;
            }
            let before = self.bits.length();
            if luma {
                self.bits.append(interval);
            }
            gather(&mut courses, wide, units, before, interval.reader())
        })
    }
}

/// One component's part in a scan.
struct Course<'a> {
    dc: &'a Huffman,
    ac: &'a Huffman,
    leaps: Leaps,
    blocks: (usize, usize),
    prediction: i32,
    means: &'a mut Means,
    lies: Option<&'a mut [Lies]>,
}

/// Goes over the blocks of some units, taking note of them.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+fma"))]
fn gather(
    courses: &mut [Course<'_>],
    wide: usize,
    units: Range<usize>,
    before: usize,
    mut reader: BitReader<'_>,
) -> Result<(), Fault> {
    let reader = &mut reader;
    let (mut x, mut y) = (units.start % wide, units.start / wide);
    for unit in units {
        for course in &mut *courses {
            let (across, down) = course.blocks;
            for row in y * down..(y + 1) * down {
                for column in x * across..(x + 1) * across {
                    let place = row * course.means.stride + column;
                    reader.refill();
                    let dc = first(reader, course.dc, &mut course.prediction);
                    let start = reader.position();
                    let rest = dc.and_then(|dc| {
                        course.means.values[place] = dc as i16;
                        skip_rest(reader, (course.ac, &course.leaps), 1)
                    });
                    rest.map_err(|shortfall| (reader.reason(shortfall), unit))?;
                    if let Some(lies) = &mut course.lies {
                        let length = (reader.position() - start) as u16;
                        lies[place] = Lies { start: (before + start) as u32, length };
                    }
                }
            }
        }
        reader.check().map_err(|shortfall| (shortfall, unit))?;
        x += 1;
        if x == wide {
            (x, y) = (0, y + 1);
        }
    }
    Ok(())
}

/// The finished file, unless it cannot be right.
fn written(coding: &Coding, means: &[Means], source: &Source<'_>) -> Option<Vec<u8>> {
    let frame = coding.frame.as_ref()?;
    let steps = frame.components[0].steps.as_ref()?;
    if steps.iter().any(|step| !(1..=255).contains(step)) || clips(frame, means) {
        return None;
    }
    let mut bytes = Vec::new();
    let standard = Huffman::new(&AC_COUNTS, &AC_SYMBOLS)?;
    let ac = match source {
        Source::Bits(gathered) => gathered.code.as_ref()?,
        Source::Coefficients(_) => &standard,
    };
    head(&mut bytes, (frame.width, frame.height), steps, ac);
    let sizes = Huffman::new(&DC_COUNTS, &DC_SYMBOLS)?.codes();
    let symbols = ac.codes();
    let mut writer = BitWriter::new(bytes);
    let (across, down) = frame.components[0].blocks;
    let mut prediction = 0;
    for row in 0..down {
        for column in 0..across {
            let place = row * means[0].stride + column;
            let dc = i32::from(means[0].values[place]);
            let difference = dc - prediction;
            prediction = dc;
            let size = size(difference);
            let (code, length) = *sizes.get(size as usize).filter(|_| size <= 11)?;
            writer.put(code << size | low_bits(difference, size), length + size);
            match source {
                Source::Bits(gathered) => {
                    let Lies { start, length } = gathered.lies[place];
                    copy(&mut writer, &gathered.bits, start as usize, u32::from(length));
                }
                Source::Coefficients(blocks) => {
                    block(&mut writer, &blocks.blocks[place], &symbols)?
                }
            }
        }
    }
    let mut bytes = writer.finish();
    bytes.extend([0xff, 0xd9]);
    Some(bytes)
}

fn copy(writer: &mut BitWriter, bits: &Bits, start: usize, length: u32) {
    let mut done = 0;
    while length - done > 32 {
        writer.put(bits.at(start + done as usize, 32), 32);
        done += 32;
    }
    writer.put(bits.at(start + done as usize, length - done), length - done);
}

/// A block's AC coefficients; `None` if one is too large.
fn block(writer: &mut BitWriter, block: &[i16; 64], codes: &[(u32, u32); 256]) -> Option<()> {
    let mut zeros = 0;
    for &place in &NATURAL[1..64] {
        let value = i32::from(block[usize::from(place)]);
        if value == 0 {
            zeros += 1;
            continue;
        }
        while zeros > 15 {
            let (code, length) = codes[0xf0];
            writer.put(code, length);
            zeros -= 16;
        }
        let size = size(value);
        if size > 10 {
            return None;
        }
        let (code, length) = codes[zeros << 4 | size as usize];
        writer.put(code << size | low_bits(value, size), length + size);
        zeros = 0;
    }
    if zeros > 0 {
        let (code, length) = codes[0];
        writer.put(code, length);
    }
    Some(())
}

/// How many bits a number takes without its sign.
fn size(value: i32) -> u32 {
    u32::BITS - value.unsigned_abs().leading_zeros()
}

/// A number as a JPEG has it after its size: of negative ones the bits are turned round.
fn low_bits(value: i32, size: u32) -> u32 {
    let value = if value < 0 { value - 1 } else { value };
    value as u32 & ((1 << size) - 1)
}

/// All that comes before the scan's data.
fn head(bytes: &mut Vec<u8>, (width, height): (usize, usize), steps: &Steps, ac: &Huffman) {
    bytes.extend([0xff, 0xd8]);
    segment(bytes, 0xe0, &[b"JFIF\0", &[1, 1, 0, 0, 1, 0, 1, 0, 0]]);
    let listed: Vec<u8> =
        NATURAL[..64].iter().map(|&place| steps[usize::from(place)] as u8).collect();
    segment(bytes, 0xdb, &[&[0], &listed]);
    let [_, _, w1, w0] = (width as u32).to_be_bytes();
    let [_, _, h1, h0] = (height as u32).to_be_bytes();
    segment(bytes, 0xc0, &[&[8, h1, h0, w1, w0, 1, 1, 0x11, 0]]);
    segment(bytes, 0xc4, &[&[0x00], &DC_COUNTS, &DC_SYMBOLS]);
    segment(bytes, 0xc4, &[&[0x10], &ac.counts, &ac.symbols]);
    segment(bytes, 0xda, &[&[1, 1, 0x00, 0, 63, 0]]);
}

fn segment(bytes: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let body = parts.concat();
    bytes.extend([0xff, marker]);
    bytes.extend((body.len() as u16 + 2).to_be_bytes());
    bytes.extend(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coefficient_that_no_code_stands_for_is_not_written() {
        let codes = Huffman::new(&AC_COUNTS, &AC_SYMBOLS).expect("the standard's code").codes();
        let written = |value: i16| {
            let mut coefficients = [0; 64];
            coefficients[63] = value;
            block(&mut BitWriter::new(Vec::new()), &coefficients, &codes)
        };
        assert!(written(1023).is_some() && written(-1023).is_some());
        assert!(written(1024).is_none() && written(-1024).is_none());
    }
}
