//! Container images as they lie on this machine: read, checked and unpacked, without any daemon.
//!
//! An image is an OCI layout (a folder, or an archive of one) or what `docker save` writes. Its
//! address is `oci:PATH`, with `:TAG` behind it where the layout holds several; `oci-archive:PATH`
//! and `docker-archive:PATH` are other words for the same. Nothing is fetched from a registry.

mod manifest;
mod rooted;
mod store;
mod unpack;

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::Architecture;
use manifest::Manifest;
use store::Store;

/// What Lambda allows for an image, unpacked.
const UNPACKED_LIMIT: u64 = 10 << 30;
const SCHEMES: [&str; 3] = ["oci:", "oci-archive:", "docker-archive:"];

/// Why an image cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImageError {
    #[error(
        "{0:?} is not the address of an image on this machine: write oci:/path/to/a/layout/or/archive, with :TAG behind it where there are several images (nothing is fetched from a registry)"
    )]
    Address(String),
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: {problem}", path.display())]
    Wrong { path: PathBuf, problem: String },
}

/// How an image is started, as it says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Start {
    pub(crate) entry_point: Vec<String>,
    pub(crate) command: Vec<String>,
    pub(crate) directory: String,
    pub(crate) environment: Vec<(String, String)>,
}

/// An image that was found and looked at.
#[derive(Debug)]
pub(crate) struct Image {
    /// Of its manifest, in hexadecimal.
    pub(crate) digest: String,
    pub(crate) start: Start,
    store: Store,
    manifest: Manifest,
}

impl Image {
    /// Finds the image of that address for that architecture.
    pub(crate) fn find(address: &str, architecture: Architecture) -> Result<Self, ImageError> {
        let (path, tag) = place(address)?;
        let store = Store::open(&path)?;
        let (digest, manifest, start) = manifest::find(&store, tag.as_deref(), architecture)?;
        Ok(Self { digest, start, store, manifest })
    }

    /// Unpacks it into `into`, as a whole or not at all.
    pub(crate) fn unpack(&self, into: &Path) -> Result<(), ImageError> {
        if into.is_dir() {
            return Ok(());
        }
        let reading = |path: &Path| {
            let path = path.to_owned();
            move |source| ImageError::Read { path, source }
        };
        let parent = into.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(reading(parent))?;
        let part = tempfile::Builder::new().prefix("part-").tempdir_in(parent);
        let part = part.map_err(reading(parent))?;
        let root = part.path().join("root");
        unpack::unpack(&self.store, &self.manifest, &root, UNPACKED_LIMIT)?;
        match fs::rename(&root, into) {
            // Another function of the same image was quicker.
            Err(_) if into.is_dir() => Ok(()),
            renamed => renamed.map_err(reading(into)),
        }
    }
}

/// The path and the tag that an address names. A file of the whole name comes before a tag.
fn place(address: &str) -> Result<(PathBuf, Option<String>), ImageError> {
    let named = SCHEMES.iter().find_map(|scheme| address.strip_prefix(scheme));
    let named = named.filter(|path| path.starts_with('/'));
    let named = named.ok_or_else(|| ImageError::Address(address.to_owned()))?;
    if Path::new(named).exists() {
        return Ok((named.into(), None));
    }
    match named.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => Ok((path.into(), Some(tag.to_owned()))),
        _ => Ok((named.into(), None)),
    }
}
