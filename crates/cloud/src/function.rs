//! A function as it is wanted, as it is found, and the wait until it is settled.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_lambda::types::{
    FunctionConfiguration, LastUpdateStatus, LogFormat as SdkLogFormat, PackageType, State,
};
use photofinish_study::Architecture;

use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::deploy::ROUND_VARIABLE;
use crate::error::{Error, Kind, Place};
use crate::zip::Zip;

/// How the platform writes its own log lines, REPORT among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines with tabs.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    pub(crate) fn as_sdk(self) -> SdkLogFormat {
        match self {
            Self::Text => SdkLogFormat::Text,
            Self::Json => SdkLogFormat::Json,
        }
    }
}

/// What a function's code is.
#[derive(Debug, Clone)]
pub enum Code {
    /// A zip that is sent or staged; the runtime, the handler and the layers stand beside it.
    Zip(Zip),
    /// An image that is there already and says itself how it is started.
    Image(ImageCode),
}

/// An image where the platform finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageCode {
    /// Its address: `REGISTRY/REPOSITORY@sha256:…`, or what the platform takes instead.
    pub uri: String,
    /// The SHA-256 of its manifest in hexadecimal, by which the platform's copy is recognised.
    pub sha256: String,
}

impl Code {
    /// The hash in hexadecimal: of the zip, or of the image's manifest.
    #[must_use]
    pub fn sha256(&self) -> String {
        match self {
            Self::Zip(zip) => zip.sha256(),
            Self::Image(image) => image.sha256.clone(),
        }
    }
}

impl From<Zip> for Code {
    fn from(zip: Zip) -> Self {
        Self::Zip(zip)
    }
}

/// A function as it is wanted.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Its name, unique in the region.
    pub name: String,
    /// The managed runtime, such as `python3.14`; not for an image.
    pub runtime: String,
    /// What the runtime calls, such as `lambda_function.lambda_handler`; not for an image.
    pub handler: String,
    /// The instruction set it runs on.
    pub architecture: Architecture,
    /// Memory, and with it the share of CPU.
    pub memory_mb: u32,
    /// How long one call may take; whole seconds.
    pub timeout: Duration,
    /// The size of /tmp.
    pub tmp_mb: u32,
    /// Environment variables, without [`ROUND_VARIABLE`], which is ours.
    pub environment: BTreeMap<String, String>,
    /// ARNs of layer versions, in the order in which they are merged; not for an image.
    pub layers: Vec<String>,
    /// Its code.
    pub code: Code,
    /// The bucket through which a zip goes that is too large for a request.
    pub staging_bucket: Option<String>,
    /// The ARN of the role it runs as.
    pub role: String,
    /// What it is marked with.
    pub tags: Tags,
    /// How the platform writes its log lines.
    pub log_format: LogFormat,
}

impl FunctionSpec {
    pub(crate) fn timeout_s(&self) -> i32 {
        i32::try_from(self.timeout.as_secs().max(1)).unwrap_or(i32::MAX)
    }
}

/// A function as it is.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    configuration: FunctionConfiguration,
    resolved_image: Option<String>,
    pub(crate) tags: Tags,
}

impl Found {
    pub(crate) fn arn(&self) -> &str {
        self.configuration.function_arn().unwrap_or_default()
    }

    pub(crate) fn revision(&self) -> &str {
        self.configuration.revision_id().unwrap_or_default()
    }

    /// By what the platform names the code that it holds: CodeSha256, or the image's address.
    pub(crate) fn held_code(&self) -> &str {
        let zip = self.configuration.code_sha256().unwrap_or_default();
        self.resolved_image.as_deref().unwrap_or(zip)
    }

    pub(crate) fn holds(&self, code: &Code) -> bool {
        match code {
            Code::Zip(zip) => self.configuration.code_sha256() == Some(&zip.code_sha256()),
            Code::Image(image) => {
                let held = self.held_code().rsplit_once("@sha256:");
                held.is_some_and(|(_, sha256)| sha256 == image.sha256)
            }
        }
    }

    /// Its making failed: it can only be deleted and made again.
    pub(crate) fn was_stillborn(&self) -> bool {
        self.configuration.state() == Some(&State::Failed)
    }

    /// It was made of the other kind of code, which no update can change.
    pub(crate) fn is_of_another_kind(&self, spec: &FunctionSpec) -> bool {
        let is_image = self.configuration.package_type() == Some(&PackageType::Image);
        is_image != matches!(spec.code, Code::Image(_))
    }

    pub(crate) fn last_update_failed(&self) -> bool {
        self.configuration.last_update_status() == Some(&LastUpdateStatus::Failed)
    }

