//! What a function is given and what it answers: the contract's event and return value.

use serde::{Deserialize, Serialize};

/// The event of every function, in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Where its input lies.
    pub bucket: String,
    /// Under which key.
    pub key: String,
    /// Where its output goes.
    pub output_bucket: String,
    /// Under which key.
    pub output_key: String,
}

/// What a function returns when all went well.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Returned {
    /// Where it wrote.
    pub bucket: String,
    /// Under which key.
    pub key: String,
    /// What kind of picture.
    pub content_type: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

/// A function's answer: its return value, and beside it what the inspector has to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What the function returned.
    pub value: serde_json::Value,
    /// The inspector's attributes; none without an inspector.
    pub inspection: Option<Inspection>,
}

/// The inspector's attributes that tables need; self-reported, so they explain and decide nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inspection {
    /// The platform's log stream, one a sandbox.
    #[serde(rename = "logStreamName", skip_serializing)]
    pub sandbox: Option<String>,
    /// The platform's id of the request, for where an answer comes by way of somebody else.
    #[serde(rename = "requestId", skip_serializing)]
    pub request_id: Option<String>,
    /// The processor's name.
    #[serde(rename = "cpuModel", skip_serializing)]
    pub cpu_model: Option<String>,
    /// `on-demand` or another way in which the sandbox came to be.
    #[serde(rename = "initializationType", skip_serializing)]
    pub initialization_type: Option<String>,
    /// CPU time of the call.
    #[serde(rename = "cpuMs", alias = "cpu_ms")]
    pub cpu_ms: Option<f64>,
    /// Importing the function's module.
    #[serde(rename = "importMs", alias = "import_ms")]
    pub import_ms: Option<f64>,
    /// Reading from S3.
    #[serde(rename = "downloadMs", alias = "download_ms")]
    pub download_ms: Option<f64>,
    /// The rest of the handler.
    #[serde(rename = "computeMs", alias = "compute_ms")]
    pub compute_ms: Option<f64>,
    /// Writing to S3.
    #[serde(rename = "uploadMs", alias = "upload_ms")]
    pub upload_ms: Option<f64>,
    /// Calls of S3.
    #[serde(rename = "s3Requests", alias = "s3_requests")]
    pub s3_requests: Option<u32>,
}

impl Answer {
    /// Takes the envelope off a payload, if it has one.
    pub fn parse(payload: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Envelope {
            photofinish: Inspection,
            value: serde_json::Value,
        }
        let whole: serde_json::Value = serde_json::from_slice(payload)?;
        if whole.get("photofinish").is_none() {
            return Ok(Self { value: whole, inspection: None });
        }
        let envelope: Envelope = serde_json::from_value(whole)?;
        Ok(Self { value: envelope.value, inspection: Some(envelope.photofinish) })
    }

    /// Whether the return value says what the contract asks for: the place that the event named.
    pub fn returned(&self, event: &Event) -> Result<Returned, String> {
        let returned: Returned = serde_json::from_value(self.value.clone())
            .map_err(|error| format!("it returned {}: {error}", shortened(&self.value)))?;
        if returned.bucket != event.output_bucket || returned.key != event.output_key {
            return Err(format!(
                "it returned bucket `{}` and key `{}`, not those that the event asked for",
                returned.bucket, returned.key
            ));
        }
        Ok(returned)
    }
}

fn shortened(value: &serde_json::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            bucket: "in".into(),
            key: "a".into(),
            output_bucket: "out".into(),
            output_key: "b".into(),
        }
    }

    const VALUE: &str =
        r#"{"bucket":"out","key":"b","content_type":"image/png","width":800,"height":600}"#;

    #[test]
    fn the_envelope_comes_off_and_the_value_is_the_contracts() {
        let wrapped =
            format!(r#"{{"photofinish":{{"cpuModel":"x","computeMs":1.5}},"value":{VALUE}}}"#);
        let answer = Answer::parse(wrapped.as_bytes()).unwrap();
        assert_eq!(answer.returned(&event()).unwrap().width, 800);
        let inspection = answer.inspection.unwrap();
        assert_eq!(
            (inspection.cpu_model.as_deref(), inspection.compute_ms),
            (Some("x"), Some(1.5))
        );
        let bare = Answer::parse(VALUE.as_bytes()).unwrap();
        assert!(bare.inspection.is_none() && bare.returned(&event()).is_ok());
    }

    #[test]
    fn another_place_or_another_shape_is_told_in_words() {
        let elsewhere = VALUE.replace("\"b\"", "\"c\"");
        let answer = Answer::parse(elsewhere.as_bytes()).unwrap();
        assert!(answer.returned(&event()).unwrap_err().contains("key `c`"));
        let null = Answer::parse(b"null").unwrap();
        assert!(null.returned(&event()).unwrap_err().contains("it returned null"));
    }
}
