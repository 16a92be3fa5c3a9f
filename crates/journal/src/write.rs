//! Writing: intents before, outcomes after, one writer at a time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use photofinish_study::record::{Execution, Status, Verification};
use photofinish_study::{Deployment, Flow, Name, Orchestration, Phase, State, now};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Error;
use crate::schema;

/// Whose journal it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The study's name.
    pub study: String,
    /// Hash of the study as spelled out in its lock.
    pub fingerprint: String,
}

/// A journal open for writing; it alone may write until it is closed or dropped.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    db: Connection,
    run: i64,
    _lock: File,
}

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident),+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) i64);

        impl $name {
            /// The row's number.
            #[must_use]
            pub fn number(self) -> u64 {
                self.0.unsigned_abs()
            }
        }
    )+ };
}

row_id!(
    /// An effect that was intended.
    EffectId,
    /// A round that was begun.
    RoundId,
    /// A pass that was begun.
    PassId,
    /// An invocation that was intended.
    InvocationId
);

/// What is known before a pass begins.
#[derive(Debug, Clone)]
pub struct PassIntent<'a> {
    /// Its round.
    pub round: RoundId,
    /// Its block in the round, from 1.
    pub block: u32,
    /// Its place in the block, from 1.
    pub position: u32,
    /// Why it is run.
    pub phase: Phase,
    /// Whose outputs it is given.
    pub flow: Flow,
    /// Who calls one function after the other.
    pub orchestration: Orchestration,
    /// Whose code, where.
    pub deployment: &'a Deployment,
    /// Which picture.
    pub image: &'a Name,
}

/// What is known when an invocation has ended.
#[derive(Debug, Clone, Default)]
pub struct InvocationOutcome {
    /// The platform's id of the request.
    pub request_id: Option<String>,
    /// Client's monotonic clock, from the pass's first request to this one.
    pub sent: Option<Duration>,
    /// Client's monotonic clock, request sent to response received.
    pub client: Option<Duration>,
    /// Cold, proactive or warm.
    pub state: Option<State>,
    /// REPORT's Duration.
    pub duration_ms: Option<f64>,
    /// REPORT's Billed Duration.
    pub billed_ms: Option<f64>,
    /// REPORT's Init Duration.
    pub init_ms: Option<f64>,
    /// REPORT's Max Memory Used.
    pub max_memory_mb: Option<f64>,
    /// The log stream's name.
    pub sandbox: Option<String>,
    /// The processor, as the inspector saw it.
    pub cpu_model: Option<String>,
    /// The inspector's stage figures, as JSON.
    pub stages: Option<String>,
    /// `ok`, or why not.
    pub status: String,
    /// Type and message of the failure.
    pub error: Option<String>,
}

/// What an invocation wrote, looked at after its pass.
#[derive(Debug, Clone)]
pub struct OutputSeen {
    /// Its size.
    pub bytes: Option<u64>,
    /// Its hash.
    pub sha256: Option<String>,
    /// `ok`, or in what way it is wrong.
    pub status: String,
}

/// A REPORT that did not come with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct LateReport {
    /// Duration.
    pub duration_ms: f64,
    /// Billed Duration.
    pub billed_ms: f64,
    /// Init Duration.
    pub init_ms: Option<f64>,
    /// Max Memory Used.
    pub max_memory_mb: Option<f64>,
}

/// How far the client is from the platform, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Distance {
    /// A call of a function that does nothing, client's monotonic clock.
    pub call: Option<Duration>,
    /// What of that was the function's own, by its REPORT.
    pub call_duration_ms: Option<f64>,
    /// A HEAD to the object store, client's monotonic clock.
    pub head: Option<Duration>,
}

impl Journal {
    /// The journal's file name in a study directory.
    pub const FILE: &str = "journal.sqlite";

    /// Opens the study directory's journal, or begins it, and enters a run.
    pub fn open(directory: &Path, identity: &Identity, command: &str) -> Result<Self, Error> {
        let lock = lock(directory)?;
        let path = directory.join(Self::FILE);
        let database = |source| Error::Database { path: path.clone(), source };
        let mut db = Connection::open(&path).map_err(database)?;
        match schema::format(&db).map_err(database)? {
            0 => schema::create(&mut db).map_err(database)?,
            schema::FORMAT => {}
            schema::BY_THE_CLIENT => schema::bring_up(&mut db).map_err(database)?,
            found => return Err(Error::of_format(path, found)),
        }
        // A process that is killed loses nothing here: its writes are the kernel's already.
        db.pragma_update(None, "journal_mode", "WAL").map_err(database)?;
        db.pragma_update(None, "synchronous", "NORMAL").map_err(database)?;
        db.pragma_update(None, "foreign_keys", "ON").map_err(database)?;
        claim(&db, &path, identity)?;
        db.execute(
            "INSERT INTO run (started_at, version, command) VALUES (?1, ?2, ?3)",
            params![now(), env!("CARGO_PKG_VERSION"), command],
        )
        .map_err(database)?;
        let run = db.last_insert_rowid();
        Ok(Self { path, db, run, _lock: lock })
    }

