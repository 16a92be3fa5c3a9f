//! The terminal's text: for people, for pipes, for narrow windows.

use photofinish_report::ReportData;
use photofinish_report::terminal::{Ink, View, render};

use crate::demo;

const PIPE: View = View { width: None, ink: Ink::Plain };

#[test]
fn a_pipe_gets_plain_text_in_the_order_of_importance() {
    let text = render(&demo::quick(), PIPE);
    assert!(!text.contains('\u{1b}'));
    let places = [
        "LOCAL: measured on the embedded local platform; not AWS",
        "accepted  pillow/1: all 15 checks",
        "greyscale  pillow/1",
        "turnaround of the pipeline",
        "a PROJECTION from local durations",
        "pillow/1 is 24.1 × faster than plain/1 on the pipeline [",
    ]
    .map(|part| text.find(part).unwrap_or_else(|| panic!("no {part:?} in\n{text}")));
    assert!(places.is_sorted(), "{places:?}");
    assert!(text.ends_with('\n') && text.lines().all(|line| line == line.trim_end()));
}

#[test]
fn a_rejection_comes_with_its_reason_and_without_a_time() {
    let text = render(&demo::large(), PIPE);
    assert!(text.contains("REJECTED  deepseek-v3.2/1@arm64: 3 of 15 checks failed"), "{text}");
    let deepseek = &text[text.find("deepseek-v3.2/1@arm64: 3 of").expect("it")..];
    let reasons: Vec<&str> =
        deepseek.lines().skip(1).take_while(|line| line.starts_with("  ")).collect();
    assert!(reasons[0].contains(": turned counter-clockwise"), "{text}");
    assert_eq!(reasons[1..], ["  rotate on 2 more inputs: see verification.csv"]);
    let times =
        text.lines().filter(|line| line.starts_with("rotate ") && line.contains("deepseek"));
    assert!(times.clone().count() > 0);
    times.for_each(|line| assert!(line.ends_with("rejected"), "{line}"));
}

#[test]
fn no_line_is_wider_than_the_terminal_s_tables_allow() {
    let text = render(&demo::quick(), View { width: Some(80), ink: Ink::Plain });
    let table = text.lines().skip_while(|line| !line.starts_with("runtime")).skip(1);
    for line in
        table.take_while(|line| !line.starts_with("cost")).filter(|l| !l.contains("chained"))
    {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let narrow = render(&demo::quick(), View { width: Some(40), ink: Ink::Plain });
    assert!(narrow.contains("function: greyscale\nvariant: pillow/1\nmean ± sd, ms: "), "{narrow}");
}

#[test]
fn colour_only_where_it_is_asked_for_and_nothing_else_drives_the_terminal() {
    let mut data = demo::quick();
    data.verification[0].accepted = false;
    data.verification[0].reason =
        Some("\u{1b}]0;owned\u{7}\u{1b}[2J\nfake: accepted\u{202E}".into());
    let text = render(&data, PIPE);
    assert!(text.contains("\u{FFFD}]0;owned\u{FFFD}\u{FFFD}[2J fake: accepted\u{FFFD}"), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains("\nfake"));
    let colour = render(&data, View { width: Some(100), ink: Ink::Colour });
    assert!(colour.contains("\u{1b}[31mREJECTED  pillow/1"), "{colour}");
    assert!(!colour.contains("\u{1b}]0;") && !colour.contains("\u{1b}[2J"));
}

#[test]
fn an_empty_study_is_only_its_name() {
    let data = ReportData { study: "empty".into(), ..ReportData::default() };
    assert_eq!(render(&data, PIPE), "empty\n");
}

#[test]
fn a_race_on_a_busy_machine_is_told_before_its_verdicts() {
    let calm = demo::quick();
    assert!(!render(&calm, PIPE).contains("something else was probably running"));
    let mut busy = calm;
    for row in &mut busy.summary {
        row.cv = row.cv.map(|_| 0.57);
    }
    let text = render(&busy, PIPE);
    let told = text.find("vary by up to 57 % (CV): something else").expect("it is told");
    assert!(told < text.find(" × faster than ").expect("a verdict"), "{text}");
}
