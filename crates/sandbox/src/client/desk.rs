//! Where answers from the keeper are sorted to those who asked. A thread of its own
//! reads them, so that no runtime is blocked and none is needed.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use tokio::sync::{oneshot, watch};

use crate::error::Error;
use crate::meter::{Meter, Meters};
use crate::spec::{Exit, Usage};
use crate::tier::{Lack, Tier};
use crate::wire::{self, Fault, Report, Request};

/// Asked by a guest's handle that was dropped: nobody waits for the answer.
const NOBODY: u64 = 0;

/// The connection to one keeper, with the questions that are open.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) socket: Arc<OwnedFd>,
    /// The keeper's process.
    pub(super) keeper: u32,
    book: Mutex<Book>,
    /// Whether the keeper has ended and everything of it is removed.
    pub(super) gone: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Book {
    last_ticket: u64,
    asked: HashMap<u64, oneshot::Sender<Answer>>,
    living: HashMap<u64, watch::Sender<Option<End>>>,
    closed: bool,
}

/// What came back.
#[derive(Debug)]
pub(super) enum Answer {
    Spawned(Born),
    Refused(Fault),
    Usage(Usage),
    Done,
    Unknown,
}

/// How a guest ended and what it had used by then.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) exit: Exit,
    pub(super) usage: Usage,
}

/// A guest that has just started. If nobody takes it, its leash kills it.
#[derive(Debug)]
pub(super) struct Born {
    pub(super) pid: u32,
    pub(super) output: OwnedFd,
    pub(super) meters: Meters,
    pub(super) listeners: Vec<OwnedFd>,
    pub(super) end: watch::Receiver<Option<End>>,
    pub(super) leash: Leash,
}

/// Kills its guest when dropped.
#[derive(Debug)]
pub(super) struct Leash {
    pub(super) guest: u64,
    desk: Arc<Desk>,
}

impl Drop for Leash {
    fn drop(&mut self) {
        if self.desk.open_book().living.contains_key(&self.guest) {
            // Without a keeper there is no guest either.
            let _ = self.desk.send(&Request::Kill { ticket: NOBODY, guest: self.guest });
        }
    }
}

type Greeting = Result<Tier, Lack>;

impl Desk {
    /// Launches a keeper and the thread that listens to it.
    pub(super) fn open(
        program: &Path,
        launch: impl FnOnce(&Path, OwnedFd) -> io::Result<Child>,
    ) -> Result<(Arc<Desk>, oneshot::Receiver<Greeting>), Error> {
        let failed = |cause| Error::Start { program: program.to_path_buf(), cause };
        let (socket, theirs) = wire::pair().map_err(|errno| failed(errno.into()))?;
        wire::widen(&socket);
        let child = launch(program, theirs).map_err(failed)?;
        let desk = Arc::new(Desk {
            socket: Arc::new(socket),
            keeper: child.id(),
            book: Mutex::default(),
            gone: watch::Sender::new(false),
        });
        let (greet, greeting) = oneshot::channel();
        let listening = Arc::clone(&desk);
        thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || listening.listen(child, greet))
            .map_err(failed)?;
        Ok((desk, greeting))
    }

    fn open_book(&self) -> MutexGuard<'_, Book> {
        // Nothing that holds the lock leaves the book half written.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ticket for a question, unless the keeper has ended.
    pub(super) fn expect(&self) -> Option<(u64, oneshot::Receiver<Answer>)> {
        let mut book = self.open_book();
        if book.closed {
            return None;
        }
        book.last_ticket += 1;
        let ticket = book.last_ticket;
        let (sender, receiver) = oneshot::channel();
        book.asked.insert(ticket, sender);
        Some((ticket, receiver))
    }

    pub(super) fn forget(&self, ticket: u64) {
        self.open_book().asked.remove(&ticket);
    }

    /// Sends at once; when the keeper is behind, a thread does the waiting.
    pub(super) fn send(&self, request: &Request) -> Result<(), Errno> {
        match wire::send(&self.socket, request, &[], SendFlags::DONTWAIT) {
            Err(Errno::AGAIN) => {
                let socket = Arc::clone(&self.socket);
                let request = request.clone();
                thread::spawn(move || wire::send(&socket, &request, &[], SendFlags::empty()));
                Ok(())
            }
            sent => sent,
        }
    }

    fn listen(self: &Arc<Desk>, mut child: Child, greet: oneshot::Sender<Greeting>) {
        let mut greet = Some(greet);
        let mut cgroups: Vec<PathBuf> = Vec::new();
        // Anything but a message in order means that the keeper is of no use any more.
        while let Ok(Some((report, handed))) = wire::receive(&self.socket, RecvFlags::empty()) {
            let greeting = match report {
                Report::Ready { tier, cgroups: own } => {
                    cgroups = own;
                    Ok(tier)
                }
                Report::Lacking(lack) => Err(lack),
                other => {
                    self.sort(other, handed);
                    continue;
                }
            };
            if let Some(greet) = greet.take() {
                // Nobody waits any more: the handle that is never made hangs up.
                if greet.send(greeting).is_err() {
                    self.hang_up();
                }
            }
        }
        self.hang_up();
        let _ = child.wait();
        crate::keeper::remove_left_over(&cgroups);
        self.close();
    }

    fn close(&self) {
        let mut book = self.open_book();
        book.closed = true;
        // Those who wait learn it from their channels' ends.
        book.asked.clear();
        book.living.clear();
        drop(book);
        self.gone.send_replace(true);
    }

    fn sort(self: &Arc<Desk>, report: Report, handed: Vec<OwnedFd>) {
        match report {
            Report::Spawned { ticket, guest, pid, meters } => {
                if let Some(born) = self.welcome(guest, pid, meters, handed) {
                    self.answer(ticket, Answer::Spawned(born));
                }
            }
            Report::Refused { ticket, fault } => self.answer(ticket, Answer::Refused(fault)),
            Report::Usage { ticket, usage } => self.answer(ticket, Answer::Usage(usage)),
            Report::Done { ticket } => self.answer(ticket, Answer::Done),
            Report::Unknown { ticket } => self.answer(ticket, Answer::Unknown),
            Report::Exited { guest, exit, usage } => {
                let living = self.open_book().living.remove(&guest);
                if let Some(living) = living {
                    living.send_replace(Some(End { exit, usage }));
                }
            }
            Report::Ready { .. } | Report::Lacking(_) => {}
        }
    }

    fn welcome(
        self: &Arc<Desk>,
        guest: u64,
        pid: u32,
        meters: Vec<Meter>,
        handed: Vec<OwnedFd>,
    ) -> Option<Born> {
        let (living, end) = watch::channel(None);
        self.open_book().living.insert(guest, living);
        let leash = Leash { guest, desk: Arc::clone(self) };
        let mut handed = handed.into_iter();
        let output = handed.next()?;
        let count = meters.len();
        let meters = Meters::new(meters, handed.by_ref().take(count));
        Some(Born { pid, output, meters, listeners: handed.collect(), end, leash })
    }

    fn answer(&self, ticket: u64, answer: Answer) {
        let asked = self.open_book().asked.remove(&ticket);
        if let Some(asked) = asked {
            // Whoever asked may have given up; a guest that nobody takes is killed
            // by its leash.
            let _ = asked.send(answer);
        }
    }
}
