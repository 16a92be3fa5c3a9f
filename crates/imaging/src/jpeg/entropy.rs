//! Walks a JPEG's entropy-coded data without making pixels of it: is every block there?
//!
//! Decoders fill what is missing with grey and say nothing, so a picture that was cut in the
//! middle and closed with an end marker would pass. Here it is an error with its place.

use super::bits::{BitReader, Huffman, Shortfall};
use super::markers::{Segment, walk};
use crate::error::Error;

/// Checks that each scan holds as many blocks as the frame says.
pub(crate) fn check_blocks(bytes: &[u8]) -> Result<(), Error> {
    let mut coding = Coding::default();
    walk(bytes, &mut |segment| coding.take(segment))?;
    match coding.components.iter().position(|component| !component.scanned) {
        None if coding.components.is_empty() => Err(damaged("it has no frame header")),
        None => Ok(()),
        Some(index) => Err(Error::Damaged(format!("component {} has no scan", index + 1))),
    }
}

fn damaged(message: &str) -> Error {
    Error::Damaged(message.to_owned())
}

/// One component of the frame.
struct Component {
    id: u8,
    across: usize,
    down: usize,
    /// Blocks in a row and a column that hold the picture, without padding to whole MCUs.
    blocks: (usize, usize),
    /// Blocks in a row, with padding.
    stride: usize,
    /// Which coefficients of each block are known not to be zero; progressive only.
    known: Vec<u64>,
    scanned: bool,
}

/// The tables and the frame, as far as the walk has come.
#[derive(Default)]
struct Coding {
    components: Vec<Component>,
    progressive: bool,
    mcus: (usize, usize),
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    restart: usize,
}

/// One component's part in a scan.
#[derive(Clone, Copy)]
struct Part {
    component: usize,
    dc: usize,
    ac: usize,
}

/// What a scan's header says.
struct Scan {
    parts: Vec<Part>,
    first: usize,
    last: usize,
    refines: bool,
}

impl Coding {
    fn take(&mut self, segment: Segment<'_>) -> Result<(), Error> {
        match segment.marker {
            0xc4 => self.tables(segment.body),
            0xc0..=0xc2 => self.frame(segment.marker == 0xc2, segment.body),
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => Err(Error::Unsuited {
                found: "a lossless, hierarchical or arithmetic-coded JPEG".to_owned(),
                expected: "baseline or progressive JPEG",
            }),
            0xdd => match segment.body {
                &[high, low, ..] => {
                    self.restart = usize::from(u16::from_be_bytes([high, low]));
                    Ok(())
                }
                _ => Err(damaged("its restart interval is cut short")),
            },
            0xda => {
                let scan = self.scan_header(segment.body)?;
                self.scan(&scan, segment.entropy)
            }
            _ => Ok(()),
        }
    }

    fn tables(&mut self, mut body: &[u8]) -> Result<(), Error> {
        while let Some((&kind, rest)) = body.split_first() {
            let counts =
                rest.first_chunk::<16>().ok_or_else(|| damaged("a Huffman table is cut short"))?;
            let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
            let symbols =
                rest.get(16..16 + total).ok_or_else(|| damaged("a Huffman table is cut short"))?;
            let table = Huffman::new(counts, symbols)
                .ok_or_else(|| damaged("a Huffman table has more codes than fit"))?;
            let slots = if kind >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let slot = slots
                .get_mut(usize::from(kind & 15))
                .ok_or_else(|| damaged("there are four Huffman tables at most"))?;
            *slot = Some(table);
            body = &rest[16 + total..];
        }
        Ok(())
    }

