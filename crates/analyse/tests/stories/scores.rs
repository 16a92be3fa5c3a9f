//! How good a model is at writing the functions.

use std::collections::BTreeSet;

use photofinish_analyse::draws::{all_of, best_of, best_of_interval, one_of};
use photofinish_analyse::score::{DRAWS, Draw, Score, scores, writing_usd};
use photofinish_analyse::speed::Speeds;
use photofinish_analyse::summary::summarise;
use photofinish_analyse::{Interval, Part, proportion_interval};
use photofinish_study::record::{Channel, Ending, Generation, Judgement};
use photofinish_study::{Architecture, Contestant, Flow, Name, Platform};
use serde::Deserialize;

use crate::duel::duel;
use crate::simulated::{Runner, deployment_on, name};

#[derive(Deserialize)]
struct Golden {
    draws: Vec<(u64, u64, u64, f64, f64)>,
    speeds: Vec<Best>,
    proportions: Vec<(u64, u64, f64, f64)>,
}

/// eff@k of some values, and its interval.
type Best = (u64, Vec<f64>, f64, Option<[f64; 2]>);

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/scores.json")).unwrap()
}

#[track_caller]
fn same(found: f64, golden: f64, what: &str) {
    assert!((found - golden).abs() <= 1e-10 * golden.abs().max(1.0), "{what}: {found}, {golden}");
}

#[test]
fn a_share_s_interval_is_scipy_s_exact_one() {
    for (right, n, low, high) in golden().proportions {
        let found = proportion_interval(right, n).unwrap();
        same(found.low, low, &format!("low of {right}/{n}"));
        same(found.high, high, &format!("high of {right}/{n}"));
    }
    assert_eq!((proportion_interval(0, 0), proportion_interval(2, 1)), (None, None));
}

#[test]
fn one_of_k_and_all_of_k_are_the_shares_of_all_choices() {
    for (k, right, n, one, all) in golden().draws {
        same(one_of(k, right, n).unwrap(), one, &format!("pass@{k} of {right}/{n}"));
        same(all_of(k, right, n).unwrap(), all, &format!("pass^{k} of {right}/{n}"));
    }
    for (k, right, n) in [(0, 1, 1), (2, 1, 1), (1, 2, 1), (1, 0, 0)] {
        assert_eq!((one_of(k, right, n), all_of(k, right, n)), (None, None), "{k} {right} {n}");
    }
}

#[test]
fn the_best_of_k_is_the_mean_over_all_choices() {
    for (k, values, best, ends) in golden().speeds {
        same(best_of(k, &values).unwrap(), best, &format!("eff@{k} of {values:?}"));
        let found = best_of_interval(k, &values);
        assert_eq!(found.is_some(), ends.is_some(), "eff@{k} of {values:?}");
        if let Some((found, [low, high])) = Option::zip(found, ends) {
            same(found.low, low, &format!("low of eff@{k} of {values:?}"));
            same(found.high, high, &format!("high of eff@{k} of {values:?}"));
        }
    }
    assert_eq!(best_of(2, &[1.0]), None);
    assert_eq!(best_of_interval(1, &[0.0; 10]), None, "all wrong is no certainty");
    assert_eq!(best_of_interval(1, &[1.5; 10]), None, "nor are ten alike");
}

/// An accepted first answer, a cent and ten seconds.
fn answer(contestant: &str, function: &str) -> Generation {
    Generation {
        contestant: contestant.parse().unwrap(),
        function: name(function),
        asked: "openai:gpt-5".into(),
        served: Some("gpt-5".into()),
        as_asked: Some(true),
        stands_for: None,
        effort: None,
        channel: Channel::Api,
        ending: Ending::Complete,
        attempts: 1,
        input_tokens: Some(1000),
        cached_tokens: Some(0),
        output_tokens: Some(400),
        reasoning_tokens: Some(100),
        usd: Some(0.01),
        seconds: Some(10.0),
        lines: Some(30),
        complexity: Some(4),
        missing_imports: vec![],
        seen: vec![],
        judgement: Judgement::Accepted,
    }
}

fn ended(ending: Ending, contestant: &str, function: &str) -> Generation {
    let judgement = Judgement::NotVerified;
    Generation { ending, judgement, ..answer(contestant, function) }
}

fn judged(judgement: Judgement, contestant: &str, function: &str) -> Generation {
    Generation { judgement, ..answer(contestant, function) }
}

