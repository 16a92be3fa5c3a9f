//! What a guest can see, reach and do.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use photofinish_sandbox::{Error, Identity, Namespace};
use tokio::io::AsyncWriteExt;

use crate::setting::{Root, bind, keeper, mark, read_all, run};
use crate::stories::Stories;

/// A file that is on every host.
const FILE: &str = "/etc/passwd";

pub(crate) fn tell(stories: &mut Stories) {
    stories.add("output_and_exit_code_come_back", output_and_exit_code);
    stories.add("a_signal_that_ends_the_command_comes_back", signal_comes_back);
    stories.add("a_program_that_is_not_there_is_named", missing_program);
    stories.add("the_environment_is_exactly_the_given", environment);
    stories.add("nothing_of_the_host_but_root_and_binds_is_seen", host_is_hidden);
    stories.add("binds_appear_where_the_root_has_nothing", binds_in_new_places);
    stories.add("a_link_in_the_root_leads_no_mount_elsewhere", link_in_the_root);
    stories.add("a_link_in_the_root_makes_nothing_on_the_host", link_to_the_host);
    stories.add("only_tmp_can_be_written", only_tmp_is_writable);
    stories.add("a_guest_has_no_capability_and_gets_none", no_capabilities);
    stories.add("a_guest_has_namespaces_of_its_own", own_namespaces);
    stories.add("a_guest_owns_nothing_on_the_host", owns_nothing);
    stories.add("listening_sockets_are_handed_out", listeners);
    stories.add("the_hosts_ports_are_out_of_reach", host_ports);
    stories.add("dangerous_system_calls_are_refused", dangerous_calls);
    stories.add("signals_stay_among_the_guests_own", signals_stay);
    stories.add("no_descriptor_of_the_host_is_handed_down", descriptors);
    stories.add("proc_shows_the_guest_alone_and_takes_no_writing", proc_is_the_guests);
}

async fn output_and_exit_code() {
    let (root, keeper) = (Root::new(), keeper().await);
    let script = root.script("echo one; echo two >&2; echo three; hostname; pwd; exit 3");
    let (output, exit) = run(&keeper, &script).await;
    assert_eq!(output, "one\ntwo\nthree\nguest\n/tmp\n");
    assert_eq!((exit.code, exit.signal), (Some(3), None));
    assert!(!exit.out_of_memory);
}

async fn signal_comes_back() {
    let (root, keeper) = (Root::new(), keeper().await);
    for (word, number) in [("KILL", 9), ("ABRT", 6), ("TERM", 15)] {
        let (_, exit) = run(&keeper, &root.script(&format!("kill -{word} $$; sleep 60"))).await;
        assert_eq!((exit.code, exit.signal), (None, Some(number)), "{word}");
    }
}

async fn missing_program() {
    let (root, keeper) = (Root::new(), keeper().await);
    let refused = keeper.spawn(&root.command(&["/no/such/program"])).await;
    let refused = refused.expect_err("there is no such program").to_string();
    assert!(refused.contains("/no/such/program"), "{refused}");
    assert!(refused.contains("No such file"), "{refused}");

    let mut nowhere = root.script("true");
    nowhere.root = "/no/such/root".into();
    let refused = keeper.spawn(&nowhere).await.expect_err("there is no such root");
    assert!(refused.to_string().contains("/no/such/root"), "{refused}");
    // And the keeper goes on.
    let (output, _) = run(&keeper, &root.script("echo still here")).await;
    assert_eq!(output, "still here\n");
}

async fn environment() {
    let (root, keeper) = (Root::new(), keeper().await);
    let mut spec = root.command(&["env"]);
    spec.environment.push(("TWO WORDS".into(), "a=b c\nd".into()));
    let (output, _) = run(&keeper, &spec).await;
    assert_eq!(output, "PATH=/usr/bin:/bin\nTWO WORDS=a=b c\nd\n");
}

