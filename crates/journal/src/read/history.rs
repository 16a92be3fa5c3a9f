//! What was done to a study, by whom and when.

use std::sync::Arc;

use photofinish_study::record::Status;

use super::{Reader, optional_text, status, text};
use crate::error::Error;

/// One process that wrote here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// The command that it was started with.
    pub command: Arc<str>,
    /// The version of the program.
    pub version: Arc<str>,
    /// When it began, RFC 3339 with milliseconds, UTC.
    pub started_at: Arc<str>,
}

/// Something that was done to the platform, or tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectRow {
    /// What was tried.
    pub operation: Arc<str>,
    /// On what.
    pub subject: Arc<str>,
    /// How it ended; in doubt if nobody wrote that.
    pub status: Status,
    /// What else was written of it.
    pub detail: Option<Arc<str>>,
}

impl Reader<'_> {
    /// Every process that wrote here, in order.
    pub fn runs(&self) -> Result<Vec<RunRow>, Error> {
        self.query("run", "SELECT id, command, version, started_at FROM run ORDER BY id", |row| {
            Ok(RunRow { command: text(row, 1)?, version: text(row, 2)?, started_at: text(row, 3)? })
        })
    }

    /// Every effect in the order in which it was tried.
    pub fn effects(&self) -> Result<Vec<EffectRow>, Error> {
        self.query(
            "effect",
            "SELECT e.id, e.operation, e.subject, o.status, o.detail FROM effect e
             LEFT JOIN effect_outcome o ON o.effect = e.id ORDER BY e.id",
            |row| {
                Ok(EffectRow {
                    operation: text(row, 1)?,
                    subject: text(row, 2)?,
                    status: status(row, 3)?,
                    detail: optional_text(row, 4)?,
                })
            },
        )
    }

    /// When anything was last written; none in an empty journal.
    pub fn last_written(&self) -> Result<Option<Arc<str>>, Error> {
        let rows = self.query(
            "run",
            "SELECT 0, MAX(at) FROM (
                 SELECT MAX(started_at) AS at FROM run
                 UNION ALL SELECT MAX(at) FROM fact
                 UNION ALL SELECT MAX(at) FROM effect
                 UNION ALL SELECT MAX(at) FROM effect_outcome
                 UNION ALL SELECT MAX(at) FROM verification
                 UNION ALL SELECT MAX(started_at) FROM round
                 UNION ALL SELECT MAX(ended_at) FROM round_outcome
                 UNION ALL SELECT MAX(started_at) FROM invocation)",
            |row| optional_text(row, 1),
        )?;
        Ok(rows.into_iter().next().flatten())
    }
}
