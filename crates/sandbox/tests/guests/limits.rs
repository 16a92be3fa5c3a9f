//! What a guest can use up.

use std::time::{Duration, Instant};

use photofinish_sandbox::Control;

use crate::setting::{MIB, Root, cgroups_of, keeper, mark, marked, run, until};
use crate::stories::Stories;

pub(crate) fn tell(stories: &mut Stories) {
    stories.add("tmp_is_full_at_its_size", tmp_is_full);
    stories.add("a_guest_that_needs_more_memory_is_stopped", memory);
    stories.add("cpu_time_is_held_to_its_share", cpu_share);
    stories.add("memory_of_many_processes_counts_together", memory_of_many);
    stories.add("memory_that_is_shared_counts_once", shared_memory);
    stories.add("usage_counts_cpu_time_and_memory", usage);
    stories.add("a_memory_peak_can_be_started_anew", memory_peak);
    stories.add("a_fork_bomb_stays_inside", fork_bomb);
    stories.add("descriptors_and_files_have_their_limits", files);
}

async fn tmp_is_full() {
    let (root, keeper) = (Root::new(), keeper().await);
    let script = "dd if=/dev/zero of=/tmp/big bs=1M count=20; stat -c %s /tmp/big; rm /tmp/big
        i=0; while : > /tmp/$((++i)); do [ $i -lt 100000 ] || break; done; echo made $i";
    let (output, _) = run(&keeper, &root.script(script)).await;
    assert!(output.contains("No space left"), "{output}");
    assert!(output.contains(&format!("\n{}\n", 16 * MIB)), "{output}");
    assert!(!output.contains("made 100000"), "{output}");
}

async fn memory() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.command(&["dd", "if=/dev/zero", "of=/dev/null", "bs=300M", "count=1"]);
    let (_, exit) = run(&keeper, &spec).await;
    assert_eq!(exit.code, Some(0), "with room enough it works");
    spec.limits.memory_bytes = 100 * MIB;
    let (output, exit) = run(&keeper, &spec).await;
    assert_eq!((exit.signal, exit.out_of_memory), (Some(9), true), "{output}");
}

async fn memory_of_many() {
    let (root, keeper) = (Root::new(), keeper().await);
    let script = "for i in 1 2 3 4 5 6; do
            perl -e '$x = \"x\" x 40_000_000; sleep 600' &
        done; wait -n; kill -9 $$";
    let mut spec = root.script(script);
    spec.limits.memory_bytes = 150 * MIB;
    let (output, exit) = run(&keeper, &spec).await;
    assert_eq!((exit.signal, exit.out_of_memory), (Some(9), true), "{output}");
}

async fn shared_memory() {
    let (root, keeper) = (Root::new(), keeper().await);
    let script = "$x = 'x' x 60_000_000;
        for (1..6) { if (!fork) { sleep 1; exit } }
        1 while wait > 0; print 'well'";
    let mut spec = root.command(&["perl", "-e", script]);
    spec.limits.memory_bytes = 180 * MIB;
    let (output, exit) = run(&keeper, &spec).await;
    assert_eq!((output.as_str(), exit.code), ("well", Some(0)));
}

async fn cpu_share() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script("timeout 2 bash -c 'while :; do :; done'");
    spec.limits.cpu = Some(0.2);
    let begin = Instant::now();
    let guest = keeper.spawn(&spec).await.expect("a guest");
    guest.wait().await;
    let whole = begin.elapsed();
    let used = guest.usage().await.expect("its usage").cpu;
    let share = used.as_secs_f64() / whole.as_secs_f64();
    assert!(share < 0.25, "asked for 0.2 of a core by {}, used {share:.2}", keeper.tier().cpu);
    assert!(used > Duration::from_millis(20), "it did work: {used:?}");
}

async fn usage() {
    let (root, keeper) = (Root::new(), keeper().await);
    let script = "for i in 1 2 3; do (for ((j = 0; j < 200000; j++)); do :; done); done
        read -d '' -n 20000000 x < <(tr '\\0' x < /dev/zero); read line";
    let mut spec = root.script(script);
    spec.command = vec!["bash".into(), "-c".into(), format!("{script} < <(sleep 60)")];
    let guest = keeper.spawn(&spec).await.expect("a guest");
    // What is used can be asked for while it runs.
    let mut last = guest.usage().await.expect("its usage");
    while last.cpu < Duration::from_millis(50)
        || last.memory_bytes.is_none_or(|bytes| bytes < 10_000_000)
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let now = guest.usage().await.expect("its usage");
        assert!(now.cpu + Duration::from_millis(20) >= last.cpu, "{last:?} {now:?}");
        last = now;
    }
    assert!(last.memory_peak_bytes >= last.memory_bytes, "{last:?}");
    guest.kill().await.expect("to be killed");
    // And after its end as well.
    let end = guest.usage().await.expect("its usage");
    assert!(end.cpu > Duration::from_millis(50), "{end:?}");
    assert!(end.memory_peak_bytes > Some(5_000_000), "{end:?}");
}

async fn memory_peak() {
    let (root, keeper) = (Root::new(), keeper().await);
    if keeper.tier().memory != Control::CgroupV1 {
        println!("  no cgroup counts memory here: a peak cannot be started anew");
        return;
    }
    let script = "dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null; read x < <(sleep 60)";
    let guest = keeper.spawn(&root.script(script)).await.expect("a guest");
    let mut peak = 0;
    while peak < 100 * MIB {
        peak = guest.usage().await.expect("usage").memory_peak_bytes.expect("a peak");
    }
    while guest.usage().await.expect("usage").memory_bytes.expect("memory") > 50 * MIB {}
    guest.reset_memory_peak().await.expect("a new start");
    let peak = guest.usage().await.expect("usage").memory_peak_bytes;
    assert!(peak < Some(50 * MIB), "{peak:?}");
}

async fn fork_bomb() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script("bomb() { bomb | bomb & }; bomb; sleep 60");
    spec.limits.processes = 32;
    let mark = mark(&mut spec);
    let guest = keeper.spawn(&spec).await.expect("a guest");
    until(|| marked(&mark) > 8).await;
    for _ in 0..50 {
        assert!(marked(&mark) <= 32);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    if keeper.tier().processes != Control::Rlimit {
        // The limit of the user id alone would hold this bomb as well.
        let most = cgroups_of(keeper.pid()).into_iter().find_map(|directory| {
            let own = directory.join(format!("guest-{}", guest.id));
            std::fs::read_to_string(own.join("pids.max")).ok()
        });
        // Its init is one more.
        assert_eq!(most.as_deref().map(str::trim), Some("33"));
    }
    let (output, _) = run(&keeper, &root.script("echo others live")).await;
    assert_eq!(output, "others live\n");
    guest.kill().await.expect("to be killed");
    assert_eq!(marked(&mark), 0);
}

async fn files() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.script(
        "ulimit -n; ulimit -Hc; ulimit -n 1000 || echo refused
         dd if=/dev/zero of=/tmp/big bs=1M count=2; stat -c %s /tmp/big",
    );
    spec.limits.files = 100;
    spec.limits.file_bytes = MIB;
    let (output, _) = run(&keeper, &spec).await;
    assert!(output.starts_with("100\n0\n"), "{output}");
    assert!(output.contains("refused"), "{output}");
    assert!(output.ends_with(&format!("\n{MIB}\n")), "{output}");
}
