//! Requests that want an object only if it is, or is not, the one they know.

use http::{HeaderMap, HeaderValue};
use s3s::dto::{ETagCondition, Timestamp};
use s3s::{S3Error, S3Result, s3_error};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::object_file::Description;
use super::store::StoreError;

const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// What a request says about the object that it wants.
#[derive(Clone, Copy, Default)]
pub(super) struct Conditions<'a> {
    pub(super) if_match: Option<&'a ETagCondition>,
    pub(super) if_none_match: Option<&'a ETagCondition>,
    pub(super) if_modified_since: Option<&'a Timestamp>,
    pub(super) if_unmodified_since: Option<&'a Timestamp>,
}

/// Why an object is not given.
enum Refused {
    NotThat,
    NotModified,
}

/// Lets a read pass if the object is as the request wants it.
pub(super) fn check_conditions(object: &Description, conditions: &Conditions<'_>) -> S3Result<()> {
    match examine(object, conditions) {
        Ok(()) => Ok(()),
        Err(Refused::NotThat) => Err(StoreError::Precondition.into()),
        Err(Refused::NotModified) => Err(not_modified(object)),
    }
}

/// What a client has is still right; the answer says what it has.
fn not_modified(object: &Description) -> S3Error {
    let mut error = s3_error!(NotModified);
    let mut headers = HeaderMap::new();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", object.etag)) {
        headers.insert(http::header::ETAG, etag);
    }
    let modified = OffsetDateTime::from_unix_timestamp(object.modified)
        .ok()
        .and_then(|time| time.format(HTTP_DATE).ok())
        .and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(modified) = modified {
        headers.insert(http::header::LAST_MODIFIED, modified);
    }
    error.set_headers(headers);
    error
}

/// Lets a copy pass if its source is as the request wants it.
pub(super) fn check_copy_conditions(
    source: &Description,
    conditions: &Conditions<'_>,
) -> S3Result<()> {
    examine(source, conditions).map_err(|_| StoreError::Precondition.into())
}

/// An ETag says more than a time, so that the time is not looked at where an ETag was found right.
fn examine(object: &Description, conditions: &Conditions<'_>) -> Result<(), Refused> {
    let is_this =
        |wanted: &ETagCondition| wanted.as_etag().is_none_or(|etag| etag.value() == object.etag);
    let modified_after = |time: &Timestamp| {
        let seconds = OffsetDateTime::from(time.clone()).unix_timestamp();
        object.modified > seconds
    };
    match conditions.if_match {
        Some(wanted) if !is_this(wanted) => return Err(Refused::NotThat),
        None if conditions.if_unmodified_since.is_some_and(modified_after) => {
            return Err(Refused::NotThat);
        }
        _ => {}
    }
    match conditions.if_none_match {
        Some(known) if is_this(known) => Err(Refused::NotModified),
        None if conditions.if_modified_since.is_some_and(|time| !modified_after(time)) => {
            Err(Refused::NotModified)
        }
        _ => Ok(()),
    }
}
