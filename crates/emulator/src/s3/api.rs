//! The S3 operations: thin, each from its request to the store and back.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};

use super::conditions::{Conditions, check_conditions, check_copy_conditions};
use super::desk::Disk;
use super::download;
use super::listing::{self, Page, Query};
use super::object_file::{Description, Headers};
use super::quota::{Draft, Writer};
use super::refusals::no_such_version;
use super::shapes::{
    Checksums, Keys, ONLY_VERSION, PAGE, buckets_at_once, check_metadata, common_prefixes, etag,
    from_token, metadata, owner, page_length, removal, replacement, seconds, signed, timestamp,
    without_aws_chunked,
};
use super::store::{ObjectStore, Replace, StoreError, now};
use super::upload::{self, Promise};

/// S3 on a store.
pub(super) struct Api {
    pub(super) store: Arc<ObjectStore>,
    region: String,
    writer: Writer,
}

impl Api {
    pub(super) fn new(store: Arc<ObjectStore>, region: &str, writer: Writer) -> Self {
        Self { store, region: region.to_owned(), writer }
    }

    /// A file for an object that this API's user writes.
    pub(super) fn draft(&self) -> S3Result<Draft> {
        Ok(self.store.draft(self.writer)?)
    }
}

impl From<StoreError> for S3Error {
    fn from(error: StoreError) -> Self {
        let mut told = S3Error::with_message(error.s3_code(), error.to_string());
        if matches!(error, StoreError::Full) {
            // No client should try again.
            told.set_status_code(http::StatusCode::FORBIDDEN);
        }
        told
    }
}

/// The part of an object that a request wants, and how the answer names it.
fn wanted(
    object: &Description,
    range: Option<&Range>,
) -> S3Result<(std::ops::Range<u64>, Option<String>)> {
    let Some(range) = range else { return Ok((0..object.size, None)) };
    let part = range
        .check(object.size)
        .map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?;
    let named = format!("bytes {}-{}/{}", part.start, part.end.saturating_sub(1), object.size);
    Ok((part, Some(named)))
}

pub(super) fn answer<T>(output: T) -> S3Result<S3Response<T>> {
    Ok(S3Response::new(output))
}

