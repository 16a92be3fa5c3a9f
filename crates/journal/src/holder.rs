//! Who is at work on a study directory, found out without getting in anybody's way.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::write::LOCK;

/// Who holds a study directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// Nobody: it may be worked on.
    Nobody,
    /// A process, by its id where the system tells it.
    Process(Option<u32>),
}

impl Holder {
    /// Who holds this directory now.
    #[must_use]
    pub fn of(directory: &Path) -> Self {
        let path = directory.join(LOCK);
        let Ok(lock) = fs::metadata(&path) else { return Self::Nobody };
        if let Ok(locks) = fs::read_to_string("/proc/locks") {
            let pid = holders(&locks, lock.ino()).find(|&pid| has_open(pid, &lock));
            return pid.map_or(Self::Nobody, |pid| Self::Process(Some(pid)));
        }
        // Elsewhere one has to try. A writer that starts in this very moment is told that the
        // study is in use.
        match File::open(&path).map(|file| file.try_lock_shared()) {
            Ok(Err(fs::TryLockError::WouldBlock)) => Self::Process(None),
            _ => Self::Nobody,
        }
    }
}

/// The processes that hold a lock on a file of this number.
fn holders(locks: &str, inode: u64) -> impl Iterator<Item = u32> {
    locks.lines().filter_map(move |line| {
        let mut words = line.split_whitespace();
        let kind = words.nth(1)?;
        let (pid, file) = (words.nth(2)?, words.next()?);
        let same = file.rsplit(':').next()?.parse() == Ok(inode);
        (kind == "FLOCK" && same).then(|| pid.parse().ok()).flatten()
    })
}

/// Whether a process has this very file open: a number is unique within one file system only.
/// Another user's processes cannot be asked, and are believed.
fn has_open(pid: u32, lock: &fs::Metadata) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return true };
    descriptors.flatten().any(|descriptor| {
        fs::metadata(descriptor.path())
            .is_ok_and(|open| open.ino() == lock.ino() && open.dev() == lock.dev())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_read_from_the_kernels_list() {
        let locks = "1: FLOCK  ADVISORY  WRITE 1024 fe:00:77 0 EOF\n\
                     2: POSIX  ADVISORY  WRITE 55 fe:00:77 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 56 fe:00:77 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 31 fe:00:78 0 EOF\n";
        assert_eq!(holders(locks, 77).collect::<Vec<_>>(), [1024]);
    }
}
