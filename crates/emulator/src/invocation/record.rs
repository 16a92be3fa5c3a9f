//! The record of invocations that needs no client: a line when one starts, a
//! line when it has ended. A line is one write, so a kill leaves whole lines.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::error::Error;

/// What is known of an invocation when it is accepted.
#[derive(Debug, Serialize)]
pub(crate) struct Call {
    pub(crate) request_id: String,
    pub(crate) function: String,
    pub(crate) payload_sha256: String,
    pub(crate) started_at: String,
}

/// What is known when it is over.
#[derive(Debug, Serialize)]
pub(crate) struct Ending<'a> {
    pub(crate) finished_at: String,
    /// `success`, an error type, or `not run`.
    pub(crate) outcome: &'a str,
    #[serde(flatten)]
    pub(crate) run: Option<RunFigures<'a>>,
}

/// The figures of an invocation that ran.
#[derive(Debug, Serialize)]
pub(crate) struct RunFigures<'a> {
    /// The log stream, which is a sandbox's identity.
    pub(crate) sandbox: &'a str,
    pub(crate) cold: bool,
    pub(crate) duration_ms: f64,
    pub(crate) billed_ms: u128,
    pub(crate) init_ms: Option<f64>,
    pub(crate) cpu_ms: Option<f64>,
    pub(crate) max_memory_mb: Option<u64>,
    #[serde(flatten)]
    pub(crate) emulation: Option<Emulated<'a>>,
}

/// Stands in the figures of an emulated invocation only.
#[derive(Debug, Serialize)]
pub(crate) struct Emulated<'a> {
    emulated: bool,
    emulator: &'a str,
}

impl<'a> Emulated<'a> {
    pub(crate) fn by(emulator: &'a str) -> Self {
        Self { emulated: true, emulator }
    }
}

/// A line of `invocations.jsonl`.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    format: u32,
    #[serde(flatten)]
    call: &'a Call,
    #[serde(flatten)]
    ending: Option<&'a Ending<'a>>,
}

/// The format of these lines.
const FORMAT: u32 = 1;

/// The file.
pub(crate) struct Record {
    file: Mutex<File>,
}

impl Record {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(Error::data("make the folder for the record of invocations", folder))?;
        }
        let file = OpenOptions::new().append(true).create(true).open(path);
        let file = file.map_err(Error::data("open the record of invocations", path))?;
        Ok(Self { file: Mutex::new(file) })
    }

    /// The request was accepted; nothing has run yet. `Err` says why that is not on record.
    pub(crate) fn started(&self, call: &Call) -> Result<(), String> {
        self.append(&Line { event: "started", format: FORMAT, call, ending: None })
    }

    /// It is over.
    pub(crate) fn finished(&self, call: &Call, ending: &Ending<'_>) -> Result<(), String> {
        self.append(&Line { event: "finished", format: FORMAT, call, ending: Some(ending) })
    }

    fn append(&self, line: &Line<'_>) -> Result<(), String> {
        let mut text = serde_json::to_vec(line).map_err(|error| error.to_string())?;
        text.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        match file.write(&text) {
            Ok(written) if written == text.len() => Ok(()),
            Ok(_) => Err("the record of invocations was cut short: is the disk full?".to_owned()),
            Err(error) => Err(format!("the record of invocations cannot be written: {error}")),
        }
    }
}
