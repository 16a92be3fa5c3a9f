//! How much of a connection is read at once, and when it must not carry another request.

use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Response};

/// So many bytes are read at once, and so many the head of a request may have. Of less the first is hashed
/// sooner; of more fewer threads are woken.
pub(crate) const AT_ONCE: usize = 64 << 10;

/// Whether a request brings a body.
pub(crate) fn brings_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING)
        || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

/// Says that the connection ends with this answer, where it may have been given before the
/// request's body was read.
///
/// A client that waits for "100 Continue" and is refused sends no body; whatever it sends next
/// would be taken for one, and its next request for the rest.
pub(crate) fn end_if_refused<B>(brings_body: bool, mut response: Response<B>) -> Response<B> {
    if brings_body && (response.status().is_client_error() || response.status().is_server_error()) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
