//! Functions of another architecture than this machine's, under an emulator.
//!
//! What they answer is what they would answer there. How long they take, what they cost and how
//! much memory they use is the emulator's, so every such invocation says on record and in its log
//! that it was emulated. Limits are as wide as the emulator is slow and large: see
//! [`Emulation::PATIENCE`] and [`Emulation::MEMORY_MB`]; a share of CPU time is not enforced.

use std::path::PathBuf;

use photofinish_sandbox::Interpreter;

/// The emulator that a runtime's programs are run by.
///
/// It runs the command that starts the runtime, nothing else: a function's own child processes
/// and a `bootstrap` that is a script do not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emulation {
    /// A static program on this machine.
    pub program: PathBuf,
    /// Its arguments before the guest's program, which choose the processor for example.
    pub arguments: Vec<String>,
    /// What it is, for the record: `qemu-aarch64 11.1.2 as neoverse-n1`.
    pub words: String,
}

impl Emulation {
    /// Timeouts, of functions and of their init, count so many times over: an interpreter's work
    /// was measured at 6 times the native time, arithmetic on pixels at 16 times.
    pub const PATIENCE: u32 = 20;
    /// An emulated guest has so much memory beyond its function's, for the emulator and the code
    /// that it has translated: 120 MB were measured, 300 MB where address space is what is counted.
    pub const MEMORY_MB: u32 = 512;

    pub(crate) fn interpreter(&self) -> Interpreter {
        Interpreter { host: self.program.clone(), arguments: self.arguments.clone() }
    }
}
