//! What a cgroup counts of its guest, in files that can be read again and again.
//!
//! The keeper opens them and hands them to the program, which reads them where it is: asking the
//! keeper would wake two processes for it.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::spec::Usage;

/// As much of a file is read; what is looked for stands at its front.
const LOOKED_AT: usize = 256;

/// What a file counts, and how it is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Meter {
    /// CPU time in nanoseconds.
    CpuUsage,
    /// CPU time in a table of several.
    CpuStat,
    /// Bytes of memory now.
    Memory,
    /// The most bytes of memory there were.
    MemoryPeak,
}

/// What was counted.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Count {
    pub(crate) cpu: Option<Duration>,
    pub(crate) memory_peak: Option<u64>,
    pub(crate) memory: Option<u64>,
}

impl Count {
    /// Takes what the text of a file says.
    pub(crate) fn note(&mut self, meter: Meter, text: &str) {
        let number = || text.trim().parse().ok();
        match meter {
            Meter::CpuUsage => self.cpu = number().map(Duration::from_nanos),
            Meter::CpuStat => self.cpu = field(text, "usage_usec").map(Duration::from_micros),
            Meter::Memory => self.memory = number(),
            Meter::MemoryPeak => self.memory_peak = number(),
        }
    }

    /// All that is counted of a guest, if its cgroups count CPU time and memory.
    fn whole(self) -> Option<Usage> {
        Some(Usage {
            cpu: self.cpu?,
            memory_peak_bytes: self.memory_peak,
            memory_bytes: Some(self.memory?),
        })
    }
}

/// A field of a table with a name and a number in each line.
pub(crate) fn field(text: &str, field: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        (name == field).then(|| value.trim().parse().ok())?
    })
}

/// The open files of one guest.
#[derive(Debug)]
pub(crate) struct Meters(Vec<(Meter, File)>);

impl Meters {
    pub(crate) fn new(meters: Vec<Meter>, files: impl IntoIterator<Item = OwnedFd>) -> Meters {
        Meters(meters.into_iter().zip(files.into_iter().map(File::from)).collect())
    }

    /// What its guest has used so far; `None` where no cgroup counts all of it, and when the
    /// guest's cgroups are gone with it.
    pub(crate) fn read(&self) -> Option<Usage> {
        let mut count = Count::default();
        for (meter, file) in &self.0 {
            count.note(*meter, &front(file).ok()?);
        }
        count.whole()
    }
}

/// The first bytes of a file, which the kernel writes anew for each reading from its start.
fn front(file: &File) -> io::Result<String> {
    let mut text = [0; LOOKED_AT];
    let length = file.read_at(&mut text, 0)?;
    Ok(String::from_utf8_lossy(&text[..length]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meters(files: &[(Meter, &str)]) -> Meters {
        let file = |text: &str| {
            use io::Write as _;
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(text.as_bytes()).expect("written");
            OwnedFd::from(file)
        };
        Meters::new(
            files.iter().map(|(meter, _)| *meter).collect(),
            files.iter().map(|(_, text)| file(text)),
        )
    }

    #[test]
    fn a_guest_is_measured_again_and_again_by_the_files_of_either_version() {
        let one = meters(&[
            (Meter::CpuUsage, "1500000\n"),
            (Meter::Memory, "4096\n"),
            (Meter::MemoryPeak, "8192\n"),
        ]);
        let two = meters(&[
            (Meter::CpuStat, "usage_usec 1500\nuser_usec 1000\n"),
            (Meter::Memory, "4096\n"),
            (Meter::MemoryPeak, "8192\n"),
        ]);
        let usage = Usage {
            cpu: Duration::from_micros(1500),
            memory_peak_bytes: Some(8192),
            memory_bytes: Some(4096),
        };
        for meters in [one, two] {
            assert_eq!(meters.read(), Some(usage));
            assert_eq!(meters.read(), Some(usage));
        }
    }

    #[test]
    fn what_does_not_count_all_counts_nothing() {
        assert_eq!(meters(&[(Meter::CpuUsage, "1500000\n")]).read(), None);
        assert_eq!(
            meters(&[(Meter::Memory, "4096\n"), (Meter::MemoryPeak, "8192\n")]).read(),
            None
        );
        // A kernel may know no peak.
        let without_peak = meters(&[(Meter::CpuUsage, "1\n"), (Meter::Memory, "4096\n")]);
        assert_eq!(without_peak.read().map(|usage| usage.memory_peak_bytes), Some(None));
    }
}
