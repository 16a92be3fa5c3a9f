//! The functions that may be faster, before the judge: accepted everywhere.

use std::path::{Path, PathBuf};

use photofinish_study::Name;
use photofinish_verify::{Contract, Judge, JudgeError, Output, When, media_type};

const FUNCTIONS: [&str; 5] = ["greyscale", "resize", "depth", "rotate", "convert"];

fn application() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/applications/image-pipeline")
}

fn contract() -> Contract {
    Contract::read(&application().join("contract.toml")).expect("the bundled contract")
}

/// Every fixture and picture, with the first function that it is given to.
fn beginnings() -> Vec<(String, usize, Vec<u8>)> {
    let contract = contract();
    let mut beginnings = Vec::new();
    for when in [When::Always, When::Thorough] {
        for fixture in contract.fixtures_for(when, &application()).expect("fixtures") {
            let first = FUNCTIONS.iter().position(|name| *name == fixture.function.as_str());
            beginnings.push((fixture.name, first.expect("a function"), fixture.bytes.to_vec()));
        }
    }
    for picture in ["dandelions", "coffee", "rocket"] {
        let file = application().join(format!("inputs/{picture}.jpg"));
        beginnings.push((picture.to_owned(), 0, std::fs::read(file).expect("a picture")));
    }
    beginnings
}

#[test]
fn what_is_made_fast_is_accepted_on_every_fixture_and_picture() {
    let judge = Judge::for_contract(&contract()).expect("a judge");
    let beginnings = beginnings();
    assert!(beginnings.len() >= 10);
    for (fixture, first, mut bytes) in beginnings {
        for function in &FUNCTIONS[first..] {
            let name = Name::new(function).expect("a name");
            let made = judge.native(&name, &bytes).expect("an output");
            let output = Output { bytes: &made, content_type: Some(media_type(&made)) };
            let judgement = judge.judge(&name, &bytes, &output).expect("an input");
            assert!(judgement.accepted, "{function}, {fixture}: {:?}", judgement.reason);
            bytes = made;
        }
    }
}

#[test]
fn a_function_that_the_contract_does_not_name_is_an_error() {
    let judge = Judge::for_contract(&contract()).expect("a judge");
    let refused = judge.native(&Name::new("sharpen").expect("a name"), b"").expect_err("unknown");
    assert!(matches!(refused, JudgeError::UnknownFunction(_)), "{refused}");
}
