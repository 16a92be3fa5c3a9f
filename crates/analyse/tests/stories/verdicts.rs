//! The one rule, at its edges.

use std::sync::Arc;

use photofinish_analyse::verdict::{Family, Measure, Outcome, Verdict, judge, pairs};
use photofinish_analyse::{Part, Rejection, completeness};
use photofinish_study::record::Status;
use photofinish_study::{Architecture, Deployment, Flow, Phase, Platform, State, Target};

use crate::duel::{deployment, duel};
use crate::simulated::{Runner, Script, deployment_on, name};

fn judged(script: &Script) -> Vec<Verdict> {
    judge(script.run().race(), &script.planned(), &[], None)
}

#[test]
fn a_round_that_lacks_a_pass_on_one_side_counts_for_neither() {
    let script = duel(1, 12, 100.0, 140.0);
    let mut rows = script.run();
    let mut lose = |round: u32| {
        let pass = rows.passes.iter_mut().rfind(|pass| pass.at.round == round).unwrap();
        pass.status = Status(Status::IN_DOUBT.into());
    };
    lose(3);
    lose(9);
    let verdict = &judge(rows.race(), &script.planned(), &[], None)[0];
    assert_eq!((verdict.rounds, verdict.n_left, verdict.n_right), (10, 90, 90));
    assert_eq!(verdict.outcome, Outcome::Faster);
    for round in [1, 2, 4] {
        let pass = rows.passes.iter_mut().rfind(|pass| pass.at.round == round).unwrap();
        pass.status = Status("timeout".into());
    }
    let verdict = &judge(rows.race(), &script.planned(), &[], None)[0];
    assert_eq!(verdict.outcome, Outcome::Undecided);
    assert_eq!(verdict.reason, "too few rounds: 7 complete for both, 8 needed");
    assert_eq!((verdict.ratio, verdict.interval, verdict.p), (None, None, None));
}

#[test]
fn a_pass_that_was_done_again_completes_its_round() {
    let script = duel(1, 8, 100.0, 140.0);
    let mut rows = script.run();
    let mut doubtful =
        rows.passes.iter().find(|pass| pass.at.phase == Phase::Race).unwrap().clone();
    doubtful.at.pass = 1_000_000;
    doubtful.status = Status(Status::IN_DOUBT.into());
    rows.passes.push(doubtful);
    assert_eq!(judge(rows.race(), &script.planned(), &[], None)[0].rounds, 8);
}

#[test]
fn a_pass_that_failed_elsewhere_or_was_not_warm_counts_for_no_function() {
    let script = both_flows();
    let mut rows = script.run();
    let mut isolated = rows.passes.iter_mut().filter(|pass| {
        pass.at.phase == Phase::Race && pass.at.flow == Flow::Isolated && pass.at.round < 3
    });
    isolated.next().unwrap().status = Status("wrong output".into());
    isolated.find(|pass| pass.at.round == 2).unwrap().state = Some(State::Cold);
    let counted: Vec<_> = completeness(rows.race(), &script.planned())
        .iter()
        .map(|row| (row.flow, row.complete, row.begun))
        .collect();
    let (chained, isolated) = ((Flow::Chained, 8, 8), (Flow::Isolated, 6, 8));
    assert_eq!(counted, [chained, isolated, chained, (Flow::Isolated, 8, 8)]);
    let verdicts = judge(rows.race(), &script.planned(), &[], None);
    for verdict in verdicts.iter().filter(|verdict| verdict.family == Family::Functions) {
        assert_eq!((verdict.rounds, verdict.outcome), (6, Outcome::Undecided));
    }
}

#[test]
fn one_deployment_has_nobody_to_be_compared_with() {
    let mut script = duel(1, 12, 100.0, 100.0);
    script.runners.truncate(1);
    assert_eq!(judged(&script), []);
}

#[test]
fn identical_and_constant_figures_do_not_break_the_rule() {
    let script = duel(1, 8, 100.0, 100.0);
    let mut rows = script.run();
    rows.invocations.iter_mut().for_each(|call| call.duration_ms = Some(2.0));
    let verdict = &judge(rows.race(), &script.planned(), &[], None)[0];
    assert_eq!(
        (verdict.outcome, verdict.ratio, verdict.p),
        (Outcome::Undecided, Some(1.0), Some(1.0))
    );
    rows.invocations.iter_mut().for_each(|call| call.duration_ms = Some(f64::NAN));
    let verdict = &judge(rows.race(), &script.planned(), &[], None)[0];
    assert_eq!((verdict.outcome, verdict.rounds), (Outcome::Undecided, 0));
    rows.invocations.iter_mut().for_each(|call| call.duration_ms = Some(0.0));
    assert_eq!(judge(rows.race(), &script.planned(), &[], None)[0].rounds, 0);
}

fn both_flows() -> Script {
    let mut script = duel(5, 8, 100.0, 150.0);
    script.functions.push(name("rotate"));
    script.runners.iter_mut().for_each(|runner| runner.ms.push(40.0));
    script.flows = vec![Flow::Chained, Flow::Isolated];
    script
}

