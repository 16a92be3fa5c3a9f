//! Who answers: read once, and reported beside every return value.

use serde::Serialize;

/// In the attribute names of the inspector, which does not come along with a custom runtime.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    log_stream_name: Option<String>,
    cpu_model: Option<String>,
    initialization_type: Option<String>,
}

impl Identity {
    pub fn from_environment() -> Self {
        let variable = |name| std::env::var(name).ok();
        Self {
            log_stream_name: variable("AWS_LAMBDA_LOG_STREAM_NAME"),
            cpu_model: std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| model(&text)),
            initialization_type: variable("AWS_LAMBDA_INITIALIZATION_TYPE"),
        }
    }
}

/// The processor's name; Arm's kernel gives numbers where x86's gives a name.
fn model(cpuinfo: &str) -> Option<String> {
    let value = |wanted: &str| {
        let mut fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(key, _)| key.trim() == wanted).map(|(_, value)| value.trim())
    };
    if let Some(name) = value("model name") {
        return Some(name.to_owned());
    }
    let part = value("CPU part")?;
    let name = match part {
        "0xd08" => "Cortex-A72",
        "0xd0c" => "Neoverse-N1",
        "0xd40" => "Neoverse-V1",
        "0xd49" => "Neoverse-N2",
        "0xd4f" => "Neoverse-V2",
        _ => return Some(format!("ARM part {part}")),
    };
    Some(name.to_owned())
}
