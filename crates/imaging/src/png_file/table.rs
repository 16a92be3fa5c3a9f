//! Prefix codes read by looking up several bits at once.

/// What a code's symbols stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A length of a code, or how often one comes again.
    Length,
    /// A byte, the end, or how much comes again.
    Literal,
    /// How far back.
    Distance,
}

/// What the next bits stand for: up to three bytes, and after them perhaps a number.
///
/// From the bottom: 6 bits for how many bits there are in all, 2 for what they stand for besides
/// bytes, 4 for how many bytes, 4 for how many of the bits are codes; from bit 16 on what the bits
/// after the codes are added to, and from bit 32 on the bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entry(u64);

/// A number, which is the last.
const NUMBER: u64 = 1 << 6;
/// The end, or what no code may stand for, or that the code is longer than a look.
const ODD: u64 = 2 << 6;
const KINDS: u64 = 3 << 6;
const ONE_BYTE: u64 = 1 << 8;
const MOST_BYTES: usize = 3;
/// Where the length of codes stands, what is added to, and the bytes.
const CODE: u32 = 12;
const BASE: u32 = 16;
const BYTES: u32 = 32;

impl Entry {
    const MORE: Self = Self(ODD);
    const END: Self = Self(ODD | 1 << BASE);
    const NOTHING: Self = Self(ODD | 2 << BASE);

    fn byte(byte: u64) -> Self {
        Self(byte << BYTES | ONE_BYTE)
    }

    fn number_from(base: u64, bits_after: u64) -> Self {
        Self(base << BASE | NUMBER | bits_after)
    }

    /// Of a code that has so many bits.
    fn of_length(self, length: u32) -> Self {
        Self(self.0 + u64::from(length << CODE | length))
    }

    /// How many bits are to be skipped.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 as u32 & 63
    }

    /// How many of them are codes.
    #[inline(always)]
    fn code(self) -> u32 {
        self.0 as u32 >> CODE & 15
    }

    /// How many bytes it stands for.
    #[inline(always)]
    pub(super) fn count(self) -> usize {
        (self.0 >> 8 & 15) as usize
    }

    /// Its bytes, and then what is no matter.
    #[inline(always)]
    pub(super) fn bytes(self) -> [u8; 4] {
        ((self.0 >> BYTES) as u32).to_le_bytes()
    }

    /// Whether it stands for bytes and nothing else.
    #[inline(always)]
    pub(super) fn is_bytes(self) -> bool {
        self.0 & KINDS == 0
    }

    /// Whether it stands for a number, perhaps after bytes.
    #[inline(always)]
    pub(super) fn is_number(self) -> bool {
        self.0 & NUMBER != 0
    }

    /// Whether the code is longer than a look.
    #[inline(always)]
    pub(super) fn is_more(self) -> bool {
        self == Self::MORE
    }

    /// Whether a block ends.
    pub(super) fn is_end(self) -> bool {
        self.0 & ODD != 0 && self.base() == 1
    }

    /// Of a number: what is added to.
    #[inline(always)]
    pub(super) fn base(self) -> usize {
        usize::from((self.0 >> BASE) as u16)
    }

    /// The number, of which the bits after the codes are a part.
    #[inline(always)]
    pub(super) fn number(self, held: u64) -> usize {
        let all = held as u32 & ((1 << self.bits()) - 1);
        self.base() + (all >> self.code()) as usize
    }

    /// Its own bytes and what the next stands for, if one look takes in both codes.
    #[inline(always)]
    fn and(self, next: Self, look: u32) -> Option<Self> {
        let fits = self.code() + next.code() <= look
            && self.count() + next.count() <= MOST_BYTES
            && self.is_bytes()
            && next.0 & ODD == 0;
        let bytes = next.0 >> BYTES << BYTES;
        let rest = next.0 ^ bytes;
        fits.then_some(Self(self.0 + rest + (bytes << (8 * self.count()))))
    }
}

/// RFC 1951, 3.2.5: where the numbers of each symbol begin, and how many bits follow it.
fn lengths(symbol: u64) -> Entry {
    match symbol {
        28 => Entry::number_from(258, 0),
        0..8 => Entry::number_from(3 + symbol, 0),
        8..28 => {
            let after = symbol / 4 - 1;
            Entry::number_from(3 + ((4 + symbol % 4) << after), after)
        }
        _ => Entry::NOTHING,
    }
}

/// Likewise, of how far back.
fn distances(symbol: u64) -> Entry {
    match symbol {
        0..4 => Entry::number_from(1 + symbol, 0),
        4..30 => {
            let after = symbol / 2 - 1;
            Entry::number_from(1 + ((2 + symbol % 2) << after), after)
        }
        _ => Entry::NOTHING,
    }
}

