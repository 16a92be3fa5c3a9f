//! Both instruction sets from one study: the machine's own is raced, the other one is checked
//! under an emulator and gets no time, no cost and no verdict.

use crate::desk::{Desk, small};

fn both() -> String {
    let text = small().replace("timeout_s = 5", "timeout_s = 30");
    let native = "[[variant]]\nname = \"native\"\nsource = \"native\"\nbeside = true\n\n[[target]]";
    let text = text.replace("[[target]]", native);
    format!("{text}architecture = [\"x86_64\", \"arm64\"]\n")
}

fn other() -> &'static str {
    if std::env::consts::ARCH == "aarch64" { "x86_64" } else { "arm64" }
}

#[test]
fn the_other_architecture_is_checked_and_never_timed() {
    let desk = Desk::with(&both());
    let came = desk.run(&["run", "study.toml"]).expect(0);
    let said = format!("pillow/1@local/{}/1769: its ", other());
    assert!(came.stdout.contains(&said), "{}", came.stdout);
    assert!(came.stdout.contains("emulated time is no time"), "{}", came.stdout);

    let checked = desk.table("study", "verification");
    for variant in ["pillow", "native"] {
        let rows = checked.iter().filter(|row| row["variant"] == variant);
        let elsewhere: Vec<_> = rows.filter(|row| row["architecture"] == other()).collect();
        assert!(elsewhere.len() > 10, "{variant}");
        assert!(elsewhere.iter().all(|row| row["verdict"] == "accepted"), "{elsewhere:?}");
    }
    for table in ["invocations", "passes", "summary", "cost"] {
        let rows = desk.table("study", table);
        assert!(!rows.is_empty(), "{table}");
        assert!(rows.iter().all(|row| row["architecture"] != other()), "{table} has times of it");
    }
    let verdicts = desk.table("study", "verdicts");
    assert!(verdicts.iter().all(|row| !format!("{row:?}").contains(other())), "{verdicts:?}");
    let costs = desk.table("study", "cost");
    assert!(costs.iter().any(|row| row["variant"] == "native"), "{costs:?}");
    assert!(desk.table("study", "verdicts").is_empty(), "who is beside the others is not judged");
    let page = desk.read("results/study/report/index.html");
    assert!(page.contains("emulated time is no time"));
}
