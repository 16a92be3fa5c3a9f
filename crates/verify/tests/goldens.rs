//! The judge on files that owe nothing to the crates it is built of (`goldens/make.py` says how
//! Pillow, OpenCV and numpy made them).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use photofinish_study::Name;
use photofinish_verify::{Contract, Judge, Judgement, Output, media_type};

const FUNCTIONS: [&str; 5] = ["greyscale", "resize", "depth", "rotate", "convert"];
const LIBRARIES: [&str; 3] = ["pillow", "opencv", "numpy"];

static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let application = "../assets/applications/image-pipeline/contract.toml";
    let contract = Contract::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(application));
    Judge::for_contract(&contract.expect("the bundled contract")).expect("a judge")
});

fn inside(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// The picture's folder's files: their stems and bytes.
fn files(picture: &Path) -> Vec<(String, Vec<u8>)> {
    let file = |path: PathBuf| {
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (stem, std::fs::read(path).expect("a golden file"))
    };
    inside(picture).into_iter().map(file).collect()
}

fn pictures(function: &str) -> Vec<PathBuf> {
    let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    inside(&goldens.join(function))
}

/// What the judge says of every file whose name begins so: of which it is, and why.
fn judged(function: &str, begins: &str) -> Vec<(String, Judgement)> {
    let name = Name::new(function).expect("a name");
    let mut judgements = Vec::new();
    for picture in pictures(function) {
        let files = files(&picture);
        let (_, input) = files.iter().find(|(stem, _)| stem == "input").expect("an input");
        for (stem, bytes) in files.iter().filter(|(stem, _)| stem.starts_with(begins)) {
            let output = Output { bytes, content_type: Some(media_type(bytes)) };
            let judgement = JUDGE.judge(&name, input, &output).expect("a judgement");
            let picture = picture.file_name().expect("a name").to_string_lossy();
            judgements.push((format!("{function}, {picture}, {stem}"), judgement));
        }
    }
    judgements
}

#[test]
fn what_three_libraries_make_is_right() {
    for function in FUNCTIONS {
        let judgements = judged(function, "right-");
        assert_eq!(judgements.len(), LIBRARIES.len() * pictures(function).len(), "{function}");
        for (what, judgement) in judgements {
            assert!(judgement.accepted, "{what}: {:?}", judgement.reason);
            assert!(judgement.checks.iter().any(|check| check.limit.is_some()), "{what}");
        }
    }
}

#[test]
fn what_is_named_wrong_is_rejected_with_a_reason() {
    for function in FUNCTIONS {
        let judgements = judged(function, "wrong-");
        let mistakes: BTreeSet<&str> =
            judgements.iter().filter_map(|(what, _)| what.split("wrong-").nth(1)).collect();
        assert!(mistakes.len() >= 10, "{function} has only {mistakes:?}");
        for (what, judgement) in &judgements {
            assert!(!judgement.accepted, "{what} is accepted");
            assert!(judgement.reason.is_some(), "{what} has no reason");
        }
    }
}
