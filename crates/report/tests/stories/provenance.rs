//! What must stand beside a figure stands beside it, and what is no figure is not shown as one.

use photofinish_report::page::render;
use photofinish_report::terminal::{Ink, View};
use photofinish_report::{Badge, ReportData, terminal};
use photofinish_study::{Architecture, Platform};

use crate::demo;

fn captions(page: &str) -> Vec<&str> {
    let of = |tag: &str| -> Vec<&str> {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        page.split(open.as_str())
            .skip(1)
            .map(|rest| rest.split(close.as_str()).next().unwrap())
            .collect()
    };
    of("caption").into_iter().chain(of("figcaption")).collect()
}

#[test]
fn every_table_and_chart_of_a_local_study_says_so() {
    let mut data = demo::quick();
    data.badges.push(Badge::ModelUnverified("plain/1 was imported from a file".into()));
    let page = render(&data);
    let said = "Local, not AWS; a demonstration, not to be quoted; model unverified.";
    let captions = captions(&page);
    assert!(captions.len() > 25, "{}", captions.len());
    for caption in captions {
        assert!(caption.contains(said), "{caption}");
    }
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
    assert!(page.contains("<b>MODEL UNVERIFIED</b><span>plain/1 was imported from a file</span>"));
}

#[test]
fn figures_from_aws_may_be_quoted_as_they_are() {
    let data = demo::large();
    assert_eq!(data.beside_figures(), None);
    assert!(!render(&data).contains("not AWS"));
}

#[test]
fn verdicts_come_first_and_say_ratio_interval_rounds_and_n() {
    let page = render(&demo::quick());
    let places = [
        "pillow/1 is 24.1 × faster than plain/1 on the pipeline [",
        "12 rounds, n = 108</li>",
        "× cheaper than plain/1 in compute cost alone [",
        "<h3>Single functions</h3>",
        "<h2 id=\"runtime\">",
        "<h2 id=\"turnaround\">",
        "<h2 id=\"cost\">Cost of 100,000 images (projection)",
        "<h2 id=\"correctness\">",
        "<h2 id=\"charts\">",
        "<h2 id=\"stages\">",
        "<h2 id=\"order\">",
        "<h2 id=\"appendix\">",
    ]
    .map(|part| page.find(part).unwrap_or_else(|| panic!("no {part:?}")));
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn both_architectures_stand_beside_each_other_with_their_ratio_and_interaction() {
    let page = render(&demo::whole());
    let section = page.split("<h2 id=\"architectures\">").nth(1).unwrap();
    let section = section.split("</section>").next().unwrap();
    assert!(section.contains("arm64 / x86_64</th>") && section.contains("arm64 is faster"));
    assert!(section.contains("ratio of ratios</th>") && section.contains("native/1 gains more"));
    assert_eq!(section.matches("<table").count(), 1 + 1 + 5, "pipeline, interaction, functions");
}

/// The measured study, told that its arm64 was an emulator's: its figures must vanish.
fn emulated_after_all() -> ReportData {
    let mut data = demo::large_on(Platform::Local);
    data.emulated = vec![Architecture::Arm64];
    let arm64 = |row: &&mut photofinish_analyse::summary::SummaryRow| {
        row.deployment.target.architecture == Architecture::Arm64
    };
    data.summary
        .iter_mut()
        .filter(arm64)
        .for_each(|row| (row.mean, row.median) = (987_654.0, 987_654.0));
    data
}

#[test]
fn a_study_whose_other_architecture_was_emulated_is_told_whole() {
    let page = render(&demo::emulated());
    assert!(page.contains("native/1 is 3.2 × faster than pillow/1 on the pipeline"));
    assert_eq!(page.matches("not run: emulated time is no time</td>").count(), 4 * (1 + 5));
    assert!(page.contains("<th scope=\"row\">native/1@arm64</th><td class=\"check\">"));
    assert!(!page.contains("no warm chained race pass"), "no lack where none was to be");
}

#[test]
fn emulated_time_is_no_time() {
    let data = emulated_after_all();
    let text = terminal::render(&data, View { width: None, ink: Ink::Plain });
    for shown in [render(&data), text] {
        assert!(shown.contains("and emulated time is no time"));
        assert!(!shown.contains("987,654"), "an emulated time is shown");
        for word in ["faster than", "cheaper than"] {
            let about_arm64 = |line: &&str| line.contains(word) && line.contains("@arm64");
            assert_eq!(shown.split(['\n', '<']).find(about_arm64), None);
        }
    }
    let page = render(&data);
    assert!(page.contains("not run: emulated time is no time</td>"));
    assert!(
        page.contains("<th scope=\"row\">gpt-5/1@arm64</th><td class=\"check\">"),
        "still judged"
    );
}
