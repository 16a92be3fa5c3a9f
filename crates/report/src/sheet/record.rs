//! `invocations.csv` and `passes.csv`.

use std::sync::Arc;

use photofinish_study::record::{Execution, Invocation, Pass, Position, Status};
use photofinish_study::{
    Contestant, Deployment, Name, Orchestration, Phase, Sample, State, Target,
};

use super::cells::{maybe, maybe_number};
use super::{BadCell, Cells, Row};

/// Reads the columns that say whose code ran where, sharing the last row's answer if it is the same.
pub(super) fn deployment(
    cells: &Cells<'_>,
    last: Option<&Arc<Deployment>>,
) -> Result<Arc<Deployment>, BadCell> {
    let contestant = Contestant {
        variant: cells.with("variant", Name::new)?,
        sample: cells.or("sample", Sample::first(1))?,
    };
    let deployment = Deployment { contestant, target: target(cells)? };
    Ok(last.filter(|last| ***last == deployment).map_or_else(|| Arc::new(deployment), Arc::clone))
}

pub(super) fn target(cells: &Cells<'_>) -> Result<Target, BadCell> {
    Ok(Target {
        platform: cells.get("platform")?,
        architecture: cells.get("architecture")?,
        memory_mb: cells.get("memory_mb")?,
    })
}

fn position(
    cells: &Cells<'_>,
    model: Option<Arc<str>>,
    last: Option<&Position>,
) -> Result<Position, BadCell> {
    Ok(Position {
        pass: cells.get("pass")?,
        session: cells.or("session", 1)?,
        round: cells.get("round")?,
        block: cells.or("block", 1)?,
        position: cells.or("position", 1)?,
        phase: cells.or("phase", Phase::Race)?,
        flow: cells.get("flow")?,
        orchestration: cells.or("orchestration", Orchestration::Client)?,
        deployment: deployment(cells, last.map(|last| &last.deployment))?,
        model,
        image: cells.with("image", Name::new)?,
    })
}

/// Where there is no such column at all, only what went well was written down.
fn status(cells: &Cells<'_>) -> Result<Status, BadCell> {
    let text: String = cells.or("status", Status::OK.to_owned())?;
    if text.is_empty() {
        return Err(BadCell { column: "status", cause: "is empty, but must not be".to_owned() });
    }
    Ok(Status(text.into()))
}

/// What the platform says of a state machine's execution, if anything.
fn execution(cells: &Cells<'_>) -> Result<Option<Execution>, BadCell> {
    let read = Execution {
        duration_ms: cells.figure("execution_ms")?,
        billed_ms: cells.figure("execution_billed_ms")?,
        memory_mb: cells.figure("execution_memory_mb")?,
    };
    Ok(Some(read).filter(|read| *read != Execution::default()))
}

/// What a call found; where there is no such column at all, a warm sandbox.
fn state(cells: &Cells<'_>) -> Result<Option<State>, BadCell> {
    if cells.has("state") { cells.find("state") } else { Ok(Some(State::Warm)) }
}

fn place(at: &Position) -> [String; 7] {
    [
        at.pass.to_string(),
        at.session.to_string(),
        at.round.to_string(),
        at.block.to_string(),
        at.position.to_string(),
        at.phase.to_string(),
        at.flow.to_string(),
    ]
}

pub(super) fn target_cells(target: &Target) -> [String; 3] {
    [target.platform.to_string(), target.architecture.to_string(), target.memory_mb.to_string()]
}

impl Row for Invocation {
    const FILE: &str = "invocations.csv";
    const COLUMNS: &[&str] = &[
        "pass",
        "session",
        "round",
        "block",
        "position",
        "phase",
        "flow",
        "variant",
        "model",
        "sample",
        "function",
        "platform",
        "architecture",
        "memory_mb",
        "image",
        "state",
        "started_at",
        "client_ms",
        "duration_ms",
        "billed_ms",
        "init_ms",
        "max_memory_mb",
        "cpu_ms",
        "import_ms",
        "download_ms",
        "compute_ms",
        "upload_ms",
        "input_bytes",
        "output_bytes",
        "s3_requests",
        "sandbox",
        "cpu_model",
        "status",
        "error",
        "output_sha256",
        "cost_usd",
        "sent_ms",
        "orchestration",
    ];

    /// Other tools may not know the rest; see `docs/invocations.md` for what then holds.
    const REQUIRED: &[&str] = &[
        "pass",
        "round",
        "flow",
        "variant",
        "function",
        "platform",
        "architecture",
        "memory_mb",
        "image",
        "duration_ms",
    ];

