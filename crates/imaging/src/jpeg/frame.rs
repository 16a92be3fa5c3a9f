//! What a JPEG's segments set up for its scans: the frame, its tables, and each scan's header.

use super::huffman::Huffman;
use super::markers::Segment;
use crate::error::Error;

/// Where the coefficients of a block stand, in the order in which they are coded. A run that leads
/// out of the block leads to its last place, until it is noticed.
pub(crate) const NATURAL: [u8; 80] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
    63, 63, 63, 63, 63, 63,
];

/// Steps of quantisation, in natural order.
pub(crate) type Steps = [i32; 64];

/// One component of the frame.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    id: u8,
    table: u8,
    /// Its sampling factors; 1 and 1 where it is alone.
    pub(crate) factors: (usize, usize),
    /// Blocks in a row and a column that hold the picture, without padding to whole MCUs.
    pub(crate) blocks: (usize, usize),
    /// Blocks in a row and a column, with padding.
    pub(crate) padded: (usize, usize),
    /// Samples in a row and a column that hold the picture.
    pub(crate) size: (usize, usize),
    /// The table that stood when its first scan came.
    pub(crate) steps: Option<Box<Steps>>,
}

/// What a frame header says.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) progressive: bool,
    pub(crate) components: Vec<Component>,
    /// The largest sampling factors.
    pub(crate) most: (usize, usize),
    /// In a row and a column.
    pub(crate) mcus: (usize, usize),
}

/// One component's part in a scan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) component: usize,
    pub(crate) dc: usize,
    pub(crate) ac: usize,
}

/// What a scan's header says.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    pub(crate) parts: Vec<Part>,
    pub(crate) first: usize,
    pub(crate) last: usize,
    /// How many of the lowest bits are left for later scans.
    pub(crate) low: u32,
    /// Whether it gives one more bit of what earlier scans gave.
    pub(crate) refines: bool,
}

impl Scan {
    /// In a row and a column: MCUs, or blocks where it has one component.
    pub(crate) fn units(&self, frame: &Frame) -> (usize, usize) {
        match self.parts.as_slice() {
            [part] => frame.components[part.component].blocks,
            _ => frame.mcus,
        }
    }

    /// Blocks of a part in a row and a column of one unit.
    pub(crate) fn blocks_of(&self, part: Part, frame: &Frame) -> (usize, usize) {
        if self.parts.len() == 1 { (1, 1) } else { frame.components[part.component].factors }
    }
}

/// The tables and the frame, as far as the segments have come.
#[derive(Debug, Default)]
pub(crate) struct Coding {
    pub(crate) frame: Option<Frame>,
    pub(crate) dc: [Option<Huffman>; 4],
    pub(crate) ac: [Option<Huffman>; 4],
    pub(crate) restart: usize,
    steps: [Option<Box<Steps>>; 4],
    jfif: bool,
    adobe: Option<u8>,
}

fn damaged(message: &str) -> Error {
    Error::Damaged(message.to_owned())
}

