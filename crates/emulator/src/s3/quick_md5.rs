//! The MD5 that is every object's ETag, as fast as one core can: nothing of it can be done by two.
//!
//! Each step waits for the one before, so what counts is how many instructions stand one behind the
//! other. Where the processor has AVX-512 a step's function is one instruction, and so is a rotation.

use multiversion::multiversion;

const BLOCK: usize = 64;
const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The steps of one block: the round, the four words in their turn, the message's word, how far to
/// rotate, and the constant.
macro_rules! steps {
    ($step:ident, $words:ident, $a:ident $b:ident $c:ident $d:ident) => {
        $step!(0, $a $b $c $d, $words[0], 7, 0xd76a_a478);
        $step!(0, $d $a $b $c, $words[1], 12, 0xe8c7_b756);
        $step!(0, $c $d $a $b, $words[2], 17, 0x2420_70db);
        $step!(0, $b $c $d $a, $words[3], 22, 0xc1bd_ceee);
        $step!(0, $a $b $c $d, $words[4], 7, 0xf57c_0faf);
        $step!(0, $d $a $b $c, $words[5], 12, 0x4787_c62a);
        $step!(0, $c $d $a $b, $words[6], 17, 0xa830_4613);
        $step!(0, $b $c $d $a, $words[7], 22, 0xfd46_9501);
        $step!(0, $a $b $c $d, $words[8], 7, 0x6980_98d8);
        $step!(0, $d $a $b $c, $words[9], 12, 0x8b44_f7af);
        $step!(0, $c $d $a $b, $words[10], 17, 0xffff_5bb1);
        $step!(0, $b $c $d $a, $words[11], 22, 0x895c_d7be);
        $step!(0, $a $b $c $d, $words[12], 7, 0x6b90_1122);
        $step!(0, $d $a $b $c, $words[13], 12, 0xfd98_7193);
        $step!(0, $c $d $a $b, $words[14], 17, 0xa679_438e);
        $step!(0, $b $c $d $a, $words[15], 22, 0x49b4_0821);
        $step!(1, $a $b $c $d, $words[1], 5, 0xf61e_2562);
        $step!(1, $d $a $b $c, $words[6], 9, 0xc040_b340);
        $step!(1, $c $d $a $b, $words[11], 14, 0x265e_5a51);
        $step!(1, $b $c $d $a, $words[0], 20, 0xe9b6_c7aa);
        $step!(1, $a $b $c $d, $words[5], 5, 0xd62f_105d);
        $step!(1, $d $a $b $c, $words[10], 9, 0x0244_1453);
        $step!(1, $c $d $a $b, $words[15], 14, 0xd8a1_e681);
        $step!(1, $b $c $d $a, $words[4], 20, 0xe7d3_fbc8);
        $step!(1, $a $b $c $d, $words[9], 5, 0x21e1_cde6);
        $step!(1, $d $a $b $c, $words[14], 9, 0xc337_07d6);
        $step!(1, $c $d $a $b, $words[3], 14, 0xf4d5_0d87);
        $step!(1, $b $c $d $a, $words[8], 20, 0x455a_14ed);
        $step!(1, $a $b $c $d, $words[13], 5, 0xa9e3_e905);
        $step!(1, $d $a $b $c, $words[2], 9, 0xfcef_a3f8);
        $step!(1, $c $d $a $b, $words[7], 14, 0x676f_02d9);
        $step!(1, $b $c $d $a, $words[12], 20, 0x8d2a_4c8a);
        $step!(2, $a $b $c $d, $words[5], 4, 0xfffa_3942);
        $step!(2, $d $a $b $c, $words[8], 11, 0x8771_f681);
        $step!(2, $c $d $a $b, $words[11], 16, 0x6d9d_6122);
        $step!(2, $b $c $d $a, $words[14], 23, 0xfde5_380c);
        $step!(2, $a $b $c $d, $words[1], 4, 0xa4be_ea44);
        $step!(2, $d $a $b $c, $words[4], 11, 0x4bde_cfa9);
        $step!(2, $c $d $a $b, $words[7], 16, 0xf6bb_4b60);
        $step!(2, $b $c $d $a, $words[10], 23, 0xbebf_bc70);
        $step!(2, $a $b $c $d, $words[13], 4, 0x289b_7ec6);
        $step!(2, $d $a $b $c, $words[0], 11, 0xeaa1_27fa);
        $step!(2, $c $d $a $b, $words[3], 16, 0xd4ef_3085);
        $step!(2, $b $c $d $a, $words[6], 23, 0x0488_1d05);
        $step!(2, $a $b $c $d, $words[9], 4, 0xd9d4_d039);
        $step!(2, $d $a $b $c, $words[12], 11, 0xe6db_99e5);
        $step!(2, $c $d $a $b, $words[15], 16, 0x1fa2_7cf8);
        $step!(2, $b $c $d $a, $words[2], 23, 0xc4ac_5665);
        $step!(3, $a $b $c $d, $words[0], 6, 0xf429_2244);
        $step!(3, $d $a $b $c, $words[7], 10, 0x432a_ff97);
        $step!(3, $c $d $a $b, $words[14], 15, 0xab94_23a7);
        $step!(3, $b $c $d $a, $words[5], 21, 0xfc93_a039);
        $step!(3, $a $b $c $d, $words[12], 6, 0x655b_59c3);
        $step!(3, $d $a $b $c, $words[3], 10, 0x8f0c_cc92);
        $step!(3, $c $d $a $b, $words[10], 15, 0xffef_f47d);
        $step!(3, $b $c $d $a, $words[1], 21, 0x8584_5dd1);
        $step!(3, $a $b $c $d, $words[8], 6, 0x6fa8_7e4f);
        $step!(3, $d $a $b $c, $words[15], 10, 0xfe2c_e6e0);
        $step!(3, $c $d $a $b, $words[6], 15, 0xa301_4314);
        $step!(3, $b $c $d $a, $words[13], 21, 0x4e08_11a1);
        $step!(3, $a $b $c $d, $words[4], 6, 0xf753_7e82);
        $step!(3, $d $a $b $c, $words[11], 10, 0xbd3a_f235);
        $step!(3, $c $d $a $b, $words[2], 15, 0x2ad7_d2bb);
        $step!(3, $b $c $d $a, $words[9], 21, 0xeb86_d391);
    };
}

