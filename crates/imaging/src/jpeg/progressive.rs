//! Scans that give a picture bit by bit: coefficients are kept until the last.

use std::ops::Range;

use multiversion::multiversion;

use super::bits::{BitReader, Shortfall};
use super::frame::{Coding, Component, Frame, NATURAL, Scan, Steps};
use super::huffman::Huffman;
use super::idct::Transform;
use super::scans::{Fault, intervals};
use super::sequential::{Samples, first};
use crate::error::Error;

/// A block's coefficients, in natural order, not yet multiplied by their steps.
pub(crate) type Block = [i16; 64];

/// A component's blocks, row by row, as far as scans have given them.
#[derive(Debug)]
pub(crate) struct Blocks {
    pub(crate) blocks: Vec<Block>,
    pub(crate) stride: usize,
    /// For each place in coding order: how many low bits are still to come, if any came.
    missing: [Option<u32>; 64],
}

impl Blocks {
    pub(crate) fn of(component: &Component) -> Self {
        let (stride, rows) = component.padded;
        Self { blocks: vec![[0; 64]; stride * rows], stride, missing: [None; 64] }
    }

    /// Whether scans gave every bit; a decoder would have to guess at others.
    pub(crate) fn check(&self, number: usize) -> Result<(), Error> {
        match self.missing.iter().position(|&missing| missing != Some(0)) {
            None => Ok(()),
            Some(0) if self.missing[0].is_none() => {
                Err(Error::Damaged(format!("component {number} has no scan")))
            }
            Some(place) => Err(Error::Damaged(format!(
                "component {number} lacks a scan: coefficient {place} is not given in full"
            ))),
        }
    }

    /// Takes note of what a scan gives.
    fn note(&mut self, scan: &Scan) -> Result<(), Error> {
        for missing in &mut self.missing[scan.first..=scan.last] {
            let before = if scan.refines { Some(scan.low + 1) } else { None };
            if *missing != before {
                let message = "a scan gives bits that an earlier one gave, or before it should";
                return Err(Error::Damaged(message.to_owned()));
            }
            *missing = Some(scan.low);
        }
        Ok(())
    }