    fn frame(&mut self, progressive: bool, body: &[u8]) -> Result<(), Error> {
        let [_, h1, h0, w1, w0, count, rest @ ..] = body else {
            return Err(damaged("its frame header is cut short"));
        };
        if !self.components.is_empty() {
            return Err(damaged("it has two frame headers"));
        }
        let height = usize::from(u16::from_be_bytes([*h1, *h0]));
        let width = usize::from(u16::from_be_bytes([*w1, *w0]));
        let entries: Vec<&[u8; 3]> =
            rest.as_chunks::<3>().0.iter().take(usize::from(*count)).collect();
        let factors: Vec<(u8, usize, usize)> = entries
            .iter()
            .map(|&&[id, factors, _]| (id, usize::from(factors >> 4), usize::from(factors & 15)))
            .collect();
        if factors.len() < usize::from(*count) || factors.is_empty() {
            return Err(damaged("its frame header is cut short"));
        }
        if factors.iter().any(|&(_, h, v)| !(1..=4).contains(&h) || !(1..=4).contains(&v)) {
            return Err(damaged("a sampling factor is not between 1 and 4"));
        }
        // A lone component is never interleaved, so its factors say nothing.
        let alone = factors.len() == 1;
        let most = |factor: fn(&(u8, usize, usize)) -> usize| {
            if alone { 1 } else { factors.iter().map(factor).max().unwrap_or(1) }
        };
        let (across, down) = (most(|f| f.1), most(|f| f.2));
        self.mcus = (width.div_ceil(8 * across), height.div_ceil(8 * down));
        self.progressive = progressive;
        for (id, h, v) in factors {
            let (h, v) = if alone { (1, 1) } else { (h, v) };
            let blocks =
                ((width * h).div_ceil(across).div_ceil(8), (height * v).div_ceil(down).div_ceil(8));
            let stride = self.mcus.0 * h;
            let known = if progressive { vec![0; stride * self.mcus.1 * v] } else { Vec::new() };
            self.components.push(Component {
                id,
                across: h,
                down: v,
                blocks,
                stride,
                known,
                scanned: false,
            });
        }
        Ok(())
    }

    fn scan_header(&self, body: &[u8]) -> Result<Scan, Error> {
        let cut = || damaged("its scan header is cut short");
        let (&count, rest) = body.split_first().ok_or_else(cut)?;
        let count = usize::from(count);
        let entries = rest.get(..2 * count).ok_or_else(cut)?;
        let &[first, last, approximation, ..] = &rest[2 * count..] else {
            return Err(cut());
        };
        let parts: Option<Vec<Part>> = entries
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&[id, tables]| {
                let component = self.components.iter().position(|component| component.id == id)?;
                Some(Part { component, dc: usize::from(tables >> 4), ac: usize::from(tables & 15) })
            })
            .collect();
        let parts = parts.ok_or_else(|| damaged("a scan names a component that there is not"))?;
        let (first, last) =
            if self.progressive { (usize::from(first), usize::from(last)) } else { (0, 63) };
        // A band of AC coefficients is of one component.
        let band = first > last || last > 63 || (self.progressive && first == 0 && last > 0);
        if parts.is_empty() || band || (first > 0 && parts.len() > 1) {
            return Err(damaged("a scan header makes no sense"));
        }
        Ok(Scan { parts, first, last, refines: self.progressive && approximation >> 4 != 0 })
    }

    fn scan(&mut self, scan: &Scan, entropy: &[u8]) -> Result<(), Error> {
        let lone = match scan.parts.as_slice() {
            [part] => Some(self.components[part.component].blocks),
            _ => None,
        };
        let (wide, high) = lone.unwrap_or(self.mcus);
        let units = wide * high;
        let mut intervals = intervals(entropy);
        let mut unit = 0;
        while unit < units {
            let until = if self.restart == 0 { units } else { (unit + self.restart).min(units) };
            let data = intervals.next().map(unstuffed).unwrap_or_default();
            let mut reader = BitReader::new(&data);
            let mut run = 0;
            for unit in unit..until {
                self.unit(scan, (unit % wide, unit / wide), lone.is_some(), &mut reader, &mut run)
                    .map_err(|shortfall| short(shortfall, unit, units))?;
            }
            unit = until;
        }
        for part in &scan.parts {
            self.components[part.component].scanned = true;
        }
        Ok(())
    }

    /// One MCU, or one block where a scan has one component.
    fn unit(
        &mut self,
        scan: &Scan,
        (x, y): (usize, usize),
        lone: bool,
        reader: &mut BitReader<'_>,
        run: &mut u32,
    ) -> Result<(), Shortfall> {
        for part in &scan.parts {
            let component = &mut self.components[part.component];
            let (across, down) = if lone { (1, 1) } else { (component.across, component.down) };
            for row in 0..down {
                for column in 0..across {
                    let place = (y * down + row) * component.stride + x * across + column;
                    let dc = self.dc.get(part.dc).and_then(Option::as_ref);
                    let ac = self.ac.get(part.ac).and_then(Option::as_ref);
                    match component.known.get_mut(place) {
                        None => sequential(reader, dc, ac)?,
                        Some(known) => progressive(reader, scan, dc, ac, known, run)?,
                    }
                }
            }
        }
        Ok(())
    }
}

fn short(shortfall: Shortfall, unit: usize, units: usize) -> Error {
    let what = match shortfall {
        Shortfall::Ended => "its pixels end early",
        Shortfall::BadCode => "its pixels are damaged",
    };
    Error::Damaged(format!("{what}: after {unit} of {units} blocks of a scan"))
}

