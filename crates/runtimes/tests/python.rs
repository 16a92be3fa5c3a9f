//! A Python 3.14 is made once, checked, and found again.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;

use photofinish_runtimes::{
    Architecture, Cache, Progress, Runtime, Silent, WheelSet, python314, wheels,
};

/// Remembers what it was told.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Progress for Heard {
    fn step(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

impl Heard {
    fn has(&self, part: &str) -> bool {
        self.0.lock().unwrap().iter().any(|text| text.contains(part))
    }
}

fn here() -> Architecture {
    Architecture::of_this_machine().expect("the tests run on x86_64 or arm64")
}

/// The user's cache, so that a machine makes the root once.
fn cache() -> Cache {
    Cache::of_user().unwrap()
}

fn runtime() -> Runtime {
    python314(&cache(), here(), None, &Silent).unwrap()
}

/// What Python prints when it runs a script with the runtime's modules.
fn said(runtime: &Runtime, script: &str) -> String {
    let mut python = runtime.unconfined();
    python.args(["-c", script]).env("PYTHONPATH", &runtime.var_runtime);
    let ended = python.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8_lossy(&ended.stdout).trim().to_owned()
}

#[test]
fn the_runtime_has_a_python_that_runs_and_finds_what_lambda_ships() {
    let runtime = runtime();
    let script = "import sys, ssl, sqlite3, lzma, bz2, ctypes, zlib, decimal, uuid, zoneinfo\n\
                  import awslambdaric.bootstrap, runtime_client, boto3\n\
                  print(*sys.version_info[:2], boto3.__version__)";
    let boto3 = runtime.manifest.wheels.iter().find(|wheel| wheel.name == "boto3").unwrap();
    assert_eq!(said(&runtime, script), format!("3 14 {}", boto3.version));
    assert!(runtime.python_version.starts_with("3.14."));
    assert_eq!(runtime.bootstrap("a.b")[1..], ["/var/runtime/bootstrap.py", "a.b"]);
    let inside = runtime.root.join(runtime.python.trim_start_matches('/'));
    assert!(inside.exists(), "{}", inside.display());
    assert!(runtime.root.join("var/task").is_dir() && runtime.root.join("opt").is_dir());
}

#[test]
fn modules_are_compiled_and_their_bytecode_does_not_ask_for_the_sources_times() {
    let runtime = runtime();
    let script = "import boto3, json, marshal\n\
                  for module in (boto3, json):\n\
                  \x20   with open(module.__cached__, 'rb') as file: content = file.read()\n\
                  \x20   print(content[4], marshal.loads(content[16:]).co_filename)";
    let shown_as = if runtime.manifest.packages.is_empty() { "/var/lang" } else { "/usr" };
    let expected =
        format!("1 /var/runtime/boto3/__init__.py\n1 {shown_as}/lib/python3.14/json/__init__.py");
    assert_eq!(said(&runtime, script), expected);
}

#[test]
fn a_fresh_cache_is_filled_once_by_two_at_a_time_and_a_half_made_entry_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path());
    // What a killed process leaves behind: a part of the same entry, under its passing name.
    let place = runtime().root.parent().unwrap().file_name().unwrap().to_owned();
    let part = format!("python3.14/.making-{}-x", place.display());
    std::fs::create_dir_all(folder.path().join(&part).join("root/usr")).unwrap();
    let heard = [Heard::default(), Heard::default()];
    let [one, other] = std::thread::scope(|scope| {
        let cache = &cache;
        let making = heard
            .each_ref()
            .map(|heard| scope.spawn(move || python314(cache, here(), None, heard).unwrap()));
        making.map(|made| made.join().unwrap())
    });
    assert_eq!(one.root, other.root);
    assert_eq!(one.digest(), other.digest());
    assert!(!folder.path().join(&part).exists(), "what was left is cleared away");
    let made = heard.iter().filter(|heard| heard.has("compiling")).count();
    let waited = heard.iter().filter(|heard| heard.has("waiting")).count();
    assert_eq!((made, waited), (1, 1));
    let again = Heard::default();
    python314(&cache, here(), None, &again).unwrap();
    assert!(again.0.lock().unwrap().is_empty(), "a filled cache has nothing to say");
    assert_eq!(one.root.metadata().unwrap().permissions().mode() & 0o555, 0o555);
    assert!(one.manifest.wheels.iter().all(|wheel| wheel.sha256.len() == 64));
    if let Some(package) = one.manifest.packages.iter().find(|package| package.name == "python3.14")
    {
        assert!(package.version.starts_with("3.14.") && package.sha256.len() == 64);
    }
}

