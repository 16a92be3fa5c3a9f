//! Another draw of fixtures: pictures of the same kinds that no limit was set by.

use photofinish_imaging::{
    ColourJpeg, Error, Limits, Rgb, Sampling, decode_rgb, encode_rgb, jpeg_header,
};

/// Numbers that follow from a seed and a word, the same on every machine.
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    pub(crate) fn of(seed: u64, word: &str) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self { state: word.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix) }
    }

    /// The next number (splitmix64).
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A length up to a tenth shorter or longer, and another one.
    pub(crate) fn near(&mut self, length: usize) -> usize {
        let length = length.max(2);
        let reach = (length / 10).max(1);
        let step = (self.next() % (2 * reach as u64)) as usize;
        // Never the length itself.
        let drawn = length - reach + step;
        if drawn >= length { drawn + 1 } else { drawn }
    }
}

/// A photograph without up to an eighth at each side, so that no block and no pixel of an output
/// lies where it did.
pub fn cut_otherwise(jpeg: &[u8], seed: u64) -> Result<Vec<u8>, Error> {
    let limits = Limits::default();
    let header = jpeg_header(jpeg)?;
    let (picture, _) = decode_rgb(jpeg, limits)?;
    let mut dice = Dice::of(seed, &format!("{}x{}", header.width, header.height));
    let mut cut = |length: usize| {
        let eighth = (length / 8).max(1) as u64;
        let from = (1 + dice.next() % eighth) as usize;
        let to = length - (1 + dice.next() % eighth) as usize;
        if from < to { from..to } else { 0..length }
    };
    let (columns, rows) = (cut(picture.width), cut(picture.height));
    let samples = rows
        .clone()
        .flat_map(|row| {
            let start = 3 * (row * picture.width + columns.start);
            picture.samples[start..start + 3 * columns.len()].iter().copied()
        })
        .collect();
    let picture = Rgb { width: columns.len(), height: rows.len(), samples };
    encode_rgb(&picture, ColourJpeg { quality: 92, sampling: Sampling::Full, progressive: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_near_by_is_another_one_and_not_far() {
        let mut dice = Dice::of(1, "widths");
        for length in [2, 13, 23, 1931] {
            for _ in 0..200 {
                let near = dice.near(length);
                assert!(near != length && near > 0, "{near} for {length}");
                assert!(near.abs_diff(length) <= (length / 10).max(1), "{near} for {length}");
            }
        }
    }
}
