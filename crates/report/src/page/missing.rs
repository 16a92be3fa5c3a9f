//! What failed, what left no record, and what it ran on.

use maud::{Markup, html};
use photofinish_analyse::Part;
use photofinish_analyse::summary::{Attempts, CpuMix};

use super::table::{named, wide};
use crate::data::ReportData;
use crate::wording::{NONE, count, processors_of};

pub(super) fn missing(data: &ReportData) -> Option<Markup> {
    if data.attempts.is_empty() {
        return None;
    }
    let sum = |of: fn(&Attempts) -> u64| -> u64 {
        let calls = data.attempts.iter().filter(|row| row.part != Part::Pipeline);
        calls.map(of).sum()
    };
    let (ok, failed) = (sum(|row| row.ok), sum(|row| row.failed.values().sum()));
    let (lost, cold) = (sum(|row| row.without_report), sum(|row| row.not_warm));
    let notable =
        |row: &&Attempts| !row.failed.is_empty() || row.without_report > 0 || row.not_warm > 0;
    let rows: Vec<_> = data.attempts.iter().filter(notable).collect();
    Some(html! {
        p { "Of " (count(ok + failed)) " race calls " (count(ok)) " ended well and " (count(failed)) " did not; " (count(lost)) " came without a REPORT and " (count(cold)) " found a sandbox that was not warm." }
        @if !rows.is_empty() {
            details class="long" { summary { "Each of them" } (wide("Failures", html! {
                table {
                    caption { "What did not go as planned; pipeline stands for whole passes." }
                    thead { tr {
                        th scope="col" { "variant" } th scope="col" { "flow" } th scope="col" { "function" }
                        th scope="col" class="n" { "ok" } th scope="col" { "failed" }
                        th scope="col" class="n" { "no REPORT" } th scope="col" class="n" { "not warm" }
                    } }
                    tbody { @for row in rows { tr {
                        th scope="row" { (named(data, &row.deployment)) }
                        td { (row.flow) }
                        td { (row.part) }
                        td class="n" { (count(row.ok)) }
                        td class="text" { (failures(row)) }
                        td class="n" { (count(row.without_report)) }
                        td class="n" { (count(row.not_warm)) }
                    } } }
                }
            })) }
        }
        (incomplete(data))
        (processors(data))
    })
}

fn incomplete(data: &ReportData) -> Markup {
    let short: Vec<String> = data
        .rounds
        .iter()
        .filter(|row| row.complete < row.begun)
        .map(|row| {
            let (label, complete, begun) = (data.label(&row.deployment), row.complete, row.begun);
            format!("{label} {} {complete} of {begun}", row.flow)
        })
        .collect();
    html! {
        @if !short.is_empty() {
            p { "Complete rounds: " (short.join("; ")) ". The others are shown, not tested." }
        }
    }
}

fn failures(row: &Attempts) -> String {
    let each: Vec<String> =
        row.failed.iter().map(|(status, n)| format!("{} × {status}", count(*n))).collect();
    if each.is_empty() { NONE.to_owned() } else { each.join(", ") }
}

/// The processors, once where all deployments had the same.
fn processors(data: &ReportData) -> Markup {
    let pooled = |models: &CpuMix| if models.len() > 1 { " (pooled in the verdicts)" } else { "" };
    html! {
        @match data.one_processor() {
            Some(model) => p class="quiet" { "Processor of every deployment: " (model) "." },
            None => @for (deployment, models) in &data.cpu_models {
                p class="quiet" { (data.label(deployment)) " ran on " (processors_of(models)) (pooled(models)) "." }
            },
        }
    }
}
