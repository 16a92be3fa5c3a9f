//! Where the tests' Python 3.14 comes from.

use std::process::ExitCode;

use photofinish_emulator::{Architecture, Runtime, Runtimes};
use photofinish_runtimes::{Cache, python314};

/// What functions are created for: this machine.
pub const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };

/// The Python that functions run on.
#[derive(Clone)]
pub struct Python(photofinish_runtimes::Runtime);

impl Python {
    /// From the user's cache, where it is made if it is not there yet.
    pub fn find() -> Result<Self, ExitCode> {
        let lacking = |error: photofinish_runtimes::Error| {
            eprintln!("these tests lack a Python 3.14 to run functions with: {error}");
            ExitCode::from(3)
        };
        let here = photofinish_runtimes::Architecture::of_this_machine();
        let Some(here) = here else {
            eprintln!("these tests lack a machine that is x86_64 or arm64");
            return Err(ExitCode::from(3));
        };
        let cache = Cache::of_user().map_err(lacking)?;
        python314(&cache, here, None, &photofinish_runtimes::Silent).map(Self).map_err(lacking)
    }

    /// What packages are made with.
    pub fn runtime(&self) -> &photofinish_runtimes::Runtime {
        &self.0
    }

    pub fn runtimes(&self) -> Runtimes {
        let runtime = Runtime {
            root: self.0.root.clone(),
            var_runtime: self.0.var_runtime.clone(),
            bootstrap: self.0.bootstrap(Runtime::HANDLER),
            emulation: None,
        };
        let mut runtimes = Runtimes::new();
        let here = Architecture::parse(ARCHITECTURE).expect("one of the two");
        runtimes.insert("provided.al2023", here, Runtime::custom(runtime.root.clone()));
        runtimes.insert("python3.14", here, runtime);
        runtimes
    }
}
