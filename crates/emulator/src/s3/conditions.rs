//! Requests that want an object only if it is, or is not, the one they know.

use s3s::dto::{ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};
use time::OffsetDateTime;

use super::object_file::Description;
use super::store::StoreError;

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
        Err(Refused::NotModified) => Err(s3_error!(NotModified)),
    }
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
