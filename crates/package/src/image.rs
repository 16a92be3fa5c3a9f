//! Container images of functions, made without a container engine: our own root or another's, the
//! layers that a zip would have at /opt, and the code at /var/task.
//!
//! The same content gives the same bytes: entries are sorted, belong to root, have the time zero
//! and one of two modes, and neither gzip's header nor the configuration names a time.
//! Layers are gzip and never Zstandard, and there is a manifest for one machine and no index:
//! that is what Lambda takes.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use photofinish_runtimes::Runtime;
use photofinish_study::{Architecture, Digest};
use serde_json::{Value, json};

use crate::error::Error;
use crate::limits::check_image;
use crate::package::Package;
use crate::tree::Tree;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";
const REF_NAME: &str = "org.opencontainers.image.ref.name";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// Where Lambda has the code, the layers and the runtime interface client.
const TASK: &str = "var/task";
const LAYERS: &str = "opt";
const RUNTIME: &str = "var/runtime";
/// What a custom runtime's zip begins with.
const PROGRAM: &str = "bootstrap";
/// The authorities that TLS believes, and under which licence their list is.
const CERTIFICATES: [&str; 2] = ["etc/ssl/certs", "usr/share/doc/ca-certificates"];
/// Of these a sandbox has its own, so that only the folders are in the image.
const SANDBOXES_OWN: [&str; 5] = ["proc", "sys", "dev", "tmp", "run"];

/// Bytes of an image under the name of their hash, as registries keep them.
#[derive(Debug, Clone)]
pub struct Blob {
    /// What they are, in the words of the OCI image specification.
    pub media_type: &'static str,
    /// The bytes.
    pub bytes: Arc<[u8]>,
    sha256: Digest,
}

impl Blob {
    fn new(media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self { media_type, sha256: Digest::of(&bytes), bytes: bytes.into() }
    }

    /// Their name: `sha256:` and the hash.
    #[must_use]
    pub fn digest(&self) -> String {
        format!("sha256:{}", self.sha256)
    }

    fn descriptor(&self) -> Value {
        json!({"mediaType": self.media_type, "digest": self.digest(), "size": self.bytes.len()})
    }
}

/// One layer of an image.
#[derive(Debug, Clone)]
pub struct ImageLayer {
    /// The compressed archive.
    pub blob: Blob,
    /// Bytes of all files in it.
    pub unpacked_size: u64,
    /// The name of the archive when it is not compressed.
    diff_id: String,
}

impl ImageLayer {
    fn of(tree: Tree) -> Result<Self, Error> {
        let unpacked_size = tree.size();
        let (compressed, plain) = tree.finish()?;
        Ok(Self::compressed(compressed, unpacked_size, &plain))
    }

    pub(crate) fn compressed(bytes: Vec<u8>, unpacked_size: u64, plain: &Digest) -> Self {
        Self { blob: Blob::new(LAYER, bytes), unpacked_size, diff_id: format!("sha256:{plain}") }
    }
}

/// The root of every image of an architecture: Python, what it needs and the runtime interface
/// client. It is made once for all functions.
pub fn base_layer(runtime: &Runtime) -> Result<ImageLayer, Error> {
    let mut tree = Tree::new();
    tree.add_folder(&runtime.root, "", &[&SANDBOXES_OWN[..], &[RUNTIME]].concat())?;
    tree.add_folder(&runtime.var_runtime, RUNTIME, &[])?;
    ImageLayer::of(tree)
}

/// The root of a static program: whom to trust, and folders.
pub fn bare_layer(runtime: &Runtime) -> Result<ImageLayer, Error> {
    let mut tree = Tree::new();
    for folder in SANDBOXES_OWN {
        tree.add_folder(&runtime.root.join(folder), folder, &[folder])?;
    }
    for folder in CERTIFICATES {
        tree.add_folders_above(&format!("{folder}/"));
        tree.add_folder(&runtime.root.join(folder), folder, &[])?;
    }
    ImageLayer::of(tree)
}

/// What a zip layer holds, as a layer of an image.
pub fn library_layer(package: &Package) -> Result<ImageLayer, Error> {
    from_package(package, LAYERS)
}

/// What a function's zip holds, as a layer of an image.
pub fn code_layer(package: &Package) -> Result<ImageLayer, Error> {
    from_package(package, TASK)
}

fn from_package(package: &Package, at: &str) -> Result<ImageLayer, Error> {
    let mut tree = Tree::new();
    tree.add_package(package, at)?;
    ImageLayer::of(tree)
}

/// How an image is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    pub(crate) entry_point: Vec<String>,
    pub(crate) command: Vec<String>,
    pub(crate) folder: String,
    pub(crate) environment: Vec<String>,
}

