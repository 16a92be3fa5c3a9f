//! How a function logs: as text or as JSON, how much of it, and into which group.

use serde::{Deserialize, Serialize};

use super::protocol::LoggingConfig;
use super::validation::constraint;
use crate::fault::Fault;

const APPLICATION_LEVELS: &[&str] = &["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const SYSTEM_LEVELS: &[&str] = &["DEBUG", "INFO", "WARN"];

/// A function's logging.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Logging {
    pub(crate) format: LogFormat,
    /// Another group than the function's own.
    pub(crate) group: Option<String>,
}

/// In which form the platform writes, and the runtime too if it can.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LogFormat {
    /// As Lambda always has.
    #[default]
    Text,
    /// Objects, of these levels at least.
    Json {
        /// The function's own; the runtime obeys it.
        application: String,
        /// The platform's.
        system: SystemLevel,
    },
}

/// How much the platform tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum SystemLevel {
    /// All.
    Debug,
    /// What begins and ends.
    Info,
    /// What went wrong.
    Warn,
}

impl SystemLevel {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "DEBUG" => Some(Self::Debug),
            "INFO" => Some(Self::Info),
            "WARN" => Some(Self::Warn),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
        }
    }
}

impl Logging {
    /// Applies what a request asks for.
    pub(super) fn apply(&mut self, asked: &LoggingConfig) -> Result<(), Fault> {
        let (application, system) = (&asked.application_log_level, &asked.system_log_level);
        if let Some(format) = &asked.log_format {
            self.format = match format.as_str() {
                "Text" => LogFormat::Text,
                "JSON" => match std::mem::take(&mut self.format) {
                    json @ LogFormat::Json { .. } => json,
                    LogFormat::Text => LogFormat::Json {
                        application: "INFO".to_owned(),
                        system: SystemLevel::Info,
                    },
                },
                other => {
                    return Err(not_among("loggingConfig.logFormat", other, &["JSON", "Text"]));
                }
            };
        }
        match &mut self.format {
            LogFormat::Text if application.is_some() || system.is_some() => {
                return Err(Fault::invalid_parameter(
                    "ApplicationLogLevel and SystemLogLevel can only be set where LogFormat is JSON.",
                ));
            }
            LogFormat::Text => {}
            LogFormat::Json { application: own, system: platforms } => {
                if let Some(level) = application {
                    let place = "loggingConfig.applicationLogLevel";
                    if !APPLICATION_LEVELS.contains(&level.as_str()) {
                        return Err(not_among(place, level, APPLICATION_LEVELS));
                    }
                    own.clone_from(level);
                }
                if let Some(level) = system {
                    let place = "loggingConfig.systemLogLevel";
                    *platforms = SystemLevel::parse(level)
                        .ok_or_else(|| not_among(place, level, SYSTEM_LEVELS))?;
                }
            }
        }
        if let Some(group) = &asked.log_group {
            check_group(group)?;
            self.group = Some(group.clone());
        }
        Ok(())
    }

    /// The group of a function of that name.
    pub(crate) fn group_of(&self, function: &str) -> String {
        self.group.clone().unwrap_or_else(|| format!("/aws/lambda/{function}"))
    }

    /// The name of a stream of that function. In a group of several functions it says whose it is.
    pub(crate) fn stream_of(&self, function: &str, date: &str, digits: &str) -> String {
        let whose = if self.group.is_some() { function } else { "" };
        format!("{date}/{whose}[$LATEST]{digits}")
    }

    /// As `GetFunctionConfiguration` shows it.
    pub(super) fn configuration(&self, function: &str) -> LoggingConfig {
        let (format, application, system) = match &self.format {
            LogFormat::Text => ("Text", None, None),
            LogFormat::Json { application, system } => {
                ("JSON", Some(application.clone()), Some(system.name().to_owned()))
            }
        };
        LoggingConfig {
            log_format: Some(format.to_owned()),
            application_log_level: application,
            system_log_level: system,
            log_group: Some(self.group_of(function)),
        }
    }
}

fn check_group(group: &str) -> Result<(), Fault> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/#".contains(c);
    if group.is_empty() || group.len() > 512 || !group.chars().all(allowed) {
        return Err(constraint(
            "loggingConfig.logGroup",
            group,
            "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+",
        ));
    }
    Ok(())
}

fn not_among(place: &str, value: &str, allowed: &[&str]) -> Fault {
    constraint(
        place,
        value,
        &format!("Member must satisfy enum value set: [{}]", allowed.join(", ")),
    )
}
