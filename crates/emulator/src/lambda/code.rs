//! Code packages: fetched from the request or from S3, checked, unpacked.

use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::function::{CodeRecord, ImageRecord};
use super::protocol::CodeSource;
use crate::archive::{self, ArchiveError, UNZIPPED_LIMIT};
use crate::config::Architecture;
use crate::fault::Fault;
use crate::image::Image;
use crate::s3::ObjectStore;

pub(super) const DIRECT_UPLOAD_LIMIT: usize = 52_428_800;

/// A zip that was looked at and may be unpacked.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) bytes: Bytes,
    pub(crate) sha256: String,
    pub(crate) stated_size: u64,
}

/// What a function's code is.
#[derive(Debug)]
pub(crate) enum Code {
    Zip(Package),
    Image { address: String, image: Image },
}

impl Code {
    pub(crate) fn record(&self) -> CodeRecord {
        match self {
            Self::Zip(package) => {
                CodeRecord { sha256: package.sha256.clone(), zip_bytes: package.bytes.len() as u64 }
            }
            Self::Image { image, .. } => CodeRecord { sha256: image.digest.clone(), zip_bytes: 0 },
        }
    }

    pub(crate) fn image_record(&self) -> Option<ImageRecord> {
        match self {
            Self::Zip(_) => None,
            Self::Image { address, image } => {
                Some(ImageRecord { address: address.clone(), start: image.start.clone() })
            }
        }
    }

    /// Unpacks it into `into`, as a whole or not at all.
    pub(crate) fn unpack(&self, into: &Path) -> Result<(), String> {
        match self {
            Self::Zip(package) => unpack(package, into).map(|_| ()),
            Self::Image { image, .. } => image.unpack(into).map_err(|error| error.to_string()),
        }
    }
}

/// Finds a container image on this machine.
pub(crate) async fn find_image(
    source: CodeSource,
    architecture: Architecture,
) -> Result<Code, Fault> {
    let Some(address) = source.image_uri else {
        return Err(Fault::invalid_parameter(
            "Please provide ImageUri when the intended function PackageType is Image.",
        ));
    };
    if source.zip_file.is_some() || source.s3_bucket.is_some() || source.s3_key.is_some() {
        return Err(Fault::invalid_parameter(
            "Please don't provide ZipFile, S3Bucket or S3Key when the intended function PackageType is Image.",
        ));
    }
    tokio::task::spawn_blocking(move || {
        let found = Image::find(&address, architecture);
        found
            .map(|image| Code::Image { address, image })
            .map_err(|error| Fault::invalid_parameter(format!("Source image: {error}")))
    })
    .await
    .map_err(|error| Fault::service(format!("looking at an image failed: {error}")))?
}

/// Fetches and checks a package. `beside` is what its layers take of the limit.
pub(crate) async fn fetch(
    source: CodeSource,
    objects: &Arc<ObjectStore>,
    beside: u64,
) -> Result<Package, Fault> {
    if source.s3_object_version.is_some_and(|version| version != "null") {
        return Err(Fault::unsupported("versions of objects"));
    }
    if source.source_kms_key.is_some() {
        return Err(Fault::unsupported("encrypted code"));
    }
    let bytes = match (source.zip_file, source.s3_bucket, source.s3_key, source.image_uri) {
        (None, None, None, Some(_)) => {
            return Err(Fault::invalid_parameter(
                "Please don't provide ImageUri when the intended function PackageType is Zip.",
            ));
        }
        (Some(encoded), None, None, None) => decode(&encoded)?,
        (None, Some(bucket), Some(key), None) => from_s3(objects, &bucket, &key).await?,
        (None, None, None, None) => {
            return Err(Fault::invalid_parameter("Please provide a source for function code."));
        }
        _ => {
            return Err(Fault::invalid_parameter(
                "Please provide either a ZipFile or an S3Bucket with an S3Key, not both.",
            ));
        }
    };
    tokio::task::spawn_blocking(move || check(bytes, beside))
        .await
        .map_err(|error| Fault::service(format!("checking a package failed: {error}")))?
}

/// Unpacks into `into` as a whole or not at all.
pub(crate) fn unpack(package: &Package, into: &Path) -> Result<u64, String> {
    if into.is_dir() {
        return Ok(package.stated_size);
    }
    let parent = into.parent().ok_or("no folder to unpack in")?;
    std::fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
    let part = tempfile::Builder::new()
        .prefix("part-")
        .tempdir_in(parent)
        .map_err(|error| format!("{}: {error}", parent.display()))?;
    let size = archive::unpack(&package.bytes, &part.path().join("content"), UNZIPPED_LIMIT)
        .map_err(|error| error.to_string())?;
    std::fs::rename(part.path().join("content"), into)
        .map_err(|error| format!("{}: {error}", into.display()))?;
    Ok(size)
}

fn decode(encoded: &str) -> Result<Bytes, Fault> {
    let bytes = STANDARD.decode(encoded).map_err(|_| {
        Fault::new("SerializationException", http::StatusCode::BAD_REQUEST, "ZipFile is not base64")
    })?;
    if bytes.len() > DIRECT_UPLOAD_LIMIT {
        return Err(Fault::invalid_parameter(format!(
            "Zip file is {} bytes; at most {DIRECT_UPLOAD_LIMIT} can be uploaded directly. Upload it to S3 and name it by S3Bucket and S3Key.",
            bytes.len()
        )));
    }
    Ok(bytes.into())
}

async fn from_s3(objects: &Arc<ObjectStore>, bucket: &str, key: &str) -> Result<Bytes, Fault> {
    objects.read(bucket, key).await.map_err(|error| {
        Fault::invalid_parameter(format!(
            "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {error}",
            error.s3_code().as_str()
        ))
    })
}

fn check(bytes: Bytes, beside: u64) -> Result<Package, Fault> {
    if bytes.is_empty() {
        return Err(Fault::invalid_parameter("Uploaded file must be a non-empty zip"));
    }
    let summary = archive::inspect(&bytes).map_err(|error| match error {
        ArchiveError::Zip(_) => Fault::invalid_parameter(format!(
            "Could not unzip uploaded file. Please check your file, then try to upload again. ({error})"
        )),
        error => Fault::invalid_parameter(format!("Could not unzip uploaded file: {error}")),
    })?;
    check_unzipped(summary.stated_size.saturating_add(beside))?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    Ok(Package { bytes, sha256, stated_size: summary.stated_size })
}

/// Code and layers together have one limit.
pub(crate) fn check_unzipped(size: u64) -> Result<(), Fault> {
    if size > UNZIPPED_LIMIT {
        return Err(Fault::invalid_parameter(format!(
            "Unzipped size must be smaller than {UNZIPPED_LIMIT} bytes"
        )));
    }
    Ok(())
}
