//! Where an attack is let loose: an emulator of its own, with another function beside it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use photofinish_emulator::{Config, Emulator, GuestAccess, Reach};
use photofinish_sandbox::{Keeper, Tier};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::attack::{Attack, Expected};
use crate::client::Client;
use crate::function::{FUNCTIONS, Invoked, creation};
use crate::host::Host;
use crate::package;
use crate::python::Python;
use crate::traces;

/// The one bucket that functions may reach.
const OURS: &str = "ours";
/// As much may functions store.
const STORAGE: u64 = 64 << 20;
/// What the emulator makes in its folder.
const KNOWN: [&str; 6] = ["functions", "invocations.jsonl", "layers", "logs", "objects", "opt"];
/// More than that an attack does not leave on the disk.
const MOST_BYTES: u64 = 64 << 20;

/// The function that must work whatever another one did: it finds nothing of it.
const NEXT: &str = "
import os
def lambda_handler(event, context):
    pids = [name for name in os.listdir('/proc') if name.isdigit()]
    return {'files': os.listdir('/tmp'), 'processes': len(pids), 'event': event}
";

/// What isolation and limits this machine gives.
pub fn tier() -> Tier {
    let program = std::env::current_exe().expect("this program");
    photofinish_sandbox::probe(&program)
        .unwrap_or_else(|lack| panic!("no guest can be had: {lack}"))
}

/// Lets an attack loose and looks at what came of it.
pub fn fight(attack: &Attack, python: &Python) -> Result<(), String> {
    static MOUNTS: OnceLock<BTreeSet<String>> = OnceLock::new();
    let mounts = MOUNTS.get_or_init(traces::mounts);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let arena = Arena::open(&attack.name, python).await;
        let outcome = arena.run(attack).await;
        let closed = arena.close().await;
        outcome.and(closed)
    })?;
    if traces::mounts() == *mounts { Ok(()) } else { Err("it left a mount".to_owned()) }
}

/// An emulator with two buckets, one of which functions may reach, and baits around it.
pub struct Arena {
    name: String,
    emulator: Emulator,
    pub client: Client,
    pub keeper: u32,
    folder: TempDir,
    host: Host,
}

impl Arena {
    /// Opens one for an attack of that name.
    pub async fn open(attack: &str, python: &Python) -> Self {
        let program = std::env::current_exe().expect("this program");
        let folder = tempfile::tempdir().expect("a folder");
        let host = Host::prepare();
        let keeper = Keeper::start(&program).await.expect("a keeper");
        let pid = keeper.pid();
        let config = Config {
            data: folder.path().to_owned(),
            listen: "127.0.0.1:0".parse().expect("an address"),
            reach: Reach::Loopback,
            code_storage: Config::CODE_STORAGE,
            function_storage: STORAGE,
            keeper,
            runtimes: python.runtimes(),
            durable: false,
            region: "us-east-1".to_owned(),
            credentials: None,
            guest_access: GuestAccess::Buckets([OURS.to_owned()].into()),
        };
        let emulator = Emulator::start(config).await.expect("an emulator");
        let client = Client::of(&emulator);
        for bucket in [OURS, "theirs"] {
            client.s3("PUT", &format!("/{bucket}"), "", &[]).await;
        }
        client.s3("PUT", "/theirs/secret", "another study's", &[]).await;
        let name = format!("{}-{pid}", attack.replace("::", "-"));
        Self { name, emulator, client, keeper: pid, folder, host }
    }

    async fn run(&self, attack: &Attack) -> Result<(), String> {
        let mut told = String::new();
        if let Some(expected) = self.deploy(attack).await? {
            check_creation(&expected, &attack.expected)?;
        } else {
            let event = json!({"host": self.host.told(&self.client.endpoint, self.folder.path())});
            let mut last = None;
            for expected in &attack.expected {
                if last.is_some() {
                    tokio::time::sleep(attack.wait).await;
                }
                let invoked = self.client.invoke(&self.name, &event).await;
                told += &invoked.answer.text();
                told += &invoked.log;
                check(&invoked, expected)?;
                last = Some(invoked);
            }
            self.check_last(attack, last.as_ref())?;
        }
        self.host.check(&told)?;
        self.check_next().await
    }