impl Kind {
    fn entry(self, symbol: usize) -> Entry {
        let symbol = symbol as u64;
        match self {
            Self::Length => Entry::number_from(symbol, 0),
            Self::Literal if symbol < 256 => Entry::byte(symbol),
            Self::Literal if symbol == 256 => Entry::END,
            Self::Literal => lengths(symbol - 257),
            Self::Distance => distances(symbol),
        }
    }
}

/// The longest code that deflate allows.
const LONGEST: usize = 15;

/// A code, whose look-ups take in as many bits as `SEEN` can tell apart.
pub(super) struct Table<const SEEN: usize> {
    look: Box<[Entry; SEEN]>,
    kind: Kind,
    /// For each length: where its codes end, as the top of 16 bits.
    ends: [u32; LONGEST + 1],
    /// For each length: what leads from a code to its symbol's place.
    offsets: [i32; LONGEST + 1],
    /// In the order of their codes.
    symbols: [u16; 288],
}

impl<const SEEN: usize> Default for Table<SEEN> {
    fn default() -> Self {
        Self {
            look: Box::new([Entry::MORE; SEEN]),
            kind: Kind::Length,
            ends: [0; LONGEST + 1],
            offsets: [0; LONGEST + 1],
            symbols: [0; 288],
        }
    }
}

impl<const SEEN: usize> Table<SEEN> {
    const LOOK: u32 = SEEN.ilog2();

    /// The code with these lengths; `None` if they are those of no whole code. Only of distances
    /// there may be one alone, with one bit, or none.
    pub(super) fn fill(&mut self, lengths: &[u8], kind: Kind) -> Option<()> {
        let mut counts = [0_u32; LONGEST + 1];
        lengths.iter().for_each(|&length| counts[usize::from(length)] += 1);
        counts[0] = 0;
        let taken: u32 =
            (1..).zip(&counts[1..]).map(|(length, count)| count << (15 - length)).sum();
        let few =
            kind == Kind::Distance && counts.iter().sum::<u32>() == counts[1] && counts[1] < 2;
        if taken != 1 << LONGEST && !few {
            return None;
        }
        self.kind = kind;
        self.sort(lengths, &counts);
        self.enter(&counts);
        if kind == Kind::Literal {
            self.join();
        }
        Some(())
    }

    /// Symbols in the order of their codes.
    fn sort(&mut self, lengths: &[u8], counts: &[u32; LONGEST + 1]) {
        let mut next = [0; LONGEST + 1];
        for length in 1..LONGEST {
            next[length + 1] = next[length] + counts[length] as usize;
        }
        for (symbol, &length) in (0..).zip(lengths).filter(|(_, length)| **length > 0) {
            let place = &mut next[usize::from(length)];
            self.symbols[*place] = symbol;
            *place += 1;
        }
    }

    /// What each look stands for, one symbol at a time.
    fn enter(&mut self, counts: &[u32; LONGEST + 1]) {
        let (mut code, mut place) = (0_u32, 0);
        self.look[0] = Entry::MORE;
        for length in 1..=LONGEST as u32 {
            code <<= 1;
            let count = counts[length as usize];
            self.offsets[length as usize] = place as i32 - code as i32;
            if length <= Self::LOOK {
                // What is seen with one bit more stands for the same, but for the codes that end
                // with that bit.
                let half = 1 << (length - 1);
                self.look.copy_within(..half, half);
                for (code, &symbol) in (code..).zip(&self.symbols[place..place + count as usize]) {
                    let seen = (code as u16).reverse_bits() >> (16 - length);
                    let entry = self.kind.entry(usize::from(symbol));
                    self.look[usize::from(seen)] = entry.of_length(length);
                }
            }
            code += count;
            place += count as usize;
            self.ends[length as usize] = code << (16 - length);
        }
    }

    /// Where a look takes in several codes that bytes begin with, it stands for all of them.
    fn join(&mut self) {
        let single = self.look.clone();
        for (seen, &first) in single.iter().enumerate() {
            // What follows is seen with fewer bits: it stands before and is joined already.
            let next = seen >> first.code();
            let joined = first.and(self.look[next], Self::LOOK);
            if let Some(entry) = joined.or_else(|| first.and(single[next], Self::LOOK)) {
                self.look[seen] = entry;
            }
        }
    }

    /// What one look stands for.
    #[inline(always)]
    pub(super) fn look(&self, held: u64) -> Entry {
        self.look[held as usize & (SEEN - 1)]
    }

    /// What the next bits stand for, where the code is longer than a look. It is given the bits, not
    /// their reader, so that the reader need not stand in memory.
    #[cold]
    #[inline(never)]
    pub(super) fn find(&self, held: u64) -> Entry {
        let next = u32::from((held as u16).reverse_bits());
        let Some(length) = (1..=LONGEST).find(|&length| next < self.ends[length]) else {
            return Entry::NOTHING;
        };
        let place = (next >> (16 - length)) as i32 + self.offsets[length];
        let symbol = usize::from(self.symbols[place as usize]);
        self.kind.entry(symbol).of_length(length as u32)
    }
}
