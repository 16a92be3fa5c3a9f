//! The chunks that a PNG consists of.

use crate::error::{Error, looks_like};

/// What a PNG begins with.
pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A chunk whose CRC is right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
}

impl Chunk<'_> {
    /// As it is called in messages.
    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.kind).into_owned()
    }
}

/// Reads chunk after chunk.
pub(super) struct Chunks<'a> {
    bytes: &'a [u8],
    pub(super) rest: &'a [u8],
}

impl<'a> Chunks<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, Error> {
        match bytes.strip_prefix(SIGNATURE) {
            Some(rest) => Ok(Self { bytes, rest }),
            None => Err(Error::Kind { expected: "PNG", found: looks_like(bytes) }),
        }
    }

    /// The next; that there is none is an error.
    pub(super) fn next(&mut self) -> Result<Chunk<'a>, Error> {
        let at = self.bytes.len() - self.rest.len();
        let cut = || Error::Damaged(format!("it ends in the chunk at byte {at}"));
        let length = self.rest.first_chunk::<4>().ok_or_else(cut)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| cut())?;
        let summed = self.rest.get(4..8 + length).ok_or_else(cut)?;
        let crc: [u8; 4] = self
            .rest
            .get(8 + length..12 + length)
            .and_then(|crc| crc.try_into().ok())
            .ok_or_else(cut)?;
        let (kind, data) = summed.split_first_chunk::<4>().ok_or_else(cut)?;
        let chunk = Chunk { kind: *kind, data };
        if crc32fast::hash(summed) != u32::from_be_bytes(crc) {
            let name = chunk.name();
            return Err(Error::Damaged(format!("the CRC of chunk {name} at byte {at} is wrong")));
        }
        self.rest = &self.rest[12 + length..];
        Ok(chunk)
    }
}
