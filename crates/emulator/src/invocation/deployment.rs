//! A function as a sandbox is made from it.

use std::path::PathBuf;

use crate::config::Runtime;
use crate::lambda::FunctionRecord;

/// One revision of a function with everything a sandbox needs.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub(crate) function: FunctionRecord,
    pub(crate) arn: String,
    pub(crate) region: String,
    pub(crate) runtime: Runtime,
    /// Shown as `/var/task`.
    pub(crate) code: PathBuf,
    /// Shown as `/opt`.
    pub(crate) layers: Option<PathBuf>,
}

impl Deployment {
    pub(crate) fn name(&self) -> &str {
        &self.function.name
    }

    pub(crate) fn log_group(&self) -> String {
        format!("/aws/lambda/{}", self.function.name)
    }
}
