//! From an image's index to its manifest, its configuration and its layers.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::store::Store;
use super::{ImageError, Start};
use crate::config::Architecture;

const REF_NAME: &str = "org.opencontainers.image.ref.name";
const LAYOUT: &str = "index.json";
const SAVED: &str = "manifest.json";
/// An index may name an index, but not for ever.
const DEPTH: usize = 4;

/// What there is to unpack.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) layers: Vec<Layer>,
}

/// One layer.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) file: String,
    /// Of the layer when it is not compressed.
    pub(super) sha256: String,
}

#[derive(Deserialize)]
struct Index {
    manifests: Vec<Descriptor>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    digest: String,
    #[serde(default)]
    media_type: String,
    platform: Option<Platform>,
    #[serde(default)]
    annotations: std::collections::BTreeMap<String, String>,
}

#[derive(Clone, Deserialize)]
struct Platform {
    architecture: String,
    os: String,
}

#[derive(Deserialize)]
struct OciManifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

/// One image of what `docker save` writes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SavedImage {
    config: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
}

#[derive(Deserialize)]
struct Configuration {
    architecture: String,
    os: String,
    #[serde(default)]
    config: Option<Process>,
    rootfs: RootFs,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Process {
    env: Option<Vec<String>>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    working_dir: Option<String>,
}

#[derive(Deserialize)]
struct RootFs {
    diff_ids: Vec<String>,
}

/// The image for that architecture, and of that tag if one is asked for. Gives its digest.
pub(super) fn find(
    store: &Store,
    tag: Option<&str>,
    architecture: Architecture,
) -> Result<(String, Manifest, Start), ImageError> {
    if store.has(LAYOUT) {
        return find_in_layout(store, tag, architecture);
    }
    if store.has(SAVED) {
        return find_saved(store, tag, architecture);
    }
    Err(store
        .wrong(format!("is no OCI layout and no saved image: it has neither {LAYOUT} nor {SAVED}")))
}

fn find_in_layout(
    store: &Store,
    tag: Option<&str>,
    architecture: Architecture,
) -> Result<(String, Manifest, Start), ImageError> {
    let mut index: Index = parse(store, LAYOUT, &store.text(LAYOUT)?)?;
    if let Some(tag) = tag {
        index.manifests.retain(|manifest| {
            manifest.annotations.get(REF_NAME).is_some_and(|name| {
                name == tag || name.rsplit_once(':').is_some_and(|(_, last)| last == tag)
            })
        });
    }
    for _ in 0..DEPTH {
        let chosen = choose(store, &index.manifests, tag, architecture)?;
        let text = blob(store, &chosen.digest)?;
        if chosen.media_type.contains("index") || chosen.media_type.contains("manifest.list") {
            index = parse(store, &chosen.digest, &text)?;
            continue;
        }
        let manifest: OciManifest = parse(store, &chosen.digest, &text)?;
        let configuration = blob(store, &manifest.config.digest)?;
        let files = manifest.layers.iter().map(|layer| blob_name(store, &layer.digest));
        let files = files.collect::<Result<_, _>>()?;
        let (manifest, start) =
            put_together(store, &manifest.config.digest, &configuration, files, architecture)?;
        return Ok((chosen.digest.trim_start_matches("sha256:").to_owned(), manifest, start));
    }
    Err(store.wrong("its index names an index that names an index, and so on"))
}

/// The one that is asked for. What is of no platform at all is an attestation of another.
fn choose(
    store: &Store,
    manifests: &[Descriptor],
    tag: Option<&str>,
    architecture: Architecture,
) -> Result<Descriptor, ImageError> {
    let fits = |manifest: &&Descriptor| {
        manifest.platform.as_ref().is_none_or(|platform| {
            platform.os == "linux" && platform.architecture == oci_name(architecture)
        })
    };
    let fitting: Vec<&Descriptor> = manifests.iter().filter(fits).collect();
    match fitting[..] {
        [one] => Ok(one.clone()),
        [] => Err(store.wrong(match tag {
            Some(tag) => format!("it has no image {tag:?} for {architecture}"),
            None => format!("it has no image for {architecture}"),
        })),
        _ => {
            let tags = fitting.iter().filter_map(|manifest| manifest.annotations.get(REF_NAME));
            let tags: Vec<&str> = tags.map(String::as_str).collect();
            Err(store.wrong(format!(
                "it has several images ({}): name one by :TAG behind the path",
                tags.join(", ")
            )))
        }
    }
}

fn find_saved(
    store: &Store,
    tag: Option<&str>,
    architecture: Architecture,
) -> Result<(String, Manifest, Start), ImageError> {
    let images: Vec<SavedImage> = parse(store, SAVED, &store.text(SAVED)?)?;
    let named = |image: &&SavedImage| {
        let tags = image.repo_tags.iter().flatten();
        tag.is_none_or(|tag| {
            tags.into_iter().any(|name| name.rsplit_once(':').is_some_and(|(_, last)| last == tag))
        })
    };
    let fitting: Vec<&SavedImage> = images.iter().filter(named).collect();
    let [image] = fitting[..] else {
        return Err(store.wrong(format!(
            "it has {} images that this could be: name one by :TAG behind the path",
            fitting.len()
        )));
    };
    let configuration = store.text(&image.config)?;
    let digest = hex::encode(Sha256::digest(&configuration));
    let (manifest, start) =
        put_together(store, &image.config, &configuration, image.layers.clone(), architecture)?;
    Ok((digest, manifest, start))
}

fn put_together(
    store: &Store,
    name: &str,
    configuration: &[u8],
    files: Vec<String>,
    architecture: Architecture,
) -> Result<(Manifest, Start), ImageError> {
    let Configuration { architecture: own, os, config, rootfs } =
        parse(store, name, configuration)?;
    if os != "linux" || own != oci_name(architecture) {
        return Err(store.wrong(format!(
            "the image is for {os}/{own}, and the function is for {architecture}: name its architecture when the function is created"
        )));
    }
    if files.len() != rootfs.diff_ids.len() {
        return Err(store.wrong("its manifest and its configuration name unlike many layers"));
    }
    let layer = |(file, id): (String, &String)| {
        let sha256 = id.strip_prefix("sha256:").map(str::to_owned);
        sha256
            .map(|sha256| Layer { file, sha256 })
            .ok_or_else(|| store.wrong(format!("a layer has the unknown kind of digest {id:?}")))
    };
    let layers = files.into_iter().zip(&rootfs.diff_ids).map(layer).collect::<Result<_, _>>()?;
    let process = config.unwrap_or_default();
    let variables = process.env.unwrap_or_default();
    let variables = variables.iter().filter_map(|variable| variable.split_once('='));
    let start = Start {
        entry_point: process.entrypoint.unwrap_or_default(),
        command: process.cmd.unwrap_or_default(),
        directory: process.working_dir.unwrap_or_default(),
        environment: variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    Ok((Manifest { layers }, start))
}

fn oci_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "amd64",
        Architecture::Arm64 => "arm64",
    }
}

fn blob_name(store: &Store, digest: &str) -> Result<String, ImageError> {
    let hash = digest.strip_prefix("sha256:");
    let hash = hash.filter(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
    hash.map(|hash| format!("blobs/sha256/{hash}"))
        .ok_or_else(|| store.wrong(format!("{digest:?} is no SHA-256 digest")))
}

/// A short blob, which must be what its name says.
fn blob(store: &Store, digest: &str) -> Result<Vec<u8>, ImageError> {
    let name = blob_name(store, digest)?;
    let text = store.text(&name)?;
    if !name.ends_with(&hex::encode(Sha256::digest(&text))) {
        return Err(store.wrong(format!("{name} is not what its digest says")));
    }
    Ok(text)
}

fn parse<T: DeserializeOwned>(store: &Store, name: &str, text: &[u8]) -> Result<T, ImageError> {
    serde_json::from_slice(text).map_err(|error| store.wrong(format!("{name}: {error}")))
}
