//! How guests and their keeper end, and that nothing is left of them.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use photofinish_sandbox::{Error, Guest, Keeper, probe};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

use crate::setting::{
    Root, cgroups_of, is_alive, keeper, mark, marked, read_all, run, signal, until,
};
use crate::stories::Stories;

pub(crate) fn tell(stories: &mut Stories) {
    stories.add("a_daemon_dies_when_its_guest_is_killed", daemon_is_killed);
    stories.add("a_daemon_does_not_outlive_the_command", daemon_outlives_nothing);
    stories.add("a_dropped_guest_dies", dropped_guest);
    stories.add("a_guest_that_nobody_waits_for_dies", abandoned_spawn);
    stories.add("a_paused_guest_stands_still_until_resumed_or_killed", paused_guest);
    stories.add("shutdown_leaves_nothing", shutdown);
    stories.add("a_keeper_dies_with_its_last_handle", last_handle);
    stories.add("guests_die_with_their_keeper", keeper_is_killed);
    stories.add("guests_die_with_the_program", program_is_killed);
    stories.add("signals_from_a_terminal_do_not_end_a_keeper", terminal_signals);
    stories.add("many_guests_leak_nothing", many_guests);
    stories.add("many_guests_at_once", many_at_once);
    stories.add("what_dead_keepers_left_is_removed", stale_cgroups);
    stories.add("a_program_that_is_no_keeper_is_named", no_keeper);
    stories.add("a_specification_that_is_too_long_is_refused", too_long);
    stories.add("probe_finds_what_a_keeper_finds", probing);
}

/// Leaves the session and the parent behind, as daemons do.
const DAEMON: &str = "(setsid sh -c 'trap \"\" TERM HUP INT; (sleep 600 & sleep 600)' &) &";

async fn daemon_is_killed() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script(&format!("{DAEMON} sleep 600"));
    let mark = mark(&mut spec);
    let guest = keeper.spawn(&spec).await.expect("a guest");
    until(|| marked(&mark) >= 3).await;
    guest.kill().await.expect("to be killed");
    assert_eq!(marked(&mark), 0);
    let exit = guest.wait().await;
    assert_eq!((exit.code, exit.signal), (None, Some(9)));
    guest.kill().await.expect("twice is no harm");
}

async fn daemon_outlives_nothing() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script(&format!("{DAEMON} sleep 0.2; exit 5"));
    let mark = mark(&mut spec);
    let (_, exit) = run(&keeper, &spec).await;
    assert_eq!(exit.code, Some(5));
    assert_eq!(marked(&mark), 0);
}

async fn dropped_guest() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script("sleep 600");
    let mark = mark(&mut spec);
    let guest = keeper.spawn(&spec).await.expect("a guest");
    until(|| marked(&mark) == 1).await;
    drop(guest);
    until(|| marked(&mark) == 0).await;
}

async fn abandoned_spawn() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script("sleep 600");
    let mark = mark(&mut spec);
    for micros in (0..4000).step_by(200) {
        let patience = std::time::Duration::from_micros(micros);
        let _ = tokio::time::timeout(patience, keeper.spawn(&spec)).await;
    }
    // The keeper answers in order, so by now it has begun all of them.
    run(&keeper, &root.script("true")).await;
    until(|| marked(&mark) == 0).await;
}

async fn paused_guest() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script(&format!("{DAEMON} (while :; do :; done) & while :; do :; done"));
    let mark = mark(&mut spec);
    let guest = keeper.spawn(&spec).await.expect("a guest");
    until(|| marked(&mark) >= 4).await;
    let used = async |guest: &Guest| guest.usage().await.expect("its usage").cpu;
    guest.pause().await.expect("to be paused");
    let before = used(&guest).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let still = used(&guest).await;
    // A signal takes effect when its process runs next, if only to stop.
    assert!(still - before < Duration::from_millis(100), "{before:?} {still:?}");
    guest.resume().await.expect("to go on");
    while used(&guest).await < still + Duration::from_millis(100) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    guest.pause().await.expect("to be paused");
    guest.kill().await.expect("to be killed");
    assert_eq!(marked(&mark), 0);
    let refused = guest.pause().await.expect_err("it is gone");
    assert!(matches!(refused, Error::GuestGone { .. }), "{refused}");
}

