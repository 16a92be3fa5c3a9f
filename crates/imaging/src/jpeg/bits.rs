//! Bits of a scan: entropy-coded data without its stuffing, read from the highest bit down.

/// Why a block cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shortfall {
    /// The data ended.
    Ended,
    /// The bits are no code, or a code that makes no sense here.
    BadCode,
    /// A coefficient is larger than 8-bit samples can give.
    OutOfRange,
}

/// How many zero bytes stand after the data, so that eight can always be loaded at once.
const MARGIN: usize = 8;

/// Entropy-coded data between two restart markers, without the zero bytes that keep 0xff from
/// looking like a marker; its memory is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Interval {
    bytes: Vec<u8>,
    length: usize,
}

/// A restart marker, and the data after it.
pub(crate) type Restart<'a> = (u8, &'a [u8]);

impl Interval {
    /// Takes what lies before the next restart marker.
    pub(crate) fn fill<'a>(&mut self, entropy: &'a [u8]) -> Option<Restart<'a>> {
        self.bytes.clear();
        self.bytes.reserve(entropy.len() + MARGIN);
        let mut rest = entropy;
        let restart = loop {
            let Some(at) = find_ff(rest) else {
                self.bytes.extend_from_slice(rest);
                break None;
            };
            match rest.get(at + 1) {
                Some(0) => {
                    self.bytes.extend_from_slice(&rest[..=at]);
                    rest = &rest[at + 2..];
                }
                Some(0xff) => {
                    self.bytes.extend_from_slice(&rest[..at]);
                    rest = &rest[at + 1..];
                }
                Some(&marker) => {
                    self.bytes.extend_from_slice(&rest[..at]);
                    break Some((marker, &rest[at + 2..]));
                }
                None => {
                    self.bytes.extend_from_slice(&rest[..at]);
                    break None;
                }
            }
        };
        self.length = self.bytes.len();
        self.bytes.extend_from_slice(&[0; MARGIN]);
        restart
    }

    pub(crate) fn reader(&self) -> BitReader<'_> {
        BitReader { data: &self.bytes, bits: 8 * self.length, at: 0, held: 0, count: 0 }
    }
}

/// Several intervals after each other.
#[derive(Debug, Default)]
pub(crate) struct Bits {
    bytes: Vec<u8>,
}

impl Bits {
    pub(crate) fn append(&mut self, interval: &Interval) {
        let length = self.length() / 8;
        self.bytes.truncate(length);
        self.bytes.extend_from_slice(&interval.bytes);
    }

    /// In bits.
    pub(crate) fn length(&self) -> usize {
        8 * self.bytes.len().saturating_sub(MARGIN)
    }

    /// `count` bits, at most 32, from this one on.
    #[inline(always)]
    pub(crate) fn at(&self, bit: usize, count: u32) -> u32 {
        let word = self.bytes.get(bit / 8..).and_then(|rest| rest.first_chunk::<8>());
        let word = word.map_or(0, |bytes| u64::from_be_bytes(*bytes)) << (bit % 8);
        (word >> 1 >> (63 - count)) as u32
    }
}

/// Where the next 0xff is.
#[inline]
pub(crate) fn find_ff(data: &[u8]) -> Option<usize> {
    memchr::memchr(0xff, data)
}

/// What is left when less than eight bytes are: only the margin's zeros, or nothing.
#[cold]
fn last_bytes(data: &[u8], at: usize) -> u64 {
    let rest = data.get(at..).unwrap_or_default();
    rest.iter().zip(0..8).fold(0, |word, (&byte, at)| word | u64::from(byte) << (56 - 8 * at))
}

/// Reads an interval; zeros after its end, which `check` notices.
#[derive(Clone)]
pub(crate) struct BitReader<'a> {
    data: &'a [u8],
    /// How many bits there are.
    bits: usize,
    /// The next byte to load.
    at: usize,
    /// Loaded bits, the next at the top; below them may stand more, which are loaded again.
    held: u64,
    /// How many of them count.
    count: u32,
}

