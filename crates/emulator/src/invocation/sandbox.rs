//! One sandbox: a guest, its two sockets, its log stream.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::service::S3Service;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::deployment::Deployment;
use super::guest::{Begun, Guest, MEGABYTE, Sockets, Usage, Watchers};
use super::log::LogStream;
use super::outcome::Outcome;
use super::platform;
use super::runtime_api::{Answer, Answered, Event, Init, Receipt, RuntimeApi};
use crate::clock;
use crate::connection;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::identifier::digits32;
use crate::logs::stream_path;
use crate::s3::{self, GuestAccess, ObjectStore};

/// A guest's connections to one of its sockets at a time.
const CONNECTIONS: usize = 64;

/// What every sandbox of an emulator is made with.
pub(crate) struct Surroundings {
    pub(crate) keeper: photofinish_sandbox::Keeper,
    pub(crate) watchers: Watchers,
    pub(crate) data: std::path::PathBuf,
    pub(crate) objects: Arc<ObjectStore>,
    pub(crate) guest_access: GuestAccess,
}

/// A sandbox and what belongs to it. Dropping it ends its guest.
pub(crate) struct Sandbox {
    pub(crate) revision: String,
    pub(crate) function: String,
    pub(crate) log_stream: String,
    pub(crate) log: Arc<LogStream>,
    pub(crate) last_used: Instant,
    guest: Guest,
    api: Arc<RuntimeApi>,
    started: Instant,
    seen: Usage,
    /// What it may hold at most.
    limit_bytes: u64,
    paused: bool,
    /// The servers of its two sockets, which end with it.
    _serving: JoinSet<()>,
}

/// What an invocation has used.
pub(crate) struct Used {
    pub(crate) cpu: Option<Duration>,
    pub(crate) max_memory_mb: Option<u64>,
}

/// How an invocation ended.
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) duration: Duration,
    /// Where it was answered.
    pub(crate) receipt: Option<Receipt>,
}

/// How an init ended.
pub(crate) enum Initialised {
    Ready(Duration),
    Failed(Outcome, Duration),
    TooSlow(Duration),
}

impl Sandbox {
    /// Starts a guest. Its init goes on when this returns.
    pub(crate) async fn start(
        around: &Surroundings,
        deployment: &Deployment,
    ) -> Result<Self, String> {
        let describe = |error: Error| error.to_string();
        let log_stream = deployment.logging().stream_of(
            deployment.name(),
            &clock::stream_date(),
            &digits32().map_err(describe)?,
        );
        let path = stream_path(&around.data, &deployment.log_group(), &log_stream);
        let log = LogStream::create(&path, deployment.logging().format.clone())
            .map_err(|error| format!("{}: cannot begin a log: {error}", path.display()))?;
        log.write(|format| platform::init_start(format, deployment.name()));
        let log = Arc::new(log);
        let credentials = Credentials::random_session().map_err(describe)?;
        let begun = Guest::start(
            &around.keeper,
            &around.watchers,
            deployment,
            &credentials,
            &log_stream,
            &log,
        )
        .await?;
        let started = Instant::now();
        let api = RuntimeApi::new();
        let mut serving = JoinSet::new();
        let guest = match begun {
            Begun::Running(guest, Sockets { runtime_api, s3 }) => {
                let objects = s3::for_guest(
                    Arc::clone(&around.objects),
                    &credentials,
                    &deployment.region,
                    &around.guest_access,
                );
                serving.spawn(serve_runtime_api(runtime_api, Arc::clone(&api)));
                serving.spawn(serve_s3(s3, objects));
                guest
            }
            Begun::Stillborn(guest) => guest,
        };
        Ok(Self {
            revision: deployment.function.revision_id.clone(),
            function: deployment.name().to_owned(),
            log_stream,
            log,
            last_used: started,
            guest,
            api,
            started,
            seen: Usage::default(),
            limit_bytes: u64::from(deployment.function.settings.memory_mb) * MEGABYTE,
            paused: false,
            _serving: serving,
        })
    }

    /// Waits until the runtime asks for its first event, for so long at most.
    pub(crate) async fn initialise(&mut self, limit: Duration) -> Initialised {
        let mut init = self.api.init();
        let settled = async {
            match init.wait_for(|init| !matches!(init, Init::Running)).await.as_deref() {
                Ok(init) => init.clone(),
                Err(_) => Init::Running,
            }
        };
        let started = self.started;
        tokio::select! {
            biased;
            init = settled => match init {
                Init::Done(at) => Initialised::Ready(at - started),
                Init::Failed { body, kind, at } => Initialised::Failed(Outcome::InitError { body, kind }, at - started),
                Init::Running => Initialised::TooSlow(started.elapsed()),
            },
            outcome = self.guest.exited() => Initialised::Failed(outcome, started.elapsed()),
            () = tokio::time::sleep(limit.saturating_sub(started.elapsed())) => Initialised::TooSlow(started.elapsed()),
        }
    }

