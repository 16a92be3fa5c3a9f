//! A judge between the client and a peer: every request is held against the service models that
//! AWS publishes, and any of them can meet a fault.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use photofinish_cloud::Endpoint;

/// Where the judge and what it needs are kept.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/aws");

/// A running judge; it ends with this value, and then panics if a request was wrong.
pub(crate) struct Judge {
    child: Child,
    told: Option<ChildStdin>,
    says: BufReader<ChildStdout>,
    url: String,
}

/// What can happen to a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// The service says that it is broken.
    Broken,
    /// The service says that it is asked too often.
    Throttled,
    /// The connection is closed before the request is carried out.
    Cut,
    /// The connection is closed after the request was carried out.
    Lost,
}

impl Judge {
    /// Starts one in front of a peer.
    pub(crate) fn over(peer: &Endpoint) -> Self {
        Self::start(&[&peer.url])
    }

    /// The same, sending whoever asks for ECR's password to a registry that knows it.
    pub(crate) fn over_with_images(peer: &Endpoint, registry: &str) -> Self {
        Self::start(&[&peer.url, "0", registry])
    }

    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(python())
            .arg(Path::new(FOLDER).join("judge.py"))
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the judge can be started");
        let told = child.stdin.take();
        let mut says = BufReader::new(child.stdout.take().expect("its output is piped"));
        let url = line(&mut says);
        Self { child, told, says, url }
    }

    /// How a client reaches the peer through it.
    pub(crate) fn endpoint(&self, peer: Endpoint) -> Endpoint {
        Endpoint { url: self.url.clone(), ..peer }
    }

    /// Lets one request meet a fault, counted from one from here on; zero is none.
    pub(crate) fn inject(&mut self, fault: Fault, at: usize) {
        self.tell(&format!("inject {} {at}", format!("{fault:?}").to_lowercase()));
        assert_eq!(line(&mut self.says), "ready");
    }

    /// How many requests there were since, and the operation that met the fault, if one did.
    pub(crate) fn sent(&mut self) -> (usize, Option<String>) {
        self.tell("sent");
        let said = line(&mut self.says);
        let (number, met) = said.split_once(' ').unwrap_or((&said, ""));
        let met = Some(met.to_owned()).filter(|met| !met.is_empty());
        (number.parse().expect("the judge says how many"), met)
    }

    fn tell(&mut self, what: &str) {
        let told = self.told.as_mut().expect("the judge listens");
        writeln!(told, "{what}").and_then(|()| told.flush()).expect("the judge listens");
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.told = None;
        let mut verdict = String::new();
        let read = self.says.read_to_string(&mut verdict);
        let ended = self.child.wait();
        if !std::thread::panicking() {
            read.expect("the judge says what it found");
            let right = ended.expect("the judge ends").success();
            assert!(right, "AWS would not take these requests:\n{verdict}");
        }
    }
}

fn line(says: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    says.read_line(&mut line).expect("the judge says something");
    line.trim().to_owned()
}

/// A Python with what the judge needs.
fn python() -> String {
    let told = Command::new("python3")
        .arg(Path::new(FOLDER).join("environment.py"))
        .output()
        .expect("this test needs python3");
    assert!(
        told.status.success(),
        "this test needs botocore from the Python package index:\n{}",
        String::from_utf8_lossy(&told.stderr)
    );
    String::from_utf8_lossy(&told.stdout).trim().to_owned()
}
