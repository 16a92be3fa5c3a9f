//! Anyone's measurements are judged by the same code, and what is wrong in them is named.

use std::fmt::Write as _;

use crate::desk::{Desk, small};

/// The columns that are needed, and no other.
const NEEDED: &str =
    "pass,round,flow,variant,function,platform,architecture,memory_mb,image,duration_ms";

/// Two contestants on AWS over so many rounds of two pictures, in the words of some other tool.
fn another_tools(rounds: u32) -> String {
    let mut text = format!("{NEEDED}\n");
    let mut pass = 0;
    for round in 1..=rounds {
        for (variant, base) in [("thumbs", 80.0), ("slowpoke", 120.0)] {
            for (image, weight) in [("cat", 1.0), ("dog", 2.5)] {
                pass += 1;
                let ms = base * weight * (1.0 + f64::from((round * 7 + pass * 3) % 5) / 100.0);
                let place = format!("{pass},{round},isolated,{variant}");
                writeln!(text, "{place},thumbnail,aws,arm64,1024,{image},{ms}").unwrap();
            }
        }
    }
    text
}

#[test]
fn a_studys_own_invocations_come_to_the_same_verdicts() {
    let text = small()
        .replace("[\"chained\"]", "[\"chained\", \"isolated\"]")
        .replace("passes = 2", "passes = 8")
        .replace("rounds = 2", "rounds = 8")
        .replace("[[target]]", "[[variant]]\nname = \"plain\"\nsource = \"plain\"\n\n[[target]]");
    let desk = Desk::with(&text);
    desk.run(&["run", "study.toml"]).expect(0);
    let data = "results/study/report/data";
    let from = format!("{data}/invocations.csv");
    let came = desk.run(&["analyse", "--from", &from, "--out", "judged"]).expect(0);
    came.says(&["pillow/1@local/x86_64/1769, plain/1@", "greyscale, resize", "a projection"]);
    for table in ["verdicts", "summary", "cost"] {
        let ours = desk.read(&format!("{data}/{table}.csv"));
        same_figures(&desk.read(&format!("judged/{table}.csv")), &ours);
    }
    assert!(desk.read("judged/verdicts.csv").contains(",faster,"), "nothing to compare");

    let refused = desk.run(&["analyse", "--from", &from, "--out", data]).expect(2);
    refused.says(&["holds a study's own tables", "--out"]);
}

/// Cell by cell; a turnaround is a sum of other figures here, so it may round another way.
#[track_caller]
fn same_figures(found: &str, expected: &str) {
    let cells = |text: &str| -> Vec<String> {
        text.lines().flat_map(|line| line.split(',').map(str::to_owned)).collect()
    };
    let (found, expected) = (cells(found), cells(expected));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs();
        let numbers = (found.parse(), expected.parse());
        let same = matches!(numbers, (Ok(a), Ok(b)) if close(a, b)) || found == expected;
        assert!(same, "{found}, expected {expected}");
    }
}

#[test]
fn another_tools_measurements_get_verdicts() {
    let desk = Desk::with("");
    desk.write("theirs.csv", &another_tools(8));
    let came = desk.run(&["analyse", "--from", "theirs.csv", "--out", "judged"]).expect(0);
    assert!(came.stdout.contains("thumbs") && came.stdout.contains("faster"), "{}", came.stdout);
    came.says(&["thumbs/1@aws/arm64/1024, slowpoke/1@", "1 of cat, 1 of dog"]);
    let verdicts = desk.read("judged/verdicts.csv");
    let row = verdicts.lines().nth(1).unwrap();
    assert!(row.starts_with("functions,duration,isolated,thumbnail,thumbs/1@"), "{verdicts}");
    assert!(row.contains(",8,16,16,") && row.contains(",faster,"), "{verdicts}");
    assert_eq!(verdicts.lines().count(), 2, "{verdicts}");
    assert!(desk.read("judged/summary.csv").lines().count() > 6);
    assert_eq!(desk.read("judged/cost.csv").lines().count(), 1, "nobody gave a billed time");

    desk.write("theirs.csv", &another_tools(5));
    let came = desk.run(&["analyse", "--from", "theirs.csv", "--out", "judged"]).expect(0);
    assert!(came.stdout.contains("too few rounds"), "{}", came.stdout);
}

#[test]
fn what_is_wrong_in_them_is_named_by_line_and_column() {
    let desk = Desk::with("");
    let good = another_tools(2);
    let line = |number: usize| good.lines().nth(number - 1).unwrap();
    let cell = |number: usize, was: &str, is: &str| {
        assert!(line(number).contains(was), "{}", line(number));
        good.replace(line(number), &line(number).replacen(was, is, 1))
    };
    let third = line(3);
    for (text, words) in [
        (good.replace(",duration_ms", ",ms"), ["line 1", "no column `duration_ms`", "needed are"]),
        (cell(3, "dog,", "dog,fast"), ["line 3", "column `duration_ms`", "fast"]),
        (cell(3, "dog,", "dog,-"), ["line 3", "column `duration_ms`", "not below 0"]),
        (cell(4, ",arm64", ",arm"), ["line 4", "column `architecture`", "x86_64, arm64"]),
        (cell(5, ",isolated", ",alone"), ["line 5", "column `flow`", "chained, isolated"]),
        (cell(4, "3,1,", "2,1,"), ["line 4", "column `variant`", "number each pass once"]),
        (
            good.replace(third, &third.replace("dog", "cat").replacen("2,", "1,", 1)),
            ["line 3", "column `function`", "called twice in pass 1"],
        ),
        (format!("{NEEDED}\n"), ["line 2", "no measurement", "docs/invocations.md"]),
    ] {
        desk.write("theirs.csv", &text);
        desk.run(&["analyse", "--from", "theirs.csv", "--out", "judged"]).expect(2).says(&words);
    }
    assert!(!desk.path("judged").exists(), "something was written");
}

#[test]
fn the_measurements_are_never_written_over() {
    let desk = Desk::with("");
    desk.write("cost.csv", &another_tools(2));
    desk.run(&["analyse", "--from", "cost.csv", "--out", "."]).expect(2).says(&["written over"]);
    assert_eq!(desk.read("cost.csv"), another_tools(2));
    desk.run(&["analyse", "--from", "cost.csv"]).expect(2).says(&["--out"]);
    desk.run(&["analyse", "--from", "none.csv", "--out", "x"]).expect(2).says(&["none.csv"]);
}
