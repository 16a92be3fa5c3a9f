//! What stops a trial: never a wrong output, which is a verdict.

/// A failure that is nobody's verdict.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The platform failed for good.
    #[error(transparent)]
    Cloud(#[from] photofinish_cloud::Error),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] photofinish_journal::Error),
    /// The reference cannot answer for this input.
    #[error(transparent)]
    Judge(#[from] crate::judge::JudgeError),
    /// Something has no spelling in JSON.
    #[error("cannot be written as JSON: {0}")]
    Json(serde_json::Error),
}