async fn shutdown() {
    let (root, keeper) = (Root::new(), keeper().await);
    let pid = keeper.pid();
    let mut spec = root.script("sleep 600");
    let mark = mark(&mut spec);
    let guest = keeper.spawn(&spec).await.expect("a guest");
    let line = keeper.clone();
    keeper.shutdown().await.expect("an end");
    assert!(!is_alive(pid));
    assert_eq!(marked(&mark), 0);
    assert_eq!(cgroups_of(pid), [] as [&Path; 0]);
    assert_eq!(guest.wait().await.signal, Some(9));
    let refused = line.spawn(&spec).await;
    assert!(matches!(refused, Err(Error::KeeperGone)), "{refused:?}");
}

async fn last_handle() {
    let (root, keeper) = (Root::new(), keeper().await);
    let pid = keeper.pid();
    let guest = keeper.spawn(&root.script("sleep 600")).await.expect("a guest");
    drop(keeper);
    guest.usage().await.expect("a guest keeps its keeper");
    drop(guest);
    until(|| !is_alive(pid)).await;
    until(|| cgroups_of(pid).is_empty()).await;
}

async fn keeper_is_killed() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script(&format!("{DAEMON} sleep 600"));
    let mark = mark(&mut spec);
    let guest = keeper.spawn(&spec).await.expect("a guest");
    until(|| marked(&mark) >= 3).await;
    signal("-KILL", keeper.pid()).await;
    assert_eq!(guest.wait().await.signal, Some(9));
    until(|| marked(&mark) == 0).await;
    until(|| cgroups_of(keeper.pid()).is_empty()).await;
    let refused = keeper.spawn(&spec).await;
    assert!(matches!(refused, Err(Error::KeeperGone)), "{refused:?}");
}

const AS_CLIENT: &str = "--as-client";

/// In a process of its own: starts a guest, says so, and waits to be killed.
pub(crate) fn main_if_client() {
    if std::env::args().nth(1).is_none_or(|word| word != AS_CLIENT) {
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (root, keeper) = (Root::new(), keeper().await);
        let mut spec = root.script(&format!("{DAEMON} echo up; sleep 600"));
        let mark = mark(&mut spec);
        let mut guest = keeper.spawn(&spec).await.expect("a guest");
        let mut output = guest.take_output().expect("output");
        output.read_exact(&mut [0; 3]).await.expect("a word");
        let root = root.path().display();
        println!("{} {mark} {root}", keeper.pid());
        std::io::stdout().flush().expect("to write");
        std::future::pending::<()>().await;
    });
}

async fn program_is_killed() {
    let program = std::env::current_exe().expect("this program's path");
    let mut client = tokio::process::Command::new(program)
        .arg(AS_CLIENT)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a client");
    let stdout = BufReader::new(client.stdout.take().expect("its output"));
    let line = stdout.lines().next_line().await.expect("to read").expect("a line");
    let [keeper, mark, root] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("{line}");
    };
    let keeper: u32 = keeper.parse().expect("a process id");
    until(|| marked(mark) >= 3).await;
    signal("-KILL", client.id().expect("it runs")).await;
    client.wait().await.expect("its end");
    until(|| !is_alive(keeper)).await;
    assert_eq!(marked(mark), 0);
    assert_eq!(cgroups_of(keeper), [] as [&Path; 0]);
    fs::remove_dir_all(root).expect("the client's root");
}