impl Start {
    /// By the runtime interface client on our own root, for a function that is called by `handler`.
    #[must_use]
    pub fn of_runtime(runtime: &Runtime, handler: &str) -> Self {
        let mut entry_point = runtime.bootstrap(handler);
        let command = entry_point.pop().into_iter().collect();
        Self { entry_point, command, ..Self::in_task(&[]) }
    }

    /// By the function's own static program, which reads its handler as on a custom runtime.
    #[must_use]
    pub fn of_program(handler: &str) -> Self {
        let entry_point = vec![format!("/{TASK}/{PROGRAM}")];
        let command = vec![handler.to_owned()];
        Self { entry_point, command, ..Self::in_task(&[format!("_HANDLER={handler}")]) }
    }

    fn in_task(more: &[String]) -> Self {
        let usual = [
            "PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin".to_owned(),
            "LANG=C.UTF-8".to_owned(),
            format!("LAMBDA_TASK_ROOT=/{TASK}"),
            format!("LAMBDA_RUNTIME_DIR=/{RUNTIME}"),
        ];
        let environment = usual.iter().chain(more).cloned().collect();
        let folder = format!("/{TASK}");
        Self { entry_point: Vec::new(), command: Vec::new(), folder, environment }
    }
}

/// A whole image.
#[derive(Debug, Clone)]
pub struct Image {
    /// What it runs on.
    pub architecture: Architecture,
    /// Its layers, the lowest first.
    pub layers: Vec<ImageLayer>,
    /// How it is started, and what its layers are when they are unpacked.
    pub configuration: Blob,
    /// What it is made of; its digest is the image's.
    pub manifest: Blob,
}

impl Image {
    /// Puts layers together, the lowest first.
    pub fn new(
        architecture: Architecture,
        layers: Vec<ImageLayer>,
        start: &Start,
    ) -> Result<Self, Error> {
        check_image(layers.iter().map(|layer| layer.unpacked_size).sum())?;
        let configuration = json!({
            "architecture": oci_name(architecture),
            "os": "linux",
            "config": {
                "Entrypoint": start.entry_point,
                "Cmd": start.command,
                "WorkingDir": start.folder,
                "Env": start.environment,
            },
            "rootfs": {
                "type": "layers",
                "diff_ids": layers.iter().map(|layer| &layer.diff_id).collect::<Vec<_>>(),
            },
        });
        let configuration = Blob::new(CONFIGURATION, configuration.to_string().into_bytes());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": configuration.descriptor(),
            "layers": layers.iter().map(|layer| layer.blob.descriptor()).collect::<Vec<_>>(),
        });
        let manifest = Blob::new(MANIFEST, manifest.to_string().into_bytes());
        Ok(Self { architecture, layers, configuration, manifest })
    }

    /// The name of this very image: the digest of its manifest.
    #[must_use]
    pub fn digest(&self) -> String {
        self.manifest.digest()
    }

    /// All that a registry must hold before it takes the manifest.
    pub fn blobs(&self) -> impl Iterator<Item = &Blob> {
        self.layers.iter().map(|layer| &layer.blob).chain([&self.configuration])
    }

    /// The digest as files and tables have it, with nothing before it.
    #[must_use]
    pub fn sha256(&self) -> &Digest {
        &self.manifest.sha256
    }

    fn described(&self) -> Value {
        let mut described = self.manifest.descriptor();
        described["platform"] = json!({"architecture": oci_name(self.architecture), "os": "linux"});
        described["annotations"] = json!({REF_NAME: self.sha256()});
        described
    }
}

/// Writes images as one OCI layout, each under its own hash as its tag. What several share is
/// there once, and blobs that are there already are left.
pub fn write_layout<'a>(
    folder: &Path,
    images: impl IntoIterator<Item = &'a Image>,
) -> Result<(), Error> {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).map_err(Error::file("make the folder", &blobs))?;
    let mut described = Vec::new();
    for image in images {
        for blob in image.blobs().chain([&image.manifest]) {
            let path = blobs.join(blob.sha256.as_str());
            if fs::metadata(&path).is_ok_and(|there| there.len() == blob.bytes.len() as u64) {
                continue;
            }
            fs::write(&path, &blob.bytes).map_err(Error::file("write", &path))?;
        }
        let image = image.described();
        if !described.contains(&image) {
            described.push(image);
        }
    }
    let index = json!({"schemaVersion": 2, "manifests": described}).to_string();
    let version = json!({"imageLayoutVersion": "1.0.0"}).to_string();
    for (name, text) in [("oci-layout", version), ("index.json", index)] {
        let path = folder.join(name);
        fs::write(&path, text).map_err(Error::file("write", &path))?;
    }
    Ok(())
}

pub(crate) fn oci_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "amd64",
        Architecture::Arm64 => "arm64",
    }
}
