//! Listings that come in pages.

use super::route::parameter;
use crate::fault::Fault;

/// Lambda shows no more at once.
const PAGE: usize = 50;

/// How many the query asks for at most.
pub(super) fn page_length(query: &str) -> Result<usize, Fault> {
    match parameter(query, "MaxItems").map(|text| text.parse::<usize>()) {
        None => Ok(PAGE),
        Some(Ok(count)) if (1..=10_000).contains(&count) => Ok(count.min(PAGE)),
        Some(_) => Err(Fault::validation(
            "1 validation error detected: 'maxItems' must be between 1 and 10000",
        )),
    }
}

/// The first so many, and the last of them where there are more.
pub(super) fn page<T: Copy>(all: impl Iterator<Item = T>, length: usize) -> (Vec<T>, Option<T>) {
    let mut rest = all;
    let shown: Vec<T> = rest.by_ref().take(length).collect();
    let last = rest.next().and_then(|_| shown.last().copied());
    (shown, last)
}
