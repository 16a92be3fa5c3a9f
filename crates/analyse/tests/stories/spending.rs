//! What a study has cost by its own books, and what a pilot says of a race.

use std::sync::Arc;

use photofinish_analyse::cost::{Assumptions, Costing, costs};
use photofinish_analyse::pilot::{Ahead, as_raced, forecast};
use photofinish_analyse::price::PriceBook;
use photofinish_analyse::spent::{Books, Client, Rates, Trial};
use photofinish_analyse::summary::summarise;
use photofinish_analyse::{Planned, Race, mean, sample_sd};
use photofinish_study::record::{Execution, Invocation, Pass, Position, Status};
use photofinish_study::{Architecture, Deployment, Flow, Phase, Platform};

use crate::duel::duel;
use crate::simulated::{Rows, Runner, Script, deployment_on, name};

const BOOK: &str = include_str!("../../../assets/prices/aws-2026-09.toml");
const TIMEOUT_MS: f64 = 60_000.0;

fn rates(client: Client) -> Rates {
    let book = PriceBook::parse("aws-2026-09", BOOK).unwrap();
    Rates { book, timeout_ms: TIMEOUT_MS, client }
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{found}, expected {expected}");
}

/// So many rounds of one author's code on both architectures, each over two pictures once.
fn script(seed: u64, rounds: u32) -> Script {
    let runner = |architecture, ms| Runner {
        deployment: deployment_on("gpt-5", architecture, Platform::Aws),
        ms: vec![ms],
    };
    let mut script = duel(seed, rounds, 0.0, 0.0);
    script.runners = vec![runner(Architecture::X86_64, 90.0), runner(Architecture::Arm64, 110.0)];
    script.functions.truncate(1);
    script.images = vec![(name("harbour"), 1.0), (name("portrait"), 1.6)];
    script.flows = vec![Flow::Chained];
    script.passes = 1;
    script
}

/// The rows as those of a pilot: nothing with stage times, and every pass of one phase.
fn pilot(seed: u64, rounds: u32) -> Rows {
    let Rows { passes, invocations } = script(seed, rounds).run();
    let of = |at: &Position| Position { phase: Phase::Pilot, ..at.clone() };
    let passes = passes.into_iter().filter(|pass| pass.at.phase != Phase::Stages);
    let calls = invocations.into_iter().filter(|call| call.at.phase != Phase::Stages);
    Rows {
        passes: passes.map(|pass| Pass { at: of(&pass.at), ..pass }).collect(),
        invocations: calls.map(|call| Invocation { at: Arc::new(of(&call.at)), ..call }).collect(),
    }
}

fn a_call() -> Invocation {
    let mut call = pilot(1, 1).invocations.remove(0);
    call.billed_ms = None;
    call.client_ms = None;
    call.output_bytes = None;
    call
}

fn with(status: &'static str, client_ms: f64) -> Invocation {
    Invocation { status: Status(status.into()), client_ms: Some(client_ms), ..a_call() }
}

#[test]
fn a_call_counts_its_time_its_requests_its_log_and_its_outputs_way() {
    // 0.3 s × 1769 MB at $0.0000166667, a request, two PUTs, two GETs, a KB of log.
    let inside = 0.3 * 1769.0 / 1024.0 * 0.000_016_666_7 + 2e-7 + 2.0 * 5e-6 + 2.0 * 4e-7 + 0.5e-6;
    let call = Invocation {
        billed_ms: Some(300.0),
        output_bytes: Some(1 << 20),
        ..with(Status::OK, 340.0)
    };
    near(rates(Client::InTheRegion).of(&call), inside);
    near(rates(Client::Outside).of(&call), inside + 0.09 / 1024.0);
}