impl BitReader<'_> {
    /// After this 56 bits can be taken.
    #[inline(always)]
    pub(crate) fn refill(&mut self) {
        let word = match self.data.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(bytes) => u64::from_be_bytes(*bytes),
            None => last_bytes(self.data, self.at),
        };
        self.held |= word >> self.count;
        self.at += ((63 - self.count) >> 3) as usize;
        self.count |= 56;
    }

    /// The next `count` bits, 1 to 56, left where they are.
    #[inline(always)]
    pub(crate) fn peek(&self, count: u32) -> usize {
        (self.held >> (64 - count)) as usize
    }

    /// Goes on by up to 56 bits.
    #[inline(always)]
    pub(crate) fn skip(&mut self, count: u32) {
        self.held <<= count;
        self.count -= count;
    }

    /// The next `count` bits, 0 to 16, as a number.
    #[inline(always)]
    pub(crate) fn take(&mut self, count: u32) -> u32 {
        let bits = (self.held >> 1 >> (63 - count)) as u32;
        self.skip(count);
        bits
    }

    /// The next `size` bits as a signed number: those that begin with 0 are negative.
    #[inline(always)]
    pub(crate) fn signed(&mut self, size: u32) -> i32 {
        let number = self.signed_after(0, size);
        self.skip(size);
        number
    }

    /// The number that stands in `size` bits, 0 to 16, after so many others; all are left where
    /// they are.
    #[inline(always)]
    pub(crate) fn signed_after(&self, others: u32, size: u32) -> i32 {
        let held = self.held << others;
        let bits = (held >> 1 >> (63 - size)) as i32;
        let negative = !(held as i64 >> 63) as i32;
        bits + (negative & (1 - (1 << size)))
    }

    /// How many bits have been taken.
    #[inline(always)]
    pub(crate) fn position(&self) -> usize {
        8 * self.at - self.count as usize
    }

    /// Whether all that was taken was there.
    #[inline(always)]
    pub(crate) fn check(&self) -> Result<(), Shortfall> {
        if self.position() <= self.bits { Ok(()) } else { Err(Shortfall::Ended) }
    }

    /// What is wrong is that the data ended, if it did.
    #[inline(always)]
    pub(crate) fn reason(&self, shortfall: Shortfall) -> Shortfall {
        self.check().err().unwrap_or(shortfall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffing_is_dropped_and_restart_markers_divide() {
        let mut interval = Interval::default();
        let data = [0x12, 0xff, 0x00, 0x34, 0xff, 0xff, 0xd3, 0x56];
        let (marker, rest) = interval.fill(&data).expect("a restart");
        assert_eq!((marker, rest), (0xd3, &[0x56][..]));
        let mut bits = Bits::default();
        bits.append(&interval);
        assert_eq!(interval.fill(rest), None);
        bits.append(&interval);
        assert_eq!(bits.length(), 32);
        assert_eq!(bits.at(0, 32), 0x12ff_3456);
        assert_eq!(bits.at(4, 12), 0x2ff);
    }

    #[test]
    fn bits_come_in_order_and_the_end_is_noticed() {
        let mut interval = Interval::default();
        let data: Vec<u8> = (1..=40).collect();
        interval.fill(&data);
        let mut reader = interval.reader();
        for &byte in &data {
            reader.refill();
            assert_eq!(reader.take(3), u32::from(byte >> 5));
            assert_eq!(reader.take(5), u32::from(byte & 31));
            assert_eq!(reader.check(), Ok(()));
        }
        reader.refill();
        assert_eq!(reader.take(1), 0);
        assert_eq!(reader.check(), Err(Shortfall::Ended));
    }

    #[test]
    fn signed_numbers_are_those_of_the_standard() {
        let mut interval = Interval::default();
        interval.fill(&[0b0010_1101, 0b1000_0000]);
        let mut reader = interval.reader();
        reader.refill();
        let read: Vec<i32> = [2, 1, 0, 2, 2, 2].map(|size| reader.signed(size)).to_vec();
        assert_eq!(read, [-3, 1, 0, -2, 2, 3]);
    }
}