impl Coding {
    /// Takes a segment; the scan, if it begins one.
    pub(crate) fn take(&mut self, segment: Segment<'_>) -> Result<Option<Scan>, Error> {
        let body = segment.body;
        match segment.marker {
            0xc4 => self.codes(body)?,
            0xdb => self.quantisation(body)?,
            0xc0..=0xc2 => {
                if self.frame.is_some() {
                    return Err(damaged("it has two frame headers"));
                }
                self.frame = Some(frame(segment.marker == 0xc2, body)?);
            }
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Err(Error::Unsuited {
                    found: "a lossless, hierarchical or arithmetic-coded JPEG".to_owned(),
                    expected: "baseline or progressive JPEG",
                });
            }
            0xdd => match body {
                &[high, low, ..] => self.restart = usize::from(u16::from_be_bytes([high, low])),
                _ => return Err(damaged("its restart interval is cut short")),
            },
            0xe0 if body.len() >= 14 && body.starts_with(b"JFIF\0") => self.jfif = true,
            0xee if body.len() >= 12 && body.starts_with(b"Adobe") => self.adobe = Some(body[11]),
            0xda => return self.scan(body).map(Some),
            _ => {}
        }
        Ok(None)
    }

    /// Whether three components are red, green and blue, by libjpeg's rules.
    pub(crate) fn is_rgb(&self) -> bool {
        let ids: Vec<u8> =
            self.frame.iter().flat_map(|frame| &frame.components).map(|one| one.id).collect();
        match self.adobe {
            _ if self.jfif || ids.len() != 3 => false,
            Some(transform) => transform == 0,
            None => ids == *b"RGB",
        }
    }

    fn codes(&mut self, mut body: &[u8]) -> Result<(), Error> {
        while let Some((&kind, rest)) = body.split_first() {
            let cut = || damaged("a Huffman table is cut short");
            let counts = rest.first_chunk::<16>().ok_or_else(cut)?;
            let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
            let symbols = rest.get(16..16 + total).ok_or_else(cut)?;
            if kind >> 4 == 0 && symbols.iter().any(|&symbol| symbol > 15) {
                return Err(damaged("a Huffman table has a DC size above 15"));
            }
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

    fn quantisation(&mut self, mut body: &[u8]) -> Result<(), Error> {
        while let Some((&kind, rest)) = body.split_first() {
            let width = if kind >> 4 == 0 { 1 } else { 2 };
            let listed = rest
                .get(..64 * width)
                .ok_or_else(|| damaged("a quantisation table is cut short"))?;
            let mut steps = Box::new([0; 64]);
            for (step, &place) in listed.chunks(width).zip(&NATURAL) {
                steps[usize::from(place)] =
                    step.iter().fold(0, |step, &byte| step << 8 | i32::from(byte));
            }
            let slot = self
                .steps
                .get_mut(usize::from(kind & 15))
                .ok_or_else(|| damaged("there are four quantisation tables at most"))?;
            *slot = Some(steps);
            body = &rest[64 * width..];
        }
        Ok(())
    }

    fn scan(&mut self, body: &[u8]) -> Result<Scan, Error> {
        let frame = self.frame.as_mut().ok_or_else(|| damaged("it has no frame header"))?;
        let scan = scan_header(frame, body)?;
        for part in &scan.parts {
            let component = &mut frame.components[part.component];
            if component.steps.is_none() {
                let steps = self.steps.get(usize::from(component.table)).cloned().flatten();
                let message = "a scan uses a quantisation table that there is not";
                component.steps = Some(steps.ok_or_else(|| damaged(message))?);
            }
            let there = |tables: &[Option<Huffman>; 4], slot: usize| {
                tables.get(slot).is_some_and(Option::is_some)
            };
            let needs_dc = scan.first == 0 && !scan.refines;
            if (needs_dc && !there(&self.dc, part.dc))
                || (scan.last > 0 && !there(&self.ac, part.ac))
            {
                return Err(damaged("a scan uses a Huffman table that there is not"));
            }
        }
        Ok(scan)
    }
}

fn frame(progressive: bool, body: &[u8]) -> Result<Frame, Error> {
    let cut = || damaged("its frame header is cut short");
    let [_, h1, h0, w1, w0, count, rest @ ..] = body else {
        return Err(cut());
    };
    let height = usize::from(u16::from_be_bytes([*h1, *h0]));
    let width = usize::from(u16::from_be_bytes([*w1, *w0]));
    let entries = rest.as_chunks::<3>().0.get(..usize::from(*count)).ok_or_else(cut)?;
    if entries.is_empty() {
        return Err(cut());
    }
    let factors = |byte: u8| (usize::from(byte >> 4), usize::from(byte & 15));
    // A lone component is never interleaved, so its factors say nothing.
    let alone = entries.len() == 1;
    let mut most = (1, 1);
    for &[_, byte, _] in entries {
        let (h, v) = factors(byte);
        if !(1..=4).contains(&h) || !(1..=4).contains(&v) {
            return Err(damaged("a sampling factor is not between 1 and 4"));
        }
        most = if alone { (1, 1) } else { (most.0.max(h), most.1.max(v)) };
    }
    let mcus = (width.div_ceil(8 * most.0), height.div_ceil(8 * most.1));
    let mut components: Vec<Component> = Vec::with_capacity(entries.len());
    for &[id, byte, table] in entries {
        if components.iter().any(|component| component.id == id) {
            return Err(damaged("two components have the same name"));
        }
        let (h, v) = if alone { (1, 1) } else { factors(byte) };
        let size = ((width * h).div_ceil(most.0), (height * v).div_ceil(most.1));
        components.push(Component {
            id,
            table,
            factors: (h, v),
            blocks: (size.0.div_ceil(8), size.1.div_ceil(8)),
            padded: (mcus.0 * h, mcus.1 * v),
            size,
            steps: None,
        });
    }
    Ok(Frame { width, height, progressive, components, most, mcus })
}

fn scan_header(frame: &Frame, body: &[u8]) -> Result<Scan, Error> {
    let cut = || damaged("its scan header is cut short");
    let (&count, rest) = body.split_first().ok_or_else(cut)?;
    let count = usize::from(count);
    let entries = rest.get(..2 * count).ok_or_else(cut)?;
    let &[first, last, approximation, ..] = &rest[2 * count..] else {
        return Err(cut());
    };
    let mut parts: Vec<Part> = Vec::with_capacity(4);
    for &[id, tables] in entries.as_chunks::<2>().0 {
        let component = frame
            .components
            .iter()
            .position(|component| component.id == id)
            .ok_or_else(|| damaged("a scan names a component that there is not"))?;
        if parts.iter().any(|part| part.component == component) {
            return Err(damaged("a scan names a component twice"));
        }
        parts.push(Part { component, dc: usize::from(tables >> 4), ac: usize::from(tables & 15) });
    }
    let blocks: usize = parts
        .iter()
        .map(|part| frame.components[part.component].factors)
        .map(|(across, down)| across * down)
        .sum();
    let (first, last, before, low) = if frame.progressive {
        (usize::from(first), usize::from(last), approximation >> 4, approximation & 15)
    } else {
        (0, 63, 0, 0)
    };
    // A band of AC coefficients is of one component.
    let band = first > last || last > 63 || (frame.progressive && first == 0 && last > 0);
    let refines = before != 0;
    if parts.is_empty()
        || band
        || (first > 0 && parts.len() > 1)
        || (parts.len() > 1 && blocks > 10)
        || low > 13
        || (refines && before != low + 1)
    {
        return Err(damaged("a scan header makes no sense"));
    }
    Ok(Scan { parts, first, last, low: u32::from(low), refines })
}
