//! Layers: published, listed, deleted, and merged into what a guest sees as `/opt`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::arn::{Arns, LayerVersionName};
use super::code;
use super::function::{LayerUse, base64_of_hex};
use super::paging::{page, page_length};
use super::protocol::{
    Layer, LayerContent, LayerVersion, LayerVersions, Layers, PublishLayerVersion,
};
use super::route::parameter;
use super::service::{Lambda, lock};
use crate::archive::{overlay, replace_file};
use crate::clock;
use crate::config::Architecture;
use crate::error::Error;
use crate::fault::Fault;

const FORMAT: u32 = 1;
const LAYERS_A_FUNCTION: usize = 5;

/// One published version of a layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LayerRecord {
    format: u32,
    name: String,
    version: u64,
    description: String,
    created: String,
    sha256: String,
    zip_bytes: u64,
    unpacked_bytes: u64,
    runtimes: Vec<String>,
    architectures: Vec<String>,
    license: Option<String>,
    /// A deleted version keeps its number taken, and functions that use it working.
    deleted: bool,
}

/// All layers by name, their versions by number.
#[derive(Debug, Default)]
pub(crate) struct LayerShelf(BTreeMap<String, BTreeMap<u64, LayerRecord>>);

impl LayerShelf {
    /// Reads all layers of a data folder.
    pub(crate) fn load(folder: &Path) -> Result<Self, Error> {
        let mut shelf = Self::default();
        fs::create_dir_all(folder).map_err(Error::data("make the folder for layers", folder))?;
        for layer in entries(folder)? {
            for version in entries(&layer)? {
                let path = version.join("layer.json");
                let Ok(text) = fs::read(&path) else { continue };
                let record: LayerRecord =
                    serde_json::from_slice(&text).map_err(|error| Error::Format {
                        path: path.clone(),
                        problem: format!("not a layer's record: {error}"),
                    })?;
                if record.format != FORMAT {
                    let problem =
                        format!("has format {}, this version reads {FORMAT}", record.format);
                    return Err(Error::Format { path, problem });
                }
                shelf.0.entry(record.name.clone()).or_default().insert(record.version, record);
            }
        }
        Ok(shelf)
    }

    fn get(&self, name: &LayerVersionName) -> Option<&LayerRecord> {
        self.0.get(&name.layer)?.get(&name.version).filter(|record| !record.deleted)
    }

    /// The bytes of all packages that are kept.
    pub(crate) fn zip_bytes(&self) -> u64 {
        let all = self.0.values().flat_map(BTreeMap::values);
        all.filter(|record| !record.deleted).map(|record| record.zip_bytes).sum()
    }

    /// The versions a function asks for, in its order.
    pub(crate) fn uses(
        &self,
        asked: &[String],
        architecture: Architecture,
        arns: &Arns,
    ) -> Result<Vec<LayerUse>, Fault> {
        if asked.len() > LAYERS_A_FUNCTION {
            return Err(Fault::invalid_parameter(
                "Layers consumed by the function exceed the limit of 5 layers.",
            ));
        }
        let mut uses: Vec<LayerUse> = Vec::new();
        for arn in asked {
            let name = arns.parse_layer_version(arn)?;
            let record = self.get(&name).ok_or_else(|| {
                Fault::invalid_parameter(format!("Layer version {arn} does not exist."))
            })?;
            if !record.architectures.is_empty()
                && !record.architectures.contains(&architecture.to_string())
            {
                return Err(Fault::invalid_parameter(format!(
                    "Layer version {arn} is for {}, and the function is for {architecture}.",
                    record.architectures.join(", ")
                )));
            }
            if uses.iter().any(|used| used.layer == name.layer) {
                return Err(Fault::invalid_parameter(format!(
                    "Two different versions of the same layer are not allowed to be referenced in the same function. {arn} is one of them"
                )));
            }
            uses.push(LayerUse {
                layer: name.layer,
                version: name.version,
                sha256: record.sha256.clone(),
                zip_bytes: record.zip_bytes,
                unpacked_bytes: record.unpacked_bytes,
            });
        }
        Ok(uses)
    }
}