/// What lies between the restart markers.
fn intervals(entropy: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(entropy);
    std::iter::from_fn(move || {
        let data = rest?;
        let restart = |pair: &[u8]| pair[0] == 0xff && matches!(pair[1], 0xd0..=0xd7);
        match data.windows(2).position(restart) {
            Some(at) => {
                rest = Some(&data[at + 2..]);
                Some(&data[..at])
            }
            None => rest.take(),
        }
    })
}

/// The data without the zero bytes that keep 0xff from looking like a marker.
fn unstuffed(data: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(data.len());
    let mut after_ff = false;
    for &byte in data {
        if !(after_ff && byte == 0) {
            plain.push(byte);
        }
        after_ff = byte == 0xff;
    }
    plain
}

fn sequential(
    reader: &mut BitReader<'_>,
    dc: Option<&Huffman>,
    ac: Option<&Huffman>,
) -> Result<(), Shortfall> {
    let (dc, ac) = (dc.ok_or(Shortfall::BadCode)?, ac.ok_or(Shortfall::BadCode)?);
    let size = reader.symbol(dc)?;
    reader.bits(u32::from(size))?;
    let mut at = 1;
    while at < 64 {
        let symbol = reader.symbol(ac)?;
        match (usize::from(symbol >> 4), symbol & 15) {
            (15, 0) => at += 16,
            (_, 0) => break,
            (zeros, size) => {
                reader.bits(u32::from(size))?;
                at += zeros + 1;
                if at > 64 {
                    return Err(Shortfall::BadCode);
                }
            }
        }
    }
    Ok(())
}

fn progressive(
    reader: &mut BitReader<'_>,
    scan: &Scan,
    dc: Option<&Huffman>,
    ac: Option<&Huffman>,
    known: &mut u64,
    run: &mut u32,
) -> Result<(), Shortfall> {
    match (scan.first, scan.refines) {
        (0, false) => {
            let size = reader.symbol(dc.ok_or(Shortfall::BadCode)?)?;
            reader.bits(u32::from(size)).map(drop)
        }
        (0, true) => reader.bits(1).map(drop),
        (_, false) => first_of_band(reader, scan, ac.ok_or(Shortfall::BadCode)?, known, run),
        (_, true) => refined_band(reader, scan, ac.ok_or(Shortfall::BadCode)?, known, run),
    }
}

fn first_of_band(
    reader: &mut BitReader<'_>,
    scan: &Scan,
    ac: &Huffman,
    known: &mut u64,
    run: &mut u32,
) -> Result<(), Shortfall> {
    if *run > 0 {
        *run -= 1;
        return Ok(());
    }
    let mut at = scan.first;
    while at <= scan.last {
        let symbol = reader.symbol(ac)?;
        match (symbol >> 4, symbol & 15) {
            (15, 0) => at += 16,
            (power, 0) => {
                *run = (1 << power) - 1 + reader.bits(u32::from(power))?;
                break;
            }
            (zeros, size) => {
                at += usize::from(zeros);
                if at > scan.last {
                    return Err(Shortfall::BadCode);
                }
                reader.bits(u32::from(size))?;
                *known |= 1 << at;
                at += 1;
            }
        }
    }
    Ok(())
}

/// One more bit for each coefficient that is known, and new ones in between.
fn refined_band(
    reader: &mut BitReader<'_>,
    scan: &Scan,
    ac: &Huffman,
    known: &mut u64,
    run: &mut u32,
) -> Result<(), Shortfall> {
    let before = *known;
    let mut at = scan.first;
    while *run == 0 && at <= scan.last {
        let symbol = reader.symbol(ac)?;
        let (mut zeros, size) = (symbol >> 4, symbol & 15);
        if size == 0 && zeros < 15 {
            *run = (1 << zeros) + reader.bits(u32::from(zeros))?;
            break;
        }
        reader.bits(u32::from(size != 0))?;
        while at <= scan.last {
            if before >> at & 1 == 1 {
                reader.bits(1)?;
            } else if zeros == 0 {
                break;
            } else {
                zeros -= 1;
            }
            at += 1;
        }
        if size != 0 && at <= scan.last {
            *known |= 1 << at;
        }
        at += 1;
    }
    if *run > 0 {
        while at <= scan.last {
            reader.bits((before >> at & 1) as u32)?;
            at += 1;
        }
        *run -= 1;
    }
    Ok(())
}
