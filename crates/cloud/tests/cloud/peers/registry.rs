//! The CNCF distribution's registry, which took its notion of the OCI distribution API from
//! nobody here.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// Fetches it from Debian where it is missing, and serves.
const SERVE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/aws/registry.py");

/// A running registry; it ends with this value.
pub(crate) struct DockerRegistry {
    child: Child,
    pub(crate) url: String,
}

impl DockerRegistry {
    /// One that wants ECR's user and a password.
    pub(crate) fn start() -> Self {
        Self::serve(&[])
    }

    /// One that lets everybody in.
    pub(crate) fn open() -> Self {
        Self::serve(&["--open"])
    }

    fn serve(arguments: &[&str]) -> Self {
        let mut child = Command::new("python3")
            .arg(SERVE)
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test needs python3");
        let mut url = String::new();
        let says = child.stdout.take().expect("its output is piped");
        BufReader::new(says).read_line(&mut url).expect("it says something");
        let url = url.trim().to_owned();
        assert!(url.starts_with("http:"), "this test needs Debian's docker-registry: {url}");
        Self { child, url }
    }

    /// Its host and port, as references begin.
    pub(crate) fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
