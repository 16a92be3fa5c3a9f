//! What the platform itself writes into a function's log, as text or as JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::outcome::Outcome;
use super::report::{Report, milliseconds};
use crate::clock;
use crate::lambda::{LogFormat, SystemLevel};

/// How an init that did not succeed ended.
pub(super) enum InitEnd<'a> {
    Failed(&'a str),
    TimedOut,
}

/// A sandbox's init begins; text does not say so.
pub(super) fn init_start(format: &LogFormat, function: &str) -> String {
    event(format, SystemLevel::Info, "initStart", || {
        json!({
            "initializationType": "on-demand",
            "phase": "init",
            "functionName": function,
            "functionVersion": "$LATEST",
        })
    })
}

/// An invocation begins.
pub(super) fn start(format: &LogFormat, request_id: &str) -> String {
    match format {
        LogFormat::Text => format!("START RequestId: {request_id} Version: $LATEST\n"),
        LogFormat::Json { .. } => event(
            format,
            SystemLevel::Info,
            "start",
            || json!({"requestId": request_id, "version": "$LATEST"}),
        ),
    }
}

/// An init ended that did not succeed.
pub(super) fn init_report(format: &LogFormat, init: Duration, end: &InitEnd<'_>) -> String {
    let duration = milliseconds(init);
    match format {
        LogFormat::Text => {
            let status = match end {
                InitEnd::Failed(kind) => format!("error\tError Type: {kind}"),
                InitEnd::TimedOut => "timeout".to_owned(),
            };
            format!("INIT_REPORT Init Duration: {duration:.2} ms\tPhase: init\tStatus: {status}\n")
        }
        LogFormat::Json { .. } => event(format, SystemLevel::Warn, "initReport", || {
            let (status, kind) = match end {
                InitEnd::Failed(kind) => ("error", Some(kind)),
                InitEnd::TimedOut => ("timeout", None),
            };
            let mut record = json!({
                "initializationType": "on-demand",
                "phase": "init",
                "status": status,
                "metrics": {"durationMs": hundredths(init)},
            });
            if let Some(kind) = kind {
                record["errorType"] = json!(kind);
            }
            record
        }),
    }
}

/// So many bytes of what the guest wrote are not in the log.
pub(super) fn dropped(format: &LogFormat, bytes: u64) -> String {
    match format {
        LogFormat::Text => format!("[{bytes} more bytes of output were not kept]\n"),
        LogFormat::Json { .. } => event(
            format,
            SystemLevel::Warn,
            "logsDropped",
            || json!({"reason": "more output than is kept", "droppedBytes": bytes}),
        ),
    }
}

/// An invocation is over. What reports it is the last line, and ours.
pub(super) fn end(format: &LogFormat, report: &Report<'_>) -> String {
    match format {
        LogFormat::Text => end_in_text(report),
        LogFormat::Json { .. } => end_in_json(format, report),
    }
}

fn end_in_text(report: &Report<'_>) -> String {
    let id = report.request_id;
    let mut lines = match report.outcome {
        Outcome::TimedOut { seconds } => {
            format!("{} {id} Task timed out after {seconds}.00 seconds\n\n", clock::log_time())
        }
        Outcome::Exited(exit) => {
            format!("RequestId: {id} Error: {}\nRuntime.ExitError\n", exit.reason())
        }
        Outcome::InvalidEntrypoint(reason) => {
            format!("RequestId: {id} Error: {reason}\nRuntime.InvalidEntrypoint\n")
        }
        Outcome::InvalidWorkingDir(reason) => {
            format!("RequestId: {id} Error: {reason}\nRuntime.InvalidWorkingDir\n")
        }
        Outcome::OutOfMemory => format!(
            "RequestId: {id} Error: Runtime exited with error: signal: killed\nRuntime.OutOfMemory\n"
        ),
        _ => String::new(),
    };
    lines += &report.emulation_line();
    lines += &format!("END RequestId: {id}\n");
    lines += &report.line();
    lines
}

