//! The record of invocations that needs no client: a line when one starts, a
//! line when it has ended. A line is one write, so a kill leaves whole lines.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::error::Error;

/// A line of `invocations.jsonl`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    /// The request was accepted; nothing has run yet.
    Started {
        format: u32,
        request_id: &'a str,
        function: &'a str,
        payload_sha256: &'a str,
        started_at: &'a str,
    },
    /// It is over.
    Finished {
        format: u32,
        request_id: &'a str,
        function: &'a str,
        payload_sha256: &'a str,
        started_at: &'a str,
        finished_at: &'a str,
        /// `success`, an error type, or `not run: …`.
        outcome: &'a str,
        /// The log stream, which is a sandbox's identity.
        sandbox: Option<&'a str>,
        cold: bool,
        duration_ms: f64,
        billed_ms: u64,
        init_ms: Option<f64>,
        cpu_ms: Option<f64>,
        max_memory_mb: Option<u64>,
    },
}

/// The format of these lines.
pub(crate) const FORMAT: u32 = 1;

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

    /// Appends one line. `Err` says why it is not on record.
    pub(crate) fn write(&self, line: &Line<'_>) -> Result<(), String> {
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
