//! How an invocation ended, and what its caller is told.

use bytes::Bytes;
use serde_json::json;

/// What Lambda takes from a function: 6 MB and a little.
pub(crate) const RESPONSE_LIMIT: usize = 6_291_556;

/// The end of one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The function answered.
    Success(Bytes),
    /// The function raised an error, which its runtime reported.
    FunctionError { body: Bytes, kind: String },
    /// The function could not be loaded.
    InitError { body: Bytes, kind: String },
    /// There was no program to begin with, or the system would not run it.
    InvalidEntrypoint(String),
    /// The folder in which an image's program is to begin is not there.
    InvalidWorkingDir(String),
    /// It took longer than its timeout.
    TimedOut { seconds: u32 },
    /// Its process ended.
    Exited(Exit),
    /// Its memory ran out.
    OutOfMemory,
    /// Its answer was too large.
    ResponseTooLarge,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Status(i32),
    Signal(i32),
}

impl Outcome {
    /// The body of the answer to Invoke.
    pub(crate) fn payload(&self, request_id: &str) -> Bytes {
        let error = |kind: &str, message: String| {
            Bytes::from(json!({"errorType": kind, "errorMessage": format!("RequestId: {request_id} Error: {message}")}).to_string())
        };
        match self {
            Self::Success(body) | Self::FunctionError { body, .. } | Self::InitError { body, .. } => body.clone(),
            Self::InvalidEntrypoint(reason) => error("Runtime.InvalidEntrypoint", reason.clone()),
            Self::InvalidWorkingDir(reason) => error("Runtime.InvalidWorkingDir", reason.clone()),
            Self::TimedOut { seconds } => error("Sandbox.Timedout", format!("Task timed out after {seconds}.00 seconds")),
            Self::Exited(exit) => error("Runtime.ExitError", exit.reason()),
            Self::OutOfMemory => error("Runtime.OutOfMemory", Exit::Signal(9).reason()),
            Self::ResponseTooLarge => Bytes::from(
                json!({
                    "errorType": "Function.ResponseSizeTooLarge",
                    "errorMessage": format!("Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."),
                })
                .to_string(),
            ),
        }
    }

    /// The error's type, or `None` where there is none.
    pub(crate) fn error_type(&self) -> Option<&str> {
        match self {
            Self::Success(_) => None,
            Self::FunctionError { kind, .. } | Self::InitError { kind, .. } => Some(kind),
            Self::InvalidEntrypoint(_) => Some("Runtime.InvalidEntrypoint"),
            Self::InvalidWorkingDir(_) => Some("Runtime.InvalidWorkingDir"),
            Self::TimedOut { .. } => Some("Sandbox.Timedout"),
            Self::Exited(_) => Some("Runtime.ExitError"),
            Self::OutOfMemory => Some("Runtime.OutOfMemory"),
            Self::ResponseTooLarge => Some("Function.ResponseSizeTooLarge"),
        }
    }

    /// Whether the sandbox is as good as before.
    pub(crate) fn leaves_sandbox_whole(&self) -> bool {
        matches!(self, Self::Success(_) | Self::FunctionError { .. })
    }
}

impl Exit {
    /// In the words of Lambda's logs.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Status(0) => "Runtime exited without providing a reason".to_owned(),
            Self::Status(status) => format!("Runtime exited with error: exit status {status}"),
            Self::Signal(signal) => {
                format!("Runtime exited with error: signal: {}", signal_name(*signal))
            }
        }
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        4 => "illegal instruction",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        15 => "terminated",
        31 => "bad system call",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}