fn end_in_json(format: &LogFormat, report: &Report<'_>) -> String {
    let status = report.status();
    let level = if status == "success" { SystemLevel::Info } else { SystemLevel::Warn };
    let mut lines = String::new();
    if let Some(words) = report.emulation {
        // Lambda has no such event: its figures would be taken for those of the architecture.
        lines += &event(
            format,
            SystemLevel::Warn,
            "emulated",
            || json!({"requestId": report.request_id, "by": words}),
        );
    }
    let done = if level == SystemLevel::Info { SystemLevel::Debug } else { level };
    let outcome = || {
        let mut record = json!({"requestId": report.request_id, "status": status});
        if let Some(kind) = report.outcome.error_type() {
            record["errorType"] = json!(kind);
        }
        record
    };
    lines += &event(format, done, "runtimeDone", || {
        let mut record = outcome();
        record["metrics"] = json!({"durationMs": hundredths(report.duration)});
        record
    });
    lines += &event(format, level, "report", || {
        let mut record = outcome();
        record["metrics"] = metrics(report);
        record
    });
    lines
}

fn metrics(report: &Report<'_>) -> Value {
    let mut metrics = json!({
        "durationMs": hundredths(report.duration),
        "billedDurationMs": u64::try_from(report.billed_ms()).unwrap_or(u64::MAX),
        "memorySizeMB": report.memory_mb,
        "maxMemoryUsedMB": report.max_memory_mb,
    });
    if let Some(init) = report.init {
        metrics["initDurationMs"] = json!(hundredths(init));
    }
    metrics
}

/// A line, if the format is JSON and the function wants to hear of it.
fn event(
    format: &LogFormat,
    level: SystemLevel,
    kind: &str,
    record: impl FnOnce() -> Value,
) -> String {
    match format {
        LogFormat::Json { system, .. } if level >= *system => {
            let event = json!({
                "time": clock::log_time(),
                "type": format!("platform.{kind}"),
                "record": record(),
            });
            format!("{event}\n")
        }
        _ => String::new(),
    }
}

/// Milliseconds with as many digits as Lambda gives.
fn hundredths(duration: Duration) -> f64 {
    (milliseconds(duration) * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn json(system: SystemLevel) -> LogFormat {
        LogFormat::Json { application: "INFO".to_owned(), system }
    }

    fn report(outcome: &Outcome) -> Report<'_> {
        Report {
            request_id: "8f507cfc",
            duration: Duration::from_micros(3014),
            init: Some(Duration::from_micros(110_100)),
            memory_mb: 128,
            max_memory_mb: 36,
            outcome,
            emulation: None,
        }
    }

    fn records(lines: &str) -> Vec<(String, Value)> {
        let read = |line: &str| {
            let event: Value = serde_json::from_str(line).expect("JSON");
            (event["type"].as_str().expect("a type").to_owned(), event["record"].clone())
        };
        lines.lines().map(read).collect()
    }

    /// The form is that of Lambda's documentation of JSON logs.
    #[test]
    fn a_report_as_json_has_the_figures_of_the_line() {
        let success = Outcome::Success(Bytes::new());
        let lines = end(&json(SystemLevel::Info), &report(&success));
        let expected = serde_json::json!({
            "requestId": "8f507cfc",
            "status": "success",
            "metrics": {
                "durationMs": 3.01,
                "billedDurationMs": 114,
                "memorySizeMB": 128,
                "maxMemoryUsedMB": 36,
                "initDurationMs": 110.1,
            },
        });
        assert_eq!(records(&lines), [("platform.report".to_owned(), expected)]);
    }

    #[test]
    fn of_what_went_well_no_one_hears_who_asked_for_warnings() {
        let (success, timeout) = (Outcome::Success(Bytes::new()), Outcome::TimedOut { seconds: 3 });
        let warn = json(SystemLevel::Warn);
        assert_eq!(start(&warn, "8f507cfc") + &end(&warn, &report(&success)), "");
        let told = records(&end(&warn, &report(&timeout)));
        let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["platform.runtimeDone", "platform.report"]);
        assert_eq!(told[1].1["status"], "timeout");
        assert_eq!(told[1].1["errorType"], "Sandbox.Timedout");
    }
}
