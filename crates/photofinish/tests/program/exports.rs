//! A study in the layouts of other tools, read back by a script that is not ours to begin with:
//! Python's own `csv` and `json`.

use std::process::Command;

use crate::desk::Desk;

/// What Python makes of an export.
fn read(layout: &str, folder: &std::path::Path) -> serde_json::Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/exports.py");
    let output = Command::new("python3").arg(script).arg(layout).arg(folder).output().unwrap();
    let (told, said) = (String::from_utf8_lossy(&output.stderr), output.stdout);
    assert!(output.status.success(), "{told}");
    serde_json::from_slice(&said).unwrap()
}

#[test]
fn a_study_is_exported_for_scripts_of_faas_runner_and_of_sebs() {
    let desk = Desk::small();
    desk.run(&["run", "study.toml"]).expect(0);
    let calls = desk.table("study", "invocations");
    let race: Vec<_> = calls.iter().filter(|row| row["phase"] == "race").collect();
    let mean = |column: &str, function: &str| {
        let of = race.iter().filter(|row| row["function"] == function);
        let figures: Vec<f64> = of.map(|row| row[column].parse().unwrap()).collect();
        figures.iter().sum::<f64>() / figures.len() as f64
    };

    desk.run(&["export", "study.toml", "--to", "saaf", "runner"]).expect(0);
    let found = read("saaf", &desk.path("runner"));
    let sheet = &found["resize-pillow_1_local_x86_64_chained-1769MBs-COMBINED"];
    assert_eq!(sheet["runs"], race.len() / 2, "{found}");
    assert_eq!(sheet["files"], sheet["runs"]);
    assert!(
        (sheet["mean runtime"].as_f64().unwrap() - mean("duration_ms", "resize")).abs() < 0.006
    );
    assert!((sheet["avg_runtime"].as_f64().unwrap() - mean("duration_ms", "resize")).abs() < 0.006);
    assert_eq!(sheet["sum_newcontainer"].as_f64(), Some(0.0));

    // A directory will do, wherever the study's file is.
    desk.run(&["export", "results/study", "--to", "sebs", "sebs"]).expect(0);
    let found = read("sebs", &desk.path("sebs"));
    let of = |kind: &str| {
        &found[&format!("pillow_1_local_x86_64_chained/perf-cost/{kind}_results_1769.json")]
    };
    assert_eq!(of("sequential")["resize"]["n"], race.len() / 2, "{found}");
    assert_eq!(of("sequential")["resize"]["cold"], 0);
    let micros = of("sequential")["resize"]["mean execution"].as_f64().unwrap();
    assert!((micros / 1000.0 - mean("duration_ms", "resize")).abs() < 0.001, "{micros}");
    assert_eq!(of("cold")["resize"]["n"], of("cold")["resize"]["cold"]);

    let again = ["export", "study.toml", "--to", "sebs", "sebs"];
    desk.run(&again).expect(2).says(&["sebs is not empty", "a folder that is not there yet"]);
    let came = desk.run(&["export", "study.toml", "--to", "csv", "other"]).expect(2);
    came.says(&["saaf", "sebs"]);
}

#[test]
fn what_was_never_called_cannot_be_exported() {
    let desk = Desk::small();
    let came = desk.run(&["export", "study.toml", "--to", "saaf", "runner"]).expect(2);
    came.says(&["results/study", "photofinish run"]);
    desk.run(&["export", "nothing.toml", "--to", "saaf", "runner"]).expect(2).says(&["nothing"]);
    assert!(!desk.path("runner").exists());
}
