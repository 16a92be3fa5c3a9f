//! What can go wrong, as Lambda's callers are told it: a type and a message.

use lambda_runtime::Diagnostic;

/// Why a call, or the set-up before it, failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The handler is none of the five functions.
    #[error("the handler is `{0}`: it must be greyscale, resize, depth, rotate or convert")]
    Handler(String),
    /// A variable of the environment is missing or makes no sense.
    #[error("the variable {name} of the environment {why}")]
    Environment { name: &'static str, why: String },
    /// There is no way to trust a server.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// A bucket or key that no address can be made for.
    #[error("s3://{bucket}/{key} has no address: {why}")]
    Address { bucket: String, key: String, why: String },
    /// S3 could not be reached, or broke off.
    #[error("{method} s3://{bucket}/{key}: {why}")]
    Connection { method: &'static str, bucket: String, key: String, why: String },
    /// S3 refused.
    #[error("{method} s3://{bucket}/{key} was answered {status}: {said}")]
    Refused { method: &'static str, bucket: String, key: String, status: u16, said: String },
    /// The input cannot be taken, or the output not be made.
    #[error("the picture {0}")]
    Picture(#[from] photofinish_imaging::Error),
}

impl Failure {
    /// The type in the words of Lambda, of S3 or of ours.
    pub fn kind(&self) -> &str {
        match self {
            Self::Handler(_) => "Runtime.HandlerNotFound",
            Self::Environment { .. } => "EnvironmentError",
            Self::Tls(_) => "TlsError",
            Self::Address { .. } => "AddressError",
            Self::Connection { .. } => "ConnectionError",
            Self::Refused { said, .. } => code(said).unwrap_or("S3Error"),
            Self::Picture(_) => "PictureError",
        }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.kind().to_owned(), error_message: failure.to_string() }
    }
}

/// The code in an error document of S3, such as `NoSuchKey`.
fn code(document: &str) -> Option<&str> {
    let (_, from_code) = document.split_once("<Code>")?;
    let (code, _) = from_code.split_once("</Code>")?;
    Some(code)
}

/// An error with its causes: the outermost alone often says no more than that something failed.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