fn wrong(contestant: &str, function: &str) -> Generation {
    judged(Judgement::Rejected("off by 3".into()), contestant, function)
}

fn repaired(repair: u32, mut row: Generation) -> Generation {
    row.contestant.sample.repair = repair;
    row
}

fn functions() -> [Name; 2] {
    ["depth", "rotate"].map(name)
}

#[track_caller]
fn of<'a>(scores: &'a [Score], repair: u32, part: &str) -> &'a Score {
    let part = Part::parse(part).unwrap();
    let mut found = scores.iter().filter(|row| row.repair == repair && row.part == part);
    found.next().unwrap_or_else(|| panic!("no row for {part} after {repair}"))
}

/// Five samples: right; no code for rotate; wrong depth; refused depth; nobody looked at depth.
fn five() -> Vec<Generation> {
    vec![
        answer("gpt-5/1", "depth"),
        answer("gpt-5/1", "rotate"),
        answer("gpt-5/2", "depth"),
        ended(Ending::NoCode, "gpt-5/2", "rotate"),
        wrong("gpt-5/3", "depth"),
        answer("gpt-5/3", "rotate"),
        ended(Ending::Refused, "gpt-5/4", "depth"),
        answer("gpt-5/4", "rotate"),
        judged(Judgement::NotVerified, "gpt-5/5", "depth"),
        answer("gpt-5/5", "rotate"),
    ]
}

#[test]
fn no_answer_is_wrong_of_all_and_is_left_out_of_those_with_code() {
    let rows = scores(&five(), &functions(), &DRAWS, None);
    assert_eq!(rows.len(), 3, "two functions and the pipeline");
    let counts = |part| {
        let row = of(&rows, 0, part);
        let (all, code) = (&row.of_all, &row.with_code);
        (all.right, all.n, code.right, code.n, row.unknown)
    };
    assert_eq!(counts("depth"), (2, 4, 2, 3, 1));
    assert_eq!(counts("rotate"), (4, 5, 4, 4, 0));
    assert_eq!(counts("pipeline"), (1, 4, 1, 2, 1));
}

#[test]
fn a_sample_that_lacks_a_function_says_nothing_of_the_pipeline() {
    let mut rows = five();
    rows.retain(|row| !(row.contestant.sample.number == 3 && row.function.as_str() == "rotate"));
    let rows = scores(&rows, &functions(), &DRAWS, None);
    assert_eq!((of(&rows, 0, "pipeline").of_all.n, of(&rows, 0, "pipeline").unknown), (3, 2));
    let alone = scores(&five()[..2], &functions()[..1], &DRAWS, None);
    assert_eq!(alone.len(), 1, "one function is its own pipeline");
}

fn drawn(draws: &[Draw], k: u32) -> (f64, Interval) {
    let found = draws.iter().find(|draw| draw.k == k).unwrap();
    (found.estimate, found.interval.unwrap())
}

#[test]
fn the_interval_of_one_answer_is_carried_to_k_answers_and_holds_the_estimate() {
    let rows = scores(&five(), &functions(), &[1, 2, 4, 9], None);
    let depth = &of(&rows, 0, "depth").of_all;
    let p = proportion_interval(2, 4).unwrap();
    let (estimate, ends) = drawn(&depth.one_of, 2);
    same(estimate, 5.0 / 6.0, "pass@2");
    same(ends.low, 1.0 - (1.0 - p.low).powi(2), "its lower end");
    same(ends.high, 1.0 - (1.0 - p.high).powi(2), "its upper end");
    let (estimate, ends) = drawn(&depth.all_of, 2);
    same(estimate, 1.0 / 6.0, "pass^2");
    same(ends.low, p.low.powi(2), "its lower end");
    same(ends.high, p.high.powi(2), "its upper end");
    let (estimate, ends) = drawn(&depth.one_of, 4);
    assert_eq!((estimate, ends.high), (1.0, 1.0), "widened to hold the estimate");
    let (estimate, ends) = drawn(&depth.all_of, 4);
    assert_eq!((estimate, ends.low), (0.0, 0.0), "and to the other side");
    assert!(depth.one_of.iter().all(|draw| draw.k != 9), "more than there are");
    assert!(depth.one_of[0].is_wide(), "four answers say next to nothing");
}

