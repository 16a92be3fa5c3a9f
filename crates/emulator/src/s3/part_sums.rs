//! Checksums of objects that came in parts: of the whole, or of the parts' own checksums.

use std::fs::File;
use std::io::{self, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::ChecksumType;

const PIECE: usize = 1 << 20;

/// What an upload's checksum is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartSums {
    /// `crc32`, …: as an object's description has it.
    pub(crate) algorithm: String,
    pub(crate) kind: Kind,
}

/// Of all bytes, or of the checksums of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Whole,
    Composite,
}

impl Kind {
    /// As S3 calls it.
    pub(crate) fn shown(self) -> ChecksumType {
        ChecksumType::from_static(match self {
            Self::Whole => ChecksumType::FULL_OBJECT,
            Self::Composite => ChecksumType::COMPOSITE,
        })
    }

    /// What kind a checksum is that is written so.
    pub(crate) fn of(value: &str) -> Self {
        // No base64 of this alphabet has a hyphen.
        if value.contains('-') { Self::Composite } else { Self::Whole }
    }
}

impl PartSums {
    /// What a request asks for when an upload is begun. Where it does not say of what the checksum
    /// is to be, it is of the parts; the one algorithm that cannot be is of the whole.
    pub(crate) fn asked(algorithm: Option<&str>, kind: Option<&str>) -> Option<Self> {
        let algorithm = algorithm?.to_ascii_lowercase();
        let whole = kind == Some("FULL_OBJECT") || algorithm == "crc64nvme";
        Some(Self { algorithm, kind: if whole { Kind::Whole } else { Kind::Composite } })
    }

    /// The checksum of the whole file.
    pub(crate) fn of_file(&self, file: &mut File) -> io::Result<Option<String>> {
        let Some(mut hasher) = hasher(&self.algorithm) else { return Ok(None) };
        let mut piece = vec![0; PIECE];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(value(hasher)),
                count => hasher.update(&piece[..count]),
            }
        }
    }

    /// The checksum of the parts' checksums and, behind a hyphen, their number.
    pub(crate) fn of_parts<'a>(
        &self,
        parts: impl Iterator<Item = Option<&'a String>>,
    ) -> Option<String> {
        let mut hasher = hasher(&self.algorithm)?;
        let mut count = 0;
        for part in parts {
            hasher.update(&STANDARD.decode(part?).ok()?);
            count += 1;
        }
        Some(format!("{}-{count}", value(hasher)?))
    }
}

fn hasher(algorithm: &str) -> Option<ChecksumHasher> {
    let mut hasher = ChecksumHasher::default();
    match algorithm {
        "crc32" => hasher.crc32 = Some(s3s::crypto::Crc32::new()),
        "crc32c" => hasher.crc32c = Some(s3s::crypto::Crc32c::new()),
        "crc64nvme" => hasher.crc64nvme = Some(s3s::crypto::Crc64Nvme::new()),
        "sha1" => hasher.sha1 = Some(s3s::crypto::Sha1::new()),
        "sha256" => hasher.sha256 = Some(s3s::crypto::Sha256::new()),
        _ => return None,
    }
    Some(hasher)
}

fn value(hasher: ChecksumHasher) -> Option<String> {
    let sums = hasher.finalize();
    sums.checksum_crc32
        .or(sums.checksum_crc32c)
        .or(sums.checksum_crc64nvme)
        .or(sums.checksum_sha1)
        .or(sums.checksum_sha256)
}
