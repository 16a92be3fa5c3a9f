//! FaaS Runner's layout: for each function and experiment a sheet of its runs with averages by
//! categories, and beside it a folder with each run as JSON, which `compile_results.py` reads.
//!
//! The sheet's sections are those of FaaS Runner's own `test/history/exampleOutput.csv`; it is
//! named as the sheets that combine several iterations are, since a round is an iteration.

use std::collections::BTreeMap;

use photofinish_study::State;
use serde_json::{Map, Value, json};

use super::{Architecture, Exported, Invocation, LeftOut, Name, Phase, Platform, Series, grouped};

/// What runs are averaged by, in the order of the sheet.
const CATEGORIES: [&str; 6] =
    ["containerID", "cpuType", "image", "iteration", "newcontainer", "zAll"];

/// What categories show the mean of.
const AVERAGED: [&str; 14] = [
    "billedDuration",
    "computeTime",
    "cpuTime",
    "downloadTime",
    "importTime",
    "initDuration",
    "inputBytes",
    "latency",
    "maxMemoryUsed",
    "outputBytes",
    "roundTripTime",
    "runtime",
    "s3Requests",
    "uploadTime",
];

/// What categories show the sum of.
const SUMMED: [&str; 2] = ["costUsd", "newcontainer"];

/// The one value of the category of all runs.
const ALL: &str = "Final Results:";

type Run = Map<String, Value>;

pub(super) fn files(study: &str, calls: &[Invocation]) -> (Vec<Exported>, LeftOut) {
    let mut files = Vec::new();
    let mut left_out = LeftOut::new();
    let failed = calls.iter().filter(|call| !call.status.is_ok()).count();
    if failed > 0 {
        left_out.insert("failed", failed);
    }
    let good = calls.iter().filter(|call| call.status.is_ok());
    let sheet = |call: &Invocation| (Series::of(call), call.at.phase, call.function.clone());
    for ((series, phase, function), calls) in grouped(good, sheet) {
        let name = name(&series, phase, &function);
        let runs: Vec<Run> =
            calls.iter().enumerate().map(|(number, call)| run(number, call)).collect();
        for (number, run) in runs.iter().enumerate() {
            let path = format!("{name}/run{number}-{}.json", calls[number].at.pass);
            let json = Value::Object(run.clone()).to_string();
            files.push(Exported { path: path.into(), bytes: json.into_bytes() });
        }
        let title = format!("{} - photofinish, study {study}", calls[0].started_at);
        let path = format!("{name}.csv").into();
        files.push(Exported { path, bytes: text(&title, &runs).into_bytes() });
    }
    (files, left_out)
}

/// As FaaS Runner names a combined sheet: function, experiment, memory.
fn name(series: &Series, phase: Phase, function: &Name) -> String {
    let apart = match phase {
        Phase::Race => String::new(),
        phase => format!("_{phase}"),
    };
    format!("{function}-{}{apart}-{}MBs-COMBINED", series.name(), series.memory_mb())
}

