//! What a state machine does, in the Amazon States Language: one image through all functions, and
//! any number of images in batches.
//!
//! A batch is an Express workflow of its own, which is charged by time and not by steps. In it an
//! image that fails is caught, so that it takes no other with it, and is told of in the batch's
//! output: `{}` for an image that was made, [`crate::Failed`] for one that was not.

use std::time::Duration;

use serde_json::{Map, Value, json};

/// Beyond the function's own time limit: for a sandbox to be made.
const TASK_MARGIN: Duration = Duration::from_secs(15);
/// So much of a failure's cause is told: all the failures of a batch must fit into its output.
const MOST_CAUSE: usize = 1000;
/// A state hands 256 KiB on to the next one; of a batch's images so many bytes at the most.
pub const MOST_ITEM_BYTES: usize = 128 * 1024;

/// One function in the chain.
#[derive(Debug, Clone)]
pub struct Step {
    /// The state's name.
    pub name: String,
    /// The ARN of the function.
    pub function: String,
    /// What it is given: a payload template, whose keys that end with `.$` are filled in from an
    /// image's own JSON.
    pub payload: Value,
    /// The function's own time limit.
    pub timeout: Duration,
}

/// Any number of images, in batches, each of them through all steps.
///
/// The execution is given `{"bucket", "batches"}`: the key of an array of `{"images": […]}`. An
/// image has an `id`, by which its failure is told of, and what the steps' payloads ask for.
#[derive(Debug, Clone)]
pub struct Batches<'a> {
    /// What becomes of one image.
    pub steps: &'a [Step],
    /// The label of the Map state: it is in the ARNs of the children.
    pub label: &'a str,
    /// So many batches at a time.
    pub at_once: u32,
    /// So many images of one batch at a time.
    pub images_at_once: u32,
    /// The bucket that the results go to.
    pub bucket: &'a str,
    /// The folder there; it ends with `/`.
    pub results: &'a str,
}

impl Batches<'_> {
    /// The definition of the state machine. No batch that fails stops another: what is missing
    /// afterwards is made by another execution.
    #[must_use]
    pub fn definition(&self) -> String {
        let images = json!({
            "Type": "Map",
            "ItemsPath": "$.images",
            "MaxConcurrency": self.images_at_once,
            "ItemProcessor": image(self.steps),
            "End": true,
        });
        let batches = json!({
            "Type": "Map",
            "Label": self.label,
            "MaxConcurrency": self.at_once,
            "ToleratedFailurePercentage": 100,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.batches"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                "StartAt": "images",
                "States": {"images": images},
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {
                    "Bucket": self.bucket,
                    "Prefix": self.results.trim_end_matches('/'),
                },
            },
            "End": true,
        });
        json!({
            "Comment": "made by photofinish; `photofinish destroy` removes it",
            "StartAt": "batches",
            "States": {"batches": batches},
        })
        .to_string()
    }
}

/// One image through all steps.
fn image(steps: &[Step]) -> Value {
    let mut states = Map::new();
    for (place, step) in steps.iter().enumerate() {
        let failed = format!("{} failed", step.name);
        let mut task = task(step);
        let catch = |errors: &str| json!({"ErrorEquals": [errors], "ResultPath": "$.failure", "Next": failed});
        // The first is one of those that the second does not mean.
        task["Catch"] = json!([catch("States.DataLimitExceeded"), catch("States.ALL")]);
        // What a function returns is not looked at: what it wrote is.
        task["ResultPath"] = Value::Null;
        match steps.get(place + 1) {
            Some(next) => task["Next"] = json!(next.name),
            None => {
                task["OutputPath"] = Value::Null;
                task["End"] = json!(true);
            }
        }
        states.insert(step.name.clone(), task);
        states.insert(failed, told(&step.name));
    }
    json!({
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": steps.first().map_or("", |step| step.name.as_str()),
        "States": states,
    })
}

/// A call, sent again where it did not run, or may not have.
fn task(step: &Step) -> Value {
    json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": step.function, "Payload": step.payload},
        "TimeoutSeconds": (step.timeout + TASK_MARGIN).as_secs(),
        "Retry": [{
            "ErrorEquals": [
                "Lambda.ServiceException", "Lambda.AWSLambdaException",
                "Lambda.SdkClientException", "Lambda.TooManyRequestsException",
            ],
            "IntervalSeconds": 1,
            "BackoffRate": 2,
            "MaxAttempts": 6,
            "MaxDelaySeconds": 15,
            "JitterStrategy": "FULL",
        }],
    })
}

/// What is told of an image that failed in a step. Only JSONata can cut a text.
fn told(step: &str) -> Value {
    let failure = "$states.input.failure";
    json!({
        "Type": "Pass",
        "QueryLanguage": "JSONata",
        "Output": {
            "id": "{% $states.input.id %}",
            "step": step,
            "error": format!("{{% {failure}.Error %}}"),
            "cause": format!(
                "{{% $exists({failure}.Cause) ? $substring({failure}.Cause, 0, {MOST_CAUSE}) : '' %}}"
            ),
        },
        "End": true,
    })
}
