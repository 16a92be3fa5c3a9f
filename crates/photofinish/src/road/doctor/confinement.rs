//! What the kernel gives for keeping functions apart: the sandbox really tried, user namespaces,
//! and which limits hold.

use photofinish_sandbox::{Control, Error, Lack, Namespace, Tier};

use super::Finding;

/// What limits that do not hold ask for.
const DELEGATE: &str = "run photofinish as root, or as `systemd-run --user --scope photofinish …` \
                        with cpu, memory and pids delegated to your user";

/// Sets a guest up and takes it down again.
pub(super) fn probe() -> Result<Tier, Lack> {
    const ELSEWHERE: &str = "run local studies on Linux 5.12 or later, in a virtual machine if \
                             need be";
    let other = |error: &dyn std::error::Error| Lack {
        what: "functions cannot be kept apart here".to_owned(),
        cause: error.to_string(),
        mend: ELSEWHERE.to_owned(),
    };
    let program = std::env::current_exe().map_err(|error| other(&error))?;
    photofinish_sandbox::probe(&program).map_err(|error| match error {
        Error::Lacking(lack) => lack,
        error => other(&error),
    })
}

/// Whether functions can be kept apart at all.
pub(super) fn sandbox(tier: &Result<Tier, Lack>) -> Finding {
    match tier {
        Ok(tier) => Finding::fine("sandbox", tier.summary()),
        Err(lack) => {
            let found = format!("{} ({})", lack.what, lack.cause);
            Finding::lacking("sandbox", found, lack.mend.clone())
        }
    }
}

/// User namespaces: what an ordinary user needs, and root can do without.
pub(super) fn user_namespaces(tier: Option<&Tier>) -> Finding {
    const WHAT: &str = "user namespaces";
    let settings = [
        ("user.max_user_namespaces", "0", "15000"),
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ];
    let mut read = Vec::new();
    let mut mends = Vec::new();
    for (name, bad, good) in settings {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        let Ok(value) = std::fs::read_to_string(path) else { continue };
        if value.trim() == bad {
            mends.push(format!("sudo sysctl -w {name}={good}"));
        }
        read.push(format!("{name}={}", value.trim()));
    }
    let settings = if read.is_empty() { "no settings".to_owned() } else { read.join(", ") };
    if tier.is_some_and(|tier| tier.namespaces.contains(&Namespace::User)) {
        return Finding::fine(WHAT, format!("each function gets one ({settings})"));
    }
    let mend = if mends.is_empty() {
        "in a container, start it with `--privileged`".to_owned()
    } else {
        mends.join(" and ")
    };
    Finding::without(WHAT, format!("functions get none ({settings})"), mend)
}

/// Control groups, and which limits they hold here.
pub(super) fn cgroups(tier: Option<&Tier>) -> Finding {
    const WHAT: &str = "cgroups";
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let offered = |point: &str| {
        let path = std::path::Path::new(point).join("cgroup.controllers");
        std::fs::read_to_string(path).unwrap_or_default()
    };
    let mut found = mounted(&mounts, offered);
    let Some(tier) = tier else {
        found.push_str("; which limits hold is known where a sandbox is");
        return Finding::without(WHAT, found, "see `sandbox`");
    };
    let limits = [("cpu", tier.cpu), ("memory", tier.memory), ("processes", tier.processes)];
    let held = limits.map(|(name, control)| format!("{name} by {control}"));
    let held: Vec<String> =
        held.into_iter().map(|held| held.replace("by not limited", "not limited")).collect();
    found.push_str(&format!("; held: {}", held.join(", ")));
    let is_held = |control| matches!(control, Control::CgroupV1 | Control::CgroupV2);
    if limits.iter().all(|&(_, control)| is_held(control)) {
        return Finding::fine(WHAT, found);
    }
    Finding::without(WHAT, found, DELEGATE)
}

/// Which controllers are mounted in which version, in words.
fn mounted(mounts: &str, offered: impl Fn(&str) -> String) -> String {
    let mut kinds = Vec::new();
    for (controller, name) in [("cpu", "cpu"), ("memory", "memory"), ("pids", "processes")] {
        let version = mounts.lines().find_map(|line| {
            let (mount, kind) = line.split_once(" - ")?;
            let mut kind = kind.split(' ');
            let (kind, options) = (kind.next()?, kind.nth(1)?);
            let point = mount.split(' ').nth(4)?;
            match kind {
                "cgroup" => options.split(',').any(|option| option == controller).then_some(1),
                "cgroup2" => {
                    offered(point).split_whitespace().any(|name| name == controller).then_some(2)
                }
                _ => None,
            }
        });
        kinds.push((name, version));
    }
    let words = kinds.iter().map(|(name, version)| match version {
        Some(version) => format!("{name} v{version}"),
        None => format!("{name} not mounted"),
    });
    let words = words.collect::<Vec<_>>().join(", ");
    let has = |wanted| kinds.iter().any(|&(_, version)| version == Some(wanted));
    // Version 2 beside version 1 carries no controllers on many systems, and is hybrid all the same.
    let both = has(1) && mounts.lines().any(|line| line.contains(" - cgroup2 "));
    if both { format!("hybrid ({words})") } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: &str = "31 25 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
    const UNIFIED: &str = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n";

    #[test]
    fn each_controller_is_told_with_the_version_that_it_is_mounted_in() {
        let none = |_: &str| String::new();
        let all = |_: &str| "cpuset cpu io memory pids\n".to_owned();
        assert_eq!(mounted(UNIFIED, all), "cpu v2, memory v2, processes v2");
        let hybrid = "hybrid (cpu not mounted, memory v1, processes not mounted)";
        assert_eq!(mounted(&format!("{MEMORY}{UNIFIED}"), none), hybrid);
        let split = |_: &str| "cpu pids\n".to_owned();
        let shared = "hybrid (cpu v2, memory v1, processes v2)";
        assert_eq!(mounted(&format!("{MEMORY}{UNIFIED}"), split), shared);
        assert!(!mounted(MEMORY, none).contains("hybrid"));
    }
}
