//! What is summed up, what is kept apart, and what is only counted.

use std::sync::Arc;

use photofinish_analyse::summary::{Metric, SummaryRow, attempts, summarise};
use photofinish_analyse::{Images, Part, Planned, passes_of};
use photofinish_study::record::Status;
use photofinish_study::{Flow, Phase, State};

use crate::duel::duel;
use crate::simulated::{Rows, Script, name};

fn rows_of(rows: &Rows, planned: &Planned, part: &Part, metric: Metric) -> Vec<SummaryRow> {
    let mut summary = summarise(rows.race(), planned);
    summary.retain(|row| {
        row.part == *part
            && row.metric == metric
            && row.images == Images::All
            && row.deployment == planned.deployments[0]
    });
    summary
}

fn two_functions() -> Script {
    let mut script = duel(3, 8, 50.0, 60.0);
    script.functions.push(name("resize"));
    script.runners.iter_mut().for_each(|runner| runner.ms.push(20.0));
    script
}

#[test]
fn a_failed_pass_is_counted_and_not_summed_up() {
    let script = two_functions();
    let mut rows = script.run();
    let planned = script.planned();
    let before = rows_of(&rows, &planned, &Part::Pipeline, Metric::Duration);
    let raced = |phase| phase == Phase::Race;
    let pass = rows.passes.iter_mut().find(|pass| raced(pass.at.phase)).unwrap();
    pass.status = Status("timeout".into());
    let lost = pass.at.pass;
    let calls = rows.invocations.iter_mut();
    for call in calls.filter(|call| call.at.pass == lost && call.function == name("resize")) {
        call.status = Status("timeout".into());
        call.duration_ms = Some(1e9);
    }
    let after = rows_of(&rows, &planned, &Part::Pipeline, Metric::Duration);
    assert_eq!(after[0].n, before[0].n - 1);
    assert!(after[0].mean < 100.0, "{}", after[0].mean);
    let turnaround = rows_of(&rows, &planned, &Part::Pipeline, Metric::Turnaround);
    assert_eq!(turnaround[0].n, 71);
    let resize = rows_of(&rows, &planned, &Part::Function(name("resize")), Metric::Duration);
    assert!(resize[0].n == 71 && resize[0].mean < 100.0, "{resize:?}");
    let counted = attempts(rows.race(), &planned);
    let of = |part: &Part| counted.iter().find(|row| row.part == *part).unwrap();
    assert_eq!(of(&Part::Pipeline).failed[&Arc::from("timeout")], 1);
    assert_eq!(of(&Part::Function(name("resize"))).failed.len(), 1);
    assert_eq!(of(&Part::Function(name("greyscale"))).failed.len(), 0);
    assert_eq!(of(&Part::Function(name("greyscale"))).ok, 72);
}

#[test]
fn a_pass_with_a_missing_report_has_no_pipeline_duration_but_a_turnaround() {
    let script = two_functions();
    let mut rows = script.run();
    let first = rows.invocations.iter().position(|call| call.at.phase == Phase::Race).unwrap();
    rows.invocations[first].duration_ms = None;
    let planned = script.planned();
    assert_eq!(rows_of(&rows, &planned, &Part::Pipeline, Metric::Duration)[0].n, 71);
    rows.invocations.remove(first + 2); // one of the next pass's two rows is lost
    assert_eq!(rows_of(&rows, &planned, &Part::Pipeline, Metric::Duration)[0].n, 70);
    assert_eq!(rows_of(&rows, &planned, &Part::Pipeline, Metric::Turnaround)[0].n, 71);
    assert_eq!(attempts(rows.race(), &planned)[0].without_report, 1);
}

#[test]
fn cold_and_warm_stay_apart() {
    let script = two_functions();
    let mut rows = script.run();
    let function = Part::Function(name("greyscale"));
    let planned = script.planned();
    let cold_call = rows.invocations.iter_mut().find(|call| call.at.phase == Phase::Race).unwrap();
    cold_call.state = Some(State::Cold);
    cold_call.duration_ms = Some(5000.0);
    let warm_up = rows.invocations.iter_mut().find(|call| call.at.phase == Phase::WarmUp).unwrap();
    warm_up.state = Some(State::Proactive); // its init was not waited for
    let states = |metric| {
        let rows = rows_of(&rows, &planned, &function, metric);
        rows.iter().map(|row| (row.state, row.n)).collect::<Vec<_>>()
    };
    assert_eq!(states(Metric::Duration), [(Some(State::Cold), 1), (Some(State::Warm), 71)]);
    assert_eq!(states(Metric::Init), [(Some(State::Cold), 7)], "one a round, from the warm-up");
    assert_eq!(states(Metric::Download), [(Some(State::Warm), 1)], "from the stages passes");
}

#[test]
fn one_round_has_a_spread_but_no_interval() {
    let mut script = two_functions();
    script.rounds = 1;
    let rows = script.run();
    let row = &rows_of(&rows, &script.planned(), &Part::Pipeline, Metric::Duration)[0];
    assert!(row.sd.is_some());
    assert_eq!((row.rounds, row.interval), (1, None));
}

#[test]
fn the_plan_can_be_read_off_complete_rows() {
    let mut script = two_functions();
    script.images.push((name("portrait"), 3.0));
    script.flows = vec![Flow::Chained, Flow::Isolated];
    let mut rows = script.run();
    assert_eq!(Planned::seen_in(rows.race()), script.planned());
    let raced = rows.passes.iter().find(|pass| pass.at.phase == Phase::Race);
    let mut lost = raced.unwrap().clone(); // done again, so the round holds one more that failed
    lost.status = Status(Status::IN_DOUBT.into());
    rows.passes.push(lost);
    assert_eq!(Planned::seen_in(rows.race()), script.planned());
}

#[test]
fn a_function_that_the_first_pass_lacks_still_stands_in_its_place() {
    let mut script = two_functions();
    script.functions.push(name("depth"));
    script.runners.iter_mut().for_each(|runner| runner.ms.push(9.0));
    let mut rows = script.run();
    rows.invocations.remove(1);
    assert_eq!(Planned::seen_in(rows.race()).functions, script.functions);
}

#[test]
fn passes_can_be_read_off_their_invocations() {
    let mut rows = two_functions().run();
    rows.invocations[1].status = Status("timeout".into());
    rows.invocations[3].state = Some(State::Cold);
    let passes = passes_of(&rows.invocations);
    assert_eq!(passes.len(), rows.passes.len());
    assert_eq!(passes[0].status, Status("timeout".into()));
    assert_eq!(passes[0].turnaround_s, None, "it failed");
    assert_eq!(passes[1].state, Some(State::Cold));
    assert_eq!(passes[1].turnaround_s, rows.passes[1].turnaround_s);
    rows.invocations[5].sent_ms = None;
    assert_eq!(passes_of(&rows.invocations)[2].turnaround_s, None, "one was not noted");
    assert_eq!(passes[2].at, rows.passes[2].at);
    assert_eq!(
        (passes[2].state, &passes[2].status),
        (rows.passes[2].state, &rows.passes[2].status)
    );
}

#[test]
fn nothing_sums_up_to_nothing() {
    let rows = Rows::default();
    assert_eq!(summarise(rows.race(), &Planned::default()), []);
    assert_eq!(attempts(rows.race(), &Planned::default()), []);
}
