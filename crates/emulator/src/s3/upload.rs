//! An object on its way in: written, hashed and compared with what was promised.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use md5::{Digest, Md5};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::{Checksum, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders, s3_error};
use tempfile::NamedTempFile;
use tokio::task::JoinHandle;

/// As much is gathered before it is written: little enough that the next is on its way meanwhile.
const PIECE: usize = 1 << 18;

/// The checksums that S3 knows, by the name of their header.
const ALGORITHMS: [&str; 5] = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"];

/// What a client says about the bytes before they come.
#[derive(Debug, Default)]
pub(crate) struct Promise {
    /// Checksums by algorithm; `None` where the value follows in a trailer.
    pub(crate) checksums: BTreeMap<&'static str, Option<String>>,
    pub(crate) md5: Option<String>,
    pub(crate) length: Option<u64>,
}

impl Promise {
    /// Reads the headers of a request.
    pub(crate) fn of(
        headers: &http::HeaderMap,
        algorithm: Option<&str>,
        length: Option<u64>,
    ) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut checksums = BTreeMap::new();
        let trailers = text("x-amz-trailer").unwrap_or("").to_ascii_lowercase();
        for name in ALGORITHMS {
            let header = format!("x-amz-checksum-{name}");
            if let Some(value) = text(&header) {
                checksums.insert(name, Some(value.to_owned()));
            } else if trailers.split(',').any(|trailer| trailer.trim() == header)
                || algorithm.is_some_and(|algorithm| algorithm.eq_ignore_ascii_case(name))
            {
                checksums.insert(name, None);
            }
        }
        Self { checksums, md5: text("content-md5").map(str::to_owned), length }
    }
}

/// What came.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) size: u64,
    pub(crate) md5: String,
    pub(crate) checksums: BTreeMap<String, String>,
}

/// Writes the body into the part and checks what was promised of it.
pub(crate) async fn receive(
    body: Option<StreamingBlob>,
    part: NamedTempFile,
    promise: &Promise,
    trailers: Option<TrailingHeaders>,
) -> S3Result<(NamedTempFile, Received)> {
    let mut desk = Desk::Free(part, Box::new(Hashes::new(promise)));
    let mut size = 0;
    if let Some(mut body) = body {
        let mut piece = BytesMut::new();
        loop {
            let chunk = body.try_next().await.map_err(|error| unreadable(&*error))?;
            let ended = chunk.is_none();
            if let Some(chunk) = chunk {
                size += chunk.len() as u64;
                piece.extend_from_slice(&chunk);
            }
            if piece.len() >= PIECE || (ended && !piece.is_empty()) {
                desk = desk.write(piece.split().freeze()).await?;
            }
            if ended {
                break;
            }
        }
    }
    let (part, hashes) = desk.done().await?;
    if promise.length.is_some_and(|length| length != size) {
        return Err(s3_error!(
            IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        ));
    }
    let received = hashes.finish(size);
    check(promise, &received, trailers.as_ref())?;
    Ok((part, received))
}

/// Why a body could not be read. What checks signatures on the way tells it in words only.
fn unreadable(error: &(dyn std::error::Error + Send + Sync)) -> S3Error {
    let words = error.to_string();
    if words.contains("Sha256Mismatch") {
        let mut error = S3Error::with_message(
            S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
        error.set_status_code(http::StatusCode::BAD_REQUEST);
        return error;
    }
    if words.contains("SignatureMismatch") {
        return s3_error!(
            SignatureDoesNotMatch,
            "A chunk's signature does not match the signature that was calculated."
        );
    }
    s3_error!(IncompleteBody, "the body could not be read: {words}")
}

/// Where pieces are hashed and written, which is work for a thread that may block: one at a time,
/// while the next is on its way.
enum Desk {
    Free(NamedTempFile, Box<Hashes>),
    Busy(JoinHandle<io::Result<(NamedTempFile, Box<Hashes>)>>),
}

impl Desk {
    /// Begins with a piece when the one before is done.
    async fn write(self, piece: Bytes) -> S3Result<Self> {
        let (mut part, mut hashes) = self.done().await?;
        Ok(Self::Busy(tokio::task::spawn_blocking(move || {
            hashes.update(&piece);
            part.write_all(&piece).map(|()| (part, hashes))
        })))
    }

    /// Waits until nothing lies on it.
    async fn done(self) -> S3Result<(NamedTempFile, Box<Hashes>)> {
        match self {
            Self::Free(part, hashes) => Ok((part, hashes)),
            Self::Busy(work) => {
                work.await.map_err(S3Error::internal_error)?.map_err(S3Error::internal_error)
            }
        }
    }
}

struct Hashes {
    md5: Md5,
    others: ChecksumHasher,
}

impl Hashes {
    fn new(promise: &Promise) -> Self {
        let asked = |name: &str| promise.checksums.contains_key(name);
        let others = ChecksumHasher {
            crc32: asked("crc32").then(s3s::crypto::Crc32::new),
            crc32c: asked("crc32c").then(s3s::crypto::Crc32c::new),
            crc64nvme: asked("crc64nvme").then(s3s::crypto::Crc64Nvme::new),
            sha1: asked("sha1").then(s3s::crypto::Sha1::new),
            sha256: asked("sha256").then(s3s::crypto::Sha256::new),
        };
        Self { md5: Md5::new(), others }
    }

    fn update(&mut self, piece: &[u8]) {
        self.md5.update(piece);
        self.others.update(piece);
    }

    fn finish(self, size: u64) -> Received {
        let Checksum {
            checksum_crc32,
            checksum_crc32c,
            checksum_crc64nvme,
            checksum_sha1,
            checksum_sha256,
            ..
        } = self.others.finalize();
        let values =
            [checksum_crc32, checksum_crc32c, checksum_crc64nvme, checksum_sha1, checksum_sha256];
        let checksums = ALGORITHMS
            .into_iter()
            .zip(values)
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        Received { size, md5: hex::encode(self.md5.finalize()), checksums }
    }
}

fn check(
    promise: &Promise,
    received: &Received,
    trailers: Option<&TrailingHeaders>,
) -> S3Result<()> {
    if let Some(md5) = &promise.md5 {
        if !STANDARD.decode(md5).is_ok_and(|digest| digest.len() == 16) {
            return Err(s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid."));
        }
        let came = STANDARD.encode(hex::decode(&received.md5).unwrap_or_default());
        if *md5 != came {
            return Err(s3_error!(
                BadDigest,
                "The Content-MD5 you specified did not match what we received."
            ));
        }
    }
    for (name, stated) in &promise.checksums {
        let header = format!("x-amz-checksum-{name}");
        let trailing = trailers.and_then(|trailers| {
            trailers
                .read(|headers| {
                    headers.get(&header).and_then(|value| value.to_str().ok().map(str::to_owned))
                })
                .flatten()
        });
        let Some(stated) = stated.clone().or(trailing) else {
            continue;
        };
        if received.checksums.get(*name) != Some(&stated) {
            return Err(s3_error!(
                BadDigest,
                "The {name} you specified did not match the calculated checksum."
            ));
        }
    }
    Ok(())
}
