//! Pulling an image: its manifest for one architecture, its configuration and its layers, each
//! held against its digest and kept in a folder under it.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use photofinish_study::Architecture;
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde::Deserialize;
use serde_json::Value;

use super::transport::{Answer, Request};
use super::{Reference, Registry, digest_of, sha256_in};
use crate::error::{Error, Kind, Place};

/// What registries are told to answer with, of all the shapes that manifests have.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json";
/// No manifest and no configuration is longer; registries take no longer ones either.
const LONGEST_TEXT: u64 = 4 * 1024 * 1024;
/// No layer is longer: a whole image may have so many bytes on Lambda.
const LONGEST_LAYER: u64 = 10 * 1024 * 1024 * 1024;
/// An index may name an index, but not for ever.
const DEPTH: usize = 3;

/// What one manifest names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What it is.
    pub media_type: String,
    /// The hash of its bytes, after `sha256:`.
    pub digest: String,
    /// How many they are.
    pub size: u64,
    #[serde(default)]
    platform: Option<Platform>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Platform {
    architecture: String,
    os: String,
}

/// An image as it lies in a folder now.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// Of its manifest.
    pub digest: String,
    /// Its configuration: how it is started, and what its layers are when they are unpacked.
    pub configuration: Value,
    /// Its layers, the lowest first, and where each is kept.
    pub layers: Vec<(Descriptor, PathBuf)>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    manifests: Vec<Descriptor>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

impl Registry {
    /// Pulls the image that a reference names for one architecture. What the folder holds is not
    /// fetched again, so an image that is named by its digest is asked for once; what is not what
    /// its digest says is not kept.
    pub async fn pull(
        &self,
        reference: &Reference,
        architecture: Architecture,
        folder: &Path,
    ) -> Result<Pulled, Error> {
        let at = Place::new("pull", format!("image `{reference}` for {architecture}"));
        std::fs::create_dir_all(folder).map_err(|error| unkept(&at, folder, &error))?;
        let mut version = reference.version().to_owned();
        for _ in 0..DEPTH {
            let (digest, manifest) = self.manifest(&at, &version, folder).await?;
            let Some(config) = &manifest.config else {
                version = chosen(&at, &manifest.manifests, architecture)?;
                continue;
            };
            let configuration = self.blob(&at, config, LONGEST_TEXT, folder).await?;
            let configuration = std::fs::read(&configuration)
                .map_err(|error| unkept(&at, &configuration, &error))?;
            let mut layers = Vec::new();
            for layer in &manifest.layers {
                layers.push((layer.clone(), self.blob(&at, layer, LONGEST_LAYER, folder).await?));
            }
            return Ok(Pulled { digest, configuration: read(&at, &configuration)?, layers });
        }
        Err(Error::new(at, Kind::Other, "its index names an index, and so on"))
    }

    async fn manifest(
        &self,
        at: &Place,
        version: &str,
        folder: &Path,
    ) -> Result<(String, Manifest), Error> {
        let wanted = sha256_in(version).map(|hash| (version, folder.join(hash)));
        if let Some((digest, path)) = &wanted
            && let Ok(bytes) = std::fs::read(path)
            && digest_of(&bytes) == **digest
        {
            return Ok((version.to_owned(), read(at, &bytes)?));
        }
        let url = self.address(&format!("manifests/{version}"));
        let digest = wanted.as_ref().map(|(digest, _)| *digest);
        let (answer, bytes) = self.bytes(at, &url, Some(MANIFESTS), LONGEST_TEXT, digest).await?;
        let found = digest_of(&bytes);
        if let Some(said) = answer.header("docker-content-digest")
            && said != found
        {
            let cause = format!("the manifest is {found}, and the registry calls it {said}");
            return Err(Error::new(at.clone(), Kind::Other, cause));
        }
        if let Some(hash) = sha256_in(&found) {
            keep(at, folder, hash, &bytes)?;
        }
        Ok((found, read(at, &bytes)?))
    }

    /// Where the bytes are that a manifest names.
    async fn blob(
        &self,
        at: &Place,
        blob: &Descriptor,
        longest: u64,
        folder: &Path,
    ) -> Result<PathBuf, Error> {
        let Some(hash) = sha256_in(&blob.digest).filter(|_| blob.size <= longest) else {
            let cause = format!("it names {} of {} bytes", blob.digest, blob.size);
            return Err(Error::new(at.clone(), Kind::Other, cause));
        };
        let path = folder.join(hash);
        if std::fs::metadata(&path).is_ok_and(|there| there.len() == blob.size) {
            return Ok(path);
        }
        let url = self.address(&format!("blobs/{}", blob.digest));
        let bytes = self.bytes(at, &url, None, blob.size, Some(&blob.digest)).await?.1;
        keep(at, folder, hash, &bytes)
    }

    /// All bytes at an address, which must be what the digest says where there is one.
    async fn bytes(
        &self,
        at: &Place,
        url: &str,
        accept: Option<&str>,
        longest_answer: u64,
        digest: Option<&str>,
    ) -> Result<(Answer, Bytes), Error> {
        let accept = accept.map(|accept| (ACCEPT.as_str(), accept));
        let headers: Vec<_> = accept.into_iter().collect();
        self.persistence
            .persist(at.clone(), || async {
                let (method, body) = (Method::GET, Bytes::new());
                let request = Request { method, url, headers: &headers, body, longest_answer };
                let mut answer = self.ask(at, &request).await?;
                if answer.status != 200 {
                    return Err(answer.refusal(at));
                }
                let bytes = Bytes::from(std::mem::take(&mut answer.body));
                let found = digest_of(&bytes);
                match digest {
                    Some(wanted) if wanted != found => {
                        let cause = format!("what should be {wanted} is {found}");
                        Err(Error::new(at.clone(), Kind::Other, cause))
                    }
                    _ => Ok((answer, bytes)),
                }
            })
            .await
    }
}

/// The image of an index that is for this architecture.
fn chosen(
    at: &Place,
    manifests: &[Descriptor],
    architecture: Architecture,
) -> Result<String, Error> {
    let wanted = match architecture {
        Architecture::X86_64 => "amd64",
        Architecture::Arm64 => "arm64",
    };
    let fits = |platform: &Platform| platform.os == "linux" && platform.architecture == wanted;
    let mut fitting = manifests.iter().filter(|one| one.platform.as_ref().is_some_and(fits));
    match fitting.next() {
        Some(one) => Ok(one.digest.clone()),
        None => {
            let cause = format!("it has no image for linux/{wanted}");
            Err(Error::new(at.clone(), Kind::NotFound, cause))
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(at: &Place, text: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(text)
        .map_err(|error| Error::new(at.clone(), Kind::Other, format!("it cannot be read: {error}")))
}

/// Keeps bytes under their hash. They appear whole or not at all, whoever else is at it.
fn keep(at: &Place, folder: &Path, hash: &str, bytes: &[u8]) -> Result<PathBuf, Error> {
    let (path, part) = (folder.join(hash), folder.join(format!(".{hash}-{}", std::process::id())));
    std::fs::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, &path))
        .map_err(|error| unkept(at, &path, &error))?;
    Ok(path)
}

fn unkept(at: &Place, path: &Path, error: &std::io::Error) -> Error {
    let cause = format!("{}: {error}", path.display());
    Error::new(at.clone(), Kind::Other, cause)
}
