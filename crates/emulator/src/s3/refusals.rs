//! What requests ask for that is not here: refused, since to pass over it would be a lie.

use s3s::access::S3AccessContext;
use s3s::{S3Error, S3Result, s3_error};

use crate::lambda::parameter;

/// Headers that would give an object, a bucket or a request properties that nothing here has.
const NEVER: &[&str] = &[
    "x-amz-bucket-object-lock-enabled",
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-object-lock-legal-hold",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
];

/// Headers with the values that change nothing.
const ONLY: &[(&str, &[&str])] = &[
    ("x-amz-acl", &["private", "bucket-owner-full-control", "bucket-owner-read"]),
    ("x-amz-server-side-encryption", &["AES256"]),
    ("x-amz-storage-class", &["STANDARD"]),
];

/// Lets a request pass that asks for nothing of the kind.
pub(super) fn check(context: &S3AccessContext<'_>) -> S3Result<()> {
    let headers = context.headers();
    if let Some(name) = NEVER.iter().find(|name| headers.contains_key(**name)) {
        return Err(not_here(name));
    }
    for (name, allowed) in ONLY {
        let given = headers.get(*name).map(http::HeaderValue::as_bytes);
        if given.is_some_and(|given| !allowed.iter().any(|value| value.as_bytes() == given)) {
            return Err(not_here(name));
        }
    }
    let query = context.uri().query().unwrap_or("");
    if parameter(query, "versionId").is_some_and(|version| version != "null") {
        return Err(no_such_version());
    }
    let reads = context.method() == http::Method::GET || context.method() == http::Method::HEAD;
    if reads && parameter(query, "partNumber").is_some() {
        return Err(s3_error!(
            NotImplemented,
            "An object cannot be read by the parts that it came in; read it by ranges"
        ));
    }
    Ok(())
}

/// There is one version of each object, and its name is `null`.
pub(super) fn no_such_version() -> S3Error {
    s3_error!(InvalidArgument, "Invalid version id specified")
}

fn not_here(header: &str) -> S3Error {
    s3_error!(
        NotImplemented,
        "A header you provided implies functionality that is not implemented: {header}"
    )
}
