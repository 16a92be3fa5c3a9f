//! The operations on objects that come in parts.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result};

use super::api::{Api, answer};
use super::multipart::Listed;
use super::object_file::Headers;
use super::shapes::{check_metadata, etag, replacement};
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
        };
        let metadata = input.metadata.unwrap_or_default().into_iter().collect();
        self.store.uploads.begin(&id, &input.bucket, &input.key, headers, metadata);
        answer(CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            checksum_algorithm: input.checksum_algorithm,
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
            upload::receive(input.body, self.store.part()?, &promise, trailing_headers).await?;
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

    pub(super) async fn complete_upload(
        &self,
        input: CompleteMultipartUploadInput,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let replace = replacement(input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
        let listed = |part: CompletedPart| Listed {
            number: part.part_number.unwrap_or(0),
            etag: part.e_tag.map(ETag::into_value).unwrap_or_default(),
        };
        let parts: Vec<Listed> = parts.into_iter().map(listed).collect();
        let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
        let (store, into) = (Arc::clone(&self.store), self.store.part()?);
        let joining = tokio::task::spawn_blocking(move || {
            store.uploads.join(&id, &bucket, &key, &parts, into)
        });
        let (part, description) = joining.await.map_err(S3Error::internal_error)??;
        let kept = self.keep(input.bucket.clone(), part, description, replace).await?;
        self.store.uploads.abort(&input.upload_id, &input.bucket, &input.key)?;
        answer(CompleteMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(etag(&kept)),
            ..Default::default()
        })
    }
}
