//! Bad input gets exit code 2 or 3, the place, and the mend.

use crate::desk::{Desk, small};

const PILLOW: &str = "[[variant]]\nname = \"pillow\"\nsource = \"pillow\"\n";

/// A study with one text put for another, and what the refusal must say.
#[track_caller]
fn refused(was: &str, is: &str, words: &[&str]) {
    let text = small();
    assert!(text.contains(was), "{was}");
    Desk::with(&text.replace(was, is)).run(&["plan", "study.toml"]).expect(2).says(words);
}

#[test]
fn an_unknown_key_is_placed_and_the_nearest_is_offered() {
    refused("passes = 2", "pases = 2", &["study.toml:4:1", "`pases`", "did you mean `passes`?"]);
}

#[test]
fn an_unknown_value_is_placed_and_the_nearest_is_offered() {
    refused("\"local\"", "\"locl\"", &["study.toml:", "`locl`", "did you mean `local`?"]);
    refused("\"resize\"", "\"rezise\"", &["study.toml:3:", "`rezise`", "did you mean `resize`?"]);
    refused("\"chained\"", "\"chaned\"", &["`chaned`", "did you mean `chained`?"]);
}

#[test]
fn state_machines_are_refused_where_there_is_none_to_race() {
    let with = |text: &str| {
        text.replace("passes = 2", "passes = 2\norchestration = [\"client\", \"step-functions\"]")
    };
    let refused = |text: &str, words: &[&str]| {
        let desk = Desk::with(text);
        for command in ["plan", "run"] {
            desk.run(&[command, "study.toml"]).expect(2).says(words);
        }
    };
    let words = ["the local platform has no Step Functions", "leave `orchestration` out"];
    refused(&with(&small()), &words);
    let given = "platform = \"aws\"\nrole = \"arn:aws:iam::123456789012:role/LabRole\"";
    let words = ["cannot act as the role that functions were given", "leave `role` out"];
    refused(&with(&small()).replace("platform = \"local\"", given), &words);
}

#[test]
fn no_passes_and_two_variants_of_one_name_are_refused() {
    refused("passes = 2", "passes = 0", &["study.toml:4:10", "must be 1 or more", "default"]);
    refused("[[target]]", &format!("{PILLOW}[[target]]"), &["two variants", "rename"]);
}

#[test]
fn an_unknown_application_or_variant_is_refused_with_what_there_is() {
    refused(
        "\"image-pipeline\"",
        "\"image-pipline\"",
        &["image-pipline", "bundled: image-pipeline"],
    );
    refused("source = \"pillow\"", "source = \"pilow\"", &["`pilow`", "did you mean `pillow`?"]);
}

#[test]
fn a_variant_folder_that_lacks_a_function_is_refused() {
    let text = small().replace("source = \"pillow\"", "source = \"mine\"");
    let desk = Desk::with(&text);
    desk.variant("mine", &[("greyscale", "def lambda_handler(event, context): pass\n")]);
    desk.run(&["plan", "study.toml"])
        .expect(2)
        .says(&["no function `resize`", "lambda_function.py"]);
}

#[test]
fn a_missing_study_file_is_refused_and_a_near_one_offered() {
    let desk = Desk::small();
    desk.run(&["plan", "studdy.toml"]).expect(2).says(&["no such study file", "study.toml"]);
}

#[test]
fn tables_of_a_study_that_was_changed_since_are_refused_with_the_difference() {
    let desk = Desk::small();
    desk.run(&["package", "study.toml"]).expect(0);
    desk.write("study.toml", &small().replace("passes = 2", "passes = 4"));
    desk.run(&["report", "study.toml"])
        .expect(2)
        .says(&["study.passes: 2, 4", "`photofinish run study.toml` puts it aside"]);
}

#[test]
fn a_study_directory_of_a_newer_format_is_refused() {
    let desk = Desk::small();
    desk.run(&["package", "study.toml"]).expect(0);
    let lock = desk.read("results/study/study.lock.toml").replace("format = 3", "format = 99");
    desk.write("results/study/study.lock.toml", &lock);
    desk.run(&["package", "study.toml"]).expect(2).says(&["format 99", "newer photofinish"]);
}

#[test]
fn an_output_directory_that_cannot_be_written_is_refused() {
    let desk = Desk::small();
    desk.write("a-file", "not a directory");
    desk.run(&["package", "study.toml", "--out", "a-file/inside"])
        .expect(2)
        .says(&["a-file/inside", "--out"]);
}

#[test]
fn an_unknown_reference_in_a_contract_is_placed() {
    let desk = own_application();
    let contract = desk.read("app/contract.toml").replace("builtin:greyscale", "builtin:grayscale");
    desk.write("app/contract.toml", &contract);
    desk.run(&["package", "study.toml"]).expect(2).says(&[
        "contract.toml:",
        "grayscale",
        "`builtin:greyscale`",
    ]);
}

#[test]
fn a_truncated_input_picture_is_named() {
    let desk = own_application();
    let name = crate::desk::smallest_image();
    let path = desk.path(&format!("app/inputs/{name}.jpg"));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    desk.run(&["package", "study.toml"]).expect(2).says(&[&format!("{name}.jpg"), "truncated"]);
}

#[test]
fn a_python_that_is_none_is_what_the_machine_lacks() {
    let desk = Desk::small();
    desk.run(&["package", "study.toml", "--python", "no/such/python3.14"])
        .expect(3)
        .says(&["no/such/python3.14", "hint:"]);
}

/// A desk whose study has the bundled application as a folder of its own.
fn own_application() -> Desk {
    let desk = Desk::with(&small().replace("\"image-pipeline\"", "\"app\""));
    let from = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/applications/image-pipeline");
    copy(from.as_ref(), &desk.path("app"));
    desk
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_machine_without_user_namespaces_is_told_what_to_do() {
    // In a namespace of its own that allows no further ones.
    let desk = Desk::small();
    desk.run(&["package", "study.toml"]).expect(0);
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" run study.toml";
    let output = std::process::Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", script])
        .arg(env!("CARGO_BIN_EXE_photofinish"))
        .current_dir(desk.path("."))
        .output()
        .expect("this test needs unshare, from util-linux");
    crate::desk::Came::from(output).expect(3).says(&["user namespace", "max_user_namespaces"]);
}
