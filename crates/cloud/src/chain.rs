//! A chain of functions as a state machine: how it is written down, what it is given, and what
//! comes out of it. It is run in [`executed`].
//!
//! Each function is one task of Step Functions' own integration of Lambda, which fails a task
//! where the function failed. It asks for the log's tail, and all that the service answered is
//! kept in the execution's data, so that every call's REPORT comes back with the output. (That
//! the integration takes `LogType` stands in no page of its documentation; it does, and where the
//! tail should be missing all the same, the request's id is there to look the REPORT up by.)
//! Nothing is tried again: a call that failed is a measurement. What fails is caught, so that the
//! calls before it are not lost with the execution.

mod executed;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use photofinish_study::Event;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub use self::executed::Executed;
pub(crate) use self::executed::executor;
use crate::invoke::FunctionError;
use crate::report::Report;

/// Where an execution ends that failed. No function can be called so: their names are in lower case.
const OVER: &str = "Over";

/// Functions that a state machine calls one after the other.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Such as `aws`.
    pub partition: String,
    /// In order.
    pub links: Vec<Link>,
}

/// One function of a chain.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its name in the application, which the task gets.
    pub name: String,
    /// Its name on the platform.
    pub function: String,
    /// Where in its answer the contract's return value is.
    pub returns: Returns,
}

/// Where in an answer the contract's return value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// The answer is the value.
    Bare,
    /// The value is beside what the inspector tells.
    Enveloped,
}

impl Returns {
    fn path(self) -> &'static str {
        match self {
            Self::Bare => "Payload",
            Self::Enveloped => "Payload.value",
        }
    }
}

/// One call of an execution.
#[derive(Debug, Clone)]
pub struct LinkCalled {
    /// The platform's id for it, where the execution's data has one.
    pub request_id: Option<String>,
    /// What the function returned, or the account of its failure.
    pub payload: Bytes,
    /// Set if it failed.
    pub function_error: Option<FunctionError>,
    /// The platform's REPORT, if the log's tail came and still had it.
    pub report: Option<Report>,
}

fn step(place: usize) -> String {
    format!("step{}", place + 1)
}

impl Chain {
    /// The state machine in the Amazon States Language. What a function returned is handed on: its
    /// bucket and key are what the next one reads.
    #[must_use]
    pub fn definition(&self) -> String {
        let mut states = Map::new();
        for (place, link) in self.links.iter().enumerate() {
            states.insert(link.name.clone(), self.task(place, link));
        }
        states.insert(OVER.to_owned(), json!({"Type": "Succeed"}));
        json!({
            "Comment": "Made by photofinish for one study; `photofinish destroy` removes it.",
            "StartAt": self.links.first().map_or(OVER, |link| &link.name),
            "States": states,
        })
        .to_string()
    }

    fn task(&self, place: usize, link: &Link) -> Value {
        let from = match place.checked_sub(1) {
            None => "$.given".to_owned(),
            Some(before) => {
                format!("$.calls.{}.{}", step(before), self.links[before].returns.path())
            }
        };
        let to = format!("$.outputs.{}", step(place));
        let mut task = json!({
            "Type": "Task",
            "Resource": format!("arn:{}:states:::lambda:invoke", self.partition),
            "Parameters": {
                "FunctionName": link.function,
                "LogType": "Tail",
                "Payload": {
                    "bucket.$": format!("{from}.bucket"),
                    "key.$": format!("{from}.key"),
                    "output_bucket.$": format!("{to}.bucket"),
                    "output_key.$": format!("{to}.key"),
                },
            },
            "ResultPath": format!("$.calls.{}", step(place)),
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failed", "Next": OVER}],
        });
        match self.links.get(place + 1) {
            Some(next) => task["Next"] = json!(next.name),
            None => task["End"] = json!(true),
        }
        task
    }
}

/// What an execution is given: where its first function reads, and where each writes.
fn input(events: &[Event]) -> String {
    let outputs: Map<String, Value> = events
        .iter()
        .enumerate()
        .map(|(place, event)| {
            (step(place), json!({"bucket": event.output_bucket, "key": event.output_key}))
        })
        .collect();
    let given = events.first().map(|event| json!({"bucket": event.bucket, "key": event.key}));
    json!({"given": given, "outputs": outputs}).to_string()
}

/// What came out of an execution.
#[derive(Debug, Deserialize)]
struct Output {
    #[serde(default)]
    calls: BTreeMap<String, Called>,
    failed: Option<Failed>,
}

/// What a task keeps of a call. Names are the services' own.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Called {
    payload: Option<Value>,
    log_result: Option<String>,
    sdk_response_metadata: Option<Metadata>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    request_id: Option<String>,
}

/// What a catcher keeps of a failure.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    error: Option<String>,
    cause: Option<String>,
}

/// The calls of an execution in their order, the last of them the one that failed, if one did.
fn steps(output: &str) -> Result<Vec<LinkCalled>, serde_json::Error> {
    let mut output: Output = serde_json::from_str(output)?;
    let called = (0..).map_while(|place| output.calls.remove(&step(place)));
    let mut steps: Vec<LinkCalled> = called.map(LinkCalled::of).collect();
    steps.extend(output.failed.map(LinkCalled::of_failure));
    Ok(steps)
}

impl LinkCalled {
    fn of(called: Called) -> Self {
        let request_id = called.sdk_response_metadata.and_then(|metadata| metadata.request_id);
        let tail = called.log_result.and_then(|tail| STANDARD.decode(tail).ok());
        let tail = tail.map(|tail| String::from_utf8_lossy(&tail).into_owned());
        let report = request_id.as_deref().zip(tail);
        Self {
            report: report.and_then(|(id, tail)| Report::find(&tail, id)),
            payload: called.payload.unwrap_or_default().to_string().into(),
            request_id,
            function_error: None,
        }
    }

    /// The cause of a function's failure is its account of it.
    fn of_failure(failed: Failed) -> Self {
        #[derive(Default, Deserialize)]
        struct Account {
            #[serde(rename = "requestId")]
            request_id: Option<String>,
        }
        let cause = failed.cause.unwrap_or_default();
        let account = serde_json::from_str::<Account>(&cause).unwrap_or_default();
        let word = failed.error.unwrap_or_else(|| "Unknown".to_owned());
        Self {
            function_error: Some(FunctionError::read(&word, cause.as_bytes())),
            request_id: account.request_id,
            payload: cause.into(),
            report: None,
        }
    }
}