async fn host_is_hidden() {
    let (root, keeper) = (Root::new(), keeper().await);
    let secret = tempfile::tempdir().expect("a directory");
    fs::write(secret.path().join("secret"), "the host's").expect("a file");
    fs::write(root.path().join("hello"), "from the root").expect("a file");
    let path = secret.path().display();
    let script = format!("ls -A /; ls -A /dev /tmp; cat /hello; cat {path}/secret /etc/passwd");
    let (output, _) = run(&keeper, &root.script(&script)).await;
    let mut expected: BTreeSet<&str> = ["usr", "proc", "dev", "tmp", "hello"].into_iter().collect();
    for name in ["bin", "sbin", "lib", "lib64"] {
        if Path::new("/").join(name).exists() {
            expected.insert(name);
        }
    }
    let (listed, rest) = output.split_once("/dev:\n").expect("two listings");
    assert_eq!(listed.split_whitespace().collect::<BTreeSet<_>>(), expected);
    let (devices, rest) = rest.split_once("\n\n").expect("devices");
    let devices: Vec<&str> = devices.split_whitespace().collect();
    let minimal = ["fd", "full", "null", "random", "stderr", "stdin", "stdout", "urandom", "zero"];
    assert_eq!(devices, minimal);
    assert!(rest.starts_with("/tmp:\nfrom the root"), "{rest}");
    assert_eq!(rest.matches("No such file").count(), 2, "{rest}");
}

async fn binds_in_new_places() {
    let (root, keeper) = (Root::new(), keeper().await);
    let code = tempfile::tempdir().expect("a directory");
    fs::set_permissions(code.path(), fs::Permissions::from_mode(0o755)).expect("mode");
    fs::write(code.path().join("handler"), "code").expect("a file");
    fs::create_dir_all(root.path().join("var/lib/kept")).expect("directories");
    fs::write(root.path().join("var/lib/kept/file"), "kept").expect("a file");
    fs::create_dir(root.path().join("opt")).expect("a directory");
    let mut spec = root.script(
        "cat /var/task/handler /opt/handler /var/deep/er/handler /etc/name /var/lib/kept/file /tmp/code/handler
         touch /tmp/free || echo BAD
         for place in /var /var/task /opt /var/deep /var/lib /etc /tmp/code; do touch $place/x && echo BAD; done",
    );
    spec.binds.push(bind(code.path(), "/var/task"));
    spec.binds.push(bind(code.path(), "/opt"));
    spec.binds.push(bind(code.path(), "/var/deep/er"));
    spec.binds.push(bind(code.path(), "/tmp/code"));
    spec.binds.push(bind(code.path().join("handler"), "/etc/name"));
    let (output, _) = run(&keeper, &spec).await;
    assert!(output.starts_with("codecodecodecodekeptcode"), "{output}");
    assert!(!output.contains("BAD"), "{output}");
    assert!(!root.path().join("etc").exists(), "the root itself stays as it is");

    spec.binds.push(bind(code.path(), "/var/../etc"));
    let refused = keeper.spawn(&spec).await.expect_err("dots are refused");
    assert!(refused.to_string().contains("/var/../etc"), "{refused}");
}

async fn link_in_the_root() {
    let (root, keeper) = (Root::new(), keeper().await);
    symlink("/usr", root.path().join("way")).expect("a link");
    let mut spec = root.script("ls /way");
    spec.binds.push(bind(root.path(), "/way/bin"));
    let refused = keeper.spawn(&spec).await;
    assert!(matches!(refused, Err(Error::Setup { .. })), "{refused:?}");
}

async fn link_to_the_host() {
    let (root, keeper) = (Root::new(), keeper().await);
    // Outside /tmp, whose place the new root takes while it is built.
    let host = tempfile::tempdir_in("/var/tmp").expect("a directory");
    let up = format!("{}{}", "../".repeat(9), host.path().display());
    for target in [host.path(), Path::new(&up)] {
        let way = root.path().join("way");
        symlink(target, &way).expect("a link");
        for (from, to) in [("/usr", "/way/made/deep"), ("/usr", "/way/made"), (FILE, "/way/file")] {
            let mut spec = root.script("true");
            spec.binds.push(bind(from, to));
            let refused = keeper.spawn(&spec).await;
            assert!(matches!(refused, Err(Error::Setup { .. })), "{to}: {refused:?}");
            let made = fs::read_dir(host.path()).expect("a listing").count();
            assert_eq!(made, 0, "{to} by {} was made on the host", target.display());
        }
        fs::remove_file(way).expect("to remove the link");
    }
}