#[test]
fn what_nobody_saw_the_end_of_counts_as_late_as_it_can_have_been() {
    let rates = rates(Client::Outside);
    let target = a_call().at.deployment.target;
    near(rates.of(&with(Status::IN_DOUBT, 120.0)), rates.call(target, TIMEOUT_MS));
    near(rates.of(&a_call()), rates.call(target, TIMEOUT_MS));
    // Answered, and its REPORT lost: it cannot have been billed for longer than it was waited for.
    near(rates.of(&with("no report", 340.0)), rates.call(target, 340.0));
    near(rates.of(&with("function error", 99_999.0)), rates.call(target, TIMEOUT_MS));
    // Refused or never sent: it did not run.
    for status in ["refused", "not sent"] {
        near(rates.of(&with(status, 120.0)), 2e-7 + 0.5e-6);
    }
}

#[test]
fn passes_distances_trials_and_deployments_count_too() {
    let rates = rates(Client::Outside);
    let target = a_call().at.deployment.target;
    let trial = Trial { target, billed_ms: Some(500.0), output_bytes: None };
    let lost = Trial { billed_ms: None, ..trial };
    let books = Books {
        calls: &[],
        passes: 3,
        executions: &[],
        distances: 2,
        trials: &[trial, lost],
        put_in_place: 4,
    };
    let passes = 3.0 * 2.0 * 5e-6;
    let nothing = 3.0 / 8.0 * 0.000_016_666_7 + 2e-7 + 0.5e-6 + 4e-7;
    let trials = rates.call(target, 500.0) + rates.call(target, TIMEOUT_MS) + 2.0 * 2.0 * 5e-6;
    near(rates.spent(&books), passes + 2.0 * nothing + trials + 4.0 * (5e-6 + 4e-7));
}

#[test]
fn an_execution_counts_as_long_as_it_can_be_until_the_platform_says_how_long_it_was() {
    let rates = rates(Client::Outside);
    let told = Execution { billed_ms: Some(600.0), ..Execution::default() };
    // A request, and 64 MB for 0.6 s, or for five minutes.
    for (executions, requests, seconds) in
        [(&[Some(told)][..], 1.0, 0.6), (&[None, Some(told)], 2.0, 300.6)]
    {
        let books =
            Books { calls: &[], passes: 0, executions, distances: 0, trials: &[], put_in_place: 0 };
        near(rates.spent(&books), requests * 1e-6 + seconds / 16.0 * 0.000_016_67);
    }
}

#[test]
fn what_was_measured_takes_the_place_of_the_worst_case() {
    let rates = rates(Client::Outside);
    let deployment = a_call().at.deployment.clone();
    let none = rates.means(&[a_call()]);
    near(rates.expected(&deployment, &none, &[]), rates.at_most(deployment.target));
    let trial = Trial { target: deployment.target, billed_ms: Some(500.0), output_bytes: None };
    near(rates.expected(&deployment, &none, &[trial]), rates.trial(&trial));
    let measured = Invocation { billed_ms: Some(300.0), ..a_call() };
    let means = rates.means(&[measured, a_call()]);
    near(rates.expected(&deployment, &means, &[trial]), rates.call(deployment.target, 300.0));
}

fn ahead(cold: f64, warm: f64) -> Vec<Ahead> {
    [Architecture::X86_64, Architecture::Arm64]
        .map(|a| Ahead { deployment: deployment_on("gpt-5", a, Platform::Aws), cold, warm })
        .to_vec()
}

fn cost_of(rates: &Rates, rows: &Rows, pass: &Pass) -> f64 {
    let calls = rows.invocations.iter().filter(|call| call.at.pass == pass.at.pass);
    rates.pass() + calls.map(|call| rates.of(call)).sum::<f64>()
}

