//! Times of day as Lambda and its logs write them.

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const LAST_MODIFIED: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+0000");
const LOG: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const STREAM_DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]/[month]/[day]");

/// Now, as a function's `LastModified`.
pub(crate) fn last_modified() -> String {
    write(LAST_MODIFIED)
}

/// Now, as a log line begins.
pub(crate) fn log_time() -> String {
    write(LOG)
}

/// Today, as a log stream's name begins.
pub(crate) fn stream_date() -> String {
    write(STREAM_DATE)
}

fn write(format: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::now_utc()
        .format(&format)
        .expect("a date of today has all the parts of these formats")
}