    fn unsettled(&self) -> Option<&'static str> {
        if self.configuration.state() == Some(&State::Pending) {
            Some("its state is Pending")
        } else if self.configuration.last_update_status() == Some(&LastUpdateStatus::InProgress) {
            Some("its last update is in progress")
        } else {
            None
        }
    }

    fn failure(&self) -> Option<String> {
        let of = &self.configuration;
        let (what, reason) = if self.was_stillborn() {
            ("its state is Failed", of.state_reason())
        } else if self.last_update_failed() {
            ("its last update failed", of.last_update_status_reason())
        } else {
            return None;
        };
        Some(format!("{what}: {}", reason.unwrap_or("no reason given")))
    }

    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let variables = self.configuration.environment().and_then(|all| all.variables());
        variables.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    pub(crate) fn has_code_of(&self, spec: &FunctionSpec) -> bool {
        // Implementations that leave the architecture out mean the first there was.
        let architecture =
            self.configuration.architectures().first().map_or("x86_64", |found| found.as_str());
        self.holds(&spec.code) && architecture == spec.architecture.as_str()
    }

    pub(crate) fn is_configured_as(&self, spec: &FunctionSpec) -> bool {
        let of = &self.configuration;
        let mut environment = self.environment();
        environment.remove(ROUND_VARIABLE);
        let log_format =
            of.logging_config().and_then(|log| log.log_format()).unwrap_or(&SdkLogFormat::Text);
        let is_started_so = match spec.code {
            Code::Image(_) => true,
            Code::Zip(_) => {
                of.runtime().map(|runtime| runtime.as_str()) == Some(&spec.runtime)
                    && of.handler() == Some(&spec.handler)
                    && of.layers().iter().filter_map(|layer| layer.arn()).eq(&spec.layers)
            }
        };
        is_started_so
            && of.role() == Some(&spec.role)
            && of.memory_size() == i32::try_from(spec.memory_mb).ok()
            && of.timeout() == Some(spec.timeout_s())
            && of.ephemeral_storage().map_or(512, |tmp| tmp.size()) as i64 == i64::from(spec.tmp_mb)
            && environment == spec.environment
            && *log_format == spec.log_format.as_sdk()
            && !self.last_update_failed()
    }
}

impl Cloud {
    /// One look at a function; none if there is none.
    pub(crate) async fn find_function(&self, name: &str) -> Result<Option<Found>, Error> {
        let at = Place::function("look at", name);
        // GetFunction has the largest share of the API's rate, and brings the tags.
        let answer = self
            .persist(at.clone(), || async {
                self.lambda
                    .get_function()
                    .function_name(name)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(at.clone(), &error))
            })
            .await;
        match answer {
            Ok(answer) => {
                let code = answer.code();
                let resolved_image = code.and_then(|code| code.resolved_image_uri());
                let resolved_image = resolved_image.map(str::to_owned);
                let tags = answer.tags().into_iter().flatten();
                let tags = tags.map(|(k, v)| (k.clone(), v.clone())).collect();
                let Some(configuration) = answer.configuration else {
                    return Err(Error::new(at, Kind::Other, "the answer has no configuration"));
                };
                Ok(Some(Found { configuration, resolved_image, tags }))
            }
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits until nothing is being done to a function any more, well or ill.
    pub(crate) async fn settled(&self, name: &str) -> Result<Option<Found>, Error> {
        let at = Place::function("wait for", name);
        let mut attempts = self.attempts(at.clone());
        loop {
            let Some(found) = self.find_function(name).await? else { return Ok(None) };
            let Some(why) = found.unsettled() else { return Ok(Some(found)) };
            if !attempts.pause(why).await {
                return Err(Error::new(at, Kind::Timeout, format!("{why}, still")));
            }
        }
    }

    /// Waits until a function is as it was just made or changed: Active and Successful.
    pub(crate) async fn ready(&self, name: &str) -> Result<Found, Error> {
        let at = Place::function("wait for", name);
        let mut attempts = self.attempts(at.clone());
        let found = loop {
            match self.settled(name).await? {
                Some(found) => break found,
                // Just made, and not yet seen from everywhere.
                None if attempts.pause("it is not there yet").await => {}
                None => return Err(Error::new(at, Kind::NotFound, "it is not there")),
            }
        };
        match found.failure() {
            None => Ok(found),
            Some(cause) => Err(Error::new(at, Kind::Other, cause)),
        }
    }

    /// The names of the region's functions that begin so.
    pub async fn functions(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let at = Place::new("list", "functions");
        let mut names = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(at.clone(), || async {
                    self.lambda
                        .list_functions()
                        .set_marker(from.clone())
                        .send()
                        .await
                        .map_err(|error| Error::from_sdk(at.clone(), &error))
                })
                .await?;
            let all = page.functions().iter().filter_map(|function| function.function_name());
            names.extend(all.filter(|name| name.starts_with(prefix)).map(str::to_owned));
            from = page.next_marker().filter(|next| !next.is_empty()).map(str::to_owned);
            if from.is_none() {
                return Ok(names);
            }
        }
    }

    /// Deletes a function; false if there was none.
    pub async fn delete_function(&self, name: &str) -> Result<bool, Error> {
        let at = Place::function("delete", name);
        let gone = self
            .persist(at.clone(), || async {
                self.lambda
                    .delete_function()
                    .function_name(name)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(at.clone(), &error))
            })
            .await;
        match gone {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == Kind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
