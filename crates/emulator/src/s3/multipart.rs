//! Objects that come in parts. Unfinished uploads end with the process.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use md5::{Digest, Md5};
use s3s::{S3Error, S3Result, s3_error};
use tempfile::NamedTempFile;

use super::object_file::{Description, Headers};
use super::part_sums::{Kind, PartSums};
use super::quota::Draft;
use super::store::now;
use super::upload::Received;

/// All parts but the last are at least this long.
const SMALLEST_PART: u64 = 5 << 20;

/// So many completed uploads are remembered: whoever did not hear that one was completes it again.
const REMEMBERED: usize = 1000;

/// The uploads in progress, and those completed last.
#[derive(Default)]
pub(crate) struct Uploads {
    open: Mutex<HashMap<String, Upload>>,
    completed: Mutex<VecDeque<Completed>>,
}

struct Completed {
    id: String,
    bucket: String,
    key: String,
    etag: String,
}

struct Upload {
    bucket: String,
    key: String,
    begun: i64,
    headers: Headers,
    metadata: BTreeMap<String, String>,
    sums: Option<PartSums>,
    parts: BTreeMap<i32, Arc<Part>>,
}

struct Part {
    draft: Draft,
    size: u64,
    md5: String,
    modified: i64,
    checksums: BTreeMap<String, String>,
}

/// A part as it is shown to a client.
pub(crate) struct ShownPart {
    pub(crate) number: i32,
    pub(crate) size: u64,
    pub(crate) md5: String,
    pub(crate) modified: i64,
    pub(crate) checksums: BTreeMap<String, String>,
}

/// An upload as it is shown to a client.
pub(crate) struct ShownUpload {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) begun: i64,
}

/// A part as a client lists it at the end.
pub(crate) struct Listed {
    pub(crate) number: i32,
    pub(crate) etag: String,
    /// What the client says of its checksums, by algorithm.
    pub(crate) checksums: BTreeMap<String, String>,
}

impl Uploads {
    /// Begins an upload under an id.
    pub(crate) fn begin(
        &self,
        id: &str,
        bucket: &str,
        key: &str,
        headers: Headers,
        metadata: BTreeMap<String, String>,
        sums: Option<PartSums>,
    ) {
        let upload = Upload {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            begun: now(),
            headers,
            metadata,
            sums,
            parts: BTreeMap::new(),
        };
        self.lock().insert(id.to_owned(), upload);
    }

    /// Whether there is such an upload to this key.
    pub(crate) fn check(&self, id: &str, bucket: &str, key: &str) -> S3Result<()> {
        self.lock()
            .get(id)
            .filter(|upload| upload.bucket == bucket && upload.key == key)
            .map(|_| ())
            .ok_or_else(no_such_upload)
    }

    /// The parts of an upload behind this number.
    pub(crate) fn parts(&self, id: &str, after: i32) -> Vec<ShownPart> {
        let uploads = self.lock();
        let parts = uploads.get(id).into_iter().flat_map(|upload| &upload.parts);
        parts
            .filter(|(number, _)| **number > after)
            .map(|(number, part)| ShownPart {
                number: *number,
                size: part.size,
                md5: part.md5.clone(),
                modified: part.modified,
                checksums: part.checksums.clone(),
            })
            .collect()
    }

    /// The uploads to a bucket, by key and then in the order in which they were begun.
    pub(crate) fn of_bucket(&self, bucket: &str) -> Vec<ShownUpload> {
        let uploads = self.lock();
        let mut shown: Vec<ShownUpload> = uploads
            .iter()
            .filter(|(_, upload)| upload.bucket == bucket)
            .map(|(id, upload)| ShownUpload {
                id: id.clone(),
                key: upload.key.clone(),
                begun: upload.begun,
            })
            .collect();
        shown.sort_by(|a, b| (&a.key, a.begun, &a.id).cmp(&(&b.key, b.begun, &b.id)));
        shown
    }

