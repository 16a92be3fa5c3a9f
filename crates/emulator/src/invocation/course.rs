//! The course of one invocation: on record, into a sandbox, out again, logged.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::deployment::Deployment;
use super::outcome::Outcome;
use super::platform;
use super::pool::{Invocation, Invoked, Pool};
use super::record::{Call, Emulated, Ending, RunFigures};
use super::report::{Report, milliseconds};
use super::runtime_api::{Event, Receipt};
use super::sandbox::{Ended, Initialised, Sandbox, Used};
use crate::clock;
use crate::fault::Fault;

/// One invocation with all that is known of its run.
struct Run {
    outcome: Outcome,
    duration: Duration,
    init: Option<Duration>,
    cold: bool,
    /// Dropped last of all: until then the runtime waits.
    _receipt: Option<Receipt>,
}

impl Run {
    /// One whose init went well.
    fn of(ended: Ended, init: Option<Duration>, cold: bool) -> Self {
        let Ended { outcome, duration, receipt } = ended;
        Self { outcome, duration, init, cold, _receipt: receipt }
    }

    /// One that never came to its event.
    fn without_event(outcome: Outcome, duration: Duration) -> Self {
        Self { outcome, duration, init: None, cold: true, _receipt: None }
    }
}

impl Pool {
    /// Runs an invocation from its first line on record to its last.
    pub(super) async fn run(
        self: &Arc<Self>,
        deployment: &Deployment,
        invocation: Invocation,
    ) -> Result<Invoked, Fault> {
        let call = Call {
            request_id: invocation.request_id.clone(),
            function: deployment.name().to_owned(),
            payload_sha256: hex::encode(Sha256::digest(&invocation.payload)),
            started_at: clock::log_time(),
        };
        self.record.started(&call).map_err(Fault::service)?;
        match self.run_in_sandbox(deployment, invocation).await {
            Ok((sandbox, run)) => self.conclude(deployment, &call, sandbox, run).await,
            Err(reason) => {
                let ending =
                    Ending { finished_at: clock::log_time(), outcome: "not run", run: None };
                self.record.finished(&call, &ending).map_err(Fault::service)?;
                Err(Fault::service(format!("the sandbox could not be started: {reason}")))
            }
        }
    }

    /// Ends the log and the record, and gives the sandbox back.
    async fn conclude(
        self: &Arc<Self>,
        deployment: &Deployment,
        call: &Call,
        mut sandbox: Sandbox,
        run: Run,
    ) -> Result<Invoked, Fault> {
        let finished_at = clock::log_time();
        let used = if run.outcome.leaves_sandbox_whole() {
            sandbox.drain_output();
            sandbox.usage().await
        } else {
            let used = sandbox.usage().await;
            // Ended before its log is: nothing can be written after the last line.
            sandbox.stop().await;
            sandbox.drain_output();
            used
        };
        let report = report(deployment, call, &run, &used);
        sandbox.log.write(|format| platform::end(format, &report));
        let log_tail = sandbox.log.tail();
        let figures = RunFigures {
            sandbox: &sandbox.log_stream,
            cold: run.cold,
            duration_ms: milliseconds(run.duration),
            billed_ms: report.billed_ms(),
            init_ms: run.init.map(milliseconds),
            cpu_ms: used.cpu.map(milliseconds),
            max_memory_mb: used.max_memory_mb,
            emulation: report.emulation.map(Emulated::by),
        };
        let outcome = run.outcome.error_type().unwrap_or("success");
        let recorded =
            self.record.finished(call, &Ending { finished_at, outcome, run: Some(figures) });
        self.give_back(sandbox, &run.outcome);
        recorded.map_err(Fault::service)?;
        Ok(Invoked { outcome: run.outcome, log_tail })
    }

    async fn run_in_sandbox(
        &self,
        deployment: &Deployment,
        invocation: Invocation,
    ) -> Result<(Sandbox, Run), String> {
        let event = Event {
            request_id: invocation.request_id,
            payload: invocation.payload,
            deadline: SystemTime::now(),
            arn: deployment.arn.clone(),
            trace_id: invocation.trace_id,
            client_context: invocation.client_context,
        };
        let seconds = deployment.timeout_s();
        if let Some(mut sandbox) = self.take_idle(deployment) {
            sandbox.wake().await;
            sandbox.log.begin(&event.request_id, false);
            let ended = sandbox.invoke(event, seconds).await;
            return Ok((sandbox, Run::of(ended, None, false)));
        }
        let mut sandbox = Sandbox::start(&self.around, deployment).await?;
        match sandbox.initialise(deployment.init_limit()).await {
            Initialised::Ready(init) => {
                // So that the CPU time of the init is not the invocation's.
                sandbox.usage().await;
                sandbox.log.begin(&event.request_id, true);
                let ended = sandbox.invoke(event, seconds).await;
                Ok((sandbox, Run::of(ended, Some(init), true)))
            }
            Initialised::Failed(outcome, init) => {
                let ended = platform::InitEnd::Failed(outcome.error_type().unwrap_or("Unknown"));
                sandbox.log.write(|format| platform::init_report(format, init, &ended));
                sandbox.log.begin(&event.request_id, true);
                Ok((sandbox, Run::without_event(outcome, init)))
            }
            Initialised::TooSlow(init) => {
                let ended = platform::InitEnd::TimedOut;
                sandbox.log.write(|format| platform::init_report(format, init, &ended));
                sandbox.stop().await;
                self.run_with_init(deployment, event, seconds).await
            }
        }
    }

    /// After an init that took too long the second one counts as part of the invocation.
    async fn run_with_init(
        &self,
        deployment: &Deployment,
        event: Event,
        seconds: u32,
    ) -> Result<(Sandbox, Run), String> {
        let mut sandbox = Sandbox::start(&self.around, deployment).await?;
        sandbox.log.begin(&event.request_id, true);
        let limit = Duration::from_secs(u64::from(seconds));
        let run = match sandbox.initialise(limit).await {
            Initialised::Ready(init) => {
                let mut ended = sandbox.invoke(event, seconds).await;
                ended.duration = (init + ended.duration).min(limit);
                Run::of(ended, None, true)
            }
            Initialised::Failed(outcome, init) => Run::without_event(outcome, init),
            Initialised::TooSlow(_) => Run::without_event(Outcome::TimedOut { seconds }, limit),
        };
        Ok((sandbox, run))
    }
}

fn report<'a>(deployment: &'a Deployment, call: &'a Call, run: &'a Run, used: &Used) -> Report<'a> {
    let memory_mb = deployment.function.settings.memory_mb;
    let emulation = deployment.runtime.emulation.as_ref().map(|emulation| &*emulation.words);
    Report {
        request_id: &call.request_id,
        duration: run.duration,
        init: run.init,
        memory_mb,
        max_memory_mb: match run.outcome {
            // Its counters ended with it; but it is known to have had all of it.
            Outcome::OutOfMemory => u64::from(memory_mb),
            // The emulator's own is in it, and may come on top of what the function may have.
            _ if emulation.is_some() => used.max_memory_mb.unwrap_or(0).min(memory_mb.into()),
            _ => used.max_memory_mb.unwrap_or(0),
        },
        emulation,
        outcome: &run.outcome,
    }
}
