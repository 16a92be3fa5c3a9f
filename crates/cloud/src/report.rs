//! REPORT: the platform's own account of an invocation, by which time and money are judged.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The figures of one REPORT line, text or JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The invocation it is about.
    pub request_id: String,
    /// How long the handler took.
    pub duration_ms: f64,
    /// What is charged for.
    pub billed_ms: f64,
    /// What was configured.
    pub memory_mb: f64,
    /// The most that was used, over the sandbox's life.
    pub max_memory_mb: Option<f64>,
    /// How long the sandbox took to start; only on a cold start.
    pub init_ms: Option<f64>,
    /// How long a snapshot took to be restored.
    pub restore_ms: Option<f64>,
    /// What is charged for the restoring.
    pub billed_restore_ms: Option<f64>,
    /// Such as `timeout` or `error`; none for success.
    pub status: Option<String>,
    /// Such as `Runtime.ExitError`, where the platform says so.
    pub error_type: Option<String>,
}

impl Report {
    /// Finds the REPORT of a request in the end of a log.
    ///
    /// The function writes to the same log and knows its request's id. Whatever it prints
    /// stands before the platform's own closing lines, so only the last REPORT counts, and one
    /// that the platform's END follows is forged: then there is none.
    /// (A log that lacks the platform's closing lines altogether proves nothing: a caller that
    /// must be sure compares with its own clock.)
    #[must_use]
    pub fn find(log: &str, request_id: &str) -> Option<Self> {
        if request_id.is_empty() {
            return None;
        }
        let text = last_text(log, "REPORT", request_id)
            .and_then(|at| Some((at, Self::from_text(&log[at..], request_id)?)));
        let json = last_json(log, request_id, &["platform.report"])
            .and_then(|(at, line)| Some((at, Self::from_json(&line, request_id)?)));
        let (at, report) = match (text, json) {
            (Some(text), Some(json)) => {
                if text.0 > json.0 {
                    text
                } else {
                    json
                }
            }
            (one, other) => one.or(other)?,
        };
        let end = last_text(log, "END", request_id);
        let json_end = last_json(log, request_id, &["platform.runtimeDone", "platform.end"]);
        let closed = end.max(json_end.map(|(at, _)| at));
        (closed < Some(at)).then_some(report)
    }

    fn from_text(from: &str, request_id: &str) -> Option<Self> {
        let line = from.lines().next()?;
        let field = |name: &str| {
            line.split('\t').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix(": "))
        };
        let figure = |name: &str, unit: &str| {
            field(name)?.strip_suffix(unit)?.trim_end().parse::<f64>().ok().filter(|n| *n >= 0.0)
        };
        Some(Self {
            request_id: request_id.to_owned(),
            duration_ms: figure("Duration", "ms")?,
            billed_ms: figure("Billed Duration", "ms")?,
            memory_mb: figure("Memory Size", "MB")?,
            max_memory_mb: figure("Max Memory Used", "MB"),
            init_ms: figure("Init Duration", "ms"),
            restore_ms: figure("Restore Duration", "ms"),
            billed_restore_ms: figure("Billed Restore Duration", "ms"),
            status: field("Status").map(str::to_owned).filter(|status| status != "success"),
            error_type: field("Error Type").map(str::to_owned),
        })
    }

    fn from_json(line: &Value, request_id: &str) -> Option<Self> {
        let record = line.get("record")?;
        let metrics = record.get("metrics")?;
        let figure = |name: &str| metrics.get(name)?.as_f64().filter(|n| *n >= 0.0);
        let word = |name: &str| record.get(name)?.as_str().map(str::to_owned);
        Some(Self {
            request_id: request_id.to_owned(),
            duration_ms: figure("durationMs")?,
            billed_ms: figure("billedDurationMs")?,
            memory_mb: figure("memorySizeMB")?,
            max_memory_mb: figure("maxMemoryUsedMB"),
            init_ms: figure("initDurationMs"),
            restore_ms: figure("restoreDurationMs"),
            billed_restore_ms: figure("billedRestoreDurationMs"),
            status: word("status").filter(|status| status != "success"),
            error_type: word("errorType"),
        })
    }
}

/// Where the last `WORD RequestId: <id>` begins. It need not begin its line: the platform does
/// not end a line that the function left open.
fn last_text(log: &str, word: &str, request_id: &str) -> Option<usize> {
    let wanted = format!("{word} RequestId: {request_id}");
    log.rmatch_indices(&wanted).map(|(at, _)| at).find(|at| {
        let after = log[at + wanted.len()..].chars().next();
        after.is_none_or(char::is_whitespace)
    })
}

/// The last line that is a JSON object of one of these types about the request, and its place.
fn last_json(log: &str, request_id: &str, types: &[&str]) -> Option<(usize, Value)> {
    let mut end = log.len();
    for line in log.rsplit('\n') {
        let at = end - line.len();
        end = at.saturating_sub(1);
        let object = line.find('{').map(|brace| &line[brace..]).unwrap_or_default();
        // Only lines that can be meant are worth parsing.
        if !object.contains(request_id) || !types.iter().any(|kind| object.contains(kind)) {
            continue;
        }
        let Ok(value) = serde_json::from_str::<Value>(object) else { continue };
        let of_type = value["type"].as_str().is_some_and(|kind| types.contains(&kind));
        if of_type && value["record"]["requestId"].as_str() == Some(request_id) {
            return Some((at, value));
        }
    }
    None
}
