//! The command line: arguments in, progress and tables out, an exit code with a meaning.
//!
//! It knows nothing of how any stage works.

mod arguments;
mod failure;
mod progress;
mod reader;
mod road;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::failure::Answer;

fn main() -> ExitCode {
    photofinish_sandbox::keeper::main_if_keeper();
    reader::may_leave();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return failure::usage(&error),
    };
    match road::take(arguments.command) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(failure) => failure.report(),
    }
}
