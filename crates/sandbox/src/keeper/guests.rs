//! The guests a keeper has: how one begins, what it has used, how it ends.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::fs::{Gid, Uid, fchown};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, kill_process};

use super::cgroup::{Cell, Cgroups, Controller};
use super::family;
use super::governor::{Duties, Governor, Verdict};
use super::identity::Standing;
use super::init::{self, Start};
use super::kernel::{self, Forked};
use super::procfs;
use crate::meter::{Count, Meter};
use crate::spec::{Exit, GuestSpec, Usage};
use crate::tier::{Control, Identity};
use crate::wire::{self, At, Fault, InitReport, Order};

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
    /// What was counted just before it was killed: of children that nobody waits
    /// for, the kernel tells no one.
    at_kill: Count,
    /// Where no cgroup holds it.
    governor: Option<Governor>,
    /// Its processes are stopped until they are asked for.
    paused: bool,
    /// The governor found more memory than it may have.
    out_of_memory: bool,
}

/// What is left of a guest.
pub(super) struct Ended {
    pub(super) exit: Exit,
    pub(super) usage: Usage,
    pub(super) asked_by: Option<u64>,
    pub(super) awaited_by: Vec<u64>,
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
    pub(super) seccomp: bool,
    pub(super) landlock: Option<i32>,
    pub(super) proc: OwnedFd,
    pub(super) guests: BTreeMap<u64, Guest>,
    /// Guests that wait to be told what they are to be.
    pub(super) blanks: Vec<u64>,
    /// How many of those to have.
    pub(super) blanks_wanted: usize,
    pub(super) last: u64,
}

/// What a guest's init had to say while it was started.
pub(super) enum News {
    Started { output: OwnedFd, listeners: Vec<OwnedFd> },
    Failed(Fault),
}

impl House {
    /// Begins a guest. That it has started, or why not, is heard later.
    pub(super) fn begin(
        &mut self,
        spec: GuestSpec,
        asked_by: Option<u64>,
        purpose: Purpose,
    ) -> Result<u64, Fault> {
        let id = match self.blanks.pop() {
            Some(id) => id,
            None => self.prepare()?,
        };
        let outside = self.standing.outside(id);
        let (output, writer) = pipe_with(PipeFlags::CLOEXEC).at("make a", "pipe")?;
        if self.standing.identity == Identity::Separate {
            // So that the guest can open /dev/stdout.
            let (user, group) = (Uid::from_raw(outside), Gid::from_raw(outside));
            fchown(&writer, Some(user), Some(group)).at("give away", "the output")?;
        }
        let duties = self.duties();
        let gone = || Fault::new("find", "the guest", Errno::SRCH);
        let guest = self.guests.get_mut(&id).ok_or_else(gone)?;
        let limited = guest.cell.limit(&spec.limits);
        if let Err(fault) = limited {
            guest.kill();
            return Err(fault);
        }
        if purpose == Purpose::Work {
            guest.governor = Governor::new(guest.number(), &spec.limits, duties);
        }
        let trial = purpose == Purpose::Trial;
        // If it has failed and ended before, what it said is read in its turn.
        let _ = wire::send(
            &guest.reports,
            &Order { spec, trial },
            &[writer.as_fd()],
            SendFlags::empty(),
        );
        guest.output = Some(output);
        guest.asked_by = asked_by;
        Ok(id)
    }

    /// Whether guests should be made before they are asked for.
    pub(super) fn wants_blanks(&self) -> bool {
        self.blanks.len() < self.blanks_wanted
    }

    /// Makes a guest that nobody has asked for yet.
    ///
    /// Most of the time that a guest takes to start goes into joining cgroups (the
    /// kernel waits until all processors have passed a safe point) and into its
    /// network namespace. Neither depends on what the guest is to be.
    pub(super) fn prepare_blank(&mut self) {
        match self.prepare() {
            Ok(id) => self.blanks.push(id),
            // Whoever asks for a guest will hear why not.
            Err(_) => self.blanks_wanted = 0,
        }
    }