impl Lambda {
    pub(crate) async fn publish_layer_version(
        &self,
        name: &str,
        request: PublishLayerVersion,
    ) -> Result<LayerVersion, Fault> {
        let name = self.arns.parse_layer(name)?;
        let package = code::fetch(request.content, &self.objects, 0).await?;
        let folder = self.layers_folder();
        // One at a time: two publishers must not be given one number.
        let _publishing = self.publishing.lock().await;
        self.check_code_storage(package.bytes.len() as u64)?;
        let version = lock(&self.layers)
            .0
            .get(&name)
            .and_then(|versions| versions.keys().next_back())
            .map_or(1, |last| last + 1);
        let into = content_path(&folder, &name, version);
        let (unpacking, zip_bytes, sha256) =
            (package.clone(), package.bytes.len() as u64, package.sha256.clone());
        let unpacked_bytes = tokio::task::spawn_blocking(move || code::unpack(&unpacking, &into))
            .await
            .map_err(|error| Fault::service(format!("unpacking a layer failed: {error}")))?
            .map_err(|error| {
                Fault::invalid_parameter(format!("Could not unzip uploaded file: {error}"))
            })?;
        let record = LayerRecord {
            format: FORMAT,
            name: name.clone(),
            version,
            description: request.description.unwrap_or_default(),
            created: clock::last_modified(),
            sha256,
            zip_bytes,
            unpacked_bytes,
            runtimes: request.compatible_runtimes.unwrap_or_default(),
            architectures: request.compatible_architectures.unwrap_or_default(),
            license: request.license_info,
            deleted: false,
        };
        save(&record, &folder)?;
        let answer = describe(&record, &self.arns, Detail::Whole);
        lock(&self.layers).0.entry(name).or_default().insert(version, record);
        Ok(answer)
    }

    pub(crate) fn get_layer_version(&self, name: &LayerVersionName) -> Result<LayerVersion, Fault> {
        let layers = lock(&self.layers);
        let record = layers.get(name).ok_or_else(|| {
            Fault::not_found(format!(
                "The resource you requested does not exist. ({})",
                self.arns.layer_version(name)
            ))
        })?;
        Ok(describe(record, &self.arns, Detail::Whole))
    }

    pub(crate) fn delete_layer_version(&self, name: &LayerVersionName) -> Result<(), Fault> {
        let mut layers = lock(&self.layers);
        let record =
            layers.0.get_mut(&name.layer).and_then(|versions| versions.get_mut(&name.version));
        let Some(record) = record.filter(|record| !record.deleted) else {
            return Ok(());
        };
        record.deleted = true;
        let folder = self.layers_folder();
        save(record, &folder)?;
        let content = content_path(&folder, &name.layer, name.version);
        fs::remove_dir_all(&content).map_err(Error::data("remove a deleted layer", content))?;
        Ok(())
    }

    pub(crate) fn list_layer_versions(
        &self,
        name: &str,
        query: &str,
    ) -> Result<LayerVersions, Fault> {
        let name = self.arns.parse_layer(name)?;
        let layers = lock(&self.layers);
        let versions = layers.0.get(&name).into_iter().flat_map(BTreeMap::values).rev();
        let wanted = Wanted::of(query);
        // From the newest down: what comes after a marker has a lower number.
        let after = match parameter(query, "Marker") {
            Some(marker) => marker.parse().map_err(|_| invalid_marker(&marker))?,
            None => u64::MAX,
        };
        let records = versions.filter(|record| wanted.has(record) && record.version < after);
        let (shown, next) = page(records, page_length(query)?);
        let layer_versions =
            shown.iter().map(|record| describe(record, &self.arns, Detail::Listed)).collect();
        Ok(LayerVersions { layer_versions, next_marker: next.map(|last| last.version.to_string()) })
    }

    pub(crate) fn list_layers(&self, query: &str) -> Result<Layers, Fault> {
        let layers = lock(&self.layers);
        let wanted = Wanted::of(query);
        let after = parameter(query, "Marker").unwrap_or_default();
        let newest = layers
            .0
            .iter()
            .filter(|(name, _)| **name > after)
            .filter_map(|(_, versions)| versions.values().rfind(|record| wanted.has(record)));
        let (shown, next) = page(newest, page_length(query)?);
        let layers = shown
            .iter()
            .map(|record| Layer {
                layer_name: record.name.clone(),
                layer_arn: self.arns.layer(&record.name),
                latest_matching_version: describe(record, &self.arns, Detail::Listed),
            })
            .collect();
        Ok(Layers { layers, next_marker: next.map(|last| last.name.clone()) })
    }

