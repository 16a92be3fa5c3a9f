//! A Python 3.14 is made once, checked, and found again.

use std::sync::Mutex;

use photofinish_runtimes::{Architecture, Cache, Progress, python314};

/// Remembers what it was told.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn step(&self, text: &str) {
        eprintln!("{text}");
        self.0.lock().unwrap().push(text.to_owned());
    }
}

fn here() -> Architecture {
    Architecture::of_this_machine().expect("the tests run on x86_64 or arm64")
}

/// The user's cache, so that a machine makes the root once.
fn cache() -> Cache {
    Cache::of_user().unwrap()
}

#[test]
fn the_runtime_has_a_python_that_runs_and_finds_what_lambda_ships() {
    let runtime = python314(&cache(), here(), None, &Heard::default()).unwrap();
    let script = "import sys, ssl, sqlite3, lzma, bz2, ctypes, zlib, decimal\n\
                  sys.path.insert(0, sys.argv[1])\n\
                  import awslambdaric.bootstrap, boto3, runtime_client\n\
                  print(sys.version_info[:2], boto3.__version__)";
    let said = runtime
        .unconfined()
        .args(["-c", script])
        .arg(&runtime.var_runtime)
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let boto3 = runtime.manifest.wheels.iter().find(|wheel| wheel.name == "boto3").unwrap();
    let expected = format!("(3, 14) {}\n", boto3.version);
    assert_eq!(String::from_utf8_lossy(&said.stdout), expected);
    assert!(runtime.python_version.starts_with("3.14."));
    assert!(runtime.root.join("var/lang/bin/python3.14").exists());
}
