//! Deploying: a function is made, or changed only where it differs, and waited for.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, EphemeralStorage, FunctionCode, LoggingConfig, PackageType, Runtime,
};

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};
use crate::function::{Code, Found, FunctionSpec};
use crate::patience::Wait;
use crate::zip::Zip;

/// The environment variable by which sandboxes are replaced; a deployment leaves it alone.
pub const ROUND_VARIABLE: &str = "PHOTOFINISH_ROUND";

/// What a deployment did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The function was made.
    Created,
    /// Its code was replaced.
    Code,
    /// Its configuration was changed.
    Configuration,
    /// Tags were added or changed.
    Tags,
}

/// A function that is there, settled, with the code that was asked for.
#[derive(Debug, Clone)]
pub struct Deployed {
    /// Its ARN.
    pub arn: String,
    /// SHA-256 of the code that the platform holds, in hexadecimal: the zip's own, or that of the
    /// image's manifest.
    pub code_sha256: String,
    /// The platform's name for this state of the function.
    pub revision: String,
    /// What had to be done; empty if all was as wanted.
    pub changes: Vec<Change>,
    /// What had to be waited for.
    pub waited: Vec<Wait>,
}

/// A function whose next calls meet fresh sandboxes.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// What [`ROUND_VARIABLE`] is now.
    pub marker: String,
    /// The platform's name for this state of the function.
    pub revision: String,
    /// What had to be waited for.
    pub waited: Vec<Wait>,
}

/// Where the platform takes a zip from.
#[derive(Clone)]
pub(crate) enum Source {
    Direct(Blob),
    Staged { bucket: String, key: String },
}

impl Source {
    fn function_code(self) -> FunctionCode {
        let code = FunctionCode::builder();
        match self {
            Self::Direct(zip) => code.zip_file(zip),
            Self::Staged { bucket, key } => code.s3_bucket(bucket).s3_key(key),
        }
        .build()
    }
}

impl Cloud {
    /// Makes the function, or changes its code, configuration and tags where they differ from
    /// what is wanted, and waits until it is active and holds this very code.
    pub async fn deploy_function(&self, spec: &FunctionSpec) -> Result<Deployed, Error> {
        let (cloud, waits) = self.recording();
        let mut changes = Vec::new();
        let mut found = cloud.settled(&spec.name).await?;
        if found
            .as_ref()
            .is_some_and(|found| found.was_stillborn() || found.is_of_another_kind(spec))
        {
            cloud.delete_function(&spec.name).await?;
            found = None;
        }
        let found = match found {
            Some(found) => found,
            None => {
                if cloud.create(spec).await? {
                    changes.push(Change::Created);
                }
                cloud.ready(&spec.name).await?
            }
        };
        let found = cloud.correct(spec, found, &mut changes).await?;
        if !found.holds(&spec.code) {
            let (held, wanted) = (found.held_code(), spec.code.sha256());
            let cause = format!("the platform holds code `{held}`, not what has hash {wanted}");
            return Err(Error::new(Place::function("deploy", &spec.name), Kind::Other, cause));
        }
        Ok(Deployed {
            arn: found.arn().to_owned(),
            code_sha256: spec.code.sha256(),
            revision: found.revision().to_owned(),
            changes,
            waited: waits.take(),
        })
    }

    async fn correct(
        &self,
        spec: &FunctionSpec,
        mut found: Found,
        changes: &mut Vec<Change>,
    ) -> Result<Found, Error> {
        if !found.has_code_of(spec) {
            self.replace_code(spec).await?;
            found = self.ready(&spec.name).await?;
            changes.push(Change::Code);
        }
        if !found.is_configured_as(spec) {
            self.configure(spec, &found).await?;
            found = self.ready(&spec.name).await?;
            changes.push(Change::Configuration);
        }
        if spec.tags.iter().any(|(key, value)| found.tags.get(key) != Some(value)) {
            self.tag_function(spec, found.arn()).await?;
            changes.push(Change::Tags);
        }
        Ok(found)
    }

