//! A qemu for the other architecture is found where it can be, and asked for where it cannot.
//!
//! What a machine has is what its search path leads to, so each story runs this program again on
//! a search path of the story's making.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use photofinish_runtimes::{Architecture, Cache, Qemu, Silent};
use tempfile::TempDir;

const CACHE: &str = "STORYS_CACHE";

fn other() -> Architecture {
    match Architecture::of_this_machine() {
        Some(Architecture::Arm64) => Architecture::X86_64,
        _ => Architecture::Arm64,
    }
}

fn name() -> &'static str {
    if other() == Architecture::Arm64 { "qemu-aarch64" } else { "qemu-x86_64" }
}

/// A machine with the programs of one folder and, as every machine, /usr/bin.
struct Machine {
    folder: TempDir,
    settings: Vec<(&'static str, PathBuf)>,
}

impl Machine {
    fn bare() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap(), settings: Vec::new() };
        std::fs::create_dir(machine.programs()).unwrap();
        machine
    }

    /// With an apt whose mirror nobody answers at.
    fn with_unreachable_apt() -> Self {
        let mut machine = Self::bare();
        for program in ["apt-get", "apt-config", "dpkg-deb", "tar"] {
            symlink(Path::new("/usr/bin").join(program), machine.programs().join(program)).unwrap();
        }
        let (sources, settings) = (machine.path("sources.list"), machine.path("apt.conf"));
        std::fs::write(&sources, "deb http://127.0.0.1:9/debian forky main\n").unwrap();
        let text = format!(
            "Dir::Etc::SourceList \"{}\";\nDir::Etc::SourceParts \"/dev/null\";\n\
             Acquire::Retries \"0\";\n",
            sources.display()
        );
        std::fs::write(&settings, text).unwrap();
        machine.settings.push(("APT_CONFIG", settings));
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn programs(&self) -> PathBuf {
        self.path("bin")
    }

    fn install(&self, name: &str, program: &[u8]) {
        let path = self.programs().join(name);
        std::fs::write(&path, program).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// What `tell_what_is_here` says on it.
    fn says(&self) -> String {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "tell_what_is_here", "--ignored", "--nocapture"]);
        again.env("PATH", self.programs()).env(CACHE, self.path("cache"));
        again.envs(self.settings.iter().map(|(name, value)| (*name, value)));
        let ended = again.output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8_lossy(&ended.stdout).into_owned()
    }
}

#[test]
#[ignore = "the other stories run it, on machines of their making"]
fn tell_what_is_here() {
    let cache = Cache::at(std::env::var_os(CACHE).expect("a story's cache"));
    match Qemu::look(&cache, other()) {
        Ok(None) => println!("look: to be fetched"),
        Ok(Some(qemu)) => println!("look: {} {}", qemu.path.display(), qemu.version),
        Err(error) => println!("look: lacking={} {error}", error.is_lacking()),
    }
    match Qemu::find(&cache, other(), &Silent) {
        Ok(qemu) => println!("find: {} {}", qemu.path.display(), qemu.version),
        Err(error) => println!("find: lacking={} {error}", error.is_lacking()),
    }
}

/// Whether the machine that this runs on has one where every story sees it.
fn is_installed_here() -> bool {
    let usual = Path::new("/usr/bin").join(format!("{}-static", name()));
    let is = usual.exists();
    if is {
        eprintln!("NOT TOLD: what a machine without qemu says, since here is {}", usual.display());
    }
    is
}

/// The one of this machine, fetched where need be.
fn qemu() -> Qemu {
    Qemu::find(&Cache::of_user().unwrap(), other(), &Silent).unwrap()
}

#[test]
fn a_machine_without_qemu_and_without_apt_says_what_to_install() {
    if is_installed_here() {
        return;
    }
    let said = Machine::bare().says();
    for line in ["look: lacking=true ", "find: lacking=true "] {
        let line = said.lines().find(|told| told.starts_with(line)).expect(&said);
        assert!(line.contains("no static qemu") && line.contains("there is no apt"), "{line}");
        assert!(line.ends_with("(hint: apt install qemu-user-static)"), "{line}");
    }
}

#[test]
fn a_machine_that_reaches_no_mirror_says_so_and_what_to_install() {
    if is_installed_here() {
        return;
    }
    let said = Machine::with_unreachable_apt().says();
    assert!(said.contains("look: to be fetched"), "{said}");
    assert!(said.contains("find: lacking=true") && said.contains("127.0.0.1"), "{said}");
    assert!(said.trim_end().contains("(hint: apt install qemu-user-static)"), "{said}");
}

#[test]
fn an_installed_static_qemu_is_taken_and_told_with_its_version_and_hash() {
    let qemu = qemu();
    let (machine, program) = (Machine::bare(), std::fs::read(&qemu.path).unwrap());
    machine.install(name(), &program);
    let place = machine.programs().join(name());
    let expected = format!("{} {}", place.display(), qemu.version);
    let said = machine.says();
    assert!(said.contains(&format!("look: {expected}")), "{said}");
    assert!(said.contains(&format!("find: {expected}")), "{said}");
    assert_eq!(qemu.sha256.len(), 64);
    let model = qemu.cpu().map_or_else(String::new, |cpu| format!(" as {cpu}"));
    assert_eq!(qemu.words(), format!("{} {}{model}", name(), qemu.version));
    let major = qemu.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    assert!(major.is_some_and(|major| major >= 5), "{}", qemu.version);
}

#[test]
fn what_only_looks_like_a_static_qemu_is_passed_over() {
    let machine = Machine::bare();
    let script = format!("#!/bin/sh\necho {} version 9.0.0; echo neoverse-n1 max\n", name());
    machine.install(&format!("{}-static", name()), script.as_bytes());
    // A program that needs the host's libraries, which a guest does not see.
    machine.install(name(), &std::fs::read("/usr/bin/env").unwrap());
    let said = machine.says();
    let ours = machine.programs().display().to_string();
    assert!(!said.contains(&format!("look: {ours}")), "{said}");
    assert!(!said.contains(&format!("find: {ours}")), "{said}");
}