    /// Creates the function; gives what its creator was told where that is not to go on.
    async fn deploy(&self, attack: &Attack) -> Result<Option<Expected>, String> {
        let mut request = creation(&self.name, "");
        let code = package::code(&attack.python, &attack.entries);
        request["Code"] = json!({"ZipFile": STANDARD.encode(code)});
        for (key, value) in &attack.settings {
            request[key] = value.clone();
        }
        if !attack.layer.is_empty() {
            let layer = STANDARD.encode(package::zip(&attack.layer));
            let content = json!({"Content": {"ZipFile": layer}});
            let path = "/2018-10-31/layers/bad/versions";
            let published = self.client.lambda("POST", path, &content).await;
            if published.status != 201 {
                return Ok(Some(refused(&published)));
            }
            request["Layers"] = json!([published.json()["LayerVersionArn"]]);
        }
        let created = self.client.lambda("POST", FUNCTIONS, &request).await;
        if created.status != 201 {
            return Ok(Some(refused(&created)));
        }
        let path = format!("{FUNCTIONS}/{}/configuration", self.name);
        for _ in 0..600 {
            let shown = self.client.lambda("GET", &path, &Value::Null).await.json();
            match shown["State"].as_str() {
                Some("Active") => return Ok(None),
                Some("Failed") => {
                    let words = shown["StateReason"].as_str().unwrap_or_default().to_owned();
                    return Ok(Some(Expected::Broken { words }));
                }
                _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
        Err("it is not active after 30 s".to_owned())
    }

    /// After the last call: its log, and that a sandbox that was broken is gone already.
    fn check_last(&self, attack: &Attack, last: Option<&Invoked>) -> Result<(), String> {
        let last = last.ok_or("it was never called")?;
        for words in &attack.log {
            if !last.log.contains(words.as_str()) {
                return Err(format!("its log has no {words:?}: {}", last.log));
            }
        }
        let broken = matches!(attack.expected.last(), Some(Expected::Error { kind, .. })
            if ["Sandbox.", "Runtime.Exit", "Runtime.OutOf"].iter().any(|s| kind.starts_with(s)));
        let left = traces::of_function(&self.name);
        if broken && !left.is_empty() {
            return Err(format!("processes {left:?} outlived their sandbox"));
        }
        Ok(())
    }

    /// While the attack's sandbox may still be there.
    async fn check_next(&self) -> Result<(), String> {
        self.client.deploy("next", NEXT, &[]).await;
        let next = self.client.invoke("next", &json!({"well": true})).await;
        let expected = json!({"files": [], "processes": 1, "event": {"well": true}});
        check(&next, &Expected::Value(expected)).map_err(|why| format!("the next function: {why}"))
    }

    async fn close(self) -> Result<(), String> {
        let family = traces::family(self.keeper);
        self.emulator.shutdown().await.map_err(|error| error.to_string())?;
        let living = traces::living(&family);
        if !living.is_empty() {
            return Err(format!("processes are left: {living:?}"));
        }
        let cgroups = traces::cgroups(self.keeper);
        if !cgroups.is_empty() {
            return Err(format!("control groups are left: {cgroups:?}"));
        }
        check_files(self.folder.path())
    }
}

fn check_files(folder: &Path) -> Result<(), String> {
    let (names, bytes) = traces::files(folder);
    if let Some(unknown) = names.iter().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(format!("it left {unknown} in the emulator's folder"));
    }
    let parts = std::fs::read_dir(folder.join("objects/part")).map_or(0, Iterator::count);
    if parts > 0 {
        return Err(format!("it left {parts} unfinished objects"));
    }
    if bytes > MOST_BYTES { Err(format!("it left {bytes} bytes on the disk")) } else { Ok(()) }
}

fn refused(answer: &crate::client::Answer) -> Expected {
    let body = answer.json();
    let words = body["message"].as_str().or(body["Message"].as_str()).unwrap_or_default();
    Expected::Refused { code: answer.error().1.to_owned(), words: words.to_owned() }
}

fn check_creation(told: &Expected, expected: &[Expected]) -> Result<(), String> {
    let fits = match (told, expected) {
        (Expected::Refused { code, words }, [Expected::Refused { code: c, words: w }]) => {
            code == c && words.contains(w.as_str())
        }
        (Expected::Broken { words }, [Expected::Broken { words: w }]) => words.contains(w.as_str()),
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("its creator was told {told:?}")) }
}

fn check(invoked: &Invoked, expected: &Expected) -> Result<(), String> {
    let failed = invoked.answer.header("x-amz-function-error").is_some();
    let fits = match expected {
        Expected::Value(value) => !failed && invoked.answer.json() == *value,
        Expected::Error { kind, words } => {
            let (told, message) = if failed { invoked.failure() } else { Default::default() };
            told == *kind && message.contains(words.as_str())
        }
        _ => false,
    };
    // Whatever it printed, the last line is the platform's.
    invoked.report();
    if fits { Ok(()) } else { Err(format!("its caller was told {invoked:?}")) }
}
