//! What an account may have, and events that wait for nobody.

use std::time::Duration;

use bytes::Bytes;
use libtest_mimic::Trial;
use photofinish_emulator::Error;
use serde_json::{Value, json};

use crate::function::{ECHO, FUNCTIONS, creation, zip};
use crate::python::Python;
use crate::stage::{Stage, Stories};
use crate::story;

pub fn stories(python: &Python) -> Vec<Trial> {
    let mut stories = Stories::new("account", python);
    stories.add("an_event_is_accepted_run_and_found_in_the_log", event);
    stories.add("an_event_without_a_place_waits_for_one", reserved);
    let python = python.clone();
    stories.told.push(story("account::code_is_refused_that_there_is_no_room_for", || async move {
        code_storage(&python).await;
    }));
    stories.told.push(story("account::an_address_that_others_reach_is_refused", open_address));
    stories.told
}

async fn open_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let listen = "0.0.0.0:0".parse().expect("an address");
    let refused = Stage::listening(folder.path(), listen).await.expect_err("refused");
    assert!(matches!(refused, Error::NotLoopback(address) if address == listen), "{refused}");
}

async fn code_storage(python: &Python) {
    let size = zip(&[("lambda_function.py", ECHO)]).len() as u64;
    let stage = Stage::with_storage(python, 2 * size + size / 2).await;
    stage.client.deploy("one", ECHO, &[]).await;
    stage.client.deploy("two", ECHO, &[]).await;
    let full = (400, "CodeStorageExceededException");
    let create = creation("three", ECHO);
    assert_eq!(stage.client.lambda("POST", FUNCTIONS, &create).await.error(), full);
    let update = stage
        .client
        .lambda(
            "PUT",
            &format!("{FUNCTIONS}/one/code"),
            &json!({"ZipFile": create["Code"]["ZipFile"]}),
        )
        .await;
    assert_eq!(update.error(), full);
    let layer = stage
        .client
        .lambda("POST", "/2018-10-31/layers/l/versions", &json!({"Content": create["Code"]}))
        .await;
    assert_eq!(layer.error(), full);
    let settings =
        stage.client.lambda("GET", "/2016-08-19/account-settings", &Value::Null).await.json();
    assert_eq!(settings["AccountUsage"], json!({"TotalCodeSize": 2 * size, "FunctionCount": 2}));
    stage.client.lambda("DELETE", &format!("{FUNCTIONS}/two"), &Value::Null).await;
    stage.client.deploy("three", ECHO, &[]).await;
}

async fn event(stage: Stage) {
    stage.client.deploy("echo", ECHO, &[]).await;
    let id = later(&stage, "echo").await;
    let report = format!("REPORT RequestId: {id}");
    for _ in 0..100 {
        if log(&stage, "echo").await.contains(&report) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the event was not run within 10 s");
}

/// An event that finds no place is kept until there is one.
async fn reserved(stage: Stage) {
    stage.client.deploy("echo", ECHO, &[]).await;
    let path = "/2017-10-31/functions/echo/concurrency";
    let none = json!({"ReservedConcurrentExecutions": 0});
    stage.client.lambda("PUT", path, &none).await;
    let id = later(&stage, "echo").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(log(&stage, "echo").await, "");
    stage.client.lambda("DELETE", path, &Value::Null).await;
    for _ in 0..100 {
        let log = log(&stage, "echo").await;
        if log.contains(&format!("REPORT RequestId: {id}")) {
            assert_eq!(log.matches("START").count(), 1, "{log}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the event was not run within 10 s");
}

async fn later(stage: &Stage, function: &str) -> String {
    let path = format!("{FUNCTIONS}/{function}/invocations");
    let headers = [("x-amz-invocation-type", "Event")];
    let accepted = stage.client.lambda_with("POST", &path, Bytes::from("{}"), &headers).await;
    assert_eq!((accepted.status.as_u16(), accepted.text().as_str()), (202, ""));
    accepted.header("x-amzn-requestid").expect("an id").to_owned()
}

/// All that a function wrote, as CloudWatch Logs tells it.
async fn log(stage: &Stage, function: &str) -> String {
    let body = json!({"logGroupName": format!("/aws/lambda/{function}")}).to_string();
    let headers = [
        ("x-amz-target", "Logs_20140328.FilterLogEvents"),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let request = stage.client.signed("logs", "POST", "/", body.into(), &headers);
    let answer = stage.client.send(request).await;
    let events = answer.json()["events"].clone();
    let events = events.as_array().into_iter().flatten();
    events.map(|event| event["message"].as_str().expect("a message").to_owned()).collect()
}
