//! Inflating pixels: how many bytes they are is known before, and most of them stand for
//! themselves, so one look takes in up to three.

use multiversion::multiversion;

use super::bits::Bits;
use super::table::{Kind, Table};
use crate::error::Error;

/// For bytes and lengths of repetitions: one look takes in 11 bits.
pub(super) type Literals = Table<2048>;
/// For how far back: one look takes in 9 bits.
type Distances = Table<512>;

/// Room after what is wanted: for what is written between two looks at how much there is.
const SLACK: usize = 320;
/// The most looks at bytes between two refills: they and a code of 11 bits fit into one.
const LOOKS: usize = 4;

/// Why pixels cannot be inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("its compressed pixels do not begin as those of a PNG do")]
    Head,
    #[error("its compressed pixels end too early")]
    Ended,
    #[error("its compressed pixels have a block of an unknown kind")]
    Block,
    #[error("its compressed pixels have a code that cannot be")]
    Code,
    #[error("its compressed pixels have bits that stand for nothing")]
    Symbol,
    #[error("its compressed pixels repeat what was before their beginning")]
    Distance,
    #[error("its pixels are more than its header says")]
    TooMany,
    #[error("its pixels are fewer than its header says")]
    TooFew,
    #[error("its pixels are not those that their sum was taken of")]
    Sum,
}

/// The bytes that a zlib stream holds, exactly so many; what stands after its sum is not looked at.
pub(super) fn inflate(stream: &[u8], size: usize) -> Result<Vec<u8>, Error> {
    let mut inflater =
        Inflater { bits: Bits::new(stream), out: vec![0; size + SLACK], at: 0, size };
    match inflater.stream() {
        Ok(()) => {
            inflater.out.truncate(size);
            Ok(inflater.out)
        }
        Err(flaw) => {
            let at = inflater.at.min(size);
            Err(Error::Damaged(format!("{flaw}, after {at} of {size} bytes")))
        }
    }
}

struct Inflater<'a> {
    bits: Bits<'a>,
    out: Vec<u8>,
    /// How many bytes there are.
    at: usize,
    /// How many are wanted.
    size: usize,
}

impl Inflater<'_> {
    fn stream(&mut self) -> Result<(), Flaw> {
        self.bits.refill();
        let (method, flags) = (self.bits.take(8), self.bits.take(8));
        let deflated = method & 15 == 8 && method >> 4 <= 7;
        let with_dictionary = flags & 0x20 != 0;
        if !deflated || with_dictionary || (method << 8 | flags) % 31 != 0 {
            return Err(self.bits.check().err().unwrap_or(Flaw::Head));
        }
        let mut tables = Tables::default();
        loop {
            self.bits.refill();
            let (last, kind) = (self.bits.take(1), self.bits.take(2));
            // Where bits are missing zeros are read, which may be wrong in many ways.
            self.block(kind, &mut tables).map_err(|flaw| self.bits.reason(flaw))?;
            self.bits.check()?;
            if last == 1 {
                break;
            }
        }
        let sum = self.bits.bytes(4).ok_or(Flaw::Ended)?;
        if self.at < self.size {
            return Err(Flaw::TooFew);
        }
        let pixels = simd_adler32::adler32(&&self.out[..self.size]);
        if pixels.to_be_bytes() == *sum { Ok(()) } else { Err(Flaw::Sum) }
    }

    fn block(&mut self, kind: u32, tables: &mut Tables) -> Result<(), Flaw> {
        match kind {
            0 => return self.stored(),
            1 => tables.fixed(),
            2 => tables.read(&mut self.bits)?,
            _ => return Err(Flaw::Block),
        }
        let (at, ended) = symbols(&mut self.bits, tables, &mut self.out, self.at, self.size);
        self.at = at;
        ended
    }

    /// Bytes that are not compressed.
    fn stored(&mut self) -> Result<(), Flaw> {
        let &[low, high, not_low, not_high] = self.bits.bytes(4).ok_or(Flaw::Ended)? else {
            unreachable!("four bytes were asked for");
        };
        if (low, high) != (!not_low, !not_high) {
            return Err(Flaw::Block);
        }
        let length = usize::from(u16::from_le_bytes([low, high]));
        if length > self.size - self.at {
            return Err(Flaw::TooMany);
        }
        let bytes = self.bits.bytes(length).ok_or(Flaw::Ended)?;
        self.out[self.at..self.at + length].copy_from_slice(bytes);
        self.at += length;
        Ok(())
    }
}

/// A block's codes.
#[derive(Default)]
struct Tables {
    literals: Literals,
    distances: Distances,
}