async fn terminal_signals() {
    let (root, keeper) = (Root::new(), keeper().await);
    let guest = keeper.spawn(&root.script("sleep 600")).await.expect("a guest");
    for word in ["-INT", "-TERM", "-HUP", "-QUIT"] {
        signal(word, keeper.pid()).await;
    }
    guest.usage().await.expect("the keeper is there, and the guest");
    // Not in the terminal's process group, so Ctrl-C does not even reach it.
    let stat = fs::read_to_string(format!("/proc/{}/stat", keeper.pid())).expect("stat");
    let group = stat.split(' ').nth(4).expect("a group");
    assert_eq!(group, keeper.pid().to_string());
}

fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).expect("descriptors").count()
}

fn mounts() -> usize {
    fs::read_to_string("/proc/self/mountinfo").expect("mounts").lines().count()
}

async fn many_guests() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script("echo hello");
    spec.listen = vec![9001, 9002];
    run(&keeper, &spec).await;
    let count = |keeper: &Keeper| {
        let cgroups = cgroups_of(keeper.pid());
        let cells: usize = cgroups
            .iter()
            .flat_map(fs::read_dir)
            .map(|entries| entries.flatten().filter(|e| e.path().is_dir()).count())
            .sum();
        (descriptors(keeper.pid()), descriptors(std::process::id()), mounts(), cells)
    };
    let before = count(&keeper);
    for turn in 0..60 {
        if turn % 3 == 0 {
            // Some fail, some are dropped, some end.
            keeper.spawn(&root.command(&["/nothing"])).await.expect_err("no such");
        } else if turn % 3 == 1 {
            let guest = keeper.spawn(&spec).await.expect("a guest");
            guest.kill().await.expect("to be killed");
        } else {
            assert_eq!(run(&keeper, &spec).await.0, "hello\n");
        }
    }
    assert_eq!(count(&keeper), before);
}

async fn many_at_once() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut asked = Vec::new();
    for number in 0..24 {
        let (keeper, spec) = (keeper.clone(), root.script(&format!("echo {number}")));
        asked.push(tokio::spawn(async move {
            let mut guest = keeper.spawn(&spec).await.expect("a guest");
            (read_all(&mut guest).await, guest.wait().await.code)
        }));
    }
    for (number, asked) in asked.into_iter().enumerate() {
        let answer = asked.await.expect("an answer");
        assert_eq!(answer, (format!("{number}\n"), Some(0)));
    }
}

async fn stale_cgroups() {
    let first = keeper().await;
    let cgroups = cgroups_of(first.pid());
    let Some(place) = cgroups.first().and_then(|path| path.parent()) else {
        println!("  no cgroup can be written here: none can be left over");
        return;
    };
    // No process has a number beyond the kernel's largest.
    let stale = place.join("photofinish-4194305-0badcafe");
    fs::create_dir_all(stale.join("guest-1")).expect("a cgroup");
    let second = keeper().await;
    assert!(!stale.exists());
    assert!(cgroups.iter().all(|path| path.exists()), "the living keep theirs");
    second.shutdown().await.expect("an end");
}

async fn no_keeper() {
    let refused = Keeper::start(Path::new("/bin/true")).await;
    let refused = refused.expect_err("no keeper").to_string();
    assert!(refused.contains("/bin/true") && refused.contains("main_if_keeper"), "{refused}");
    let refused = Keeper::start(Path::new("/no/such")).await;
    assert!(matches!(refused, Err(Error::Start { .. })), "{refused:?}");
}

async fn too_long() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script("true");
    spec.environment.push(("LONG".into(), "x".repeat(300 * 1024)));
    let refused = keeper.spawn(&spec).await;
    assert!(matches!(refused, Err(Error::SpecTooLong { .. })), "{refused:?}");
    spec.environment.pop();
    spec.environment.push(("LONG".into(), "x".repeat(100 * 1024)));
    assert_eq!(run(&keeper, &spec).await.1.code, Some(0));
}

async fn probing() {
    let program = std::env::current_exe().expect("this program's path");
    let found = probe(&program).expect("nothing is lacking");
    assert_eq!(&found, keeper().await.tier());
}
