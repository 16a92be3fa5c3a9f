use std::fmt;

use serde::{Deserialize, Serialize};

/// What isolation and limits the machine gives to guests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Kernel release.
    pub kernel: String,
    /// Namespaces of each guest's own.
    pub namespaces: Vec<Namespace>,
    /// Whose user id a guest runs with.
    pub identity: Identity,
    /// What holds a guest to its CPU share.
    pub cpu: Control,
    /// What holds a guest to its memory.
    pub memory: Control,
    /// What limits a guest's number of processes.
    pub processes: Control,
    /// Whether dangerous system calls are filtered.
    pub seccomp: bool,
    /// Whether landlock rules apply as well.
    pub landlock: bool,
}

/// A kernel namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Namespace {
    /// User and group ids, capabilities.
    User,
    /// Processes.
    Pid,
    /// Mounts.
    Mount,
    /// Network.
    Network,
    /// System V IPC and message queues.
    Ipc,
    /// Host name.
    Uts,
    /// View of cgroups.
    Cgroup,
}

/// Whose user id a guest runs with on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Identity {
    /// An id that owns nothing on the host, another one for each guest.
    Separate,
    /// The id of the user who runs photofinish.
    Own,
}

/// The mechanism behind a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Control {
    /// Nothing: the limit is not kept.
    None,
    /// A resource limit of each process, coarser than what was asked for.
    Rlimit,
    /// The keeper, which looks at the guest's processes every few milliseconds.
    Governor,
    /// A controller of cgroup version 1.
    CgroupV1,
    /// A controller of cgroup version 2.
    CgroupV2,
}

/// What a machine lacks to run guests, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// What is missing.
    pub what: String,
    /// What was tried and what the kernel said.
    pub cause: String,
    /// What to do.
    pub mend: String,
}

impl Tier {
    /// One line for reports.
    pub fn summary(&self) -> String {
        let namespaces: Vec<String> = self.namespaces.iter().map(ToString::to_string).collect();
        format!(
            "namespaces {}; {} user id; cpu {}, memory {}, processes {}; seccomp {}, landlock {}; Linux {}",
            namespaces.join(" "),
            match self.identity {
                Identity::Separate => "separate",
                Identity::Own => "own",
            },
            self.cpu,
            self.memory,
            self.processes,
            yes_or_no(self.seccomp),
            yes_or_no(self.landlock),
            self.kernel,
        )
    }
}

fn yes_or_no(held: bool) -> &'static str {
    if held { "yes" } else { "no" }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Namespace::User => "user",
            Namespace::Pid => "pid",
            Namespace::Mount => "mount",
            Namespace::Network => "network",
            Namespace::Ipc => "ipc",
            Namespace::Uts => "uts",
            Namespace::Cgroup => "cgroup",
        })
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Control::None => "not limited",
            Control::Rlimit => "rlimit",
            Control::Governor => "governor",
            Control::CgroupV1 => "cgroup v1",
            Control::CgroupV2 => "cgroup v2",
        })
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}); {}", self.what, self.cause, self.mend)
    }
}
