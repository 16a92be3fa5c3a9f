//! A study in the layouts of other tools.

use photofinish_report::export::{Exported, Layout, export};
use photofinish_study::record::{Invocation, Status};
use photofinish_study::{Orchestration, Phase, State};

use crate::demo;

fn text<'a>(files: &'a [Exported], path: &str) -> &'a str {
    let file = files.iter().find(|file| file.path.to_str() == Some(path));
    std::str::from_utf8(&file.unwrap_or_else(|| panic!("there is no {path}")).bytes).unwrap()
}

fn quick() -> Vec<Invocation> {
    demo::quick().invocations
}

#[test]
fn what_a_state_machine_called_is_left_out_and_said_to_be() {
    let calls = demo::orchestrated().invocations;
    let own: Vec<Invocation> = calls
        .iter()
        .filter(|call| call.at.orchestration == Orchestration::Client)
        .cloned()
        .collect();
    for layout in [Layout::Saaf, Layout::Sebs] {
        let (files, mut left_out) = export(layout, "orchestrated", &calls);
        assert_eq!(left_out.remove("called by a state machine"), Some(calls.len() - own.len()));
        assert_eq!((files, left_out), export(layout, "orchestrated", &own));
    }
}

#[test]
fn a_sheet_has_the_sections_of_faas_runner_s_own_example_in_their_order() {
    let (files, left_out) = export(Layout::Saaf, "quick", &quick());
    assert!(left_out.is_empty(), "{left_out:?}");
    let sheet = text(&files, "resize-pillow_1_local_x86_64_isolated-1769MBs-COMBINED.csv");
    // wlloyduw/SAAF, test/history/exampleOutput.csv: two lines, an empty one, the raw runs, then
    // a section for each category, with an empty line before it and its number of values behind.
    let lines: Vec<&str> = sheet.lines().collect();
    assert!(lines[0].starts_with("20") && lines[0].contains(" - "), "{}", lines[0]);
    assert!(lines[1].starts_with("Setting up test: runsperthread="), "{}", lines[1]);
    assert!(lines[1].contains(" threads=1 totalruns=") && lines[1].contains(" payload="));
    assert_eq!(lines[2..4], ["", "Raw results of each run:"]);
    let end = lines.iter().position(|line| line.starts_with("Successful Runs: ")).unwrap();
    assert_eq!(lines[end], format!("Successful Runs: {}", end - 5));
    let mut rest = lines[end + 1..].iter().peekable();
    let mut sections = Vec::new();
    while let Some(line) = rest.next() {
        assert_eq!(*line, "", "a section begins with an empty line");
        let name = rest.next().and_then(|line| line.strip_prefix("Category ")).unwrap();
        let name = name.trim_end_matches(':');
        let heading = rest.next().unwrap();
        assert!(heading.starts_with(&format!("{name},uses,avg_")), "{heading}");
        let rows = rest.by_ref().take_while(|line| !line.starts_with("Total number of")).count();
        assert!(rows > 0 && rest.peek().is_none_or(|line| line.is_empty()));
        sections.push(name);
    }
    assert!(sections.is_sorted() && sections.ends_with(&["zAll"]), "{sections:?}");
    assert!(sheet.contains("\nTotal number of unique zAlls: 1\n"));
}

#[test]
fn a_run_has_saaf_s_names_and_leaves_out_what_nobody_measured() {
    let mut calls = quick();
    calls.truncate(1);
    let call = &mut calls[0];
    (call.client_ms, call.duration_ms) = (Some(20.25), Some(12.125));
    (call.state, call.cpu_model, call.init_ms) = (Some(State::Proactive), None, None);
    let (files, _) = export(Layout::Saaf, "quick", &calls);
    let run: serde_json::Value =
        files.iter().find_map(|file| serde_json::from_slice(&file.bytes).ok()).unwrap();
    assert_eq!(
        (&run["runtime"], &run["roundTripTime"], &run["latency"]),
        (&12.125.into(), &20.25.into(), &8.125.into())
    );
    assert_eq!((&run["newcontainer"], &run["functionMemory"]), (&1.into(), &"1769".into()));
    for absent in ["cpuType", "initDuration", "startTime", "cpuUserDelta", "version"] {
        assert!(run.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn whole_numbers_stand_in_their_order_and_a_missing_figure_is_not_zero() {
    let mut calls = quick();
    calls.iter_mut().step_by(2).for_each(|call| call.max_memory_mb = None);
    calls.iter_mut().skip(1).step_by(2).for_each(|call| call.max_memory_mb = Some(50.0));
    let (files, _) = export(Layout::Saaf, "quick", &calls);
    let sheet = text(&files, "resize-pillow_1_local_x86_64_isolated-1769MBs-COMBINED.csv");
    let section = sheet.split("Category iteration:\n").nth(1).unwrap();
    let section = section.split("Total").next().unwrap();
    let mut reader = csv::Reader::from_reader(section.as_bytes());
    let memory = reader.headers().unwrap().iter().position(|name| name == "avg_maxMemoryUsed");
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let rounds: Vec<u32> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(rounds.is_sorted() && rounds.len() >= 10, "{rounds:?}");
    let memory = memory.expect("a column of it");
    assert!(rows.iter().all(|row| row[memory].is_empty() || &row[memory] == "50.00"), "{rows:?}");
}

#[test]
fn sebs_has_cold_and_sequential_calls_and_failures_apart() {
    let mut calls = quick();
    let first = calls.iter().position(|call| call.function.as_str() == "resize").unwrap();
    let at = calls[first].at.clone();
    let of = |call: &Invocation| call.at.deployment == at.deployment && call.at.flow == at.flow;
    calls.retain(|call| {
        of(call) && call.function.as_str() == "resize" && call.at.phase == Phase::Race
    });
    assert!(calls.len() > 4);
    calls.iter_mut().for_each(|call| call.state = Some(State::Warm));
    calls[0].state = Some(State::Cold);
    calls[1].state = Some(State::Proactive);
    (calls[2].status, calls[2].error) = (Status("timed out".into()), Some("no answer".into()));
    let n = calls.len();
    let (files, left_out) = export(Layout::Sebs, "quick", &calls);
    let of = |kind: &str| -> serde_json::Value {
        let name = format!("perf-cost/{kind}_results_1769.json");
        let file = files.iter().find(|file| file.path.ends_with(&name)).expect(kind);
        serde_json::from_slice(&file.bytes).unwrap()
    };
    let (cold, sequential) = (of("cold"), of("sequential"));
    let calls_of =
        |result: &serde_json::Value| result["_invocations"]["resize"].as_object().unwrap().len();
    assert_eq!((calls_of(&cold), calls_of(&sequential)), (1, n - 3));
    assert_eq!(sequential["statistics"]["failures_count"], 1);
    assert!(sequential["statistics"]["failures"][0].as_str().unwrap().ends_with("no answer"));
    assert_eq!(left_out["in a sandbox initialised before any request"], 1);
    assert_eq!(cold["statistics"]["cold_count"], 1);
}
