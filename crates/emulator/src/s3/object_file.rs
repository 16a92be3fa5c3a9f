//! One object in one file: its bytes, and after them what is known about it.
//!
//! ```text
//! bytes | description (JSON) | length of the description (4 bytes, big endian) | "PFOBJ\0\0\1"
//! ```
//! One file makes one rename replace both at once, and a picture at the front of
//! a file still opens as a picture. The name is a hash of the key, so no key can
//! lead anywhere.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const MARK: &[u8; 8] = b"PFOBJ\0\0\x01";
const TAIL: u64 = 12;
const DESCRIPTION_LIMIT: u32 = 64 * 1024;

/// What is known about an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) key: String,
    pub(crate) size: u64,
    /// The MD5 in hexadecimal; of an object that came in parts the MD5 of their
    /// MD5s, a hyphen and their number. Without quotes.
    pub(crate) etag: String,
    /// Seconds since 1970.
    pub(crate) modified: i64,
    pub(crate) headers: Headers,
    pub(crate) metadata: BTreeMap<String, String>,
    /// Checksums by algorithm (`crc32`, …), base64.
    pub(crate) checksums: BTreeMap<String, String>,
}

/// The headers that an object gives back as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Headers {
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) cache_control: Option<String>,
    /// Seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<i64>,
}

/// Where the object of a key lies in its bucket's folder.
pub(crate) fn path_of(bucket: &Path, key: &str) -> PathBuf {
    let name = hex::encode(Sha256::digest(key.as_bytes()));
    bucket.join(&name[..2]).join(name)
}

/// Writes what comes after the bytes.
pub(crate) fn finish(file: &mut impl Write, description: &Description) -> io::Result<()> {
    let text = serde_json::to_vec(description)?;
    let length = u32::try_from(text.len()).ok().filter(|length| *length <= DESCRIPTION_LIMIT);
    let length = length.ok_or_else(|| io::Error::other("an object's description is too long"))?;
    file.write_all(&text)?;
    file.write_all(&length.to_be_bytes())?;
    file.write_all(MARK)
}

/// Reads what comes after the bytes. The file is refused if it is not whole.
pub(crate) fn describe(file: &mut File) -> io::Result<Description> {
    let broken = |what: &str| {
        io::Error::new(io::ErrorKind::InvalidData, format!("not an object's file: {what}"))
    };
    let length = file.metadata()?.len();
    let at = length.checked_sub(TAIL).ok_or_else(|| broken("too short"))?;
    file.seek(SeekFrom::Start(at))?;
    let mut size = [0; 4];
    file.read_exact(&mut size)?;
    let mut mark = [0; 8];
    file.read_exact(&mut mark)?;
    if mark != *MARK {
        return Err(broken("no mark of this format at its end"));
    }
    let size = u32::from_be_bytes(size);
    if size > DESCRIPTION_LIMIT {
        return Err(broken("its description is too long"));
    }
    let at = at.checked_sub(u64::from(size)).ok_or_else(|| broken("its description is cut"))?;
    file.seek(SeekFrom::Start(at))?;
    let mut text = vec![0; size as usize];
    file.read_exact(&mut text)?;
    let description: Description = serde_json::from_slice(&text)?;
    if description.size != at {
        return Err(broken("its bytes are not as many as it says"));
    }
    Ok(description)
}

/// Reads part of the bytes.
pub(crate) fn read(file: &mut File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_leads_out_of_its_bucket() {
        let bucket = Path::new("/data/objects/b");
        for key in
            ["../../etc/passwd", "/etc/passwd", "a/../../b", "..", ".", "a\0b", &"x".repeat(1024)]
        {
            let path = path_of(bucket, key);
            assert!(path.starts_with(bucket), "{key}");
            assert_eq!(path.components().count(), bucket.components().count() + 2, "{key}");
        }
    }

    #[test]
    fn a_file_that_was_cut_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("object");
        let description = Description {
            key: "k".to_owned(),
            size: 3,
            etag: String::new(),
            modified: 0,
            headers: Headers::default(),
            metadata: BTreeMap::new(),
            checksums: BTreeMap::new(),
        };
        let mut whole = b"abc".to_vec();
        finish(&mut whole, &description).expect("written");
        std::fs::write(&path, &whole).expect("on disk");
        assert_eq!(describe(&mut File::open(&path).expect("there")).expect("whole"), description);
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).expect("on disk");
            assert!(describe(&mut File::open(&path).expect("there")).is_err(), "cut at {length}");
        }
        std::fs::write(&path, &whole[1..]).expect("on disk");
        assert!(describe(&mut File::open(&path).expect("there")).is_err(), "a byte is missing");
    }
}
