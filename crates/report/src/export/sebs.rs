//! SeBS's layout of the experiment perf-cost: for each deployment and flow a folder with
//! `perf-cost/cold_results_MEMORY.json` and `perf-cost/sequential_results_MEMORY.json`, each with
//! its functions' invocations by id. Times are whole microseconds, as SeBS has them.

use jiff::Timestamp;
use photofinish_study::State;
use serde_json::{Map, Value, json};

use super::{Architecture, Exported, Invocation, LeftOut, Phase, Series, grouped};

/// What SeBS calls a run; the rest has no equal there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The sandbox was made for the call.
    Cold,
    /// One call after the other in a warm sandbox.
    Sequential,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Sequential => "sequential",
        }
    }

    /// What a call is, or why it is none of both.
    fn of(call: &Invocation) -> Result<Self, &'static str> {
        match (call.state, call.at.phase) {
            (_, Phase::Pilot) => Err("of the pilot"),
            (Some(State::Cold), _) => Ok(Self::Cold),
            (Some(State::Proactive), _) => Err("in a sandbox initialised before any request"),
            (_, Phase::Race) => Ok(Self::Sequential),
            _ => Err("warm and not of the race"),
        }
    }
}

pub(super) fn files(study: &str, calls: &[Invocation]) -> (Vec<Exported>, LeftOut) {
    let mut left_out = LeftOut::new();
    let mut placed = Vec::new();
    for call in calls {
        match Kind::of(call) {
            Ok(_) => placed.push(call),
            Err(why) => *left_out.entry(why).or_default() += 1,
        }
    }
    let kind = |call: &Invocation| Kind::of(call).unwrap_or(Kind::Sequential);
    let groups = grouped(placed, |call| (Series::of(call), kind(call)));
    let files = groups.into_iter().map(|((series, kind), calls)| {
        let name = format!("{}_results_{}.json", kind.as_str(), series.memory_mb());
        let text = format!("{:#}\n", result(study, &series, kind, &calls));
        Exported {
            path: [series.name().as_str(), "perf-cost", &name].iter().collect(),
            bytes: text.into_bytes(),
        }
    });
    (files.collect(), left_out)
}

/// One file.
fn result(study: &str, series: &Series, kind: Kind, calls: &[&Invocation]) -> Value {
    let (good, failed): (Vec<&Invocation>, Vec<_>) =
        calls.iter().copied().partition(|call| call.status.is_ok());
    let functions = grouped(good.iter().copied(), |call| call.function.clone());
    let invocations: Map<String, Value> = functions
        .iter()
        .map(|(function, calls)| {
            let calls = calls.iter().map(|call| (id(call), invocation(call)));
            (function.to_string(), Value::Object(calls.collect()))
        })
        .collect();
    let failures: Vec<String> = failed.iter().map(|call| failure(call)).collect();
    let begin = calls.iter().filter_map(|call| seconds(call)).reduce(f64::min);
    let end = calls
        .iter()
        .filter_map(|call| Some(seconds(call)? + call.client_ms.unwrap_or(0.0) / 1000.0))
        .reduce(f64::max);
    json!({
        "_invocations": invocations,
        "_metrics": {},
        "begin_time": begin,
        "end_time": end,
        "result_bucket": null,
        "config": {
            "deployment": { "name": series.deployment.target.platform },
            "experiments": experiments(study, series, kind, good.len()),
        },
        "statistics": {
            "samples_generated": good.len(),
            "failures_count": failures.len(),
            "failures": failures,
            "incorrect": [],
            "incorrect_count": 0,
            "cold_count": good.iter().filter(|call| call.state == Some(State::Cold)).count(),
        },
    })
}

/// The settings that the experiment would have had there.
fn experiments(study: &str, series: &Series, kind: Kind, n: usize) -> Value {
    let architecture = match series.deployment.target.architecture {
        Architecture::X86_64 => "x64",
        Architecture::Arm64 => "arm64",
    };
    json!({
        "update_code": false,
        "update_storage": false,
        "download_results": false,
        "runtime": { "language": "python", "version": "3.14" },
        "flags": {},
        "architecture": architecture,
        "system_variant": "package",
        "experiments": {
            "perf-cost": {
                "benchmark": study,
                "concurrent-invocations": 1,
                "experiments": [kind.as_str()],
                "memory-sizes": [series.memory_mb()],
                "repetitions": n,
            },
        },
    })
}

/// A call's name in its file: the platform's own id of the request is not kept.
fn id(call: &Invocation) -> String {
    format!("pass-{}", call.at.pass)
}

fn failure(call: &Invocation) -> String {
    let why = call.error.as_deref().unwrap_or(&call.status.0);
    format!("{} {}: {why}", id(call), call.function)
}

fn invocation(call: &Invocation) -> Value {
    let is_cold = call.state == Some(State::Cold);
    let memory_mb = call.at.deployment.target.memory_mb;
    let gb_seconds = call.billed_ms.map(|ms| f64::from(memory_mb) / 1024.0 * ms / 1000.0);
    json!({
        "request_id": id(call),
        "output": {
            "is_cold": is_cold,
            "request_id": id(call),
            "container_id": call.sandbox,
            "result": { "measurement": measurement(call) },
        },
        "times": {
            "client": micros(call.client_ms),
            "client_begin": begin(call).map(written),
            "client_end": end(call).map(written),
            "benchmark": null,
            "http_startup": null,
            "http_first_byte_return": null,
        },
        "provider_times": {
            "execution": micros(call.duration_ms),
            "initialization": micros(call.init_ms).unwrap_or(0),
        },
        "stats": { "cold_start": is_cold, "failure": false, "memory_used": call.max_memory_mb },
        "billing": {
            "_memory": memory_mb,
            "_billed_time": call.billed_ms.map(|ms| ms.round() as u64),
            "_gb_seconds": gb_seconds,
        },
    })
}

/// What SeBS's benchmarks say of themselves, of what was measured here.
fn measurement(call: &Invocation) -> Map<String, Value> {
    let figures = [
        ("download_time", json!(micros(call.download_ms))),
        ("download_size", json!(call.input_bytes)),
        ("compute_time", json!(micros(call.compute_ms))),
        ("upload_time", json!(micros(call.upload_ms))),
        ("upload_size", json!(call.output_bytes)),
    ];
    let there = figures.into_iter().filter(|(_, value)| !value.is_null());
    there.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn micros(ms: Option<f64>) -> Option<u64> {
    ms.map(|ms| (ms * 1000.0).round() as u64)
}

fn begin(call: &Invocation) -> Option<Timestamp> {
    call.started_at.parse().ok()
}

fn end(call: &Invocation) -> Option<Timestamp> {
    let micros = i64::try_from(micros(call.client_ms)?).ok()?;
    begin(call)?.checked_add(jiff::SignedDuration::from_micros(micros)).ok()
}

fn seconds(call: &Invocation) -> Option<f64> {
    Some(begin(call)?.as_microsecond() as f64 / 1e6)
}

/// As Python writes a moment, in UTC.
fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string()
}