    /// Leaves WAL, so that the file alone is the whole journal and opens read-only.
    pub fn close(self) -> Result<(), Error> {
        self.db
            .pragma_update(None, "journal_mode", "DELETE")
            .map_err(|source| Error::Database { path: self.path.clone(), source })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn db(&self) -> &Connection {
        &self.db
    }

    fn insert(&self, sql: &str, values: impl rusqlite::Params) -> Result<i64, Error> {
        let insert = || -> rusqlite::Result<i64> {
            self.db.prepare_cached(sql)?.execute(values)?;
            Ok(self.db.last_insert_rowid())
        };
        insert().map_err(|source| Error::Database { path: self.path.clone(), source })
    }

    /// Notes something about the machine or the tools.
    pub fn note(&self, subject: &str, key: &str, value: &str) -> Result<(), Error> {
        self.insert(
            "INSERT INTO fact (run, at, subject, key, value) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![self.run, now(), subject, key, value],
        )?;
        Ok(())
    }

    /// An effect is about to be tried.
    pub fn intend(&self, operation: &str, subject: &str) -> Result<EffectId, Error> {
        self.insert(
            "INSERT INTO effect (run, at, operation, subject) VALUES (?1, ?2, ?3, ?4)",
            params![self.run, now(), operation, subject],
        )
        .map(EffectId)
    }

    /// How an effect ended.
    pub fn conclude(
        &self,
        effect: EffectId,
        status: &str,
        detail: Option<&str>,
    ) -> Result<(), Error> {
        self.insert(
            "INSERT INTO effect_outcome (effect, at, status, detail) VALUES (?1, ?2, ?3, ?4)",
            params![effect.0, now(), status, detail],
        )?;
        Ok(())
    }

    /// Enters a deployment once; later calls find it.
    pub fn deployment(&self, deployment: &Deployment, model: Option<&str>) -> Result<(), Error> {
        let (contestant, target) = (&deployment.contestant, &deployment.target);
        self.insert(
            "INSERT INTO deployment (variant, sample, platform, architecture, memory_mb, model)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            params![
                contestant.variant.as_str(),
                contestant.sample.to_string(),
                target.platform.as_str(),
                target.architecture.as_str(),
                target.memory_mb,
                model
            ],
        )?;
        Ok(())
    }

