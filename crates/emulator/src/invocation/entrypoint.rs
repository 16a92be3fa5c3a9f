//! The program that a sandbox begins with: the runtime's own, or the `bootstrap` that a function
//! on an operating system alone brings along.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use photofinish_sandbox::Error;

use super::deployment::Deployment;
use super::outcome::Outcome;
use crate::config::Runtime;

const IN_CODE: &str = "/var/task/bootstrap";
const IN_LAYERS: &str = "/opt/bootstrap";

/// The command, or why there is none, in Lambda's words.
pub(super) fn command(deployment: &Deployment) -> Result<Vec<String>, String> {
    let runtime = &deployment.runtime;
    if deployment.function.image.is_some() {
        let command = runtime.bootstrap.clone();
        return if command.is_empty() {
            Err("the image has no entry point and no command".to_owned())
        } else {
            Ok(command)
        };
    }
    if !runtime.is_custom() {
        let handler = &deployment.function.settings.handler;
        let replaced = |argument: &String| {
            if argument == Runtime::HANDLER { handler.clone() } else { argument.clone() }
        };
        return Ok(runtime.bootstrap.iter().map(replaced).collect());
    }
    let places = [(Some(&deployment.code), IN_CODE), (deployment.layers.as_ref(), IN_LAYERS)];
    for (folder, shown_as) in places {
        match folder.map_or(Bootstrap::Absent, |folder| bootstrap_in(folder)) {
            Bootstrap::Absent => {}
            Bootstrap::NotExecutable => {
                return Err(format!("fork/exec {shown_as}: permission denied"));
            }
            Bootstrap::Present => return Ok(vec![shown_as.to_owned()]),
        }
    }
    Err(format!("Couldn't find valid bootstrap(s): [{IN_CODE} {IN_LAYERS}]"))
}

enum Bootstrap {
    Absent,
    NotExecutable,
    Present,
}

/// Looked at beforehand: what emulates another processor would run a file that may not be run.
/// A link counts, wherever it leads: only the guest follows it, in a root of its own.
fn bootstrap_in(folder: &Path) -> Bootstrap {
    match std::fs::symlink_metadata(folder.join("bootstrap")) {
        Ok(found) if found.is_file() && found.permissions().mode() & 0o111 == 0 => {
            Bootstrap::NotExecutable
        }
        Ok(found) if !found.is_dir() => Bootstrap::Present,
        _ => Bootstrap::Absent,
    }
}

/// Why the function's own bootstrap or image would not run, in Lambda's words; `None` where
/// something else went wrong.
pub(super) fn refusal(deployment: &Deployment, error: &Error) -> Option<Outcome> {
    let of_image = deployment.function.image.is_some();
    let Error::Setup { step, place, cause } = error else { return None };
    match step.as_str() {
        "run" if of_image || deployment.runtime.is_custom() => Some(Outcome::InvalidEntrypoint(
            format!("fork/exec {place}: {}", in_small_letters(cause)),
        )),
        "enter the directory" if of_image => {
            Some(Outcome::InvalidWorkingDir(format!("chdir {place}: {}", in_small_letters(cause))))
        }
        _ => None,
    }
}

/// As Lambda's own supervisor spells errors: `permission denied`, without a number.
fn in_small_letters(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    words.to_lowercase()
}
