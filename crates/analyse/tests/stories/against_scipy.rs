//! The formulas give what SciPy and statsmodels give (`../golden/make.py` made the figures).

use std::collections::HashMap;

use photofinish_analyse::summary::{Metric, SummaryRow, summarise};
use photofinish_analyse::verdict::judge;
use photofinish_analyse::{Images, Part, holm, paired_ratio, t_quantile, two_sided_p};
use photofinish_study::Flow;
use serde::Deserialize;

use crate::duel::{deployment, duel};
use crate::simulated::{Rows, Runner, Script, name};

#[derive(Deserialize)]
struct Golden {
    races: HashMap<String, Vec<(u32, String, f64)>>,
    summaries: HashMap<String, HashMap<String, Described>>,
    paired: Paired,
    tails: Vec<(f64, f64, f64)>,
    quantiles: Vec<(f64, f64)>,
    holm: Vec<(Vec<f64>, Vec<f64>)>,
}

#[derive(Deserialize)]
struct Described {
    n: u64,
    rounds: u64,
    mean: f64,
    sd: f64,
    cv: f64,
    sd_raw: f64,
    cv_raw: f64,
    median: f64,
    p95: f64,
    p99: f64,
    interval: [f64; 2],
}

#[derive(Deserialize)]
struct Paired {
    ratio: f64,
    interval: [f64; 2],
    p: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/scipy.json")).unwrap()
}

#[track_caller]
fn same(found: f64, golden: f64, what: &str) {
    let off = (found - golden).abs() / golden.abs().max(1e-300);
    assert!(found == golden || off < 1e-9, "{what}: {found}, SciPy {golden}, off by {off:e}");
}

/// The rows of a race whose values are SciPy's, in isolated passes of one function.
fn race_of(golden: &Golden) -> (Script, Rows) {
    let runner = |variant: &str| Runner { deployment: deployment(variant), ms: vec![1.0] };
    let script = Script {
        runners: vec![runner("a"), runner("b")],
        images: ["small", "medium", "large"].map(|image| (name(image), 1.0)).to_vec(),
        passes: 3,
        flows: vec![Flow::Isolated],
        ..duel(1, 12, 1.0, 1.0)
    };
    let mut rows = script.run();
    let mut left: HashMap<_, Vec<f64>> = HashMap::new();
    for (variant, values) in &golden.races {
        for (round, image, value) in values {
            left.entry((variant.clone(), *round, image.clone())).or_default().push(*value);
        }
    }
    for call in &mut rows.invocations {
        let at = &call.at;
        let cell = (at.deployment.contestant.variant.to_string(), at.round, at.image.to_string());
        let raced = at.phase == photofinish_study::Phase::Race;
        call.duration_ms = if raced { left.get_mut(&cell).unwrap().pop() } else { Some(1e6) };
    }
    assert!(left.values().all(Vec::is_empty));
    (script, rows)
}

#[test]
fn tails_quantiles_and_holm_agree() {
    let golden = golden();
    for &(t, freedom, p) in &golden.tails {
        same(two_sided_p(t, freedom), p, &format!("p of t {t}, {freedom}"));
    }
    for &(freedom, t) in &golden.quantiles {
        same(t_quantile(0.05, freedom), t, &format!("t of {freedom}"));
    }
    for (p, adjusted) in &golden.holm {
        holm(p).into_iter().zip(adjusted).for_each(|(found, &p)| same(found, p, "holm"));
    }
}

#[test]
fn a_summary_agrees_for_each_picture_and_for_all() {
    let golden = golden();
    let (script, rows) = race_of(&golden);
    let summary = summarise(rows.race(), &script.planned());
    for (variant, described) in &golden.summaries {
        for (image, expected) in described {
            let of = |row: &&SummaryRow| {
                row.metric == Metric::Duration
                    && row.part == Part::Function(name("greyscale"))
                    && row.deployment.contestant.variant.as_str() == variant
                    && row.images == Images::parse(image).unwrap()
            };
            let [row] = summary.iter().filter(of).collect::<Vec<_>>()[..] else {
                panic!("not one row for {variant} {image}");
            };
            agree(row, expected);
        }
    }
}

#[track_caller]
fn agree(row: &SummaryRow, expected: &Described) {
    assert_eq!((row.n, row.rounds), (expected.n, expected.rounds));
    for (found, golden, what) in [
        (row.mean, expected.mean, "mean"),
        (row.sd.unwrap(), expected.sd, "sd"),
        (row.cv.unwrap(), expected.cv, "cv"),
        (row.sd_raw.unwrap(), expected.sd_raw, "sd_raw"),
        (row.cv_raw.unwrap(), expected.cv_raw, "cv_raw"),
        (row.median, expected.median, "median"),
        (row.p95, expected.p95, "p95"),
        (row.p99, expected.p99, "p99"),
        (row.interval.unwrap().low, expected.interval[0], "ci_low"),
        (row.interval.unwrap().high, expected.interval[1], "ci_high"),
    ] {
        same(found, golden, &format!("{} {} {what}", row.deployment, row.images));
    }
}

#[test]
fn a_verdict_is_the_paired_t_on_logs_of_round_means() {
    let golden = golden();
    let (script, rows) = race_of(&golden);
    let verdicts = judge(rows.race(), &script.planned(), &[], None);
    let [verdict] = &verdicts[..] else { panic!("{verdicts:?}") };
    same(verdict.ratio.unwrap(), golden.paired.ratio, "ratio");
    same(verdict.interval.unwrap().low, golden.paired.interval[0], "low");
    same(verdict.interval.unwrap().high, golden.paired.interval[1], "high");
    same(verdict.p.unwrap(), golden.paired.p, "p");
    assert_eq!((verdict.n_left, verdict.n_right, verdict.rounds), (108, 108, 12));
}

#[test]
fn a_ratio_of_unusable_numbers_is_none() {
    let good = [(2.0, 1.0), (2.1, 1.0), (1.9, 1.0)];
    assert!(paired_ratio(&good).is_some());
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(paired_ratio(&[good[0], good[1], (bad, 1.0)]), None, "{bad}");
    }
    assert_eq!(paired_ratio(&good[..1]), None);
    let same = paired_ratio(&[(3.0, 3.0); 9]).unwrap();
    assert_eq!((same.ratio, same.p, same.interval.low, same.interval.high), (1.0, 1.0, 1.0, 1.0));
    assert_eq!(paired_ratio(&[(2.0, 1.0); 9]).unwrap().p, 0.0);
}
