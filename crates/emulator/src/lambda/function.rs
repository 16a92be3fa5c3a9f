//! A function as it is kept on disk, and as clients see it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::arn::{Arns, LayerVersionName};
use super::logging::Logging;
use super::protocol::{
    CodeLocation, Environment, EphemeralStorage, FunctionConfiguration, ImageConfig,
    ImageConfigResponse, LayerReference, SnapStartState, TracingConfig,
};
use crate::archive::replace_file;
use crate::config::Architecture;
use crate::error::Error;
use crate::image::Start;

pub(crate) const FORMAT: u32 = 1;

/// One function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FunctionRecord {
    pub(crate) format: u32,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) code: CodeRecord,
    /// The container image that it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<ImageRecord>,
    pub(crate) architecture: Architecture,
    pub(crate) settings: FunctionSettings,
    pub(crate) last_modified: String,
    pub(crate) revision_id: String,
    pub(crate) state: State,
    pub(crate) last_update: LastUpdate,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) reserved_concurrency: Option<u32>,
}

/// What `UpdateFunctionConfiguration` may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FunctionSettings {
    pub(crate) runtime: String,
    pub(crate) handler: String,
    pub(crate) description: String,
    pub(crate) timeout_s: u32,
    pub(crate) memory_mb: u32,
    pub(crate) tmp_mb: u32,
    pub(crate) environment: Option<BTreeMap<String, String>>,
    pub(crate) layers: Vec<LayerUse>,
    #[serde(default)]
    pub(crate) logging: Logging,
    /// What of its image's start is overridden.
    #[serde(default)]
    pub(crate) image_config: ImageConfig,
}

/// A layer version that a function uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerUse {
    pub(crate) layer: String,
    pub(crate) version: u64,
    pub(crate) sha256: String,
    pub(crate) zip_bytes: u64,
    pub(crate) unpacked_bytes: u64,
}

/// The code package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeRecord {
    pub(crate) sha256: String,
    pub(crate) zip_bytes: u64,
}

/// A container image. Its digest is the function's `sha256`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImageRecord {
    pub(crate) address: String,
    pub(crate) start: Start,
}

/// Whether the function can be invoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Pending,
    Active,
    Failed(String),
}

/// How the last update went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LastUpdate {
    InProgress,
    Successful,
    Failed(String),
}

impl FunctionRecord {
    /// As `GetFunctionConfiguration` shows it.
    pub(crate) fn configuration(&self, arns: &Arns) -> FunctionConfiguration {
        let settings = &self.settings;
        let zipped = self.image.is_none();
        let (state, state_reason, state_reason_code) = match &self.state {
            State::Pending => {
                ("Pending", Some("The function is being created.".to_owned()), Some("Creating"))
            }
            State::Active => ("Active", None, None),
            State::Failed(reason) => ("Failed", Some(reason.clone()), Some("InternalError")),
        };
        let (last_update_status, last_update_status_reason) = match &self.last_update {
            LastUpdate::InProgress => ("InProgress", None),
            LastUpdate::Successful => ("Successful", None),
            LastUpdate::Failed(reason) => ("Failed", Some(reason.clone())),
        };
        FunctionConfiguration {
            function_name: self.name.clone(),
            function_arn: arns.function(&self.name),
            runtime: zipped.then(|| settings.runtime.clone()),
            role: self.role.clone(),
            handler: zipped.then(|| settings.handler.clone()),
            code_size: self.code.zip_bytes,
            description: settings.description.clone(),
            timeout: settings.timeout_s,
            memory_size: settings.memory_mb,
            last_modified: self.last_modified.clone(),
            code_sha256: if zipped {
                base64_of_hex(&self.code.sha256)
            } else {
                self.code.sha256.clone()
            },
            version: "$LATEST",
            environment: settings.environment.clone().map(|variables| Environment { variables }),
            tracing_config: TracingConfig { mode: "PassThrough" },
            revision_id: self.revision_id.clone(),
            layers: settings.layers.iter().map(|used| layer_reference(used, arns)).collect(),
            state,
            state_reason,
            state_reason_code,
            last_update_status,
            last_update_status_reason,
            package_type: if zipped { "Zip" } else { "Image" },
            image_config_response: (settings.image_config != ImageConfig::default())
                .then(|| ImageConfigResponse { image_config: settings.image_config.clone() }),
            architectures: [self.architecture.to_string()],
            ephemeral_storage: EphemeralStorage { size: i64::from(settings.tmp_mb) },
            snap_start: SnapStartState { apply_on: "None", optimization_status: "Off" },
            logging_config: settings.logging.configuration(&self.name),
        }
    }

