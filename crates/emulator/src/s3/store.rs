//! Buckets and objects on disk, with an index of them in memory.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use s3s::S3ErrorCode;
use serde::{Deserialize, Serialize};
use tempfile::{NamedTempFile, TempPath};

use super::multipart::Uploads;
use super::object_file::{self, Description};
use super::quota::{Draft, Quota, Space, Writer};
use crate::archive::replace_file;
use crate::error::Error;

const FORMAT: u32 = 1;
/// Where objects are written before they have their name: no bucket can be called that.
const PART: &str = "_part";

/// Why an object or bucket was not to be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("The specified bucket does not exist")]
    NoSuchBucket,
    #[error("The specified key does not exist.")]
    NoSuchKey,
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketExists,
    #[error("The bucket you tried to delete is not empty")]
    BucketNotEmpty,
    #[error("At least one of the pre-conditions you specified did not hold")]
    Precondition,
    #[error("Functions may not store more than they have here; delete objects first")]
    Full,
    #[error("We encountered an internal error: cannot {action}: {source}")]
    Io { action: &'static str, source: io::Error },
}

impl StoreError {
    /// What S3 calls it.
    pub(crate) fn s3_code(&self) -> S3ErrorCode {
        match self {
            Self::NoSuchBucket => S3ErrorCode::NoSuchBucket,
            Self::NoSuchKey => S3ErrorCode::NoSuchKey,
            Self::BucketExists => S3ErrorCode::BucketAlreadyOwnedByYou,
            Self::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
            Self::Precondition => S3ErrorCode::PreconditionFailed,
            Self::Full => S3ErrorCode::Custom("QuotaExceeded".into()),
            Self::Io { .. } => S3ErrorCode::InternalError,
        }
    }

    fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}

/// A bucket's own record.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct BucketRecord {
    format: u32,
    name: String,
    created: i64,
}

#[derive(Debug)]
struct Bucket {
    created: i64,
    objects: BTreeMap<String, Arc<Description>>,
}

/// Whether a write may replace what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Replace {
    Always,
    /// Only where there is nothing yet.
    IfAbsent,
    /// Only where the object with this ETag is.
    IfMatches(String),
}

/// All buckets of one data folder.
pub(crate) struct ObjectStore {
    folder: PathBuf,
    durable: bool,
    pub(super) uploads: Uploads,
    quota: Arc<Quota>,
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

impl ObjectStore {
    /// Opens the folder and reads what is there. Files that a kill cut short are removed.
    /// Functions may add so many bytes.
    pub(crate) fn open(folder: PathBuf, durable: bool, most: u64) -> Result<Self, Error> {
        fs::create_dir_all(folder.join(PART))
            .map_err(Error::data("make the folder for objects", &folder))?;
        let mut buckets = BTreeMap::new();
        for path in list(&folder)? {
            let record = path.join("bucket.json");
            if let Ok(text) = fs::read(&record) {
                let (name, bucket) = load_bucket(&path, &record, &text)?;
                buckets.insert(name, bucket);
            }
        }
        for left_over in list(&folder.join(PART))? {
            fs::remove_file(&left_over)
                .map_err(Error::data("remove an unfinished object", left_over))?;
        }
        let objects = buckets.values().flat_map(|bucket: &Bucket| bucket.objects.values());
        let quota = Arc::new(Quota::of(&folder, most, objects.map(|object| &**object)));
        let buckets = Mutex::new(buckets);
        Ok(Self { folder, durable, uploads: Uploads::default(), quota, buckets })
    }

    /// Whether what is kept is on the disk before anyone is told.
    pub(super) fn durable(&self) -> bool {
        self.durable
    }

    pub(crate) fn buckets(&self) -> Vec<(String, i64)> {
        self.lock().iter().map(|(name, bucket)| (name.clone(), bucket.created)).collect()
    }

    pub(crate) fn has_bucket(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }

