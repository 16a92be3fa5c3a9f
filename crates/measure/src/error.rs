//! What stops a race.

/// A failure that stops the race; what was journalled stays, and the race can be resumed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The platform failed for good.
    #[error(transparent)]
    Cloud(#[from] photofinish_cloud::Error),
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] photofinish_journal::Error),
    /// An event has no spelling in JSON.
    #[error("an event cannot be written as JSON: {0}")]
    Event(serde_json::Error),
}