async fn only_tmp_is_writable() {
    let (root, keeper) = (Root::new(), keeper().await);
    fs::create_dir(root.path().join("open")).expect("a directory");
    fs::set_permissions(root.path().join("open"), fs::Permissions::from_mode(0o777)).expect("mode");
    let script = "cd /
        for place in / /open /usr /usr/bin /dev /proc /proc/self; do
            (echo x > $place/new) 2>/dev/null && echo wrote $place
        done
        echo x > /tmp/new && cat /tmp/new; stat -c %a /tmp; echo out > /dev/stdout";
    let (output, _) = run(&keeper, &root.script(script)).await;
    assert_eq!(output, "x\n1777\nout\n");
    // Devices, and what is masked by one, aside.
    let script = "while read -r _ _ _ _ point options _; do
            case $point in /dev/* | /proc/*) ;; *) echo $point $options;; esac
        done < /proc/self/mountinfo";
    let (mounts, _) = run(&keeper, &root.script(script)).await;
    assert!(mounts.contains("/usr ") && mounts.contains("/open "), "{mounts}");
    for mount in mounts.lines() {
        let (point, options) = mount.split_once(' ').expect("a mount point and its options");
        let options: Vec<&str> = options.split(',').collect();
        let writable = if point == "/tmp" { "rw" } else { "ro" };
        for wanted in ["nosuid", "nodev", writable] {
            assert!(options.contains(&wanted), "{mount} is not {wanted}");
        }
    }
}

async fn no_capabilities() {
    let (root, keeper) = (Root::new(), keeper().await);
    let script = "grep -E '^(Cap|NoNewPrivs|Uid|Groups)' /proc/self/status";
    let (output, _) = run(&keeper, &root.script(script)).await;
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert!(output.contains(&format!("{set}:\t0000000000000000\n")), "{output}");
    }
    assert!(output.contains("NoNewPrivs:\t1\n"), "{output}");
    assert!(!output.contains("Uid:\t0"), "{output}");
    let (output, _) = run(&keeper, &root.script("unshare -Ur id -u || echo refused")).await;
    assert!(output.ends_with("refused\n"), "{output}");
}

async fn own_namespaces() {
    let (root, keeper) = (Root::new(), keeper().await);
    let spaces = &keeper.tier().namespaces;
    for (space, name) in [
        (Namespace::User, "user"),
        (Namespace::Pid, "pid"),
        (Namespace::Mount, "mnt"),
        (Namespace::Network, "net"),
        (Namespace::Ipc, "ipc"),
        (Namespace::Uts, "uts"),
        (Namespace::Cgroup, "cgroup"),
    ] {
        assert!(spaces.contains(&space), "{space} is not in the tier");
        let ours = fs::read_link(format!("/proc/self/ns/{name}")).expect("a link");
        let script = format!("readlink /proc/self/ns/{name}");
        let (theirs, _) = run(&keeper, &root.script(&script)).await;
        assert_ne!(theirs.trim(), ours.to_string_lossy(), "{name}");
    }
}

async fn owns_nothing() {
    let (root, keeper) = (Root::new(), keeper().await);
    let spec = root.script("sleep 60");
    let user = |pid: u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("status");
        let line = status.lines().find(|line| line.starts_with("Uid:"));
        line.expect("a user id").to_owned()
    };
    let (one, two) = (keeper.spawn(&spec).await, keeper.spawn(&spec).await);
    let (one, two) = (user(one.expect("a guest").pid), user(two.expect("a guest").pid));
    let ours = user(std::process::id());
    match keeper.tier().identity {
        Identity::Own => assert_eq!((&one, &two), (&ours, &ours)),
        Identity::Separate => assert!(one != two && one != ours && two != ours, "{one} {two}"),
    }
}

async fn listeners() {
    let (root, keeper) = (Root::new(), keeper().await);
    let script = "for port in 9001 9002; do
            exec 3<>/dev/tcp/127.0.0.1/$port; cat <&3
        done";
    let mut spec = root.script(script);
    spec.listen = vec![9002, 9001];
    let mut guest = keeper.spawn(&spec).await.expect("a guest");
    let listeners = guest.take_listeners();
    assert_eq!(listeners.len(), 2);
    // In the order asked for, whatever the order of connecting.
    for (listener, port) in listeners.iter().rev().zip([9001, 9002]) {
        let address = listener.local_addr().expect("an address");
        assert_eq!(address.to_string(), format!("127.0.0.1:{port}"));
        let (mut stream, _) = listener.accept().await.expect("the guest comes");
        stream.write_all(format!("port {port}\n").as_bytes()).await.expect("to write");
    }
    assert_eq!(read_all(&mut guest).await, "port 9001\nport 9002\n");
}

async fn host_ports() {
    let (root, keeper) = (Root::new(), keeper().await);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let abstracted = format!("/dev/tcp/127.0.0.1/{port}");
    let script = format!("(exec 3<>{abstracted}) && echo reached; cat /proc/net/dev");
    let (output, _) = run(&keeper, &root.script(&script)).await;
    assert!(output.contains("Connection refused"), "{output}");
    assert!(!output.contains("reached"), "{output}");
    let devices = output.lines().filter_map(|line| line.split_once(": ")).map(|(name, _)| name);
    let real: Vec<&str> = devices.map(str::trim).filter(|name| !name.contains(' ')).collect();
    assert!(real.contains(&"lo") && !real.iter().any(|n| n.starts_with("eth")), "{real:?}");
}

async fn dangerous_calls() {
    let (root, keeper) = (Root::new(), keeper().await);
    assert!(keeper.tier().seccomp, "this machine does not filter system calls");
    // perl's `syscall` takes numbers, so these are what a hostile guest would try.
    let numbers = if cfg!(target_arch = "x86_64") {
        // keyctl, bpf, perf_event_open, io_uring_setup, userfaultfd, ptrace, mount, setns
        vec![250, 321, 298, 425, 323, 101, 165, 308]
    } else {
        vec![219, 280, 241, 425, 282, 117, 40, 268]
    };
    for number in numbers {
        let script = format!("my $z = ''; syscall({number}, 0, 0, 0, 0, 0); print $!+0");
        let (output, _) = run(&keeper, &root.command(&["perl", "-e", &script])).await;
        assert_eq!(output, "1", "system call {number} is not refused with EPERM");
    }
    // vsock would reach past the network namespace.
    let script = "socket(S, 40, 1, 0) or print $!+0";
    let (output, _) = run(&keeper, &root.command(&["perl", "-e", script])).await;
    assert_eq!(output, "97");
}

async fn proc_is_the_guests() {
    let (root, keeper) = (Root::new(), keeper().await);
    let script = "echo /proc/[0-9]*; echo 0 > /proc/sys/kernel/hostname; cat /proc/keys; \
        kill -9 1; cat /proc/1/environ; echo done";
    let mut spec = root.script(script);
    let mark = mark(&mut spec);
    let (output, exit) = run(&keeper, &spec).await;
    let (processes, rest) = output.split_once('\n').expect("a line");
    assert_eq!(processes, "/proc/2", "the shell alone, and its init hidden");
    assert!(rest.contains("Read-only file system"), "{rest}");
    assert!(rest.ends_with("done\n") && !rest.contains(&mark), "{rest}");
    assert_eq!(exit.code, Some(0));
}

async fn signals_stay() {
    let (root, keeper) = (Root::new(), keeper().await);
    // The kernel is asked for its version of landlock: from the sixth on it keeps signals in.
    let script = "print syscall(444, 0, 0, 1) >= 6 ? 'kept ' : 'open '; \
        print kill(0, 1) ? 'reached ' : 'refused '; \
        mkdir '/tmp/a'; mkdir '/tmp/b'; open(F, '>', '/tmp/a/x') and close F; \
        print rename('/tmp/a/x', '/tmp/b/y') ? 'moved' : 'stuck'";
    let (output, _) = run(&keeper, &root.command(&["perl", "-e", script])).await;
    if !keeper.tier().landlock {
        println!("  this kernel has no landlock, and the tier says so");
        assert!(keeper.tier().summary().contains("landlock no"));
        assert!(output.ends_with("moved"), "{output}");
        return;
    }
    let expected = ["kept refused moved", "open reached moved"];
    assert!(expected.contains(&output.as_str()), "{output}");
}

async fn descriptors() {
    let root = Root::new();
    let secret = fs::File::open("/etc/passwd").expect("a file");
    // As a careless program leaves it: open across exec, for the keeper too.
    rustix::io::fcntl_setfd(&secret, rustix::io::FdFlags::empty()).expect("a flag");
    let keeper = keeper().await;
    let script = "for fd in /proc/self/fd/*; do readlink $fd; done";
    let (output, _) = run(&keeper, &root.script(script)).await;
    let seen: Vec<&str> = output.lines().collect();
    assert_eq!(seen.len(), 3, "{output}");
    assert_eq!(seen[0], "/dev/null");
    assert!(seen[1].starts_with("pipe:") && seen[1] == seen[2], "{output}");
}
