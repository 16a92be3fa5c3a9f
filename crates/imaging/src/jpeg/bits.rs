//! Bits and Huffman codes of a JPEG.

/// Why a block cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shortfall {
    /// The data ended.
    Ended,
    /// The bits are no code, or a code that makes no sense here.
    BadCode,
}

/// A canonical code: 1 to 16 bits for a symbol of 8.
#[derive(Debug, Clone)]
pub(crate) struct Huffman {
    /// For each 16 bits that may come next: the symbol and how long its code is; 0 is no code.
    table: Vec<(u8, u8)>,
}

impl Huffman {
    /// From how many codes there are of each length, and their symbols; `None` if they do not fit.
    pub(crate) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Vec::with_capacity(1 << 16);
        let mut symbols = symbols.iter();
        for (length, &count) in (1_u8..).zip(counts) {
            for &symbol in symbols.by_ref().take(usize::from(count)) {
                table.resize(table.len() + (1 << (16 - length)), (symbol, length));
            }
        }
        if table.len() > 1 << 16 {
            return None;
        }
        table.resize(1 << 16, (0, 0));
        Some(Self { table })
    }
}

/// Reads from the highest bit of each byte down.
pub(crate) struct BitReader<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, held: 0, count: 0 }
    }

    fn fill(&mut self) {
        while self.count <= 48
            && let Some(&byte) = self.data.get(self.at)
        {
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
            self.at += 1;
        }
    }

    /// The next `count` bits, at most 16, as a number.
    pub(crate) fn bits(&mut self, count: u32) -> Result<u32, Shortfall> {
        if self.count < count {
            self.fill();
        }
        if count > 16 {
            return Err(Shortfall::BadCode);
        }
        self.count = self.count.checked_sub(count).ok_or(Shortfall::Ended)?;
        Ok((self.held >> self.count & ((1 << count) - 1)) as u32)
    }

    /// The next symbol of this code.
    pub(crate) fn symbol(&mut self, code: &Huffman) -> Result<u8, Shortfall> {
        if self.count < 16 {
            self.fill();
        }
        let next = if self.count >= 16 {
            self.held >> (self.count - 16)
        } else {
            self.held << (16 - self.count)
        };
        match code.table[(next & 0xffff) as usize] {
            (_, 0) if self.count < 16 => Err(Shortfall::Ended),
            (_, 0) => Err(Shortfall::BadCode),
            (symbol, length) => {
                self.count = self.count.checked_sub(u32::from(length)).ok_or(Shortfall::Ended)?;
                Ok(symbol)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_bit_by_bit_and_its_end_is_noticed() {
        // 0 → a, 10 → b, 110 → c.
        let mut counts = [0; 16];
        counts[..3].copy_from_slice(&[1, 1, 1]);
        let code = Huffman::new(&counts, b"abc").expect("it fits");
        let data = [0b0101_1001, 0b0111_1111];
        let mut reader = BitReader::new(&data);
        let read: Vec<u8> = (0..5).map(|_| reader.symbol(&code).expect("a symbol")).collect();
        assert_eq!(read, b"abcab");
        assert_eq!(reader.bits(2), Ok(0b11));
        assert_eq!(reader.symbol(&code), Err(Shortfall::Ended));
        let mut reader = BitReader::new(&[0xff; 4]);
        assert_eq!(reader.symbol(&code), Err(Shortfall::BadCode));
    }

    #[test]
    fn a_table_with_too_many_codes_is_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Huffman::new(&counts, b"abc").is_none());
    }
}
