//! What 100,000 images cost.

use photofinish_analyse::cost::{Assumptions, Costing, Costs, costs};
use photofinish_analyse::price::{PriceBook, PriceError, gb_seconds};
use photofinish_analyse::summary::summarise;
use photofinish_analyse::verdict::{Family, Measure, Outcome, judge};
use photofinish_analyse::{Interval, Rejection};
use photofinish_study::record::Invocation;
use photofinish_study::{Architecture, Phase, Platform};

use crate::duel::duel;
use crate::simulated::{Runner, Script, deployment_on, name};

const BOOK: &str = include_str!("../../../assets/prices/aws-2026-09.toml");

fn book() -> PriceBook {
    PriceBook::parse("aws-2026-09", BOOK).unwrap()
}

fn costing(assumptions: Assumptions) -> Costing {
    Costing { book: book(), assumptions }
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found}, expected {expected}");
}

/// One contestant on both architectures, every call billed so many ms.
fn billed(x86_ms: f64, arm_ms: f64) -> (Script, crate::simulated::Rows) {
    let runner = |architecture, ms| Runner {
        deployment: deployment_on("a", architecture, Platform::Aws),
        ms: vec![ms; 5],
    };
    let script = Script {
        runners: vec![runner(Architecture::X86_64, x86_ms), runner(Architecture::Arm64, arm_ms)],
        functions: ["greyscale", "resize", "depth", "rotate", "convert"].map(name).to_vec(),
        ..duel(1, 8, 0.0, 0.0)
    };
    let mut rows = script.run();
    for call in rows.invocations.iter_mut().filter(|call| call.at.phase == Phase::Race) {
        let arm = call.at.deployment.target.architecture == Architecture::Arm64;
        call.billed_ms = Some(if arm { arm_ms } else { x86_ms });
        call.output_bytes = Some(200_000);
    }
    for call in rows.invocations.iter_mut().filter(|call| call.init_ms.is_some()) {
        call.init_ms = Some(300.0);
    }
    (script, rows)
}

#[test]
fn a_second_at_1769_mb_costs_2_88_on_x86_and_2_30_on_arm() {
    let usd = |architecture| book().duration(architecture).of(100_000.0 * gb_seconds(1769, 1000.0));
    near(usd(Architecture::X86_64), 172_753.906_25 * 0.000_016_666_7);
    assert_eq!(format!("{:.2}", usd(Architecture::X86_64)), "2.88");
    assert_eq!(format!("{:.2}", usd(Architecture::Arm64)), "2.30");
    near(book().break_even(), 1.25 * (0.000_016_666_7 / 0.000_013_333_4 / 1.25));
    assert_eq!(format!("{:.3}", book().break_even()), "1.250");
    near(book().call_usd(Architecture::X86_64, 1024, 1.0), 0.000_016_666_7 / 1000.0 + 0.000_000_2);
}

#[test]
fn each_step_of_use_has_its_own_price() {
    let x86 = book().lambda.x86_64;
    near(x86.of(6.0e9), 6.0e9 * 0.000_016_666_7);
    near(x86.of(16.0e9), 6.0e9 * 0.000_016_666_7 + 9.0e9 * 0.000_015 + 1.0e9 * 0.000_013_333_4);
}

#[test]
fn a_cost_is_the_sum_of_its_terms() {
    let (script, rows) = billed(200.0, 200.0);
    let planned = script.planned();
    let summary = summarise(rows.race(), &planned);
    let assumptions = Assumptions {
        cold_share: 0.02,
        retention_days: 30.0,
        downloaded_share: 1.0,
        ..Assumptions::default()
    };
    let found = costs(&summary, &planned, &[], &costing(assumptions));
    assert_eq!(found.unpriced, []);
    let [x86, arm] = &found.rows[..] else { panic!("{found:?}") };
    let gb_s = 172_753.906_25;
    near(x86.terms.compute, gb_s * 0.000_016_666_7);
    near(arm.terms.compute, gb_s * 0.000_013_333_4);
    near(x86.terms.init, 0.02 * 1.5 * gb_s * 0.000_016_666_7);
    near(x86.terms.requests, 0.1);
    let gb = 1_073_741_824.0;
    near(x86.terms.s3, 2.5 + 0.2 + 100_000.0 * 1_000_000.0 / gb * 0.023);
    near(x86.terms.logs, 500_000.0 * 400.0 / gb * 0.5);
    near(x86.terms.transfer, 100_000.0 * 200_000.0 / gb * 0.09);
    assert_eq!(x86.total_usd, x86.terms.total());
    let Interval { low, high } = x86.interval.unwrap();
    near(low, x86.total_usd);
    near(high, x86.total_usd);
    assert_eq!((x86.price_date.as_str(), x86.is_projection()), ("2026-09-19", false));
}

#[test]
fn arm_is_cheaper_in_compute_but_less_so_in_all() {
    let (script, rows) = billed(200.0, 240.0);
    let planned = script.planned();
    let summary = summarise(rows.race(), &planned);
    let costing = costing(Assumptions::default());
    let verdicts = judge(rows.race(), &planned, &[], Some((&summary, &costing)));
    let ratio = |measure| {
        let of = |v: &&_| matches!(v, photofinish_analyse::verdict::Verdict { family: Family::Cost, measure: m, .. } if *m == measure);
        let verdict = verdicts.iter().find(of).unwrap();
        assert_eq!(verdict.outcome, Outcome::Dearer, "x86 is on the left");
        verdict.ratio.unwrap()
    };
    near(ratio(Measure::ComputeUsd), book().break_even() * 200.0 / 240.0);
    assert!(ratio(Measure::TotalUsd) < ratio(Measure::ComputeUsd));
}

