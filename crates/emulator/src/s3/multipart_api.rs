//! The operations on objects that come in parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::api::{Api, answer};
use super::conditions::{Conditions, check_copy_conditions};
use super::desk::Disk;
use super::download;
use super::multipart::{Listed, ShownPart, ShownUpload};
use super::object_file::{Description, Headers};
use super::part_sums::PartSums;
use super::shapes::{
    Checksums, Keys, PAGE, check_metadata, copied_range, etag, page_length, replacement, seconds,
    signed, timestamp,
};
use super::store::now;
use super::upload::{self, Promise};
use crate::identifier::digits32;

impl Api {
    pub(super) fn begin_upload(
        &self,
        input: CreateMultipartUploadInput,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.require_bucket(&input.bucket)?;
        check_metadata(input.metadata.as_ref())?;
        let id = digits32().map_err(S3Error::internal_error)?;
        let headers = Headers {
            content_type: input.content_type,
            content_encoding: input.content_encoding,
            content_disposition: input.content_disposition,
            content_language: input.content_language,
            cache_control: input.cache_control,
            expires: input.expires.map(seconds),
        };
        let metadata = input.metadata.unwrap_or_default().into_iter().collect();
        let sums = PartSums::asked(
            input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str),
            input.checksum_type.as_ref().map(ChecksumType::as_str),
        );
        let checksum_type = sums.as_ref().map(|sums| sums.kind.shown());
        self.store.uploads.begin(&id, &input.bucket, &input.key, headers, metadata, sums);
        answer(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            checksum_algorithm: input.checksum_algorithm,
            checksum_type,
            ..Default::default()
        })
    }

    pub(super) async fn add_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let S3Request { input, headers, trailing_headers, .. } = request;
        self.store.uploads.check(&input.upload_id, &input.bucket, &input.key)?;
        let length = input.content_length.and_then(|length| u64::try_from(length).ok());
        let promise = Promise::of(
            &headers,
            input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str),
            length,
        );
        let (part, received) =
            upload::receive(input.body, self.draft()?, &promise, trailing_headers, Disk::Whenever)
                .await?;
        self.store.uploads.add(&input.upload_id, input.part_number, part, &received)?;
        let mut checksums = received.checksums;
        answer(UploadPartOutput {
            e_tag: Some(ETag::Strong(received.md5)),
            checksum_crc32: checksums.remove("crc32"),
            checksum_crc32c: checksums.remove("crc32c"),
            checksum_crc64nvme: checksums.remove("crc64nvme"),
            checksum_sha1: checksums.remove("sha1"),
            checksum_sha256: checksums.remove("sha256"),
            ..Default::default()
        })
    }

    /// A part that is copied from another object, or from a range of it.
    pub(super) async fn copy_part(
        &self,
        input: UploadPartCopyInput,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        self.store.uploads.check(&input.upload_id, &input.bucket, &input.key)?;
        let CopySource::Bucket { bucket, key, .. } = &input.copy_source else {
            return Err(s3_error!(NotImplemented, "only objects of buckets can be copied"));
        };
        let (file, source) = self.store.open_object(bucket, key)?;
        check_copy_conditions(
            &source,
            &Conditions {
                if_match: input.copy_source_if_match.as_ref(),
                if_none_match: input.copy_source_if_none_match.as_ref(),
                if_modified_since: input.copy_source_if_modified_since.as_ref(),
                if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
            },
        )?;
        let wanted = match &input.copy_source_range {
            Some(range) => copied_range(range, source.size)?,
            None => 0..source.size,
        };
        let body = download::body(file, wanted.start, wanted.end - wanted.start)?;
        let (part, received) =
            upload::receive(Some(body), self.draft()?, &Promise::default(), None, Disk::Whenever)
                .await?;
        self.store.uploads.add(&input.upload_id, input.part_number, part, &received)?;
        let result = CopyPartResult {
            e_tag: Some(ETag::Strong(received.md5)),
            last_modified: Some(timestamp(now())),
            ..Default::default()
        };
        answer(UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() })
    }

    pub(super) fn show_parts(
        &self,
        input: ListPartsInput,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        self.store.uploads.check(&input.upload_id, &input.bucket, &input.key)?;
        let limit = page_length(input.max_parts)?;
        let after = input.part_number_marker.unwrap_or(0);
        let mut parts = self.store.uploads.parts(&input.upload_id, after);
        let truncated = parts.len() > limit;
        parts.truncate(limit);
        let next = parts.last().map(|part| part.number);
        let shown = |mut part: ShownPart| Part {
            part_number: Some(part.number),
            size: Some(signed(part.size)),
            e_tag: Some(ETag::Strong(part.md5)),
            last_modified: Some(timestamp(part.modified)),
            checksum_crc32: part.checksums.remove("crc32"),
            checksum_crc32c: part.checksums.remove("crc32c"),
            checksum_crc64nvme: part.checksums.remove("crc64nvme"),
            checksum_sha1: part.checksums.remove("sha1"),
            checksum_sha256: part.checksums.remove("sha256"),
        };
        answer(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            max_parts: Some(input.max_parts.unwrap_or(PAGE)),
            part_number_marker: Some(after),
            next_part_number_marker: truncated.then_some(next).flatten(),
            is_truncated: Some(truncated),
            parts: Some(parts.into_iter().map(shown).collect()),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..Default::default()
        })
    }

    pub(super) fn show_uploads(
        &self,
        input: ListMultipartUploadsInput,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        self.require_bucket(&input.bucket)?;
        if input.delimiter.as_ref().is_some_and(|delimiter| !delimiter.is_empty()) {
            return Err(s3_error!(NotImplemented, "uploads are not listed with a delimiter"));
        }
        let limit = page_length(input.max_uploads)?;
        let prefix = input.prefix.unwrap_or_default();
        let after = (input.key_marker.unwrap_or_default(), input.upload_id_marker);
        let mut uploads = self.store.uploads.of_bucket(&input.bucket);
        // A marker of an upload means the ones behind it; of a key alone, those of later keys.
        let at = after.1.as_ref().and_then(|id| uploads.iter().position(|upload| upload.id == *id));
        match at {
            Some(at) => drop(uploads.drain(..=at)),
            None => uploads.retain(|upload| upload.key > after.0),
        }
        uploads.retain(|upload| upload.key.starts_with(&prefix));
        let truncated = uploads.len() > limit;
        uploads.truncate(limit);
        let last = uploads.last().filter(|_| truncated);
        let (next_key_marker, next_upload_id_marker) =
            (last.map(|last| last.key.clone()), last.map(|last| last.id.clone()));
        let keys = Keys::of(input.encoding_type.as_ref());
        let shown = |upload: ShownUpload| MultipartUpload {
            key: Some(keys.write(&upload.key)),
            upload_id: Some(upload.id),
            initiated: Some(timestamp(upload.begun)),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..Default::default()
        };
        answer(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            key_marker: Some(keys.write(&after.0)),
            upload_id_marker: after.1,
            next_key_marker: next_key_marker.map(|key| keys.write(&key)),
            next_upload_id_marker,
            prefix: (!prefix.is_empty()).then(|| keys.write(&prefix)),
            max_uploads: Some(input.max_uploads.unwrap_or(PAGE)),
            is_truncated: Some(truncated),
            uploads: Some(uploads.into_iter().map(shown).collect()),
            encoding_type: input.encoding_type,
            ..Default::default()
        })
    }

    pub(super) async fn complete_upload(
        &self,
        input: CompleteMultipartUploadInput,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        if let Some(kept) = self.already_completed(&input) {
            return answer(completed(input.bucket, input.key, &kept));
        }
        let replace = replacement(input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let parts = input.multipart_upload.clone();
        let parts = parts.and_then(|upload| upload.parts).unwrap_or_default();
        let listed = |part: CompletedPart| Listed {
            number: part.part_number.unwrap_or(0),
            etag: part.e_tag.map(ETag::into_value).unwrap_or_default(),
            checksums: named(
                part.checksum_crc32,
                part.checksum_crc32c,
                part.checksum_crc64nvme,
                part.checksum_sha1,
                part.checksum_sha256,
            ),
        };
        let parts: Vec<Listed> = parts.into_iter().map(listed).collect();
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
        let (store, into) = (Arc::clone(&self.store), self.draft()?);
        let joining = tokio::task::spawn_blocking(move || {
            store.uploads.join(&id, &bucket, &key, &parts, into)
        });
        let (part, description) = joining.await.map_err(S3Error::internal_error)??;
        let said = named(
            input.checksum_crc32,
            input.checksum_crc32c,
            input.checksum_crc64nvme,
            input.checksum_sha1,
            input.checksum_sha256,
        );
        if said.iter().any(|(name, value)| description.checksums.get(name) != Some(value)) {
            return Err(s3_error!(
                BadDigest,
                "The checksum you specified did not match the calculated checksum."
            ));
        }
        let kept = self.keep(input.bucket.clone(), part, description, replace).await?;
        self.store.uploads.complete(&input.upload_id, &input.bucket, &input.key, &kept.etag);
        answer(completed(input.bucket, input.key, &kept))
    }

    /// The object that an upload has become, if it is completed once more and still there.
    fn already_completed(&self, input: &CompleteMultipartUploadInput) -> Option<Arc<Description>> {
        let (bucket, key) = (&input.bucket, &input.key);
        let etag = self.store.uploads.completed(&input.upload_id, bucket, key)?;
        self.store.describe(bucket, key).ok().filter(|object| object.etag == etag)
    }
}

fn completed(bucket: String, key: String, kept: &Description) -> CompleteMultipartUploadOutput {
    let sums = Checksums::of(kept);
    CompleteMultipartUploadOutput {
        bucket: Some(bucket),
        key: Some(key),
        e_tag: Some(etag(kept)),
        checksum_crc32: sums.crc32,
        checksum_crc32c: sums.crc32c,
        checksum_crc64nvme: sums.crc64nvme,
        checksum_sha1: sums.sha1,
        checksum_sha256: sums.sha256,
        checksum_type: sums.kind,
        ..Default::default()
    }
}

/// The checksums that are given, by algorithm.
fn named(
    crc32: Option<String>,
    crc32c: Option<String>,
    crc64nvme: Option<String>,
    sha1: Option<String>,
    sha256: Option<String>,
) -> BTreeMap<String, String> {
    let all = [
        ("crc32", crc32),
        ("crc32c", crc32c),
        ("crc64nvme", crc64nvme),
        ("sha1", sha1),
        ("sha256", sha256),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
