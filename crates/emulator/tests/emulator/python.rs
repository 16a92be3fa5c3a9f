//! Where the tests' Python 3.14 comes from.

use std::path::PathBuf;
use std::process::ExitCode;

use photofinish_emulator::{Architecture, Runtime, Runtimes};

/// A root with `/usr/bin/python3.14`, and a folder with awslambdaric and boto3.
#[derive(Clone)]
pub struct Python {
    pub root: PathBuf,
    pub var_runtime: PathBuf,
}

impl Python {
    /// The root named by the environment: a folder with `root` and `var_runtime` in it.
    pub fn find() -> Result<Self, ExitCode> {
        let Some(folder) = std::env::var_os("PHOTOFINISH_TEST_PYTHON_ROOT") else {
            eprintln!(
                "these tests lack a Python 3.14 to run functions with\n\
                 hint: set PHOTOFINISH_TEST_PYTHON_ROOT to a folder that holds `root` (a root file system with\n\
                 hint: /usr/bin/python3.14) and `var_runtime` (awslambdaric and boto3, unpacked)"
            );
            return Err(ExitCode::from(3));
        };
        let folder = PathBuf::from(folder);
        Ok(Self {
            root: folder.join("root"),
            var_runtime: folder.join("var_runtime"),
        })
    }

    pub fn runtimes(&self) -> Runtimes {
        let bootstrap = [
            "/usr/bin/python3.14",
            "/var/runtime/bootstrap.py",
            Runtime::HANDLER,
        ];
        let runtime = Runtime {
            root: self.root.clone(),
            var_runtime: self.var_runtime.clone(),
            bootstrap: bootstrap.map(str::to_owned).to_vec(),
        };
        let mut runtimes = Runtimes::new();
        runtimes.insert("python3.14", Architecture::X86_64, runtime);
        runtimes
    }
}
