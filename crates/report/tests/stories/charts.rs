//! The drawings: every call, honest when thinned, small, and told in words.

use photofinish_report::page::render;
use photofinish_study::{Flow, Phase};

use crate::demo;

/// What stands between the first `from` and the next `to`.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap_or_else(|| panic!("no {from}"));
    let end = page[start..].find(to).unwrap_or_else(|| panic!("no {to}"));
    &page[start..start + end]
}

#[test]
fn every_call_is_a_dot_and_its_lane_is_told_in_words() {
    let data = demo::quick();
    let page = render(&data);
    let chart = between(&page, "<h3>greyscale</h3><figure>", "</figure>");
    assert_eq!(chart.matches("h0").count(), 2 * 36, "two variants, 36 calls of a picture");
    assert!(chart.contains("greyscale of harbour-2mp, isolated, warm, in milliseconds; n = 72."));
    let words = between(chart, "<desc", "</desc>");
    assert!(
        words.contains("pillow/1: median ") && words.contains(" ms; plain/1: median "),
        "{words}"
    );
    for label in ["pillow/1", "plain/1"] {
        assert!(chart.contains(&format!("y=\"13\">{label}<tspan")), "{label} stands at its lane");
    }
}

#[test]
fn a_curve_ends_at_one_and_stands_before_all_others() {
    let page = render(&demo::quick());
    let curves = between(&page, "<svg class=\"curves\"", "</svg>");
    let paths = curves.matches("<path id=").count();
    assert_eq!(paths, 2);
    assert_eq!(curves.matches("class=\"others\"").count(), 2);
    assert_eq!(curves.matches("V6H288").count(), 2, "each reaches its ceiling, then runs out");
}

#[test]
fn more_than_two_thousand_calls_are_thinned_the_same_way_each_time() {
    let mut data = demo::quick();
    let once = data.invocations.clone();
    (0..39).for_each(|_| data.invocations.extend(once.iter().cloned()));
    let page = render(&data);
    let chart = between(&page, "<h3>greyscale</h3><figure>", "</figure>");
    let dots = chart.matches("h0").count();
    assert!((1000..=2000).contains(&dots), "{dots}");
    assert!(chart.contains("n = 2,880. More than 2,000 calls: every few of them are drawn"));
    assert_eq!(page, render(&data));
}

#[test]
fn the_run_order_has_every_pass_in_its_round_and_marks_what_failed() {
    let data = demo::whole();
    let page = render(&data);
    let order = between(&page, "<svg class=\"order\"", "</svg>");
    let chained = data.passes.iter().filter(|pass| {
        pass.at.flow == Flow::Chained
            && pass.at.phase == Phase::Race
            && pass.at.deployment.contestant.variant.as_str() != "plain"
    });
    let (good, failed): (Vec<_>, Vec<_>) = chained.partition(|pass| pass.status.is_ok());
    assert!(!failed.is_empty());
    assert_eq!(order.matches("h0").count(), good.len());
    assert_eq!(order.matches("l8 8m0 -8l-8 8").count(), failed.len());
    assert_eq!(order.matches("class=\"band\"").count(), 6, "every second of twelve rounds");
    assert!(between(order, "<desc", "</desc>").contains(" failed"));
}

#[test]
fn the_stages_of_a_function_share_one_width_and_say_whose_word_they_are() {
    let page = render(&demo::whole());
    let stages = between(&page, "<table class=\"stages\">", "</table>");
    assert!(stages.contains("exploratory and self-reported"));
    for head in ["import", "download", "compute", "upload", "CPU share", "expected"] {
        assert!(stages.contains(&format!("{head}</th>")), "{head}");
    }
    assert!(stages.contains("CPU-intensive") && stages.contains("I/O-intensive"));
    let ends = stages.split("<svg class=\"bar\"").skip(1).map(|bar| {
        let last = bar.split("</svg>").next().unwrap().rsplit("<rect").next().unwrap();
        let figure = |name: &str| -> f64 {
            let rest = last.split(&format!("{name}=\"")).nth(1).unwrap();
            rest.split('"').next().unwrap().parse().unwrap()
        };
        figure("x") + figure("width")
    });
    let ends: Vec<f64> = ends.collect();
    assert!(ends.iter().all(|end| *end < 100.02), "{ends:?}");
    assert_eq!(ends.iter().filter(|end| **end > 99.98).count(), 5, "the slowest of each function");
}

#[test]
fn four_variants_on_two_architectures_stay_a_small_file() {
    let mut data = demo::whole();
    data.pictures.clear();
    let bytes = render(&data).len();
    assert!(bytes < 600_000, "{bytes} bytes");
}
