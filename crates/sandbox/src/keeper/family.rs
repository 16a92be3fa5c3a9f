//! All processes of a guest at once.

use std::collections::BTreeSet;

use rustix::process::{Pid, Signal, kill_process};

use super::procfs;

/// How often the family is gone through until nobody in it is new: it may fork meanwhile.
const ROUNDS: usize = 8;

/// Sends a signal to all that descend from a guest's first process, not to that itself.
pub(super) fn tell(init: u32, signal: Signal) {
    let mut told = BTreeSet::from([init]);
    for _ in 0..ROUNDS {
        let fresh: Vec<u32> =
            procfs::family(init).into_iter().filter(|pid| told.insert(*pid)).collect();
        if fresh.is_empty() {
            return;
        }
        for pid in fresh.into_iter().filter_map(|pid| Pid::from_raw(pid as i32)) {
            // It may have ended since.
            let _ = kill_process(pid, signal);
        }
    }
}
