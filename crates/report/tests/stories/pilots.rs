//! What a pilot had told, what processors there were, and how sandboxes were started.

use std::sync::Arc;

use photofinish_analyse::Interval;
use photofinish_analyse::pilot::Forecast;
use photofinish_report::terminal::{Ink, View, render};
use photofinish_report::{Pilot, ReportData, page};

use crate::demo;

const PLAIN: View = View { width: None, ink: Ink::Plain };

/// A study whose pilot was a tenth too cheap.
fn piloted() -> ReportData {
    let mut data = demo::large();
    let mut costs = data.costs.rows.clone();
    for row in &mut costs {
        row.total_usd *= 0.9;
        row.interval = Some(Interval { low: 1.25, high: 7.5 });
    }
    let race = Forecast { usd: 0.75, interval: Some(Interval { low: 0.5, high: 1.0 }), rounds: 3 };
    let race = Some(race);
    data.pilot = Some(Pilot { rounds: 3, race, raced: (4, 12), spent_usd: Some(0.3456), costs });
    data
}

#[test]
fn what_a_pilot_had_told_stands_beside_what_the_race_found() {
    let data = piloted();
    let (page, terminal) = (page::render(&data), render(&data, PLAIN));
    for text in [&page, &terminal] {
        assert!(text.contains("a pilot of 3 rounds, which is in no other figure"));
        assert!(text.contains("the race's 12 rounds were to cost $0.7500 [$0.5000, $1.00]"));
        assert!(text.contains("4 rounds of the race, has cost $0.3456 so far by its own books"));
    }
    let raced = &data.costs.rows[0];
    let cells = format!("[$1.25, $7.50]</td><td class=\"n\">${:.2}</td>", raced.total_usd);
    assert!(page.contains(&cells), "{cells}");
    let line = format!(" by it, ${:.2}", raced.total_usd);
    assert!(terminal.contains(&line), "{line}");
    assert!(!page::render(&demo::large()).contains("a pilot of"));
}

#[test]
fn a_mix_of_processors_is_printed_with_each_row_and_one_alone_once() {
    let mut data = demo::large();
    for mix in data.cpu_models.values_mut() {
        *mix = vec![(Arc::from("Xeon 8259CL"), 75)];
    }
    let page = page::render(&data);
    assert!(page.contains("Processor of every deployment: Xeon 8259CL."));
    assert_eq!(page.matches("Xeon 8259CL").count(), 1);
    let mix = vec![(Arc::from("Xeon 8259CL"), 75), (Arc::from("EPYC 7R13"), 25)];
    let first = data.planned.deployments[0].clone();
    data.cpu_models.insert(first, mix);
    let page = page::render(&data);
    let words = "Xeon 8259CL 75.0\u{a0}%, EPYC 7R13 25.0\u{a0}%";
    let rows = page.matches(&format!("<span class=\"note\">{words}</span>")).count();
    assert!(rows > data.planned.functions.len(), "{rows} rows with a mix");
    assert!(page.contains(&format!("ran on {words} (pooled in the verdicts)")));
    assert!(render(&data, PLAIN).contains(words));
}

#[test]
fn cold_and_proactive_starts_are_counted_apart() {
    let mut data = demo::large();
    let starts = &mut data.starts[0];
    (starts.cold, starts.proactive, starts.init_share) = (41, 19, Some(0.125));
    let words = "41 calls waited for their sandbox (cold), 19 found one that had been \
                 initialised before (proactive); inits are 12.5\u{a0}% of the time billed";
    assert!(page::render(&data).contains(words));
    let text = render(&data, PLAIN);
    let table = &text[text.find("calls that found no warm sandbox").expect("a table")..];
    let row = table.lines().find(|line| line.contains(" 41 ")).expect("its row");
    let cells: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(cells[1..], ["41", "19", "12.5", "%"], "{row}");
}
