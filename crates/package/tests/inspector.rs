//! The inspector, called by AWS's own runtime interface client: what it tells, and that a function
//! cannot be told from one without it.

mod guest;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use guest::{DELAY, Outcome, run};
use photofinish_runtimes::{Architecture, Cache, Runtime, Silent, python314};
use serde_json::{Value, json};

const HANDLER: &str = "photofinish_inspector.handler";
const REAL: &str = "lambda_function.lambda_handler";

const COPIES: &str = r#"
import boto3

s3 = boto3.client("s3")

def lambda_handler(event, context):
    body = s3.get_object(Bucket="bucket", Key="in")["Body"]
    data = body.read()
    total = sum(data)
    s3.put_object(Bucket="bucket", Key="out", Body=data)
    return {"n": event["n"], "total": total, "body": type(body).__name__}
"#;

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let here = Architecture::of_this_machine().expect("the tests run on x86_64 or arm64");
    let cache = Cache::of_user().unwrap();
    RUNTIME.get_or_init(|| python314(&cache, here, None, &Silent).unwrap())
}

/// The inspector's files, laid out as a layer's are.
fn inspector() -> PathBuf {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in photofinish_assets::inspector() {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    });
    folder.path().to_owned()
}

fn inspected(code: &str, mode: &str, wanted: usize) -> Vec<Outcome> {
    let environment =
        [("_HANDLER", HANDLER), ("PHOTOFINISH_HANDLER", REAL), ("PHOTOFINISH_INSPECTOR", mode)];
    run(runtime(), code, &environment, &[&inspector()], wanted)
}

fn number(attributes: &Value, name: &str) -> f64 {
    attributes[name].as_f64().unwrap_or_else(|| panic!("{name} in {attributes}"))
}

#[test]
fn stages_add_up_to_the_call_and_a_download_lasts_until_its_body_is_there() {
    let outcomes = inspected(COPIES, "stages", 2);
    let delay = DELAY.as_secs_f64() * 1000.0;
    for (index, outcome) in outcomes.iter().enumerate() {
        let (value, attributes) = outcome.inspected();
        let expected = json!({"n": index + 1, "total": 2_100_000, "body": "StreamingChecksumBody"});
        assert_eq!(value, &expected);
        let stages = ["downloadMs", "computeMs", "uploadMs"].map(|name| number(attributes, name));
        let [download, compute, upload] = stages;
        let whole = number(attributes, "handlerMs");
        assert!(download >= delay && upload >= delay && compute >= 0.0, "{attributes}");
        assert!(stages.iter().sum::<f64>() <= whole + 0.01, "{attributes}");
        assert!(number(attributes, "runtime") + 0.01 >= whole, "{attributes}");
        assert_eq!(number(attributes, "s3Requests"), 2.0);
        assert_eq!(number(attributes, "s3BytesIn"), 300_000.0);
        assert_eq!(number(attributes, "s3BytesOut"), 300_000.0);
        assert_eq!(number(attributes, "newcontainer"), if index == 0 { 1.0 } else { 0.0 });
        assert_eq!(attributes.get("importMs").is_some(), index == 0);
        assert!(number(attributes, "peakMemoryMb") > 10.0 && number(attributes, "cpuMs") > 0.0);
        let boto3 = &runtime().manifest.wheels.iter().find(|wheel| wheel.name == "boto3").unwrap();
        assert_eq!(attributes["boto3Version"], boto3.version);
    }
    let uuids: Vec<&Value> = outcomes.iter().map(|one| &one.inspected().1["uuid"]).collect();
    assert_eq!(uuids[0], uuids[1]);
    assert!(number(outcomes[0].inspected().1, "importMs") > 1.0);
}

#[test]
fn transfers_in_threads_are_seen_and_overlapping_ones_counted_once() {
    let code = r#"
import boto3, io

s3 = boto3.client("s3")

def lambda_handler(event, context):
    from concurrent.futures import ThreadPoolExecutor
    def fetch(_):
        buffer = io.BytesIO()
        s3.download_fileobj("bucket", "in", buffer)
        return len(buffer.getvalue())
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(fetch, range(4)))
"#;
    let outcomes = inspected(code, "stages", 1);
    let (value, attributes) = outcomes[0].inspected();
    assert_eq!(value, &json!([300_000, 300_000, 300_000, 300_000]), "{attributes}");
    assert_eq!(number(attributes, "s3BytesIn"), 1_200_000.0);
    assert!(number(attributes, "downloadMs") <= number(attributes, "handlerMs"), "{attributes}");
}

#[test]
fn a_failed_call_of_s3_is_the_functions_own_affair() {
    let code = r#"
import boto3

s3 = boto3.client("s3")

def lambda_handler(event, context):
    try:
        s3.get_object(Bucket="bucket", Key="absent")
    except s3.exceptions.NoSuchKey:
        return "absent"
"#;
    let outcomes = inspected(code, "stages", 1);
    let (value, attributes) = outcomes[0].inspected();
    assert_eq!((value, number(attributes, "s3Requests")), (&json!("absent"), 1.0));
}

