//! The program, or its keeper, killed in the midst of the worst of its guests.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use serde_json::json;

use crate::arena::Arena;
use crate::python::Python;
use crate::traces;

/// Makes this program the one that is to be killed.
const VICTIM: &str = "--victim";
/// How long dying may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const FORK_BOMB: &str = "
import os, time
def lambda_handler(event, context):
    while True:
        try: os.fork()
        except OSError: time.sleep(1)
        time.sleep(0.05)
";
const DEAF: &str = "
import signal
def lambda_handler(event, context):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True: pass
";
const DAEMON: &str = "
import os, time
def lambda_handler(event, context):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(600)
        os._exit(0)
    os.wait()
";

/// Both stories.
pub fn stories() -> Vec<Trial> {
    let tell = |whom: Whom| move || is_left_nothing_of(whom).map_err(Into::into);
    vec![
        Trial::test("killed::the_program_and_nothing_is_left", tell(Whom::Program)),
        Trial::test("killed::the_keeper_and_nothing_is_left", tell(Whom::Keeper)),
    ]
}

#[derive(Clone, Copy)]
enum Whom {
    Program,
    Keeper,
}

/// Runs the functions until somebody ends this process, if it was started for that.
pub fn main_if_victim(python: &Python) {
    if !std::env::args().any(|word| word == VICTIM) {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let arena = Arena::open("killed", python).await;
        let settings = [("Timeout", json!(900)), ("MemorySize", json!(1769))];
        for (name, python) in [("bomb", FORK_BOMB), ("deaf", DEAF), ("daemon", DAEMON)] {
            arena.client.deploy(&name_of(name, arena.keeper), python, &settings).await;
        }
        println!("{}", arena.keeper);
        std::io::stdout().flush().expect("to tell");
        let calls = ["bomb", "deaf", "daemon"].map(|name| {
            let name = name_of(name, arena.keeper);
            let client = arena.client.clone();
            async move { client.invoke(&name, &json!({})).await }
        });
        futures::future::join_all(calls).await;
        std::future::pending::<()>().await;
    });
}

fn name_of(name: &str, keeper: u32) -> String {
    format!("{name}-{keeper}")
}

fn is_left_nothing_of(whom: Whom) -> Result<(), String> {
    let program = std::env::current_exe().expect("this program");
    let child = Command::new(program).arg(VICTIM).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| error.to_string())?;
    let told = watch_it_die(whom, &mut child);
    // Killed already, or not needed any more.
    let _ = child.kill();
    let _ = child.wait();
    told
}

fn watch_it_die(whom: Whom, child: &mut Child) -> Result<(), String> {
    let mut line = String::new();
    let output = child.stdout.take().ok_or("no output")?;
    BufReader::new(output).read_line(&mut line).map_err(|error| error.to_string())?;
    let keeper: u32 = line.trim().parse().map_err(|_| format!("no keeper: {line}"))?;
    let functions = ["bomb", "deaf", "daemon"].map(|name| name_of(name, keeper));
    let most = |least: usize| move |name: &String| traces::of_function(name).len() >= least;
    wait_until("all of them run", || {
        functions.iter().all(most(1)) && functions[..1].iter().all(most(20))
    })?;
    let family = traces::family(keeper);
    match whom {
        Whom::Program => child.kill().map_err(|error| error.to_string())?,
        Whom::Keeper => {
            let killed = Command::new("kill").args(["-9", &keeper.to_string()]).status();
            killed.map_err(|error| error.to_string())?;
        }
    }
    wait_until("no process is left", || {
        traces::living(&family).is_empty() && !functions.iter().any(most(1))
    })?;
    wait_until("no control group is left", || traces::cgroups(keeper).is_empty())
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) -> Result<(), String> {
    let begin = Instant::now();
    while !is_so() {
        if begin.elapsed() > PATIENCE {
            return Err(format!("still not after {PATIENCE:?}: {what}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