    fn cells(&self) -> Vec<String> {
        let contestant = &self.at.deployment.contestant;
        let mut cells = place(&self.at).to_vec();
        cells.push(contestant.variant.to_string());
        cells.push(maybe(self.at.model.as_ref()));
        cells.push(contestant.sample.to_string());
        cells.push(self.function.to_string());
        cells.extend(target_cells(&self.at.deployment.target));
        cells.push(self.at.image.to_string());
        cells.push(maybe(self.state));
        cells.push(self.started_at.to_string());
        cells.extend(
            [
                self.client_ms,
                self.duration_ms,
                self.billed_ms,
                self.init_ms,
                self.max_memory_mb,
                self.cpu_ms,
                self.import_ms,
                self.download_ms,
                self.compute_ms,
                self.upload_ms,
            ]
            .map(maybe_number),
        );
        cells.push(maybe(self.input_bytes));
        cells.push(maybe(self.output_bytes));
        cells.push(maybe(self.s3_requests));
        cells.push(maybe(self.sandbox.as_ref()));
        cells.push(maybe(self.cpu_model.as_ref()));
        cells.push(self.status.0.to_string());
        cells.push(maybe(self.error.as_ref()));
        cells.push(maybe(self.output_sha256.as_ref()));
        cells.push(maybe_number(self.cost_usd));
        cells.push(maybe_number(self.sent_ms));
        cells.push(self.at.orchestration.to_string());
        cells
    }

    fn read(cells: &Cells<'_>, last: Option<&Self>) -> Result<Self, BadCell> {
        let before = last.map(|last| &last.at);
        let at = position(cells, cells.shared("model"), before.map(|at| &**at))?;
        Ok(Self {
            at: before.filter(|before| ***before == at).cloned().unwrap_or_else(|| Arc::new(at)),
            function: cells.with("function", Name::new)?,
            state: state(cells)?,
            started_at: cells.text("started_at").into(),
            sent_ms: cells.figure("sent_ms")?,
            client_ms: cells.figure("client_ms")?,
            duration_ms: cells.figure("duration_ms")?,
            billed_ms: cells.figure("billed_ms")?,
            init_ms: cells.figure("init_ms")?,
            max_memory_mb: cells.figure("max_memory_mb")?,
            cpu_ms: cells.figure("cpu_ms")?,
            import_ms: cells.figure("import_ms")?,
            download_ms: cells.figure("download_ms")?,
            compute_ms: cells.figure("compute_ms")?,
            upload_ms: cells.figure("upload_ms")?,
            input_bytes: cells.find("input_bytes")?,
            output_bytes: cells.find("output_bytes")?,
            s3_requests: cells.find("s3_requests")?,
            sandbox: cells.shared("sandbox"),
            cpu_model: cells.shared("cpu_model"),
            status: status(cells)?,
            error: cells.shared("error"),
            output_sha256: cells.shared("output_sha256"),
            cost_usd: cells.figure("cost_usd")?,
        })
    }
}

impl Row for Pass {
    const FILE: &str = "passes.csv";
    const COLUMNS: &[&str] = &[
        "pass",
        "session",
        "round",
        "block",
        "position",
        "phase",
        "flow",
        "variant",
        "sample",
        "platform",
        "architecture",
        "memory_mb",
        "image",
        "state",
        "started_at",
        "turnaround_s",
        "status",
        "orchestration",
        "execution_ms",
        "execution_billed_ms",
        "execution_memory_mb",
    ];

    /// What came later may be missing: then the client called.
    const REQUIRED: &[&str] = Self::COLUMNS.split_at(17).0;

    fn cells(&self) -> Vec<String> {
        let contestant = &self.at.deployment.contestant;
        let mut cells = place(&self.at).to_vec();
        cells.push(contestant.variant.to_string());
        cells.push(contestant.sample.to_string());
        cells.extend(target_cells(&self.at.deployment.target));
        cells.push(self.at.image.to_string());
        cells.push(maybe(self.state));
        cells.push(self.started_at.to_string());
        cells.push(maybe_number(self.turnaround_s));
        cells.push(self.status.0.to_string());
        cells.push(self.at.orchestration.to_string());
        let of = self.execution.unwrap_or_default();
        cells.extend([of.duration_ms, of.billed_ms, of.memory_mb].map(maybe_number));
        cells
    }

    /// The model is not in this file: it reads back as none.
    fn read(cells: &Cells<'_>, last: Option<&Self>) -> Result<Self, BadCell> {
        Ok(Self {
            at: position(cells, None, last.map(|last| &last.at))?,
            state: cells.find("state")?,
            started_at: cells.text("started_at").into(),
            turnaround_s: cells.find("turnaround_s")?,
            execution: execution(cells)?,
            status: status(cells)?,
        })
    }
}
