//! What the store knows, in the shapes that S3's answers have; and what requests say of them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3Result, s3_error};
use time::OffsetDateTime;

use super::listing::Page;
use super::object_file::Description;
use super::part_sums::Kind;
use super::store::Replace;

/// What keeps its form where keys are encoded.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
pub(super) const PAGE: i32 = 1000;
/// What S3 calls the one version that an object has in a bucket that keeps no others.
pub(super) const ONLY_VERSION: &str = "null";
const METADATA_LIMIT: usize = 2048;
/// S3 lists so many buckets at once.
const BUCKETS: i32 = 10_000;
/// The account, as S3 names it.
const OWNER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[derive(Default)]
pub(super) struct Checksums {
    pub(super) crc32: Option<String>,
    pub(super) crc32c: Option<String>,
    pub(super) crc64nvme: Option<String>,
    pub(super) sha1: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) kind: Option<ChecksumType>,
}

impl Checksums {
    pub(super) fn of(object: &Description) -> Self {
        let get = |name: &str| object.checksums.get(name).cloned();
        let kind = object.checksums.values().next().map(|value| Kind::of(value).shown());
        Self {
            crc32: get("crc32"),
            crc32c: get("crc32c"),
            crc64nvme: get("crc64nvme"),
            sha1: get("sha1"),
            sha256: get("sha256"),
            kind,
        }
    }
}

pub(super) fn check_metadata(metadata: Option<&Metadata>) -> S3Result<()> {
    let size: usize =
        metadata.into_iter().flatten().map(|(key, value)| key.len() + value.len()).sum();
    if size > METADATA_LIMIT {
        return Err(s3_error!(
            MetadataTooLarge,
            "Your metadata headers exceed the maximum allowed metadata size"
        ));
    }
    Ok(())
}

pub(super) fn replacement(
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<Replace> {
    match (if_match, if_none_match) {
        (None, None) => Ok(Replace::Always),
        (None, Some(ETagCondition::Any)) => Ok(Replace::IfAbsent),
        (Some(ETagCondition::ETag(etag)), None) => Ok(Replace::IfMatches(etag.value().to_owned())),
        _ => Err(s3_error!(
            NotImplemented,
            "A write can be conditional on If-None-Match: * or on If-Match with one ETag"
        )),
    }
}

/// What a deletion says of the object that it is to find. Any object is as good as none: what is
/// not there is as good as deleted.
pub(super) fn removal(if_match: Option<&ETagCondition>) -> Replace {
    match if_match.and_then(ETagCondition::as_etag) {
        Some(etag) => Replace::IfMatches(etag.value().to_owned()),
        None => Replace::Always,
    }
}

/// Everything belongs to the one account that there is.
pub(super) fn owner() -> Owner {
    Owner { display_name: None, id: Some(OWNER.to_owned()) }
}

/// The range of an object that is copied: `bytes=FIRST-LAST`, both given and there.
pub(super) fn copied_range(range: &str, size: u64) -> S3Result<std::ops::Range<u64>> {
    let ends = range.strip_prefix("bytes=").and_then(|ends| ends.split_once('-'));
    let ends = ends.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    match ends {
        Some((first, last)) if first <= last && last < size => Ok(first..last + 1),
        Some(_) => Err(s3_error!(
            InvalidArgument,
            "Range specified is not valid for source object of size: {size}"
        )),
        None => Err(s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last"
        )),
    }
}

/// `aws-chunked` is how the bytes travelled, and no property of the object.
pub(super) fn without_aws_chunked(encoding: String) -> Option<String> {
    if !encoding.contains("aws-chunked") {
        return Some(encoding);
    }
    let kept: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|name| *name != "aws-chunked" && !name.is_empty())
        .collect();
    (!kept.is_empty()).then(|| kept.join(", "))
}

pub(super) fn page_length(asked: Option<i32>) -> S3Result<usize> {
    usize::try_from(asked.unwrap_or(PAGE).min(PAGE))
        .map_err(|_| s3_error!(InvalidArgument, "max-keys is negative"))
}

/// How many buckets a page of them has at most.
pub(super) fn buckets_at_once(asked: Option<i32>) -> S3Result<usize> {
    let asked = asked.unwrap_or(BUCKETS);
    if !(1..=BUCKETS).contains(&asked) {
        return Err(s3_error!(InvalidArgument, "max-buckets must be between 1 and {BUCKETS}"));
    }
    Ok(usize::try_from(asked).unwrap_or(usize::MAX))
}

pub(super) fn from_token(token: &str) -> S3Result<String> {
    let key = hex::decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

/// How keys travel in a listing: as they are, or so that XML can hold any of them.
pub(super) struct Keys {
    encoded: bool,
}

impl Keys {
    pub(super) fn of(asked: Option<&EncodingType>) -> Self {
        Self { encoded: asked.is_some_and(|kind| kind.as_str() == EncodingType::URL) }
    }

    pub(super) fn write(&self, key: &str) -> String {
        if self.encoded { utf8_percent_encode(key, ENCODED).to_string() } else { key.to_owned() }
    }

    pub(super) fn objects(&self, page: &Page, with_owner: bool) -> Vec<Object> {
        let owner = with_owner.then(owner);
        let listed = |object| Object { owner: owner.clone(), ..listed(object, self) };
        page.objects.iter().map(|object| listed(object)).collect()
    }

    pub(super) fn versions(&self, page: &Page) -> Vec<ObjectVersion> {
        page.objects.iter().map(|object| version(object, self)).collect()
    }
}

pub(super) fn common_prefixes(page: &Page, keys: &Keys) -> Option<Vec<CommonPrefix>> {
    let prefixes =
        page.prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(keys.write(prefix)) });
    (!page.prefixes.is_empty()).then(|| prefixes.collect())
}

fn listed(object: &Description, keys: &Keys) -> Object {
    Object {
        key: Some(keys.write(&object.key)),
        size: Some(signed(object.size)),
        e_tag: Some(etag(object)),
        last_modified: Some(timestamp(object.modified)),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        ..Default::default()
    }
}

fn version(object: &Description, keys: &Keys) -> ObjectVersion {
    let storage_class = ObjectVersionStorageClass::from_static(ObjectVersionStorageClass::STANDARD);
    ObjectVersion {
        key: Some(keys.write(&object.key)),
        version_id: Some(ONLY_VERSION.to_owned()),
        is_latest: Some(true),
        size: Some(signed(object.size)),
        e_tag: Some(etag(object)),
        last_modified: Some(timestamp(object.modified)),
        storage_class: Some(storage_class),
        owner: Some(owner()),
        ..Default::default()
    }
}

pub(super) fn metadata(object: &Description) -> Option<Metadata> {
    (!object.metadata.is_empty()).then(|| object.metadata.clone().into_iter().collect())
}

pub(super) fn etag(object: &Description) -> ETag {
    ETag::Strong(object.etag.clone())
}

pub(super) fn timestamp(seconds: i64) -> Timestamp {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH).into()
}

/// Seconds since 1970.
pub(super) fn seconds(time: Timestamp) -> i64 {
    OffsetDateTime::from(time).unix_timestamp()
}

pub(super) fn signed(length: u64) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
