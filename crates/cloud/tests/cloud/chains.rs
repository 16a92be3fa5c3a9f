//! A chain of functions by a state machine: what it is told to do, and what is read out of its
//! answer.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use photofinish_cloud::{Chain, Cloud, Delivery, Executed, Kind, Link, Patience, Place, Returns};
use photofinish_study::Event;
use photofinish_study::record::Execution;
use serde_json::{Value, json};

use crate::peers::{Act, Script};

const FIRST: &str = "7a3c2f0e-5b1d-4e8a-9c60-1f2e3d4c5b6a";
const SECOND: &str = "0b1c2d3e-5b1d-4e8a-9c60-1f2e3d4c5b6b";

fn chain() -> Chain {
    let link = |name: &str, returns| Link {
        name: name.to_owned(),
        function: format!("pf-quick-{name}"),
        returns,
    };
    Chain {
        partition: "aws".to_owned(),
        links: vec![link("greyscale", Returns::Enveloped), link("resize", Returns::Bare)],
    }
}

fn events() -> Vec<Event> {
    let event = |key: &str, output_bucket: &str, output_key: &str| Event {
        bucket: "work".into(),
        key: key.into(),
        output_bucket: output_bucket.into(),
        output_key: output_key.into(),
    };
    vec![event("in", "work", "grey"), event("grey", "destination", "out")]
}

/// What Lambda's integration answers a task, tail and all.
fn call(id: &str, payload: &Value) -> Value {
    let tail = format!(
        "START RequestId: {id} Version: $LATEST\nEND RequestId: {id}\nREPORT RequestId: {id}\t\
         Duration: 41.20 ms\tBilled Duration: 42 ms\tMemory Size: 1769 MB\t\
         Max Memory Used: 61 MB\t\n"
    );
    json!({
        "ExecutedVersion": "$LATEST",
        "LogResult": STANDARD.encode(tail),
        "Payload": payload,
        "SdkHttpMetadata": {"HttpStatusCode": 200},
        "SdkResponseMetadata": {"RequestId": id},
        "StatusCode": 200,
    })
}

fn answered(output: &Value) -> Act {
    let answer = json!({
        "executionArn": "arn:aws:states:us-east-1:1:express:pf-quick:7f:1",
        "name": "7f",
        "startDate": 1_764_430_000.25,
        "stopDate": 1_764_430_000.762,
        "status": "SUCCEEDED",
        "output": output.to_string(),
        "billingDetails": {"billedDurationInMilliseconds": 600, "billedMemoryUsedInMB": 64},
    });
    Act::answer(200, answer.to_string())
}

async fn run(act: Act) -> (Result<Executed, photofinish_cloud::InvokeError>, Vec<String>) {
    let script = Script::play([act]);
    let cloud = Cloud::connect(&Place::Endpoint(script.endpoint())).await.expect("made");
    let cloud = cloud
        .with_patience(Patience { call_margin: Duration::from_millis(300), ..Patience::default() });
    let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:pf-quick";
    (cloud.execute(machine, &events(), Duration::from_millis(50)).await, script.requests())
}

#[test]
fn each_function_is_a_task_that_takes_what_the_one_before_it_returned() {
    let definition: Value = serde_json::from_str(&chain().definition()).expect("it is JSON");
    assert_eq!(definition["StartAt"], "greyscale");
    let (first, last) = (&definition["States"]["greyscale"], &definition["States"]["resize"]);
    assert_eq!(first["Resource"], "arn:aws:states:::lambda:invoke");
    assert_eq!(first["Parameters"]["LogType"], "Tail", "so that REPORT comes back");
    assert_eq!(first["Parameters"]["Payload"]["key.$"], "$.given.key");
    assert_eq!((&first["Next"], &last["End"]), (&json!("resize"), &json!(true)));
    // The envelope is taken off on the way, where the function before has one.
    let payload = &last["Parameters"]["Payload"];
    assert_eq!(payload["key.$"], "$.calls.step1.Payload.value.key");
    assert_eq!(payload["output_key.$"], "$.outputs.step2.key");
    for task in [first, last] {
        assert!(task.get("Retry").is_none(), "what failed is a measurement");
        assert_eq!(task["Catch"][0]["Next"], "Over");
    }
}