    fn layers_folder(&self) -> PathBuf {
        self.data.join("layers")
    }
}

/// Merges layers in their order into one folder that is named after them.
/// Hard links keep a merged folder whole when a layer is deleted later.
pub(crate) fn merge(data: &Path, uses: &[LayerUse]) -> Result<Option<PathBuf>, String> {
    if uses.is_empty() {
        return Ok(None);
    }
    let mut names = Sha256::new();
    for used in uses {
        names.update(format!("{}:{}:{}\n", used.layer, used.version, used.sha256));
    }
    let folder = data.join("opt");
    let into = folder.join(hex::encode(names.finalize()));
    if into.is_dir() {
        return Ok(Some(into));
    }
    let show = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(&folder).map_err(|error| show(&folder, error))?;
    let part = tempfile::Builder::new()
        .prefix("part-")
        .tempdir_in(&folder)
        .map_err(|error| show(&folder, error))?;
    let merged = part.path().join("opt");
    for used in uses {
        let layer = content_path(&data.join("layers"), &used.layer, used.version);
        overlay(&layer, &merged).map_err(|error| show(&layer, error))?;
    }
    match fs::rename(&merged, &into) {
        Ok(()) => Ok(Some(into)),
        // Another function with the same layers was quicker.
        Err(_) if into.is_dir() => Ok(Some(into)),
        Err(error) => Err(show(&into, error)),
    }
}

/// Which layer versions a listing is to show.
struct Wanted {
    runtime: Option<String>,
    architecture: Option<String>,
}

impl Wanted {
    fn of(query: &str) -> Self {
        Self {
            runtime: parameter(query, "CompatibleRuntime"),
            architecture: parameter(query, "CompatibleArchitecture"),
        }
    }

    fn has(&self, record: &LayerRecord) -> bool {
        let among = |asked: &Option<String>, all: &[String]| {
            asked.as_ref().is_none_or(|asked| all.contains(asked))
        };
        !record.deleted
            && among(&self.runtime, &record.runtimes)
            && among(&self.architecture, &record.architectures)
    }
}

fn invalid_marker(marker: &str) -> Fault {
    Fault::invalid_parameter(format!("Marker '{marker}' is none that a listing gave."))
}

enum Detail {
    Whole,
    Listed,
}

fn describe(record: &LayerRecord, arns: &Arns, detail: Detail) -> LayerVersion {
    let whole = matches!(detail, Detail::Whole);
    LayerVersion {
        content: whole.then(|| LayerContent {
            code_sha256: base64_of_hex(&record.sha256),
            code_size: record.zip_bytes,
        }),
        layer_arn: whole.then(|| arns.layer(&record.name)),
        layer_version_arn: arns.layer_version(&LayerVersionName {
            layer: record.name.clone(),
            version: record.version,
        }),
        description: record.description.clone(),
        created_date: record.created.clone(),
        version: record.version,
        compatible_runtimes: record.runtimes.clone(),
        compatible_architectures: record.architectures.clone(),
        license_info: record.license.clone(),
    }
}

fn save(record: &LayerRecord, folder: &Path) -> Result<(), Error> {
    let path = folder.join(&record.name).join(record.version.to_string()).join("layer.json");
    let text = serde_json::to_vec_pretty(record).expect("a record has only string keys");
    replace_file(&path, &text).map_err(Error::data("write this layer's record", path))
}

fn content_path(folder: &Path, name: &str, version: u64) -> PathBuf {
    folder.join(name).join(version.to_string()).join("content")
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let listed = fs::read_dir(folder).map_err(Error::data("list the layers", folder))?;
    listed
        .map(|entry| {
            entry.map(|entry| entry.path()).map_err(Error::data("list the layers", folder))
        })
        .collect()
}

/// A shelf behind a lock, as the service holds it.
pub(crate) type SharedShelf = std::sync::Mutex<LayerShelf>;

/// The objects that code may be fetched from.
pub(crate) type SharedObjects = Arc<crate::s3::ObjectStore>;
