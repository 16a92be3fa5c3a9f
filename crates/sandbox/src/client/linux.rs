//! The program's side: a handle to the keeper and one to each guest.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::net::{RecvFlags, Shutdown, shutdown};
use tokio::net::TcpListener;
use tokio::net::unix::pipe;
use tokio::sync::watch;

use super::desk::{Answer, Born, Desk, End, Leash};
use crate::error::Error;
use crate::meter::Meters;
use crate::spec::{Exit, GuestSpec, Usage};
use crate::tier::Tier;
use crate::wire::{self, Fault, Report, Request};

/// A handle to the keeper's process. When the last clone and the last guest are
/// dropped, the keeper ends.
#[derive(Clone, Debug)]
pub struct Keeper {
    line: Arc<Line>,
}

/// The connection; closing it ends the keeper.
#[derive(Debug)]
struct Line {
    desk: Arc<Desk>,
    tier: Tier,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.desk.hang_up();
    }
}

impl Keeper {
    /// Starts `program`, normally `std::env::current_exe()`, as the keeper. Its
    /// `main` must call [`crate::keeper::main_if_keeper`] first.
    pub async fn start(program: &Path) -> Result<Keeper, Error> {
        let (desk, greeting) = Desk::open(program, launch)?;
        let not_a_keeper = || Error::NotAKeeper { program: program.to_path_buf() };
        let tier = greeting.await.map_err(|_| not_a_keeper())?;
        match tier {
            Ok(tier) => Ok(Keeper { line: Arc::new(Line { desk, tier }) }),
            Err(lack) => Err(Error::Lacking(lack)),
        }
    }

    /// What isolation and limits this machine gives.
    pub fn tier(&self) -> &Tier {
        &self.line.tier
    }

    /// The keeper's process.
    pub fn pid(&self) -> u32 {
        self.line.desk.keeper
    }

    /// Starts a guest; returns when its command runs.
    pub async fn spawn(&self, spec: &GuestSpec) -> Result<Guest, Error> {
        let spec = Box::new(made_absolute(spec)?);
        let answer = self.line.desk.ask(|ticket| Request::Spawn { ticket, spec }).await?;
        match answer {
            Answer::Spawned(born) => Guest::new(born, Arc::clone(&self.line)),
            Answer::Refused(fault) => Err(refusal(fault)),
            _ => Err(Error::KeeperGone),
        }
    }

    /// Ends every guest and the keeper, and waits until nothing of them is left.
    pub async fn shutdown(self) -> Result<(), Error> {
        self.line.desk.hang_up();
        let mut gone = self.line.desk.gone.subscribe();
        gone.wait_for(|gone| *gone).await.map(|_| ()).map_err(|_| Error::KeeperGone)
    }
}

/// Executes the program as the keeper, with the socket as its standard input.
fn launch(program: &Path, socket: OwnedFd) -> io::Result<std::process::Child> {
    Command::new(program)
        .arg(crate::keeper::WORD)
        .current_dir("/")
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null())
        .spawn()
}

/// The keeper has a working directory of its own.
fn made_absolute(spec: &GuestSpec) -> Result<GuestSpec, Error> {
    let mut spec = spec.clone();
    let hosts = spec.binds.iter_mut().map(|bind| &mut bind.host);
    for path in hosts.chain([&mut spec.root]) {
        *path = absolute(path)?;
    }
    Ok(spec)
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(|cause| Error::Setup {
        step: "make absolute".to_owned(),
        place: path.display().to_string(),
        cause,
    })
}

fn refusal(fault: Fault) -> Error {
    Error::Setup {
        step: fault.step,
        place: fault.place,
        cause: io::Error::from_raw_os_error(fault.errno),
    }
}

/// A running guest. Dropping it kills it.
#[derive(Debug)]
pub struct Guest {
    /// Its number, counted by its keeper.
    pub id: u64,
    /// Its first process, as the host numbers it.
    pub pid: u32,
    listeners: Vec<TcpListener>,
    output: Option<pipe::Receiver>,
    meters: Meters,
    /// Its peak was started anew, which its meters may not know.
    peak_reset: AtomicBool,
    end: watch::Receiver<Option<End>>,
    /// Before the line, since it is dropped first and speaks over it.
    leash: Leash,
    line: Arc<Line>,
}

impl Guest {
    fn new(born: Born, line: Arc<Line>) -> Result<Guest, Error> {
        let trouble = |step: &str, cause| Error::Setup {
            step: step.to_owned(),
            place: "of the guest".to_owned(),
            cause,
        };
        let output = pipe::Receiver::from_owned_fd(born.output)
            .map_err(|cause| trouble("take over the output", cause))?;
        let listeners = born.listeners.into_iter().map(|listener| {
            let listener = std::net::TcpListener::from(listener);
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        });
        let listeners = listeners
            .collect::<io::Result<Vec<_>>>()
            .map_err(|cause| trouble("take over a listening socket", cause))?;
        Ok(Guest {
            id: born.leash.guest,
            pid: born.pid,
            listeners,
            output: Some(output),
            meters: born.meters,
            peak_reset: AtomicBool::new(false),
            end: born.end,
            leash: born.leash,
            line,
        })
    }

