//! Who may do what: the holder of the keys anything, a function what its own S3 lets it do.

use std::collections::BTreeSet;

use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::{CopyObjectInput, CopySource, UploadPartCopyInput};
use s3s::{S3Error, S3Request, S3Result, s3_error};

use super::refusals;
use crate::lambda::parameter;
use crate::signature::Authorization;

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
    "ListObjectVersions",
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
    fn allows(&self, bucket: &str) -> bool {
        match self {
            Self::AnyBucket => true,
            Self::Buckets(names) => names.contains(bucket),
        }
    }

    fn check(&self, context: &S3AccessContext<'_>) -> S3Result<()> {
        if !OBJECT_OPERATIONS.contains(&context.s3_op().name()) {
            return Err(denied());
        }
        let bucket = context.s3_path().get_bucket_name().ok_or_else(denied)?;
        if self.allows(bucket) { Ok(()) } else { Err(denied()) }
    }

    fn check_source(&self, source: &CopySource) -> S3Result<()> {
        match source {
            CopySource::Bucket { bucket, .. } if self.allows(bucket) => Ok(()),
            _ => Err(denied()),
        }
    }
}

/// Who may do what, of those whose signature was found good.
pub(super) struct Access {
    /// The one that requests must be signed for.
    pub(super) region: String,
    /// `None` for the holder of the control plane's keys, who may do anything.
    pub(super) guest: Option<GuestAccess>,
}

impl Access {
    /// A signature for another region, or in a header by the version that leaves the body out, is
    /// none for here.
    fn check_signature(&self, context: &S3AccessContext<'_>) -> S3Result<()> {
        if let Ok(Some(authorization)) = Authorization::of(context.headers()) {
            return if authorization.region == self.region {
                Ok(())
            } else {
                Err(s3_error!(
                    AuthorizationHeaderMalformed,
                    "The authorization header is malformed; the region '{}' is wrong; expecting '{}'",
                    authorization.region,
                    self.region
                ))
            };
        }
        let query = context.uri().query().unwrap_or("");
        let Some(lent) = parameter(query, "X-Amz-Credential") else {
            // boto3 still lends addresses by version 2 in this region, and S3 still takes them.
            return if parameter(query, "AWSAccessKeyId").is_some() {
                Ok(())
            } else {
                Err(s3_error!(
                    InvalidRequest,
                    "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
                ))
            };
        };
        match lent.split('/').nth(2) {
            Some(region) if region == self.region => Ok(()),
            region => Err(s3_error!(
                AuthorizationQueryParametersError,
                "Error parsing the X-Amz-Credential parameter; the region '{}' is wrong; expecting '{}'",
                region.unwrap_or(""),
                self.region
            )),
        }
    }
}

fn denied() -> S3Error {
    s3_error!(AccessDenied, "Access Denied")
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        if context.credentials().is_none() {
            return Err(denied());
        }
        self.check_signature(context)?;
        refusals::check(context)?;
        self.guest.as_ref().map_or(Ok(()), |guest| guest.check(context))
    }

    async fn copy_object(&self, request: &mut S3Request<CopyObjectInput>) -> S3Result<()> {
        let source = &request.input.copy_source;
        self.guest.as_ref().map_or(Ok(()), |guest| guest.check_source(source))
    }

    async fn upload_part_copy(&self, request: &mut S3Request<UploadPartCopyInput>) -> S3Result<()> {
        let source = &request.input.copy_source;
        self.guest.as_ref().map_or(Ok(()), |guest| guest.check_source(source))
    }
}
