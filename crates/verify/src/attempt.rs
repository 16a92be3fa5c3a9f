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
            let place = place(&invoked.payload).unwrap_or_default();
            let reason = format!("it failed: {}: {}{place}", error.error_type, error.message);
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

/// The most of a line of code that is quoted.
const LONGEST_QUOTE: usize = 120;

/// Where in its own code it failed, by the trace that the runtime gives: the innermost line of the
/// function's, not the library's that it called.
fn place(payload: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(payload).ok()?;
    let frames = answer.get("stackTrace")?.as_array()?.iter().rev();
    let frame = frames.filter_map(|frame| frame.as_str()).find(|it| it.contains("/var/task/"))?;
    let (_, rest) = frame.split_once(", line ")?;
    let (line, rest) = rest.split_once(',')?;
    let line: u32 = line.parse().ok()?;
    let code = rest.lines().nth(1).map(str::trim).filter(|code| !code.is_empty());
    let code: String = code.unwrap_or_default().chars().take(LONGEST_QUOTE).collect();
    let quoted = if code.is_empty() { String::new() } else { format!(": `{code}`") };
    Some(format!(" (in line {line}{quoted})"))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(frames: &[&str]) -> Option<String> {
        let answer = serde_json::json!({ "errorMessage": "no", "stackTrace": frames });
        place(answer.to_string().as_bytes())
    }

    #[test]
    fn the_place_of_a_failure_is_the_innermost_line_of_the_functions_own() {
        let own = "  File \"/var/task/lambda_function.py\", line 23, in lambda_handler\n    \
                   img = img.point(table)\n";
        let library = "  File \"/opt/python/PIL/Image.py\", line 1900, in point\n    raise it\n";
        let inner = "  File \"/var/task/lambda_function.py\", line 7, in make\n    f(1)\n";
        let expected = Some(" (in line 23: `img = img.point(table)`)".to_owned());
        assert_eq!(told(&[own, library]), expected);
        assert_eq!(told(&[own, inner, library]), Some(" (in line 7: `f(1)`)".to_owned()));
        let bare = "  File \"/var/task/lambda_function.py\", line 23, in lambda_handler\n";
        assert_eq!(told(&[bare]), Some(" (in line 23)".to_owned()));
    }

    #[test]
    fn without_a_trace_of_its_own_no_place_is_told() {
        assert_eq!(told(&[]), None);
        assert_eq!(told(&["  File \"/opt/python/PIL/Image.py\", line 1, in f\n    f()\n"]), None);
        assert_eq!(told(&["/var/task/, line x, in"]), None);
        assert_eq!(place(b"{\"stackTrace\": \"none\"}"), None);
        assert_eq!(place(b"not JSON"), None);
    }
}
