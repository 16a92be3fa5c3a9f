//! The guest of one sandbox: started by the keeper, watched, ended.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use photofinish_sandbox::{Bind, GuestSpec, Keeper, Limits};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

use super::deployment::Deployment;
use super::entrypoint;
use super::environment::{self, RUNTIME_API_PORT, S3_PORT};
use super::log::LogStream;
use super::outcome::{Exit, Outcome};
use super::output::Output;
use crate::config::Runtime;
use crate::credentials::Credentials;
use crate::emulation::Emulation;

/// Lambda's share: so many megabytes make one core.
const MEGABYTES_A_CORE: f64 = 1769.0;
const PROCESSES: u32 = 1024;
const DESCRIPTORS: u32 = 1024;
pub(super) const MEGABYTE: u64 = 1 << 20;

/// The two sockets that only the guest's network reaches.
pub(crate) struct Sockets {
    pub(crate) runtime_api: TcpListener,
    pub(crate) s3: TcpListener,
}

/// What the guest has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) cpu: Option<Duration>,
    pub(crate) max_memory_mb: Option<u64>,
    /// What it holds now.
    pub(crate) memory_bytes: Option<u64>,
}

fn spec(
    deployment: &Deployment,
    command: Vec<String>,
    credentials: &Credentials,
    log_stream: &str,
) -> GuestSpec {
    let Runtime { root, var_runtime, emulation, .. } = &deployment.runtime;
    let settings = &deployment.function.settings;
    let bind =
        |host: &std::path::Path, guest: &str| Bind { host: host.to_owned(), guest: guest.into() };
    // An image has all of its own.
    let mut binds = match deployment.function.image {
        Some(_) => Vec::new(),
        None => vec![bind(&deployment.code, "/var/task"), bind(var_runtime, "/var/runtime")],
    };
    if let Some(layers) = &deployment.layers {
        binds.push(bind(layers, "/opt"));
    }
    // The times of an emulated function tell nothing, so it may as well have all there is.
    let (beyond_mb, cpu) = match emulation {
        None => (0, Some(cores(settings.memory_mb))),
        Some(_) => (Emulation::MEMORY_MB, None),
    };
    GuestSpec {
        root: root.clone(),
        binds,
        tmp_bytes: u64::from(settings.tmp_mb) * MEGABYTE,
        command,
        interpreter: emulation.as_ref().map(Emulation::interpreter),
        environment: environment::variables(deployment, credentials, log_stream),
        directory: deployment.directory().to_owned(),
        hostname: "169".into(),
        listen: vec![RUNTIME_API_PORT, S3_PORT],
        limits: Limits {
            memory_bytes: u64::from(settings.memory_mb + beyond_mb) * MEGABYTE,
            cpu,
            processes: PROCESSES,
            files: DESCRIPTORS,
            file_bytes: u64::from(settings.tmp_mb) * MEGABYTE,
        },
    }
}

/// The share of memory/1769 of a core, at most what this machine has.
fn cores(memory_mb: u32) -> f64 {
    let here =
        available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX));
    (f64::from(memory_mb) / MEGABYTES_A_CORE).min(f64::from(here))
}

/// Knows when every guest has ended and been waited for.
pub(crate) struct Watchers {
    /// Each watcher holds a copy; `None` once no further guest may start.
    token: Mutex<Option<mpsc::Sender<()>>>,
    ended: tokio::sync::Mutex<mpsc::Receiver<()>>,
}

impl Watchers {
    pub(crate) fn new() -> Self {
        let (token, ended) = mpsc::channel(1);
        Self { token: Mutex::new(Some(token)), ended: tokio::sync::Mutex::new(ended) }
    }

    fn token(&self) -> Result<mpsc::Sender<()>, String> {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        token.clone().ok_or_else(|| "the emulator is being stopped".to_owned())
    }

    /// Lets no further guest start and waits for the end of those there are.
    pub(crate) async fn all_ended(&self) {
        drop(self.token.lock().unwrap_or_else(PoisonError::into_inner).take());
        // Nothing is ever sent: this returns when the last copy is dropped.
        let _ = self.ended.lock().await.recv().await;
    }
}

/// What the guest's watcher is asked.
enum Ask {
    Pause,
    Resume(oneshot::Sender<()>),
    Stop,
}

/// A running guest. Only its watcher does anything to it; dropping this ends it.
pub(crate) struct Guest {
    /// To look at; there is none behind one that never lived.
    seen: Option<Arc<photofinish_sandbox::Guest>>,
    asks: mpsc::Sender<Ask>,
    exit: watch::Receiver<Option<Outcome>>,
    output: Option<Arc<Output>>,
}

/// A guest that was asked for.
pub(crate) enum Begun {
    /// It runs.
    Running(Guest, Sockets),
    /// It ended before it began.
    Stillborn(Guest),
}