#[tokio::test]
async fn every_calls_report_comes_back_with_the_output() {
    let returned = json!({"bucket": "work", "key": "grey"});
    let output = json!({"calls": {
        "step1": call(FIRST, &json!({"photofinish": {}, "value": returned})),
        "step2": call(SECOND, &json!({"bucket": "destination", "key": "out"})),
    }});
    let (executed, requests) = run(answered(&output)).await;
    let executed = executed.expect("it ran");
    assert_eq!(requests, ["POST /"], "sent once, and to the endpoint as it was given");
    assert_eq!((executed.failure, executed.steps.len()), (None, 2));
    let ids: Vec<_> = executed.steps.iter().map(|step| step.request_id.as_deref()).collect();
    assert_eq!(ids, [Some(FIRST), Some(SECOND)]);
    for step in &executed.steps {
        assert_eq!(step.report.as_ref().map(|report| report.billed_ms), Some(42.0));
        assert!(step.function_error.is_none());
    }
    let told =
        Execution { duration_ms: Some(512.0), billed_ms: Some(600.0), memory_mb: Some(64.0) };
    assert_eq!(executed.execution, told);
    assert_eq!(executed.name.as_deref(), Some("7f"));
}

#[tokio::test]
async fn a_function_that_fails_takes_no_earlier_call_with_it() {
    let account = json!({
        "errorMessage": "no such key", "errorType": "KeyError", "requestId": SECOND,
        "stackTrace": [],
    });
    let output = json!({
        "calls": {"step1": call(FIRST, &json!({"value": {}}))},
        "failed": {"Error": "KeyError", "Cause": account.to_string()},
    });
    let executed = run(answered(&output)).await.0.expect("it ran");
    assert_eq!(executed.steps.len(), 2);
    assert!(executed.steps[0].report.is_some() && executed.steps[0].function_error.is_none());
    let failed = executed.steps[1].function_error.as_ref().expect("the second one failed");
    assert_eq!((failed.error_type.as_str(), failed.message.as_str()), ("KeyError", "no such key"));
    assert_eq!(executed.steps[1].request_id.as_deref(), Some(SECOND), "to look its REPORT up by");
}

#[tokio::test]
async fn a_call_without_its_tail_is_a_call_all_the_same() {
    let mut bare = call(FIRST, &json!({"value": {}}));
    for lost in ["LogResult", "SdkHttpMetadata", "SdkResponseMetadata"] {
        bare.as_object_mut().expect("it is one").remove(lost);
    }
    let executed = run(answered(&json!({"calls": {"step1": bare}}))).await.0.expect("it ran");
    let step = &executed.steps[0];
    assert_eq!((step.request_id.as_deref(), step.report.as_ref()), (None, None));
    assert_eq!(step.payload, br#"{"value":{}}"#[..]);
}

#[tokio::test]
async fn an_execution_that_fails_as_a_whole_says_why_and_knows_no_calls() {
    let answer = json!({
        "executionArn": "arn", "startDate": 1.0, "stopDate": 301.0, "status": "TIMED_OUT",
    });
    let executed = run(Act::answer(200, answer.to_string())).await.0.expect("it was answered");
    assert!(executed.steps.is_empty());
    assert_eq!(executed.failure.expect("it failed").error_type, "TIMED_OUT");
    assert_eq!(executed.execution.duration_ms, Some(300_000.0));
    assert_eq!(executed.execution.billed_ms, None, "absent is absent");
}

#[tokio::test]
async fn an_execution_without_an_answer_is_in_doubt_and_one_that_was_refused_is_not() {
    let (error, requests) = run(Act::Silence).await;
    let error = error.expect_err("no answer");
    assert_eq!((error.kind(), error.delivery), (Kind::Timeout, Delivery::InDoubt));
    assert_eq!(requests.len(), 1);
    let refused = Act::refuse(400, "AccessDeniedException", "not authorized");
    let error = run(refused).await.0.expect_err("refused");
    assert_eq!((error.kind(), error.delivery), (Kind::AccessDenied, Delivery::Refused));
    assert!(error.to_string().contains("state machine"), "{error}");
}
