//! Function, contestant, architecture: accepted, or the check that failed.

use maud::{Markup, html};
use photofinish_study::Name;
use photofinish_study::record::NO_INPUT;

use super::table::{caption, wide};
use crate::data::ReportData;
use crate::sheet::VerificationRow;
use crate::wording::NONE;

/// Beyond so many rows a table is opened on demand.
const LONG: usize = 24;

pub(super) fn correctness(data: &ReportData) -> Option<Markup> {
    let groups = data.checked();
    let rejected: Vec<Rejected<'_>> =
        groups.iter().flat_map(|(label, rows)| first_of_each(label, rows)).collect();
    if groups.is_empty() {
        return None;
    }
    Some(html! {
        p class="quiet" { "Each output was compared with the reference's before anything was timed. What is rejected earns no time and no rank." }
        @if let Some(why) = data.not_timed() { p class="quiet" { (why) "." } }
        (wide("Correctness", html! {
            table {
                (caption(data, "Accepted, or the check that failed first."))
                thead { tr {
                    th scope="col" { "variant" }
                    @for function in &data.planned.functions { th scope="col" { (function) } }
                } }
                tbody { @for (label, rows) in &groups { tr {
                    th scope="row" { (label) }
                    @for function in &data.planned.functions { td class="check" { (cell(rows, function)) } }
                } } }
            }
        }))
        @if !rejected.is_empty() {
            h3 { "Rejected, and why" }
            @if rejected.len() > LONG {
                details { summary { (rejected.len()) " functions" } (wide("Rejected outputs", reasons(data, &rejected))) }
            } @else {
                (wide("Rejected outputs", reasons(data, &rejected)))
            }
        }
        @if !data.findings.is_empty() {
            h3 { "Findings, which are no reason to reject" }
            ul { @for found in &data.findings {
                li { b { (data.label(&found.deployment)) } " " (found.function) ", " (outputs(found.outputs)) ": " (found.words) }
            } }
        }
    })
}

fn outputs(n: u64) -> String {
    if n == 1 { "one output".to_owned() } else { format!("{n} outputs, of the first") }
}

fn cell(rows: &[&VerificationRow], function: &Name) -> Markup {
    let here: Vec<_> = rows.iter().filter(|row| row.function == *function).collect();
    let wrong: Vec<_> = here.iter().filter(|row| !row.accepted).collect();
    match (here.len(), wrong.as_slice()) {
        (0, _) => html! { span class="quiet" { "not checked" } },
        (all, []) => {
            html! { span class="good" { "✓ accepted" } br; span class="quiet small" { (all) " of " (all) } }
        }
        (all, [first, ..]) => {
            html! { span class="bad" { "✕ " (first.metric) } br; span class="quiet small" { "rejected, " (wrong.len()) " of " (all) } }
        }
    }
}

/// A function of somebody's that was rejected: the first output that was, and how many more.
struct Rejected<'a> {
    label: &'a str,
    first: &'a VerificationRow,
    more: usize,
}

fn first_of_each<'a>(label: &'a str, rows: &[&'a VerificationRow]) -> Vec<Rejected<'a>> {
    let mut found: Vec<Rejected<'a>> = Vec::new();
    for &row in rows.iter().filter(|row| !row.accepted) {
        match found.iter_mut().find(|rejected| rejected.first.function == row.function) {
            Some(rejected) => rejected.more += 1,
            None => found.push(Rejected { label, first: row, more: 0 }),
        }
    }
    found
}

fn reasons(data: &ReportData, rejected: &[Rejected<'_>]) -> Markup {
    let number = |value: Option<f64>| {
        value.map_or_else(|| NONE.to_owned(), |v| format!("{}", (v * 1000.0).round() / 1000.0))
    };
    html! {
        table {
            (caption(data, "Of each rejected function the first output; verification.csv has all."))
            thead { tr {
                th scope="col" { "variant" } th scope="col" { "function" } th scope="col" { "input" }
                th scope="col" { "reason" } th scope="col" { "check" }
                th scope="col" class="n" { "found" } th scope="col" class="n" { "allowed" }
            } }
            tbody { @for Rejected { label, first: row, more } in rejected { tr {
                th scope="row" { (label) }
                td { (row.function) }
                td {
                    @if &*row.input == NO_INPUT { (NONE) } @else { (row.input) }
                    @if *more > 0 { br; span class="quiet small" { "and " (more) " more" } }
                }
                td class="text" { (row.reason.as_deref().unwrap_or(NONE)) }
                td { (row.metric) }
                td class="n" { (number(row.value)) }
                td class="n" { (number(row.limit)) }
            } } }
        }
    }
}
