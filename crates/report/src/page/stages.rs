//! Where a function's time goes, by its own account.

use maud::{Markup, html};
use photofinish_analyse::Part;
use photofinish_analyse::summary::{Metric, SummaryRow};
use photofinish_study::Flow;

use super::flow_title;
use super::table::{caption, named, place, state, wide};
use crate::data::ReportData;
use crate::wording::{NONE, count, figure, fixed, percent};

const STAGES: [(Metric, &str); 4] = [
    (Metric::Import, "import"),
    (Metric::Download, "download"),
    (Metric::Compute, "compute"),
    (Metric::Upload, "upload"),
];

/// The stages of one function of one deployment.
struct Split<'a> {
    row: &'a SummaryRow,
    means: [Option<f64>; 4],
    cpu: Option<f64>,
}

impl<'a> Split<'a> {
    fn of(data: &'a ReportData, row: &'a SummaryRow) -> Self {
        let means = STAGES.map(|(metric, _)| beside(data, row, metric));
        Self { row, means, cpu: beside(data, row, Metric::Cpu) }
    }

    fn whole(&self) -> f64 {
        self.means.iter().flatten().map(|ms| ms.max(0.0)).sum()
    }

    /// CPU time over the time of the call, importing apart: that is done once in a sandbox.
    fn cpu_share(&self) -> Option<f64> {
        let call: f64 = self.means.iter().skip(1).flatten().sum();
        self.cpu.map(|cpu| cpu / call).filter(|share| share.is_finite())
    }
}

pub(super) fn stages(data: &ReportData) -> Option<Markup> {
    let splits = |flow: Flow| -> Vec<Split<'_>> {
        let mut rows: Vec<Split<'_>> = data
            .overall(move |row| row.metric == Metric::Compute && row.flow == flow)
            .filter(|row| !data.is_rejected(&row.deployment, &row.part))
            .map(|row| Split::of(data, row))
            .collect();
        rows.sort_by_key(|split| place(data, &split.row.part));
        rows
    };
    let mut flows = data.flows().into_iter().map(|flow| (flow, splits(flow)));
    let mut found = flows.by_ref().filter(|(_, splits)| !splits.is_empty());
    let (flow, first) = found.next()?;
    let others: Vec<(Flow, Vec<Split<'_>>)> = found.collect();
    Some(html! {
        p class="quiet" { "Exploratory and self-reported: passes of their own, timed inside the function by the inspector. They explain; no verdict rests on them. From left to right:"
            @for (place, (_, name)) in STAGES.iter().enumerate() {
                span class="keyed" { i class={ "key k" (place) } {} (name) }
            }
        }
        h3 { (flow_title(flow)) }
        (wide("Stages", table(data, &first)))
        @for (flow, splits) in &others {
            details class="long" { summary { (flow_title(*flow)) } (wide("Stages", table(data, splits))) }
        }
    })
}

fn table(data: &ReportData, splits: &[Split<'_>]) -> Markup {
    let longest = |part: &Part| {
        let of_part = splits.iter().filter(|split| split.row.part == *part);
        of_part.map(Split::whole).fold(0.0, f64::max)
    };
    let labelled = !data.labels.is_empty();
    html! {
        table class="stages" {
            (caption(data, "Mean milliseconds of each stage, exploratory and self-reported. A bar's whole width is the slowest of its function."))
            thead { tr {
                th scope="col" { "function" } th scope="col" { "variant" } th scope="col" { "stages" }
                @for (place, (_, name)) in STAGES.iter().enumerate() {
                    th scope="col" class="n" { i class={ "key k" (place) } {} (name) }
                }
                th scope="col" class="n" { "CPU share" }
                @if labelled { th scope="col" { "expected" } }
                th scope="col" class="n" { "n" }
            } }
            tbody { @for (number, split) in splits.iter().enumerate() {
                @let part = &split.row.part;
                @let same = |other: Option<&Split<'_>>| other.is_some_and(|other| other.row.part == *part);
                @let first = !same(number.checked_sub(1).and_then(|before| splits.get(before)));
                tr class=[same(splits.get(number + 1)).then_some("more")] {
                    @if first { th scope="row" { (part) } } @else { td {} }
                    td { (named(data, &split.row.deployment)) (state(split.row)) }
                    td { (bar(split, longest(part))) }
                    @for mean in &split.means { td class="n" { (mean.map_or_else(|| NONE.to_owned(), figure)) } }
                    td class="n" { (percent(split.cpu_share())) }
                    @if labelled { td class="quiet" { @if first { (label(data, part)) } } }
                    td class="n" { (count(split.row.n)) }
                }
            } }
        }
    }
}

fn label<'a>(data: &'a ReportData, part: &Part) -> &'a str {
    match part {
        Part::Function(function) => data.labels.get(function).map_or(NONE, String::as_str),
        Part::Pipeline => NONE,
    }
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

/// Stacked stages; the figures stand beside it, so it says nothing of its own to a screen reader.
fn bar(split: &Split<'_>, longest: f64) -> Markup {
    let mut left = 0.0;
    let stacked: Vec<(usize, f64, f64)> = split
        .means
        .iter()
        .enumerate()
        .map(|(stage, ms)| {
            let width =
                if longest > 0.0 { ms.unwrap_or(0.0).max(0.0) / longest * 100.0 } else { 0.0 };
            left += width;
            (stage, left - width, width)
        })
        .collect();
    html! {
        svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            @for (stage, left, width) in stacked.into_iter().filter(|(_, _, width)| *width > 0.0) {
                rect class={ "k" (stage) } x=(fixed(left, 2)) width=(fixed(width, 2)) height="10" {}
            }
        }
    }
}
