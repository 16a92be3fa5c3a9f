//! The keeper's loop: hears requests, guests and their ends, and answers.

use std::io::stdin;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use rustix::process::{set_child_subreaper, setsid};

use super::cgroup::Cgroups;
use super::guests::{Guest, House, News, Purpose};
use super::identity::Standing;
use super::kernel::{self, Signals};
use super::{landlock, seccomp, trial};
use crate::spec::Exit;
use crate::wire::{self, At, Fault, Report, Request};

/// How many guests are made ahead: one for each of two functions that start at once.
const BLANKS: usize = 2;
/// How long nothing must have happened before guests are made ahead, so that making
/// them takes no time from those that start.
const QUIET: Duration = Duration::from_millis(100);

/// Keeps guests for the program at the other end of standard input until that
/// closes. Answers the exit code.
pub(super) fn run() -> i32 {
    kernel::set_signals(Signals::Ignored);
    // Already a leader when started so by hand; all that matters is to be one.
    let _ = setsid();
    match open() {
        Ok(mut service) => service.serve(),
        Err(fault) => {
            eprintln!(
                "the keeper cannot start: {} {}: {}",
                fault.step,
                fault.place,
                std::io::Error::from_raw_os_error(fault.errno)
            );
            3
        }
    }
}

fn open() -> Result<Service, Fault> {
    let client = stdin().as_fd().try_clone_to_owned().at("take over", "the socket")?;
    let null = openat(CWD, "/dev/null", OFlags::RDWR, Mode::empty()).at("open", "/dev/null")?;
    rustix::stdio::dup2_stdin(&null).at("let go of", "standard input")?;
    wire::widen(&client);
    // Guests end in the keeper's hands even if their init is killed from outside.
    set_child_subreaper(Some(rustix::process::getpid())).at("become", "a subreaper")?;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let proc = openat(CWD, "/proc", flags, Mode::empty()).at("open", "/proc")?;
    Ok(Service {
        client,
        house: House {
            standing: Standing::find(),
            cgroups: Cgroups::make(),
            seccomp: seccomp::is_available(),
            landlock: landlock::version(),
            proc,
            guests: Default::default(),
            blanks: Vec::new(),
            blanks_wanted: BLANKS,
            last: 0,
        },
        last_call: Instant::now(),
    })
}

struct Service {
    client: OwnedFd,
    house: House,
    /// When something was last heard.
    last_call: Instant,
}

/// The other end of the socket is gone.
struct Gone;

/// Whom the loop has something from.
enum Caller {
    Client,
    Init(u64),
    End(u64),
}

impl Service {
    fn serve(&mut self) -> i32 {
        let code = match trial::tier(&mut self.house) {
            Ok(tier) => {
                let cgroups = self.house.cgroups.directories();
                let ready = Report::Ready { tier, cgroups };
                if self.tell(&ready, &[]).is_ok() {
                    while self.turn().is_ok() {}
                }
                0
            }
            Err(lack) => {
                let _ = self.tell(&Report::Lacking(lack), &[]);
                3
            }
        };
        self.close();
        code
    }

    /// Waits for the next callers and hears them.
    fn turn(&mut self) -> Result<(), Gone> {
        let callers = self.callers();
        self.house.govern();
        if !callers.is_empty() {
            self.last_call = Instant::now();
        } else if self.house.wants_blanks() && self.last_call.elapsed() >= QUIET {
            self.house.prepare_blank();
        }
        for caller in callers {
            match caller {
                Caller::Client => self.hear_client()?,
                Caller::Init(guest) => self.hear_init(guest)?,
                Caller::End(guest) => self.end(guest)?,
            }
        }
        Ok(())
    }

    fn callers(&self) -> Vec<Caller> {
        let mut watched = vec![PollFd::new(&self.client, PollFlags::IN)];
        let mut callers = vec![Caller::Client];
        for (id, guest) in &self.house.guests {
            if guest.is_starting() {
                watched.push(PollFd::from_borrowed_fd(guest.reports(), PollFlags::IN));
                callers.push(Caller::Init(*id));
            }
            watched.push(PollFd::from_borrowed_fd(guest.pidfd(), PollFlags::IN));
            callers.push(Caller::End(*id));
        }
        // An interruption shows as no caller, and the loop comes again.
        if poll(&mut watched, self.patience().as_ref()).is_err() {
            return Vec::new();
        }
        let called = watched.iter().map(|watched| !watched.revents().is_empty());
        callers
            .into_iter()
            .zip(called)
            .filter_map(|(caller, called)| called.then_some(caller))
            .collect()
    }