/// How often n answers, each right with chance `p`, give an interval that holds what is true of k:
/// summed over all that can happen, so there is no luck in it.
fn coverage(p: f64, n: u64, held: impl Fn(u64) -> bool) -> f64 {
    let log_choose =
        |c: u64| -> f64 { (0..c).map(|i| ((n - i) as f64).ln() - ((i + 1) as f64).ln()).sum() };
    let chance =
        |c: u64| (log_choose(c) + c as f64 * p.ln() + (n - c) as f64 * (1.0 - p).ln()).exp();
    (0..=n).filter(|&c| held(c)).map(chance).sum()
}

#[test]
fn an_interval_of_k_answers_holds_the_truth_as_often_as_it_says() {
    let answers = |right: u64, n: u64| -> Vec<Generation> {
        let one = |sample: u64| {
            let contestant = format!("gpt-5/{sample}");
            if sample <= right { answer(&contestant, "depth") } else { wrong(&contestant, "depth") }
        };
        (1..=n).map(one).collect()
    };
    for n in [3, 10] {
        let rows: Vec<Score> = (0..=n)
            .flat_map(|right| scores(&answers(right, n), &functions()[..1], &[1, 3], None))
            .collect();
        for p in (1..20).map(|twentieth| f64::from(twentieth) / 20.0) {
            let holds = |draw: (f64, Interval), truth| draw.1.low <= truth && truth <= draw.1.high;
            let one = coverage(p, n, |c| {
                holds(drawn(&rows[c as usize].of_all.one_of, 3), 1.0 - (1.0 - p).powi(3))
            });
            let all =
                coverage(p, n, |c| holds(drawn(&rows[c as usize].of_all.all_of, 3), p.powi(3)));
            assert!(one >= 0.95 && all >= 0.95, "n {n}, p {p}: {one}, {all}");
        }
    }
}

#[test]
fn a_repaired_arm_is_the_latest_answer_with_all_that_it_took() {
    let mut rows = five();
    rows.push(repaired(1, answer("gpt-5/3", "depth")));
    rows.push(repaired(1, wrong("gpt-5/2", "rotate")));
    rows.push(repaired(2, answer("gpt-5/2", "rotate")));
    let rows = scores(&rows, &functions(), &DRAWS, None);
    let first = scores(&five(), &functions(), &DRAWS, None);
    assert_eq!(rows[..3], first[..], "first answers stay as they were");
    let right =
        |repair, part| (of(&rows, repair, part).of_all.right, of(&rows, repair, part).of_all.n);
    assert_eq!(
        [right(1, "depth"), right(1, "rotate"), right(1, "pipeline")],
        [(3, 4), (4, 5), (2, 4)]
    );
    assert_eq!([right(2, "rotate"), right(2, "pipeline")], [(5, 5), (3, 4)]);
    let after = of(&rows, 2, "pipeline");
    assert_eq!(after.of_all.one_of.iter().map(|draw| draw.k).collect::<Vec<_>>(), [1]);
    same(after.money.spent_usd.unwrap(), 0.11, "four samples of two answers, three repairs");
    assert_eq!(of(&rows, 2, "rotate").effort.seconds.unwrap().high, 10.0);
    let with_code = &of(&rows, 1, "rotate").with_code;
    assert_eq!((with_code.right, with_code.n), (4, 5), "it had code in the end, and wrong one");
}

#[test]
fn money_is_what_all_cost_over_the_right_ones() {
    let rows = scores(&five(), &functions(), &DRAWS, None);
    let depth = of(&rows, 0, "depth").money;
    same(depth.spent_usd.unwrap(), 0.04, "spent");
    same(depth.per_right_usd.unwrap(), 0.02, "a right one");
    let p = proportion_interval(2, 4).unwrap();
    same(depth.interval.unwrap().low, 0.01 / p.high, "at best");
    same(depth.interval.unwrap().high, 0.01 / p.low, "at worst");
    let none = scores(&[wrong("gpt-5/1", "depth")], &functions()[..1], &DRAWS, None)[0].money;
    assert_eq!((none.spent_usd, none.per_right_usd), (Some(0.01), None));
    assert_eq!(none.interval.unwrap().high, f64::INFINITY);
    let mut unpriced = five();
    unpriced[0].usd = None;
    let rows = scores(&unpriced, &functions(), &DRAWS, None);
    assert_eq!(of(&rows, 0, "depth").money.spent_usd, None, "a sum without a term is none");
    assert!(of(&rows, 0, "rotate").money.spent_usd.is_some());
}

