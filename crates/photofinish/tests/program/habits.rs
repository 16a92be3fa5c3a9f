//! Functions that were written for other tools, called as those call them and never altered.

use photofinish_study::Digest;

use crate::desk::{Desk, small};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../studies");

#[test]
fn functions_of_saaf_and_of_sebs_are_verified_as_they_are() {
    let desk = Desk::small();
    let study = format!("{EXAMPLES}/habits.toml");
    let of = |command: &str| desk.run(&[command, &study, "--out", "habits"]);
    of("verify").expect(0).says(&["2 of 2 deployments accepted in everything"]);
    of("report").expect(0);
    let page = desk.read("habits/report/index.html");
    for said in [
        "called as a function of SAAF is, `yourFunction` in src/handler.py, by an adapter",
        "called as a function of SeBS is, `handler` in python/function.py, by an adapter",
    ] {
        assert!(page.contains(said), "{said}");
    }
    let manifest: serde_json::Value =
        serde_json::from_str(&desk.read("habits/packages/manifest.json")).unwrap();
    for (package, inside, own) in [
        ("runner/1/resize", "handler.py", "runner/resize/src/handler.py"),
        ("benchmarks/1/resize", "function/function.py", "benchmarks/resize/python/function.py"),
    ] {
        let files = &manifest["packages"][format!("{package}-x86_64.zip")]["files"];
        let file = files.as_array().unwrap().iter().find(|file| file["path"] == inside).unwrap();
        let text = std::fs::read(format!("{EXAMPLES}/habits/{own}")).unwrap();
        assert_eq!(file["sha256"], Digest::of(&text).as_str(), "{own} was altered");
    }
}

#[test]
fn what_does_not_write_its_output_or_is_not_there_is_told_in_its_own_words() {
    let desk = Desk::with(&small().replace("source = \"pillow\"", "source = \"mine\""));
    desk.write("mine/variant.toml", "format = 1\n[adapter]\nstyle = \"sebs\"\n");
    desk.write("mine/resize/python/function.py", "def handler(event):\n    return {}\n");
    let lacking = desk.run(&["verify", "study.toml"]).expect(2);
    lacking.says(&["greyscale/python/function.py", "the file that `[adapter]`"]);
    let code = "from . import storage\ndef handler(event):\n    return {}\n";
    desk.write("mine/greyscale/python/function.py", code);
    desk.run(&["verify", "study.toml"]).expect(1).says(&["wrote nothing"]);
    let named = "format = 1\n[adapter]\nstyle = \"sebs\"\nfunction = \"work\"\n";
    desk.write("mine/variant.toml", named);
    desk.run(&["verify", "study.toml", "--fresh"]).expect(1).says(&["no attribute 'work'"]);
}
