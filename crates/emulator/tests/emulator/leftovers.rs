//! What is left of sandboxes when an emulator has stopped: nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::function::{ECHO, FUNCTIONS};
use crate::python::Python;
use crate::stage::{Stage, Stories};

pub fn stories(python: &Python) -> Vec<Trial> {
    let mut stories = Stories::new("leftovers", python);
    stories.add("no_process_and_no_cgroup_is_left_after_shutdown", nothing_is_left);
    stories.add("an_update_ends_the_old_sandbox_and_a_deletion_the_new_one", retired);
    stories.told
}

async fn nothing_is_left(stage: Stage) {
    // The function's name marks its processes: it is in their environment.
    let mark = format!("leftover-{}", std::process::id());
    let linger = "
import os, subprocess, sys
def lambda_handler(event, context):
    subprocess.Popen([sys.executable, '-c', 'import time, signal, os; os.setsid(); signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)'])
    return 'started'
";
    stage.client.deploy(&mark, linger, &[]).await;
    assert_eq!(stage.client.invoke(&mark, &json!({})).await.value(), "started");
    assert!(!processes(&mark).is_empty(), "the guest can be seen while it lives");
    let keeper = stage.keeper;
    stage.emulator.shutdown().await.expect("stopped");
    assert_eq!(processes(&mark), BTreeSet::new());
    assert!(!Path::new("/proc").join(keeper.to_string()).exists(), "the keeper is left");
    assert_eq!(cgroups(Path::new("/sys/fs/cgroup"), keeper), Vec::<PathBuf>::new());
}

async fn retired(stage: Stage) {
    let mark = format!("retired-{}", std::process::id());
    stage.client.deploy(&mark, ECHO, &[]).await;
    stage.client.invoke(&mark, &json!({})).await.value();
    let old = processes(&mark);
    assert!(!old.is_empty());
    let path = format!("{FUNCTIONS}/{mark}/configuration");
    stage.client.lambda("PUT", &path, &json!({"Timeout": 5})).await;
    stage.client.settled(&mark).await;
    assert_eq!(processes(&mark), BTreeSet::new(), "after the update, before the next call");
    stage.client.invoke(&mark, &json!({})).await.value();
    assert!(processes(&mark).is_disjoint(&old) && !processes(&mark).is_empty());
    let deleted = stage.client.lambda("DELETE", &format!("{FUNCTIONS}/{mark}"), &Value::Null).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(processes(&mark), BTreeSet::new(), "after the deletion");
    assert!(!stage.folder.path().join("functions").join(&mark).exists());
}

/// The processes with the mark in their environment.
fn processes(mark: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let environment =
            std::fs::read(Path::new("/proc").join(&name).join("environ")).unwrap_or_default();
        if String::from_utf8_lossy(&environment)
            .contains(&format!("AWS_LAMBDA_FUNCTION_NAME={mark}\0"))
        {
            found.insert(name);
        }
    }
    found
}

/// The control groups that carry the keeper's number.
fn cgroups(folder: &Path, keeper: u32) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if entry.file_name().to_string_lossy().starts_with(&format!("photofinish-{keeper}-")) {
                found.push(path.clone());
            }
            found.extend(cgroups(&path, keeper));
        }
    }
    found
}
