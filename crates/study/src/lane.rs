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
    /// The state machine that calls them one after the other, by its ARN, where there is one.
    pub machine: Option<String>,
    /// The functions that are asked for and were never written, and why.
    pub absent: Vec<(Name, String)>,
}

impl Lane {
    /// Whether nothing is missing from its chain.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.absent.is_empty()
    }
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
