//! Prefix codes: as short as can be for how often each symbol comes, none longer than a limit.

/// A symbol's code as deflate writes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Code {
    /// The first to be read at the bottom.
    pub(super) bits: u16,
    /// How many; 0 for a symbol that has no code.
    pub(super) length: u8,
}

/// How long each symbol's code is, at most `longest`; 0 where a symbol never comes.
pub(super) fn lengths(counts: &[u32], longest: usize) -> Vec<u8> {
    let mut coming: Vec<(u32, usize)> =
        counts.iter().zip(0..).map(|(&count, symbol)| (count, symbol)).collect();
    coming.retain(|&(count, _)| count > 0);
    coming.sort_unstable();
    let mut lengths = vec![0; counts.len()];
    let of_each_length = limited(&depths(&coming), longest);
    // The rarest have the longest codes.
    let mut rarest = coming.iter();
    for (length, &codes) in of_each_length.iter().enumerate().rev() {
        for &(_, symbol) in rarest.by_ref().take(codes) {
            lengths[symbol] = length as u8;
        }
    }
    lengths
}

/// How many bits each symbol has in Huffman's code, the rarest first: the two trees that come
/// least often become one, until one is left.
fn depths(coming: &[(u32, usize)]) -> Vec<usize> {
    let leaves = coming.len();
    if leaves < 2 {
        return vec![1; leaves];
    }
    // Leaves, then trees in the order in which they were made, which is that of their counts.
    let mut counts: Vec<u64> = coming.iter().map(|&(count, _)| u64::from(count)).collect();
    let mut parents = vec![0; 2 * leaves - 1];
    let (mut leaf, mut tree) = (0, leaves);
    for made in leaves..2 * leaves - 1 {
        let mut count = 0;
        for _ in 0..2 {
            let leaf_is_rarer = leaf < leaves && (tree == made || counts[leaf] <= counts[tree]);
            let rarer = if leaf_is_rarer { &mut leaf } else { &mut tree };
            parents[*rarer] = made;
            count += counts[*rarer];
            *rarer += 1;
        }
        counts.push(count);
    }
    let mut depths = vec![0; 2 * leaves - 1];
    for node in (0..2 * leaves - 2).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    depths.truncate(leaves);
    depths
}

/// How many codes there are of each length, from 0 on, once none is longer than `longest`.
fn limited(depths: &[usize], longest: usize) -> Vec<usize> {
    let mut codes = vec![0; longest + 1];
    for &depth in depths {
        codes[depth.min(longest)] += 1;
    }
    // Each code takes its share of all that `longest` bits can say; together they may take too
    // much. Then a shorter one makes room for itself and for one of the longest.
    let all = 1 << longest;
    let mut taken: usize =
        codes.iter().enumerate().skip(1).map(|(length, codes)| codes << (longest - length)).sum();
    while taken > all {
        let shorter = (1..longest).rev().find(|&length| codes[length] > 0);
        let shorter = shorter.expect("so many bits are enough for all symbols");
        codes[shorter] -= 1;
        codes[shorter + 1] += 2;
        codes[longest] -= 1;
        taken -= 1;
    }
    codes
}

/// The codes of these lengths, in the order that deflate asks for.
pub(super) fn codes(lengths: &[u8]) -> Vec<Code> {
    let mut codes = vec![Code::default(); lengths.len()];
    let mut next = 0_u16;
    for length in 1..=15 {
        next <<= 1;
        for (code, _) in codes.iter_mut().zip(lengths).filter(|(_, of)| **of == length) {
            *code = Code { bits: next.reverse_bits() >> (16 - length), length };
            next += 1;
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bits all symbols take, and which part of what there is the codes take up.
    fn bits_and_share(counts: &[u32], lengths: &[u8]) -> (u64, f64) {
        let bits = counts.iter().zip(lengths).map(|(&count, &of)| u64::from(count) * u64::from(of));
        let share = lengths.iter().filter(|of| **of > 0).map(|of| 0.5_f64.powi(i32::from(*of)));
        (bits.sum(), share.sum())
    }

    #[test]
    fn what_comes_more_often_has_the_shorter_code() {
        let counts = [5, 0, 9, 12, 13, 16, 45];
        let lengths = lengths(&counts, 12);
        assert_eq!(lengths, [4, 0, 4, 3, 3, 3, 1]);
        assert_eq!(bits_and_share(&counts, &lengths), (224, 1.0));
    }

    #[test]
    fn no_code_is_longer_than_the_limit_and_none_is_lost() {
        // As the numbers of Fibonacci, of which each code is one bit longer than the one before.
        let counts: Vec<u32> = std::iter::successors(Some((1, 1)), |&(a, b)| Some((b, a + b)))
            .map(|(a, _)| a)
            .take(30)
            .collect();
        for longest in [5, 7, 12, 29] {
            let lengths = lengths(&counts, longest);
            assert!(
                lengths.iter().all(|&of| (1..=longest).contains(&usize::from(of))),
                "{lengths:?}"
            );
            assert_eq!(bits_and_share(&counts, &lengths).1, 1.0, "{longest}");
        }
    }

    #[test]
    fn a_symbol_alone_has_one_bit_and_nothing_has_none() {
        assert_eq!(lengths(&[0, 7, 0], 12), [0, 1, 0]);
        assert_eq!(lengths(&[0, 0], 12), [0, 0]);
    }

    #[test]
    fn codes_are_those_of_the_standards_example() {
        // RFC 1951, 3.2.2: lengths 3, 3, 3, 3, 3, 2, 4, 4 give 010 to 110, 00, 1110 and 1111.
        let codes = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let written: Vec<String> = codes
            .iter()
            .map(|code| {
                let width = usize::from(code.length);
                format!("{:0width$b}", code.bits).chars().rev().collect()
            })
            .collect();
        assert_eq!(written, ["010", "011", "100", "101", "110", "00", "1110", "1111"]);
    }
}