    /// The samples of the blocks.
    pub(crate) fn transformed<T: Transform>(&self, steps: &Steps) -> Samples<T::Sample> {
        let stride = self.stride * T::SIDE;
        let mut samples = vec![T::Sample::default(); self.blocks.len() * T::SIDE * T::SIDE];
        transform::<T>(&self.blocks, steps, &mut samples, self.stride);
        Samples { samples, stride }
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+fma"))]
fn transform<T: Transform>(
    blocks: &[Block],
    steps: &Steps,
    samples: &mut [T::Sample],
    across: usize,
) {
    let stride = across * T::SIDE;
    let rows = samples.chunks_exact_mut(stride * T::SIDE);
    for (blocks, row) in blocks.chunks_exact(across).zip(rows) {
        for (column, block) in blocks.iter().enumerate() {
            let mut coefficients = [0; 64];
            let right =
                block.iter().enumerate().any(|(place, &value)| place & 4 != 0 && value != 0);
            for ((into, &value), &step) in coefficients.iter_mut().zip(block).zip(steps) {
                *into = i32::from(value).wrapping_mul(step);
            }
            T::block(
                &coefficients,
                if right { 63 } else { 0 },
                &mut row[column * T::SIDE..],
                stride,
            );
        }
    }
}

/// Takes a scan into the blocks of its components.
pub(crate) fn progressive(
    coding: &Coding,
    scan: &Scan,
    entropy: &[u8],
    components: &mut [Blocks],
) -> Result<(), Error> {
    let frame = coding.frame.as_ref().expect("a scan's header was read after the frame's");
    for part in &scan.parts {
        components[part.component].note(scan)?;
    }
    let (wide, high) = scan.units(frame);
    intervals(entropy, wide * high, coding.restart, |interval, units| {
        let mut reader = interval.reader();
        let result = if scan.first > 0 {
            band(coding, scan, units, &mut reader, components)
        } else {
            firsts(coding, frame, scan, units, &mut reader, components)
        };
        result.map_err(|(shortfall, unit)| (reader.reason(shortfall), unit))
    })
}

/// DC coefficients, or one more bit of them.
fn firsts(
    coding: &Coding,
    frame: &Frame,
    scan: &Scan,
    units: Range<usize>,
    reader: &mut BitReader<'_>,
    components: &mut [Blocks],
) -> Result<(), Fault> {
    let (wide, _) = scan.units(frame);
    let mut predictions = [0; 4];
    for unit in units {
        let (x, y) = (unit % wide, unit / wide);
        for (&part, prediction) in scan.parts.iter().zip(&mut predictions) {
            let (across, down) = scan.blocks_of(part, frame);
            let Blocks { blocks, stride, .. } = &mut components[part.component];
            for row in y * down..(y + 1) * down {
                for column in x * across..(x + 1) * across {
                    let block = &mut blocks[row * *stride + column];
                    reader.refill();
                    if scan.refines {
                        block[0] |= (reader.take(1) << scan.low) as i16;
                        continue;
                    }
                    let code = coding.dc[part.dc].as_ref().expect("a scan's tables are checked");
                    let value =
                        first(reader, code, prediction).map_err(|shortfall| (shortfall, unit))?;
                    block[0] = shifted(value, scan.low).map_err(|shortfall| (shortfall, unit))?;
                }
            }
        }
        reader.check().map_err(|shortfall| (shortfall, unit))?;
    }
    Ok(())
}

/// Some AC coefficients of one component.
fn band(
    coding: &Coding,
    scan: &Scan,
    units: Range<usize>,
    reader: &mut BitReader<'_>,
    components: &mut [Blocks],
) -> Result<(), Fault> {
    let part = scan.parts[0];
    let code = coding.ac[part.ac].as_ref().expect("a scan's tables are checked");
    let frame = coding.frame.as_ref().expect("a scan's header was read after the frame's");
    let (wide, _) = scan.units(frame);
    let Blocks { blocks, stride, .. } = &mut components[part.component];
    let mut run = 0;
    let end = units.end;
    for unit in units {
        let block = &mut blocks[unit / wide * *stride + unit % wide];
        let result = if scan.refines {
            refined(reader, scan, code, block, &mut run)
        } else {
            begun(reader, scan, code, block, &mut run)
        };
        result.and_then(|()| reader.check()).map_err(|shortfall| (shortfall, unit))?;
    }
    if run > 0 { Err((Shortfall::BadCode, end)) } else { Ok(()) }
}

fn shifted(value: i32, by: u32) -> Result<i16, Shortfall> {
    let value = value << by;
    if (-2048..2048).contains(&value) { Ok(value as i16) } else { Err(Shortfall::OutOfRange) }
}

/// The higher bits of a block's band.
fn begun(
    reader: &mut BitReader<'_>,
    scan: &Scan,
    code: &Huffman,
    block: &mut Block,
    run: &mut u32,
) -> Result<(), Shortfall> {
    if *run > 0 {
        *run -= 1;
        return Ok(());
    }
    let mut at = scan.first;
    while at <= scan.last {
        reader.refill();
        let symbol = code.symbol(reader)?;
        match (symbol >> 4, symbol & 15) {
            (15, 0) => at += 16,
            (power, 0) => {
                *run = (1 << power) - 1 + reader.take(u32::from(power));
                return Ok(());
            }
            (_, 11..) => return Err(Shortfall::OutOfRange),
            (zeros, size) => {
                at += usize::from(zeros);
                if at > scan.last {
                    return Err(Shortfall::BadCode);
                }
                let value = reader.signed(u32::from(size));
                block[usize::from(NATURAL[at])] = shifted(value, scan.low)?;
                at += 1;
            }
        }
    }
    // Zeros may lead up to the end of the band, but not beyond it.
    if at > scan.last + 1 { Err(Shortfall::BadCode) } else { Ok(()) }
}

/// One more bit for each coefficient that is known, and new ones in between.
fn refined(
    reader: &mut BitReader<'_>,
    scan: &Scan,
    code: &Huffman,
    block: &mut Block,
    run: &mut u32,
) -> Result<(), Shortfall> {
    let bit = 1_i16 << scan.low;
    let mut at = scan.first;
    while *run == 0 && at <= scan.last {
        reader.refill();
        let symbol = code.symbol(reader)?;
        let (mut zeros, size) = (symbol >> 4, symbol & 15);
        let new = match size {
            0 if zeros < 15 => {
                *run = (1 << zeros) + reader.take(u32::from(zeros));
                break;
            }
            0 => 0,
            1 if reader.take(1) == 1 => bit,
            1 => -bit,
            _ => return Err(Shortfall::BadCode),
        };
        while at <= scan.last {
            let known = &mut block[usize::from(NATURAL[at])];
            if *known != 0 {
                refine(reader, known, bit);
            } else if zeros == 0 {
                *known = new;
                break;
            } else {
                zeros -= 1;
            }
            at += 1;
        }
        if at > scan.last && (new != 0 || zeros > 0) {
            return Err(Shortfall::BadCode);
        }
        at += 1;
    }
    if *run > 0 {
        for &place in &NATURAL[at.min(scan.last + 1)..=scan.last] {
            let known = &mut block[usize::from(place)];
            if *known != 0 {
                refine(reader, known, bit);
            }
        }
        *run -= 1;
    }
    Ok(())
}

fn refine(reader: &mut BitReader<'_>, known: &mut i16, bit: i16) {
    reader.refill();
    if reader.take(1) == 1 && *known & bit == 0 {
        *known += if *known > 0 { bit } else { -bit };
    }
}
