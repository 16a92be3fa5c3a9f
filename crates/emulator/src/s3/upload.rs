//! An object on its way in: written, hashed and compared with what was promised.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::{Checksum, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders, s3_error};

use super::desk::{Desk, Disk};
use super::quick_md5::Md5;
use super::quota::Draft;

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
    mut draft: Draft,
    promise: &Promise,
    trailers: Option<TrailingHeaders>,
    disk: Disk,
) -> S3Result<(Draft, Received)> {
    // The file's name stays here: an upload that breaks off leaves none, however much waits to be
    // written.
    let file = draft.file.as_file().try_clone().map_err(S3Error::internal_error)?;
    let mut desk = Desk::open(file, Hashes::new(promise), disk);
    let mut size = 0;
    if let Some(mut body) = body {
        while let Some(piece) = body.try_next().await.map_err(|error| unreadable(&*error))? {
            size += piece.len() as u64;
            draft.space.grow(piece.len() as u64)?;
            if !desk.take(piece).await {
                break;
            }
        }
    }
    let hashes = desk.done().await?;
    if promise.length.is_some_and(|length| length != size) {
        return Err(s3_error!(
            IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        ));
    }
    let received = hashes.finish(size);
    check(promise, &received, trailers.as_ref())?;
    Ok((draft, received))
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

/// The hashes of an object's bytes: the ETag's, and those that were asked for.
pub(super) struct Hashes {
    md5: Md5,
    others: ChecksumHasher,
}

impl Hashes {
    pub(super) fn new(promise: &Promise) -> Self {
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

    pub(super) fn update(&mut self, piece: &[u8]) {
        self.md5.update(piece);
        self.others.update(piece);
    }

    pub(super) fn finish(self, size: u64) -> Received {
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
