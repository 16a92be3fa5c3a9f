//! A function as a sandbox is made from it.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::Runtime;
use crate::emulation::Emulation;
use crate::lambda::{FunctionRecord, Logging};

/// Lambda's limit for an init.
const INIT_LIMIT: Duration = Duration::from_secs(10);

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

    /// Where its process begins.
    pub(crate) fn directory(&self) -> &str {
        let Some(image) = &self.function.image else {
            return "/var/task";
        };
        let asked = self.function.settings.image_config.working_directory.as_deref();
        match asked.unwrap_or(&image.start.directory) {
            "" => "/",
            directory => directory,
        }
    }

    /// How long an init may take.
    pub(crate) fn init_limit(&self) -> Duration {
        INIT_LIMIT * self.patience()
    }

    /// How long an invocation may take.
    pub(crate) fn timeout_s(&self) -> u32 {
        self.function.settings.timeout_s * self.patience()
    }

    fn patience(&self) -> u32 {
        if self.runtime.emulation.is_some() { Emulation::PATIENCE } else { 1 }
    }

    pub(crate) fn logging(&self) -> &Logging {
        &self.function.settings.logging
    }

    pub(crate) fn log_group(&self) -> String {
        self.logging().group_of(self.name())
    }
}