    /// Runs one event. Its duration is from handing it over to receiving its answer.
    pub(crate) async fn invoke(&mut self, mut event: Event, seconds: u32) -> Ended {
        let limit = Duration::from_secs(u64::from(seconds));
        event.deadline = SystemTime::now() + limit;
        let sent = Instant::now();
        let answered = self.api.send(event);
        let since_handed = |api: &RuntimeApi| api.handed().unwrap_or(sent).elapsed().min(limit);
        let ended = tokio::select! {
            biased;
            answered = answered => match answered {
                Ok(answered) => ended(answered),
                Err(_) => Ended::without_answer(self.guest.exited().await, since_handed(&self.api)),
            },
            outcome = self.guest.exited() => {
                Ended::without_answer(outcome, since_handed(&self.api))
            }
            () = tokio::time::sleep(limit) => {
                Ended::without_answer(Outcome::TimedOut { seconds }, limit)
            }
        };
        self.last_used = Instant::now();
        ended
    }

    /// Has what the guest has written so far in the log.
    pub(crate) fn drain_output(&self) {
        self.guest.drain_output();
    }

    /// What it has used since this was last asked, and the most memory at any time.
    /// A guest that has ended tells nothing: then the last that is known counts.
    pub(crate) async fn usage(&mut self) -> Used {
        let now = self.guest.usage().await;
        let before = self.seen;
        self.seen = Usage {
            cpu: now.cpu.or(before.cpu),
            max_memory_mb: now.max_memory_mb.or(before.max_memory_mb),
            memory_bytes: now.memory_bytes.or(before.memory_bytes),
        };
        let cpu = now.cpu.map(|cpu| cpu.saturating_sub(before.cpu.unwrap_or_default()));
        Used { cpu, max_memory_mb: self.seen.max_memory_mb }
    }

    /// The memory it held when its usage was last asked for; all it may have where nobody knows.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.seen.memory_bytes.unwrap_or(self.limit_bytes)
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.guest.is_alive()
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    /// Has its guest stopped until it is woken: between invocations nothing of a function runs.
    pub(crate) fn pause(&mut self) {
        self.paused |= self.guest.pause();
    }

    /// Lets its guest go on, if it was paused.
    pub(crate) async fn wake(&mut self) {
        if std::mem::take(&mut self.paused) {
            self.guest.resume().await;
        }
    }

    /// Kills the guest and waits until nothing of it is left.
    pub(crate) async fn stop(&self) {
        self.guest.stop().await;
    }
}

impl Ended {
    fn without_answer(outcome: Outcome, duration: Duration) -> Self {
        Self { outcome, duration, receipt: None }
    }
}

fn ended(answered: Answered) -> Ended {
    let outcome = match answered.answer {
        Answer::Response(body) => Outcome::Success(body),
        Answer::Error { body, kind } => Outcome::FunctionError { body, kind },
        Answer::TooLarge => Outcome::ResponseTooLarge,
    };
    let duration = answered.received - answered.handed;
    Ended { outcome, duration, receipt: Some(answered.receipt) }
}

async fn serve_runtime_api(listener: TcpListener, api: Arc<RuntimeApi>) {
    serve(listener, |stream| {
        let api = Arc::clone(&api);
        let service = service_fn(move |request| {
            let api = Arc::clone(&api);
            async move {
                let brings_body = connection::brings_body(request.headers());
                let response = api.answer(request).await;
                Ok::<_, Infallible>(connection::end_if_refused(brings_body, response))
            }
        });
        async move {
            // A guest that breaks off only harms itself.
            let _ = http().serve_connection(stream, service).await;
        }
    })
    .await;
}

async fn serve_s3(listener: TcpListener, s3: S3Service) {
    serve(listener, |stream| {
        let s3 = s3.clone();
        async move {
            let service = service_fn(|request| s3::answer(&s3, request));
            let _ = http().serve_connection(stream, service).await;
        }
    })
    .await;
}

/// A guest may keep a connection for as long as it lives.
fn http() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.header_read_timeout(None).max_buf_size(connection::AT_ONCE);
    builder
}

/// Serves a socket of a guest, so many connections at a time that one guest
/// cannot use up the descriptors that all need.
async fn serve<F, T>(listener: TcpListener, mut connection: F)
where
    F: FnMut(TokioIo<TcpStream>) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without it a connection is slower, not wrong.
                let _ = stream.set_nodelay(true);
                connections.spawn(connection(TokioIo::new(stream)));
            }
            // Out of descriptors, mostly: those that end free some.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}
