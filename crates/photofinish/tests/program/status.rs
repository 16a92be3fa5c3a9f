//! How far a study is, by what it left; asked before, in the middle, and afterwards.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desk::{Desk, small};

fn state(desk: &Desk, arguments: &[&str]) -> Value {
    let came = desk.run(&[&["status", "--json"], arguments].concat()).expect(0);
    serde_json::from_str(&came.stdout).unwrap()
}

/// The commands that have something to do.
fn next(state: &Value) -> Vec<&str> {
    let next = state["next"].as_array().unwrap();
    next.iter().map(|next| next["command"].as_str().unwrap()).collect()
}

#[test]
fn a_study_is_told_step_by_step_until_nothing_is_left_to_do() {
    let desk = Desk::small();
    let none = state(&desk, &["study.toml"]);
    assert_eq!(next(&none), ["package", "deploy", "verify", "measure", "report"]);
    assert!(none["last_command"].is_null());
    assert!(!desk.path("results").exists(), "status made something");

    desk.run(&["verify", "study.toml"]).expect(0);
    let half = state(&desk, &["study.toml"]);
    assert_eq!(next(&half), ["measure", "report"]);
    assert_eq!(half["packaged_functions"], 2);
    assert_eq!(half["deployed_functions"], 2);
    assert_eq!(half["last_command"], "verify");
    assert!(half["deployments"][0]["accepted"].as_u64().unwrap() > 2, "{half:#}");

    desk.run(&["run", "study.toml"]).expect(0);
    let whole = state(&desk, &["study.toml"]);
    assert_eq!(whole["rounds_done"]["chained"], 2);
    assert_eq!(whole["stages_done"], true);
    assert_eq!(whole["report"], "written");
    assert!(next(&whole).is_empty(), "{whole:#}");
    let said = desk.run(&["status", "study.toml"]).expect(0).stdout;
    assert!(said.contains("chained: 2 of 2 rounds"), "{said}");
    assert!(said.contains("next       nothing: all of it is done"), "{said}");

    // Its directory says the same, without the study file.
    std::fs::remove_file(desk.path("study.toml")).unwrap();
    let alone = state(&desk, &["results/study"]);
    assert_eq!(alone["rounds_done"], whole["rounds_done"]);
    assert_eq!(alone["invocations"], whole["invocations"]);
}

#[test]
fn a_rejected_function_is_told_with_its_reason_and_is_not_waited_for() {
    let text = small().replace("source = \"pillow\"", "source = \"moody\"");
    let desk = Desk::with(&text);
    let code = "def lambda_handler(event, context):\n    raise ValueError('too dark')\n";
    desk.variant("moody", &[("greyscale", code), ("resize", code)]);
    desk.run(&["run", "study.toml"]).expect(1);
    let state = state(&desk, &["study.toml"]);
    let rejected = state["deployments"][0]["rejected"]["greyscale"].as_str().unwrap();
    assert!(rejected.contains("too dark"), "{rejected}");
    assert!(next(&state).is_empty(), "{state:#}");
}

#[test]
fn a_directory_that_holds_something_else_is_told_plainly() {
    let desk = Desk::small();
    std::fs::create_dir(desk.path("results")).unwrap();
    let came = desk.run(&["status", "results"]).expect(2);
    came.says(&["results is no study directory", "study.lock.toml", "photofinish run"]);
    desk.run(&["package", "study.toml"]).expect(0);
    desk.run(&["status", "results"]).expect(2).says(&["in it are results/study"]);
    desk.run(&["status", "results/study", "--out", "x"]).expect(2).says(&["go with a study file"]);
    desk.write("study.toml", &small().replace("passes = 2", "passes = 4"));
    let came = desk.run(&["status", "study.toml"]).expect(2);
    came.says(&["holds the study as it was before", "study.passes: 2, 4"]);
}

#[test]
fn a_race_under_way_is_seen_and_not_disturbed() {
    let desk = Desk::with(&small().replace("passes = 2", "passes = 24"));
    desk.run(&["verify", "study.toml"]).expect(0);
    assert_eq!(state(&desk, &["study.toml"])["in_use"], false);
    let mut race = desk
        .command(&["run", "study.toml"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    let during = loop {
        let state = state(&desk, &["study.toml"]);
        if state["in_use"] == true && state["invocations"].as_u64().unwrap() > 0 {
            break state;
        }
        assert!(race.try_wait().unwrap().is_none(), "it was over before it was seen: {state:#}");
        assert!(Instant::now() < deadline, "no call in two minutes: {state:#}");
    };
    assert_eq!(during["in_use_by"], race.id());
    assert!(race.wait().unwrap().success());
    let after = state(&desk, &["study.toml"]);
    assert_eq!(after["in_use"], false);
    assert!(next(&after).is_empty(), "{after:#}");
}