#[test]
fn effort_is_told_in_quartiles_of_those_that_have_the_figure() {
    let mut rows = five();
    for (row, seconds) in
        rows.iter_mut().zip([10.0, 1.0, 20.0, 1.0, 30.0, 1.0, 40.0, 1.0, 0.0, 1.0])
    {
        row.seconds = Some(seconds).filter(|seconds| *seconds > 0.0);
    }
    let rows = scores(&rows, &functions(), &DRAWS, None);
    let depth = of(&rows, 0, "depth").effort.seconds.unwrap();
    assert_eq!((depth.n, depth.low, depth.median, depth.high), (4, 17.5, 25.0, 32.5));
    let pipeline = of(&rows, 0, "pipeline").effort;
    assert_eq!((pipeline.seconds.unwrap().n, pipeline.seconds.unwrap().median), (4, 26.0));
    assert_eq!(pipeline.output_tokens.unwrap().median, 800.0);
}

#[test]
fn what_a_contestant_cost_to_write_is_the_sum_of_all_answers_that_led_to_it() {
    let mut rows = five();
    rows.push(repaired(1, answer("gpt-5/3", "depth")));
    rows[1].usd = None;
    let written = writing_usd(&rows);
    let of = |text: &str| written.get(&text.parse::<Contestant>().unwrap()).copied();
    assert_eq!(of("gpt-5/1"), None);
    same(of("gpt-5/3").unwrap(), 0.02, "its first answers");
    same(of("gpt-5/3+r1").unwrap(), 0.03, "and what was repaired");
}

/// Speeds of a race in which sample 1 takes 40 ms, sample 2 takes 160 and pillow 80.
fn speeds(chosen: &[&str]) -> Speeds {
    let runner = |contestant: &str, ms| {
        let mut deployment = (*deployment_on("x", Architecture::X86_64, Platform::Local)).clone();
        deployment.contestant = contestant.parse().unwrap();
        Runner { deployment: deployment.into(), ms: vec![ms] }
    };
    let runners = vec![runner("pillow/1", 80.0), runner("gpt-5/1", 40.0), runner("gpt-5/2", 160.0)];
    let mut script = duel(562, 8, 1.0, 1.0);
    (script.runners, script.flows) = (runners, vec![Flow::Isolated]);
    script.functions = vec![name("depth")];
    let rows = script.run();
    let summary = summarise(rows.race(), &script.planned());
    let chosen: BTreeSet<Contestant> = chosen.iter().map(|text| text.parse().unwrap()).collect();
    let target = script.runners[0].deployment.target;
    Speeds::of(&summary, &"pillow/1".parse().unwrap(), target, chosen)
}

#[test]
fn the_best_speed_counts_those_that_were_to_race_and_the_wrong_ones_as_0() {
    let score = |chosen: &[&str]| {
        let speeds = speeds(chosen);
        let rows = scores(&five(), &functions(), &[1, 2], Some(&speeds));
        of(&rows, 0, "depth").speed.clone()
    };
    let both = score(&["gpt-5/1", "gpt-5/2", "gpt-5/3"]).unwrap();
    assert_eq!((both.n, both.unmeasured), (3, 0));
    let one = both.best_of[0].estimate;
    assert!((0.7..1.0).contains(&one), "(2 + 0.5 + 0) / 3, nearly: {one}");
    let two = both.best_of[1].estimate;
    assert!((1.3..1.7).contains(&two), "(2 + 2 + 0.5) / 3, nearly: {two}");
    let alone = score(&["gpt-5/1"]).unwrap();
    assert_eq!((alone.n, alone.best_of.len(), alone.best_of[0].interval), (1, 1, None));
    let wrong = score(&["gpt-5/3"]).unwrap();
    assert_eq!(wrong.best_of[0].estimate, 0.0);
    assert_eq!(score(&["gpt-5/5"]), None, "nobody looked at it");
}

#[test]
fn a_right_answer_without_a_time_leaves_no_speed() {
    let speeds = speeds(&["gpt-5/1", "gpt-5/2"]);
    let rows = scores(&five(), &functions(), &[1], Some(&speeds));
    let rotate = of(&rows, 0, "rotate").speed.clone().unwrap();
    assert_eq!((rotate.n, rotate.unmeasured, rotate.best_of.len()), (2, 1, 0));
}
