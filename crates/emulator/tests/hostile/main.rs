//! Hostile and broken functions: each file in the folders beside this one is an attack, with what
//! its caller must be told. After each of them the runner looks for what the attack left on the
//! machine, and whether another function works.
//!
//! As root, everything is done once more as an ordinary user. `cargo test -p photofinish-emulator
//! --test hostile WORD` runs the attacks whose names hold WORD.

#![expect(unreachable_pub, reason = "the modules of a test are its own")]

mod arena;
mod attack;
#[path = "../emulator/client.rs"]
mod client;
#[expect(dead_code, reason = "the other suite needs more of it")]
#[path = "../emulator/function.rs"]
mod function;
mod host;
mod killed;
mod ordinary;
mod package;
#[expect(dead_code, reason = "the other suite packs with it")]
#[path = "../emulator/python.rs"]
mod python;
mod traces;

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use photofinish_sandbox::Control;

use crate::attack::Attack;
use crate::python::Python;

/// At a time: most attacks wait for a time limit, not for a processor.
const THREADS: usize = 4;
/// Fewer than that is not the corpus that was promised.
const LEAST: usize = 60;

fn main() -> ExitCode {
    photofinish_sandbox::keeper::main_if_keeper();
    let python = match Python::find() {
        Ok(python) => python,
        Err(lacking) => return lacking,
    };
    killed::main_if_victim(&python);
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let mut attacks = Attack::read_all(&corpus);
    assert!(attacks.len() >= LEAST, "the corpus has {} attacks only", attacks.len());
    if !arguments.list {
        let tier = arena::tier();
        println!("\n{} on {}", ordinary::who_we_are(), tier.summary());
        if tier.memory == Control::Governor {
            attacks.iter_mut().for_each(Attack::where_memory_is_uncounted);
        }
    }
    let told = libtest_mimic::run(&arguments, trials(attacks, &python));
    if told.has_failed() || arguments.list || !ordinary::is_root() {
        return told.exit_code();
    }
    ordinary::again(&python)
}

fn trials(attacks: Vec<Attack>, python: &Python) -> Vec<Trial> {
    let attacks = attacks.into_iter().map(|attack| {
        let python = python.clone();
        let ignored = !attack.is_for_this_machine();
        let name = attack.name.clone();
        Trial::test(name, move || arena::fight(&attack, &python).map_err(Into::into))
            .with_ignored_flag(ignored)
    });
    attacks.chain(killed::stories()).collect()
}
