use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What to run and how it is confined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuestSpec {
    /// The host directory whose entries become the guest's root, read-only.
    /// Its `proc`, `sys`, `dev` and `tmp` are left out; the guest gets its own.
    pub root: PathBuf,
    /// Further host files and directories, read-only.
    pub binds: Vec<Bind>,
    /// Size of the guest's `/tmp`, the only place it can write.
    pub tmp_bytes: u64,
    /// Program and arguments; a program without a slash is looked for in the
    /// guest's `PATH`.
    pub command: Vec<String>,
    /// What the program is given to, where this machine cannot run it itself.
    pub interpreter: Option<Interpreter>,
    /// The whole environment: nothing is inherited.
    pub environment: Vec<(String, String)>,
    /// Working directory inside the guest.
    pub directory: String,
    /// The guest's host name.
    pub hostname: String,
    /// Ports on 127.0.0.1 inside the guest whose listening sockets are handed out
    /// by [`crate::Guest::take_listeners`], in this order.
    pub listen: Vec<u16>,
    /// What the guest may use up.
    pub limits: Limits,
}

/// A host path shown read-only at a guest path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    /// Where it is on the host.
    pub host: PathBuf,
    /// Where the guest sees it: absolute, made if the root has no such path.
    pub guest: PathBuf,
}

/// A program of the host that runs the guest's, for example an emulator of another
/// architecture.
///
/// Only the guest's command goes through it. What that one executes by itself goes to
/// the kernel, as everywhere: where the kernel cannot run it, executing fails. So does a
/// command that is a script, unless the interpreter reads scripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// Where it is on the host: one file that needs no other, since the guest sees no
    /// other. The guest sees it at [`Interpreter::PLACE`], read-only.
    pub host: PathBuf,
    /// Its arguments before the path of the guest's program.
    pub arguments: Vec<String>,
}

impl Interpreter {
    /// Where the guest sees it.
    pub const PLACE: &str = "/.interpreter";
}

impl GuestSpec {
    /// All that is bound, the interpreter too.
    #[cfg(target_os = "linux")]
    pub(crate) fn all_binds(&self) -> Vec<Bind> {
        let interpreter = self.interpreter.as_ref().map(|interpreter| Bind {
            host: interpreter.host.clone(),
            guest: Interpreter::PLACE.into(),
        });
        self.binds.iter().cloned().chain(interpreter).collect()
    }
}

/// What a guest may use up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory of all its processes together, swap included.
    pub memory_bytes: u64,
    /// Share of CPU time in cores; `None` for no limit.
    pub cpu: Option<f64>,
    /// Processes and threads at a time.
    pub processes: u32,
    /// Open descriptors of each process.
    pub files: u32,
    /// Size of any one file it writes.
    pub file_bytes: u64,
}

/// What a guest has used so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time of all its processes, user and system.
    pub cpu: Duration,
    /// Most memory at one time since the start or the last reset, where the
    /// machine counts it.
    pub memory_peak_bytes: Option<u64>,
    /// Memory in use now.
    pub memory_bytes: Option<u64>,
}

/// How a guest's command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Exit code, when it exited by itself.
    pub code: Option<i32>,
    /// Signal that ended it, otherwise.
    pub signal: Option<i32>,
    /// The kernel killed a process of the guest for want of memory.
    pub out_of_memory: bool,
}
