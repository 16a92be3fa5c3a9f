//! The tables of a baseline JPEG of one component: those of ITU-T T.81, annex K.

/// Row-major places in the order of the zigzag.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The divisors for luma at quality 50, row by row.
const LUMA: [u16; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/// The divisors at a quality of 1 to 100 on the scale of the Independent JPEG Group, row by row.
pub(super) fn divisors(quality: u8) -> [u8; 64] {
    let quality = u16::from(quality.clamp(1, 100));
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    LUMA.map(|divisor| {
        let scaled = (u32::from(divisor) * u32::from(percent) + 50) / 100;
        scaled.clamp(1, 255) as u8
    })
}

/// A Huffman table as it stands in the file: how many codes of each length, and their symbols.
pub(super) struct Huffman {
    /// How many codes have 1 to 16 bits.
    pub(super) lengths: [u8; 16],
    /// In the order of their codes.
    pub(super) symbols: &'static [u8],
}

/// The symbols are the sizes of differences between block means.
pub(super) const MEANS: Huffman = Huffman {
    lengths: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
    symbols: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
};

/// The symbols are a run of zeros and the size of what follows it, of four bits each.
pub(super) const DETAILS: Huffman = Huffman {
    lengths: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d],
    symbols: &[
        0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61,
        0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52,
        0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25,
        0x26, 0x27, 0x28, 0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45,
        0x46, 0x47, 0x48, 0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64,
        0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83,
        0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
        0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6,
        0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3,
        0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8,
        0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa,
    ],
};

/// A symbol's code, moved up to leave room for the bits that its low half announces.
#[derive(Clone, Copy, Default)]
pub(super) struct Code {
    /// The code, with zeros where those bits go.
    pub(super) bits: u32,
    /// How many bits there are in all.
    pub(super) length: u32,
}

/// The code of each symbol.
pub(super) type Codes = [Code; 256];

impl Huffman {
    /// Its codes: counted up within a length, doubled from one length to the next.
    pub(super) const fn codes(&self) -> Codes {
        let mut codes = [Code { bits: 0, length: 0 }; 256];
        let mut code = 0;
        let mut next = 0;
        let mut length = 1;
        while length <= 16 {
            let end = next + self.lengths[length - 1] as usize;
            while next < end {
                let symbol = self.symbols[next];
                let room = symbol as u32 & 15;
                codes[symbol as usize] = Code { bits: code << room, length: length as u32 + room };
                code += 1;
                next += 1;
            }
            code <<= 1;
            length += 1;
        }
        codes
    }
}