impl Guest {
    pub(crate) async fn start(
        keeper: &Keeper,
        watchers: &Watchers,
        deployment: &Deployment,
        credentials: &Credentials,
        log_stream: &str,
        log: &Arc<LogStream>,
    ) -> Result<Begun, String> {
        let token = watchers.token()?;
        let command = match entrypoint::command(deployment) {
            Ok(command) => command,
            Err(reason) => return Ok(Self::stillborn(Outcome::InvalidEntrypoint(reason))),
        };
        let spec = spec(deployment, command, credentials, log_stream);
        let mut guest = match keeper.spawn(&spec).await {
            Ok(guest) => guest,
            Err(error) => {
                let refusal = entrypoint::refusal(deployment, &error);
                return refusal.map(Self::stillborn).ok_or_else(|| chain(&error));
            }
        };
        let mut listeners = guest.take_listeners().into_iter();
        let (Some(runtime_api), Some(s3)) = (listeners.next(), listeners.next()) else {
            return Err("the keeper gave no sockets".to_owned());
        };
        let output = guest.take_output().ok_or("the keeper gave no output")?;
        let output = Arc::new(Output::new(output, Arc::clone(log))?);
        tokio::spawn(Arc::clone(&output).pump());
        let (asks, asked) = mpsc::channel(1);
        let (exited, exit) = watch::channel(None);
        let guest = Arc::new(guest);
        let seen = Some(Arc::clone(&guest));
        tokio::spawn(async move {
            watch_over(&guest, asked, exited).await;
            drop(token);
        });
        Ok(Begun::Running(
            Self { seen, asks, exit, output: Some(output) },
            Sockets { runtime_api, s3 },
        ))
    }

    /// Nobody watches over it, so it uses nothing, says nothing and is not to be stopped.
    fn stillborn(outcome: Outcome) -> Begun {
        let (_, exit) = watch::channel(Some(outcome));
        Begun::Stillborn(Self { seen: None, asks: mpsc::channel(1).0, exit, output: None })
    }

    /// Waits for the guest's end.
    pub(crate) async fn exited(&self) -> Outcome {
        let mut exit = self.exit.clone();
        let ended = exit.wait_for(Option::is_some).await;
        // The watcher ends only after it has told.
        ended.ok().and_then(|ended| ended.clone()).unwrap_or(Outcome::Exited(Exit::Signal(9)))
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.exit.borrow().is_none()
    }

    pub(crate) async fn usage(&self) -> Usage {
        match &self.seen {
            // Asked without the watcher between: every call waits for the answer.
            Some(guest) => usage(guest).await,
            None => Usage::default(),
        }
    }

    /// Has what the guest has written so far in the log.
    pub(crate) fn drain_output(&self) {
        if let Some(output) = &self.output {
            output.drain();
        }
    }

    /// Has it stopped where it is; says whether that is on its way.
    pub(crate) fn pause(&self) -> bool {
        self.asks.try_send(Ask::Pause).is_ok()
    }

    /// Lets it go on, and waits until it does.
    pub(crate) async fn resume(&self) {
        let (done, resumed) = oneshot::channel();
        if self.asks.send(Ask::Resume(done)).await.is_ok() {
            // One that has ended meanwhile is found out by its exit.
            let _ = resumed.await;
        }
    }

    /// Kills it and waits until nothing of it is left.
    pub(crate) async fn stop(&self) {
        let _ = self.asks.send(Ask::Stop).await;
        self.asks.closed().await;
    }
}

async fn watch_over(
    guest: &photofinish_sandbox::Guest,
    mut asked: mpsc::Receiver<Ask>,
    exited: watch::Sender<Option<Outcome>>,
) {
    let mut ended = false;
    loop {
        tokio::select! {
            exit = guest.wait(), if !ended => {
                ended = true;
                exited.send_replace(Some(outcome(&exit)));
            }
            ask = asked.recv() => match ask {
                // It fails only for one that has ended, which is its own news.
                Some(Ask::Pause) => drop(guest.pause().await),
                Some(Ask::Resume(done)) => {
                    let _ = guest.resume().await;
                    let _ = done.send(());
                }
                // Dropped without a stop, it is ended all the same.
                Some(Ask::Stop) | None => {
                    // It fails only where the keeper is gone, and its guests with it.
                    let _ = guest.kill().await;
                    if !ended {
                        exited.send_replace(Some(outcome(&guest.wait().await)));
                    }
                    return;
                }
            }
        }
    }
}

async fn usage(guest: &photofinish_sandbox::Guest) -> Usage {
    match guest.usage().await {
        Ok(usage) => Usage {
            cpu: Some(usage.cpu),
            max_memory_mb: usage.memory_peak_bytes.map(|bytes| bytes.div_ceil(MEGABYTE)),
            memory_bytes: usage.memory_bytes,
        },
        // It has ended, and its counters with it.
        Err(_) => Usage::default(),
    }
}

fn outcome(exit: &photofinish_sandbox::Exit) -> Outcome {
    if exit.out_of_memory {
        return Outcome::OutOfMemory;
    }
    Outcome::Exited(match (exit.code, exit.signal) {
        (Some(status), _) => Exit::Status(status),
        // Neither is told when the keeper itself is gone, which kills its guests.
        (None, signal) => Exit::Signal(signal.unwrap_or(9)),
    })
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
