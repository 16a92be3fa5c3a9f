//! A small test harness: runs stories one after the other and counts.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::pin::Pin;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Says that the stories are told as an ordinary user this time.
const AS_USER: &str = "--as-ordinary-user";
/// Owns nothing on any machine.
const ORDINARY: u32 = 54321;
/// A story that hangs is a failure, not the end of the day.
const PATIENCE: Duration = Duration::from_secs(120);

type Telling = Pin<Box<dyn Future<Output = ()> + Send>>;

type Story = Box<dyn Fn() -> Telling>;

#[derive(Default)]
pub(crate) struct Stories {
    all: Vec<(&'static str, Story)>,
}

impl Stories {
    pub(crate) fn add<F>(&mut self, name: &'static str, story: fn() -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.all.push((name, Box::new(move || Box::pin(story()))));
    }

    pub(crate) fn run(self) -> ExitCode {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let as_user = words.iter().any(|word| word == AS_USER);
        let wanted: Vec<&String> = words.iter().filter(|w| !w.starts_with('-')).collect();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let (mut passed, mut failed) = (0, 0);
        for (name, story) in &self.all {
            if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
                continue;
            }
            let told = runtime
                .block_on(async { tokio::time::timeout(PATIENCE, tokio::spawn(story())).await });
            let ok = matches!(told, Ok(Ok(())));
            println!("test {name} ... {}", if ok { "ok" } else { "FAILED" });
            *(if ok { &mut passed } else { &mut failed }) += 1;
        }
        let who = if as_user { "as an ordinary user" } else { "as who we are" };
        println!("\n{who}: {passed} passed; {failed} failed\n");
        let again = as_user || !is_root() || again_as_user(&words);
        if failed == 0 && again { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| status.contains("\nUid:\t0\t"))
}

/// Tells the stories again from a copy of this program that anybody may run.
fn again_as_user(words: &[String]) -> bool {
    let program = std::env::current_exe().expect("this program's path");
    let directory = tempfile::tempdir().expect("a directory");
    open_to_all(directory.path());
    let copy = directory.path().join("guests");
    std::fs::copy(program, &copy).expect("a copy of this program");
    open_to_all(&copy);
    Command::new(copy)
        .arg(AS_USER)
        .args(words)
        .current_dir("/")
        .uid(ORDINARY)
        .gid(ORDINARY)
        .status()
        .expect("the copy runs")
        .success()
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}