    pub(crate) fn create_bucket(&self, name: &str) -> Result<(), StoreError> {
        let mut buckets = self.lock();
        if buckets.contains_key(name) {
            return Err(StoreError::BucketExists);
        }
        let record = BucketRecord { format: FORMAT, name: name.to_owned(), created: now() };
        let text = serde_json::to_vec_pretty(&record).expect("a record has only string keys");
        let path = self.folder.join(name).join("bucket.json");
        replace_file(&path, &text).map_err(StoreError::io("make the bucket"))?;
        buckets.insert(record.name, Bucket { created: record.created, objects: BTreeMap::new() });
        Ok(())
    }

    pub(crate) fn delete_bucket(&self, name: &str) -> Result<(), StoreError> {
        let mut buckets = self.lock();
        let bucket = buckets.get(name).ok_or(StoreError::NoSuchBucket)?;
        if !bucket.objects.is_empty() {
            return Err(StoreError::BucketNotEmpty);
        }
        fs::remove_dir_all(self.folder.join(name)).map_err(StoreError::io("remove the bucket"))?;
        buckets.remove(name);
        Ok(())
    }

    /// A file to write an object's bytes to. It vanishes unless it is kept.
    pub(super) fn draft(&self, writer: Writer) -> Result<Draft, StoreError> {
        let space = Space::of(&self.quota, writer)?;
        let file = NamedTempFile::new_in(self.folder.join(PART))
            .map_err(StoreError::io("begin an object's file"))?;
        Ok(Draft { file, space })
    }

    /// Ends a draft with its description and puts it in its place.
    pub(super) fn keep(
        &self,
        bucket: &str,
        draft: Draft,
        description: Description,
        replace: &Replace,
    ) -> Result<Arc<Description>, StoreError> {
        let Draft { file: mut part, space: _space } = draft;
        let writing = StoreError::io("write the object");
        object_file::finish(&mut part, &description)
            .and_then(|()| part.flush())
            .map_err(writing)?;
        if self.durable {
            part.as_file().sync_all().map_err(StoreError::io("bring the object to the disk"))?;
        }
        let home = self.folder.join(bucket);
        let path = object_file::path_of(&home, &description.key);
        let description = Arc::new(description);
        // Index and file change together: both under the lock.
        let mut buckets = self.lock();
        let there = buckets.get_mut(bucket).ok_or(StoreError::NoSuchBucket)?;
        may_replace(there.objects.get(&description.key), replace)?;
        let parent = path.parent().unwrap_or(&home);
        fs::create_dir_all(parent).map_err(StoreError::io("make the object's folder"))?;
        let there_is_one = there.objects.contains_key(&description.key);
        let old = put_in_place(part.into_temp_path(), &path, there_is_one)
            .map_err(StoreError::io("put the object in its place"))?;
        let replaced = there.objects.insert(description.key.clone(), Arc::clone(&description));
        self.quota.keep(&description, replaced.as_deref());
        drop(buckets);
        if self.durable {
            sync_folder(parent).map_err(StoreError::io("bring the object's folder to the disk"))?;
        }
        // Nobody waits for the disk to give back what the old bytes took.
        if let Some(old) = old {
            tokio::task::spawn_blocking(|| drop(old));
        }
        Ok(description)
    }

    pub(crate) fn describe(&self, bucket: &str, key: &str) -> Result<Arc<Description>, StoreError> {
        let buckets = self.lock();
        let bucket = buckets.get(bucket).ok_or(StoreError::NoSuchBucket)?;
        bucket.objects.get(key).cloned().ok_or(StoreError::NoSuchKey)
    }