#[test]
fn a_runtime_for_the_other_architecture_is_made_without_running_it() {
    let (other, machine) = match here() {
        Architecture::X86_64 => (Architecture::Arm64, 183),
        Architecture::Arm64 => (Architecture::X86_64, 62),
    };
    let runtime = python314(&cache(), other, None, &Silent).unwrap();
    let interpreter = std::fs::read(runtime.root.join("var/lang/bin/python3.14")).unwrap();
    assert_eq!(u16::from_le_bytes([interpreter[18], interpreter[19]]), machine);
    assert!(runtime.python_version.starts_with("3.14."));
    let client = runtime.manifest.wheels.iter().find(|wheel| wheel.name == "awslambdaric").unwrap();
    let tag = if other == Architecture::Arm64 { "aarch64" } else { "x86_64" };
    assert!(client.file.contains(tag), "{}", client.file);
    assert!(runtime.var_runtime.join("boto3/__pycache__/__init__.cpython-314.pyc").exists());
}

#[test]
fn a_wheel_that_was_changed_on_disk_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, runtime) = (Cache::at(folder.path()), runtime());
    let get = || wheels(&cache, &runtime, here(), WheelSet::Pillow, &Silent);
    let wheel = get().unwrap().remove(0);
    assert_eq!((&*wheel.record.name, &*wheel.record.version), ("pillow", "13.0.0"));
    let mut content = std::fs::read(&wheel.path).unwrap();
    content[100] ^= 1;
    std::fs::write(&wheel.path, content).unwrap();
    let why = get().unwrap_err().to_string();
    assert!(why.contains(&wheel.record.file) && why.contains("is damaged"), "{why}");
}

#[test]
fn an_installed_python_becomes_a_root_of_its_own() {
    let runtime = runtime();
    let folder = tempfile::tempdir().unwrap();
    // The root's own Python stands for one that is installed on the machine.
    let installed = folder.path().join("python3.14");
    let python = runtime.unconfined();
    let words: Vec<&str> = std::iter::once(python.get_program())
        .chain(python.get_args())
        .map(|word| word.to_str().unwrap())
        .collect();
    std::fs::write(&installed, format!("#!/bin/sh\nexec {} \"$@\"\n", words.join(" "))).unwrap();
    std::fs::set_permissions(&installed, PermissionsExt::from_mode(0o755)).unwrap();
    let cache = Cache::at(folder.path().join("cache"));
    let copy = python314(&cache, here(), Some(&installed), &Silent).unwrap();
    assert!(copy.source.contains("python3.14") && copy.manifest.packages.is_empty());
    let script = "import sys, ssl, sqlite3, lzma, ctypes, awslambdaric.bootstrap, runtime_client\n\
                  print(sys.base_prefix, json.__file__ if 'json' in dir() else '')";
    assert_eq!(said(&copy, script), copy.root.join("var/lang").to_str().unwrap());
}

#[test]
fn what_is_no_python_314_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("python3");
    std::fs::write(&old, "#!/bin/sh\necho 3.11.7\n").unwrap();
    std::fs::set_permissions(&old, PermissionsExt::from_mode(0o755)).unwrap();
    let refused = |path: &Path| {
        let error = python314(&cache(), here(), Some(path), &Silent).unwrap_err();
        assert!(error.is_lacking());
        error.to_string()
    };
    let why = refused(&old);
    assert!(why.contains("is Python 3.11.7") && why.contains("hint: give the path"), "{why}");
    assert!(refused(Path::new("/nowhere/python3.14")).contains("/nowhere/python3.14 is not there"));
}
