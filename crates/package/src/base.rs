//! Another's image, on which functions stand instead of our own root.
//!
//! Its layers are taken as they are, byte by byte, and it is started as it says itself: its entry
//! point is a runtime interface client, as that of AWS's base images is, and gets the handler.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use photofinish_study::{Architecture, Digest};
use serde::Deserialize;
use serde_json::Value;

use crate::error::Error;
use crate::image::{ImageLayer, Start, oci_name};
use crate::limits::IMAGE;

const NO_CLIENT: &str = "take one whose entry point is Lambda's runtime interface client, such as \
                         public.ecr.aws/lambda/python:3.14";
const GZIP_ONLY: &str = "Lambda takes layers in gzip: push the image again with `gzip` compression";

/// A layer as it was pulled.
#[derive(Debug, Clone)]
pub struct BaseLayer {
    /// What it says it is.
    pub media_type: String,
    /// Where its bytes are.
    pub path: PathBuf,
}

/// An image to stand on.
#[derive(Debug, Clone)]
pub struct Base {
    /// Its layers, the lowest first.
    pub layers: Vec<ImageLayer>,
    process: Process,
}

#[derive(Deserialize)]
struct Configuration {
    architecture: String,
    os: String,
    #[serde(default)]
    config: Process,
    rootfs: RootFs,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Process {
    env: Option<Vec<String>>,
    entrypoint: Option<Vec<String>>,
    working_dir: Option<String>,
}

#[derive(Deserialize)]
struct RootFs {
    diff_ids: Vec<String>,
}

impl Base {
    /// Looks at an image that was pulled: is it for this architecture, does it start functions,
    /// and is every layer, unpacked, what its configuration says.
    pub fn new(
        image: &str,
        configuration: &Value,
        layers: &[BaseLayer],
        architecture: Architecture,
    ) -> Result<Self, Error> {
        let unfit = |why: String, mend| Error::Base { image: image.to_owned(), why, mend };
        let read = Configuration::deserialize(configuration)
            .map_err(|error| unfit(format!("its configuration cannot be read: {error}"), ""))?;
        if read.os != "linux" || read.architecture != oci_name(architecture) {
            let why =
                format!("it is for {}/{}, not for {architecture}", read.os, read.architecture);
            return Err(unfit(why, ""));
        }
        if read.config.entrypoint.as_ref().is_none_or(Vec::is_empty) {
            return Err(unfit("it has no entry point".to_owned(), NO_CLIENT));
        }
        let ids = &read.rootfs.diff_ids;
        if ids.len() != layers.len() {
            return Err(unfit("its manifest and configuration name unlike layers".to_owned(), ""));
        }
        let layers = layers.iter().zip(ids).map(|(layer, id)| {
            let packed = fs::read(&layer.path).map_err(Error::file("read", &layer.path))?;
            if !layer.media_type.ends_with("gzip") {
                return Err(unfit(format!("a layer of it is {}", layer.media_type), GZIP_ONLY));
            }
            let (plain, size) = unpacked(&packed).map_err(Error::file("unpack", &layer.path))?;
            if format!("sha256:{plain}") != *id {
                return Err(unfit(format!("a layer should be {id} and is sha256:{plain}"), ""));
            }
            Ok(ImageLayer::compressed(packed, size, &plain))
        });
        Ok(Self { layers: layers.collect::<Result<_, Error>>()?, process: read.config })
    }

    /// How a function on it is started that is called by `handler`.
    #[must_use]
    pub fn start(&self, handler: &str) -> Start {
        let Process { env, entrypoint, working_dir } = self.process.clone();
        Start {
            entry_point: entrypoint.unwrap_or_default(),
            command: vec![handler.to_owned()],
            folder: working_dir.filter(|folder| !folder.is_empty()).unwrap_or("/".to_owned()),
            environment: env.unwrap_or_default(),
        }
    }
}

/// The hash of a layer that is not compressed, and how many bytes it is.
fn unpacked(packed: &[u8]) -> std::io::Result<(Digest, u64)> {
    let mut plain = Vec::new();
    // What is longer than an image may be is cut off, and then is not what it should be.
    MultiGzDecoder::new(packed).take(IMAGE).read_to_end(&mut plain)?;
    Ok((Digest::of(&plain), plain.len() as u64))
}
