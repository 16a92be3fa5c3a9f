//! Layers: published once for the same bytes.

use photofinish_study::Architecture;

use aws_sdk_lambda::types::{
    Architecture as SdkArchitecture, LayerVersionContentInput, LayerVersionsListItem, Runtime,
};

use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::deploy::Source;
use crate::error::{Error, Kind, Place};
use crate::zip::Zip;

/// A layer as it is wanted.
#[derive(Debug, Clone)]
pub struct LayerSpec {
    /// Its name, unique in the region.
    pub name: String,
    /// What is merged at /opt.
    pub content: Zip,
    /// The instruction sets it is for.
    pub architectures: Vec<Architecture>,
    /// The runtimes it is for, such as `python3.14`.
    pub runtimes: Vec<String>,
    /// What it is marked with. Lambda has no tags for layers: they are kept in the description.
    pub tags: Tags,
    /// The bucket through which a zip goes that is too large for a request.
    pub staging_bucket: Option<String>,
}

/// A version of a layer that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The ARN of the version, as functions name it.
    pub arn: String,
    /// Its number.
    pub version: i64,
    /// Whether it was there before.
    pub reused: bool,
}

fn at(doing: &'static str, name: &str) -> Place {
    Place::new(doing, format!("layer `{name}`"))
}

impl Cloud {
    /// Publishes a layer, unless a version of that name with the same bytes, architectures and
    /// runtimes is there.
    pub async fn publish_layer(&self, spec: &LayerSpec) -> Result<Layer, Error> {
        for version in self.layer_versions(&spec.name).await? {
            if let Some(layer) = self.same_layer(spec, &version).await? {
                return Ok(layer);
            }
        }
        self.publish_version(spec).await
    }

    async fn publish_version(&self, spec: &LayerSpec) -> Result<Layer, Error> {
        let here = at("publish", &spec.name);
        let source = self.source(&here, &spec.content, spec.staging_bucket.as_deref()).await?;
        let content = LayerVersionContentInput::builder();
        let content = match source {
            Source::Direct(zip) => content.zip_file(zip),
            Source::Staged { bucket, key } => content.s3_bucket(bucket).s3_key(key),
        };
        let architectures = spec.architectures.iter().map(|a| SdkArchitecture::from(a.as_str()));
        let request = self
            .lambda
            .publish_layer_version()
            .layer_name(&spec.name)
            .description(described(&spec.tags))
            .content(content.build())
            .set_compatible_architectures(Some(architectures.collect()))
            .set_compatible_runtimes(Some(
                spec.runtimes.iter().map(|runtime| Runtime::from(runtime.as_str())).collect(),
            ));
        let answer = self
            .persist(here.clone(), || async {
                let sent = request.clone().send().await;
                sent.map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await?;
        let Some(arn) = answer.layer_version_arn() else {
            return Err(Error::new(here, Kind::Other, "the answer has no ARN"));
        };
        let kept = answer.content().and_then(|content| content.code_sha256());
        if kept.is_some_and(|kept| kept != spec.content.code_sha256()) {
            return Err(Error::new(here, Kind::Other, "the platform holds other bytes"));
        }
        Ok(Layer { arn: arn.to_owned(), version: answer.version(), reused: false })
    }

    /// The version as a layer if it is just what is wanted.
    async fn same_layer(
        &self,
        spec: &LayerSpec,
        version: &LayerVersionsListItem,
    ) -> Result<Option<Layer>, Error> {
        let (Some(arn), number) = (version.layer_version_arn(), version.version()) else {
            return Ok(None);
        };
        let architectures = version.compatible_architectures().iter().map(|a| a.as_str());
        let runtimes = version.compatible_runtimes().iter().map(|runtime| runtime.as_str());
        if !same_set(architectures, spec.architectures.iter().map(|a| a.as_str()))
            || !same_set(runtimes, spec.runtimes.iter().map(String::as_str))
            || version.description().unwrap_or_default() != described(&spec.tags)
        {
            return Ok(None);
        }
        let here = at("look at", &spec.name);
        let found = self
            .persist(here.clone(), || async {
                self.lambda
                    .get_layer_version()
                    .layer_name(&spec.name)
                    .version_number(number)
                    .send()
                    .await
                    .map_err(|error| Error::from_sdk(here.clone(), &error))
            })
            .await;
        match found {
            Ok(found) => {
                let sha256 = found.content().and_then(|content| content.code_sha256());
                let same = sha256 == Some(&spec.content.code_sha256());
                Ok(same.then(|| Layer { arn: arn.to_owned(), version: number, reused: true }))
            }
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All versions of a layer, newest first; none if there is no such layer.
    pub(crate) async fn layer_versions(
        &self,
        name: &str,
    ) -> Result<Vec<LayerVersionsListItem>, Error> {
        let here = at("list the versions of", name);
        let mut versions = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    self.lambda
                        .list_layer_versions()
                        .layer_name(name)
                        .set_marker(from.clone())
                        .send()
                        .await
                        .map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await;
            let page = match page {
                Ok(page) => page,
                Err(error) if error.kind() == Kind::NotFound => break,
                Err(error) => return Err(error),
            };
            versions.extend_from_slice(page.layer_versions());
            from = page.next_marker().filter(|next| !next.is_empty()).map(str::to_owned);
            if from.is_none() {
                break;
            }
        }
        versions.sort_by_key(|version| std::cmp::Reverse(version.version()));
        Ok(versions)
    }

    /// The names of the region's layers that begin so.
    pub async fn layers(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let here = Place::new("list", "layers");
        let mut names = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let page = self
                .persist(here.clone(), || async {
                    self.lambda
                        .list_layers()
                        .set_marker(from.clone())
                        .send()
                        .await
                        .map_err(|error| Error::from_sdk(here.clone(), &error))
                })
                .await?;
            let all = page.layers().iter().filter_map(|layer| layer.layer_name());
            names.extend(all.filter(|name| name.starts_with(prefix)).map(str::to_owned));
            from = page.next_marker().filter(|next| !next.is_empty()).map(str::to_owned);
            if from.is_none() {
                return Ok(names);
            }
        }
    }

    /// Deletes all versions of a layer and gives their numbers. Functions that use one keep it.
    pub async fn delete_layer(&self, name: &str) -> Result<Vec<i64>, Error> {
        let mut gone = Vec::new();
        for version in self.layer_versions(name).await? {
            self.delete_layer_version(name, version.version()).await?;
            gone.push(version.version());
        }
        Ok(gone)
    }

    pub(crate) async fn delete_layer_version(&self, name: &str, version: i64) -> Result<(), Error> {
        let here = at("delete a version of", name);
        // Deleting what is not there succeeds by itself.
        self.persist(here.clone(), || async {
            self.lambda
                .delete_layer_version()
                .layer_name(name)
                .version_number(version)
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(here.clone(), &error))
        })
        .await
    }
}

fn described(tags: &Tags) -> String {
    let pairs: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(" ")
}

/// The tags of a layer version, which stand in its description.
pub(crate) fn tags_of(version: &LayerVersionsListItem) -> Tags {
    let pairs = version.description().unwrap_or_default().split(' ');
    let pairs = pairs.filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn same_set<'a>(one: impl Iterator<Item = &'a str>, other: impl Iterator<Item = &'a str>) -> bool {
    let sorted = |words: &mut Vec<&'a str>| {
        words.sort_unstable();
        words.dedup();
    };
    let (mut one, mut other): (Vec<_>, Vec<_>) = (one.collect(), other.collect());
    sorted(&mut one);
    sorted(&mut other);
    one == other
}