#[async_trait::async_trait]
impl S3 for Api {
    async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        let input = request.input;
        let prefix = input.prefix.clone().unwrap_or_default();
        let after = input.continuation_token.as_deref().map(from_token).transpose()?;
        let elsewhere = input.bucket_region.is_some_and(|region| region != self.region);
        let limit = buckets_at_once(input.max_buckets)?;
        let mut found = self.store.buckets();
        found.retain(|(name, _)| {
            !elsewhere
                && name.starts_with(&prefix)
                && after.as_ref().is_none_or(|after| name > after)
        });
        let more = found.len() > limit;
        found.truncate(limit);
        let continuation_token =
            found.last().filter(|_| more).map(|(last, _)| hex::encode(last.as_bytes()));
        let buckets = found.into_iter().map(|(name, created)| Bucket {
            name: Some(name),
            creation_date: Some(timestamp(created)),
            bucket_region: Some(self.region.clone()),
        });
        answer(ListBucketsOutput {
            buckets: Some(buckets.collect()),
            owner: Some(owner()),
            prefix: input.prefix,
            continuation_token,
        })
    }

    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        match self.store.create_bucket(&request.input.bucket) {
            // In us-east-1 making one's own bucket again succeeds.
            Err(StoreError::BucketExists) if self.region == "us-east-1" => {}
            made => made?,
        }
        answer(CreateBucketOutput { location: Some(format!("/{}", request.input.bucket)) })
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.require_bucket(&request.input.bucket)?;
        answer(HeadBucketOutput { bucket_region: Some(self.region.clone()), ..Default::default() })
    }

    async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.require_bucket(&request.input.bucket)?;
        let named = (self.region != "us-east-1")
            .then(|| BucketLocationConstraint::from(self.region.clone()));
        answer(GetBucketLocationOutput { location_constraint: named })
    }

    async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.store.delete_bucket(&request.input.bucket)?;
        answer(DeleteBucketOutput::default())
    }

    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let S3Request { input, headers, trailing_headers, .. } = request;
        self.require_bucket(&input.bucket)?;
        check_metadata(input.metadata.as_ref())?;
        let replace = replacement(input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let length = input.content_length.and_then(|length| u64::try_from(length).ok());
        let algorithm = input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str);
        let promise = Promise::of(&headers, algorithm, length);
        let disk = if self.store.durable() { Disk::Soon } else { Disk::Whenever };
        let (part, received) =
            upload::receive(input.body, self.draft()?, &promise, trailing_headers, disk).await?;
        let description = Description {
            key: input.key,
            size: received.size,
            etag: received.md5,
            modified: now(),
            headers: Headers {
                content_type: input.content_type,
                content_encoding: input.content_encoding.and_then(without_aws_chunked),
                content_disposition: input.content_disposition,
                content_language: input.content_language,
                cache_control: input.cache_control,
                expires: input.expires.map(seconds),
            },
            metadata: input.metadata.unwrap_or_default().into_iter().collect(),
            checksums: received.checksums,
        };
        let kept = self.keep(input.bucket, part, description, replace).await?;
        let checksums = Checksums::of(&kept);
        answer(PutObjectOutput {
            e_tag: Some(etag(&kept)),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            checksum_type: checksums.kind,
            ..Default::default()
        })
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        let (file, object) = self.store.open_object(&input.bucket, &input.key)?;
        check_conditions(
            &object,
            &Conditions {
                if_match: input.if_match.as_ref(),
                if_none_match: input.if_none_match.as_ref(),
                if_modified_since: input.if_modified_since.as_ref(),
                if_unmodified_since: input.if_unmodified_since.as_ref(),
            },
        )?;
        let (wanted, content_range) = wanted(&object, input.range.as_ref())?;
        let length = wanted.end - wanted.start;
        // A checksum is of the whole object: with a part it would only mislead.
        let shown = length == object.size && input.checksum_mode.is_some();
        let checksums = if shown { Checksums::of(&object) } else { Checksums::default() };
        answer(GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(download::body(file, wanted.start, length)?),
            content_length: Some(signed(length)),
            content_range,
            e_tag: Some(etag(&object)),
            last_modified: Some(timestamp(object.modified)),
            content_type: input
                .response_content_type
                .or_else(|| object.headers.content_type.clone()),
            content_encoding: object.headers.content_encoding.clone(),
            content_disposition: input
                .response_content_disposition
                .or_else(|| object.headers.content_disposition.clone()),
            content_language: object.headers.content_language.clone(),
            cache_control: object.headers.cache_control.clone(),
            expires: object.headers.expires.map(timestamp),
            metadata: metadata(&object),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            checksum_type: checksums.kind,
            ..Default::default()
        })
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        let object = self.store.describe(&input.bucket, &input.key)?;
        check_conditions(
            &object,
            &Conditions {
                if_match: input.if_match.as_ref(),
                if_none_match: input.if_none_match.as_ref(),
                if_modified_since: input.if_modified_since.as_ref(),
                if_unmodified_since: input.if_unmodified_since.as_ref(),
            },
        )?;
        let (wanted, content_range) = wanted(&object, input.range.as_ref())?;
        let length = wanted.end - wanted.start;
        let shown = length == object.size && input.checksum_mode.is_some();
        let checksums = if shown { Checksums::of(&object) } else { Checksums::default() };
        answer(HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            content_length: Some(signed(length)),
            content_range,
            e_tag: Some(etag(&object)),
            last_modified: Some(timestamp(object.modified)),
            content_type: object.headers.content_type.clone(),
            content_encoding: object.headers.content_encoding.clone(),
            content_disposition: object.headers.content_disposition.clone(),
            content_language: object.headers.content_language.clone(),
            cache_control: object.headers.cache_control.clone(),
            expires: object.headers.expires.map(timestamp),
            metadata: metadata(&object),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            checksum_type: checksums.kind,
            ..Default::default()
        })
    }

    async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = request.input;
        let CopySource::Bucket { bucket, key, .. } = &input.copy_source else {
            return Err(s3_error!(NotImplemented, "only objects of buckets can be copied"));
        };
        self.require_bucket(&input.bucket)?;
        check_metadata(input.metadata.as_ref())?;
        let (mut file, source) = self.store.open_object(bucket, key)?;
        check_copy_conditions(
            &source,
            &Conditions {
                if_match: input.copy_source_if_match.as_ref(),
                if_none_match: input.copy_source_if_none_match.as_ref(),
                if_modified_since: input.copy_source_if_modified_since.as_ref(),
                if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
            },
        )?;
        let replaces_metadata = input
            .metadata_directive
            .as_ref()
            .is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
        if **bucket == *input.bucket && **key == *input.key && !replaces_metadata {
            return Err(s3_error!(
                InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
            ));
        }
        let mut description = Description { key: input.key, modified: now(), ..(*source).clone() };
        if replaces_metadata {
            description.metadata = input.metadata.unwrap_or_default().into_iter().collect();
            description.headers = Headers {
                content_type: input.content_type,
                content_encoding: input.content_encoding,
                content_disposition: input.content_disposition,
                content_language: input.content_language,
                cache_control: input.cache_control,
                expires: input.expires.map(seconds),
            };
        }
        let Draft { file: mut part, mut space } = self.draft()?;
        let size = source.size;
        space.grow(size)?;
        let copying = tokio::task::spawn_blocking(move || {
            use std::io::{Read, Seek};
            file.rewind()?;
            std::io::copy(&mut file.take(size), &mut part).map(|_| part)
        });
        let part =
            copying.await.map_err(S3Error::internal_error)?.map_err(S3Error::internal_error)?;
        let part = Draft { file: part, space };
        let kept = self.keep(input.bucket, part, description, Replace::Always).await?;
        let result = CopyObjectResult {
            e_tag: Some(etag(&kept)),
            last_modified: Some(timestamp(kept.modified)),
            ..Default::default()
        };
        answer(CopyObjectOutput { copy_object_result: Some(result), ..Default::default() })
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = request.input;
        // As S3 has it for buckets of this kind.
        if input.if_match_last_modified_time.is_some() || input.if_match_size.is_some() {
            return Err(s3_error!(
                NotImplemented,
                "A deletion can be conditional on If-Match, not on a size or a time"
            ));
        }
        let condition = removal(input.if_match.as_ref());
        self.store.delete(&input.bucket, &input.key, &condition)?;
        answer(DeleteObjectOutput::default())
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let DeleteObjectsInput { bucket, delete, .. } = request.input;
        self.require_bucket(&bucket)?;
        if delete.objects.len() > 1000 {
            return Err(s3_error!(MalformedXML, "at most 1000 objects can be deleted at once"));
        }
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in delete.objects {
            let key = object.key.clone();
            match self.delete_one(&bucket, object) {
                Ok(()) => deleted.push(DeletedObject { key: Some(key), ..Default::default() }),
                Err(error) => errors.push(Error {
                    code: Some(error.code().as_str().to_owned()),
                    message: error.message().map(str::to_owned),
                    key: Some(key),
                    version_id: None,
                }),
            }
        }
        let deleted = (!delete.quiet.unwrap_or(false)).then_some(deleted);
        answer(DeleteObjectsOutput {
            deleted,
            errors: (!errors.is_empty()).then_some(errors),
            ..Default::default()
        })
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.begin_upload(request.input)
    }

    async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        self.add_part(request).await
    }

    async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        self.copy_part(request.input).await
    }

    async fn list_parts(
        &self,
        request: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        self.show_parts(request.input)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        self.show_uploads(request.input)
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        self.complete_upload(request.input).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = request.input;
        self.store.uploads.abort(&input.upload_id, &input.bucket, &input.key)?;
        answer(AbortMultipartUploadOutput::default())
    }

    async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        let input = request.input;
        let limit = page_length(input.max_keys)?;
        let (prefix, delimiter) =
            (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
        let after = input.marker.clone().unwrap_or_default();
        let page = self.page(
            &input.bucket,
            &Query { prefix: &prefix, delimiter: &delimiter, after: &after, limit },
        )?;
        let keys = Keys::of(input.encoding_type.as_ref());
        answer(ListObjectsOutput {
            name: Some(input.bucket),
            prefix: Some(keys.write(&prefix)),
            marker: Some(keys.write(&after)),
            max_keys: Some(input.max_keys.unwrap_or(PAGE)),
            is_truncated: Some(page.next.is_some()),
            next_marker: page.next.as_deref().map(|next| keys.write(next)),
            delimiter: (!delimiter.is_empty()).then(|| keys.write(&delimiter)),
            contents: Some(keys.objects(&page, true)),
            common_prefixes: common_prefixes(&page, &keys),
            encoding_type: input.encoding_type,
            ..Default::default()
        })
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let limit = page_length(input.max_keys)?;
        let (prefix, delimiter) =
            (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
        let after = match &input.continuation_token {
            Some(token) => from_token(token)?,
            None => input.start_after.clone().unwrap_or_default(),
        };
        let page = self.page(
            &input.bucket,
            &Query { prefix: &prefix, delimiter: &delimiter, after: &after, limit },
        )?;
        let keys = Keys::of(input.encoding_type.as_ref());
        answer(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(keys.write(&prefix)),
            max_keys: Some(input.max_keys.unwrap_or(PAGE)),
            key_count: i32::try_from(page.objects.len() + page.prefixes.len()).ok(),
            continuation_token: input.continuation_token,
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.as_deref().map(hex::encode),
            delimiter: (!delimiter.is_empty()).then(|| keys.write(&delimiter)),
            start_after: input.start_after.map(|key| keys.write(&key)),
            contents: Some(keys.objects(&page, input.fetch_owner == Some(true))),
            common_prefixes: common_prefixes(&page, &keys),
            encoding_type: input.encoding_type,
            ..Default::default()
        })
    }

    /// Each object has one version, which is its latest; so whoever empties a bucket by its versions
    /// empties it.
    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let input = request.input;
        let limit = page_length(input.max_keys)?;
        let (prefix, delimiter) =
            (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
        let after = input.key_marker.unwrap_or_default();
        let page = self.page(
            &input.bucket,
            &Query { prefix: &prefix, delimiter: &delimiter, after: &after, limit },
        )?;
        let keys = Keys::of(input.encoding_type.as_ref());
        answer(ListObjectVersionsOutput {
            name: Some(input.bucket),
            prefix: Some(keys.write(&prefix)),
            key_marker: Some(keys.write(&after)),
            version_id_marker: input.version_id_marker,
            max_keys: Some(input.max_keys.unwrap_or(PAGE)),
            is_truncated: Some(page.next.is_some()),
            next_version_id_marker: page.next.as_ref().map(|_| ONLY_VERSION.to_owned()),
            next_key_marker: page.next.as_deref().map(|next| keys.write(next)),
            delimiter: (!delimiter.is_empty()).then(|| keys.write(&delimiter)),
            versions: Some(keys.versions(&page)),
            common_prefixes: common_prefixes(&page, &keys),
            encoding_type: input.encoding_type,
            ..Default::default()
        })
    }
}

