//! What a guest can leave on a machine: processes, mounts, control groups, files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A process, told apart from a later one of the same number by its start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    pid: u32,
    started: String,
}

/// All that descend from a process, itself included: a keeper is where orphans go.
pub fn family(pid: u32) -> BTreeSet<Process> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut started = BTreeMap::new();
    for (pid, parent, start) in processes() {
        children.entry(parent).or_default().push(pid);
        started.insert(pid, start);
    }
    let mut found = BTreeSet::new();
    let mut left = vec![pid];
    while let Some(pid) = left.pop() {
        left.extend(children.get(&pid).into_iter().flatten());
        if let Some(started) = started.get(&pid) {
            found.insert(Process { pid, started: started.clone() });
        }
    }
    found
}

/// Which of these still are.
pub fn living(of: &BTreeSet<Process>) -> BTreeSet<Process> {
    let now = processes().into_iter().map(|(pid, _, started)| Process { pid, started });
    now.filter(|process| of.contains(process)).collect()
}

/// The processes of a function, by what stands in their environment.
pub fn of_function(name: &str) -> BTreeSet<u32> {
    let mark = format!("AWS_LAMBDA_FUNCTION_NAME={name}").into_bytes();
    let marked = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == mark)
    };
    processes().into_iter().map(|(pid, ..)| pid).filter(marked).collect()
}

/// Number, parent and start of every process that has not ended.
fn processes() -> Vec<(u32, u32, String)> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name before may hold anything, even parentheses.
            let (_, fields) = stat.rsplit_once(") ")?;
            let fields: Vec<&str> = fields.split(' ').collect();
            let (state, parent, started) = (fields.first()?, fields.get(1)?, fields.get(19)?);
            (*state != "Z").then_some((pid, parent.parse().ok()?, (*started).to_owned()))
        })
        .collect()
}

/// The host's mounts.
pub fn mounts() -> BTreeSet<String> {
    let text = fs::read_to_string("/proc/self/mountinfo").expect("the mounts");
    text.lines().map(str::to_owned).collect()
}

/// The control groups of a keeper.
pub fn cgroups(keeper: u32) -> Vec<PathBuf> {
    let prefix = format!("photofinish-{keeper}-");
    let mut found = Vec::new();
    let mut left = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if entry.file_name().to_string_lossy().starts_with(&prefix) {
                    found.push(entry.path());
                }
                left.push(entry.path());
            }
        }
    }
    found
}

/// What lies in the emulator's folder, by the first part of each path, and how much there is.
pub fn files(folder: &Path) -> (BTreeSet<String>, u64) {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the emulator's folder").flatten() {
        names.insert(entry.file_name().to_string_lossy().into_owned());
    }
    (names, size(folder))
}

fn size(folder: &Path) -> u64 {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        bytes += match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => size(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        };
    }
    bytes
}
