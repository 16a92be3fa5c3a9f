//! The tables of what was measured.

use std::sync::Arc;

use maud::{Markup, html};
use photofinish_analyse::cost::{Assumptions, CostRow};
use photofinish_analyse::summary::{Metric, SummaryRow};
use photofinish_analyse::{Images, Part};
use photofinish_study::{Flow, State};

use super::{flow_title, named, wide};
use crate::data::ReportData;
use crate::wording::{NONE, count, decimals, ends, figure, fixed, percent, spread, usd};

pub(super) fn runtimes(data: &ReportData) -> Option<Markup> {
    let of = |flow: Flow| -> Vec<&SummaryRow> {
        let mut rows: Vec<&SummaryRow> = data
            .overall(|row| row.metric == Metric::Duration)
            .filter(|row| row.flow == flow && (flow == Flow::Chained || row.part != Part::Pipeline))
            .collect();
        rows.sort_by_key(|row| place(data, &row.part));
        rows
    };
    let flows: Vec<(Flow, Vec<&SummaryRow>)> =
        data.flows().into_iter().map(|flow| (flow, of(flow))).collect();
    if flows.iter().all(|(_, rows)| rows.is_empty()) {
        return None;
    }
    Some(html! {
        p class="quiet" { "The platform's own REPORT duration of successful race calls. sd and CV are within pictures; the interval is on the mean, from round means." }
        @for (flow, rows) in flows.iter().filter(|(_, rows)| !rows.is_empty()) {
            h3 { (flow_title(*flow)) }
            (wide(flow_title(*flow), distribution(data, rows, "ms")))
        }
        details {
            summary { "Picture by picture" }
            (wide("Picture by picture", by_picture(data)))
        }
    })
}

/// Where a part stands in the pipeline; the pipeline itself last.
fn place(data: &ReportData, part: &Part) -> usize {
    let functions = &data.planned.functions;
    functions
        .iter()
        .position(|function| Part::Function(function.clone()) == *part)
        .unwrap_or(functions.len())
}

/// Rows of one unit, the part written once for its deployments.
fn distribution(data: &ReportData, rows: &[&SummaryRow], unit: &str) -> Markup {
    html! {
        table {
            thead { tr {
                th { "function" } th { "variant" } th class="n" { "mean ± sd, " (unit) }
                th class="n" { "CV" } th class="n" { "95 % interval" } th class="n" { "median" }
                th class="n" { "p95" } th class="n" { "p99" } th class="n" { "n" }
                th class="n" { "rounds" }
            } }
            tbody { @for (place, row) in rows.iter().enumerate() {
                @let same = |other: Option<&&SummaryRow>| other.is_some_and(|o| o.part == row.part);
                @let first = !same(place.checked_sub(1).and_then(|before| rows.get(before)));
                tr class=[same(rows.get(place + 1)).then_some("more")] {
                    @if first { th scope="row" { (row.part) } } @else { td {} }
                    td { (named(data, &row.deployment)) (state(row)) }
                    @if data.is_rejected(&row.deployment, &row.part) {
                        td class="n bad" { "rejected" }
                        @for _ in 0..7 { td class="n quiet" { (NONE) } }
                    } @else { (numbers(row)) }
                }
            } }
        }
    }
}

/// A state is said where it is not the usual one.
fn state(row: &SummaryRow) -> Markup {
    let usual = if row.metric == Metric::Init { State::Cold } else { State::Warm };
    html! {
        @if let Some(state) = row.state.filter(|state| *state != usual) {
            " " span class="note" { (state) }
        }
    }
}

fn numbers(row: &SummaryRow) -> Markup {
    let digits = decimals(row.mean);
    html! {
        td class="n" { (spread(row.mean, row.sd)) }
        td class="n" { (percent(row.cv)) }
        td class="n" { (ends(row.interval, digits)) }
        td class="n" { (fixed(row.median, digits)) }
        td class="n" { (fixed(row.p95, digits)) }
        td class="n" { (fixed(row.p99, digits)) }
        td class="n" { (count(row.n)) }
        td class="n" { (row.rounds) }
    }
}

