//! Clients that no one here wrote: boto3 from PyPI.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use libtest_mimic::Trial;
use tokio::process::Command;

use crate::python::Python;
use crate::stage::Stage;
use crate::story;

pub fn stories(python: &Python) -> Vec<Trial> {
    let python = python.clone();
    vec![story(
        "peers::boto3_creates_invokes_updates_and_deletes",
        move || async move { boto3(Stage::with(&python).await).await },
    )]
}

async fn boto3(stage: Stage) {
    let venv = venv().await;
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator/boto3_driver.py");
    let credentials = stage.emulator.credentials();
    let run = Command::new(venv.join("bin/python"))
        .arg(driver)
        .env_clear()
        .env("AWS_ENDPOINT_URL", stage.emulator.endpoint())
        .env("AWS_DEFAULT_REGION", stage.emulator.region())
        .env("AWS_ACCESS_KEY_ID", credentials.access_key_id())
        .env("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_MAX_ATTEMPTS", "1")
        .stdin(Stdio::null())
        .output()
        .await
        .expect("python runs");
    let (told, errors) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    assert!(run.status.success(), "after {told:?}:\n{errors}");
    assert_eq!(
        told.split_whitespace().collect::<Vec<_>>(),
        ["objects", "create", "invoke", "update", "delete"]
    );
}

/// boto3 in an environment of its own, made once and kept in the user's cache.
async fn venv() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let venv = cache
        .expect("XDG_CACHE_HOME or HOME says where caches are")
        .join("photofinish/venv-peers");
    if venv.join("bin/python").exists() && works(&venv).await {
        return venv;
    }
    let made = Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&venv)
        .output()
        .await;
    let made =
        made.expect("this test lacks python3 with its venv module\nhint: apt install python3-venv");
    assert!(
        made.status.success(),
        "no environment for boto3 could be made: {made:?}"
    );
    let got = Command::new(venv.join("bin/pip"))
        .args(["install", "--quiet", "boto3>=1.36"])
        .output()
        .await
        .expect("pip runs");
    assert!(
        got.status.success(),
        "this test lacks boto3, and pip could not fetch it (is there a network?): {got:?}"
    );
    venv
}

async fn works(venv: &Path) -> bool {
    Command::new(venv.join("bin/python"))
        .args(["-c", "import boto3"])
        .status()
        .await
        .is_ok_and(|status| status.success())
}
