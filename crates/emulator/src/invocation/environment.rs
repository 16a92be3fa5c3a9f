//! The environment a function finds, as it was recorded on Lambda for python3.14. A custom runtime
//! finds the same but for what concerns a language.

use std::collections::BTreeMap;

use super::deployment::Deployment;
use crate::credentials::Credentials;
use crate::lambda::LogFormat;

/// Where the guest's own network has the Runtime API.
pub(crate) const RUNTIME_API_PORT: u16 = 9001;
/// Where the guest's own network has S3.
pub(crate) const S3_PORT: u16 = 9002;

const FIXED: &[(&str, &str)] = &[
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
    ("AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1:2000"),
    ("_AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1"),
    ("_AWS_XRAY_DAEMON_PORT", "2000"),
    ("LAMBDA_TASK_ROOT", "/var/task"),
    ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
    ("TZ", ":UTC"),
];

/// What an image says for itself, if it wants it said.
const OF_RUNTIMES: &[(&str, &str)] = &[
    (
        "LD_LIBRARY_PATH",
        "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    ),
    ("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin"),
    ("LANG", "en_US.UTF-8"),
    ("SHLVL", "0"),
];

/// Where programs are looked for in an image that does not say it.
const PATH_OF_IMAGES: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a function may set differently; the rest it cannot (the control plane refuses).
const OVERRIDABLE: &[&str] = &[
    "PATH",
    "LANG",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "SHLVL",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
];

/// All variables of a sandbox, with the function's own.
pub(crate) fn variables(
    deployment: &Deployment,
    credentials: &Credentials,
    log_stream: &str,
) -> Vec<(String, String)> {
    let settings = &deployment.function.settings;
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let fixed: Vec<&(&str, &str)> = match &deployment.function.image {
        None => FIXED.iter().chain(OF_RUNTIMES).collect(),
        Some(image) => {
            all.insert("PATH".to_owned(), PATH_OF_IMAGES.to_owned());
            all.extend(image.start.environment.iter().cloned());
            FIXED.iter().collect()
        }
    };
    all.extend(settings.environment.clone().unwrap_or_default());
    for (name, value) in fixed {
        set(&mut all, name, (*value).to_owned());
    }
    if settings.runtime.starts_with("python") {
        set(&mut all, "PYTHONPATH", "/var/runtime".to_owned());
        // The interpreter sets it for itself and for what it starts.
        set(&mut all, "LC_CTYPE", "C.UTF-8".to_owned());
    }
    if !deployment.runtime.is_custom() && deployment.function.image.is_none() {
        set(&mut all, "AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", settings.runtime));
    }
    let computed = [
        ("AWS_ACCESS_KEY_ID", credentials.access_key_id().to_owned()),
        ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key().to_owned()),
        ("AWS_SESSION_TOKEN", credentials.session_token().unwrap_or_default().to_owned()),
        ("AWS_REGION", deployment.region.clone()),
        ("AWS_DEFAULT_REGION", deployment.region.clone()),
        ("AWS_LAMBDA_FUNCTION_NAME", deployment.name().to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", settings.memory_mb.to_string()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", deployment.log_group()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", log_stream.to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{RUNTIME_API_PORT}")),
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{S3_PORT}")),
    ];
    if let LogFormat::Json { application, .. } = &settings.logging.format {
        set(&mut all, "AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned());
        set(&mut all, "AWS_LAMBDA_LOG_LEVEL", application.clone());
    }
    if deployment.function.image.is_none() {
        set(&mut all, "_HANDLER", settings.handler.clone());
    }
    for (name, value) in computed {
        set(&mut all, name, value);
    }
    all.into_iter().collect()
}

fn set(all: &mut BTreeMap<String, String>, name: &str, value: String) {
    if !(OVERRIDABLE.contains(&name) && all.contains_key(name)) {
        all.insert(name.to_owned(), value);
    }
}