/// What both architectures cost, and where they cost the same, if arm64 bills so many ms.
fn both(arm_ms: f64, arm_init_ms: f64, assumptions: Assumptions) -> Costs {
    let (script, mut rows) = billed(200.0, arm_ms);
    let on_arm = |call: &&mut Invocation| {
        call.at.deployment.target.architecture == Architecture::Arm64 && call.init_ms.is_some()
    };
    rows.invocations.iter_mut().filter(on_arm).for_each(|call| call.init_ms = Some(arm_init_ms));
    let planned = script.planned();
    costs(&summarise(rows.race(), &planned), &planned, &[], &costing(assumptions))
}

#[test]
fn at_the_break_even_ratio_both_architectures_cost_the_same() {
    let many = Assumptions { images: 20_000_000_000, cold_share: 0.1, ..Assumptions::default() };
    for (assumptions, arm_init_ms) in
        [(Assumptions::default(), 300.0), (Assumptions::default(), 900.0), (many, 900.0)]
    {
        let found = both(240.0, arm_init_ms, assumptions).break_even;
        let [even] = &found[..] else { panic!("{found:?}") };
        near(even.measured, 1.2);
        let at_total = both(200.0 * even.total.unwrap(), arm_init_ms, assumptions).rows;
        near(at_total[1].total_usd, at_total[0].total_usd);
        let at_compute = both(200.0 * even.compute, arm_init_ms, assumptions).rows;
        near(at_compute[1].terms.compute, at_compute[0].terms.compute);
        if assumptions.images == 100_000 {
            near(even.compute, book().break_even());
        }
    }
}

#[test]
fn what_is_the_same_on_both_sides_does_not_move_the_break_even_but_a_longer_init_does() {
    let with = |arm_init_ms, cold_share| {
        let assumptions = Assumptions { cold_share, ..Assumptions::default() };
        both(240.0, arm_init_ms, assumptions).break_even[0].total
    };
    near(with(300.0, 0.0).unwrap(), book().break_even());
    assert!(with(900.0, 0.1).unwrap() < with(300.0, 0.1).unwrap());
    assert_eq!(with(90_000.0, 1.0), None, "no speed makes up for it");
}

#[test]
fn what_cannot_be_priced_says_why() {
    let (script, mut rows) = billed(200.0, 240.0);
    let planned = script.planned();
    let rejections = [Rejection {
        deployment: planned.deployments[0].clone(),
        function: name("depth"),
        reason: "off by 3".into(),
    }];
    rows.invocations.iter_mut().for_each(|call| call.output_bytes = None);
    let summary = summarise(rows.race(), &planned);
    let costing = costing(Assumptions::default());
    let found = costs(&summary, &planned, &rejections, &costing);
    let reasons: Vec<&str> = found.unpriced.iter().map(|lack| lack.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["depth is rejected: off by 3", "no warm chained race pass has `output_bytes` of pipeline"]
    );
    let verdicts = judge(rows.race(), &planned, &[], Some((&summary, &costing)));
    let cost = verdicts.iter().find(|verdict| verdict.family == Family::Cost).unwrap();
    assert_eq!(cost.outcome, Outcome::Undecided);
    assert!(cost.reason.starts_with("no cost: no warm chained"), "{}", cost.reason);
}

#[test]
fn a_local_cost_is_a_projection_and_says_so() {
    let script = duel(4, 12, 100.0, 200.0);
    let rows = script.run();
    let planned = script.planned();
    let summary = summarise(rows.race(), &planned);
    let costing = costing(Assumptions::default());
    assert!(costs(&summary, &planned, &[], &costing).rows.iter().all(|row| row.is_projection()));
    for verdict in judge(rows.race(), &planned, &[], Some((&summary, &costing))) {
        let says_so = verdict.reason.contains("a projection from local durations");
        assert_eq!(says_so, verdict.family == Family::Cost, "{verdict:?}");
    }
}

#[test]
fn a_bad_price_book_names_the_place() {
    let fault = |from: &str, to: &str| {
        assert!(BOOK.contains(from));
        PriceBook::parse("mine", &BOOK.replacen(from, to, 1)).unwrap_err()
    };
    let shape = fault("usd = 0.005", "dollars = 0.005").to_string();
    assert!(shape.contains("mine") && shape.contains("dollars"), "{shape}");
    for (from, to, place) in [
        ("format = 1", "format = 2", "format"),
        ("date = \"2026-09-19\"", "date = \"19.9.2026\"", "date"),
        ("usd = 0.09", "usd = -0.09", "usd and per"),
        ("    { usd_per_gb_s = 0.0000133334 },\n", "", "lambda.x86_64"),
    ] {
        match fault(from, to) {
            PriceError::Value { place: found, .. } => assert_eq!(found, place),
            other => panic!("{other}"),
        }
    }
}