    /// True if it was made, false if it was there: by another's hand, or by an attempt of ours
    /// whose answer was lost.
    async fn create(&self, spec: &FunctionSpec) -> Result<bool, Error> {
        let at = Place::function("create", &spec.name);
        let request = self
            .lambda
            .create_function()
            .function_name(&spec.name)
            .role(&spec.role)
            .architectures(architecture(spec))
            .memory_size(megabytes(spec.memory_mb))
            .timeout(spec.timeout_s())
            .ephemeral_storage(tmp(spec, &at)?)
            .environment(variables(&spec.environment))
            .logging_config(logging(spec))
            .set_tags(Some(spec.tags.clone().into_iter().collect::<HashMap<_, _>>()));
        let request = match &spec.code {
            Code::Zip(zip) => request
                .code(self.source(&at, zip, spec.staging_bucket.as_deref()).await?.function_code())
                .runtime(Runtime::from(spec.runtime.as_str()))
                .handler(&spec.handler)
                .set_layers(Some(spec.layers.clone())),
            Code::Image(image) => request
                .package_type(PackageType::Image)
                .code(FunctionCode::builder().image_uri(&image.uri).build()),
        };
        self.persist(at.clone(), || async {
            match request.clone().send().await {
                Ok(_) => Ok(true),
                Err(error) => match Error::from_sdk(at.clone(), &error) {
                    error if error.code() == Some("ResourceConflictException") => Ok(false),
                    error => Err(error),
                },
            }
        })
        .await
    }

    async fn replace_code(&self, spec: &FunctionSpec) -> Result<(), Error> {
        let at = Place::function("replace the code of", &spec.name);
        let request = self
            .lambda
            .update_function_code()
            .function_name(&spec.name)
            .architectures(architecture(spec));
        let request = match &spec.code {
            Code::Zip(zip) => match self.source(&at, zip, spec.staging_bucket.as_deref()).await? {
                Source::Direct(zip) => request.zip_file(zip),
                Source::Staged { bucket, key } => request.s3_bucket(bucket).s3_key(key),
            },
            Code::Image(image) => request.image_uri(&image.uri),
        };
        self.persist(at.clone(), || async {
            let sent = request.clone().send().await;
            sent.map(|_| ()).map_err(|error| Error::from_sdk(at.clone(), &error))
        })
        .await
    }

    async fn configure(&self, spec: &FunctionSpec, found: &Found) -> Result<(), Error> {
        let at = Place::function("configure", &spec.name);
        let mut environment = spec.environment.clone();
        environment.extend(found.environment().remove_entry(ROUND_VARIABLE));
        let request = self
            .lambda
            .update_function_configuration()
            .function_name(&spec.name)
            .role(&spec.role)
            .memory_size(megabytes(spec.memory_mb))
            .timeout(spec.timeout_s())
            .ephemeral_storage(tmp(spec, &at)?)
            .environment(variables(&environment))
            .logging_config(logging(spec));
        let request = match spec.code {
            Code::Zip(_) => request
                .runtime(Runtime::from(spec.runtime.as_str()))
                .handler(&spec.handler)
                .set_layers(Some(spec.layers.clone())),
            Code::Image(_) => request,
        };
        self.persist(at.clone(), || async {
            let sent = request.clone().send().await;
            sent.map(|_| ()).map_err(|error| Error::from_sdk(at.clone(), &error))
        })
        .await
    }

    async fn tag_function(&self, spec: &FunctionSpec, arn: &str) -> Result<(), Error> {
        let at = Place::function("tag", &spec.name);
        let tags: HashMap<String, String> = spec.tags.clone().into_iter().collect();
        self.persist(at.clone(), || async {
            self.lambda
                .tag_resource()
                .resource(arn)
                .set_tags(Some(tags.clone()))
                .send()
                .await
                .map(|_| ())
                .map_err(|error| Error::from_sdk(at.clone(), &error))
        })
        .await
    }

