//! A deployment as it is in place: its functions under the names that the platform knows.

use std::sync::Arc;

use crate::digest::Digest;
use crate::words::{Deployment, Name};

/// One deployment that can be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Its functions in the order of the chain.
    pub functions: Vec<LaneFunction>,
}

/// One function of a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneFunction {
    /// Its name in the application.
    pub name: Name,
    /// Its name on the platform.
    pub deployed_as: String,
    /// The ending of what it writes.
    pub extension: String,
    /// The hash of its code as deployed.
    pub package: Digest,
}
