//! Scans that give whole blocks: each is decoded, transformed and forgotten.

use std::ops::Range;

use multiversion::multiversion;

use super::bits::{BitReader, Shortfall};
use super::frame::{Coding, NATURAL, Scan, Steps};
use super::huffman::{Huffman, Leaps, MOST_BITS};
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
    leaps: Leaps,
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
        let ac = coding.ac[part.ac].as_ref().expect(there);
        let every = T::LAST == 63 && into[part.component].is_some();
        courses.push(Course::<T::Sample> {
            dc: coding.dc[part.dc].as_ref().expect(there),
            ac,
            leaps: if every { Leaps::none() } else { Leaps::of(ac) },
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
                    let rest = (course.ac, &course.leaps);
                    let result = match &mut course.into {
                        None => skipped(reader, course.dc, rest, &mut course.prediction),
                        Some(into) => {
                            let place = (row * into.stride + column) * T::SIDE;
                            let into_block = (&mut into.samples[place..], into.stride);
                            let codes = (course.dc, rest, course.steps);
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
    (dc, rest, steps): (&Huffman, (&Huffman, &Leaps), &Steps),
    prediction: &mut i32,
    coefficients: &mut [i32; 64],
    (into, stride): (&mut [T::Sample], usize),
) -> Result<(), Shortfall> {
    reader.refill();
    let first = first(reader, dc, prediction)?.wrapping_mul(steps[0]);
    let (ac, _) = rest;
    let (mut at, mut places) = (1, 0);
    loop {
        if at > T::LAST {
            skip_rest(reader, rest, at)?;
            break;
        }
        reader.refill();
        let entry = ac.look(reader);
        let value = if entry.size != 0 {
            let value = reader.signed_after(u32::from(entry.length), u32::from(entry.size));
            reader.skip(u32::from(entry.total));
            at += usize::from(entry.zeros);
            value
        } else {
            match ac.symbol(reader)? {
                0xf0 => {
                    at += 16;
                    if at >= 64 {
                        return Err(Shortfall::BadCode);
                    }
                    continue;
                }
                symbol if symbol & 15 == 0 => break,
                symbol if symbol & 15 > MOST_BITS => return Err(Shortfall::OutOfRange),
                symbol => {
                    at += usize::from(symbol >> 4);
                    reader.signed(u32::from(symbol & 15))
                }
            }
        };
        let place = usize::from(NATURAL[at]);
        coefficients[place] = value.wrapping_mul(steps[place]);
        places |= place as u8;
        at += 1;
    }
    if at == 1 || T::LAST == 0 {
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
    let size = dc.symbol(reader)?;
    if size > 11 {
        return Err(Shortfall::OutOfRange);
    }
    let difference = reader.signed(u32::from(size));
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
    rest: (&Huffman, &Leaps),
    prediction: &mut i32,
) -> Result<(), Shortfall> {
    reader.refill();
    first(reader, dc, prediction)?;
    skip_rest(reader, rest, 1)
}

/// Goes over a block's coefficients from this place on.
#[inline(always)]
pub(crate) fn skip_rest(
    reader: &mut BitReader<'_>,
    (ac, leaps): (&Huffman, &Leaps),
    mut at: usize,
) -> Result<(), Shortfall> {
    while at < 64 {
        reader.refill();
        let leap = leaps.next(reader);
        let after = at + usize::from(leap.places);
        // What reaches the last place ends the block, and no code says so.
        if leap.bits != 0 && after < 64 {
            reader.skip(u32::from(leap.bits));
            if leap.ends {
                return Ok(());
            }
            at = after;
            continue;
        }
        let symbol = ac.symbol(reader)?;
        let size = symbol & 15;
        match symbol {
            0xf0 => {
                at += 16;
                if at >= 64 {
                    return Err(Shortfall::BadCode);
                }
            }
            _ if size == 0 => return Ok(()),
            _ if size > MOST_BITS => return Err(Shortfall::OutOfRange),
            _ => {
                reader.skip(u32::from(size));
                at += usize::from(symbol >> 4) + 1;
            }
        }
    }
    if at > 64 { Err(Shortfall::BadCode) } else { Ok(()) }
}
