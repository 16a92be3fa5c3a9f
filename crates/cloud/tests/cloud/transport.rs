//! Calls that get no proper answer, states that are slow, services that have enough for now.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::peers::{Act, Script};
use base64::Engine as _;
use bytes::Bytes;
use photofinish_cloud::{
    Call, Change, Cloud, Delivery, FunctionSpec, InvokeError, Kind, LogFormat, Patience, Place, Zip,
};
use photofinish_study::Architecture;

async fn connect(script: &Script) -> Cloud {
    let cloud = Cloud::connect(&Place::Endpoint(script.endpoint())).await.expect("made");
    cloud.with_patience(Patience {
        deadline: Duration::from_secs(5),
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(20),
        attempts_when_broken: 3,
        call_margin: Duration::from_millis(300),
    })
}

fn call() -> Call {
    Call {
        function: "pf-quick-resize".to_owned(),
        payload: Bytes::from_static(b"{}"),
        timeout: Duration::from_millis(100),
    }
}

async fn failing_call(act: Act) -> (InvokeError, usize) {
    let script = Script::play([act]);
    let error = connect(&script).await.invoke(&call()).await.expect_err("no good answer");
    (error, script.requests().len())
}

#[tokio::test]
async fn a_call_without_an_answer_is_in_doubt_and_was_sent_once() {
    let (error, sent) = failing_call(Act::Leave).await;
    assert_eq!((error.kind(), error.delivery, sent), (Kind::Network, Delivery::InDoubt, 1));
    assert!(error.to_string().contains("in doubt"), "{error}");

    let (error, sent) = failing_call(Act::Silence).await;
    assert_eq!((error.kind(), error.delivery, sent), (Kind::Timeout, Delivery::InDoubt, 1));

    // Also on a connection that was kept, where a client might think that it was merely stale.
    let script = Script::play([Act::answer(200, "1"), Act::Leave]);
    let cloud = connect(&script).await;
    cloud.invoke(&call()).await.expect("answered");
    let error = cloud.invoke(&call()).await.expect_err("no answer");
    assert_eq!((error.delivery, script.requests().len()), (Delivery::InDoubt, 2));

    let broken = Act::refuse(500, "ServiceException", "we are sorry");
    let (error, sent) = failing_call(broken).await;
    assert_eq!((error.kind(), error.delivery, sent), (Kind::Unavailable, Delivery::InDoubt, 1));
}

