//! MiniStack: an independent implementation of the AWS APIs that runs a function's Python, in its
//! own interpreter and without limits. No timing is ever taken from it.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use photofinish_cloud::Endpoint;
use photofinish_runtimes::{Architecture, Cache, Silent, python314};
use tempfile::TempDir;

use super::{Judge, free_port, role};

/// Installs MiniStack, whose version is pinned beside it.
const INSTALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/aws/ministack.py");

/// A running MiniStack; it ends with this value.
pub(crate) struct MiniStack {
    child: Child,
    port: u16,
    judge: Option<Judge>,
    _state: TempDir,
}

impl MiniStack {
    /// Installs MiniStack where it is missing, and starts it behind a judge of every request.
    pub(crate) fn start() -> Self {
        let server = installed();
        let port = free_port();
        let state = tempfile::tempdir().expect("a temporary folder can be made");
        let child = Command::new(&server)
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| name == "PATH" || name == "HOME"))
            .envs([("BIND_HOST", "127.0.0.1"), ("LOG_LEVEL", "ERROR")])
            .env("GATEWAY_PORT", port.to_string())
            .env("TMPDIR", state.path())
            .env("STATE_DIR", state.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", server.display()));
        let mut ministack = Self { child, port, judge: None, _state: state };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "MiniStack does not begin to listen"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        ministack.judge = Some(Judge::over(&ministack.endpoint()));
        ministack
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        let own = Endpoint {
            url: format!("http://127.0.0.1:{}", self.port),
            region: "us-east-1".to_owned(),
            access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "not-a-secret".to_owned(),
        };
        self.judge.as_ref().map_or(own.clone(), |judge| judge.endpoint(own))
    }

    /// Makes a role that Lambda may assume and gives its ARN.
    pub(crate) fn role(&self, name: &str) -> String {
        role::make(self.port, name);
        format!("arn:aws:iam::000000000000:role/{name}")
    }
}

impl Drop for MiniStack {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program that starts it, under a Python 3.14 of our own.
fn installed() -> PathBuf {
    let here = Architecture::of_this_machine().expect("this machine is x86_64 or arm64");
    let cache = Cache::of_user().expect("this machine has a cache");
    let python = python314(&cache, here, None, &Silent)
        .unwrap_or_else(|error| panic!("MiniStack needs a Python 3.14: {error}"));
    let told = Command::new("python3")
        .args([Path::new(INSTALL), &python.root])
        .output()
        .unwrap_or_else(|error| panic!("this test needs python3: {error}"));
    assert!(
        told.status.success(),
        "this test needs MiniStack from the Python package index:\n{}",
        String::from_utf8_lossy(&told.stderr)
    );
    PathBuf::from(String::from_utf8_lossy(&told.stdout).trim())
}
