//! Compression for what is left of a photograph's pixels once they have been guessed: noise.
//! Hardly anything in it repeats, so nothing is looked for but zeros; each block has a code of its
//! own for its bytes, made of how often they come.

use multiversion::multiversion;

use super::code::{Code, codes, lengths};

/// The longest code: four of them and what is left of a byte go into one word.
const LONGEST: usize = 12;
/// What ends a block.
const END: usize = 256;
/// Bytes, the end, and how often the last byte is repeated.
const SYMBOLS: usize = 286;
/// The most often that a byte is repeated by one symbol.
const MOST_REPEATED: usize = 258;

/// Writes blocks that follow each other.
#[derive(Default)]
pub(super) struct Deflater {
    /// Bits that do not yet make a byte.
    held: u64,
    count: u32,
    room: Vec<u8>,
}

impl Deflater {
    /// The bytes of a block, as far as its bits make whole ones; all of them, if it is the last.
    pub(super) fn block(&mut self, data: &[u8], last: bool) -> &[u8] {
        // Two for each byte are more than the longest code asks for.
        self.room.resize(2 * data.len() + 1024, 0);
        let mut counts = Counts::default();
        tell(data, &mut counts);
        let lengths = lengths(&counts.together(), LONGEST);
        let mut bits = Bits { room: &mut self.room, at: 0, held: self.held, count: self.count };
        bits.put(u64::from(last), 1);
        bits.put(2, 2);
        write_lengths(&lengths, &mut bits);
        let codes = codes(&lengths);
        let mut writer =
            Writer { codes: std::array::from_fn(|symbol| packed(codes[symbol])), bits };
        tell(data, &mut writer);
        let mut bits = writer.bits;
        let end = codes[END];
        bits.put(u64::from(end.bits), u32::from(end.length));
        if last {
            bits.put(0, bits.count.wrapping_neg() % 8);
        }
        (self.held, self.count) = (bits.held, bits.count);
        let at = bits.at;
        &self.room[..at]
    }
}

/// Bits on their way, the first at the bottom of each byte.
struct Bits<'a> {
    room: &'a mut [u8],
    at: usize,
    held: u64,
    /// Fewer than eight between calls.
    count: u32,
}

impl Bits<'_> {
    /// The lowest `count` bits, at most 56; those above are 0.
    #[inline(always)]
    fn put(&mut self, bits: u64, count: u32) {
        self.held |= bits << self.count;
        self.count += count;
        let room = self.room[self.at..].first_chunk_mut::<8>();
        *room.expect("there is room for the longest codes") = self.held.to_le_bytes();
        self.at += (self.count >> 3) as usize;
        self.held >>= self.count & 0x38;
        self.count &= 7;
    }
}

/// What a block consists of.
trait Told {
    /// Bytes as they are.
    fn bytes(&mut self, eights: &[[u8; 8]]);
    /// One byte as it is.
    fn byte(&mut self, byte: u8);
    /// The byte before so many times again, 3 to 258.
    fn again(&mut self, times: usize);
}

/// Tells what a block consists of.
fn tell(data: &[u8], to: &mut impl Told) {
    let is_zero = |eight: &[u8; 8]| u64::from_ne_bytes(*eight) == 0;
    let (eights, rest) = data.as_chunks::<8>();
    for same in eights.chunk_by(|one, next| is_zero(one) == is_zero(next)) {
        if is_zero(&same[0]) {
            tell_zeros(8 * same.len(), to);
        } else {
            to.bytes(same);
        }
    }
    rest.iter().for_each(|&byte| to.byte(byte));
}

/// The first zero as it is, then how often it comes again.
fn tell_zeros(count: usize, to: &mut impl Told) {
    to.byte(0);
    let mut left = count - 1;
    while left > 2 {
        let times = left.min(MOST_REPEATED);
        to.again(times);
        left -= times;
    }
    (0..left).for_each(|_| to.byte(0));
}

/// The symbol for so many repetitions, and what must follow it: how many bits, and which.
fn repeated(times: usize) -> (usize, u32, u64) {
    if times == MOST_REPEATED {
        return (SYMBOLS - 1, 0, 0);
    }
    let beyond = times - 3;
    let bits = beyond.checked_ilog2().unwrap_or(0).saturating_sub(2);
    let low = beyond & ((1 << bits) - 1);
    (END + 1 + 4 * bits as usize + (beyond >> bits), bits, low as u64)
}

/// How often each symbol comes. The same byte often comes twice in a row: counted in places of
/// their own, neither waits for the other.
struct Counts {
    bytes: [[u32; 256]; 4],
    repeated: [u32; SYMBOLS - END],
}

impl Default for Counts {
    fn default() -> Self {
        Self { bytes: [[0; 256]; 4], repeated: [0; SYMBOLS - END] }
    }
}

impl Counts {
    fn together(&self) -> [u32; SYMBOLS] {
        let mut counts = [0; SYMBOLS];
        for bytes in &self.bytes {
            counts.iter_mut().zip(bytes).for_each(|(sum, count)| *sum += count);
        }
        counts[END..].copy_from_slice(&self.repeated);
        counts[END] = 1;
        counts
    }
}

impl Told for Counts {
    fn bytes(&mut self, eights: &[[u8; 8]]) {
        for eight in eights {
            for (place, &byte) in eight.iter().enumerate() {
                self.bytes[place % 4][usize::from(byte)] += 1;
            }
        }
    }

    fn byte(&mut self, byte: u8) {
        self.bytes[0][usize::from(byte)] += 1;
    }

    fn again(&mut self, times: usize) {
        self.repeated[repeated(times).0 - END] += 1;
    }
}