    /// One for each port of [`GuestSpec::listen`], already listening on 127.0.0.1
    /// inside the guest. The first call takes them.
    pub fn take_listeners(&mut self) -> Vec<TcpListener> {
        std::mem::take(&mut self.listeners)
    }

    /// What the guest's processes write to standard output and standard error, in
    /// one pipe so that the order is kept. The first call takes it.
    pub fn take_output(&mut self) -> Option<pipe::Receiver> {
        self.output.take()
    }

    /// What it has used so far, or had used when it ended.
    pub async fn usage(&self) -> Result<Usage, Error> {
        if !self.peak_reset.load(Ordering::Relaxed)
            && let Some(usage) = self.meters.read()
        {
            return Ok(usage);
        }
        let guest = self.id;
        let question = |ticket| Request::Usage { ticket, guest };
        match self.line.desk.ask(question).await? {
            Answer::Usage(usage) => Ok(usage),
            // The keeper tells of an end before it stops knowing the guest.
            _ => self.end.borrow().map(|end| end.usage).ok_or(Error::GuestGone { guest }),
        }
    }

    /// Starts its memory peak anew, where the kernel can.
    pub async fn reset_memory_peak(&self) -> Result<(), Error> {
        let guest = self.id;
        self.peak_reset.store(true, Ordering::Relaxed);
        self.done(|ticket| Request::ResetPeak { ticket, guest }).await
    }

    /// Stops all its processes where they are, until [`Guest::resume`].
    ///
    /// They are stopped by a signal, not by a cgroup: one that is killed while it is stopped so
    /// dies, whatever becomes of the keeper. A guest that forks faster than it is looked at may
    /// keep a process running.
    pub async fn pause(&self) -> Result<(), Error> {
        let guest = self.id;
        self.done(|ticket| Request::Pause { ticket, guest }).await
    }

    /// Lets it go on; one that was not paused goes on as it did.
    pub async fn resume(&self) -> Result<(), Error> {
        let guest = self.id;
        self.done(|ticket| Request::Resume { ticket, guest }).await
    }

    async fn done(&self, question: impl FnOnce(u64) -> Request) -> Result<(), Error> {
        match self.line.desk.ask(question).await? {
            Answer::Done => Ok(()),
            _ => Err(Error::GuestGone { guest: self.id }),
        }
    }

    /// Kills it and all its children; returns when nothing of it is left. A guest
    /// that has ended already is as good as killed.
    pub async fn kill(&self) -> Result<(), Error> {
        let guest = self.leash.guest;
        let question = |ticket| Request::Kill { ticket, guest };
        match self.line.desk.ask(question).await {
            Ok(_) | Err(Error::KeeperGone) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Waits until it has ended and nothing of it is left.
    pub async fn wait(&self) -> Exit {
        let mut end = self.end.clone();
        let ended = end.wait_for(Option::is_some).await;
        // Without a keeper, the kernel has killed it.
        ended
            .ok()
            .and_then(|end| *end)
            .map_or(Exit { code: None, signal: Some(9), out_of_memory: false }, |end| end.exit)
    }
}

/// Finds out whether this machine can run guests, and with what isolation; what it
/// lacks is an [`Error::Lacking`].
///
/// Starts `program` as [`Keeper::start`] does, and blocks the thread for the some
/// milliseconds in which that keeper answers and ends again.
pub fn probe(program: &Path) -> Result<Tier, Error> {
    let failed = |cause| Error::Start { program: program.to_path_buf(), cause };
    let (socket, theirs) = wire::pair().map_err(|errno| failed(errno.into()))?;
    let mut child = launch(program, theirs).map_err(failed)?;
    let greeting = wire::receive(&socket, RecvFlags::empty());
    drop(socket);
    child.wait().map_err(failed)?;
    match greeting {
        Ok(Some((Report::Ready { tier, .. }, _))) => Ok(tier),
        Ok(Some((Report::Lacking(lack), _))) => Err(Error::Lacking(lack)),
        _ => Err(Error::NotAKeeper { program: program.to_path_buf() }),
    }
}

impl Desk {
    /// Lets the keeper know that no more is to come, whereupon it ends.
    pub(super) fn hang_up(&self) {
        // It may have ended before.
        let _ = shutdown(&self.socket, Shutdown::Write);
    }

    /// Asks and waits for the answer without blocking the thread.
    pub(super) async fn ask(&self, question: impl FnOnce(u64) -> Request) -> Result<Answer, Error> {
        let (ticket, answer) = self.expect().ok_or(Error::KeeperGone)?;
        let request = question(ticket);
        match self.send(&request) {
            Ok(()) => answer.await.map_err(|_| Error::KeeperGone),
            Err(cause) => {
                self.forget(ticket);
                Err(match cause {
                    rustix::io::Errno::MSGSIZE => {
                        Error::SpecTooLong { bytes: wire::length(&request) }
                    }
                    _ => Error::KeeperGone,
                })
            }
        }
    }
}
