//! The guests a keeper has: how one begins, what it has used, how it ends.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::fs::{Gid, Uid, fchown};
use rustix::net::RecvFlags;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, waitpid};

use super::cgroup::{Cell, Cgroups, Controller};
use super::identity::Standing;
use super::init::{self, Start};
use super::kernel::{self, Forked};
use crate::spec::{Exit, GuestSpec, Usage};
use crate::tier::{Control, Identity};
use crate::wire::{self, At, Fault, InitReport};

/// A guest between its fork and its end.
pub(super) struct Guest {
    pub(super) pid: Pid,
    pidfd: OwnedFd,
    /// From its init.
    reports: OwnedFd,
    cell: Cell,
    /// Read by the program; held here until the guest has started.
    output: Option<OwnedFd>,
    /// Who asked for it, until the answer is given.
    pub(super) asked_by: Option<u64>,
    /// Who wants to know when it has ended.
    pub(super) awaited_by: Vec<u64>,
    /// Why it could not be set up.
    pub(super) fault: Option<Fault>,
}

/// Whether a guest is to run its command or only to be set up once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Work,
    Trial,
}

/// Everything that guests are made with.
pub(super) struct House {
    pub(super) standing: Standing,
    pub(super) cgroups: Cgroups,
    pub(super) proc: OwnedFd,
    pub(super) guests: BTreeMap<u64, Guest>,
    pub(super) last: u64,
}

/// What a guest's init had to say while it was started.
pub(super) enum News {
    Started {
        output: OwnedFd,
        listeners: Vec<OwnedFd>,
    },
    Failed(Fault),
}

impl House {
    /// Forks a guest. That it has started, or why not, is heard later.
    pub(super) fn begin(
        &mut self,
        spec: &GuestSpec,
        asked_by: Option<u64>,
        purpose: Purpose,
    ) -> Result<u64, Fault> {
        self.last += 1;
        let id = self.last;
        let mut cell = self.cgroups.make_cell(id, &spec.limits)?;
        match self.fork(id, spec, &mut cell, purpose) {
            Ok((pid, pidfd, reports, output)) => {
                let guest = Guest {
                    pid,
                    pidfd,
                    reports,
                    cell,
                    output: Some(output),
                    asked_by,
                    awaited_by: Vec::new(),
                    fault: None,
                };
                self.guests.insert(id, guest);
                Ok(id)
            }
            Err(fault) => {
                cell.remove();
                Err(fault)
            }
        }
    }

    fn fork(
        &self,
        id: u64,
        spec: &GuestSpec,
        cell: &mut Cell,
        purpose: Purpose,
    ) -> Result<(Pid, OwnedFd, OwnedFd, OwnedFd), Fault> {
        let outside = self.standing.outside(id);
        let (reports, report) = wire::pair().at("make a", "socket pair")?;
        let (output, writer) = pipe_with(PipeFlags::CLOEXEC).at("make a", "pipe")?;
        if self.standing.identity == Identity::Separate {
            // So that the guest can open /dev/stdout.
            let (user, group) = (Uid::from_raw(outside), Gid::from_raw(outside));
            fchown(&writer, Some(user), Some(group)).at("give away", "the output")?;
        }
        let target = cell.fork_target()?;
        let doors = cell.doors()?;
        let namespaces = self.namespaces();
        let target = target.as_ref().map(AsFd::as_fd);
        match kernel::fork_into(namespaces, target).at("fork into new", "namespaces")? {
            Forked::Parent { pid, pidfd } => Ok((pid, pidfd, reports, output)),
            Forked::Child => init::run(Start {
                spec,
                standing: self.standing,
                outside,
                proc: &self.proc,
                report,
                output: writer,
                doors,
                limit_address_space: self.memory_control() == Control::Rlimit,
                trial: purpose == Purpose::Trial,
            }),
        }
    }

    fn namespaces(&self) -> i32 {
        let all = libc::CLONE_NEWNS
            | libc::CLONE_NEWPID
            | libc::CLONE_NEWNET
            | libc::CLONE_NEWIPC
            | libc::CLONE_NEWUTS;
        match self.standing.identity {
            Identity::Separate => all,
            Identity::Own => all | libc::CLONE_NEWUSER,
        }
    }

    pub(super) fn memory_control(&self) -> Control {
        match self.cgroups.control(Controller::Memory) {
            Control::None => Control::Rlimit,
            control => control,
        }
    }

    pub(super) fn processes_control(&self) -> Control {
        match self.cgroups.control(Controller::Processes) {
            Control::None => Control::Rlimit,
            control => control,
        }
    }

    /// Takes a guest whose init has ended, and with it every process of the guest,
    /// out of the house.
    pub(super) fn end(&mut self, id: u64) -> Option<(Guest, Exit)> {
        let guest = self.guests.get(&id)?;
        let (_, status) = waitpid(Some(guest.pid), WaitOptions::NOHANG).ok()??;
        let guest = self.guests.remove(&id)?;
        let mut exit = guest.last_words(status);
        exit.out_of_memory = guest.cell.ran_out_of_memory();
        guest.cell.remove();
        Some((guest, exit))
    }
}

impl Guest {
    pub(super) fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }

    pub(super) fn reports(&self) -> BorrowedFd<'_> {
        self.reports.as_fd()
    }

    /// Whether its init has yet to say that the command runs.
    pub(super) fn is_starting(&self) -> bool {
        self.output.is_some()
    }

    /// Hears what its init says while starting; `None` when it fell silent.
    pub(super) fn hear(&mut self) -> Option<News> {
        let heard = wire::receive(&self.reports, RecvFlags::DONTWAIT).ok()?;
        let output = self.output.take()?;
        match heard {
            Some((InitReport::Started, listeners)) => Some(News::Started { output, listeners }),
            Some((InitReport::Failed(fault), _)) => Some(News::Failed(fault)),
            // Its end will be noticed by its pidfd.
            _ => None,
        }
    }

    pub(super) fn kill(&self) {
        // It may have ended already, which is as good.
        let _ = kill_process(self.pid, Signal::KILL);
    }

    /// How the command ended, or the init when it had no time to say.
    fn last_words(&self, status: WaitStatus) -> Exit {
        let said = wire::receive(&self.reports, RecvFlags::DONTWAIT);
        let (code, signal) = match said {
            Ok(Some((InitReport::Exited { code, signal }, _))) => (code, signal),
            _ => (status.exit_status(), status.terminating_signal()),
        };
        Exit {
            code,
            signal,
            out_of_memory: false,
        }
    }

    pub(super) fn usage(&mut self) -> Usage {
        let count = self.cell.count();
        Usage {
            cpu: count.cpu.unwrap_or(Duration::ZERO),
            memory_peak_bytes: count.memory_peak,
            memory_bytes: count.memory,
        }
    }

    pub(super) fn reset_peak(&mut self) {
        self.cell.reset_peak();
    }
}
