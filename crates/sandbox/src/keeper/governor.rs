//! Holds a guest to its CPU share and its memory where no cgroup does.
//!
//! Every few milliseconds it looks at the guest's processes. When they are ahead of their share it
//! stops all of them, and lets them go on when it is theirs again; what they were ahead by is paid
//! back, so that the share is exact over time though each look comes late. A guest that has more
//! memory than it may is out of memory, and ends.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{family, procfs};
use crate::spec::Limits;

/// As long as a cgroup's period: what a guest may save up, by the share.
const SAVED: Duration = Duration::from_millis(20);
/// Between two looks at a guest that computes, and at one that does not.
const SOONEST: Duration = Duration::from_millis(2);
const BUSY: Duration = Duration::from_millis(10);
const IDLE: Duration = Duration::from_millis(20);
/// For each millisecond of looking so many of not looking.
const RESTRAINT: u32 = 4;

/// What is to be held here, for want of a cgroup.
#[derive(Debug, Clone, Copy)]
pub(super) struct Duties {
    pub(super) cpu: bool,
    pub(super) memory: bool,
}

/// Watches over one guest.
#[derive(Debug)]
pub(super) struct Governor {
    init: u32,
    cores: Option<f64>,
    memory: Option<u64>,
    /// Seconds of CPU time that it may use at once; less than none when it is ahead.
    credit: f64,
    used: Duration,
    looked: Instant,
    due: Instant,
    stopped: bool,
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Well,
    OutOfMemory,
}

impl Governor {
    /// `None` where there is nothing to hold.
    pub(super) fn new(init: u32, limits: &Limits, duties: Duties) -> Option<Governor> {
        let cores = limits.cpu.filter(|_| duties.cpu);
        let memory = Some(limits.memory_bytes).filter(|_| duties.memory);
        if cores.is_none() && memory.is_none() {
            return None;
        }
        let now = Instant::now();
        let used = procfs::family(init).into_iter().filter_map(procfs::look).map(|seen| seen.cpu);
        Some(Governor {
            init,
            cores,
            memory,
            credit: 0.0,
            used: used.sum(),
            looked: now,
            due: now + SOONEST,
            stopped: false,
        })
    }

    /// When the next look is due.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// Looks, and does what follows from it.
    pub(super) fn look(&mut self) -> Verdict {
        let begin = Instant::now();
        let family = procfs::family(self.init);
        let seen: Vec<_> = family.iter().copied().filter_map(procfs::look).collect();
        // The first process is the keeper's.
        let resident: u64 = seen.iter().skip(1).map(|seen| seen.resident).sum();
        if self.memory.is_some_and(|limit| resident > limit && share_of(&family[1..]) > limit) {
            return Verdict::OutOfMemory;
        }
        // What a process had used is not seen while its parent has not waited for it.
        let used = seen.iter().map(|seen| seen.cpu).sum::<Duration>().max(self.used);
        let newly = used - self.used;
        self.used = used;
        let wait = match self.cores {
            Some(cores) => self.account(cores, newly, begin),
            None if newly.is_zero() => IDLE,
            None => BUSY,
        };
        self.looked = begin;
        self.due = begin + wait.max(begin.elapsed() * RESTRAINT);
        Verdict::Well
    }

    /// Stops or continues the guest by its account; says how long that may go on.
    fn account(&mut self, cores: f64, newly: Duration, now: Instant) -> Duration {
        let earned = (now - self.looked).as_secs_f64() * cores;
        let most = SAVED.as_secs_f64() * cores;
        self.credit = (self.credit + earned).min(most) - newly.as_secs_f64();
        if self.credit < 0.0 {
            // Again at each look: what was forked while it was stopped is not yet.
            family::tell(self.init, Signal::STOP);
            self.stopped = true;
            return Duration::from_secs_f64((-self.credit / cores).min(1.0)).max(SOONEST / 2);
        }
        if std::mem::take(&mut self.stopped) {
            family::tell(self.init, Signal::CONT);
        } else if newly.is_zero() {
            return IDLE;
        }
        Duration::from_secs_f64(self.credit).clamp(SOONEST, BUSY)
    }
}

/// Memory of these processes, that which they share counted once.
fn share_of(family: &[u32]) -> u64 {
    family.iter().copied().map(procfs::proportional_memory).sum()
}