/// One run, by SAAF's names where it has them; what is absent is left out.
fn run(number: usize, call: &Invocation) -> Run {
    let target = call.at.deployment.target;
    let contestant = &call.at.deployment.contestant;
    let new = call.state.map(|state| u8::from(state != State::Warm));
    let latency =
        Option::zip(call.client_ms, call.duration_ms).map(|(all, own)| rounded(all - own));
    let platform = match target.platform {
        Platform::Aws => "AWS Lambda",
        Platform::Local => "photofinish local",
    };
    let architecture = match target.architecture {
        Architecture::X86_64 => "x86",
        Architecture::Arm64 => "arm64",
    };
    let attributes = [
        ("1_run_id", json!(number)),
        ("2_thread_id", json!(0)),
        ("architecture", json!(architecture)),
        ("billedDuration", json!(call.billed_ms)),
        ("block", json!(call.at.block)),
        ("computeTime", json!(call.compute_ms)),
        ("containerID", json!(call.sandbox)),
        ("costUsd", json!(call.cost_usd)),
        ("cpuTime", json!(call.cpu_ms)),
        ("cpuType", json!(call.cpu_model)),
        ("downloadTime", json!(call.download_ms)),
        ("functionMemory", json!(target.memory_mb.to_string())),
        ("functionName", json!(call.function.as_str())),
        ("image", json!(call.at.image.as_str())),
        ("importTime", json!(call.import_ms)),
        ("initDuration", json!(call.init_ms)),
        ("inputBytes", json!(call.input_bytes)),
        ("iteration", json!(call.at.round)),
        ("latency", json!(latency)),
        ("maxMemoryUsed", json!(call.max_memory_mb)),
        ("model", json!(call.at.model)),
        ("newcontainer", json!(new)),
        ("outputBytes", json!(call.output_bytes)),
        ("pass", json!(call.at.pass)),
        ("platform", json!(platform)),
        ("roundTripTime", json!(call.client_ms)),
        ("runtime", json!(call.duration_ms)),
        ("s3Requests", json!(call.s3_requests)),
        ("sample", json!(contestant.sample.to_string())),
        ("session", json!(call.at.session)),
        ("uploadTime", json!(call.upload_ms)),
        ("uuid", json!(call.sandbox)),
        ("variant", json!(contestant.variant.as_str())),
    ];
    let there = attributes.into_iter().filter(|(_, value)| !value.is_null());
    there.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The sheet: each run, then the means by category.
fn text(title: &str, runs: &[Run]) -> String {
    let n = runs.len();
    let mut text = format!(
        "{}\nSetting up test: runsperthread={n} threads=1 totalruns={n} payload=[]\n\nRaw results \
         of each run:\n",
        title.replace(',', "")
    );
    let mut columns: Vec<&str> =
        runs.iter().flat_map(|run| run.keys().map(String::as_str)).collect();
    columns.sort_unstable();
    columns.dedup();
    text +=
        &lines(&columns, runs.iter().map(|run| columns.iter().map(|at| cell(run, at)).collect()));
    text += &format!("Successful Runs: {n}\n");
    for category in CATEGORIES {
        let mut groups = Groups::new();
        for run in runs.iter().filter(|run| category == "zAll" || run.contains_key(category)) {
            let value = if category == "zAll" { ALL.to_owned() } else { cell(run, category) };
            groups.entry((value.parse().ok(), value)).or_default().push(run);
        }
        if !groups.is_empty() {
            text += &section(category, &groups, &columns);
        }
    }
    text
}

/// Runs by a value: whole numbers in their order, everything else by its letters.
type Groups<'a> = BTreeMap<(Option<u64>, String), Vec<&'a Run>>;

fn section(category: &str, groups: &Groups<'_>, columns: &[&str]) -> String {
    let shown = |names: &[&'static str]| -> Vec<&'static str> {
        names.iter().copied().filter(|name| columns.contains(name)).collect()
    };
    let (averaged, summed) = (shown(&AVERAGED), shown(&SUMMED));
    let mut heading = vec![category.to_owned(), "uses".to_owned()];
    heading.extend(averaged.iter().map(|name| format!("avg_{name}")));
    heading.extend(summed.iter().map(|name| format!("sum_{name}")));
    let rows = groups.iter().map(|((_, value), runs)| {
        let mut row = vec![value.clone(), runs.len().to_string()];
        row.extend(averaged.iter().map(|name| mean(runs, name)));
        row.extend(summed.iter().map(|name| figures(runs, name).sum::<f64>().to_string()));
        row
    });
    let heading: Vec<&str> = heading.iter().map(String::as_str).collect();
    format!(
        "\nCategory {category}:\n{}Total number of unique {category}s: {}\n",
        lines(&heading, rows),
        groups.len()
    )
}

fn figures<'a>(runs: &'a [&Run], name: &'a str) -> impl Iterator<Item = f64> + 'a {
    runs.iter().filter_map(move |run| run.get(name)?.as_f64())
}

/// The mean of those that have the figure, with two decimals as FaaS Runner gives it.
fn mean(runs: &[&Run], name: &str) -> String {
    let n = figures(runs, name).count();
    if n == 0 {
        return String::new();
    }
    format!("{:.2}", figures(runs, name).sum::<f64>() / n as f64)
}

fn cell(run: &Run, name: &str) -> String {
    match run.get(name) {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

/// A difference without the digits that subtraction made up.
fn rounded(ms: f64) -> f64 {
    (ms * 1000.0).round() / 1000.0
}

fn lines(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail: every row has as many cells as the heading.
    let _ = writer.write_record(heading);
    for row in rows {
        let written = writer.write_record(row);
        debug_assert!(written.is_ok(), "{written:?}");
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
