//! All sandboxes of an emulator: taken, given back, retired.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::deployment::Deployment;
use super::outcome::Outcome;
use super::record::{FORMAT, Line, Record};
use super::report::{Report, init_report, milliseconds};
use super::runtime_api::Event;
use super::sandbox::{Initialised, Sandbox, Surroundings};
use crate::clock;
use crate::error::Error;
use crate::fault::Fault;

const INIT_LIMIT: Duration = Duration::from_secs(10);
/// Lambda's default for an account.
const CONCURRENCY: u32 = 1000;
/// Warm sandboxes that wait for work; beyond, the one unused for longest is ended.
const IDLE: usize = 64;

/// What a client wants run.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    pub(crate) client_context: Option<String>,
    pub(crate) trace_id: String,
}

/// What a client is told.
#[derive(Debug)]
pub(crate) struct Invoked {
    pub(crate) outcome: Outcome,
    pub(crate) log_tail: Vec<u8>,
}

/// The sandboxes.
pub(crate) struct Pool {
    around: Surroundings,
    record: Record,
    state: Mutex<State>,
    tasks: Mutex<JoinSet<()>>,
}

#[derive(Default)]
struct State {
    idle: Vec<Sandbox>,
    running: BTreeMap<String, u32>,
    /// The revision that sandboxes of a function may be kept for.
    current: BTreeMap<String, String>,
}

/// A place among the invocations that run at once.
struct Place {
    pool: Arc<Pool>,
    function: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(count) = self.pool.lock().running.get_mut(&self.function) {
            *count = count.saturating_sub(1);
        }
    }
}

/// One invocation with all that is known of its run.
struct Run {
    outcome: Outcome,
    duration: Duration,
    init: Option<Duration>,
    cold: bool,
}

impl Pool {
    /// The revision of a function that is gone.
    pub(crate) const NO_REVISION: &str = "";

    pub(crate) fn new(around: Surroundings) -> Result<Arc<Self>, Error> {
        let record = Record::open(&around.data.join("invocations.jsonl"))?;
        Ok(Arc::new(Self { around, record, state: Mutex::default(), tasks: Mutex::default() }))
    }

    /// Runs an invocation to its end, whether or not the caller stays to hear it.
    pub(crate) async fn invoke(
        self: &Arc<Self>,
        deployment: Deployment,
        invocation: Invocation,
    ) -> Result<Invoked, Fault> {
        let place = self.admit(&deployment)?;
        let (done, result) = oneshot::channel();
        let pool = Arc::clone(self);
        self.spawn(async move {
            let invoked = pool.run(&deployment, invocation).await;
            drop(place);
            // The caller may have gone.
            let _ = done.send(invoked);
        });
        result.await.unwrap_or_else(|_| Err(Fault::service("the emulator is being stopped")))
    }

    /// From now on only this revision's sandboxes are kept; waiting ones of others are ended.
    pub(crate) async fn retire(&self, function: &str, revision: &str) {
        let old = {
            let mut state = self.lock();
            state.current.insert(function.to_owned(), revision.to_owned());
            let outdated = |sandbox: &mut Sandbox| {
                sandbox.function == function && sandbox.revision != revision
            };
            state.idle.extract_if(.., outdated).collect::<Vec<_>>()
        };
        for sandbox in old {
            sandbox.stop().await;
        }
    }

    /// Breaks off what runs, ends every sandbox, and then their keeper.
    pub(crate) async fn shut_down(&self) -> Result<(), Error> {
        let mut tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
        // Dropping a sandbox has its guest ended.
        self.lock().idle.clear();
        self.around.watchers.all_ended().await;
        self.around.keeper.clone().shutdown().await.map_err(Error::Keeper)
    }

    fn admit(self: &Arc<Self>, deployment: &Deployment) -> Result<Place, Fault> {
        let mut state = self.lock();
        let all: u32 = state.running.values().sum();
        let running = state.running.entry(deployment.name().to_owned()).or_default();
        let reserved = deployment.function.reserved_concurrency;
        if reserved.is_some_and(|reserved| *running >= reserved) || all >= CONCURRENCY {
            return Err(Fault::new(
                "TooManyRequestsException",
                http::StatusCode::TOO_MANY_REQUESTS,
                "Rate Exceeded.",
            ));
        }
        *running += 1;
        Ok(Place { pool: Arc::clone(self), function: deployment.name().to_owned() })
    }

