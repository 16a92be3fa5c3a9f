//! How much memory is enough.

use std::sync::Arc;

use photofinish_analyse::Rejection;
use photofinish_analyse::cost::{Assumptions, Costing, costs};
use photofinish_analyse::memory::{Goal, MemoryRow, Standing, candidates, ladders, memory};
use photofinish_analyse::price::PriceBook;
use photofinish_analyse::summary::summarise;
use photofinish_study::{Architecture, Deployment, Platform, Target};

use crate::duel::{deployment, duel};
use crate::simulated::{Runner, Script, name};

const BOOK: &str = include_str!("../../../assets/prices/aws-2026-09.toml");

fn sized(variant: &str, memory_mb: u32) -> Arc<Deployment> {
    let of = deployment(variant);
    let target = Target { memory_mb, ..of.target };
    Arc::new(Deployment { contestant: of.contestant.clone(), target })
}

/// One contestant that takes so many ms at each size.
fn script(rounds: u32, sizes: &[(u32, f64)]) -> Script {
    let runner = |&(memory_mb, ms): &(u32, f64)| Runner {
        deployment: sized("pillow", memory_mb),
        ms: vec![ms],
    };
    Script { runners: sizes.iter().map(runner).collect(), ..duel(562, rounds, 1.0, 1.0) }
}

fn looked_at(script: &Script, rejections: &[Rejection]) -> Vec<MemoryRow> {
    let rows = script.run();
    let planned = script.planned();
    let summary = summarise(rows.race(), &planned);
    let book = PriceBook::parse("aws-2026-09", BOOK).unwrap();
    let costing = Costing { book, assumptions: Assumptions::default() };
    let priced = costs(&summary, &planned, rejections, &costing).rows;
    memory(rows.race(), &planned, rejections, &summary, Some((&costing, &priced)))
}

/// As code of one thread does: time falls with the share of a core, and no further than a whole one.
const ONE_THREAD: [(u32, f64); 4] =
    [(512, 6_910.0), (1024, 3_455.0), (1769, 2_000.0), (3008, 2_000.0)];

#[test]
fn code_of_one_thread_has_its_knee_where_it_has_a_whole_core() {
    let rows = looked_at(&script(12, &ONE_THREAD), &[]);
    let sizes: Vec<u32> = rows.iter().map(|row| row.deployment.target.memory_mb).collect();
    assert_eq!(sizes, [512, 1024, 1769, 3008]);
    assert_eq!(candidates(&rows, Goal::Time), [1769, 3008], "more memory changes nothing");
    assert_eq!(
        candidates(&rows, Goal::Cost),
        [512, 1024, 1769],
        "half the time at twice the price"
    );
    assert_eq!(candidates(&rows, Goal::Knee), [1769]);
    assert_eq!(rows[2].knee.unwrap().standing, Standing::Best);
    let step = rows[1].time.step.unwrap();
    assert!(step.interval.low < 0.5 && 0.5 < step.interval.high, "{step:?}");
    assert!(step.p_adjusted < 0.001 && rows[0].time.step.is_none());
    let dearer = rows[3].price.unwrap().step.unwrap();
    assert!(dearer.ratio > 1.4 && dearer.p_adjusted < 0.001, "{dearer:?}");
}

#[test]
fn time_and_cost_are_those_of_the_summary_and_of_the_costs() {
    let script = script(12, &ONE_THREAD);
    let (rows, planned) = (script.run(), script.planned());
    let summary = summarise(rows.race(), &planned);
    for row in looked_at(&script, &[]) {
        let same = |other: &f64| (row.duration_ms - other).abs() < 1e-9;
        assert!(summary.iter().any(|of| of.deployment == row.deployment && same(&of.mean)));
        let cost = row.cost.unwrap();
        let ends = cost.interval.unwrap();
        assert!(cost.images == 100_000 && ends.low < cost.total_usd && cost.total_usd < ends.high);
    }
}

#[test]
fn with_too_few_rounds_every_size_may_be_the_one() {
    let rows = looked_at(&script(7, &ONE_THREAD), &[]);
    for goal in Goal::ALL {
        assert_eq!(candidates(&rows, goal), [512, 1024, 1769, 3008], "{goal:?}");
    }
    assert!(rows.iter().all(|row| row.time.step.is_none()));
}

#[test]
fn without_prices_only_the_fastest_is_sought() {
    let script = script(8, &ONE_THREAD);
    let (rows, planned) = (script.run(), script.planned());
    let summary = summarise(rows.race(), &planned);
    let rows = memory(rows.race(), &planned, &[], &summary, None);
    assert!(candidates(&rows, Goal::Cost).is_empty());
    assert!(!candidates(&rows, Goal::Time).is_empty());
    assert!(rows.iter().all(|row| row.cost.is_none() && row.knee.is_none()));
}

#[test]
fn one_size_is_no_choice_and_a_rejected_one_is_none_either() {
    assert_eq!(looked_at(&duel(562, 12, 100.0, 200.0), &[]), []);
    let two = script(12, &ONE_THREAD[..2]);
    let rejection = Rejection {
        deployment: two.runners[0].deployment.clone(),
        function: name("greyscale"),
        reason: "too bright".into(),
    };
    assert_eq!(looked_at(&two, &[rejection]), []);
}

#[test]
fn contestants_and_architectures_are_never_mixed() {
    let mut script = script(8, &ONE_THREAD[2..]);
    let arm = |of: &Runner| {
        let target = Target { architecture: Architecture::Arm64, ..of.deployment.target };
        let contestant = of.deployment.contestant.clone();
        Runner { deployment: Arc::new(Deployment { contestant, target }), ms: vec![900.0] }
    };
    let arms: Vec<Runner> = script.runners.iter().map(arm).collect();
    script.runners.extend(arms);
    // Another contestant's sizes stand apart from each other, the larger one first.
    script.runners.insert(0, Runner { deployment: sized("plain", 3008), ms: vec![50.0] });
    script.runners.push(Runner { deployment: sized("plain", 1769), ms: vec![50.0] });
    let rows = looked_at(&script, &[]);
    let found: Vec<Vec<String>> = ladders(&rows)
        .map(|ladder| ladder.iter().map(|row| row.deployment.to_string()).collect())
        .collect();
    let ladder = |who: &str| [1769, 3008].map(|size| format!("{who}/{size}")).to_vec();
    let expected = ["plain/1@local/x86_64", "pillow/1@local/x86_64", "pillow/1@local/arm64"];
    assert_eq!(found, expected.map(ladder));
    assert!(rows.iter().all(|row| row.deployment.target.platform == Platform::Local));
}
