//! What the tables of the page have in common.

use maud::{Markup, html};
use photofinish_analyse::Part;
use photofinish_analyse::summary::{Metric, SummaryRow};
use photofinish_study::{Deployment, State};

use crate::data::ReportData;
use crate::wording::{NONE, count, decimals, ends, fixed, percent, processors_of, spread};

/// A table that may be wider than the page, in a box of its own.
pub(super) fn wide(label: &str, table: Markup) -> Markup {
    html! { div class="wide" role="region" aria-label=(label) tabindex="0" { (table) } }
}

/// A table's caption: what it holds, and what must be known before a figure is quoted.
pub(super) fn caption(data: &ReportData, text: &str) -> Markup {
    html! { caption { (text) (beside_figures(data)) } }
}

/// What must be known before a figure is quoted, as a sentence after another.
pub(super) fn beside_figures(data: &ReportData) -> Markup {
    html! { @if let Some(said) = data.beside_figures() { " " b class="note" { (said) } } }
}

/// A deployment's label, which may break after its `@`.
pub(super) fn named(data: &ReportData, deployment: &Deployment) -> Markup {
    let label = data.label(deployment);
    html! {
        @match label.split_once('@') {
            Some((whose, place)) => { (whose) "@" wbr; (place) }
            None => (label),
        }
    }
}

/// A contestant, with its memory size where the study has more than one.
pub(super) fn whose(data: &ReportData, deployment: &Deployment) -> String {
    let memory = deployment.target.memory_mb;
    let alike = data.planned.deployments.iter().all(|other| other.target.memory_mb == memory);
    let contestant = &deployment.contestant;
    if alike { contestant.to_string() } else { format!("{contestant}, {memory} MB") }
}

/// Where a part stands in the pipeline; the pipeline itself last.
pub(super) fn place(data: &ReportData, part: &Part) -> usize {
    let functions = &data.planned.functions;
    functions
        .iter()
        .position(|function| Part::Function(function.clone()) == *part)
        .unwrap_or(functions.len())
}

/// Whether the row has a neighbour of the same part, so that the part is written once.
fn same_part(row: &SummaryRow, other: Option<&&SummaryRow>) -> bool {
    other.is_some_and(|other| other.part == row.part)
}

/// Rows of one unit, the part written once for its deployments.
pub(super) fn distribution(
    data: &ReportData,
    rows: &[&SummaryRow],
    unit: &str,
    about: &str,
) -> Markup {
    html! {
        table {
            (caption(data, about))
            thead { tr {
                th scope="col" { "function" } th scope="col" { "variant" }
                (headings(unit))
            } }
            tbody { @for (place, row) in rows.iter().enumerate() {
                @let before = place.checked_sub(1).and_then(|before| rows.get(before));
                tr class=[same_part(row, rows.get(place + 1)).then_some("more")] {
                    @if same_part(row, before) { td {} } @else { th scope="row" { (row.part) } }
                    td { (named(data, &row.deployment)) (state(row)) (processors(data, &row.deployment)) }
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
pub(super) fn state(row: &SummaryRow) -> Markup {
    let usual = if row.metric == Metric::Init { State::Cold } else { State::Warm };
    html! {
        @if let Some(state) = row.state.filter(|state| *state != usual) {
            " " span class="note" { (state) }
        }
    }
}

/// The mix of processors behind a row, where not all rows had the same one.
fn processors(data: &ReportData, deployment: &Deployment) -> Markup {
    let mix = data.cpu_models.get(deployment).filter(|_| data.one_processor().is_none());
    html! {
        @if let Some(mix) = mix.filter(|mix| !mix.is_empty()) {
            " " span class="note" { (processors_of(mix)) }
        }
    }
}

/// The headings over [`numbers`].
pub(super) fn headings(unit: &str) -> Markup {
    html! {
        th scope="col" class="n" { "mean ± sd, " (unit) } th scope="col" class="n" { "CV" }
        th scope="col" class="n" { "95 % interval" } th scope="col" class="n" { "median" }
        th scope="col" class="n" { "p95" } th scope="col" class="n" { "p99" }
        th scope="col" class="n" { "n" } th scope="col" class="n" { "rounds" }
    }
}

/// A row's eight figures.
pub(super) fn numbers(row: &SummaryRow) -> Markup {
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