fn by_picture(data: &ReportData) -> Markup {
    let mut rows: Vec<&SummaryRow> = data
        .summary
        .iter()
        .filter(|row| row.metric == Metric::Duration && row.images != Images::All)
        .filter(|row| !data.is_rejected(&row.deployment, &row.part))
        .collect();
    rows.sort_by_key(|row| (row.flow, place(data, &row.part)));
    html! {
        table {
            thead { tr {
                th { "flow" } th { "function" } th { "variant" } th { "picture" }
                th class="n" { "mean ± sd, ms" } th class="n" { "CV" } th class="n" { "95 % interval" }
                th class="n" { "median" } th class="n" { "p95" } th class="n" { "p99" }
                th class="n" { "n" } th class="n" { "rounds" }
            } }
            tbody { @for row in rows { tr {
                td { (row.flow) }
                td { (row.part) }
                td { (named(data, &row.deployment)) (state(row)) }
                td { (row.images) }
                (numbers(row))
            } } }
        }
    }
}

pub(super) fn turnaround(data: &ReportData) -> Option<Markup> {
    let rows: Vec<&SummaryRow> = data
        .overall(|row| row.metric == Metric::Turnaround)
        .filter(|row| row.flow == Flow::Chained)
        .collect();
    if rows.is_empty() {
        return None;
    }
    Some(html! {
        p class="quiet" { "From the first request sent to the last response received, by the client's clock; chained passes." }
        (wide("Turnaround", distribution(data, &rows, "s")))
    })
}

pub(super) fn cost(data: &ReportData) -> Option<Markup> {
    let costs = &data.costs;
    if costs.rows.is_empty() && costs.unpriced.is_empty() {
        return None;
    }
    let projection = costs.rows.iter().any(CostRow::is_projection);
    Some(html! {
        @if projection {
            p class="note" { b { "A projection: " } "AWS's prices applied to durations measured on the local platform. It is not what AWS would have billed." }
        }
        @if let Some(first) = costs.rows.first() {
            p { "For " (count(first.images)) " images, at the prices of " (first.price_date) ", from billed time untrimmed. " (data.assumptions.as_ref().map(assumed).unwrap_or_default()) }
            (wide("Cost", terms(data)))
        }
        @for lack in &costs.unpriced {
            p { b { (named(data, &lack.deployment)) } " has no cost: " (lack.reason) }
        }
    })
}

fn assumed(assumed: &Assumptions) -> String {
    format!(
        "Taken for granted: {} of the images find their sandboxes cold; outputs are kept for {} \
         day(s); a call logs {} bytes; {} of the final pictures leave AWS. Free tiers are not \
         subtracted.",
        percent(Some(assumed.cold_share)),
        assumed.retention_days,
        assumed.log_bytes_per_call,
        percent(Some(assumed.downloaded_share)),
    )
}

fn terms(data: &ReportData) -> Markup {
    let projected = |row: &CostRow| if row.is_projection() { " (projection)" } else { "" };
    html! {
        table {
            thead { tr {
                th { "variant" } th class="n" { "compute" } th class="n" { "init" }
                th class="n" { "requests" } th class="n" { "S3" } th class="n" { "logs" }
                th class="n" { "transfer" } th class="n" { "total" } th class="n" { "95 % interval" }
            } }
            tbody { @for row in &data.costs.rows { tr {
                th scope="row" { (named(data, &row.deployment)) span class="note" { (projected(row)) } }
                @for term in [row.terms.compute, row.terms.init, row.terms.requests, row.terms.s3, row.terms.logs, row.terms.transfer] {
                    td class="n" { (usd(term)) }
                }
                td class="n" { b { (usd(row.total_usd)) } }
                td class="n" { (row.interval.map_or_else(|| NONE.to_owned(), |i| format!("[{}, {}]", usd(i.low), usd(i.high)))) }
            } } }
        }
    }
}

const STAGES: [(Metric, &str); 4] = [
    (Metric::Import, "import"),
    (Metric::Download, "download"),
    (Metric::Compute, "compute"),
    (Metric::Upload, "upload"),
];

pub(super) fn stages(data: &ReportData) -> Option<Markup> {
    let mut rows: Vec<(&SummaryRow, [Option<f64>; 4])> = data
        .overall(|row| row.metric == Metric::Compute)
        .filter(|row| !data.is_rejected(&row.deployment, &row.part))
        .map(|row| (row, STAGES.map(|(metric, _)| beside(data, row, metric))))
        .collect();
    rows.sort_by_key(|(row, _)| (row.flow != Flow::Isolated, place(data, &row.part)));
    if rows.is_empty() {
        return None;
    }
    Some(html! {
        p class="quiet" {
            "Mean milliseconds of passes of their own, timed inside the function by the inspector. They explain; no verdict rests on them."
            @for (place, (_, name)) in STAGES.iter().enumerate() { i class={ "key k" (place) } {} (name) }
        }
        (wide("Stages", html! {
            table {
                thead { tr {
                    th { "flow" } th { "function" } th { "variant" } th { "share" }
                    @for (_, name) in STAGES { th class="n" { (name) } }
                    th class="n" { "CPU" } th class="n" { "n" }
                } }
                tbody { @for (row, means) in &rows { tr {
                    td { (row.flow) }
                    th scope="row" { (row.part) }
                    td { (named(data, &row.deployment)) (state(row)) }
                    td { (bar(means)) }
                    @for mean in means { td class="n" { (mean.map_or_else(|| NONE.to_owned(), figure)) } }
                    td class="n" { (beside(data, row, Metric::Cpu).map_or_else(|| NONE.to_owned(), figure)) }
                    td class="n" { (count(row.n)) }
                } } }
            }
        }))
    })
}

