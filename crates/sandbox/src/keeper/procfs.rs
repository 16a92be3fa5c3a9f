//! What a guest uses, counted from `/proc` where no cgroup counts it: coarser, and
//! blind to processes that came and went between two looks unless they were waited
//! for.

use std::fs;
use std::time::Duration;

use super::kernel;
use crate::meter::Count;

/// The unit of times in `/proc`, the same on every architecture we run on.
const TICK: Duration = Duration::from_millis(10);

/// Counts a process and everything below it.
pub(super) fn count(init: u32) -> Count {
    let mut count = Count::default();
    let mut left = vec![init];
    while let Some(pid) = left.pop() {
        left.extend(children(pid));
        let Some(cpu) = cpu_time(pid) else { continue };
        add(&mut count.cpu, cpu);
        let (now, peak) = memory(pid);
        add(&mut count.memory, now);
        add(&mut count.memory_peak, peak);
    }
    count
}

/// A process as a governor sees it.
pub(super) struct Seen {
    /// Its own CPU time, to the nanosecond, and that of the children it has waited for.
    pub(super) cpu: Duration,
    /// Its resident memory in bytes, what it shares with others included.
    pub(super) resident: u64,
}

/// A process and everything below it, itself first.
pub(super) fn family(init: u32) -> Vec<u32> {
    let mut family = vec![init];
    let mut next = 0;
    while let Some(pid) = family.get(next) {
        family.extend(children(*pid));
        next += 1;
    }
    family
}

/// Looks at one process; `None` when it is gone.
pub(super) fn look(pid: u32) -> Option<Seen> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<u64> = fields.split(' ').map(|field| field.parse().unwrap_or(0)).collect();
    let ticks = |from: usize| {
        let ticks: u64 = fields.iter().skip(from).take(2).sum();
        TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
    };
    let own = kernel::cpu_clock(pid).unwrap_or_else(|| ticks(11));
    Some(Seen { cpu: own + ticks(13), resident: memory(pid).0 })
}

/// Memory of a process in bytes, of what it shares with others its part.
pub(super) fn proportional_memory(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| numbers(line).next()).unwrap_or(0) * 1024
}

fn add<T: std::ops::Add<Output = T> + Copy>(sum: &mut Option<T>, more: T) {
    *sum = Some(sum.map_or(more, |sum| sum + more));
}

fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|text| numbers(&text).map(|n| n as u32).collect::<Vec<_>>())
        .collect()
}

/// Its own and that of the children it has waited for.
fn cpu_time(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before may hold anything, even parentheses.
    let (_, fields) = stat.rsplit_once(") ")?;
    let times = fields.split(' ').skip(11).take(4);
    let ticks: u64 = times.filter_map(|time| time.parse::<u64>().ok()).sum();
    Some(TICK * u32::try_from(ticks).unwrap_or(u32::MAX))
}

/// Resident memory in bytes: now, and the most there was.
fn memory(pid: u32) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| numbers(line).next()).unwrap_or(0) * 1024
    };
    (field("VmRSS:"), field("VmHWM:"))
}

fn numbers(text: &str) -> impl Iterator<Item = u64> {
    text.split_whitespace().filter_map(|word| word.parse().ok())
}