    /// How long to wait for callers before there is something else to do.
    fn patience(&self) -> Option<Timespec> {
        let blanks = self.house.wants_blanks().then(|| self.last_call + QUIET);
        let next = blanks.into_iter().chain(self.house.next_look()).min()?;
        let wait = next.saturating_duration_since(Instant::now());
        Timespec::try_from(wait).ok()
    }

    fn hear_client(&mut self) -> Result<(), Gone> {
        let request = match wire::receive(&self.client, RecvFlags::DONTWAIT) {
            Ok(Some((request, _))) => request,
            Err(Errno::AGAIN) => return Ok(()),
            Ok(None) | Err(_) => return Err(Gone),
        };
        match request {
            Request::Spawn { ticket, spec } => {
                let begun = self.house.begin(*spec, Some(ticket), Purpose::Work);
                begun.map_or_else(
                    |fault| self.tell(&Report::Refused { ticket, fault }, &[]),
                    |_| Ok(()),
                )
            }
            Request::Kill { ticket, guest } => match self.house.guests.get_mut(&guest) {
                Some(guest) => {
                    guest.awaited_by.push(ticket);
                    guest.kill();
                    Ok(())
                }
                None => self.tell(&Report::Done { ticket }, &[]),
            },
            Request::Usage { ticket, guest } => {
                let report = match self.house.guests.get_mut(&guest) {
                    Some(guest) => Report::Usage { ticket, usage: guest.usage() },
                    None => Report::Unknown { ticket },
                };
                self.tell(&report, &[])
            }
            Request::ResetPeak { ticket, guest } => self.with(ticket, guest, Guest::reset_peak),
            Request::Pause { ticket, guest } => self.with(ticket, guest, Guest::pause),
            Request::Resume { ticket, guest } => self.with(ticket, guest, Guest::resume),
        }
    }

    /// Does something with a guest and says so, or that there is no such guest.
    fn with(&mut self, ticket: u64, guest: u64, what: fn(&mut Guest)) -> Result<(), Gone> {
        let report = match self.house.guests.get_mut(&guest) {
            Some(guest) => {
                what(guest);
                Report::Done { ticket }
            }
            None => Report::Unknown { ticket },
        };
        self.tell(&report, &[])
    }

    fn hear_init(&mut self, id: u64) -> Result<(), Gone> {
        let Some(guest) = self.house.guests.get_mut(&id) else {
            return Ok(());
        };
        let pid = guest.number();
        match guest.hear() {
            Some(News::Started { output, listeners }) => {
                let Some(ticket) = guest.asked_by.take() else {
                    return Ok(());
                };
                let (meters, files): (Vec<_>, Vec<_>) = guest.meters().into_iter().unzip();
                let handed: Vec<BorrowedFd<'_>> = std::iter::once(output.as_fd())
                    .chain(files.iter().map(AsFd::as_fd))
                    .chain(listeners.iter().map(AsFd::as_fd))
                    .collect();
                let report = Report::Spawned { ticket, guest: id, pid, meters };
                self.tell(&report, &handed)
            }
            Some(News::Failed(fault)) => {
                guest.fault = Some(fault);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn end(&mut self, id: u64) -> Result<(), Gone> {
        // What its init said last may not have been heard yet.
        if self.house.guests.get(&id).is_some_and(|guest| guest.is_starting()) {
            self.hear_init(id)?;
        }
        let Some(ended) = self.house.end(id) else {
            return Ok(());
        };
        if let Some(ticket) = ended.asked_by {
            let fault = ended.fault.unwrap_or_else(|| died_early(ended.exit));
            self.tell(&Report::Refused { ticket, fault }, &[])?;
        } else {
            let report = Report::Exited { guest: id, exit: ended.exit, usage: ended.usage };
            self.tell(&report, &[])?;
        }
        for ticket in ended.awaited_by {
            self.tell(&Report::Done { ticket }, &[])?;
        }
        Ok(())
    }

    /// Tells the program. The socket has room for many messages, and the program's
    /// own thread empties it, so waiting for room is short or for ever in vain.
    fn tell(&self, report: &Report, handed: &[BorrowedFd<'_>]) -> Result<(), Gone> {
        wire::send(&self.client, report, handed, SendFlags::empty()).map_err(|_| Gone)
    }

    fn close(&mut self) {
        for guest in self.house.guests.values_mut() {
            guest.kill();
        }
        let ids: Vec<u64> = self.house.guests.keys().copied().collect();
        for id in ids {
            trial::wait_for_end(&mut self.house, id);
        }
        self.house.cgroups.remove();
    }
}

fn died_early(exit: Exit) -> Fault {
    let why = if exit.out_of_memory { Errno::NOMEM } else { Errno::CANCELED };
    Fault::new("set up", "the guest, whose first process was killed", why)
}