#[test]
fn a_rejected_function_is_not_timed_and_the_others_still_race() {
    let script = both_flows();
    let rejection = Rejection {
        deployment: script.runners[1].deployment.clone(),
        function: name("rotate"),
        reason: "turned the wrong way".into(),
    };
    let verdicts = judge(script.run().race(), &script.planned(), &[rejection], None);
    let of = |part: Part| verdicts.iter().find(|verdict| verdict.part == part).unwrap();
    assert_eq!(of(Part::Function(name("greyscale"))).outcome, Outcome::Faster);
    for part in [Part::Function(name("rotate")), Part::Pipeline] {
        let verdict = of(part);
        assert_eq!((verdict.outcome, verdict.ratio, verdict.p), (Outcome::Rejected, None, None));
        assert_eq!(
            verdict.reason,
            "right/1@local/x86_64/1769 is rejected: rotate: turned the wrong way"
        );
    }
}

#[test]
fn holm_works_within_a_family_over_what_could_be_tested() {
    let verdicts = judged(&both_flows());
    let functions: Vec<_> = verdicts.iter().filter(|v| v.family == Family::Functions).collect();
    assert_eq!(functions.len(), 2);
    let (greyscale, rotate) = (functions[0], functions[1]);
    assert_eq!(greyscale.p_adjusted.unwrap(), 2.0 * greyscale.p.unwrap());
    assert_eq!(rotate.outcome, Outcome::Undecided);
    assert_eq!(rotate.reason, "no difference shown");
    let pipeline = verdicts.iter().find(|v| v.family == Family::Pipeline).unwrap();
    assert_eq!(pipeline.p, pipeline.p_adjusted, "its family has one member");
}

#[test]
fn pairs_differ_in_one_thing_and_never_in_memory() {
    let x86 = |variant| deployment_on(variant, Architecture::X86_64, Platform::Aws);
    let arm = |variant| deployment_on(variant, Architecture::Arm64, Platform::Aws);
    let larger = |of: Arc<Deployment>| {
        let target = Target { memory_mb: 3538, ..of.target };
        Arc::new(Deployment { target, ..(*of).clone() })
    };
    let all = [x86("a"), arm("a"), x86("b"), arm("b"), larger(x86("a")), deployment("a")];
    let found: Vec<String> =
        pairs(&all).iter().map(|(left, right)| format!("{left} {right}")).collect();
    assert_eq!(
        found,
        [
            "a/1@aws/x86_64/1769 a/1@aws/arm64/1769",
            "a/1@aws/x86_64/1769 b/1@aws/x86_64/1769",
            "a/1@aws/arm64/1769 b/1@aws/arm64/1769",
            "b/1@aws/x86_64/1769 b/1@aws/arm64/1769",
        ]
    );
}

/// Two contestants on two architectures; `gain` is what the first alone gains on arm64.
fn square(seed: u64, gain: f64) -> Script {
    let runner = |variant, architecture, ms| Runner {
        deployment: deployment_on(variant, architecture, Platform::Aws),
        ms: vec![ms],
    };
    Script {
        runners: vec![
            runner("a", Architecture::X86_64, 100.0),
            runner("a", Architecture::Arm64, 90.0 * gain),
            runner("b", Architecture::X86_64, 300.0),
            runner("b", Architecture::Arm64, 270.0),
        ],
        ..duel(seed, 12, 0.0, 0.0)
    }
}

#[test]
fn who_gains_more_on_arm_is_a_ratio_of_ratios() {
    for (gain, outcome) in
        [(0.7, Outcome::Faster), (1.0, Outcome::Undecided), (1.5, Outcome::Slower)]
    {
        let verdicts = judged(&square(11, gain));
        let found: Vec<_> = verdicts.iter().filter(|v| v.family == Family::Architecture).collect();
        let [verdict] = found[..] else { panic!("{found:?}") };
        assert_eq!(verdict.outcome, outcome, "{gain}: {verdict:?}");
        assert_eq!(verdict.measure, Measure::ArmOverX86);
        let ends = verdict.interval.unwrap();
        assert!(ends.low < gain && gain < ends.high, "{gain}: {ends:?}");
        assert_eq!((verdict.n_left, verdict.n_right), (216, 216));
        assert_eq!(verdict.left.target.architecture, Architecture::Arm64);
    }
}

#[test]
fn who_is_raced_beside_the_others_is_in_no_pair_and_costs_no_power() {
    let script = both_flows();
    let mut planned = script.planned();
    let beside = Arc::clone(&planned.deployments[1]);
    planned.beside.insert(Arc::clone(&beside));
    let verdicts = judge(script.run().race(), &planned, &[], None);
    assert!(verdicts.iter().all(|v| v.left != beside && v.right != beside), "{verdicts:?}");
    assert!(judged(&script).iter().any(|v| v.right == beside));
}