#[test]
fn identity_names_the_sandbox_and_touches_nothing_of_the_function() {
    let code = r#"
import sys

def lambda_handler(event, context):
    loaded = [name for name in ("botocore", "importlib.metadata", "resource") if name in sys.modules]
    finders = [finder for finder in sys.meta_path if "photofinish" in repr(finder)]
    return {"loaded": loaded, "finders": len(finders), "modules": sys.argv}
"#;
    let bare = run(runtime(), code, &[], &[], 1);
    let outcomes = inspected(code, "identity", 2);
    let (value, attributes) = outcomes[0].inspected();
    assert_eq!(bare[0], Outcome::Response(value.clone()));
    assert_eq!(value["loaded"], json!([]));
    assert_eq!(attributes["containerID"], "2026/01/01/[$LATEST]0123");
    assert_eq!(attributes["functionMemory"], "512");
    assert_eq!(attributes["initializationType"], "on-demand");
    assert_eq!(attributes["pythonVersion"], runtime().python_version.as_str());
    assert!(attributes["cpuModel"].is_string());
    assert!(attributes.get("computeMs").is_none());
    assert_eq!(outcomes[1].inspected().1["newcontainer"], 0);
}

#[test]
fn stages_of_code_without_botocore_need_no_botocore() {
    let code = r#"
import sys

def lambda_handler(event, context):
    return "botocore" in sys.modules
"#;
    let outcomes = inspected(code, "stages", 1);
    let (value, attributes) = outcomes[0].inspected();
    assert_eq!((value, number(attributes, "downloadMs")), (&json!(false), 0.0));
    assert!(attributes.get("boto3Version").is_none());
}

#[test]
fn a_runtime_with_another_client_finds_the_handler_too() {
    let task = tempfile::tempdir().unwrap();
    let code = "def lambda_handler(event, context):\n    return event\n";
    std::fs::write(task.path().join("lambda_function.py"), code).unwrap();
    let script = "import sys; sys.modules['awslambdaric'] = None\n\
                  import photofinish_inspector\n\
                  print(photofinish_inspector.handler('x', None)['value'])";
    let mut python = runtime().unconfined();
    let modules = std::env::join_paths([inspector(), task.path().to_owned()]).unwrap();
    python.args(["-c", script]).env("PYTHONPATH", modules).env("PHOTOFINISH_HANDLER", REAL);
    let ended = python.output().unwrap();
    assert_eq!(ended.stdout, b"x\n", "{}", String::from_utf8_lossy(&ended.stderr));
}

/// Code that fails in a way of its own.
const FAULTS: [(&str, &str, &str); 9] = [
    (
        "raises",
        REAL,
        "def inner():\n    raise KeyError('x')\n\ndef lambda_handler(event, context):\n    return inner()\n",
    ),
    (
        "chained",
        REAL,
        "def lambda_handler(event, context):\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise ValueError('bad') from e\n",
    ),
    ("unserialisable", REAL, "def lambda_handler(event, context):\n    return {'a': [object]}\n"),
    ("no module", REAL, "import nothing_of_that_name\n"),
    ("no handler", REAL, "x = 1\n"),
    ("syntax", REAL, "def lambda_handler(event, context)\n    return 1\n"),
    ("fails at import", REAL, "def f():\n    raise ValueError('at import')\nf()\n"),
    ("attribute at import", REAL, "import os\nos.nothing_of_that_name\n"),
    ("bad handler", "lambda_function", "x = 1\n"),
];

#[test]
fn errors_are_word_for_word_those_without_the_inspector() {
    for (name, handler, code) in FAULTS {
        let task = tempfile::Builder::new().prefix("task").tempdir().unwrap();
        std::fs::write(task.path().join("lambda_function.py"), code).unwrap();
        let with = |environment: &[(&str, &str)], modules: &[&Path]| {
            guest::run_in(runtime(), task.path(), environment, modules, 1)
        };
        let bare = with(&[("_HANDLER", handler)], &[]);
        assert!(!matches!(bare[0], Outcome::Response(_)), "{name}: {bare:?}");
        for mode in ["identity", "stages"] {
            let environment = [
                ("_HANDLER", HANDLER),
                ("PHOTOFINISH_HANDLER", handler),
                ("PHOTOFINISH_INSPECTOR", mode),
            ];
            assert_eq!(with(&environment, &[&inspector()]), bare, "{name}, {mode}");
        }
    }
}

#[test]
fn bytes_go_through_as_they_are_and_an_unknown_mode_is_said() {
    let outcomes = inspected("def lambda_handler(e, c):\n    return b'raw'\n", "identity", 1);
    assert_eq!(outcomes[0], Outcome::Response(json!("raw")));
    let outcomes = inspected("def lambda_handler(e, c):\n    return 1\n", "loud", 1);
    let Outcome::InitError(error) = &outcomes[0] else { panic!("{outcomes:?}") };
    assert!(error["errorMessage"].as_str().unwrap().contains("must be identity or stages"));
}
