//! What can go wrong with a call, classified once for everyone.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};

/// What kind of failure it was, as far as a caller can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No credentials, or no region, could be found.
    MissingCredentials,
    /// This machine trusts no authority, so that no server can prove who it is.
    MissingCertificates,
    /// Too many requests; it was waited for and did not get better.
    Throttled,
    /// The resource is busy, or not ready yet; it was waited for and did not get better.
    Conflict,
    /// There is no such thing.
    NotFound,
    /// The credentials are not valid, or not allowed to do this.
    AccessDenied,
    /// The service could not be reached, or the connection broke.
    Network,
    /// No answer within the time allowed.
    Timeout,
    /// The service answered that it failed itself.
    Unavailable,
    /// Anything else: the request was refused, or the answer makes no sense.
    Other,
}

/// A call that failed: what was tried, on what, and why it failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {} {}: {cause}{}", .at.doing, .at.resource, hint(*.kind))]
pub struct Error {
    at: Place,
    kind: Kind,
    code: Option<String>,
    cause: String,
}

/// What was tried, and on what: the place of an error or of a wait.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) doing: &'static str,
    pub(crate) resource: String,
}

impl Place {
    pub(crate) fn new(doing: &'static str, resource: impl Into<String>) -> Self {
        Self { doing, resource: resource.into() }
    }

    pub(crate) fn function(doing: &'static str, name: &str) -> Self {
        Self::new(doing, format!("function `{name}`"))
    }
}

impl Error {
    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The service's own word for it, such as `ResourceConflictException`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// What was tried, such as `create`.
    #[must_use]
    pub fn operation(&self) -> &str {
        self.at.doing
    }

    /// On what it was tried, such as ``function `x` ``.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.at.resource
    }

    pub(crate) fn new(at: Place, kind: Kind, cause: impl Into<String>) -> Self {
        Self { at, kind, code: None, cause: cause.into() }
    }

    /// The same failure, to be acted on as another kind.
    pub(crate) fn of_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    pub(crate) fn cause(&self) -> &str {
        &self.cause
    }

    pub(crate) fn from_sdk<E>(at: Place, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        if in_chain::<CredentialsError>(error) {
            return Self::new(at, Kind::MissingCredentials, chain(error));
        }
        match error {
            SdkError::TimeoutError(_) => Self::new(at, Kind::Timeout, "no answer in time"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                Self::new(at, Kind::Timeout, chain(error))
            }
            SdkError::DispatchFailure(failure) if failure.is_user() => {
                Self::new(at, Kind::Other, chain(error))
            }
            SdkError::DispatchFailure(_) => Self::new(at, Kind::Network, chain(error)),
            SdkError::ResponseError(context) => {
                let status = context.raw().status().as_u16();
                let kind = by_status(status).unwrap_or(Kind::Network);
                Self::new(at, kind, format!("unreadable answer, HTTP status {status}"))
            }
            SdkError::ServiceError(context) => Self::refused(
                at,
                context.err().code(),
                context.err().message(),
                context.raw().status().as_u16(),
            ),
            _ => Self::new(at, Kind::Other, chain(error)),
        }
    }

    pub(crate) fn refused(
        at: Place,
        code: Option<&str>,
        message: Option<&str>,
        status: u16,
    ) -> Self {
        let kind = code
            .and_then(|code| by_code(code, message.unwrap_or_default()))
            .or_else(|| by_status(status))
            .unwrap_or(Kind::Other);
        let cause = match (code, message) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(text), None) | (None, Some(text)) => format!("{text} (HTTP status {status})"),
            (None, None) => format!("HTTP status {status}"),
        };
        Self { at, kind, code: code.map(str::to_owned), cause }
    }
}

fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::MissingCredentials => {
            "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE after `aws configure`"
        }
        Kind::MissingCertificates => {
            "; install the package `ca-certificates`, or set SSL_CERT_FILE"
        }
        Kind::AccessDenied => "; check that the credentials are current and allow this action",
        Kind::Network => "; check that the endpoint is right and reachable",
        _ => "",
    }
}

fn by_code(code: &str, message: &str) -> Option<Kind> {
    Some(match code {
        "ResourceNotFoundException"
        | "RepositoryNotFoundException"
        | "NoSuchBucket"
        | "NoSuchKey"
        | "NotFound"
        | "NoSuchEntity"
        | "StateMachineDoesNotExist"
        | "ExecutionDoesNotExist"
        | "ResourceNotFound"
        | "NoSuchTagSet" => Kind::NotFound,
        "TooManyRequestsException"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "EC2ThrottledException"
        | "ExecutionLimitExceeded"
        | "SlowDown" => Kind::Throttled,
        "ResourceConflictException"
        | "ResourceInUseException"
        | "ResourceNotReadyException"
        | "PreconditionFailedException"
        | "OperationAborted"
        | "OperationAbortedException"
        | "ConflictException"
        | "StateMachineDeleting" => Kind::Conflict,
        // A role is usable some seconds after it was made; until then creation is refused so.
        "InvalidParameterValueException" if message.contains("cannot be assumed by Lambda") => {
            Kind::Conflict
        }
        // The same said by way of the key that hides environment variables.
        "InvalidParameterValueException"
            if message.contains("KMS") && message.contains("valid principal") =>
        {
            Kind::Conflict
        }
        // So is a repository's policy, and an image that was just pushed.
        "InvalidParameterValueException" | "AccessDeniedException"
            if message.contains("permission to access the ECR image") =>
        {
            Kind::Conflict
        }
        "InvalidParameterValueException"
            if message.contains("Source image") && message.contains("does not exist") =>
        {
            Kind::Conflict
        }
        "AccessDenied"
        | "AccessDeniedException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "IncompleteSignature"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "InvalidToken"
        | "MissingAuthenticationToken"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => Kind::AccessDenied,
        "RequestTimeout" => Kind::Network,
        // Waiting frees neither a name that someone else holds nor a bucket in use.
        "BucketAlreadyExists" | "BucketNotEmpty" | "EntityAlreadyExists" | "LimitExceeded" => {
            Kind::Other
        }
        _ => return None,
    })
}

fn by_status(status: u16) -> Option<Kind> {
    Some(match status {
        401 | 403 => Kind::AccessDenied,
        404 => Kind::NotFound,
        409 => Kind::Conflict,
        429 => Kind::Throttled,
        500..=599 => Kind::Unavailable,
        _ => return None,
    })
}

/// The messages of an error and its causes, each once.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes(error) {
        let text = cause.to_string();
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

pub(crate) fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn in_chain<T: StdError + 'static>(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<T>())
}