/// The mean of another metric of the same row.
fn beside(data: &ReportData, row: &SummaryRow, metric: Metric) -> Option<f64> {
    data.overall(move |other| other.metric == metric)
        .find(|other| {
            other.part == row.part
                && other.flow == row.flow
                && other.state == row.state
                && other.deployment == row.deployment
        })
        .map(|other| other.mean)
}

fn bar(means: &[Option<f64>; 4]) -> Markup {
    let shown = |mean: &Option<f64>| mean.unwrap_or(0.0).max(0.0);
    let whole: f64 = means.iter().map(shown).sum();
    html! {
        span class="bar" aria-hidden="true" {
            @for (place, mean) in means.iter().enumerate().filter(|_| whole > 0.0) {
                i class={ "k" (place) } style={ "width:" (fixed(shown(mean) / whole * 100.0, 2)) "%" } {}
            }
        }
    }
}

pub(super) fn cold(data: &ReportData) -> Option<Markup> {
    let mut rows: Vec<&SummaryRow> = data.overall(|row| row.metric == Metric::Init).collect();
    rows.sort_by_key(|row| (place(data, &row.part), row.flow));
    if rows.is_empty() {
        return None;
    }
    let first_flow = rows[0].flow;
    rows.retain(|row| row.flow == first_flow);
    Some(html! {
        p class="quiet" { "Init Duration of the first call in each fresh sandbox, from the warm-up; " (first_flow) " passes." }
        (wide("Cold starts", distribution(data, &rows, "ms")))
    })
}

pub(super) fn missing(data: &ReportData) -> Option<Markup> {
    if data.attempts.is_empty() {
        return None;
    }
    let sum = |of: fn(&photofinish_analyse::summary::Attempts) -> u64| -> u64 {
        let calls = data.attempts.iter().filter(|row| row.part != Part::Pipeline);
        calls.map(of).sum()
    };
    let (ok, failed) = (sum(|row| row.ok), sum(|row| row.failed.values().sum()));
    let (lost, cold) = (sum(|row| row.without_report), sum(|row| row.not_warm));
    let notable = |row: &&photofinish_analyse::summary::Attempts| {
        !row.failed.is_empty() || row.without_report > 0 || row.not_warm > 0
    };
    let rows: Vec<_> = data.attempts.iter().filter(notable).collect();
    Some(html! {
        p { "Of " (count(ok + failed)) " race calls " (count(ok)) " ended well and " (count(failed)) " did not; " (count(lost)) " came without a REPORT and " (count(cold)) " found a sandbox that was not warm." }
        @if !rows.is_empty() {
            (wide("Failures", html! {
                table {
                    thead { tr {
                        th { "variant" } th { "flow" } th { "function" } th class="n" { "ok" }
                        th { "failed" } th class="n" { "no REPORT" } th class="n" { "not warm" }
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
            }))
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

fn failures(row: &photofinish_analyse::summary::Attempts) -> String {
    let each: Vec<String> =
        row.failed.iter().map(|(status, n)| format!("{} × {status}", count(*n))).collect();
    if each.is_empty() { NONE.to_owned() } else { each.join(", ") }
}

/// The processors, once where all deployments had the same.
fn processors(data: &ReportData) -> Markup {
    let said = |models: &[Arc<str>]| match models {
        [] => "an unknown processor".to_owned(),
        [one] => one.to_string(),
        several => format!("{} (pooled in the verdicts)", several.join(", ")),
    };
    let mut all = data.cpu_models.values();
    let first = all.next();
    let alike = all.all(|models| Some(models) == first);
    html! {
        @match first {
            Some(models) if alike => p class="quiet" { "Processor of every deployment: " (said(models)) "." },
            _ => @for (deployment, models) in &data.cpu_models {
                p class="quiet" { (data.label(deployment)) " ran on " (said(models)) "." }
            },
        }
    }
}
