//! What a function's own S3 lets it do.

use std::collections::BTreeSet;

use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Error, S3Result, s3_error};

/// The buckets that functions may reach. In them they may read, write, list and
/// delete objects; buckets themselves they cannot make, list or delete.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum GuestAccess {
    /// Every bucket of the data folder.
    #[default]
    AnyBucket,
    /// Only these.
    Buckets(BTreeSet<String>),
}

const OBJECT_OPERATIONS: &[&str] = &[
    "GetObject",
    "HeadObject",
    "PutObject",
    "DeleteObject",
    "DeleteObjects",
    "CopyObject",
    "ListObjects",
    "ListObjectsV2",
    "HeadBucket",
    "GetBucketLocation",
    "CreateMultipartUpload",
    "UploadPart",
    "UploadPartCopy",
    "ListParts",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
];

impl GuestAccess {
    fn allows_source(&self, source: &s3s::dto::CopySource) -> S3Result<()> {
        match source {
            s3s::dto::CopySource::Bucket { bucket, .. } if self.allows(bucket) => Ok(()),
            _ => Err(denied()),
        }
    }

    pub(super) fn allows(&self, bucket: &str) -> bool {
        match self {
            Self::AnyBucket => true,
            Self::Buckets(names) => names.contains(bucket),
        }
    }
}

fn denied() -> S3Error {
    s3_error!(AccessDenied, "Access Denied")
}

#[async_trait::async_trait]
impl S3Access for GuestAccess {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() || !OBJECT_OPERATIONS.contains(&context.s3_op().name()) {
            return Err(denied());
        }
        let bucket = context.s3_path().get_bucket_name().ok_or_else(denied)?;
        if self.allows(bucket) { Ok(()) } else { Err(denied()) }
    }

    async fn copy_object(
        &self,
        request: &mut s3s::S3Request<s3s::dto::CopyObjectInput>,
    ) -> S3Result<()> {
        self.allows_source(&request.input.copy_source)
    }

    async fn upload_part_copy(
        &self,
        request: &mut s3s::S3Request<s3s::dto::UploadPartCopyInput>,
    ) -> S3Result<()> {
        self.allows_source(&request.input.copy_source)
    }
}