    async fn run(
        self: &Arc<Self>,
        deployment: &Deployment,
        invocation: Invocation,
    ) -> Result<Invoked, Fault> {
        let started_at = clock::log_time();
        let payload_sha256 = hex::encode(Sha256::digest(&invocation.payload));
        let request_id = invocation.request_id.clone();
        let (function, request) = (deployment.name(), request_id.as_str());
        let start = Line::Started {
            format: FORMAT,
            request_id: request,
            function,
            payload_sha256: &payload_sha256,
            started_at: &started_at,
        };
        self.record.write(&start).map_err(Fault::service)?;
        let ran = self.run_in_sandbox(deployment, invocation).await;
        let finished_at = clock::log_time();
        let mut end = Line::Finished {
            format: FORMAT,
            request_id: request,
            function,
            payload_sha256: &payload_sha256,
            started_at: &started_at,
            finished_at: &finished_at,
            outcome: "not run",
            sandbox: None,
            cold: true,
            duration_ms: 0.0,
            billed_ms: 0,
            init_ms: None,
            cpu_ms: None,
            max_memory_mb: None,
        };
        let (mut sandbox, run) = match ran {
            Ok(ran) => ran,
            Err(reason) => {
                self.record.write(&end).map_err(Fault::service)?;
                return Err(Fault::service(format!("the sandbox could not be started: {reason}")));
            }
        };
        let usage = sandbox.usage().await;
        let memory_mb = deployment.function.settings.memory_mb;
        let max_memory_mb = match run.outcome {
            Outcome::OutOfMemory => u64::from(memory_mb),
            _ => usage.max_memory_mb.unwrap_or(0),
        };
        if !run.outcome.leaves_sandbox_whole() {
            // Ended before its log is: nothing can be written after the last line.
            sandbox.stop().await;
        }
        sandbox.drain_output().await;
        let report = Report {
            request_id: request,
            duration: run.duration,
            init: run.init,
            memory_mb,
            max_memory_mb,
            outcome: &run.outcome,
        };
        write_end_of_log(&sandbox, &report);
        let log_tail = sandbox.log.tail();
        if let Line::Finished {
            outcome,
            sandbox: stream,
            cold,
            duration_ms,
            billed_ms,
            init_ms,
            cpu_ms,
            max_memory_mb: max_memory,
            ..
        } = &mut end
        {
            *outcome = run.outcome.error_type().unwrap_or("success");
            *stream = Some(&sandbox.log_stream);
            *cold = run.cold;
            *duration_ms = milliseconds(run.duration);
            *billed_ms = u64::try_from(report.billed_ms()).unwrap_or(u64::MAX);
            *init_ms = run.init.map(milliseconds);
            *cpu_ms = usage.cpu.map(milliseconds);
            *max_memory = usage.max_memory_mb;
        }
        let recorded = self.record.write(&end);
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
        let seconds = deployment.function.settings.timeout_s;
        if let Some(mut sandbox) = self.take_idle(deployment) {
            sandbox.log.begin(&event.request_id, false);
            let (outcome, duration) = sandbox.invoke(event, seconds).await;
            return Ok((sandbox, Run { outcome, duration, init: None, cold: false }));
        }
        let mut sandbox = Sandbox::start(&self.around, deployment).await?;
        match sandbox.initialise(INIT_LIMIT).await {
            Initialised::Ready(init) => {
                // So that the CPU time of the init is not the invocation's.
                sandbox.usage().await;
                sandbox.log.begin(&event.request_id, true);
                let (outcome, duration) = sandbox.invoke(event, seconds).await;
                Ok((sandbox, Run { outcome, duration, init: Some(init), cold: true }))
            }
            Initialised::Failed(outcome, init) => {
                let status =
                    format!("error\tError Type: {}", outcome.error_type().unwrap_or("Unknown"));
                sandbox.log.platform(&init_report(init, &status));
                sandbox.log.begin(&event.request_id, true);
                Ok((sandbox, Run { outcome, duration: init, init: None, cold: true }))
            }
            Initialised::TooSlow(init) => {
                sandbox.log.platform(&init_report(init, "timeout"));
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
        let (outcome, duration) = match sandbox.initialise(limit).await {
            Initialised::Ready(init) => {
                let (outcome, duration) = sandbox.invoke(event, seconds).await;
                (outcome, (init + duration).min(limit))
            }
            Initialised::Failed(outcome, init) => (outcome, init),
            Initialised::TooSlow(_) => (Outcome::TimedOut { seconds }, limit),
        };
        Ok((sandbox, Run { outcome, duration, init: None, cold: true }))
    }

    /// The warm sandbox that was used last.
    fn take_idle(&self, deployment: &Deployment) -> Option<Sandbox> {
        let mut state = self.lock();
        loop {
            let fits = |sandbox: &Sandbox| {
                sandbox.function == deployment.name()
                    && sandbox.revision == deployment.function.revision_id
            };
            let at = state.idle.iter().rposition(fits)?;
            let sandbox = state.idle.remove(at);
            if sandbox.is_alive() {
                return Some(sandbox);
            }
            self.end(sandbox);
        }
    }

    fn give_back(&self, sandbox: Sandbox, outcome: &Outcome) {
        let mut state = self.lock();
        let wanted = outcome.leaves_sandbox_whole()
            && sandbox.is_alive()
            && state
                .current
                .get(&sandbox.function)
                .is_none_or(|revision| *revision == sandbox.revision);
        if !wanted {
            self.end(sandbox);
            return;
        }
        state.idle.push(sandbox);
        if state.idle.len() > IDLE {
            // Pushed when given back: the first is the one unused for longest.
            let oldest = state.idle.remove(0);
            self.end(oldest);
        }
    }

    /// Ends a sandbox while others go on.
    fn end(&self, sandbox: Sandbox) {
        self.spawn(async move { sandbox.stop().await });
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What Lambda writes when an invocation is over. REPORT is the last line, and ours.
fn write_end_of_log(sandbox: &Sandbox, report: &Report<'_>) {
    let id = report.request_id;
    let mut lines = String::new();
    match report.outcome {
        Outcome::TimedOut { seconds } => {
            lines += &format!(
                "{} {id} Task timed out after {seconds}.00 seconds\n\n",
                clock::log_time()
            );
        }
        Outcome::Exited(exit) => {
            lines += &format!("RequestId: {id} Error: {}\nRuntime.ExitError\n", exit.reason())
        }
        Outcome::OutOfMemory => {
            lines += &format!(
                "RequestId: {id} Error: Runtime exited with error: signal: killed\nRuntime.OutOfMemory\n"
            );
        }
        _ => {}
    }
    lines += &format!("END RequestId: {id}\n");
    lines += &report.line();
    sandbox.log.platform(&lines);
}
