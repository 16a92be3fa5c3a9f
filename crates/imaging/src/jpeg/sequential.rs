//! Scans that give whole blocks: each is decoded, transformed and forgotten.

use std::ops::Range;

use multiversion::multiversion;

use super::bits::{BitReader, Shortfall};
use super::frame::{Coding, NATURAL, Scan, Steps};
use super::huffman::Huffman;
use super::idct::Transform;
use super::scans::{Fault, intervals};
use crate::error::Error;

/// A component's samples with the padding of its blocks.
#[derive(Debug, Default)]
pub(crate) struct Samples<S> {
    pub(crate) samples: Vec<S>,
    pub(crate) stride: usize,
}

/// One component's part in a scan, with all that its blocks need.
struct Course<'a, S> {
    dc: &'a Huffman,
    ac: &'a Huffman,
    steps: &'a Steps,
    blocks: (usize, usize),
    prediction: i32,
    /// Where its samples go; nowhere if nobody asked for them.
    into: Option<&'a mut Samples<S>>,
}

/// Decodes a scan into the samples of its components.
pub(crate) fn sequential<T: Transform>(
    coding: &Coding,
    scan: &Scan,
    entropy: &[u8],
    planes: &mut [Option<Samples<T::Sample>>],
) -> Result<(), Error> {
    let frame = coding.frame.as_ref().expect("a scan's header was read after the frame's");
    let mut into: Vec<_> = planes.iter_mut().map(Option::as_mut).collect();
    let mut courses = Vec::with_capacity(scan.parts.len());
    for &part in &scan.parts {
        let there = "a scan's header was checked for its tables";
        courses.push(Course::<T::Sample> {
            dc: coding.dc[part.dc].as_ref().expect(there),
            ac: coding.ac[part.ac].as_ref().expect(there),
            steps: frame.components[part.component].steps.as_ref().expect(there),
            blocks: scan.blocks_of(part, frame),
            prediction: 0,
            into: into[part.component].take(),
        });
    }
    let (wide, high) = scan.units(frame);
    intervals(entropy, wide * high, coding.restart, |interval, units| {
        for course in &mut courses {
            course.prediction = 0;
        }
        blocks::<T>(&mut courses, wide, units, interval.reader())
    })
}

/// The blocks of some units.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+fma"))]
fn blocks<T: Transform>(
    courses: &mut [Course<'_, T::Sample>],
    wide: usize,
    units: Range<usize>,
    mut reader: BitReader<'_>,
) -> Result<(), Fault> {
    let reader = &mut reader;
    let mut coefficients = [0; 64];
    let (mut x, mut y) = (units.start % wide, units.start / wide);
    for unit in units {
        for course in &mut *courses {
            let (across, down) = course.blocks;
            for row in y * down..(y + 1) * down {
                for column in x * across..(x + 1) * across {
                    let result = match &mut course.into {
                        None => skipped(reader, course.dc, course.ac, &mut course.prediction),
                        Some(into) => {
                            let place = (row * into.stride + column) * T::SIDE;
                            let into_block = (&mut into.samples[place..], into.stride);
                            let codes = (course.dc, course.ac, course.steps);
                            let prediction = &mut course.prediction;
                            decoded::<T>(reader, codes, prediction, &mut coefficients, into_block)
                        }
                    };
                    result.map_err(|shortfall| (reader.reason(shortfall), unit))?;
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

/// A block's samples; its coefficients are zero before and after.
#[inline(always)]
fn decoded<T: Transform>(
    reader: &mut BitReader<'_>,
    (dc, ac, steps): (&Huffman, &Huffman, &Steps),
    prediction: &mut i32,
    coefficients: &mut [i32; 64],
    (into, stride): (&mut [T::Sample], usize),
) -> Result<(), Shortfall> {
    reader.refill();
    let first = first(reader, dc, prediction)?.wrapping_mul(steps[0]);
    let (mut at, mut places) = (1, 0);
    loop {
        reader.refill();
        let entry = ac.look(reader);
        let value = if entry.value != 0 {
            reader.skip(u32::from(entry.length));
            at += usize::from(entry.symbol);
            i32::from(entry.value)
        } else {
            let symbol = if entry.length == 0 {
                ac.long(reader)?
            } else {
                reader.skip(u32::from(entry.length));
                entry.symbol
            };
            let size = symbol & 15;
            if size == 0 {
                if symbol != 0xf0 {
                    break;
                }
                at += 16;
                if at >= 64 {
                    return Err(Shortfall::BadCode);
                }
                continue;
            }
            if size > 10 {
                return Err(Shortfall::OutOfRange);
            }
            at += usize::from(symbol >> 4);
            reader.signed(u32::from(size))
        };
        let place = usize::from(NATURAL[at]);
        coefficients[place] = value.wrapping_mul(steps[place]);
        places |= place as u8;
        at += 1;
        if at >= 64 {
            if at > 64 {
                return Err(Shortfall::BadCode);
            }
            break;
        }
    }
    if at == 1 {
        for row in into.chunks_mut(stride).take(T::SIDE) {
            row[..T::SIDE].fill(T::flat(first));
        }
        return Ok(());
    }
    coefficients[0] = first;
    T::block(coefficients, places, into, stride);
    *coefficients = [0; 64];
    Ok(())
}

/// The DC coefficient, before it is multiplied by its step.
#[inline(always)]
pub(crate) fn first(
    reader: &mut BitReader<'_>,
    dc: &Huffman,
    prediction: &mut i32,
) -> Result<i32, Shortfall> {
    let entry = dc.look(reader);
    let difference = if entry.value != 0 {
        reader.skip(u32::from(entry.length));
        i32::from(entry.value)
    } else {
        let size = dc.symbol(reader)?;
        if size > 11 {
            return Err(Shortfall::OutOfRange);
        }
        reader.signed(u32::from(size))
    };
    *prediction += difference;
    if !(-2048..2048).contains(prediction) {
        return Err(Shortfall::OutOfRange);
    }
    Ok(*prediction)
}

/// Goes over a block whose samples nobody asked for.
#[inline(always)]
pub(crate) fn skipped(
    reader: &mut BitReader<'_>,
    dc: &Huffman,
    ac: &Huffman,
    prediction: &mut i32,
) -> Result<(), Shortfall> {
    reader.refill();
    first(reader, dc, prediction)?;
    skip_rest(reader, ac)
}

/// Goes over what follows a block's DC coefficient.
#[inline(always)]
pub(crate) fn skip_rest(reader: &mut BitReader<'_>, ac: &Huffman) -> Result<(), Shortfall> {
    let mut at = 1;
    while at < 64 {
        reader.refill();
        let entry = ac.look(reader);
        if entry.value != 0 {
            reader.skip(u32::from(entry.length));
            at += usize::from(entry.symbol) + 1;
            continue;
        }
        let symbol = ac.symbol(reader)?;
        let size = symbol & 15;
        match (symbol >> 4, size) {
            (15, 0) => at += 16,
            (_, 0) => return Ok(()),
            (_, 11..) => return Err(Shortfall::OutOfRange),
            (zeros, _) => {
                reader.skip(u32::from(size));
                at += usize::from(zeros) + 1;
            }
        }
    }
    if at > 64 { Err(Shortfall::BadCode) } else { Ok(()) }
}