    /// Where its code came from, as `GetFunction` shows it.
    pub(crate) fn location(&self) -> CodeLocation {
        match &self.image {
            None => {
                CodeLocation { repository_type: "S3", image_uri: None, resolved_image_uri: None }
            }
            Some(image) => CodeLocation {
                repository_type: "ECR",
                image_uri: Some(image.address.clone()),
                resolved_image_uri: Some(format!("{}@sha256:{}", image.address, self.code.sha256)),
            },
        }
    }

    /// Where its code or image lies in the data folder, unpacked.
    pub(crate) fn content(&self, data: &Path) -> PathBuf {
        match self.image {
            None => code_path(&data.join("functions"), &self.name, &self.code.sha256),
            Some(_) => data.join("images").join(&self.code.sha256),
        }
    }

    /// Writes the record into its folder.
    pub(crate) fn save(&self, functions: &Path) -> Result<(), Error> {
        let path = record_path(functions, &self.name);
        let text = serde_json::to_vec_pretty(self).expect("a record has only string keys");
        replace_file(&path, &text).map_err(Error::data("write this function's record", path))
    }
}

/// Where a function's code lies, unpacked.
fn code_path(functions: &Path, name: &str, sha256: &str) -> PathBuf {
    functions.join(name).join("code").join(sha256)
}

fn record_path(functions: &Path, name: &str) -> PathBuf {
    functions.join(name).join("function.json")
}

fn layer_reference(used: &LayerUse, arns: &Arns) -> LayerReference {
    let name = LayerVersionName { layer: used.layer.clone(), version: used.version };
    LayerReference { arn: arns.layer_version(&name), code_size: used.zip_bytes }
}

/// Lambda shows hashes in base64, file names want hexadecimal.
pub(crate) fn base64_of_hex(sha256: &str) -> String {
    use base64::Engine;
    let bytes = hex::decode(sha256).unwrap_or_default();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Reads all functions of a data folder. One whose unpacking was cut short by
/// the end of the process is shown as failed rather than lost.
pub(crate) fn load_all(data: &Path) -> Result<BTreeMap<String, FunctionRecord>, Error> {
    let functions = &data.join("functions");
    let mut found = BTreeMap::new();
    fs::create_dir_all(functions)
        .map_err(Error::data("make the folder for functions", functions))?;
    for entry in fs::read_dir(functions).map_err(Error::data("list the functions", functions))? {
        let entry = entry.map_err(Error::data("list the functions", functions))?;
        let path = entry.path().join("function.json");
        let Ok(text) = fs::read(&path) else { continue };
        let mut record: FunctionRecord =
            serde_json::from_slice(&text).map_err(|error| Error::Format {
                path: path.clone(),
                problem: format!("not a function's record: {error}"),
            })?;
        if record.format != FORMAT {
            let problem = format!("has format {}, this version reads {FORMAT}", record.format);
            return Err(Error::Format { path, problem });
        }
        settle(&mut record, data);
        remove_other_code(functions, &record);
        found.insert(record.name.clone(), record);
    }
    remove_other_images(data, &found);
    Ok(found)
}

fn settle(record: &mut FunctionRecord, data: &Path) {
    let reason =
        "the emulator was stopped before the code was unpacked: update the code".to_owned();
    let there = record.content(data).is_dir();
    match record.state {
        State::Pending if there => record.state = State::Active,
        State::Pending => record.state = State::Failed(reason.clone()),
        _ => {}
    }
    match record.last_update {
        LastUpdate::InProgress if there => record.last_update = LastUpdate::Successful,
        LastUpdate::InProgress => record.last_update = LastUpdate::Failed(reason),
        _ => {}
    }
}

/// Code that was replaced while sandboxes still ran it is left behind until here.
fn remove_other_code(functions: &Path, record: &FunctionRecord) {
    let Ok(entries) = fs::read_dir(functions.join(&record.name).join("code")) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name() != record.code.sha256.as_str() {
            // What cannot be removed now is tried again at the next start.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// An image that no function is of any more, or that was half unpacked, is removed at a start.
fn remove_other_images(data: &Path, functions: &BTreeMap<String, FunctionRecord>) {
    let used: Vec<PathBuf> = functions.values().map(|record| record.content(data)).collect();
    for entry in fs::read_dir(data.join("images")).into_iter().flatten().flatten() {
        if !used.contains(&entry.path()) {
            // What cannot be removed now is tried again at the next start.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
