//! What is wrong with a picture, and where.

/// A picture that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not the kind of file that was expected.
    #[error("is no {expected}: it begins with {found}")]
    Kind {
        /// `JPEG` or `PNG`.
        expected: &'static str,
        /// What it looks like.
        found: String,
    },
    /// It ends too early, or its data is damaged.
    #[error("is truncated or damaged: {0}")]
    Damaged(String),
    /// It is larger than the caller allows.
    #[error("has {width}x{height} pixels, more than the {limit} that are allowed")]
    TooLarge {
        /// Its width.
        width: u64,
        /// Its height.
        height: u64,
        /// How many pixels are allowed.
        limit: u64,
    },
    /// Its file is longer than the caller allows.
    #[error("has {bytes} bytes, more than the {limit} that are allowed")]
    TooLong {
        /// Of the file.
        bytes: u64,
        /// How many are allowed.
        limit: u64,
    },
    /// Decoding it takes more memory than the caller allows.
    #[error("takes {needed} bytes of memory to decode, more than the {limit} that are allowed")]
    TooHungry {
        /// What its header asks for.
        needed: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// It comes in more scans than any encoder writes, each of them as much work as the first.
    #[error("has more than {limit} scans, and no more than these are decoded")]
    TooManyScans {
        /// How many are decoded.
        limit: usize,
    },
    /// A kind of picture that the contract does not take.
    #[error("is {found}, and {expected} is asked for")]
    Unsuited {
        /// What it is.
        found: String,
        /// What the contract asks for.
        expected: &'static str,
    },
    /// It cannot be written.
    #[error("cannot be encoded: {0}")]
    Encode(String),
}

/// What the first bytes of a file look like, in words.
pub(crate) fn looks_like(bytes: &[u8]) -> String {
    match bytes {
        [] => "nothing: it is empty".to_owned(),
        [0xff, 0xd8, ..] => "a JPEG's signature".to_owned(),
        [0x89, b'P', b'N', b'G', ..] => "a PNG's signature".to_owned(),
        [b'G', b'I', b'F', ..] => "a GIF's signature".to_owned(),
        [b'R', b'I', b'F', b'F', ..] => "a WebP's signature".to_owned(),
        _ => {
            let first: Vec<String> =
                bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            format!("the bytes {}", first.join(" "))
        }
    }
}