    /// Enters what a check of one output found; `package` is the hash of the code that answered.
    pub fn verified(
        &self,
        verification: &Verification,
        package: &str,
        checks_json: &str,
    ) -> Result<(), Error> {
        self.insert(
            &format!(
                "INSERT INTO verification (run, at, package, function, flow, input, accepted, reason,
                     metric, value, bound, output_sha256, checks, deployment)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, {})",
                deployment_id(14)
            ),
            params![
                self.run,
                now(),
                package,
                verification.function.as_str(),
                verification.flow.as_str(),
                verification.input.as_ref(),
                verification.accepted,
                verification.reason.as_deref(),
                verification.metric.as_ref(),
                verification.value,
                verification.limit,
                verification.output_sha256.as_deref(),
                checks_json,
                verification.deployment.contestant.variant.as_str(),
                verification.deployment.contestant.sample.to_string(),
                verification.deployment.target.platform.as_str(),
                verification.deployment.target.architecture.as_str(),
                verification.deployment.target.memory_mb,
            ],
        )?;
        Ok(())
    }

    /// A set of fresh sandboxes is about to be used.
    pub fn begin_round(&self, session: u32, number: u32, phase: Phase) -> Result<RoundId, Error> {
        self.insert(
            "INSERT INTO round (run, session, number, phase, started_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![self.run, session, number, phase.as_str(), now()],
        )
        .map(RoundId)
    }

    /// A round has had all its passes, or stops for this reason.
    pub fn end_round(&self, round: RoundId, status: &Status) -> Result<(), Error> {
        self.insert(
            "INSERT INTO round_outcome (round, ended_at, status) VALUES (?1, ?2, ?3)",
            params![round.0, now(), status.0.as_ref()],
        )?;
        Ok(())
    }

    /// A pass is about to be run.
    pub fn begin_pass(&self, pass: &PassIntent<'_>) -> Result<PassId, Error> {
        let (contestant, target) = (&pass.deployment.contestant, &pass.deployment.target);
        self.insert(
            &format!(
                "INSERT INTO pass (round, block, position, phase, flow, image, started_at,
                     orchestration, deployment)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, {})",
                deployment_id(9)
            ),
            params![
                pass.round.0,
                pass.block,
                pass.position,
                pass.phase.as_str(),
                pass.flow.as_str(),
                pass.image.as_str(),
                now(),
                pass.orchestration.as_str(),
                contestant.variant.as_str(),
                contestant.sample.to_string(),
                target.platform.as_str(),
                target.architecture.as_str(),
                target.memory_mb,
            ],
        )
        .map(PassId)
    }

    /// How a pass ended.
    pub fn end_pass(
        &self,
        pass: PassId,
        turnaround: Option<Duration>,
        status: &Status,
    ) -> Result<(), Error> {
        self.insert(
            "INSERT INTO pass_outcome (pass, turnaround_ns, status) VALUES (?1, ?2, ?3)",
            params![pass.0, turnaround.map(nanoseconds), status.0.as_ref()],
        )?;
        Ok(())
    }

    /// What the platform says of the execution that was a pass.
    pub fn executed(
        &self,
        pass: PassId,
        name: Option<&str>,
        execution: &Execution,
    ) -> Result<(), Error> {
        self.insert(
            "INSERT INTO execution (pass, at, name, duration_ms, billed_ms, memory_mb)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                pass.0,
                now(),
                name,
                execution.duration_ms,
                execution.billed_ms,
                execution.memory_mb,
            ],
        )?;
        Ok(())
    }

    /// A function is about to be called; the hash of its event finds the call in the platform's
    /// own record.
    pub fn begin_invocation(
        &self,
        pass: PassId,
        function: &Name,
        event_sha256: &str,
        input_bytes: Option<u64>,
    ) -> Result<InvocationId, Error> {
        self.insert(
            "INSERT INTO invocation (pass, function, event_sha256, input_bytes, started_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![pass.0, function.as_str(), event_sha256, input_bytes, now()],
        )
        .map(InvocationId)
    }

    /// How a call ended.
    pub fn end_invocation(
        &self,
        invocation: InvocationId,
        outcome: &InvocationOutcome,
    ) -> Result<(), Error> {
        self.insert(
            "INSERT INTO invocation_outcome (invocation, request_id, sent_ns, client_ns, state,
                 duration_ms, billed_ms, init_ms, max_memory_mb, sandbox, cpu_model, stages, status, error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            params![
                invocation.0,
                outcome.request_id,
                outcome.sent.map(nanoseconds),
                outcome.client.map(nanoseconds),
                outcome.state.map(State::as_str),
                outcome.duration_ms,
                outcome.billed_ms,
                outcome.init_ms,
                outcome.max_memory_mb,
                outcome.sandbox,
                outcome.cpu_model,
                outcome.stages,
                outcome.status,
                outcome.error,
            ],
        )?;
        Ok(())
    }

    /// A call's REPORT was found after all.
    pub fn found_report(&self, invocation: InvocationId, report: &LateReport) -> Result<(), Error> {
        self.insert(
            "INSERT INTO late_report (invocation, at, duration_ms, billed_ms, init_ms, max_memory_mb)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                invocation.0,
                now(),
                report.duration_ms,
                report.billed_ms,
                report.init_ms,
                report.max_memory_mb,
            ],
        )?;
        Ok(())
    }

    /// How far the client was from the platform before a block.
    pub fn measured_distance(
        &self,
        round: RoundId,
        block: u32,
        distance: &Distance,
    ) -> Result<(), Error> {
        self.insert(
            "INSERT INTO distance (round, block, at, call_ns, call_duration_ms, head_ns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                round.0,
                block,
                now(),
                distance.call.map(nanoseconds),
                distance.call_duration_ms,
                distance.head.map(nanoseconds),
            ],
        )?;
        Ok(())
    }

    /// What a call wrote.
    pub fn saw_output(&self, invocation: InvocationId, output: &OutputSeen) -> Result<(), Error> {
        self.insert(
            "INSERT INTO invocation_output (invocation, bytes, sha256, status) VALUES (?1, ?2, ?3, ?4)",
            params![invocation.0, output.bytes, output.sha256, output.status],
        )?;
        Ok(())
    }
}

fn nanoseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// The subquery that finds a deployment by the five parameters from `?first` on.
fn deployment_id(first: usize) -> String {
    format!(
        "(SELECT id FROM deployment WHERE variant = ?{} AND sample = ?{} AND platform = ?{}
          AND architecture = ?{} AND memory_mb = ?{})",
        first,
        first + 1,
        first + 2,
        first + 3,
        first + 4
    )
}

/// The file whose lock is the right to write.
pub(crate) const LOCK: &str = ".lock";

/// Holds the study directory for this process; the kernel lets go when the process ends.
fn lock(directory: &Path) -> Result<File, Error> {
    let path = directory.join(LOCK);
    let at = |source| Error::File { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(at)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::Busy(directory.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(at(source)),
    }
}

/// Enters whose journal this is, or checks that it is theirs.
fn claim(db: &Connection, path: &Path, identity: &Identity) -> Result<(), Error> {
    let database = |source| Error::Database { path: path.to_owned(), source };
    let found: Option<(String, String)> = db
        .query_row("SELECT name, fingerprint FROM study", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(database)?;
    match found {
        None => {
            db.execute(
                "INSERT INTO study (id, name, fingerprint, created_at) VALUES (1, ?1, ?2, ?3)",
                params![identity.study, identity.fingerprint, now()],
            )
            .map_err(database)?;
            Ok(())
        }
        Some((name, fingerprint)) if fingerprint == identity.fingerprint => {
            debug_assert_eq!(name, identity.study, "one fingerprint, one study");
            Ok(())
        }
        Some((name, fingerprint)) => Err(Error::OtherStudy {
            path: path.to_owned(),
            found: format!("`{name}` ({})", short(&fingerprint)),
            wanted: format!("`{}` ({})", identity.study, short(&identity.fingerprint)),
        }),
    }
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