/// A hash of bytes that come piece by piece.
pub(super) struct Md5 {
    state: [u32; 4],
    length: u64,
    rest: [u8; BLOCK],
}

impl Md5 {
    pub(super) fn new() -> Self {
        Self { state: START, length: 0, rest: [0; BLOCK] }
    }

    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        let filled = self.filled();
        self.length = self.length.wrapping_add(bytes.len() as u64);
        if filled > 0 {
            let taken = bytes.len().min(BLOCK - filled);
            self.rest[filled..filled + taken].copy_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if filled + taken < BLOCK {
                return;
            }
            compress(&mut self.state, &self.rest);
        }
        let whole = bytes.len() - bytes.len() % BLOCK;
        compress(&mut self.state, &bytes[..whole]);
        self.rest[..bytes.len() - whole].copy_from_slice(&bytes[whole..]);
    }

    pub(super) fn finalize(mut self) -> [u8; 16] {
        let (filled, bits) = (self.filled(), self.length.wrapping_mul(8));
        let mut end = [0; 2 * BLOCK];
        end[..filled].copy_from_slice(&self.rest[..filled]);
        end[filled] = 0x80;
        let length = if filled + 9 <= BLOCK { BLOCK } else { 2 * BLOCK };
        end[length - 8..length].copy_from_slice(&bits.to_le_bytes());
        compress(&mut self.state, &end[..length]);
        let mut digest = [0; 16];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        digest
    }

    fn filled(&self) -> usize {
        (self.length % BLOCK as u64) as usize
    }
}

/// Takes whole blocks into the state.
#[multiversion(targets("x86_64+avx512f+avx512vl"))]
fn compress(state: &mut [u32; 4], blocks: &[u8]) {
    multiversion::target::match_target! {
        "x86_64+avx512f+avx512vl" => wide::compress(state, blocks),
        _ => plain(state, blocks),
    }
}

fn words_of(block: &[u8]) -> [u32; 16] {
    let mut words = [0; 16];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    words
}

