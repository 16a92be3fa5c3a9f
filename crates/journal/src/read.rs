//! Reading: the rows back as the words of a study.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use photofinish_study::record::{Execution, Invocation, Pass, Position, Status, Verification};
use photofinish_study::{
    BadDeployment, Contestant, Deployment, Inspection, Name, Phase, Sample, State, Target,
};
use rusqlite::{Connection, OpenFlags, Row};

use crate::error::Error;
use crate::schema;
use crate::write::{Distance, Journal};

mod history;

pub use history::{EffectRow, RunRow};

/// A journal to read, beside its writer or long after it.
#[derive(Debug)]
pub struct Reader<'a> {
    path: PathBuf,
    db: Db<'a>,
    format: i64,
}

#[derive(Debug)]
enum Db<'a> {
    Own(Connection),
    Writers(&'a Connection),
}

/// One fact about the machine or the tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Which run noted it.
    pub run: u64,
    /// About what.
    pub subject: String,
    /// Which property.
    pub key: String,
    /// What it is.
    pub value: String,
}

/// One round as begun and ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundRow {
    /// Its number in the study.
    pub number: u32,
    /// Its session.
    pub session: u32,
    /// `race` or `stages`.
    pub phase: Phase,
    /// When it was begun.
    pub started_at: String,
    /// When it ended; nothing if nobody wrote that.
    pub ended_at: Option<String>,
    /// How it ended.
    pub status: Status,
}

/// An effect whose outcome nobody wrote, or that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// What was tried.
    pub operation: String,
    /// On what.
    pub subject: String,
}

impl Reader<'static> {
    /// Opens a study directory's journal read-only.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(Journal::FILE);
        if !path.is_file() {
            return Err(Error::Missing(directory.to_owned()));
        }
        let database = |source| Error::Database { path: path.clone(), source };
        let db = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(database)?;
        match schema::format(&db).map_err(database)? {
            format @ (schema::FORMAT | schema::BY_THE_CLIENT) => {
                Ok(Self { path, db: Db::Own(db), format })
            }
            0 => Err(Error::Missing(directory.to_owned())),
            found => Err(Error::of_format(path, found)),
        }
    }
}

/// What was found about one output.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What stands in tables.
    pub verification: Verification,
    /// The hash of the code that answered.
    pub package: String,
    /// Every check, as JSON.
    pub checks: String,
}

impl<'a> Reader<'a> {
    /// Reads through the writer's own connection.
    #[must_use]
    pub fn of(journal: &'a Journal) -> Self {
        let path = journal.path().to_owned();
        Self { path, db: Db::Writers(journal.db()), format: schema::FORMAT }
    }

