//! The errors that a Lambda client gets to see, in Lambda's own shape.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::error::Error;

/// An error answer: its code, HTTP status and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// Why a client should slow down, for the one error that says so.
    pub(crate) reason: Option<&'static str>,
}

impl Fault {
    pub(crate) fn new(code: &'static str, status: StatusCode, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), reason: None }
    }

    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValueException", StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", StatusCode::NOT_FOUND, message)
    }

    /// As the services say it that answer every mistake of a client with 400.
    pub(crate) fn bad_not_found(message: impl Into<String>) -> Self {
        Self::new("ResourceNotFoundException", StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new("ResourceConflictException", StatusCode::CONFLICT, message)
    }

    pub(crate) fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, StatusCode::FORBIDDEN, message)
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new("RequestEntityTooLargeException", StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    pub(crate) fn too_many(reason: &'static str) -> Self {
        let fault =
            Self::new("TooManyRequestsException", StatusCode::TOO_MANY_REQUESTS, "Rate Exceeded.");
        Self { reason: Some(reason), ..fault }
    }

    pub(crate) fn unsupported(what: impl std::fmt::Display) -> Self {
        Self::new(
            "UnsupportedOperation",
            StatusCode::NOT_IMPLEMENTED,
            format!("this emulator does not have {what}; nothing was done"),
        )
    }

    pub(crate) fn service(message: impl Into<String>) -> Self {
        Self::new("ServiceException", StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    pub(crate) fn into_response(self, request_id: &str) -> Response<Bytes> {
        let side = if self.status.is_server_error() { "Service" } else { "User" };
        // Lambda's own front end writes "message", its API gateway "Message"; SDKs read either.
        let mut body = json!({"Type": side, "Message": self.message, "message": self.message});
        if let Some(reason) = self.reason {
            body["Reason"] = json!(reason);
        }
        let mut response = Response::new(Bytes::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        headers.insert("x-amzn-errortype", HeaderValue::from_static(self.code));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert("x-amzn-requestid", id);
        }
        response
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let mut message = error.to_string();
        if let Some(cause) = std::error::Error::source(&error) {
            message = format!("{message}: {cause}");
        }
        Self::service(message)
    }
}
