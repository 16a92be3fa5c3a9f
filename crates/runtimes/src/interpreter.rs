//! A Python 3.14 that runs on this machine, outside any sandbox: to fetch and to compile.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use photofinish_study::Architecture;

use crate::command;
use crate::error::Error;

/// The beginning of a command line; it needs nothing of the host but its kernel.
#[derive(Debug, Clone)]
pub(crate) struct Interpreter {
    command: Vec<OsString>,
}

impl Interpreter {
    /// The Python of a root file system, by the root's own loader.
    pub(crate) fn of_root(root: &Path, architecture: Architecture, python: &str) -> Self {
        let (libraries, loader) = match architecture {
            Architecture::X86_64 => ("usr/lib/x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
            Architecture::Arm64 => ("usr/lib/aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
        };
        let libraries = root.join(libraries);
        let inside = root.join(python.trim_start_matches('/'));
        Self {
            command: vec![
                libraries.join(loader).into(),
                "--library-path".into(),
                libraries.into(),
                inside.into(),
            ],
        }
    }

    /// A Python as it is installed.
    pub(crate) fn installed(path: PathBuf) -> Self {
        Self { command: vec![path.into()] }
    }

    /// A command in which only our own settings reach Python.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PYTHON") {
                command.env_remove(name);
            }
        }
        command.env("PYTHONHASHSEED", "0").env("PYTHONDONTWRITEBYTECODE", "1");
        command.args(["-s", "-S", "-P"]);
        command
    }

    /// Its version, for example `3.14.8`.
    pub(crate) fn version(&self) -> Result<String, Error> {
        let script = "import platform; print(platform.python_version())";
        let said = command::output(self.command().args(["-c", script]), "ask Python its version")?;
        Ok(said.trim().to_owned())
    }

    /// Writes bytecode beside every module under `folder`, which a guest sees as `shown_as`.
    /// It holds no times, so the same sources give the same bytes.
    pub(crate) fn compile(&self, folder: &Path, shown_as: &str) -> Result<(), Error> {
        let mut command = self.command();
        command.args(["-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]);
        // One after the other, as is the default: several at once need /dev/shm.
        command.arg("-s").arg(folder).args(["-p", shown_as]).arg(folder);
        command::output(&mut command, "compile Python modules")?;
        Ok(())
    }
}
