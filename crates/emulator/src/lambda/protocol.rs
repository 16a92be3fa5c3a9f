//! The requests and answers of Lambda's control plane, as they travel.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `CreateFunction`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateFunction {
    pub(crate) function_name: String,
    pub(crate) role: Option<String>,
    pub(crate) code: CodeSource,
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) package_type: Option<String>,
    pub(crate) architectures: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) publish: bool,
    #[serde(flatten)]
    pub(crate) settings: Settings,
    #[serde(flatten)]
    pub(crate) others: Others,
}

/// Members of a request that nothing here reads.
pub(crate) type Others = BTreeMap<String, serde_json::Value>;

/// What `CreateFunction` and `UpdateFunctionConfiguration` have in common.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Settings {
    pub(crate) runtime: Option<String>,
    pub(crate) handler: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) timeout: Option<i64>,
    pub(crate) memory_size: Option<i64>,
    pub(crate) environment: Option<Environment>,
    pub(crate) layers: Option<Vec<String>>,
    pub(crate) ephemeral_storage: Option<EphemeralStorage>,
    pub(crate) logging_config: Option<LoggingConfig>,
    pub(crate) vpc_config: Option<serde_json::Value>,
    pub(crate) file_system_configs: Option<Vec<serde_json::Value>>,
    pub(crate) image_config: Option<ImageConfig>,
    pub(crate) snap_start: Option<SnapStart>,
}

/// `UpdateFunctionConfiguration`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateConfiguration {
    pub(crate) role: Option<String>,
    pub(crate) revision_id: Option<String>,
    #[serde(flatten)]
    pub(crate) settings: Settings,
    #[serde(flatten)]
    pub(crate) others: Others,
}

/// `UpdateFunctionCode`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateCode {
    #[serde(flatten)]
    pub(crate) code: CodeSource,
    pub(crate) architectures: Option<Vec<String>>,
    pub(crate) revision_id: Option<String>,
    #[serde(default)]
    pub(crate) publish: bool,
    #[serde(default)]
    pub(crate) dry_run: bool,
    #[serde(flatten)]
    pub(crate) others: Others,
}

/// Where a zip or image comes from.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct CodeSource {
    #[serde(rename = "ZipFile")]
    pub(crate) zip_file: Option<String>,
    #[serde(rename = "S3Bucket")]
    pub(crate) s3_bucket: Option<String>,
    #[serde(rename = "S3Key")]
    pub(crate) s3_key: Option<String>,
    #[serde(rename = "ImageUri")]
    pub(crate) image_uri: Option<String>,
    #[serde(rename = "S3ObjectVersion")]
    pub(crate) s3_object_version: Option<String>,
    #[serde(rename = "SourceKMSKeyArn")]
    pub(crate) source_kms_key: Option<String>,
}

/// `PublishLayerVersion`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublishLayerVersion {
    pub(crate) description: Option<String>,
    pub(crate) content: CodeSource,
    pub(crate) compatible_runtimes: Option<Vec<String>>,
    pub(crate) compatible_architectures: Option<Vec<String>>,
    pub(crate) license_info: Option<String>,
}

/// `PutFunctionConcurrency`, and its answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Concurrency {
    pub(crate) reserved_concurrent_executions: u32,
}

/// `TagResource`, and the answer of `ListTags`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tags {
    pub(crate) tags: BTreeMap<String, String>,
}

/// Environment variables.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Environment {
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
}

/// The size of `/tmp` in MB.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EphemeralStorage {
    pub(crate) size: i64,
}

/// How and where a function logs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LoggingConfig {
    pub(crate) log_format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) application_log_level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) system_log_level: Option<String>,
    pub(crate) log_group: Option<String>,
}

/// What is to be started in a container image, where it is not what the image says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageConfig {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) entry_point: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) command: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) working_directory: Option<String>,
}

/// [`ImageConfig`] as a function's configuration shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageConfigResponse {
    pub(crate) image_config: ImageConfig,
}

/// Whether snapshots are used.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SnapStart {
    pub(crate) apply_on: String,
}

/// A function as clients see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionConfiguration {
    pub(crate) function_name: String,
    pub(crate) function_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) runtime: Option<String>,
    pub(crate) role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handler: Option<String>,
    pub(crate) code_size: u64,
    pub(crate) description: String,
    pub(crate) timeout: u32,
    pub(crate) memory_size: u32,
    pub(crate) last_modified: String,
    pub(crate) code_sha256: String,
    pub(crate) version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<Environment>,
    pub(crate) tracing_config: TracingConfig,
    pub(crate) revision_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) layers: Vec<LayerReference>,
    pub(crate) state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state_reason_code: Option<&'static str>,
    pub(crate) last_update_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_update_status_reason: Option<String>,
    pub(crate) package_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image_config_response: Option<ImageConfigResponse>,
    pub(crate) architectures: [String; 1],
    pub(crate) ephemeral_storage: EphemeralStorage,
    pub(crate) snap_start: SnapStartState,
    pub(crate) logging_config: LoggingConfig,
}

/// Tracing is never on here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TracingConfig {
    pub(crate) mode: &'static str,
}

/// Snapshots are never used here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SnapStartState {
    pub(crate) apply_on: &'static str,
    pub(crate) optimization_status: &'static str,
}

/// A layer as a function's configuration names it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LayerReference {
    pub(crate) arn: String,
    pub(crate) code_size: u64,
}

/// The answer of `GetFunction`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Function {
    pub(crate) configuration: FunctionConfiguration,
    pub(crate) code: CodeLocation,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) concurrency: Option<Concurrency>,
}

/// Where code came from. There is no link to fetch it with: only what was
/// unpacked is kept.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CodeLocation {
    pub(crate) repository_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resolved_image_uri: Option<String>,
}

/// The answer of `ListFunctions`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Functions {
    pub(crate) functions: Vec<FunctionConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_marker: Option<String>,
}

/// The answer of `ListVersionsByFunction`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Versions {
    pub(crate) versions: [FunctionConfiguration; 1],
}

/// The answer of `GetAccountSettings`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountSettings {
    pub(crate) account_limit: AccountLimit,
    pub(crate) account_usage: AccountUsage,
}

/// What the account may have.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountLimit {
    pub(crate) total_code_size: u64,
    pub(crate) code_size_unzipped: u64,
    pub(crate) code_size_zipped: usize,
    pub(crate) concurrent_executions: u32,
    pub(crate) unreserved_concurrent_executions: u32,
}

/// What the account has.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountUsage {
    pub(crate) total_code_size: u64,
    pub(crate) function_count: usize,
}

/// A layer version as clients see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LayerVersion {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<LayerContent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) layer_arn: Option<String>,
    pub(crate) layer_version_arn: String,
    pub(crate) description: String,
    pub(crate) created_date: String,
    pub(crate) version: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) compatible_runtimes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) compatible_architectures: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) license_info: Option<String>,
}

/// What a layer version holds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LayerContent {
    pub(crate) code_sha256: String,
    pub(crate) code_size: u64,
}

/// The answer of `ListLayerVersions`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LayerVersions {
    pub(crate) layer_versions: Vec<LayerVersion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_marker: Option<String>,
}

/// The answer of `ListLayers`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Layers {
    pub(crate) layers: Vec<Layer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_marker: Option<String>,
}

/// A layer with its newest version.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Layer {
    pub(crate) layer_name: String,
    pub(crate) layer_arn: String,
    pub(crate) latest_matching_version: LayerVersion,
}
