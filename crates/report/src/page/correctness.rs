//! Function, contestant, architecture: accepted, or the check that failed.

use maud::{Markup, html};
use photofinish_study::Name;

use super::table::{caption, wide};
use crate::data::ReportData;
use crate::sheet::VerificationRow;
use crate::wording::NONE;

pub(super) fn correctness(data: &ReportData) -> Option<Markup> {
    let groups = data.checked();
    let rejected: Vec<(&str, &VerificationRow)> = groups
        .iter()
        .flat_map(|(label, rows)| rows.iter().map(move |row| (label.as_str(), *row)))
        .filter(|(_, row)| !row.accepted)
        .collect();
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
            (wide("Rejected outputs", reasons(data, &rejected)))
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

fn reasons(data: &ReportData, rejected: &[(&str, &VerificationRow)]) -> Markup {
    let number = |value: Option<f64>| {
        value.map_or_else(|| NONE.to_owned(), |v| format!("{}", (v * 1000.0).round() / 1000.0))
    };
    html! {
        table {
            (caption(data, "Every rejected output."))
            thead { tr {
                th scope="col" { "variant" } th scope="col" { "function" } th scope="col" { "input" }
                th scope="col" { "reason" } th scope="col" { "check" }
                th scope="col" class="n" { "found" } th scope="col" class="n" { "allowed" }
            } }
            tbody { @for (label, row) in rejected { tr {
                th scope="row" { (label) }
                td { (row.function) }
                td { (row.input) }
                td class="text" { (row.reason.as_deref().unwrap_or(NONE)) }
                td { (row.metric) }
                td class="n" { (number(row.value)) }
                td class="n" { (number(row.limit)) }
            } } }
        }
    }
}
