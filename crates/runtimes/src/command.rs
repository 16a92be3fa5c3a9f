//! Programs that are started and waited for.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::error::Error;

/// How much of a failed program's words an error carries.
const LINES: usize = 12;

/// Whether the search path has a program of this name.
pub(crate) fn is_installed(program: &str) -> bool {
    is_on(program, &std::env::var_os("PATH").unwrap_or_default())
}

/// The same of another search path than ours.
pub(crate) fn is_on(program: &str, path: &OsStr) -> bool {
    std::env::split_paths(path).any(|folder| folder.join(program).is_file())
}

/// Runs it to its end and gives what it wrote to stdout.
pub(crate) fn output(command: &mut Command, doing: &str) -> Result<String, Error> {
    output_with_input(command, doing, b"")
}

/// The same, with something on stdin.
pub(crate) fn output_with_input(
    command: &mut Command,
    doing: &str,
    input: &[u8],
) -> Result<String, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |outcome: String, output: &[u8]| Error::Program {
        doing: doing.to_owned(),
        program: program.clone(),
        outcome,
        output: last_lines(output),
    };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child =
        command.spawn().map_err(|error| failed(format!("did not start: {error}"), b""))?;
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // A program that ends without reading its input says more by its exit than by a broken pipe.
    let _ = stdin.write_all(input);
    drop(stdin);
    let ended = child
        .wait_with_output()
        .map_err(|error| failed(format!("could not be waited for: {error}"), b""))?;
    if !ended.status.success() {
        let said = if ended.stderr.is_empty() { &ended.stdout } else { &ended.stderr };
        return Err(failed(format!("ended with {}", ended.status), said));
    }
    Ok(String::from_utf8_lossy(&ended.stdout).into_owned())
}

fn last_lines(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
