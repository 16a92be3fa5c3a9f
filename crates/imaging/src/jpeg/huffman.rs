//! Huffman codes of a JPEG, as tables that are looked up.

use super::bits::{BitReader, Shortfall};

/// How many bits one look takes in.
const LOOK: u32 = 10;

/// What the next bits are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Entry {
    /// The coefficient, where its code and its bits were taken in by one look; else 0.
    pub(crate) value: i16,
    /// With a value: how many zeros come before it. Else the symbol.
    pub(crate) symbol: u8,
    /// Of the code, and of the value's bits with it; 0 where one look is not enough.
    pub(crate) length: u8,
}

/// A canonical code: 1 to 16 bits for a symbol of 8.
#[derive(Debug, Clone)]
pub(crate) struct Huffman {
    /// For what may come next: a symbol, with its value where that fits.
    look: Box<[Entry; 1 << LOOK]>,
    /// For what may come next: the symbol alone.
    plain: Box<[(u8, u8); 1 << LOOK]>,
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
        let mut plain = Box::new([(0, 0); 1 << LOOK]);
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
                if length <= LOOK {
                    let first = (code >> (16 - LOOK)) as usize;
                    plain[first..first + (1 << (LOOK - length))].fill((symbol, length as u8));
                }
                code += 1 << shift;
            }
            place += usize::from(count);
            ends[length as usize] = code;
        }
        let look = looked(&plain);
        Some(Self { look, plain, ends, offsets, counts: *counts, symbols: symbols.to_vec() })
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
        match self.plain[reader.peek(LOOK)] {
            (_, 0) => self.long(reader),
            (symbol, length) => {
                reader.skip(u32::from(length));
                Ok(symbol)
            }
        }
    }

    /// The next symbol, where its code is longer than a look.
    #[inline(always)]
    pub(crate) fn long(&self, reader: &mut BitReader<'_>) -> Result<u8, Shortfall> {
        let (symbol, length) = self.find(reader.peek(16) as u32).ok_or(Shortfall::BadCode)?;
        reader.skip(length);
        Ok(symbol)
    }

    /// The symbol with which 16 bits begin, and how long its code is. It is given the bits, not
    /// their reader, so that the reader need not stand in memory.
    #[cold]
    #[inline(never)]
    fn find(&self, next: u32) -> Option<(u8, u32)> {
        let length = (LOOK + 1..=16).find(|&length| next < self.ends[length as usize])?;
        let place = (next >> (16 - length)) as i32 + self.offsets[length as usize];
        let symbol = usize::try_from(place).ok().and_then(|place| self.symbols.get(place));
        Some((*symbol?, length))
    }
}

/// The same table with the values of those symbols whose bits fit into the look.
fn looked(plain: &[(u8, u8); 1 << LOOK]) -> Box<[Entry; 1 << LOOK]> {
    let mut look = Box::new([Entry::default(); 1 << LOOK]);
    for ((bits, entry), &(symbol, length)) in (0_i32..).zip(look.iter_mut()).zip(plain) {
        let size = u32::from(symbol & 15);
        let total = u32::from(length) + size;
        *entry = if length == 0 || size == 0 || total > LOOK {
            Entry { value: 0, symbol, length }
        } else {
            let bits = bits >> (LOOK - total) & ((1 << size) - 1);
            let value = if bits < 1 << (size - 1) { bits + 1 - (1 << size) } else { bits };
            Entry { value: value as i16, symbol: symbol >> 4, length: total as u8 }
        };
    }
    look
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
    fn a_look_takes_in_a_small_value_with_its_zeros() {
        // 0 → three zeros and a value of two bits.
        let mut counts = [0; 16];
        counts[0] = 1;
        let code = Huffman::new(&counts, &[0x32]).expect("it fits");
        let mut interval = Interval::default();
        interval.fill(&[0b0010_0000]);
        let mut reader = interval.reader();
        reader.refill();
        let entry = code.look(&reader);
        assert_eq!((entry.value, entry.symbol, entry.length), (-2, 3, 3));
    }

    #[test]
    fn a_table_with_too_many_codes_is_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, b"abc").is_none());
    }
}
