//! An emulator on a folder of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use photofinish_emulator::{Config, Emulator, Error, GuestAccess, Reach, Runtimes};
use photofinish_sandbox::Keeper;
use tempfile::TempDir;

use crate::client::Client;
use crate::python::Python;
use crate::story;

pub struct Stage {
    pub emulator: Emulator,
    pub client: Client,
    pub folder: TempDir,
    /// The process that keeps the guests.
    pub keeper: u32,
    runtimes: Runtimes,
}

/// What differs from stage to stage.
struct Setting {
    access: GuestAccess,
    code_storage: u64,
    listen: SocketAddr,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            access: GuestAccess::AnyBucket,
            code_storage: Config::CODE_STORAGE,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
        }
    }
}

impl Stage {
    /// Without runtimes: for stories that run no function.
    pub async fn set() -> Self {
        Self::on(tempfile::tempdir().expect("a folder"), Runtimes::new()).await
    }

    pub async fn with(python: &Python) -> Self {
        Self::on(tempfile::tempdir().expect("a folder"), python.runtimes()).await
    }

    /// With room for so many bytes of code.
    pub async fn with_storage(python: &Python, code_storage: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let setting = Setting { code_storage, ..Setting::default() };
        Self::set_as(folder, python.runtimes(), setting).await
    }

    /// Tries to listen on that address, which programs on this machine alone should reach.
    pub async fn listening(data: &Path, listen: SocketAddr) -> Result<(), Error> {
        let setting = Setting { listen, ..Setting::default() };
        let (started, _) = try_start(data, Runtimes::new(), setting).await;
        started.map(|_| ())
    }

    /// With runtimes of the story's own.
    pub async fn of(runtimes: Runtimes) -> Self {
        Self::on(tempfile::tempdir().expect("a folder"), runtimes).await
    }

    /// The same folder under a new emulator.
    pub async fn restart(self) -> Self {
        self.emulator.shutdown().await.expect("stopped");
        Self::on(self.folder, self.runtimes).await
    }

    /// The same folder under a new emulator whose functions reach other buckets.
    pub async fn allowing(self, access: GuestAccess) -> Self {
        self.emulator.shutdown().await.expect("stopped");
        let setting = Setting { access, ..Setting::default() };
        let (emulator, keeper) = start(self.folder.path(), self.runtimes.clone(), setting).await;
        Self { keeper, client: Client::of(&emulator), emulator, ..self }
    }

    async fn on(folder: TempDir, runtimes: Runtimes) -> Self {
        Self::set_as(folder, runtimes, Setting::default()).await
    }

    async fn set_as(folder: TempDir, runtimes: Runtimes, setting: Setting) -> Self {
        let (emulator, keeper) = start(folder.path(), runtimes.clone(), setting).await;
        Self { keeper, client: Client::of(&emulator), emulator, folder, runtimes }
    }
}

async fn start(data: &Path, runtimes: Runtimes, setting: Setting) -> (Emulator, u32) {
    let (started, keeper) = try_start(data, runtimes, setting).await;
    (started.expect("an emulator"), keeper)
}

async fn try_start(
    data: &Path,
    runtimes: Runtimes,
    setting: Setting,
) -> (Result<Emulator, Error>, u32) {
    let program = std::env::current_exe().expect("this program");
    let keeper = Keeper::start(&program).await.expect("a keeper");
    let pid = keeper.pid();
    let config = Config {
        data: data.to_owned(),
        listen: setting.listen,
        reach: Reach::Loopback,
        keeper,
        runtimes,
        durable: false,
        region: "us-east-1".to_owned(),
        credentials: None,
        guest_access: setting.access,
        code_storage: setting.code_storage,
        function_storage: Config::FUNCTION_STORAGE,
    };
    (Emulator::start(config).await, pid)
}

/// Stories that begin with a stage of their own.
pub struct Stories {
    of: &'static str,
    python: Python,
    pub told: Vec<Trial>,
}

impl Stories {
    pub fn new(of: &'static str, python: &Python) -> Self {
        Self { of, python: python.clone(), told: Vec::new() }
    }

    pub fn add<F, T>(&mut self, name: &str, tell: F)
    where
        F: FnOnce(Stage) -> T + Send + 'static,
        T: Future<Output = ()>,
    {
        let python = self.python.clone();
        let name = format!("{}::{name}", self.of);
        self.told.push(story(&name, move || async move { tell(Stage::with(&python).await).await }));
    }
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