/// Writes symbols.
struct Writer<'a> {
    /// As [`packed`] has them.
    codes: [u32; SYMBOLS],
    bits: Bits<'a>,
}

/// A code in one word, its length at the bottom.
fn packed(code: Code) -> u32 {
    u32::from(code.bits) << 8 | u32::from(code.length)
}

impl Writer<'_> {
    fn symbol(&mut self, symbol: usize) {
        let code = self.codes[symbol];
        self.bits.put(u64::from(code >> 8), code & 0xff);
    }
}

impl Told for Writer<'_> {
    fn bytes(&mut self, eights: &[[u8; 8]]) {
        write_bytes(eights, &self.codes, &mut self.bits);
    }

    fn byte(&mut self, byte: u8) {
        self.symbol(usize::from(byte));
    }

    fn again(&mut self, times: usize) {
        let (symbol, count, bits) = repeated(times);
        self.symbol(symbol);
        // After it comes how far back: by one byte, which has the only code, a 0.
        self.bits.put(bits, count + 1);
    }
}

/// Writes bytes as they are, four at a time.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn write_bytes(eights: &[[u8; 8]], codes: &[u32; SYMBOLS], bits: &mut Bits<'_>) {
    // In places of its own, which no store into the room can touch.
    let mut own = Bits { room: &mut *bits.room, at: bits.at, held: bits.held, count: bits.count };
    for four in eights.as_flattened().as_chunks::<4>().0 {
        let (mut bits, mut count) = (0, 0);
        for &byte in four {
            let code = codes[usize::from(byte)];
            bits |= u64::from(code >> 8) << count;
            count += code & 0xff;
        }
        own.put(bits, count);
    }
    let Bits { at, held, count, .. } = own;
    (bits.at, bits.held, bits.count) = (at, held, count);
}

/// Writes the lengths of a block's codes, themselves in a code.
fn write_lengths(lengths_of_all: &[u8], bits: &mut Bits<'_>) {
    /// The order in which this code's own lengths come.
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let used = lengths_of_all.iter().rposition(|&length| length > 0).map_or(0, |last| last + 1);
    // The last one is that of the only distance.
    let listed = [&lengths_of_all[..used], &[1]].concat();
    let words = words(&listed);
    let mut counts = [0; 19];
    words.iter().for_each(|word| counts[usize::from(word.symbol)] += 1);
    let own = lengths(&counts, 7);
    let most =
        ORDER.iter().rposition(|&symbol| own[symbol] > 0).map_or(4, |last| (last + 1).max(4));
    bits.put((used - 257) as u64, 5);
    bits.put(0, 5);
    bits.put((most - 4) as u64, 4);
    for &symbol in &ORDER[..most] {
        bits.put(u64::from(own[symbol]), 3);
    }
    let codes = codes(&own);
    for word in words {
        let code = codes[usize::from(word.symbol)];
        bits.put(u64::from(code.bits), u32::from(code.length));
        bits.put(u64::from(word.more), word.count);
    }
}

/// One of the symbols that lengths of codes are written in.
struct Word {
    symbol: u8,
    /// What follows it, in so many bits.
    more: u8,
    count: u32,
}

/// Lengths of codes, with what is repeated told as such.
fn words(lengths: &[u8]) -> Vec<Word> {
    let mut words = Vec::with_capacity(lengths.len());
    for same in lengths.chunk_by(|one, next| one == next) {
        let length = same[0];
        let mut left = same.len();
        if length > 0 {
            words.push(Word { symbol: length, more: 0, count: 0 });
            left -= 1;
        }
        while left > 0 {
            let (word, times) = match (length, left) {
                (0, 11..) => {
                    let times = left.min(138);
                    (Word { symbol: 18, more: (times - 11) as u8, count: 7 }, times)
                }
                (0, 3..) => (Word { symbol: 17, more: (left - 3) as u8, count: 3 }, left),
                (1.., 3..) => {
                    let times = left.min(6);
                    (Word { symbol: 16, more: (times - 3) as u8, count: 2 }, times)
                }
                _ => (Word { symbol: length, more: 0, count: 0 }, 1),
            };
            words.push(word);
            left -= times;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_repetitions_has_its_symbol_and_bits() {
        // RFC 1951, 3.2.5: the first length of each symbol, and its extra bits.
        let table = [
            (257, 0, 3),
            (264, 0, 10),
            (265, 1, 11),
            (268, 1, 17),
            (269, 2, 19),
            (272, 2, 31),
            (273, 3, 35),
            (277, 4, 67),
            (281, 5, 131),
            (284, 5, 227),
            (285, 0, 258),
        ];
        for (symbol, count, first) in table {
            assert_eq!(repeated(first), (symbol, count, 0), "{first}");
            if count > 0 {
                let last = first + (1 << count) - 2;
                assert_eq!(repeated(last), (symbol, count, (1 << count) - 2), "{last}");
            }
        }
    }

    #[test]
    fn lengths_are_told_as_they_are_whatever_repeats() {
        for times in [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 138, 139, 150, 286] {
            for length in [0, 5] {
                let lengths = [&[7], vec![length; times].as_slice(), &[1]].concat();
                let mut told: Vec<u8> = Vec::new();
                for word in words(&lengths) {
                    let last = told.last().copied();
                    let (length, times) = match word.symbol {
                        16 => (last.expect("a length before it"), 3 + word.more),
                        17 => (0, 3 + word.more),
                        18 => (0, 11 + word.more),
                        length => (length, 1),
                    };
                    told.extend(vec![length; usize::from(times)]);
                }
                assert_eq!(told, lengths);
            }
        }
    }
}
