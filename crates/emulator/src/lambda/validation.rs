//! The limits that Lambda puts on a function's settings, with its messages.

use std::collections::BTreeMap;

use super::function::FunctionSettings;
use super::logging::Logging;
use super::protocol::{ImageConfig, Others, Settings};
use crate::config::Architecture;
use crate::fault::Fault;

const ENVIRONMENT_LIMIT: usize = 4096;

/// Runtime ids that Lambda accepts for new functions.
const RUNTIMES: &[&str] = &[
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "java11",
    "java17",
    "java21",
    "java25",
    "dotnet8",
    "dotnet10",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "provided.al2",
    "provided.al2023",
];

/// Names that a function's environment may not set.
const RESERVED: &[&str] = &[
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "TZ",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// The settings a new function starts from before the request's are applied.
pub(crate) fn defaults() -> FunctionSettings {
    FunctionSettings {
        runtime: String::new(),
        handler: String::new(),
        description: String::new(),
        timeout_s: 3,
        memory_mb: 128,
        tmp_mb: 512,
        environment: None,
        layers: Vec::new(),
        logging: Logging::default(),
        image_config: ImageConfig::default(),
    }
}

/// Applies what a request sets, if Lambda would allow it. Layers are not looked at.
pub(crate) fn apply(settings: &mut FunctionSettings, request: &Settings) -> Result<(), Fault> {
    refuse_what_is_missing(request)?;
    if let Some(runtime) = &request.runtime {
        check_runtime(runtime)?;
        settings.runtime.clone_from(runtime);
    }
    if let Some(handler) = &request.handler {
        check_handler(handler)?;
        settings.handler.clone_from(handler);
    }
    if let Some(description) = &request.description {
        if description.chars().count() > 256 {
            return Err(constraint(
                "description",
                description,
                "Member must have length less than or equal to 256",
            ));
        }
        settings.description.clone_from(description);
    }
    if let Some(timeout) = request.timeout {
        settings.timeout_s = within("timeout", timeout, 1, 900)?;
    }
    if let Some(memory) = request.memory_size {
        settings.memory_mb = within("memorySize", memory, 128, 10_240)?;
    }
    if let Some(storage) = request.ephemeral_storage {
        settings.tmp_mb = within("ephemeralStorage.size", storage.size, 512, 10_240)?;
    }
    if let Some(environment) = &request.environment {
        check_environment(&environment.variables)?;
        settings.environment =
            (!environment.variables.is_empty()).then(|| environment.variables.clone());
    }
    if let Some(image_config) = &request.image_config {
        settings.image_config = image_config.clone();
    }
    if let Some(logging) = &request.logging_config {
        settings.logging.apply(logging)?;
    }
    Ok(())
}

/// What a request says that nothing here reads must be what it would be without it.
pub(crate) fn refuse_others(others: &Others) -> Result<(), Fault> {
    for (name, value) in others {
        let plain = match name.as_str() {
            "TracingConfig" => value["Mode"].as_str().is_none_or(|mode| mode == "PassThrough"),
            _ => says_nothing(value),
        };
        if !plain {
            return Err(Fault::unsupported(name));
        }
    }
    Ok(())
}

fn says_nothing(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => true,
        serde_json::Value::Bool(value) => !value,
        serde_json::Value::Number(_) => false,
        serde_json::Value::String(text) => text.is_empty(),
        serde_json::Value::Array(list) => list.is_empty(),
        serde_json::Value::Object(fields) => fields.values().all(says_nothing),
    }
}

/// What has no meaning for a function of this kind is refused rather than kept.
pub(crate) fn check_kind(settings: &Settings, is_image: bool) -> Result<(), Fault> {
    let layers = settings.layers.as_ref().is_some_and(|layers| !layers.is_empty());
    if is_image && (settings.runtime.is_some() || settings.handler.is_some() || layers) {
        return Err(Fault::invalid_parameter(
            "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
        ));
    }
    if !is_image && settings.image_config.is_some() {
        return Err(Fault::invalid_parameter(
            "ImageConfig is only supported for functions of PackageType Image.",
        ));
    }
    Ok(())
}

/// The architecture asked for; the default is Lambda's, not this machine's.
pub(crate) fn architecture(asked: Option<&[String]>) -> Result<Architecture, Fault> {
    let Some(asked) = asked else {
        return Ok(Architecture::X86_64);
    };
    let [name] = asked else {
        return Err(constraint(
            "architectures",
            &asked.join(", "),
            "Member must have length less than or equal to 1",
        ));
    };
    Architecture::parse(name).ok_or_else(|| {
        constraint(
            "architectures",
            &format!("[{name}]"),
            "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
        )
    })
}

/// Settings that would change what a function does, and that are not here yet.
fn refuse_what_is_missing(request: &Settings) -> Result<(), Fault> {
    let used = |value: &Option<serde_json::Value>| {
        value.as_ref().is_some_and(|value| {
            value.as_object().is_some_and(|fields| {
                fields.values().any(|field| {
                    field.as_array().is_none_or(|list| !list.is_empty()) && !field.is_boolean()
                })
            })
        })
    };
    if used(&request.vpc_config) {
        return Err(Fault::unsupported("VpcConfig"));
    }
    if request.file_system_configs.as_ref().is_some_and(|configs| !configs.is_empty()) {
        return Err(Fault::unsupported("FileSystemConfigs"));
    }
    if request.snap_start.as_ref().is_some_and(|snap_start| snap_start.apply_on != "None") {
        return Err(Fault::unsupported("SnapStart"));
    }
    Ok(())
}

fn check_runtime(runtime: &str) -> Result<(), Fault> {
    if RUNTIMES.contains(&runtime) {
        return Ok(());
    }
    Err(Fault::invalid_parameter(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a valid ARN",
        RUNTIMES.join(", ")
    )))
}

fn check_handler(handler: &str) -> Result<(), Fault> {
    if handler.is_empty() || handler.len() > 128 || handler.contains(char::is_whitespace) {
        return Err(constraint(
            "handler",
            handler,
            "Member must satisfy regular expression pattern: [^\\s]+",
        ));
    }
    Ok(())
}

fn check_environment(variables: &BTreeMap<String, String>) -> Result<(), Fault> {
    let reserved: Vec<&str> =
        variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(Fault::invalid_parameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    let well_named = |name: &str| {
        let mut characters = name.chars();
        characters.next().is_some_and(|c| c.is_ascii_alphabetic())
            && name.len() > 1
            && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if let Some(name) = variables.keys().find(|name| !well_named(name)) {
        return Err(constraint(
            "environment.variables",
            name,
            "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
        ));
    }
    if variables.values().any(|value| value.contains('\0')) {
        return Err(Fault::invalid_parameter(
            "An environment variable's value contains a NUL character.",
        ));
    }
    let measured = serde_json::to_string(variables).expect("strings");
    if measured.len() > ENVIRONMENT_LIMIT {
        return Err(Fault::invalid_parameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(())
}

fn within(name: &str, value: i64, low: u32, high: u32) -> Result<u32, Fault> {
    if value < i64::from(low) {
        return Err(constraint(
            name,
            &value.to_string(),
            &format!("Member must have value greater than or equal to {low}"),
        ));
    }
    u32::try_from(value).ok().filter(|value| *value <= high).ok_or_else(|| {
        constraint(
            name,
            &value.to_string(),
            &format!("Member must have value less than or equal to {high}"),
        )
    })
}

pub(super) fn constraint(name: &str, value: &str, rule: &str) -> Fault {
    Fault::validation(format!(
        "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {rule}"
    ))
}