impl Api {
    /// One of many that are to be deleted.
    fn delete_one(&self, bucket: &str, object: ObjectIdentifier) -> S3Result<()> {
        if object.version_id.is_some_and(|version| version != ONLY_VERSION) {
            return Err(no_such_version());
        }
        if object.last_modified_time.is_some() || object.size.is_some() {
            return Err(s3_error!(
                NotImplemented,
                "A deletion can be conditional on an ETag, not on a size or a time"
            ));
        }
        let condition = match object.e_tag {
            Some(etag) => Replace::IfMatches(etag.into_value()),
            None => Replace::Always,
        };
        Ok(self.store.delete(bucket, &object.key, &condition)?)
    }

    pub(super) fn require_bucket(&self, name: &str) -> S3Result<()> {
        if self.store.has_bucket(name) { Ok(()) } else { Err(StoreError::NoSuchBucket.into()) }
    }

    fn page(&self, bucket: &str, query: &Query<'_>) -> S3Result<Page> {
        Ok(self.store.with_objects(bucket, |objects| listing::page(objects, query))?)
    }

    pub(super) async fn keep(
        &self,
        bucket: String,
        part: Draft,
        description: Description,
        replace: Replace,
    ) -> S3Result<Arc<Description>> {
        // A new name is quickly given; that it is on the disk may take a while.
        if !self.store.durable() {
            return Ok(self.store.keep(&bucket, part, description, &replace)?);
        }
        let store = Arc::clone(&self.store);
        let keeping =
            tokio::task::spawn_blocking(move || store.keep(&bucket, part, description, &replace));
        Ok(keeping.await.map_err(S3Error::internal_error)??)
    }
}
