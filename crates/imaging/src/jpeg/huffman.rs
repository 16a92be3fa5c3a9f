//! Huffman codes of a JPEG, as tables that are looked up.

use super::bits::{BitReader, Shortfall};

/// How many bits one look takes in: at high qualities longer codes are common.
const LOOK: u32 = 12;
/// How many bits are looked at for a leap.
const LEAP: u32 = 11;

/// What the next bits are: a symbol, which says how many zeros there are and how many bits the
/// coefficient after them has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entry {
    /// Of the code alone; 0 where one look is not enough.
    pub(crate) length: u8,
    /// Bits of the coefficient; 0 where there is none, and where one look is not enough.
    pub(crate) size: u8,
    /// Before the coefficient.
    pub(crate) zeros: u8,
    /// Of the code and of the coefficient's bits.
    pub(crate) total: u8,
}

/// As many coefficients as one look takes in, where nobody asks for their values.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Leap {
    /// Of all of them; 0 where one look is not enough for one.
    pub(crate) bits: u8,
    /// How far it leads in the block.
    pub(crate) places: u8,
    /// Whether the block ends there.
    pub(crate) ends: bool,
}

/// The most bits of an AC coefficient of 8-bit samples.
pub(crate) const MOST_BITS: u8 = 10;

/// A canonical code: 1 to 16 bits for a symbol of 8.
#[derive(Debug, Clone)]
pub(crate) struct Huffman {
    /// For what may come next: a symbol.
    look: Box<[Entry; 1 << LOOK]>,
    /// For each length: where its codes end, as the top of 16 bits.
    ends: [u32; 17],
    /// For each length: what leads from a code to its symbol's place.
    offsets: [i32; 17],
    /// As the file lists them.
    pub(crate) counts: [u8; 16],
    /// As the file lists them.
    pub(crate) symbols: Vec<u8>,
}

impl Huffman {
    /// From how many codes there are of each length, and their symbols; `None` if they do not fit.
    pub(crate) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut look = Box::new([Entry::default(); 1 << LOOK]);
        let (mut ends, mut offsets) = ([0; 17], [0; 17]);
        let mut place = 0_usize;
        let mut code = 0_u32;
        for (length, &count) in (1_u32..).zip(counts) {
            let shift = 16 - length;
            offsets[length as usize] = place as i32 - (code >> shift) as i32;
            let listed = symbols.get(place..place + usize::from(count))?;
            for &symbol in listed {
                if code >= 1 << 16 {
                    return None;
                }
                let (zeros, size) = (symbol >> 4, symbol & 15);
                if length <= LOOK && size <= MOST_BITS {
                    let first = (code >> (16 - LOOK)) as usize;
                    let length = length as u8;
                    look[first..first + (1 << (LOOK - u32::from(length)))].fill(Entry {
                        length,
                        size,
                        zeros,
                        total: length + size,
                    });
                }
                code += 1 << shift;
            }
            place += usize::from(count);
            ends[length as usize] = code;
        }
        Some(Self { look, ends, offsets, counts: *counts, symbols: symbols.to_vec() })
    }

    /// For each symbol its code and how long that is.
    pub(crate) fn codes(&self) -> [(u32, u32); 256] {
        let mut codes = [(0, 0); 256];
        let mut symbols = self.symbols.iter();
        let mut code = 0;
        for (length, &count) in (1..).zip(&self.counts) {
            for &symbol in symbols.by_ref().take(usize::from(count)) {
                codes[usize::from(symbol)] = (code, length);
                code += 1;
            }
            code <<= 1;
        }
        codes
    }

    /// What one look says.
    #[inline(always)]
    pub(crate) fn look(&self, reader: &BitReader<'_>) -> Entry {
        self.look[reader.peek(LOOK)]
    }

    /// The next symbol, of a reader that was refilled.
    #[inline(always)]
    pub(crate) fn symbol(&self, reader: &mut BitReader<'_>) -> Result<u8, Shortfall> {
        let Entry { length, size, zeros, .. } = self.look(reader);
        if length == 0 {
            let (symbol, length) = self.find(reader.peek(16) as u32).ok_or(Shortfall::BadCode)?;
            reader.skip(length);
            return Ok(symbol);
        }
        reader.skip(u32::from(length));
        Ok(zeros << 4 | size)
    }

    /// The symbol with which 16 bits begin, and how long its code is. It is given the bits, not
    /// their reader, so that the reader need not stand in memory.
    #[cold]
    #[inline(never)]
    fn find(&self, next: u32) -> Option<(u8, u32)> {
        let length = (1..=16).find(|&length| next < self.ends[length as usize])?;
        let place = (next >> (16 - length)) as i32 + self.offsets[length as usize];
        let symbol = usize::try_from(place).ok().and_then(|place| self.symbols.get(place));
        Some((*symbol?, length))
    }
}

