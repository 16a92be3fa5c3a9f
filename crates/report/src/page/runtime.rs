//! How long each function and the whole pipeline took.

use maud::{Markup, html};
use photofinish_analyse::summary::{Metric, SummaryRow};
use photofinish_analyse::{Images, Part};
use photofinish_study::Flow;

use super::flow_title;
use super::table::{caption, distribution, headings, named, numbers, place, state, wide};
use crate::data::ReportData;
use crate::wording::started;

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
        @for (place, (flow, rows)) in flows.iter().filter(|(_, rows)| !rows.is_empty()).enumerate() {
            @let table = wide(flow_title(*flow), distribution(data, rows, "ms", about(*flow)));
            @if place == 0 { h3 { (flow_title(*flow)) } (table) }
            @else { details class="long" { summary { (flow_title(*flow)) } (table) } }
        }
        details class="long" {
            summary { "Picture by picture" }
            (wide("Picture by picture", by_picture(data)))
        }
    })
}

fn about(flow: Flow) -> &'static str {
    match flow {
        Flow::Isolated => "Runtime in milliseconds, isolated, warm.",
        Flow::Chained => "Runtime in milliseconds, chained, warm; the pipeline is the sum.",
    }
}

fn by_picture(data: &ReportData) -> Markup {
    let mut rows: Vec<&SummaryRow> = data
        .measured()
        .filter(|row| row.metric == Metric::Duration && row.images != Images::All)
        .filter(|row| !data.is_rejected(&row.deployment, &row.part))
        .collect();
    rows.sort_by_key(|row| (row.flow, place(data, &row.part)));
    html! {
        table {
            (caption(data, "Runtime in milliseconds of each picture."))
            thead { tr {
                th scope="col" { "flow" } th scope="col" { "function" } th scope="col" { "variant" }
                th scope="col" { "picture" }
                (headings("ms"))
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
    let of = |metric: Metric| -> Vec<&SummaryRow> {
        data.overall(move |row| row.metric == metric)
            .filter(|row| row.flow == Flow::Chained && row.part == Part::Pipeline)
            .collect()
    };
    let (passes, sums) = (of(Metric::Turnaround), of(Metric::Duration));
    (!passes.is_empty()).then(|| html! {
        p class="quiet" { "Turnaround runs from the first request sent to the last response received, by the client's clock. Verdicts rest on the sum of the platform's REPORT durations." }
        @if let Some(words) = distance(data) { p class="quiet" { (words) } }
        (wide("Turnaround", distribution(data, &passes, "s", "Turnaround of chained passes, in seconds.")))
        @if !sums.is_empty() {
            (wide("Sum of durations", distribution(data, &sums, "ms", "Sum of the REPORT durations of chained passes, in milliseconds.")))
        }
    })
}

/// What of every turnaround is the way there and back.
fn distance(data: &ReportData) -> Option<String> {
    let distance = data.distance?;
    let functions = data.planned.functions.len();
    #[expect(clippy::cast_precision_loss, reason = "a handful of functions")]
    let whole = distance.call_ms * functions as f64 / 1e3;
    let head = distance
        .head_ms
        .map_or_else(String::new, |ms| format!(" A HEAD to the bucket took {ms:.1} ms."));
    Some(format!(
        "The client's distance: a call of a function that does nothing took {:.1} ms beyond that \
         function's own time (median of {} calls, one before each block).{head} A pass of {functions} \
         calls holds about {whole:.3} s of it: read turnaround with it as measured, without it by \
         taking that off.",
        distance.call_ms, distance.calls,
    ))
}

pub(super) fn cold(data: &ReportData) -> Option<Markup> {
    let mut rows: Vec<&SummaryRow> = data.overall(|row| row.metric == Metric::Init).collect();
    rows.sort_by_key(|row| (place(data, &row.part), row.flow));
    if rows.is_empty() && data.starts.is_empty() {
        return None;
    }
    let first_flow = rows.first().map(|row| row.flow);
    rows.retain(|row| Some(row.flow) == first_flow);
    Some(html! {
        @if let Some(flow) = first_flow {
            p class="quiet" { "Sandboxes are replaced before each round by a change of configuration. Init Duration of the first call in each that waited for it, from the warm-up, which is in no other figure; " (flow) " passes." }
            (wide("Cold starts", distribution(data, &rows, "ms", "Init Duration in milliseconds.")))
        }
        ul { @for starts in &data.starts { li { (started(starts, data)) "." } } }
    })
}
