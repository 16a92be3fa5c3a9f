//! Services that are asked by a form and answer in XML, by the API's query protocol. Of them there is
//! STS, as far as it tells who has the keys: clients ask that first. The others are refused in words
//! that their clients can read.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use quick_xml::escape::escape;

use crate::fault::Fault;
use crate::lambda::ACCOUNT;

const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Whether a request is a form.
pub(crate) fn is_sent(headers: &HeaderMap) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

/// STS, for a request that was let in.
pub(crate) fn answer(body: &[u8], request_id: &str) -> Response<Bytes> {
    let action = form_urlencoded::parse(body).find(|(name, _)| name == "Action");
    match action.as_ref().map(|(_, action)| &**action) {
        Some("GetCallerIdentity") => respond(StatusCode::OK, identity(request_id), request_id),
        Some(other) => {
            refuse(Fault::unsupported(format_args!("the STS operation {other}")), request_id)
        }
        None => {
            let message = "The request must say which Action is asked for.";
            refuse(Fault::new("MissingAction", StatusCode::BAD_REQUEST, message), request_id)
        }
    }
}

/// Whoever has the keys may do everything here, as an account's root user may.
fn identity(request_id: &str) -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"{STS}\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{ACCOUNT}:root</Arn><UserId>{ACCOUNT}</UserId>\
         <Account>{ACCOUNT}</Account></GetCallerIdentityResult><ResponseMetadata>\
         <RequestId>{request_id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
}

/// An error as these services tell it.
pub(crate) fn refuse(fault: Fault, request_id: &str) -> Response<Bytes> {
    let side = if fault.status.is_server_error() { "Receiver" } else { "Sender" };
    let body = format!(
        "<ErrorResponse><Error><Type>{side}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{request_id}</RequestId></ErrorResponse>",
        code(fault.code),
        escape(Cow::Borrowed(&*fault.message)),
    );
    respond(fault.status, body, request_id)
}

/// They have names of their own for who is not let in.
fn code(code: &str) -> &str {
    match code {
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "IncompleteSignatureException" => "IncompleteSignature",
        "MissingAuthenticationTokenException" => "MissingAuthenticationToken",
        other => other,
    }
}

fn respond(status: StatusCode, body: String, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("text/xml"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