    /// An object's file and description, which belong together whatever is written meanwhile.
    pub(crate) fn open_object(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<(File, Arc<Description>), StoreError> {
        let buckets = self.lock();
        let there = buckets.get(bucket).ok_or(StoreError::NoSuchBucket)?;
        let description = there.objects.get(key).cloned().ok_or(StoreError::NoSuchKey)?;
        let path = object_file::path_of(&self.folder.join(bucket), key);
        let file = File::open(path).map_err(StoreError::io("open the object"))?;
        Ok((file, description))
    }

    /// All bytes of an object.
    pub(crate) async fn read(
        self: &Arc<Self>,
        bucket: &str,
        key: &str,
    ) -> Result<Bytes, StoreError> {
        let (mut file, description) = self.open_object(bucket, key)?;
        let reading =
            tokio::task::spawn_blocking(move || object_file::read(&mut file, 0, description.size));
        let bytes = reading.await.map_err(io::Error::other).and_then(|read| read);
        bytes.map(Bytes::from).map_err(StoreError::io("read the object"))
    }

    /// Deletes an object if it is the one that is meant; one that is not there is as good as deleted.
    pub(crate) fn delete(
        &self,
        bucket: &str,
        key: &str,
        condition: &Replace,
    ) -> Result<(), StoreError> {
        let mut buckets = self.lock();
        let there = buckets.get_mut(bucket).ok_or(StoreError::NoSuchBucket)?;
        if let Some(object) = there.objects.get(key) {
            may_replace(Some(object), condition)?;
            let path = object_file::path_of(&self.folder.join(bucket), key);
            fs::remove_file(path).map_err(StoreError::io("remove the object"))?;
            if let Some(gone) = there.objects.remove(key) {
                self.quota.delete(&gone);
            }
        }
        Ok(())
    }

    /// Shows the objects of a bucket, in the order of their keys.
    pub(crate) fn with_objects<T>(
        &self,
        bucket: &str,
        look: impl FnOnce(&BTreeMap<String, Arc<Description>>) -> T,
    ) -> Result<T, StoreError> {
        let buckets = self.lock();
        let bucket = buckets.get(bucket).ok_or(StoreError::NoSuchBucket)?;
        Ok(look(&bucket.objects))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn may_replace(there: Option<&Arc<Description>>, replace: &Replace) -> Result<(), StoreError> {
    match (replace, there) {
        (Replace::Always, _) | (Replace::IfAbsent, None) => Ok(()),
        (Replace::IfMatches(etag), Some(there)) if *etag == there.etag => Ok(()),
        (Replace::IfMatches(_), None) => Err(StoreError::NoSuchKey),
        (Replace::IfAbsent | Replace::IfMatches(_), Some(_)) => Err(StoreError::Precondition),
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

fn load_bucket(path: &Path, record_path: &Path, text: &[u8]) -> Result<(String, Bucket), Error> {
    let format = |problem: String| Error::Format { path: record_path.to_owned(), problem };
    let record: BucketRecord = serde_json::from_slice(text)
        .map_err(|error| format(format!("not a bucket's record: {error}")))?;
    if record.format != FORMAT {
        return Err(format(format!("has format {}, this version reads {FORMAT}", record.format)));
    }
    let mut objects = BTreeMap::new();
    for shelf in list(path)?.into_iter().filter(|shelf| shelf.is_dir()) {
        for file in list(&shelf)? {
            let mut open = File::open(&file).map_err(Error::data("open an object", &file))?;
            let description =
                object_file::describe(&mut open).map_err(Error::data("read an object", &file))?;
            objects.insert(description.key.clone(), Arc::new(description));
        }
    }
    Ok((record.name, Bucket { created: record.created, objects }))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::data("list a folder", folder))?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(Error::data("list a folder", folder)))
        .collect()
}

/// Gives a file its name, and what had it before: a file that vanishes when it is let go of.
///
/// The two change places where the file system can do that. A name taken over is one step as well, but
/// it waits until the old bytes are given back, and ext4 begins to write out the new ones first.
fn put_in_place(part: TempPath, path: &Path, there_is_one: bool) -> io::Result<Option<TempPath>> {
    if there_is_one && renameat_with(CWD, &*part, CWD, path, RenameFlags::EXCHANGE).is_ok() {
        return Ok(Some(part));
    }
    part.persist(path).map_err(|error| error.error)?;
    Ok(None)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
