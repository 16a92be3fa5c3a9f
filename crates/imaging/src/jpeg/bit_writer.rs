//! Bits of a scan on their way into a file, stuffed.

/// Writes from the highest bit of each byte down.
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that are not yet written, the latest at the bottom.
    held: u64,
    /// How many; fewer than 32 between calls.
    count: u32,
}

impl BitWriter {
    /// Writes after these bytes.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, held: 0, count: 0 }
    }

    /// The lowest `count` bits, at most 32; those above are 0.
    #[inline(always)]
    pub(crate) fn put(&mut self, bits: u32, count: u32) {
        self.held = self.held << count | u64::from(bits);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            self.word((self.held >> self.count) as u32);
        }
    }

    #[inline(always)]
    fn word(&mut self, word: u32) {
        // A byte of the word's complement is 0 where it is 0xff.
        let complement = !word;
        if complement.wrapping_sub(0x0101_0101) & word & 0x8080_8080 == 0 {
            self.bytes.extend_from_slice(&word.to_be_bytes());
        } else {
            for byte in word.to_be_bytes() {
                self.byte(byte);
            }
        }
    }

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == 0xff {
            self.bytes.push(0);
        }
    }

    /// All bytes, the last filled with ones.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let padding = self.count.wrapping_neg() % 8;
        self.put((1 << padding) - 1, padding);
        while self.count > 0 {
            self.count -= 8;
            self.byte((self.held >> self.count) as u8);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_fill_bytes_from_the_top_and_ff_is_stuffed() {
        let mut writer = BitWriter::new(vec![7]);
        writer.put(0b101, 3);
        writer.put(0x0fff_ff12, 29);
        writer.put(0, 0);
        writer.put(0b11, 2);
        assert_eq!(writer.finish(), [7, 0xaf, 0xff, 0, 0xff, 0, 0x12, 0xff, 0]);
    }
}