/// For what may come next: how far it leads.
pub(crate) struct Leaps(Box<[Leap; 1 << LEAP]>);

impl Leaps {
    /// Where every coefficient is asked for: none.
    pub(crate) fn none() -> Self {
        Self(Box::new([Leap::default(); 1 << LEAP]))
    }

    /// All that a code allows.
    pub(crate) fn of(code: &Huffman) -> Self {
        let mut leaps = Self::none();
        for (seen, leap) in leaps.0.iter_mut().enumerate() {
            while u32::from(leap.bits) < LEAP {
                let rest = seen << leap.bits & ((1 << LEAP) - 1);
                let entry = code.look[rest << (LOOK - LEAP)];
                // The code must have been seen whole; its coefficient's bits need not.
                if entry.length == 0 || u32::from(leap.bits + entry.length) > LEAP {
                    break;
                }
                leap.bits += entry.total;
                match entry {
                    Entry { size: 0, zeros: 0..15, .. } => {
                        leap.ends = true;
                        break;
                    }
                    Entry { zeros, .. } => leap.places += zeros + 1,
                }
            }
        }
        leaps
    }

    /// As far as one look leads.
    #[inline(always)]
    pub(crate) fn next(&self, reader: &BitReader<'_>) -> Leap {
        self.0[reader.peek(LEAP)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jpeg::bits::Interval;

    #[test]
    fn a_code_is_read_symbol_by_symbol_short_and_long() {
        // 0 → a, 10 → b, 110 → c, 1110_0000_0000 → d.
        let mut counts = [0; 16];
        counts[..3].copy_from_slice(&[1, 1, 1]);
        counts[11] = 1;
        let code = Huffman::new(&counts, b"abcd").expect("it fits");
        let mut interval = Interval::default();
        interval.fill(&[0b0101_1011, 0b1000_0000, 0b0001_1111, 0b1111_1111, 0]);
        let mut reader = interval.reader();
        let mut next = || {
            reader.refill();
            code.symbol(&mut reader)
        };
        let read: Vec<u8> = (0..5).map(|_| next().expect("a symbol")).collect();
        assert_eq!(read, b"abcda");
        assert_eq!(next(), Err(Shortfall::BadCode));
    }

    #[test]
    fn a_leap_takes_in_what_it_sees_up_to_the_end_of_the_block() {
        // 0 → a value of one bit, 10 → three zeros and a value of two, 110 → the end.
        let mut counts = [0; 16];
        counts[..3].copy_from_slice(&[1, 1, 1]);
        let code = Huffman::new(&counts, &[0x01, 0x32, 0x00]).expect("it fits");
        let leap = |first: u8, second: u8| {
            let mut interval = Interval::default();
            interval.fill(&[first, second]);
            let mut reader = interval.reader();
            reader.refill();
            let Leap { bits, places, ends } = Leaps::of(&code).next(&reader);
            (bits, places, ends)
        };
        // Two values and the end; what comes after it is of another block.
        assert_eq!(leap(0b0110_0111, 0b0000_0000), (9, 5, true));
        // The last value lies in part beyond what is seen.
        assert_eq!(leap(0b0101_1001, 0b1011_0000), (12, 10, false));
    }

    #[test]
    fn a_table_with_too_many_codes_is_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, b"abc").is_none());
    }
}
