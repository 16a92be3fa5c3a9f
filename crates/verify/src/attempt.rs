//! One call of a deployed function on one input, and what it wrote.

use std::time::Duration;

use photofinish_cloud::{Call, Cloud, Invoked, Kind, Object};
use photofinish_imaging::{jpeg_header, png_header};
use photofinish_study::{Answer, Event, Name, Returned};

use crate::error::Error;

/// The check that fails where there is no output to look at.
pub const ANSWER: &str = "answer";

/// A deployed function and where it reads and writes.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The platform.
    pub cloud: &'a Cloud,
    /// Its name there.
    pub deployed_as: &'a str,
    /// Which of the application's functions it is.
    pub function: &'a Name,
    /// The ending of what it writes.
    pub extension: &'a str,
    /// Where its input lies.
    pub bucket: &'a str,
    /// Where its output goes.
    pub output_bucket: &'a str,
    /// How long the call may take.
    pub timeout: Duration,
}

/// What a call came to, before anybody looks at the picture.
#[derive(Debug)]
pub enum Outcome {
    /// It wrote this under the key that it was asked for.
    Wrote(Object),
    /// It did not, and why.
    Failed(String),
}

/// What a call came to, and what it is billed for.
#[derive(Debug)]
pub struct Attempted {
    /// What it came to.
    pub outcome: Outcome,
    /// What its REPORT bills, or without one for how long its answer was waited for.
    pub billed_ms: f64,
}

impl Attempt<'_> {
    /// Calls the function on these bytes; input and output are gone afterwards.
    pub async fn on(&self, input: &[u8]) -> Result<Attempted, Error> {
        let folder = format!("{:032x}", rand::random::<u128>());
        let event = Event {
            bucket: self.bucket.to_owned(),
            key: format!("{folder}/{}-input", self.function),
            output_bucket: self.output_bucket.to_owned(),
            output_key: format!("{folder}/{}.{}", self.function, self.extension),
        };
        let kind = crate::judge::media_type(input);
        self.cloud.put_object(self.bucket, &event.key, input.to_vec(), kind).await?;
        let attempted = self.call(&event).await?;
        let output = std::slice::from_ref(&event.output_key);
        self.cloud.delete_objects(self.output_bucket, output).await?;
        self.cloud.delete_objects(self.bucket, std::slice::from_ref(&event.key)).await?;
        Ok(attempted)
    }

    async fn call(&self, event: &Event) -> Result<Attempted, Error> {
        let payload = serde_json::to_vec(event).map_err(Error::Json)?;
        let call = Call {
            function: self.deployed_as.to_owned(),
            payload: payload.into(),
            timeout: self.timeout,
        };
        let invoked = self.cloud.invoke(&call).await.map_err(|error| Error::Cloud(error.error))?;
        let waited_ms = invoked.client.as_secs_f64() * 1e3;
        let billed_ms = invoked.report.as_ref().map_or(waited_ms, |report| report.billed_ms);
        Ok(Attempted { outcome: self.outcome(event, &invoked).await?, billed_ms })
    }

    async fn outcome(&self, event: &Event, invoked: &Invoked) -> Result<Outcome, Error> {
        if let Some(error) = &invoked.function_error {
            let reason = format!("it failed: {}: {}", error.error_type, error.message);
            return Ok(Outcome::Failed(reason));
        }
        let answer = match Answer::parse(&invoked.payload) {
            Ok(answer) => answer,
            Err(error) => return Ok(Outcome::Failed(format!("its answer is no JSON: {error}"))),
        };
        let returned = match answer.returned(event) {
            Ok(returned) => returned,
            Err(reason) => return Ok(Outcome::Failed(reason)),
        };
        match self.cloud.get_object(&event.output_bucket, &event.output_key).await {
            Ok(object) => Ok(match untrue(&returned, &object) {
                Some(reason) => Outcome::Failed(reason),
                None => Outcome::Wrote(object),
            }),
            Err(error) if error.kind() == Kind::NotFound => {
                let reason = "it wrote nothing under the key that the event asked for";
                Ok(Outcome::Failed(reason.to_owned()))
            }
            Err(error) => Err(Error::Cloud(error)),
        }
    }
}

/// What the answer says of the picture that is not so; a picture that cannot be read is the judge's.
fn untrue(returned: &Returned, object: &Object) -> Option<String> {
    if object.content_type.as_deref().is_some_and(|kind| kind != returned.content_type) {
        return Some(format!(
            "it returned the content type {}, and the object says {}",
            returned.content_type,
            object.content_type.as_deref().unwrap_or("none")
        ));
    }
    let (width, height) = stored_size(&object.bytes)?;
    if (width, height) == (u64::from(returned.width), u64::from(returned.height)) {
        return None;
    }
    Some(format!(
        "it returned {}x{}, and the picture that it wrote is {width}x{height}",
        returned.width, returned.height
    ))
}

fn stored_size(bytes: &[u8]) -> Option<(u64, u64)> {
    if crate::judge::media_type(bytes) == "image/jpeg" {
        let header = jpeg_header(bytes).ok()?;
        return Some((header.width as u64, header.height as u64));
    }
    let header = png_header(bytes).ok()?;
    Some((u64::from(header.width), u64::from(header.height)))
}
