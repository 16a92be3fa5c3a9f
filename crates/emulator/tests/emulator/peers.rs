//! Clients that no one here wrote: boto3 and the AWS CLI, from PyPI.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use libtest_mimic::Trial;
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::function::{ECHO, zip};
use crate::python::{ARCHITECTURE, Python};
use crate::stage::{Stage, Stories};

pub fn stories(python: &Python) -> Vec<Trial> {
    let mut stories = Stories::new("peers", python);
    stories.add("boto3_creates_invokes_updates_and_deletes", boto3);
    stories.add("the_aws_cli_does_too", aws_cli);
    stories.told
}

async fn boto3(stage: Stage) {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator/boto3_driver.py");
    let told = run(&stage, "python", &[driver.to_str().expect("a path in UTF-8")]).await;
    assert_eq!(
        told.split_whitespace().collect::<Vec<_>>(),
        ["objects", "create", "invoke", "update", "delete"]
    );
}

async fn aws_cli(stage: Stage) {
    let folder = stage.folder.path().join("cli");
    std::fs::create_dir(&folder).expect("a folder");
    let path = |name: &str| folder.join(name).to_str().expect("a path in UTF-8").to_owned();
    std::fs::write(path("code.zip"), zip(&[("lambda_function.py", ECHO)])).expect("a zip");
    let aws = async |line: &str| {
        let line = line
            .replace("FOLDER", folder.to_str().expect("a path in UTF-8"))
            .replace("ARCHITECTURE", ARCHITECTURE);
        let arguments: Vec<&str> = line.split(' ').collect();
        run(&stage, "aws", &arguments).await
    };
    aws("s3 mb s3://pictures").await;
    aws("s3 cp FOLDER/code.zip s3://pictures/a/code.zip").await;
    assert!(aws("s3 ls s3://pictures/a/").await.contains("code.zip"));
    aws("s3 sync s3://pictures FOLDER/back").await;
    assert_eq!(
        std::fs::read(path("back/a/code.zip")).expect("it came back"),
        std::fs::read(path("code.zip")).expect("it is there")
    );
    aws("lambda create-function --function-name echo --runtime python3.14 --architectures ARCHITECTURE --role arn:aws:iam::000000000000:role/r --handler lambda_function.lambda_handler --code S3Bucket=pictures,S3Key=a/code.zip").await;
    aws("lambda wait function-active-v2 --function-name echo").await;
    let told = aws(
        "lambda invoke --function-name echo --payload {\"a\":1} --log-type Tail FOLDER/out.json",
    )
    .await;
    assert!(told.contains("\"StatusCode\": 200") && told.contains("\"LogResult\""), "{told}");
    let out: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path("out.json")).expect("an answer")).expect("JSON");
    assert_eq!(out["event"], serde_json::json!({"a": 1}));
    aws("lambda update-function-configuration --function-name echo --timeout 5").await;
    aws("lambda wait function-updated-v2 --function-name echo").await;
    aws("lambda delete-function --function-name echo").await;
    assert!(aws("lambda list-functions").await.contains("\"Functions\": []"));
    aws("s3 rb s3://pictures --force").await;
}

/// Runs a program of the environment with the emulator's address and keys. Returns what it told.
async fn run(stage: &Stage, program: &str, arguments: &[&str]) -> String {
    let venv = VENV.get_or_init(venv).await;
    let credentials = stage.emulator.credentials();
    let run = Command::new(venv.join("bin").join(program))
        .args(arguments)
        .env_clear()
        .env("AWS_ENDPOINT_URL", stage.emulator.endpoint())
        .env("AWS_DEFAULT_REGION", stage.emulator.region())
        .env("AWS_ACCESS_KEY_ID", credentials.access_key_id())
        .env("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("ARCHITECTURE", ARCHITECTURE)
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .output()
        .await
        .expect("the program runs");
    let (told, errors) =
        (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{program} {arguments:?}, after {told:?}:\n{errors}");
    told.into_owned()
}

/// Two stories want it; one makes it.
static VENV: OnceCell<PathBuf> = OnceCell::const_new();

/// boto3 and the AWS CLI in an environment of their own, made once and kept in the user's cache.
async fn venv() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let venv =
        cache.expect("XDG_CACHE_HOME or HOME says where caches are").join("photofinish/venv-peers");
    if venv.join("bin/python").exists() && works(&venv).await {
        return venv;
    }
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv).output().await;
    let made =
        made.expect("this test lacks python3 with its venv module\nhint: apt install python3-venv");
    assert!(
        made.status.success(),
        "no environment for boto3 and the AWS CLI could be made: {made:?}"
    );
    let got = Command::new(venv.join("bin/pip"))
        .args(["install", "--quiet", "boto3>=1.36", "awscli>=1.37"])
        .output()
        .await
        .expect("pip runs");
    assert!(
        got.status.success(),
        "this test lacks boto3 and the AWS CLI, and pip could not fetch it (is there a network?): {got:?}"
    );
    venv
}

async fn works(venv: &Path) -> bool {
    Command::new(venv.join("bin/python"))
        .args(["-c", "import boto3, awscli"])
        .status()
        .await
        .is_ok_and(|status| status.success())
}