    /// Forks a guest that waits to be told what it is to be.
    fn prepare(&mut self) -> Result<u64, Fault> {
        self.last += 1;
        let id = self.last;
        let cell = self.cgroups.make_cell(id)?;
        match self.fork(id, &cell) {
            Ok((pid, pidfd, reports)) => {
                let guest = Guest {
                    pid,
                    pidfd,
                    reports,
                    cell,
                    output: None,
                    asked_by: None,
                    awaited_by: Vec::new(),
                    fault: None,
                    at_kill: Count::default(),
                    governor: None,
                    paused: false,
                    out_of_memory: false,
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

    fn fork(&self, id: u64, cell: &Cell) -> Result<(Pid, OwnedFd, OwnedFd), Fault> {
        let (reports, report) = wire::pair().at("make a", "socket pair")?;
        wire::widen(&reports);
        let target = cell.fork_target()?;
        let doors = cell.doors()?;
        let namespaces = self.namespaces();
        // Worked out here: it depends on the keeper's process id.
        let outside = self.standing.outside(id);
        let target = target.as_ref().map(AsFd::as_fd);
        match kernel::fork_into(namespaces, target).at("fork into new", "namespaces")? {
            Forked::Parent { pid, pidfd } => Ok((pid, pidfd, reports)),
            Forked::Child => init::run(Start {
                standing: self.standing,
                outside,
                proc: &self.proc,
                report,
                doors,
                memory_is_counted: self.memory_control() != Control::Governor,
                seccomp: self.seccomp,
                landlock: self.landlock,
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

    pub(super) fn cpu_control(&self) -> Control {
        self.or_governor(Controller::Cpu)
    }

    pub(super) fn memory_control(&self) -> Control {
        self.or_governor(Controller::Memory)
    }

    fn or_governor(&self, controller: Controller) -> Control {
        match self.cgroups.control(controller) {
            Control::None => Control::Governor,
            control => control,
        }
    }

    fn duties(&self) -> Duties {
        Duties {
            cpu: self.cpu_control() == Control::Governor,
            memory: self.memory_control() == Control::Governor,
        }
    }

    /// When a guest is to be looked at next, where no cgroup holds them.
    pub(super) fn next_look(&self) -> Option<Instant> {
        let running = self.guests.values().filter(|guest| !guest.paused);
        running.filter_map(|guest| guest.governor.as_ref()).map(Governor::due).min()
    }

    /// Looks at the guests whose time has come.
    pub(super) fn govern(&mut self) {
        let now = Instant::now();
        for guest in self.guests.values_mut().filter(|guest| !guest.paused) {
            let governor = guest.governor.as_mut().filter(|governor| governor.due() <= now);
            if governor.map(Governor::look) == Some(Verdict::OutOfMemory) {
                guest.governor = None;
                guest.out_of_memory = true;
                guest.kill();
            }
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
    pub(super) fn end(&mut self, id: u64) -> Option<Ended> {
        let ended = kernel::collect(self.guests.get(&id)?.pid)?;
        let mut guest = self.guests.remove(&id)?;
        self.blanks.retain(|blank| *blank != id);
        let (code, signal) = guest.last_words().unwrap_or((ended.code, ended.signal));
        let out_of_memory = guest.out_of_memory || guest.cell.ran_out_of_memory();
        let exit = Exit { code, signal, out_of_memory };
        let count = guest.cell.count();
        let cpu = guest.at_kill.cpu.unwrap_or_default().max(ended.cpu);
        let peak = guest.at_kill.memory_peak.max(Some(ended.largest_bytes));
        let usage = Usage {
            cpu: count.cpu.unwrap_or(cpu),
            memory_peak_bytes: count.memory_peak.or(peak),
            memory_bytes: Some(0),
        };
        guest.cell.remove();
        Some(Ended {
            exit,
            usage,
            asked_by: guest.asked_by,
            awaited_by: guest.awaited_by,
            fault: guest.fault,
        })
    }
}

impl Guest {
    /// Its first process, as the host numbers it.
    pub(super) fn number(&self) -> u32 {
        self.pid.as_raw_nonzero().get() as u32
    }

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

    pub(super) fn kill(&mut self) {
        self.at_kill = self.seen();
        // It may have ended already, which is as good.
        let _ = kill_process(self.pid, Signal::KILL);
    }

    /// What `/proc` tells, when no cgroup does.
    fn seen(&mut self) -> Count {
        let counted = self.cell.count();
        if counted.cpu.is_some() && counted.memory.is_some() {
            return Count::default();
        }
        procfs::count(self.number())
    }

    /// How the command ended, unless its init had no time to say.
    fn last_words(&self) -> Option<(Option<i32>, Option<i32>)> {
        match wire::receive(&self.reports, RecvFlags::DONTWAIT) {
            Ok(Some((InitReport::Exited { code, signal }, _))) => Some((code, signal)),
            _ => None,
        }
    }

    pub(super) fn usage(&mut self) -> Usage {
        let counted = self.cell.count();
        let seen = self.seen();
        Usage {
            cpu: counted.cpu.or(seen.cpu).unwrap_or(Duration::ZERO),
            memory_peak_bytes: counted.memory_peak.or(seen.memory_peak),
            memory_bytes: counted.memory.or(seen.memory),
        }
    }

    /// The open files that count what it uses.
    pub(super) fn meters(&self) -> Vec<(Meter, File)> {
        self.cell.meters()
    }

    pub(super) fn pause(&mut self) {
        self.paused = true;
        family::tell(self.number(), Signal::STOP);
    }

    pub(super) fn resume(&mut self) {
        // Should it be ahead of its share, its governor stops it again.
        if std::mem::take(&mut self.paused) {
            family::tell(self.number(), Signal::CONT);
        }
    }

    pub(super) fn reset_peak(&mut self) {
        self.cell.reset_peak();
    }
}