#[test]
fn a_forecast_is_what_the_race_would_cost_if_it_were_all_like_the_pilots_rounds() {
    let (rates, rows) = (rates(Client::Outside), pilot(7, 3));
    let found = forecast(&rates, (&rows.passes, &rows.invocations), &ahead(12.0, 100.0), 12, 0.5);
    let sums: Vec<f64> = (1..=3)
        .map(|round| {
            let of = |deployment: &Deployment| {
                let passes = rows.passes.iter();
                let mine =
                    passes.filter(|p| p.at.round == round && *p.at.deployment == *deployment);
                let costs: Vec<f64> = mine.map(|pass| cost_of(&rates, &rows, pass)).collect();
                12.0 * costs[0] + 100.0 * f64::midpoint(costs[1], costs[2])
            };
            ahead(0.0, 0.0).iter().map(|one| of(&one.deployment)).sum()
        })
        .collect();
    let found = found.expect("three good rounds");
    near(found.usd, mean(&sums).unwrap() + 0.5);
    // Student's t with two degrees: 4.302652729911275 (SciPy, t.ppf(0.975, 2)).
    let half =
        4.302_652_729_911_275 * sample_sd(&sums).unwrap() * (1.0_f64 / 3.0 + 1.0 / 12.0).sqrt();
    let ends = found.interval.unwrap();
    near(ends.high, found.usd + half);
    near(ends.low, (found.usd - half).max(0.0));
    assert_eq!(found.rounds, 3);
}

#[test]
fn a_pilots_round_in_which_a_pass_failed_says_nothing() {
    let (rates, mut rows) = (rates(Client::Outside), pilot(7, 3));
    let told =
        |rows: &Rows| forecast(&rates, (&rows.passes, &rows.invocations), &ahead(1.0, 1.0), 1, 0.0);
    let failing = rows.passes.iter_mut().find(|pass| pass.at.round == 2).unwrap();
    failing.status = Status("in doubt".into());
    let two = told(&rows).unwrap();
    assert!(two.rounds == 2 && two.interval.is_some());
    // Cut short: a picture is missing.
    let last = rows.passes.pop().unwrap().at.pass;
    rows.invocations.retain(|call| call.at.pass != last);
    let one = told(&rows).unwrap();
    assert!(one.rounds == 1 && one.interval.is_none(), "no interval from one round");
    rows.passes.iter_mut().for_each(|pass| pass.status = Status("in doubt".into()));
    assert_eq!(told(&rows), None);
}

#[test]
fn a_forecast_holds_what_the_race_then_costs_in_95_of_100_studies() {
    let rates = rates(Client::InTheRegion);
    let studies = 600;
    let held = (0..studies).filter(|&seed| {
        let before = pilot(seed, 3);
        let race = pilot(10_000 + seed, 12);
        let spent: f64 = race.passes.iter().map(|pass| cost_of(&rates, &race, pass)).sum();
        let rows = (before.passes.as_slice(), before.invocations.as_slice());
        let ends = forecast(&rates, rows, &ahead(12.0, 24.0), 12, 0.0).unwrap().interval.unwrap();
        (ends.low..=ends.high).contains(&spent)
    });
    let share = held.count() as f64 / studies as f64;
    assert!((0.92..=0.98).contains(&share), "{share}");
}

#[test]
fn many_images_by_the_pilot_cost_what_they_would_by_a_race_of_the_same_calls() {
    let mut raced = script(3, 3).run();
    let mut piloted = pilot(3, 3);
    for rows in [&mut raced, &mut piloted] {
        for call in &mut rows.invocations {
            call.output_bytes = Some(200_000);
            if call.init_ms.is_some() {
                call.init_ms = Some(300.0);
            }
        }
    }
    let planned: Planned = script(3, 3).planned();
    let costing = Costing {
        book: PriceBook::parse("aws-2026-09", BOOK).unwrap(),
        assumptions: Assumptions::default(),
    };
    let of = |race: Race<'_>| costs(&summarise(race, &planned), &planned, &[], &costing).rows;
    let (passes, invocations) = as_raced(&piloted.passes, &piloted.invocations);
    let by_pilot = of(Race::of(&passes, &invocations));
    assert_eq!(by_pilot.len(), 2);
    assert_eq!(by_pilot, of(raced.race()));
    assert!(by_pilot[0].interval.is_some());
    // And nothing of the pilot is in what a race finds.
    assert!(summarise(piloted.race(), &planned).is_empty());
}
