//! Control groups: found per controller, of version 1, 2 or both at once.
//!
//! The keeper makes one directory, `photofinish-PID-RANDOM`, in each hierarchy it
//! may write to, and in it one for each guest.

use std::collections::hash_map::RandomState;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::meter::{self, Count, Meter};
use crate::spec::Limits;
use crate::tier::Control;
use crate::wire::{At, Fault};

mod hierarchy;

use hierarchy::Hierarchy;

const PREFIX: &str = "photofinish-";
/// A function with a small share must not wait a tenth of a second for its next
/// slice: the kernel's default period hides short calls from the quota altogether.
const PERIOD_MICROS: u64 = 20_000;
/// The kernel takes no smaller quota.
const LEAST_QUOTA_MICROS: f64 = 1_000.0;

/// A resource and what the kernel calls its controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Controller {
    Cpu,
    CpuAccount,
    Memory,
    Processes,
}

impl Controller {
    const ALL: [Controller; 4] =
        [Controller::Cpu, Controller::CpuAccount, Controller::Memory, Controller::Processes];

    fn name(self) -> &'static str {
        match self {
            Controller::Cpu => "cpu",
            Controller::CpuAccount => "cpuacct",
            Controller::Memory => "memory",
            Controller::Processes => "pids",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// The keeper's directory in one hierarchy.
#[derive(Debug)]
struct Branch {
    version: Version,
    directory: PathBuf,
    controllers: Vec<Controller>,
}

/// The keeper's directories.
#[derive(Debug, Default)]
pub(super) struct Cgroups {
    branches: Vec<Branch>,
}

impl Cgroups {
    /// Removes what dead keepers left and makes this keeper's directories.
    pub(super) fn make() -> Cgroups {
        let name = format!("{PREFIX}{}-{:08x}", std::process::id(), random());
        let mut branches = Vec::new();
        for hierarchy in Hierarchy::find() {
            for place in &hierarchy.places {
                remove_stale(place);
            }
            branches.extend(best_branch(&hierarchy, &name));
        }
        Cgroups { branches }
    }

    pub(super) fn directories(&self) -> Vec<PathBuf> {
        self.branches.iter().map(|b| b.directory.clone()).collect()
    }

    /// By what mechanism a resource is limited here.
    pub(super) fn control(&self, controller: Controller) -> Control {
        match self.branch(controller).map(|branch| branch.version) {
            None => Control::None,
            Some(Version::One) => Control::CgroupV1,
            Some(Version::Two) => Control::CgroupV2,
        }
    }

    fn branch(&self, controller: Controller) -> Option<&Branch> {
        self.branches.iter().find(|b| b.controllers.contains(&controller))
    }

    /// Makes a guest's directories, without limits as yet.
    pub(super) fn make_cell(&self, guest: u64) -> Result<Cell, Fault> {
        let mut cell = Cell::default();
        for branch in &self.branches {
            let directory = branch.directory.join(format!("guest-{guest}"));
            fs::create_dir(&directory).at("make the cgroup", &directory.to_string_lossy())?;
            cell.rooms.push(Room {
                version: branch.version,
                controllers: branch.controllers.clone(),
                directory,
                peak: None,
            });
        }
        Ok(cell)
    }

    pub(super) fn remove(&self) {
        for branch in &self.branches {
            remove_with_children(&branch.directory, MOMENT);
        }
    }
}

fn random() -> u64 {
    // The standard library seeds its hash maps from the system's randomness.
    RandomState::new().build_hasher().finish() & 0xffff_ffff
}

/// The first place that offers the most controllers.
fn best_branch(hierarchy: &Hierarchy, name: &str) -> Option<Branch> {
    let mut best: Option<Branch> = None;
    for place in &hierarchy.places {
        let made = match hierarchy.version {
            Version::One => branch_of_one(hierarchy, &place.join(name)),
            Version::Two => branch_of_two(hierarchy, place, name),
        };
        let worse = match (made, &best) {
            (Some(made), Some(held)) if made.controllers.len() <= held.controllers.len() => {
                Some(made)
            }
            (Some(made), _) => best.replace(made),
            (None, _) => None,
        };
        if let Some(worse) = worse {
            let _ = fs::remove_dir(worse.directory);
        }
        if let Some(held) = &best
            && held.controllers.len() == hierarchy.controllers.len()
        {
            break;
        }
    }
    best
}

fn branch_of_one(hierarchy: &Hierarchy, directory: &Path) -> Option<Branch> {
    fs::create_dir(directory).ok()?;
    Some(Branch {
        version: Version::One,
        directory: directory.to_path_buf(),
        controllers: hierarchy.controllers.clone(),
    })
}

/// In version 2 a cgroup with processes cannot hand controllers down, so the place
/// is tried, and when it refuses, taken back.
fn branch_of_two(hierarchy: &Hierarchy, place: &Path, name: &str) -> Option<Branch> {
    let directory = place.join(name);
    fs::create_dir(&directory).ok()?;
    let mut controllers = Vec::new();
    for controller in &hierarchy.controllers {
        let word = format!("+{}", controller.name());
        // It may be handed down already; what counts is whether the child has it.
        let _ = fs::write(place.join("cgroup.subtree_control"), &word);
        if *controller == Controller::CpuAccount
            || fs::write(directory.join("cgroup.subtree_control"), &word).is_ok()
        {
            controllers.push(*controller);
        }
    }
    if controllers.iter().all(|c| *c == Controller::CpuAccount) {
        let _ = fs::remove_dir(&directory);
        return None;
    }
    Some(Branch { version: Version::Two, directory, controllers })
}

/// One guest's directories.
#[derive(Debug, Default)]
pub(super) struct Cell {
    rooms: Vec<Room>,
}

#[derive(Debug)]
struct Room {
    version: Version,
    directory: PathBuf,
    controllers: Vec<Controller>,
    /// Version 2 forgets a peak only for the descriptor that asked for it.
    peak: Option<File>,
}

impl Cell {
    /// Sets a guest's limits.
    pub(super) fn limit(&self, limits: &Limits) -> Result<(), Fault> {
        self.rooms.iter().try_for_each(|room| room.limit(limits))
    }

    /// The directory that a new process is forked into, in version 2.
    pub(super) fn fork_target(&self) -> Result<Option<OwnedFd>, Fault> {
        let room = self.rooms.iter().find(|room| room.version == Version::Two);
        room.map(|room| {
            File::open(&room.directory)
                .map(OwnedFd::from)
                .at("open the cgroup", &room.directory.to_string_lossy())
        })
        .transpose()
    }

    /// Files through which a process joins by writing, in version 1. Opened by the
    /// keeper, since the right to join is checked against who opened them.
    pub(super) fn doors(&self) -> Result<Vec<File>, Fault> {
        let rooms = self.rooms.iter().filter(|room| room.version == Version::One);
        rooms
            .map(|room| {
                let path = room.directory.join("cgroup.procs");
                let door = OpenOptions::new().write(true).open(&path);
                door.at("open the cgroup", &path.to_string_lossy())
            })
            .collect()
    }

    pub(super) fn count(&mut self) -> Count {
        let mut count = Count::default();
        for room in &mut self.rooms {
            for (meter, file) in room.meters() {
                let text = match &mut room.peak {
                    Some(peak) if meter == Meter::MemoryPeak => read_again(peak),
                    _ => fs::read_to_string(room.directory.join(file)).ok(),
                };
                if let Some(text) = text {
                    count.note(meter, &text);
                }
            }
        }
        count
    }

    /// Opens the files that count, for whoever reads them elsewhere. What cannot be opened is left
    /// out: then the keeper is asked.
    pub(super) fn meters(&self) -> Vec<(Meter, File)> {
        let all = self.rooms.iter().flat_map(|room| {
            let open = |(meter, file)| Some((meter, File::open(room.directory.join(file)).ok()?));
            room.meters().into_iter().filter_map(open)
        });
        all.collect()
    }

    /// Starts counting the memory peak anew, where the kernel can.
    pub(super) fn reset_peak(&mut self) {
        for room in &mut self.rooms {
            if room.holds(Controller::Memory) {
                room.reset_peak();
            }
        }
    }

    /// Whether the kernel has killed for want of memory in here.
    pub(super) fn ran_out_of_memory(&self) -> bool {
        self.rooms.iter().filter(|room| room.holds(Controller::Memory)).any(|room| {
            let file = match room.version {
                Version::One => "memory.oom_control",
                Version::Two => "memory.events",
            };
            room.field(file, "oom_kill").is_some_and(|kills| kills > 0)
        })
    }

    /// Removes the directories; the processes must have ended.
    pub(super) fn remove(&self) {
        for room in &self.rooms {
            remove_patiently(&room.directory, MOMENT);
        }
    }
}

impl Room {
    fn holds(&self, controller: Controller) -> bool {
        self.controllers.contains(&controller)
    }

    fn limit(&self, limits: &Limits) -> Result<(), Fault> {
        if self.holds(Controller::Memory) {
            self.limit_memory(limits.memory_bytes)?;
        }
        if let Some(cores) = limits.cpu
            && self.holds(Controller::Cpu)
        {
            self.limit_cpu(cores)?;
        }
        if self.holds(Controller::Processes) {
            // One more for the init that we add.
            self.set("pids.max", &(u64::from(limits.processes) + 1).to_string())?;
        }
        Ok(())
    }

    fn limit_memory(&self, bytes: u64) -> Result<(), Fault> {
        let bytes_text = bytes.to_string();
        match self.version {
            Version::One => {
                self.set("memory.limit_in_bytes", &bytes_text)?;
                self.set_if_there("memory.memsw.limit_in_bytes", &bytes_text)
            }
            Version::Two => {
                self.set("memory.max", &bytes_text)?;
                self.set_if_there("memory.swap.max", "0")
            }
        }
    }

    fn limit_cpu(&self, cores: f64) -> Result<(), Fault> {
        let quota = cores * PERIOD_MICROS as f64;
        let period = if quota < LEAST_QUOTA_MICROS {
            (LEAST_QUOTA_MICROS / cores.max(0.001)) as u64
        } else {
            PERIOD_MICROS
        };
        let quota = (quota.max(LEAST_QUOTA_MICROS)) as u64;
        match self.version {
            Version::One => {
                self.set("cpu.cfs_period_us", &period.to_string())?;
                self.set("cpu.cfs_quota_us", &quota.to_string())
            }
            Version::Two => self.set("cpu.max", &format!("{quota} {period}")),
        }
    }

    /// The files that count what its guest uses.
    fn meters(&self) -> Vec<(Meter, &'static str)> {
        let (cpu, memory, peak) = match self.version {
            Version::One => (
                (Meter::CpuUsage, "cpuacct.usage"),
                "memory.usage_in_bytes",
                "memory.max_usage_in_bytes",
            ),
            Version::Two => ((Meter::CpuStat, "cpu.stat"), "memory.current", "memory.peak"),
        };
        let mut meters = Vec::new();
        if self.holds(Controller::CpuAccount) {
            meters.push(cpu);
        }
        if self.holds(Controller::Memory) {
            meters.extend([(Meter::Memory, memory), (Meter::MemoryPeak, peak)]);
        }
        meters
    }

    fn reset_peak(&mut self) {
        match self.version {
            Version::One => {
                let _ = fs::write(self.directory.join("memory.max_usage_in_bytes"), "0");
            }
            Version::Two => {
                use io::Write;
                let path = self.directory.join("memory.peak");
                let file = OpenOptions::new().read(true).write(true).open(path);
                if let Ok(mut file) = file
                    && file.write_all(b"reset").is_ok()
                {
                    self.peak = Some(file);
                }
            }
        }
    }

    fn set(&self, file: &str, value: &str) -> Result<(), Fault> {
        let path = self.directory.join(file);
        fs::write(&path, value).at("limit by", &path.to_string_lossy())
    }

    fn set_if_there(&self, file: &str, value: &str) -> Result<(), Fault> {
        if self.directory.join(file).exists() { self.set(file, value) } else { Ok(()) }
    }

    fn field(&self, file: &str, field: &str) -> Option<u64> {
        let text = fs::read_to_string(self.directory.join(file)).ok()?;
        meter::field(&text, field)
    }
}

fn read_again(file: &mut File) -> Option<String> {
    use io::{Read, Seek};
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    Some(text)
}

/// A directory can be busy for a moment after its last process has ended.
const MOMENT: Duration = Duration::from_millis(200);
/// When a keeper was killed, its guests are still about to die: a thousand processes with a small
/// share of a busy machine take their time.
const DYING: Duration = Duration::from_secs(60);

/// Removes a dead keeper's directories, for a client that outlived it.
pub(crate) fn remove_left_over(directories: &[PathBuf]) {
    for directory in directories {
        remove_with_children(directory, DYING);
    }
}

fn remove_patiently(directory: &Path, patience: Duration) {
    let begin = Instant::now();
    while let Err(cause) = fs::remove_dir(directory) {
        if cause.kind() != io::ErrorKind::ResourceBusy || begin.elapsed() > patience {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn remove_with_children(directory: &Path, patience: Duration) {
    for child in subdirectories(directory) {
        remove_patiently(&child, patience);
    }
    remove_patiently(directory, patience);
}

/// Keepers that were killed leave empty directories; their names tell whose.
fn remove_stale(place: &Path) {
    for directory in subdirectories(place) {
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        let pid = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('-'))
            .and_then(|(pid, _)| pid.parse::<u32>().ok());
        if let Some(pid) = pid
            && !Path::new("/proc").join(pid.to_string()).exists()
        {
            // Processes still in there keep it: nothing is killed on a guess.
            for child in subdirectories(&directory) {
                let _ = fs::remove_dir(child);
            }
            let _ = fs::remove_dir(&directory);
        }
    }
}

fn subdirectories(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with the files that the second version has in a cgroup: for
    /// machines, such as those of version 1, that cannot show the real ones.
    fn room_of_two(directory: &Path) -> Room {
        for (file, text) in [
            ("memory.swap.max", "max"),
            ("memory.current", "4096\n"),
            ("memory.peak", "8192\n"),
            ("memory.events", "low 0\noom 1\noom_kill 1\noom_group_kill 0\n"),
            ("cpu.stat", "usage_usec 1500\nuser_usec 1000\n"),
        ] {
            fs::write(directory.join(file), text).expect("a file");
        }
        Room {
            version: Version::Two,
            directory: directory.to_path_buf(),
            controllers: Controller::ALL.to_vec(),
            peak: None,
        }
    }

    fn limits(cpu: f64) -> Limits {
        Limits {
            memory_bytes: 134_217_728,
            cpu: Some(cpu),
            processes: 31,
            files: 64,
            file_bytes: 1,
        }
    }

    #[test]
    fn version_two_is_limited_by_its_own_files() {
        let directory = tempfile::tempdir().expect("a directory");
        let room = room_of_two(directory.path());
        room.limit(&limits(0.25)).expect("to be limited");
        let written = |file: &str| fs::read_to_string(directory.path().join(file)).expect("text");
        assert_eq!(written("memory.max"), "134217728");
        assert_eq!(written("memory.swap.max"), "0");
        assert_eq!(written("cpu.max"), "5000 20000");
        assert_eq!(written("pids.max"), "32");
    }

    #[test]
    fn a_small_share_gets_a_longer_period_instead_of_a_larger_share() {
        let directory = tempfile::tempdir().expect("a directory");
        let room = room_of_two(directory.path());
        room.limit(&limits(0.02)).expect("to be limited");
        let written = fs::read_to_string(directory.path().join("cpu.max")).expect("text");
        assert_eq!(written, "1000 50000");
    }

    #[test]
    fn version_two_is_counted_by_its_own_files() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut cell = Cell { rooms: vec![room_of_two(directory.path())] };
        let count = cell.count();
        assert_eq!(count.cpu, Some(Duration::from_micros(1500)));
        assert_eq!(count.memory, Some(4096));
        assert_eq!(count.memory_peak, Some(8192));
        assert!(cell.ran_out_of_memory());
    }
}
