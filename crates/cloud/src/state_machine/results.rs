//! What became of the batches of an execution, from what its ResultWriter wrote. Step Functions
//! developer guide, "ResultWriter": a manifest names files, one or more for each outcome, each an
//! array of executions whose inputs and outputs are JSON in a text.

use serde::Deserialize;
use serde_json::Value;

use crate::connection::Cloud;
use crate::error::{Error, Kind, Place};

/// An image that was not made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Failed {
    /// Which.
    pub id: String,
    /// In which step.
    pub step: String,
    /// The error's name: a function's own, or one of the service's.
    pub error: String,
    /// What it says.
    pub cause: String,
}

impl Failed {
    /// What the function said, without the account that the platform wraps it in: that may be cut
    /// off anywhere.
    #[must_use]
    pub fn message(&self) -> String {
        let said = self.cause.split_once("\"errorMessage\"").and_then(|(_, rest)| {
            let text = rest.trim_start().strip_prefix(':')?.trim_start();
            let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
            match values.next() {
                Some(Ok(message)) => Some(message),
                _ => Some(text.trim_start_matches('"').to_owned()),
            }
        });
        said.unwrap_or_else(|| self.cause.clone())
    }
}

/// A batch that failed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedBatch {
    /// Which images were in it: whether they were made is not known.
    pub ids: Vec<String>,
    /// The error's name, such as `States.Timeout`.
    pub error: String,
    /// What it says.
    pub cause: String,
}

/// What an execution says of its batches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    /// The images that failed, each by itself.
    pub failed: Vec<Failed>,
    /// The batches that failed as a whole.
    pub batches: Vec<FailedBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    result_writer_details: Details,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    bucket: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Manifest {
    result_files: Files,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct Files {
    #[serde(default)]
    failed: Vec<File>,
    #[serde(default)]
    pending: Vec<File>,
    #[serde(default)]
    succeeded: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Child {
    status: String,
    #[serde(default)]
    input: String,
    #[serde(default)]
    output: String,
    error: Option<String>,
    cause: Option<String>,
}

impl Results {
    /// Adds what a batch returned; what is no failure in it is an image that was made.
    fn add_output(&mut self, output: &Value) {
        let images = output.as_array().into_iter().flatten();
        self.failed.extend(images.filter_map(|image| Failed::deserialize(image).ok()));
    }

    fn add(&mut self, child: Child) {
        if child.status == "SUCCEEDED" {
            self.add_output(&serde_json::from_str(&child.output).unwrap_or_default());
            return;
        }
        let input: Value = serde_json::from_str(&child.input).unwrap_or_default();
        let images = input["images"].as_array().into_iter().flatten();
        let ids = images.filter_map(|image| image["id"].as_str().map(str::to_owned)).collect();
        let error = child.error.unwrap_or(child.status);
        self.batches.push(FailedBatch { ids, error, cause: child.cause.unwrap_or_default() });
    }
}

impl Cloud {
    /// What became of an execution's batches, by its output. Where no ResultWriter is heeded that
    /// is the output of all batches, and one that failed as a whole is not in it.
    pub async fn results(&self, output: &str) -> Result<Results, Error> {
        let mut results = Results::default();
        let Ok(Written { result_writer_details: at }) = serde_json::from_str(output) else {
            let all: Value = serde_json::from_str(output).unwrap_or_default();
            all.as_array().into_iter().flatten().for_each(|batch| results.add_output(batch));
            return Ok(results);
        };
        let manifest: Manifest = self.written(&at.bucket, &at.key).await?;
        let Files { failed, pending, succeeded } = manifest.result_files;
        for file in failed.into_iter().chain(pending).chain(succeeded) {
            let children: Vec<Child> = self.written(&at.bucket, &file.key).await?;
            children.into_iter().for_each(|child| results.add(child));
        }
        Ok(results)
    }

    async fn written<T>(&self, bucket: &str, key: &str) -> Result<T, Error>
    where
        T: for<'de> Deserialize<'de>,
    {
        let object = self.get_object(bucket, key).await?;
        serde_json::from_slice(&object.bytes).map_err(|error| {
            let at = Place::new("read the results in", format!("`{key}` of bucket `{bucket}`"));
            Error::new(at, Kind::Other, error.to_string())
        })
    }
}