#[tokio::test]
async fn a_call_that_is_throttled_did_not_run_and_is_not_repeated() {
    let busy = Act::refuse(429, "TooManyRequestsException", "Rate Exceeded.");
    let (error, sent) = failing_call(busy).await;
    assert_eq!((error.kind(), error.delivery, sent), (Kind::Throttled, Delivery::Refused, 1));
    assert_eq!(error.request_id.as_deref(), Some("7a3c2f0e-5b1d-4e8a-9c60-1f2e3d4c5b6a"));
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_costs_no_call() {
    let answer = || Act::AnswerAndLeave { status: 200, body: "1".to_owned() };
    let script = Script::play([answer(), answer(), answer()]);
    let cloud = connect(&script).await;
    for _ in 0..3 {
        cloud.invoke(&call()).await.expect("answered");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn a_failure_of_the_function_is_an_answer_with_its_report() {
    let id = "7a3c2f0e-5b1d-4e8a-9c60-1f2e3d4c5b6a";
    let log = format!(
        "START RequestId: {id} Version: $LATEST\nEND RequestId: {id}\nREPORT RequestId: {id}\t\
         Duration: 1000.00 ms\tBilled Duration: 1000 ms\tMemory Size: 128 MB\t\
         Max Memory Used: 36 MB\tStatus: timeout\t\n"
    );
    let account = format!(
        r#"{{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {id} Error: Task timed out after 1.00 seconds"}}"#
    );
    let script = Script::play([Act::Answer {
        status: 200,
        headers: vec![
            ("x-amz-function-error", "Unhandled".to_owned()),
            ("x-amz-executed-version", "$LATEST".to_owned()),
            ("x-amz-log-result", base64::engine::general_purpose::STANDARD.encode(&log)),
        ],
        body: account,
    }]);
    let answer = connect(&script).await.invoke(&call()).await.expect("answered");
    let failed = answer.function_error.expect("it failed");
    assert_eq!(failed.error_type, "Sandbox.Timedout");
    assert!(failed.message.ends_with("Task timed out after 1.00 seconds"), "{failed:?}");
    assert_eq!(answer.log_tail, log);
    assert_eq!(answer.executed_version.as_deref(), Some("$LATEST"));
    let report = answer.report.expect("the tail has it");
    assert_eq!((report.billed_ms, report.status.as_deref()), (1000.0, Some("timeout")));
}

fn spec() -> FunctionSpec {
    FunctionSpec {
        name: "pf-quick-resize".to_owned(),
        runtime: "python3.14".to_owned(),
        handler: "lambda_function.lambda_handler".to_owned(),
        architecture: Architecture::X86_64,
        memory_mb: 1769,
        timeout: Duration::from_secs(30),
        tmp_mb: 512,
        environment: BTreeMap::new(),
        layers: Vec::new(),
        code: Zip::new(&b"not looked into"[..]).into(),
        staging_bucket: None,
        role: "arn:aws:iam::123456789012:role/runner".to_owned(),
        tags: BTreeMap::new(),
        log_format: LogFormat::Text,
    }
}

const SHA256: &str = "EpM4oUbiNvgMXSVG9GbKwT0qAvtulNpvOy2AwdCPJgg=";

fn found(state: &str, update: &str, sha256: &str) -> Act {
    Act::answer(
        200,
        format!(
            r#"{{"Configuration":{{"FunctionName":"pf-quick-resize","FunctionArn":"arn:f","Runtime":"python3.14","Handler":"lambda_function.lambda_handler","Role":"arn:aws:iam::123456789012:role/runner","MemorySize":1769,"Timeout":30,"CodeSha256":"{sha256}","State":"{state}","StateReason":"for a reason","LastUpdateStatus":"{update}","LastUpdateStatusReason":"for another","RevisionId":"r"}}}}"#
        ),
    )
}

fn missing() -> Act {
    Act::refuse(404, "ResourceNotFoundException", "Function not found")
}

fn created() -> Act {
    Act::answer(201, r#"{"FunctionName":"pf-quick-resize","State":"Pending"}"#)
}

const LOOK: &str = "GET /2015-03-31/functions/pf-quick-resize";
const CREATE: &str = "POST /2015-03-31/functions";
const CODE: &str = "PUT /2015-03-31/functions/pf-quick-resize/code";
const DELETE: &str = "DELETE /2015-03-31/functions/pf-quick-resize";

#[tokio::test]
async fn slow_states_throttling_and_late_sight_are_waited_out_and_told() {
    let script = Script::play([
        Act::refuse(429, "TooManyRequestsException", "Rate exceeded"),
        missing(),
        Act::refuse(503, "ServiceUnavailable", "later"),
        created(),
        missing(),
        found("Pending", "InProgress", SHA256),
        found("Active", "InProgress", SHA256),
        found("Active", "Successful", SHA256),
    ]);
    let done = connect(&script).await.deploy_function(&spec()).await.expect("deployed");
    assert_eq!(done.changes, [Change::Created]);
    let requests = [LOOK, LOOK, CREATE, CREATE, LOOK, LOOK, LOOK, LOOK];
    assert_eq!(script.requests(), requests);
    let whys: Vec<&str> = done.waited.iter().map(|wait| wait.why.as_str()).collect();
    assert_eq!(whys.len(), 5, "{whys:?}");
    assert!(whys[0].contains("Rate exceeded") && whys[1].contains("later"), "{whys:?}");
    assert!(whys[3].contains("Pending") && whys[4].contains("in progress"), "{whys:?}");
}

#[tokio::test]
async fn a_function_made_by_a_lost_attempt_is_taken_over() {
    let script = Script::play([
        missing(),
        Act::Leave,
        Act::refuse(409, "ResourceConflictException", "Function already exist: pf-quick-resize"),
        found("Active", "Successful", "c29tZW9uZSBlbHNlJ3M="),
        Act::refuse(409, "ResourceConflictException", "An update is in progress"),
        Act::answer(200, "{}"),
        found("Active", "Successful", SHA256),
    ]);
    let done = connect(&script).await.deploy_function(&spec()).await.expect("deployed");
    assert_eq!(done.changes, [Change::Code]);
    assert_eq!(script.requests(), [LOOK, CREATE, CREATE, LOOK, CODE, CODE, LOOK]);
}

#[tokio::test]
async fn a_stillborn_function_is_made_anew_and_a_failed_one_says_why() {
    let script = Script::play([
        found("Failed", "Failed", SHA256),
        Act::answer(204, ""),
        created(),
        found("Failed", "Failed", SHA256),
    ]);
    let error = connect(&script).await.deploy_function(&spec()).await.expect_err("it failed");
    assert!(error.to_string().contains("for a reason"), "{error}");
    assert_eq!(script.requests(), [LOOK, DELETE, CREATE, LOOK]);
}

#[tokio::test]
async fn code_that_arrived_otherwise_is_not_accepted() {
    let script = Script::play([missing(), created()].into_iter().chain([
        found("Active", "Successful", "b3RoZXI="),
        Act::answer(200, "{}"),
        found("Active", "Successful", "b3RoZXI="),
    ]));
    let error = connect(&script).await.deploy_function(&spec()).await.expect_err("other code");
    assert!(error.to_string().contains("b3RoZXI="), "{error}");
}

#[tokio::test]
async fn a_conflict_that_never_ends_is_given_up_at_the_deadline() {
    let busy = || Act::refuse(409, "ResourceConflictException", "An update is in progress");
    let script = Script::play(std::iter::repeat_with(busy).take(2000));
    let mut hasty = Patience { deadline: Duration::from_millis(200), ..Patience::default() };
    hasty.first_pause = Duration::from_millis(1);
    let cloud = connect(&script).await.with_patience(hasty);
    let error = cloud.delete_function("pf-quick-resize").await.expect_err("given up");
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(script.requests().len() > 2);
}