    /// Sees to it that the next calls of a function meet fresh sandboxes, by changing one
    /// environment variable, setting `also` beside it and keeping the others. A marker that is in place already is made
    /// another by a counter, since a change that changes nothing replaces nothing.
    pub async fn replace_sandboxes(
        &self,
        name: &str,
        marker: &str,
        also: &[(&str, &str)],
    ) -> Result<Replaced, Error> {
        let (cloud, waits) = self.recording();
        let at = Place::function("replace the sandboxes of", name);
        let Some(found) = cloud.settled(name).await? else {
            return Err(Error::new(at, Kind::NotFound, "it is not there"));
        };
        let mut environment = found.environment();
        let marker = unlike(environment.get(ROUND_VARIABLE).map(String::as_str), marker);
        environment.insert(ROUND_VARIABLE.to_owned(), marker.clone());
        let also = also.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        environment.extend(also);
        let request = cloud
            .lambda
            .update_function_configuration()
            .function_name(name)
            .environment(variables(&environment));
        cloud
            .persist(at.clone(), || async {
                let sent = request.clone().send().await;
                sent.map(|_| ()).map_err(|error| Error::from_sdk(at.clone(), &error))
            })
            .await?;
        let found = cloud.ready(name).await?;
        if found.environment().get(ROUND_VARIABLE) != Some(&marker) {
            let cause = format!("{ROUND_VARIABLE} was not taken, or was changed by someone else");
            return Err(Error::new(at, Kind::Conflict, cause));
        }
        Ok(Replaced { marker, revision: found.revision().to_owned(), waited: waits.take() })
    }

    /// Uploads a zip to the staging bucket if it is too large for a request.
    pub(crate) async fn source(
        &self,
        at: &Place,
        zip: &Zip,
        staging: Option<&str>,
    ) -> Result<Source, Error> {
        if zip.goes_directly() {
            return Ok(Source::Direct(Blob::new(zip.bytes().to_vec())));
        }
        let Some(bucket) = staging else {
            let cause = format!(
                "its zip has {} bytes, a request takes {}; name a staging bucket",
                zip.bytes().len(),
                Zip::DIRECT_LIMIT
            );
            return Err(Error::new(at.clone(), Kind::Other, cause));
        };
        // Named by content: uploaded once for every function that has it.
        let key = format!("staging/{}.zip", zip.sha256());
        if self.head_object(bucket, &key).await?.is_none() {
            self.put_object(bucket, &key, zip.bytes().clone(), "application/zip").await?;
        }
        Ok(Source::Staged { bucket: bucket.to_owned(), key })
    }
}

/// The marker, or the marker with the next number if it is the one in place.
fn unlike(present: Option<&str>, marker: &str) -> String {
    let Some(present) = present else { return marker.to_owned() };
    if present == marker {
        return format!("{marker}~2");
    }
    let counter = present.strip_prefix(marker).and_then(|rest| rest.strip_prefix('~'));
    match counter.and_then(|number| number.parse::<u32>().ok()) {
        Some(number) => format!("{marker}~{}", number.saturating_add(1)),
        None => marker.to_owned(),
    }
}

fn architecture(spec: &FunctionSpec) -> Architecture {
    Architecture::from(spec.architecture.as_str())
}

fn megabytes(mb: u32) -> i32 {
    i32::try_from(mb).unwrap_or(i32::MAX)
}

fn tmp(spec: &FunctionSpec, at: &Place) -> Result<EphemeralStorage, Error> {
    EphemeralStorage::builder()
        .size(megabytes(spec.tmp_mb))
        .build()
        .map_err(|error| Error::new(at.clone(), Kind::Other, error.to_string()))
}

fn variables(all: &BTreeMap<String, String>) -> Environment {
    let all: HashMap<String, String> = all.clone().into_iter().collect();
    Environment::builder().set_variables(Some(all)).build()
}

fn logging(spec: &FunctionSpec) -> LoggingConfig {
    LoggingConfig::builder().log_format(spec.log_format.as_sdk()).build()
}

impl Deployed {
    /// How long was waited, all together.
    #[must_use]
    pub fn waited_for(&self) -> Duration {
        self.waited.iter().map(|wait| wait.pause).sum()
    }
}
