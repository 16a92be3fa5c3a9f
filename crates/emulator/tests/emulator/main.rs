//! The emulator through its front door: real requests, real sandboxes, a real Python.

#![expect(unreachable_pub, reason = "the modules of a test are its own")]

mod account;
mod broken;
mod client;
mod custom;
mod emulated;
mod function;
mod functions;
mod image;
mod leftovers;
mod objects;
mod packed;
mod peers;
mod python;
mod signature;
mod stage;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use crate::python::Python;

fn main() -> ExitCode {
    photofinish_sandbox::keeper::main_if_keeper();
    let arguments = Arguments::from_args();
    let python = match Python::find() {
        Ok(python) => python,
        Err(lacking) => return lacking,
    };
    let mut trials = Vec::new();
    trials.extend(signature::stories());
    trials.extend(objects::stories());
    trials.extend(functions::stories(&python));
    trials.extend(broken::stories(&python));
    trials.extend(custom::stories(&python));
    trials.extend(packed::stories(&python));
    trials.extend(account::stories(&python));
    trials.extend(peers::stories(&python));
    trials.extend(leftovers::stories(&python));
    trials.extend(emulated::stories());
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A story that runs on a runtime of its own.
pub fn story<F, T>(name: &str, tell: F) -> Trial
where
    F: FnOnce() -> T + Send + 'static,
    T: Future<Output = ()>,
{
    Trial::test(name, move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(tell());
        Ok(())
    })
}
