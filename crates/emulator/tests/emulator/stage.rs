//! An emulator on a folder of its own.

use std::path::Path;

use photofinish_emulator::{Config, Emulator, GuestAccess, Runtimes};
use photofinish_sandbox::Keeper;
use tempfile::TempDir;

use crate::client::Client;
use crate::python::Python;

pub struct Stage {
    pub emulator: Emulator,
    pub client: Client,
    pub folder: TempDir,
    runtimes: Runtimes,
}

impl Stage {
    /// Without runtimes: for stories that run no function.
    pub async fn set() -> Self {
        Self::on(tempfile::tempdir().expect("a folder"), Runtimes::new()).await
    }

    pub async fn with(python: &Python) -> Self {
        Self::on(tempfile::tempdir().expect("a folder"), python.runtimes()).await
    }

    /// The same folder under a new emulator.
    pub async fn restart(self) -> Self {
        self.emulator.shutdown().await.expect("stopped");
        Self::on(self.folder, self.runtimes).await
    }

    async fn on(folder: TempDir, runtimes: Runtimes) -> Self {
        let emulator = start(folder.path(), runtimes.clone()).await;
        Self {
            client: Client::of(&emulator),
            emulator,
            folder,
            runtimes,
        }
    }
}

async fn start(data: &Path, runtimes: Runtimes) -> Emulator {
    let program = std::env::current_exe().expect("this program");
    let config = Config {
        data: data.to_owned(),
        listen: "127.0.0.1:0".parse().expect("an address"),
        keeper: Keeper::start(&program).expect("a keeper"),
        runtimes,
        durable: false,
        region: "us-east-1".to_owned(),
        credentials: None,
        guest_access: GuestAccess::AnyBucket,
    };
    Emulator::start(config).await.expect("an emulator")
}