    /// Adds or replaces a part.
    pub(crate) fn add(
        &self,
        id: &str,
        number: i32,
        draft: Draft,
        received: &Received,
    ) -> S3Result<()> {
        if !(1..=10_000).contains(&number) {
            return Err(s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            ));
        }
        let mut uploads = self.lock();
        let upload = uploads.get_mut(id).ok_or_else(no_such_upload)?;
        upload.parts.insert(
            number,
            Arc::new(Part {
                draft,
                size: received.size,
                md5: received.md5.clone(),
                modified: now(),
                checksums: received.checksums.clone(),
            }),
        );
        Ok(())
    }

    /// Forgets an upload that has become an object, but for what it has become.
    pub(crate) fn complete(&self, id: &str, bucket: &str, key: &str, etag: &str) {
        self.lock().remove(id);
        let mut completed = self.completed.lock().unwrap_or_else(PoisonError::into_inner);
        if completed.len() == REMEMBERED {
            completed.pop_front();
        }
        completed.push_back(Completed {
            id: id.to_owned(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            etag: etag.to_owned(),
        });
    }

    /// The ETag of the object that an upload has become, if it is remembered.
    pub(crate) fn completed(&self, id: &str, bucket: &str, key: &str) -> Option<String> {
        let completed = self.completed.lock().unwrap_or_else(PoisonError::into_inner);
        let found = completed.iter().find(|one| one.id == id);
        found.filter(|one| one.bucket == bucket && one.key == key).map(|one| one.etag.clone())
    }

    /// Forgets an upload and its parts.
    pub(crate) fn abort(&self, id: &str, bucket: &str, key: &str) -> S3Result<()> {
        self.check(id, bucket, key)?;
        self.lock().remove(id);
        Ok(())
    }

    /// Joins the listed parts into one file, which is work for a thread that may
    /// block. The upload stays until it is aborted: its object may yet be refused.
    pub(crate) fn join(
        &self,
        id: &str,
        bucket: &str,
        key: &str,
        listed: &[Listed],
        mut into: Draft,
    ) -> S3Result<(Draft, Description)> {
        self.check(id, bucket, key)?;
        let (parts, headers, metadata, sums) = {
            let uploads = self.lock();
            let upload = uploads.get(id).ok_or_else(no_such_upload)?;
            let parts = chosen(upload, listed)?;
            (parts, upload.headers.clone(), upload.metadata.clone(), upload.sums.clone())
        };
        let mut hash = Md5::new();
        for part in &parts {
            hash.update(hex::decode(&part.md5).unwrap_or_default());
            into.space.grow(part.size)?;
            append(part, &mut into.file).map_err(S3Error::internal_error)?;
        }
        let description = Description {
            key: key.to_owned(),
            size: parts.iter().map(|part| part.size).sum(),
            etag: format!("{}-{}", hex::encode(hash.finalize()), parts.len()),
            modified: now(),
            headers,
            metadata,
            checksums: checksums(sums, &parts, &into.file).map_err(S3Error::internal_error)?,
        };
        Ok((into, description))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Upload>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn chosen(upload: &Upload, listed: &[Listed]) -> S3Result<Vec<Arc<Part>>> {
    if listed.is_empty() {
        return Err(s3_error!(MalformedXML, "You must specify at least one part"));
    }
    if !listed.is_sorted_by(|one, two| one.number < two.number) {
        return Err(s3_error!(InvalidPartOrder, "The list of parts was not in ascending order."));
    }
    let invalid = || {
        s3_error!(
            InvalidPart,
            "One or more of the specified parts could not be found, or its ETag is another."
        )
    };
    let find = |wanted: &Listed| {
        upload
            .parts
            .get(&wanted.number)
            .filter(|part| part.md5 == wanted.etag && is_as_listed(part, wanted))
            .cloned()
            .ok_or_else(invalid)
    };
    let parts = listed.iter().map(find).collect::<S3Result<Vec<_>>>()?;
    if parts[..parts.len() - 1].iter().any(|part| part.size < SMALLEST_PART) {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed object size."
        ));
    }
    Ok(parts)
}

/// What is said of a part's checksums when they are joined must be what was reckoned.
fn is_as_listed(part: &Part, wanted: &Listed) -> bool {
    wanted.checksums.iter().all(|(name, value)| part.checksums.get(name) == Some(value))
}

fn checksums(
    sums: Option<PartSums>,
    parts: &[Arc<Part>],
    joined: &NamedTempFile,
) -> io::Result<BTreeMap<String, String>> {
    let Some(sums) = sums else { return Ok(BTreeMap::new()) };
    let value = match sums.kind {
        Kind::Whole => sums.of_file(&mut File::open(joined.path())?)?,
        Kind::Composite => {
            sums.of_parts(parts.iter().map(|part| part.checksums.get(&sums.algorithm)))
        }
    };
    Ok(value.map(|value| (sums.algorithm, value)).into_iter().collect())
}

fn append(part: &Part, into: &mut NamedTempFile) -> io::Result<u64> {
    // Opened anew: two requests may join the same parts at once.
    io::copy(&mut File::open(part.draft.file.path())?, into)
}

fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )
}
