//! What an emulator is started with.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::credentials::Credentials;
use crate::emulation::Emulation;
use crate::s3::GuestAccess;

/// Everything an emulator needs to know before it listens.
pub struct Config {
    /// Functions, layers, objects and logs live here and are there again at the next start.
    pub data: PathBuf,
    /// Port 0 lets the system pick one.
    pub listen: SocketAddr,
    /// Whether `listen` may be an address that others reach.
    pub reach: Reach,
    /// Starts and owns the guests.
    pub keeper: photofinish_sandbox::Keeper,
    /// The runtimes that functions may ask for.
    pub runtimes: Runtimes,
    /// Whether an object is on the disk before its PUT is answered. A server that
    /// people keep data in wants that; a study would time it as upload.
    pub durable: bool,
    /// The region that requests are signed for and that ARNs name.
    pub region: String,
    /// The control plane's key pair; `None` makes a new one.
    pub credentials: Option<Credentials>,
    /// Which buckets a function may reach.
    pub guest_access: GuestAccess,
    /// How many bytes the packages of all functions and layers may have together.
    pub code_storage: u64,
    /// How many bytes functions may add to what all buckets hold at the start; where the disk has
    /// less than twice as much to spare, half of that.
    pub function_storage: u64,
}

/// Who may reach an emulator. Only who has its keys is let in, but what goes to and fro can be read
/// by anyone on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reach {
    /// Programs on this machine.
    #[default]
    Loopback,
    /// Whoever reaches the address.
    Network,
}

impl Config {
    /// Lambda's own limit for an account's packages: 75 GB.
    pub const CODE_STORAGE: u64 = 75 << 30;
    /// Enough for any study, and no disk is full of it: 32 GB.
    pub const FUNCTION_STORAGE: u64 = 32 << 30;
}

/// The instruction set a function is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Architecture {
    /// 64-bit Intel and AMD.
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit Arm.
    #[serde(rename = "arm64")]
    Arm64,
}

impl Architecture {
    /// Reads the name that Lambda gives it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "x86_64" => Some(Self::X86_64),
            "arm64" => Some(Self::Arm64),
            _ => None,
        }
    }
}

impl Architecture {
    /// Whether this machine runs it without help.
    pub(crate) fn is_this_machines(self) -> bool {
        match self {
            Self::X86_64 => cfg!(target_arch = "x86_64"),
            Self::Arm64 => cfg!(target_arch = "aarch64"),
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        })
    }
}

/// One runtime as it lies on this machine.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// A root file system, shown read-only as `/`.
    pub root: PathBuf,
    /// The runtime interface client and what else Lambda ships, shown as `/var/runtime`.
    pub var_runtime: PathBuf,
    /// The command that starts it, by its path in the guest. An argument
    /// [`Runtime::HANDLER`] stands for the function's handler. Empty where functions bring
    /// their own, as they do for [`Runtime::custom`].
    pub bootstrap: Vec<String>,
    /// What runs its programs where this machine cannot.
    pub emulation: Option<Emulation>,
}

impl Runtime {
    /// The argument of `bootstrap` that is replaced by the function's handler.
    pub const HANDLER: &'static str = "$_HANDLER";

    /// An operating system alone, for `provided.al2023`: what runs is the function's
    /// `/var/task/bootstrap`, or `/opt/bootstrap` from its layers. The root needs no libraries
    /// where that is a static binary; it has an empty folder `var/runtime`.
    pub fn custom(root: PathBuf) -> Self {
        let var_runtime = root.join("var/runtime");
        Self { root, var_runtime, bootstrap: Vec::new(), emulation: None }
    }

    pub(crate) fn is_custom(&self) -> bool {
        self.bootstrap.is_empty()
    }
}

/// The runtimes that functions may ask for, by Lambda's id and architecture.
#[derive(Clone, Debug, Default)]
pub struct Runtimes(BTreeMap<(String, Architecture), Runtime>);

impl Runtimes {
    /// Without any runtime yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces one, for example `python3.14` on `x86_64`.
    pub fn insert(&mut self, id: &str, architecture: Architecture, runtime: Runtime) {
        self.0.insert((id.to_owned(), architecture), runtime);
    }

    /// What runs that architecture's programs here, if a runtime came with it.
    pub(crate) fn emulation(&self, architecture: Architecture) -> Option<&Emulation> {
        let all = self.0.iter().filter(|((_, of), _)| *of == architecture);
        all.filter_map(|(_, runtime)| runtime.emulation.as_ref()).next()
    }

    /// The runtime of that id and architecture, if this machine has it.
    pub fn get(&self, id: &str, architecture: Architecture) -> Option<&Runtime> {
        self.0.get(&(id.to_owned(), architecture))
    }
}
