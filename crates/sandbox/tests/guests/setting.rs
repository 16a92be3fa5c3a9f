//! What most stories begin with: a keeper, a root, a script to run in it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use photofinish_sandbox::{Bind, Exit, Guest, GuestSpec, Keeper, Limits};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;

pub(crate) const MIB: u64 = 1 << 20;

pub(crate) async fn keeper() -> Keeper {
    let program = std::env::current_exe().expect("this program's path");
    match Keeper::start(&program).await {
        Ok(keeper) => keeper,
        Err(lack) => panic!("this machine cannot run guests, so nothing is shown: {lack}"),
    }
}

/// A root with the host's programs and nothing else of the host.
pub(crate) struct Root {
    pub(crate) directory: TempDir,
    binds: Vec<Bind>,
}

impl Root {
    pub(crate) fn new() -> Root {
        let directory = tempfile::tempdir().expect("a directory");
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("mode");
        let mut binds = vec![bind("/usr", "/usr")];
        for name in ["bin", "sbin", "lib", "lib64"] {
            let host = Path::new("/").join(name);
            if let Ok(target) = fs::read_link(&host) {
                symlink(target, directory.path().join(name)).expect("a link");
            } else if host.exists() {
                binds.push(Bind { guest: host.clone(), host });
            }
        }
        Root { directory, binds }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A shell script, in the root.
    pub(crate) fn script(&self, script: &str) -> GuestSpec {
        self.command(&["/bin/bash", "-c", script])
    }

    pub(crate) fn command(&self, command: &[&str]) -> GuestSpec {
        GuestSpec {
            root: self.path().to_path_buf(),
            binds: self.binds.clone(),
            tmp_bytes: 16 * MIB,
            command: command.iter().map(ToString::to_string).collect(),
            interpreter: None,
            environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
            directory: "/tmp".into(),
            hostname: "guest".into(),
            listen: Vec::new(),
            limits: Limits {
                memory_bytes: 512 * MIB,
                cpu: None,
                processes: 64,
                files: 256,
                file_bytes: 64 * MIB,
            },
        }
    }
}

pub(crate) fn bind(host: impl Into<PathBuf>, guest: &str) -> Bind {
    Bind { host: host.into(), guest: guest.into() }
}

/// Runs a guest to its end.
pub(crate) async fn run(keeper: &Keeper, spec: &GuestSpec) -> (String, Exit) {
    let mut guest = keeper.spawn(spec).await.expect("a guest");
    let output = read_all(&mut guest).await;
    (output, guest.wait().await)
}

pub(crate) async fn read_all(guest: &mut Guest) -> String {
    let mut text = Vec::new();
    let mut output = guest.take_output().expect("the output");
    output.read_to_end(&mut text).await.expect("to read");
    String::from_utf8_lossy(&text).into_owned()
}

/// A word that processes can be known by from outside, in their environment.
pub(crate) fn mark(spec: &mut GuestSpec) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mark = format!("marked-{}-{count}", std::process::id());
    spec.environment.push(("MARK".into(), mark.clone()));
    mark
}

/// How many processes on this machine bear the mark.
pub(crate) fn marked(mark: &str) -> usize {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    processes
        .filter_map(|process| fs::read(process.path().join("environ")).ok())
        .filter(|environment| {
            let wanted = format!("MARK={mark}");
            environment.split(|b| *b == 0).any(|entry| entry == wanted.as_bytes())
        })
        .count()
}

/// Waits for something that is bound to happen; a story has a limit of its own.
pub(crate) async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The cgroups that a keeper has on this machine.
pub(crate) fn cgroups_of(keeper: u32) -> Vec<PathBuf> {
    let prefix = format!("photofinish-{keeper}-");
    let mut found = Vec::new();
    let mut left = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
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

pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // A zombie is as dead as can be.
    !stat.is_empty() && !stat.contains(") Z ")
}

pub(crate) async fn signal(signal: &str, pid: u32) {
    let status =
        tokio::process::Command::new("kill").args([signal, &pid.to_string()]).status().await;
    assert!(status.expect("kill runs").success());
}