fn plain(state: &mut [u32; 4], blocks: &[u8]) {
    macro_rules! mix {
        (0, $b:ident $c:ident $d:ident) => {
            $d ^ ($b & ($c ^ $d))
        };
        (1, $b:ident $c:ident $d:ident) => {
            $c ^ ($d & ($b ^ $c))
        };
        (2, $b:ident $c:ident $d:ident) => {
            ($c ^ $d) ^ $b
        };
        (3, $b:ident $c:ident $d:ident) => {
            $c ^ ($b | !$d)
        };
    }
    macro_rules! step {
        ($round:tt, $a:ident $b:ident $c:ident $d:ident, $word:expr, $turn:literal, $k:literal) => {
            $a = $a
                .wrapping_add($word)
                .wrapping_add($k)
                .wrapping_add(mix!($round, $b $c $d))
                .rotate_left($turn)
                .wrapping_add($b);
        };
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for block in blocks.chunks_exact(BLOCK) {
        let words = words_of(block);
        let before = [a, b, c, d];
        steps!(step, words, a b c d);
        [a, b, c, d] = [
            a.wrapping_add(before[0]),
            b.wrapping_add(before[1]),
            c.wrapping_add(before[2]),
            d.wrapping_add(before[3]),
        ];
    }
    *state = [a, b, c, d];
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        _mm_add_epi32, _mm_cvtsi32_si128, _mm_cvtsi128_si32, _mm_rol_epi32, _mm_ternarylogic_epi32,
    };

    use super::{BLOCK, words_of};

    /// The same in registers that know these instructions; of each only the lowest word counts.
    #[target_feature(enable = "avx512f,avx512vl")]
    pub(super) fn compress(state: &mut [u32; 4], blocks: &[u8]) {
        macro_rules! mix {
            (0, $b:ident $c:ident $d:ident) => {
                _mm_ternarylogic_epi32::<0xca>($b, $c, $d)
            };
            (1, $b:ident $c:ident $d:ident) => {
                _mm_ternarylogic_epi32::<0xe4>($b, $c, $d)
            };
            (2, $b:ident $c:ident $d:ident) => {
                _mm_ternarylogic_epi32::<0x96>($b, $c, $d)
            };
            (3, $b:ident $c:ident $d:ident) => {
                _mm_ternarylogic_epi32::<0x39>($b, $c, $d)
            };
        }
        macro_rules! step {
            ($round:tt, $a:ident $b:ident $c:ident $d:ident, $word:expr, $turn:literal, $k:literal) => {
                let added = _mm_cvtsi32_si128($word.wrapping_add($k).cast_signed());
                let sum = _mm_add_epi32(_mm_add_epi32($a, added), mix!($round, $b $c $d));
                $a = _mm_add_epi32(_mm_rol_epi32::<$turn>(sum), $b);
            };
        }
        let [mut a, mut b, mut c, mut d] = state.map(|word| _mm_cvtsi32_si128(word.cast_signed()));
        for block in blocks.chunks_exact(BLOCK) {
            let words = words_of(block);
            let before = [a, b, c, d];
            steps!(step, words, a b c d);
            [a, b, c, d] = [
                _mm_add_epi32(a, before[0]),
                _mm_add_epi32(b, before[1]),
                _mm_add_epi32(c, before[2]),
                _mm_add_epi32(d, before[3]),
            ];
        }
        *state = [a, b, c, d].map(|word| _mm_cvtsi128_si32(word).cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use md5::Digest as _;

    use super::*;

    /// As another implementation has it: of every length about a block's, in pieces of any length.
    #[test]
    fn it_is_the_md5_of_all_the_bytes_however_they_come() {
        let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * i % 251) as u8).collect();
        for length in (0..200).chain([511, 512, 513, 1000]) {
            let expected: [u8; 16] = md5::Md5::digest(&bytes[..length]).into();
            for piece in [1, 7, 55, 56, 63, 64, 65, 128, 1000] {
                let mut hash = Md5::new();
                bytes[..length].chunks(piece).for_each(|piece| hash.update(piece));
                assert_eq!(hash.finalize(), expected, "{length} bytes by {piece}");
            }
        }
    }

    /// Machines without the wide registers hash by the other way; it is tried everywhere.
    #[test]
    fn both_ways_are_the_same() {
        let blocks: Vec<u8> = (0..4096_u32).map(|i| (i * 7 % 253) as u8).collect();
        let (mut one, mut other) = (START, START);
        plain(&mut one, &blocks);
        compress(&mut other, &blocks);
        assert_eq!(one, other);
    }
}