impl Tables {
    /// The codes that need not be told.
    fn fixed(&mut self) {
        let mut lengths = [8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        let fits = self.literals.fill(&lengths, Kind::Literal).is_some()
            && self.distances.fill(&[5; 32], Kind::Distance).is_some();
        assert!(fits, "the standard's codes are whole");
    }

    /// The codes that a block begins with.
    fn read(&mut self, bits: &mut Bits<'_>) -> Result<(), Flaw> {
        /// In which order the lengths of the code of lengths come.
        const ORDER: [usize; 19] =
            [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        bits.refill();
        let (literals, distances) = (bits.take(5) as usize + 257, bits.take(5) as usize + 1);
        let told = bits.take(4) as usize + 4;
        if literals > 286 || distances > 30 {
            return Err(Flaw::Code);
        }
        let mut own = [0; 19];
        for &symbol in &ORDER[..told] {
            bits.refill();
            own[symbol] = bits.take(3) as u8;
        }
        let mut code = Table::<128>::default();
        code.fill(&own, Kind::Length).ok_or(Flaw::Code)?;
        let mut lengths = [0; 286 + 30];
        read_lengths(bits, &code, &mut lengths[..literals + distances])?;
        let (of_literals, of_distances) = lengths[..literals + distances].split_at(literals);
        // A block that never ends is none.
        if of_literals[256] == 0 {
            return Err(Flaw::Code);
        }
        self.literals.fill(of_literals, Kind::Literal).ok_or(Flaw::Code)?;
        self.distances.fill(of_distances, Kind::Distance).ok_or(Flaw::Code)
    }
}

/// Lengths of codes, themselves in a code.
fn read_lengths(bits: &mut Bits<'_>, code: &Table<128>, lengths: &mut [u8]) -> Result<(), Flaw> {
    let mut at = 0;
    while at < lengths.len() {
        bits.refill();
        let entry = code.look(bits.held());
        bits.skip(entry.bits());
        let (length, times) = match entry.base() {
            16 if at == 0 => return Err(Flaw::Code),
            16 => (lengths[at - 1], 3 + bits.take(2)),
            17 => (0, 3 + bits.take(3)),
            18 => (0, 11 + bits.take(7)),
            length => (length as u8, 1),
        };
        let end = at + times as usize;
        lengths.get_mut(at..end).ok_or(Flaw::Code)?.fill(length);
        at = end;
    }
    Ok(())
}

/// A block's symbols up to its end, or to what is wrong: writes what they stand for, and says how
/// many bytes there are then.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn symbols(
    bits: &mut Bits<'_>,
    tables: &Tables,
    out: &mut [u8],
    mut at: usize,
    size: usize,
) -> (usize, Result<(), Flaw>) {
    // In places of its own, which no store can touch.
    let mut own = bits.clone();
    let ended = loop {
        if at > size {
            break Err(Flaw::TooMany);
        }
        own.refill();
        let mut entry = tables.literals.look(own.held());
        let mut looks = 0;
        while entry.is_bytes() && looks < LOOKS {
            *room(out, at) = entry.bytes();
            at += entry.count();
            own.skip(entry.bits());
            entry = tables.literals.look(own.held());
            looks += 1;
        }
        if looks > 0 {
            own.refill();
        }
        if entry.is_more() {
            entry = tables.literals.find(own.held());
        }
        *room(out, at) = entry.bytes();
        at += entry.count();
        let length = entry.number(own.held());
        own.skip(entry.bits());
        if !entry.is_number() {
            match entry {
                bytes if bytes.is_bytes() => continue,
                end if end.is_end() => break Ok(()),
                _ => break Err(Flaw::Symbol),
            }
        }
        let mut back = tables.distances.look(own.held());
        if back.is_more() {
            back = tables.distances.find(own.held());
        }
        let distance = back.number(own.held());
        own.skip(back.bits());
        if !back.is_number() {
            break Err(Flaw::Symbol);
        }
        if distance > at {
            break Err(Flaw::Distance);
        }
        repeat(out, at, distance, length);
        at += length;
    };
    *bits = own;
    (at, if at > size { Err(Flaw::TooMany) } else { ended })
}

/// The next places: more than may be needed, since what comes after overwrites the rest.
#[inline(always)]
fn room<const PLACES: usize>(out: &mut [u8], at: usize) -> &mut [u8; PLACES] {
    out[at..].first_chunk_mut().expect("there is slack after the last byte")
}

/// Writes again what was written so far back.
#[inline(always)]
fn repeat(out: &mut [u8], at: usize, distance: usize, length: usize) {
    const TOGETHER: usize = 8;
    let from = at - distance;
    if distance < TOGETHER {
        return repeat_near(out, at, distance, length);
    }
    // Few are longer.
    let bytes: [u8; TOGETHER] = *room(out, from);
    *room(out, at) = bytes;
    let mut done = TOGETHER;
    while done < length {
        let bytes: [u8; TOGETHER] = *room(out, from + done);
        *room(out, at + done) = bytes;
        done += TOGETHER;
    }
}

/// The same where what is repeated may be a part of what is written.
fn repeat_near(out: &mut [u8], at: usize, distance: usize, length: usize) {
    let from = at - distance;
    // What there is doubles each time.
    let (mut done, mut known) = (0, distance);
    while done < length {
        let together = known.min(length - done);
        out.copy_within(from..from + together, at + done);
        done += together;
        known += together;
    }
}
