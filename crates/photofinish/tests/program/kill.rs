//! Killed at any moment, a study goes on and loses nothing.
//!
//! SIGKILL lands at seeded moments while the race is on, some between a call's intent and its
//! outcome. At the end the journal is reconciled with the platform's own record of what it ran.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::time::Duration;

use crate::desk::{Desk, small};
use photofinish_journal::Reader;
use photofinish_study::Phase;
use photofinish_study::record::Status;

/// Kills that must land while the race is on.
const KILLS: u32 = 20;
const SEED: u64 = 562;

/// A small generator of our own kind of luck: the moments are the same in every run.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

#[test]
fn twenty_kills_lose_nothing_count_nothing_twice_and_leave_nothing_behind() {
    let text = small().replace("passes = 2", "passes = 96").replace("rounds = 2", "rounds = 8");
    let desk = Desk::with(&text);
    desk.run(&["verify", "study.toml"]).expect(0);
    let directory = desk.path("results/study");
    let before = orphaned_cgroups();
    let mut moments = Moments(SEED);
    let mut killed = 0;
    while killed < KILLS {
        killed += u32::from(kill_in_the_race(&desk, moments.next(1_500)));
        assert_nothing_left(&directory, &before);
    }
    desk.run(&["run", "study.toml"]).expect(0);

    reconcile(&directory);
    let reader = Reader::open(&directory).unwrap();
    let rounds = reader.rounds().unwrap();
    let whole = rounds.iter().filter(|round| round.phase == Phase::Race && round.status.is_ok());
    assert_eq!(whole.count(), 8);
    let cut = rounds.iter().filter(|round| &*round.status.0 == Status::IN_DOUBT).count();
    assert!(cut >= 1, "no kill landed within a round: {rounds:?}");
    // Every right pass of the race is summed up once, and no other.
    let right = desk.table("study", "passes");
    let right = right.iter().filter(|row| row["phase"] == "race" && row["status"] == "ok");
    let summary = desk.table("study", "summary");
    let turnaround = summary
        .iter()
        .find(|row| row["metric"] == "turnaround" && row["image"] == "all")
        .expect("the pipeline is summed up");
    let n: usize = turnaround["n"].parse().unwrap();
    assert!(n >= 96 && n == right.count(), "{n}");
    assert_nothing_left(&directory, &before);
}

/// Runs the race and kills it so many milliseconds after its first pass; false if it was over first.
fn kill_in_the_race(desk: &Desk, after_ms: u64) -> bool {
    let mut child = desk
        .command(&["measure", "study.toml"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let before = calls(desk);
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while calls(desk) <= before {
        assert!(std::time::Instant::now() < deadline, "no call in a minute");
        if child.try_wait().unwrap().is_some() {
            let said: Vec<String> = BufReader::new(child.stderr.take().unwrap())
                .lines()
                .map_while(Result::ok)
                .collect();
            assert!(
                said.iter().any(|line| line.contains("every round is in the journal already")),
                "it ended by itself:\n{}",
                said.join("\n")
            );
            panic!("the race was over before {KILLS} kills had landed: make it longer");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(after_ms));
    let over = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    !over
}

fn calls(desk: &Desk) -> usize {
    Reader::open(&desk.path("results/study"))
        .and_then(|reader| reader.events())
        .map_or(0, |events| events.len())
}

/// Every call that the platform ran is in the journal exactly once, and every call that the
/// journal knows the end of was run by the platform exactly once.
fn reconcile(directory: &std::path::Path) {
    let mut ran: HashMap<String, u32> = HashMap::new();
    let record = std::fs::read_to_string(directory.join("local/invocations.jsonl")).unwrap();
    for line in record.lines() {
        // The last line of a killed process may be cut short; a started call has a line of its own.
        let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        if line["event"] == "started" {
            *ran.entry(line["payload_sha256"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    let reader = Reader::open(directory).unwrap();
    let events = reader.events().unwrap();
    let mut known: HashMap<&str, u32> = HashMap::new();
    for (event, ended) in &events {
        *known.entry(event).or_default() += 1;
        if *ended {
            assert_eq!(ran.get(event), Some(&1), "the platform ran {event} not exactly once");
        }
    }
    assert!(known.values().all(|&times| times == 1), "a call is in the journal twice");
    let doubtful = events.iter().filter(|(_, ended)| !ended).count();
    assert!(doubtful >= 1, "no kill landed between an intent and its outcome");
    // Trials are no race: their calls are effects, not invocations.
    let trials = directory.join("local/invocations.jsonl");
    assert!(trials.is_file());
    let raced: u32 =
        ran.iter().filter(|(event, _)| known.contains_key(event.as_str())).map(|(_, n)| n).sum();
    let ended = events.iter().filter(|(_, ended)| *ended).count();
    assert!(raced as usize >= ended && raced as usize <= events.len(), "{ended} {raced}");
}

/// No process of the study, no mount of it, no cgroup of ours.
fn assert_nothing_left(directory: &std::path::Path, before: &[String]) {
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    loop {
        let mut left = left_behind(directory);
        left.retain(|what| !before.contains(what));
        if left.is_empty() {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "left behind: {left:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn left_behind(directory: &std::path::Path) -> Vec<String> {
    let ours = directory.to_string_lossy().into_owned();
    let mut left = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        // A guest's root is built from the study's folders: its mounts name them.
        let mounts = std::fs::read_to_string(entry.path().join("mountinfo")).unwrap_or_default();
        if pid != std::process::id() && mounts.contains(&ours) {
            left.push(format!("process {pid}"));
        }
    }
    left.extend(orphaned_cgroups());
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    left.extend(mounts.lines().filter(|line| line.contains(&ours)).map(str::to_owned));
    left
}

/// Cgroups of keepers that are no more; those of other tests' keepers have a living owner.
fn orphaned_cgroups() -> Vec<String> {
    let list = |folder: &std::path::Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let root = std::path::Path::new("/sys/fs/cgroup");
    let mut places = vec![root.to_owned()];
    places.extend(list(root));
    places
        .iter()
        .flat_map(|place| list(place))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let owner = name.strip_prefix("photofinish-").and_then(|rest| rest.split('-').next());
            owner.is_some_and(|pid| !std::path::Path::new("/proc").join(pid).exists())
        })
        .map(|path| path.display().to_string())
        .collect()
}
