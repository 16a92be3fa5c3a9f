//! What the images cost.

use maud::{Markup, html};
use photofinish_analyse::Part;
use photofinish_analyse::break_even::BreakEven;
use photofinish_analyse::cost::{Assumptions, CostRow};
use photofinish_analyse::summary::Metric;
use photofinish_study::Flow;

use super::pilot;
use super::table::{caption, named, whose, wide};
use crate::data::ReportData;
use crate::wording::{NONE, count, fixed, percent, spread, usd};

/// The section's title says how many images, and whether the figure is only projected.
pub(super) fn title(data: &ReportData) -> String {
    let Some(first) = data.priced().next() else { return "Cost".to_owned() };
    let projected = if is_projected(data) { " (projection)" } else { "" };
    format!("Cost of {} images{projected}", count(first.images))
}

/// Whether any cost comes from durations that were not measured where the prices hold.
pub(super) fn is_projected(data: &ReportData) -> bool {
    data.priced().any(CostRow::is_projection)
}

pub(super) fn cost(data: &ReportData) -> Option<Markup> {
    let nothing = data.priced().next().is_none() && data.unpriced().next().is_none();
    if nothing && data.pilot.is_none() {
        return None;
    }
    Some(html! {
        @if is_projected(data) {
            p class="note" { b { "A projection: " } "AWS's prices applied to durations measured on the local platform. It is not what AWS would have billed." }
        }
        @if let Some(first) = data.priced().next() {
            p { "At the prices of " (first.price_date) ", from billed time untrimmed. " (data.assumptions.as_ref().map(assumed).unwrap_or_default()) }
            (wide("Cost", terms(data)))
        }
        (pilot::beside(data))
        @for lack in data.unpriced() {
            p { b { (named(data, &lack.deployment)) } " has no cost: " (lack.reason) }
        }
        @if let Some(why) = data.not_timed() { p { (why) "; it has no cost." } }
        @if let Some(ratio) = data.break_even {
            p class="quiet" { "Break-even: on compute alone arm64 is cheaper where it takes less than " (fixed(ratio, 3)) " × the time of x86_64. Requests, S3 and logs cost the same on both, so the whole bill differs by less." }
        }
        (break_even(data))
        @if let Some(writing) = &data.writing { p class="quiet" { (writing) } }
    })
}

/// For each contestant, how much slower arm64 may be before it is the dearer.
fn break_even(data: &ReportData) -> Markup {
    let twins: Vec<&BreakEven> = data
        .costs
        .break_even
        .iter()
        .filter(|twins| !data.is_emulated(&twins.x86_64) && !data.is_emulated(&twins.arm64))
        .collect();
    html! {
        @if !twins.is_empty() {
            (wide("Break-even", html! {
                table {
                    (caption(data, "arm64 is cheaper where the ratio of billed times, arm64 over x86_64, is below the break-even one. Of ratios of means; the verdicts above say how sure it is."))
                    thead { tr {
                        th scope="col" { "variant" } th scope="col" class="n" { "measured" }
                        th scope="col" class="n" { "break-even, compute" }
                        th scope="col" class="n" { "break-even, total" }
                    } }
                    tbody { @for twins in twins { tr {
                        th scope="row" { (whose(data, &twins.x86_64)) }
                        td class="n" { (fixed(twins.measured, 3)) }
                        td class="n" { (fixed(twins.compute, 3)) }
                        td class="n" { (twins.total.map_or_else(|| "dearer at any".to_owned(), |ratio| fixed(ratio, 3))) }
                    } } }
                }
            }))
        }
    }
}

fn assumed(assumed: &Assumptions) -> String {
    format!(
        "Taken for granted: {} of the images find their sandboxes cold; outputs are kept for \
         {}; a call logs {} bytes; {} of the final pictures leave AWS. Free tiers are not \
         subtracted.",
        percent(Some(assumed.cold_share)),
        if assumed.retention_days == 1.0 {
            "a day".to_owned()
        } else {
            format!("{} days", assumed.retention_days)
        },
        assumed.log_bytes_per_call,
        percent(Some(assumed.downloaded_share)),
    )
}

fn terms(data: &ReportData) -> Markup {
    let about = if is_projected(data) {
        "US dollars, a projection from local durations; each term, their total and its interval."
    } else {
        "US dollars; each term, their total and its interval."
    };
    html! {
        table {
            (caption(data, about))
            thead { tr {
                th scope="col" { "variant" }
                th scope="col" class="n" { "total" @if is_projected(data) { " (projection)" } } th scope="col" class="n" { "95 % interval" }
                th scope="col" class="n" { "compute" } th scope="col" class="n" { "init" }
                th scope="col" class="n" { "requests" } th scope="col" class="n" { "S3" }
                th scope="col" class="n" { "logs" } th scope="col" class="n" { "transfer" }
                th scope="col" class="n" { "billed, ms" } th scope="col" class="n" { "CV" }
                th scope="col" class="n" { "n" } th scope="col" class="n" { "rounds" }
            } }
            tbody { @for row in data.priced() { (priced(data, row)) } }
        }
    }
}

fn priced(data: &ReportData, row: &CostRow) -> Markup {
    let terms = [
        row.terms.compute,
        row.terms.init,
        row.terms.requests,
        row.terms.s3,
        row.terms.logs,
        row.terms.transfer,
    ];
    let billed = data.warm(&row.deployment, Flow::Chained, &Part::Pipeline, Metric::Billed);
    html! { tr {
        th scope="row" { (named(data, &row.deployment)) }
        td class="n" { b { (usd(row.total_usd)) } }
        td class="n" { (row.interval.map_or_else(|| NONE.to_owned(), |i| format!("[{}, {}]", usd(i.low), usd(i.high)))) }
        @for term in terms { td class="n" { (usd(term)) } }
        @match billed {
            Some(billed) => {
                td class="n" { (spread(billed.mean, billed.sd)) }
                td class="n" { (percent(billed.cv)) }
                td class="n" { (count(billed.n)) }
                td class="n" { (billed.rounds) }
            }
            None => @for _ in 0..4 { td class="n" { (NONE) } },
        }
    } }
}
