//! The bits of a zlib stream, each byte's from the lowest up.

use super::inflate::Flaw;

/// Reads bits; zeros after the last, which `check` notices.
#[derive(Clone)]
pub(super) struct Bits<'a> {
    data: &'a [u8],
    /// The next byte to load.
    at: usize,
    /// Loaded bits, the next at the bottom; above those that count stand more, which are loaded
    /// again.
    held: u64,
    /// How many of them count.
    count: u32,
}

/// What is left where less than eight bytes are.
#[cold]
fn last_bytes(data: &[u8], at: usize) -> u64 {
    let rest = data.get(at..).unwrap_or_default();
    rest.iter().zip(0..8).fold(0, |word, (&byte, at)| word | u64::from(byte) << (8 * at))
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, held: 0, count: 0 }
    }

    /// After this 56 bits can be taken.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let word = match self.data.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => last_bytes(self.data, self.at),
        };
        self.held |= word << self.count;
        self.at += ((63 - self.count) >> 3) as usize;
        self.count |= 56;
    }

    /// The next bits, left where they are.
    #[inline(always)]
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// Goes on by up to 56 bits.
    #[inline(always)]
    pub(super) fn skip(&mut self, count: u32) {
        self.held >>= count;
        self.count -= count;
    }

    /// The next `count` bits, at most 16, as a number.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        let bits = self.held as u32 & ((1 << count) - 1);
        self.skip(count);
        bits
    }

    /// Whole bytes, after what is left of one; none if there are not so many.
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let start = self.position().div_ceil(8);
        let bytes = self.data.get(start..)?.get(..count)?;
        (self.at, self.held, self.count) = (start + count, 0, 0);
        Some(bytes)
    }

    /// How many bits have been taken.
    fn position(&self) -> usize {
        8 * self.at - self.count as usize
    }

    /// Whether all that was taken was there.
    pub(super) fn check(&self) -> Result<(), Flaw> {
        if self.position() <= 8 * self.data.len() { Ok(()) } else { Err(Flaw::Ended) }
    }

    /// What is wrong is that the data ended, if it did.
    #[cold]
    pub(super) fn reason(&self, flaw: Flaw) -> Flaw {
        self.check().err().unwrap_or(flaw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_from_the_bottom_bytes_are_whole_and_the_end_is_noticed() {
        let data: Vec<u8> = (1..=20).collect();
        let mut bits = Bits::new(&data);
        for &byte in &data[..9] {
            bits.refill();
            assert_eq!(bits.take(3), u32::from(byte & 7));
            assert_eq!(bits.take(5), u32::from(byte >> 3));
        }
        bits.refill();
        assert_eq!(bits.take(4), 10);
        assert_eq!(bits.bytes(3), Some(&[11, 12, 13][..]));
        assert_eq!(bits.bytes(8), None);
        assert_eq!(bits.bytes(7), Some(&[14, 15, 16, 17, 18, 19, 20][..]));
        assert_eq!(bits.check(), Ok(()));
        bits.refill();
        assert_eq!(bits.take(1), 0);
        assert_eq!(bits.reason(Flaw::Code), Flaw::Ended);
    }
}