    fn query<T>(
        &self,
        table: &'static str,
        sql: &str,
        mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Error> {
        let db = match &self.db {
            Db::Own(db) => db,
            Db::Writers(db) => db,
        };
        let database = |source| Error::Database { path: self.path.clone(), source };
        let mut statement = db.prepare(sql).map_err(database)?;
        let mut rows = statement.query([]).map_err(database)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(database)? {
            let item = read(row).map_err(|fault| match fault {
                Fault::Database(source) => database(source),
                Fault::Word(message) => Error::Row {
                    path: self.path.clone(),
                    table,
                    row: row.get(0).unwrap_or(0),
                    message,
                },
            })?;
            all.push(item);
        }
        Ok(all)
    }

    /// Everything noted about machines and tools.
    pub fn facts(&self) -> Result<Vec<Fact>, Error> {
        self.query("fact", "SELECT run, subject, key, value FROM fact ORDER BY id", |row| {
            Ok(Fact {
                run: row.get(0)?,
                subject: row.get(1)?,
                key: row.get(2)?,
                value: row.get(3)?,
            })
        })
    }

    /// The rounds in order; one that nobody ended is in doubt.
    pub fn rounds(&self) -> Result<Vec<RoundRow>, Error> {
        self.query(
            "round",
            "SELECT r.number, r.session, r.phase, o.status, r.started_at, o.ended_at FROM round r
             LEFT JOIN round_outcome o ON o.round = r.id ORDER BY r.number",
            |row| {
                Ok(RoundRow {
                    number: row.get(0)?,
                    session: row.get(1)?,
                    phase: word(row, 2)?,
                    status: status(row, 3)?,
                    started_at: row.get(4)?,
                    ended_at: row.get(5)?,
                })
            },
        )
    }

    /// How far the client was from the platform, in order.
    pub fn distances(&self) -> Result<Vec<Distance>, Error> {
        self.query(
            "distance",
            "SELECT call_ns, call_duration_ms, head_ns FROM distance ORDER BY id",
            |row| {
                let time = |column| {
                    let ns = row.get::<_, Option<i64>>(column)?;
                    Ok::<_, Fault>(ns.map(|ns| Duration::from_nanos(ns.unsigned_abs())))
                };
                Ok(Distance { call: time(0)?, call_duration_ms: row.get(1)?, head: time(2)? })
            },
        )
    }

    /// Effects without an outcome.
    pub fn unfinished(&self) -> Result<Vec<Unfinished>, Error> {
        self.query(
            "effect",
            "SELECT e.operation, e.subject FROM effect e
             LEFT JOIN effect_outcome o ON o.effect = e.id WHERE o.effect IS NULL ORDER BY e.id",
            |row| Ok(Unfinished { operation: row.get(0)?, subject: row.get(1)? }),
        )
    }

    /// Every check of the newest code of each deployment and function, the latest of each input.
    /// The hash of the code comes with it.
    pub fn verifications(&self) -> Result<Vec<(Verification, String)>, Error> {
        let judgements = self.judgements()?;
        Ok(judgements.into_iter().map(|found| (found.verification, found.package)).collect())
    }

    /// The same with everything that was looked at.
    pub fn judgements(&self) -> Result<Vec<Judgement>, Error> {
        let deployments = self.deployments()?;
        self.query(
            "verification",
            "SELECT id, deployment, function, flow, input, accepted, reason, metric, value, bound,
                    output_sha256, package, checks
             FROM verification WHERE id IN (
                 SELECT MAX(id) FROM verification GROUP BY deployment, function, flow, input)
             ORDER BY id",
            |row| {
                let verification = Verification {
                    deployment: find(&deployments, row.get(1)?)?.0,
                    function: name(row, 2)?,
                    flow: word(row, 3)?,
                    input: text(row, 4)?,
                    accepted: row.get(5)?,
                    reason: optional_text(row, 6)?,
                    metric: text(row, 7)?,
                    value: row.get(8)?,
                    limit: row.get(9)?,
                    output_sha256: optional_text(row, 10)?,
                };
                Ok(Judgement { verification, package: row.get(11)?, checks: row.get(12)? })
            },
        )
    }

    fn deployments(&self) -> Result<Deployments, Error> {
        let rows = self.query(
            "deployment",
            "SELECT id, variant, sample, platform, architecture, memory_mb, model FROM deployment",
            |row| {
                let deployment = Deployment {
                    contestant: Contestant { variant: name(row, 1)?, sample: sample(row, 2)? },
                    target: Target {
                        platform: word(row, 3)?,
                        architecture: word(row, 4)?,
                        memory_mb: row.get(5)?,
                    },
                };
                Ok((row.get(0)?, (Arc::new(deployment), optional_text(row, 6)?)))
            },
        )?;
        Ok(rows.into_iter().collect())
    }

    /// Every pass in the order in which it was begun, in-doubt ones too.
    pub fn passes(&self) -> Result<Vec<Pass>, Error> {
        let deployments = self.deployments()?;
        let states = self.pass_states()?;
        let executions = self.executions()?;
        let orchestration = match self.format {
            schema::BY_THE_CLIENT => "'client'",
            _ => "p.orchestration",
        };
        self.query(
            "pass",
            &format!(
                "SELECT p.id, r.session, r.number, p.block, p.position, p.phase, p.flow,
                        p.deployment, p.image, {orchestration}, p.started_at, o.turnaround_ns,
                        o.status
                 FROM pass p JOIN round r ON r.id = p.round
                 LEFT JOIN pass_outcome o ON o.pass = p.id ORDER BY p.id"
            ),
            |row| {
                let id: i64 = row.get(0)?;
                Ok(Pass {
                    at: position(row, &deployments)?,
                    state: states.get(&id).copied(),
                    started_at: text(row, 10)?,
                    turnaround_s: row.get::<_, Option<i64>>(11)?.map(|ns| nanoseconds(ns) / 1e9),
                    execution: executions.get(&id).copied(),
                    status: status(row, 12)?,
                })
            },
        )
    }

    /// The executions of state machines, by their passes.
    fn executions(&self) -> Result<HashMap<i64, Execution>, Error> {
        if self.format == schema::BY_THE_CLIENT {
            return Ok(HashMap::new());
        }
        let rows = self.query(
            "execution",
            "SELECT pass, duration_ms, billed_ms, memory_mb FROM execution",
            |row| {
                let (duration_ms, billed_ms, memory_mb) = (row.get(1)?, row.get(2)?, row.get(3)?);
                Ok((row.get(0)?, Execution { duration_ms, billed_ms, memory_mb }))
            },
        )?;
        Ok(rows.into_iter().collect())
    }

    /// Each pass's state: that of its coldest invocation.
    fn pass_states(&self) -> Result<HashMap<i64, State>, Error> {
        let rows = self.query(
            "invocation_outcome",
            &format!(
                "SELECT i.pass, {STATE}
                 FROM invocation i JOIN invocation_outcome o ON o.invocation = i.id
                 LEFT JOIN late_report l ON l.invocation = i.id WHERE o.state IS NOT NULL"
            ),
            |row| Ok((row.get::<_, i64>(0)?, word::<State>(row, 1)?)),
        )?;
        let mut coldest = HashMap::new();
        for (pass, state) in rows {
            coldest
                .entry(pass)
                .and_modify(|known: &mut State| *known = state.min(*known))
                .or_insert(state);
        }
        Ok(coldest)
    }

    /// Every invocation in the order in which it was begun, in-doubt ones too.
    /// Prices are not the journal's business: `cost_usd` is empty.
    pub fn invocations(&self) -> Result<Vec<Invocation>, Error> {
        let positions: HashMap<u64, Arc<Position>> =
            self.passes()?.into_iter().map(|pass| (pass.at.pass, Arc::new(pass.at))).collect();
        self.query(
            "invocation",
            &format!(
                "SELECT i.id, i.pass, i.function,
                    {STATE},
                    i.started_at, o.client_ns, coalesce(o.duration_ms, l.duration_ms),
                    coalesce(o.billed_ms, l.billed_ms), coalesce(o.init_ms, l.init_ms),
                    coalesce(o.max_memory_mb, l.max_memory_mb), o.stages, i.input_bytes, u.bytes,
                    o.sandbox, o.cpu_model,
                    CASE WHEN l.invocation IS NOT NULL AND o.status = 'no report' THEN 'ok'
                         ELSE o.status END,
                    o.error, u.sha256, u.status, o.sent_ns, e.pass IS NOT NULL
             FROM invocation i
             LEFT JOIN invocation_outcome o ON o.invocation = i.id
             LEFT JOIN late_report l ON l.invocation = i.id
             LEFT JOIN invocation_output u ON u.invocation = i.id
             LEFT JOIN pass_outcome e ON e.pass = i.pass ORDER BY i.id"
            ),
            |row| invocation(row, &positions),
        )
    }

    /// The hash of each invocation's event, with whether its end is known: to be reconciled with
    /// the platform's own record.
    pub fn events(&self) -> Result<Vec<(String, bool)>, Error> {
        self.query(
            "invocation",
            "SELECT i.event_sha256, o.invocation IS NOT NULL FROM invocation i
             LEFT JOIN invocation_outcome o ON o.invocation = i.id ORDER BY i.id",
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }
}

/// A call's state, of an invocation's outcome `o` and late report `l`: an init that is told late is
/// as good as one that came with the answer.
const STATE: &str = "CASE WHEN l.init_ms IS NULL THEN o.state
     WHEN o.client_ns < (l.duration_ms + l.init_ms) * 1e6 THEN 'proactive' ELSE 'cold' END";

/// A deployment by its row, with the model behind it.
type Deployments = HashMap<i64, (Arc<Deployment>, Option<Arc<str>>)>;

/// Why a row could not be read.
enum Fault {
    Database(rusqlite::Error),
    Word(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

fn find(deployments: &Deployments, id: i64) -> Result<(Arc<Deployment>, Option<Arc<str>>), Fault> {
    deployments.get(&id).cloned().ok_or_else(|| Fault::Word(format!("there is no deployment {id}")))
}

fn word<T: FromStr<Err: ToString>>(row: &Row<'_>, column: usize) -> Result<T, Fault> {
    row.get_ref(column)?
        .as_str()
        .map_err(|error| Fault::Word(error.to_string()))?
        .parse()
        .map_err(|error: T::Err| Fault::Word(error.to_string()))
}

fn name(row: &Row<'_>, column: usize) -> Result<Name, Fault> {
    let text: String = row.get(column)?;
    Name::new(&text).map_err(|error| Fault::Word(error.to_string()))
}

fn sample(row: &Row<'_>, column: usize) -> Result<Sample, Fault> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error: BadDeployment| Fault::Word(error.to_string()))
}

fn text(row: &Row<'_>, column: usize) -> Result<Arc<str>, Fault> {
    Ok(row.get::<_, String>(column)?.into())
}

fn optional_text(row: &Row<'_>, column: usize) -> Result<Option<Arc<str>>, Fault> {
    Ok(row.get::<_, Option<String>>(column)?.map(Into::into))
}

/// The status in this column; an intent without an outcome is in doubt.
fn status(row: &Row<'_>, column: usize) -> Result<Status, Fault> {
    Ok(Status(optional_text(row, column)?.unwrap_or_else(|| Status::IN_DOUBT.into())))
}

#[expect(clippy::cast_precision_loss, reason = "52 bits hold 52 days of nanoseconds")]
fn nanoseconds(ns: i64) -> f64 {
    ns as f64
}

fn position(row: &Row<'_>, deployments: &Deployments) -> Result<Position, Fault> {
    let (deployment, model) = find(deployments, row.get(7)?)?;
    Ok(Position {
        pass: row.get(0)?,
        session: row.get(1)?,
        round: row.get(2)?,
        block: row.get(3)?,
        position: row.get(4)?,
        phase: word(row, 5)?,
        flow: word(row, 6)?,
        deployment,
        model,
        image: name(row, 8)?,
        orchestration: word(row, 9)?,
    })
}

fn invocation(row: &Row<'_>, positions: &HashMap<u64, Arc<Position>>) -> Result<Invocation, Fault> {
    let pass: u64 = row.get(1)?;
    let at = positions.get(&pass).ok_or_else(|| Fault::Word(format!("there is no pass {pass}")))?;
    let stages: Inspection = match row.get::<_, Option<String>>(10)? {
        Some(json) => {
            serde_json::from_str(&json).map_err(|error| Fault::Word(error.to_string()))?
        }
        None => Inspection::default(),
    };
    let called = status(row, 15)?;
    let output = optional_text(row, 18)?.map(Status);
    let pass_ended: bool = row.get(20)?;
    // A call is ok when it answered, what it wrote was right, and its pass came to an end: so a
    // pass went well exactly when all its calls did.
    let status = match (called.is_ok(), output) {
        (true, Some(output)) if pass_ended || !output.is_ok() => output,
        (true, None) if pass_ended => called,
        (true, _) => Status(Status::IN_DOUBT.into()),
        (false, _) => called,
    };
    Ok(Invocation {
        at: Arc::clone(at),
        function: name(row, 2)?,
        state: match row.get_ref(3)? {
            rusqlite::types::ValueRef::Null => None,
            _ => Some(word(row, 3)?),
        },
        started_at: text(row, 4)?,
        sent_ms: row.get::<_, Option<i64>>(19)?.map(|ns| nanoseconds(ns) / 1e6),
        client_ms: row.get::<_, Option<i64>>(5)?.map(|ns| nanoseconds(ns) / 1e6),
        duration_ms: row.get(6)?,
        billed_ms: row.get(7)?,
        init_ms: row.get(8)?,
        max_memory_mb: row.get(9)?,
        cpu_ms: stages.cpu_ms,
        import_ms: stages.import_ms,
        download_ms: stages.download_ms,
        compute_ms: stages.compute_ms,
        upload_ms: stages.upload_ms,
        input_bytes: row.get(11)?,
        output_bytes: row.get(12)?,
        s3_requests: stages.s3_requests,
        sandbox: optional_text(row, 13)?,
        cpu_model: optional_text(row, 14)?,
        status,
        error: optional_text(row, 16)?,
        output_sha256: optional_text(row, 17)?,
        cost_usd: None,
    })
}
