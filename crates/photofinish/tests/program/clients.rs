//! Clients that nobody here wrote, against `photofinish serve`: boto3 and the AWS CLI from PyPI.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::desk::Desk;

const BOTO3: &str = include_str!("clients/boto3_client.py");
const CLI: &str = include_str!("clients/aws_cli.sh");

/// A served platform that is stopped at the end.
struct Served {
    child: Child,
    environment: PathBuf,
}

impl Served {
    fn start(desk: &Desk) -> Self {
        let environment = desk.path("aws.env");
        let child = desk
            .command(&["serve", "--port", "0", "--data", "data", "--env", "aws.env"])
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let served = Self { child, environment };
        let deadline = Instant::now() + Duration::from_secs(300);
        while !served.environment.exists() {
            assert!(Instant::now() < deadline, "serve was not ready in five minutes");
            std::thread::sleep(Duration::from_millis(50));
        }
        served
    }

    /// Ctrl-C, as a user stops it.
    fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        assert!(!self.environment.exists(), "the file with the keys was left behind");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Only matters where a test failed before `stop`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Python environment with these packages, made once in the user's cache.
fn environment() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cache"),
        PathBuf::from,
    );
    let folder = cache.join("photofinish/venvs/clients-1");
    if folder.join("complete").exists() {
        return folder;
    }
    let run = |program: &Path, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| {
            panic!("these tests need Python 3 with venv and PyPI: {}: {error}", program.display())
        });
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "these tests need Python 3 with venv and PyPI:\n{said}");
    };
    let path = folder.to_str().unwrap();
    run(Path::new("python3"), &["-m", "venv", "--clear", path]);
    let pip = folder.join("bin/pip");
    run(&pip, &["install", "--quiet", "boto3", "awscli"]);
    std::fs::write(folder.join("complete"), "").unwrap();
    folder
}

fn run_client(desk: &Desk, served: &Served, interpreter: &Path, script: &str) {
    desk.write("client", script);
    let script =
        format!(". '{}' && exec '{}' client", served.environment.display(), interpreter.display());
    let bin = environment().join("bin");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &script])
        .env("PATH", path)
        .env("AWS_PAGER", "")
        .current_dir(desk.path("."))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn boto3_and_the_aws_cli_drive_the_platform() {
    let desk = Desk::small();
    let python = environment().join("bin/python");
    let served = Served::start(&desk);
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(&served.environment).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    run_client(&desk, &served, &python, BOTO3);
    run_client(&desk, &served, Path::new("bash"), CLI);
    served.stop();

    // With --data, functions and objects are there again.
    let served = Served::start(&desk);
    let again = "aws lambda get-function --function-name kept > /dev/null \
                 && aws s3 cp s3://kept/a.txt - | grep -q hello";
    run_client(&desk, &served, Path::new("bash"), again);
    served.stop();
}
