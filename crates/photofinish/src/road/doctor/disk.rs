//! Room on the disks that a study writes to.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use photofinish_runtimes::Cache;

use super::Finding;

/// Two Pythons with their wheels, and a study, take about so much.
const ROOM: u64 = 2 << 30;
/// A cache that takes longer to add up is told as "more than".
const PATIENCE: Duration = Duration::from_secs(1);

/// Free space where the cache and the current folder lie, and the size of the cache.
pub(super) fn disk(cache: Option<&Cache>) -> Finding {
    const WHAT: &str = "disk";
    let Some(cache) = cache else {
        let mend = "set XDG_CACHE_HOME or HOME to a folder that you may write to";
        return Finding::lacking(WHAT, "there is no folder for a cache", mend);
    };
    let (used, whole) = used(cache.path());
    let more = if whole { "" } else { "more than " };
    let cache_room = free(cache.path());
    let here_room = free(Path::new("."));
    let found = format!(
        "{} free for the cache {}, which has {more}{}; {} free in this folder",
        told(cache_room),
        cache.path().display(),
        size(used),
        told(here_room),
    );
    let least = cache_room.into_iter().chain(here_room).min();
    if least.is_some_and(|least| least < ROOM) {
        let mend = format!(
            "make room: a study with its Pythons takes up to {}; XDG_CACHE_HOME moves the cache",
            size(ROOM)
        );
        return Finding::without(WHAT, found, mend);
    }
    Finding::fine(WHAT, found)
}

fn told(room: Option<u64>) -> String {
    room.map_or_else(|| "unknown space".to_owned(), size)
}

/// What an ordinary user may still write in the file system of this path, or of the nearest
/// folder above it that is there.
fn free(path: &Path) -> Option<u64> {
    let path = std::path::absolute(path).ok()?;
    let there = path.ancestors().find(|path| path.is_dir())?;
    let found = rustix::fs::statvfs(there).ok()?;
    Some(found.f_bavail * found.f_frsize)
}

/// The length of all files below, and whether that was all.
fn used(folder: &Path) -> (u64, bool) {
    let begun = Instant::now();
    let mut sum = 0;
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if begun.elapsed() > PATIENCE {
            return (sum, false);
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            // Not of what a link points to.
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                sum += metadata.len();
            }
        }
    }
    (sum, true)
}

/// A number of bytes as people say it.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    #[expect(clippy::cast_precision_loss, reason = "shown to one digit")]
    let mut value = bytes as f64 / 1e3;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if value < 999.5 {
            break;
        }
        value /= 1e3;
        unit = next;
    }
    if value < 10.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_the_unit_that_fits() {
        let said = [0, 12_345, 999_600, 4_200_000_000, 83_000_000_000].map(size);
        assert_eq!(said, ["0.0 kB", "12 kB", "1.0 MB", "4.2 GB", "83 GB"]);
    }

    #[test]
    fn a_folder_is_as_large_as_its_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join("a"), [0; 100]).unwrap();
        std::fs::write(folder.path().join("below/b"), [0; 23]).unwrap();
        assert_eq!(used(folder.path()), (123, true));
        assert!(free(&folder.path().join("not/yet/made")).is_some());
    }
}
