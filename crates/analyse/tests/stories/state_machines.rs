//! What a state machine adds.

use photofinish_analyse::Rejection;
use photofinish_analyse::cost::{Assumptions, Costing, costs};
use photofinish_analyse::orchestration::{OrchestrationRow, orchestrations};
use photofinish_analyse::price::PriceBook;
use photofinish_analyse::summary::summarise;
use photofinish_analyse::verdict::judge;
use photofinish_study::Orchestration;
use photofinish_study::record::{Execution, Status};

use crate::duel::duel;
use crate::simulated::{Rows, Script, name, with_machines};

const BOOK: &str = include_str!("../../../assets/prices/aws-2026-09.toml");

fn costing() -> Costing {
    let book = PriceBook::parse("aws-2026-09", BOOK).unwrap();
    Costing { book, assumptions: Assumptions::default() }
}

fn looked_at(script: &Script, rows: &Rows, rejections: &[Rejection]) -> Vec<OrchestrationRow> {
    let planned = script.planned();
    let summary = summarise(rows.race(), &planned);
    orchestrations(rows.race(), &planned, rejections, &summary, &costing())
}

#[test]
fn verdicts_summary_and_cost_rest_on_the_clients_passes_alone() {
    let script = duel(562, 12, 100.0, 110.0);
    let (alone, both) = (script.run(), with_machines(&script, 3.0));
    let planned = script.planned();
    let of = |rows: &Rows| {
        let summary = summarise(rows.race(), &planned);
        let verdicts = judge(rows.race(), &planned, &[], Some((&summary, &costing())));
        let costs = costs(&summary, &planned, &[], &costing()).rows;
        (summary, verdicts, costs)
    };
    assert_eq!(of(&alone), of(&both));
    assert!(looked_at(&script, &alone, &[]).is_empty(), "nothing is told of what was not run");
}

#[test]
fn a_machine_that_takes_longer_is_found_to_by_rounds() {
    let script = duel(562, 12, 100.0, 110.0);
    let rows = with_machines(&script, 1.25);
    let found = looked_at(&script, &rows, &[]);
    assert_eq!(found.len(), 2);
    for row in &found {
        let ratio = row.ratio.unwrap();
        assert!((ratio.ratio - 1.25).abs() < 1e-9, "{ratio:?}");
        assert!(ratio.p < 1e-9 && row.rounds == 12 && row.failed == 0, "{row:?}");
        let (client, machine) = (row.client_s.unwrap(), row.machine_s.unwrap());
        assert_eq!((client.n, machine.n), (12 * 9, 12 * 9));
        assert!((machine.mean / client.mean - 1.25).abs() < 1e-9);
        assert!((row.execution_ms.unwrap().mean - machine.mean * 900.0).abs() < 1e-6);
    }
    let few = duel(562, 7, 100.0, 110.0);
    let found = looked_at(&few, &with_machines(&few, 1.25), &[]);
    assert!(found[0].ratio.is_none() && found[0].rounds == 7, "too few rounds for a ratio");
}

#[test]
fn express_is_charged_by_time_and_standard_by_transition() {
    let script = duel(562, 8, 100.0, 110.0);
    let mut rows = with_machines(&script, 1.25);
    let row = looked_at(&script, &rows, &[]).remove(0);
    let cost = row.cost.unwrap();
    // 100,000 executions of 300 ms at 64 MB, and as many transitions of one function.
    let express = 100_000.0 * (1e-6 + 0.3 / 16.0 * 0.000_016_67);
    assert!((cost.express_usd - express).abs() < 1e-9, "{cost:?}");
    assert!((cost.standard_usd - 2.5).abs() < 1e-9, "{cost:?}");
    let planned = script.planned();
    let summary = summarise(rows.race(), &planned);
    let priced = costs(&summary, &planned, &[], &costing()).with_machines(&[row]);
    let [first, second] = &priced.rows[..] else { panic!("two deployments") };
    // The functions were as fast, so that only the state machine is dearer.
    assert!((cost.total_usd - first.total_usd - express).abs() < 1e-9, "{first:?}");
    assert_eq!((first.machine, second.machine), (Some(cost), None));

    // Where the platform does not say, what an execution is charged for at least.
    for pass in &mut rows.passes {
        let duration_ms = pass.execution.map(|_| 201.0);
        pass.execution = pass.execution.map(|_| Execution { duration_ms, ..Execution::default() });
    }
    let same = looked_at(&script, &rows, &[]).remove(0).cost.unwrap();
    assert!((same.express_usd - cost.express_usd).abs() < 1e-12, "up to whole 100 ms: {same:?}");
}

#[test]
fn what_failed_is_counted_and_what_is_wrong_has_no_price() {
    let script = duel(562, 8, 100.0, 110.0);
    let mut rows = with_machines(&script, 1.25);
    let left = script.runners[0].deployment.clone();
    let doomed = rows.passes.iter_mut().filter(|pass| {
        pass.at.orchestration == Orchestration::StepFunctions && pass.at.deployment == left
    });
    let last = doomed.last().unwrap();
    (last.status, last.turnaround_s) = (Status("function error of greyscale".into()), None);
    let rejection = Rejection {
        deployment: script.runners[1].deployment.clone(),
        function: name("greyscale"),
        reason: "too bright".into(),
    };
    let found = looked_at(&script, &rows, &[rejection]);
    assert_eq!((found[0].failed, found[0].rounds), (1, 7), "its round is not complete");
    assert!(found[0].cost.is_some() && found[1].cost.is_none());
}
