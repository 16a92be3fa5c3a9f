//! What a state machine adds: its turnaround beside the client's, its own time, and its price.

use maud::{Markup, html};
use photofinish_analyse::orchestration::{Mean, OrchestrationRow};

use super::table::{caption, named, wide};
use crate::data::ReportData;
use crate::wording::{NONE, count, decimals, ends, figure, fixed, usd};

pub(super) fn orchestration(data: &ReportData) -> Option<Markup> {
    let first = data.orchestrations.first()?;
    let images = data.orchestrations.iter().find_map(|row| Some(row.cost?.images));
    Some(html! {
        p class="quiet" { "Exploratory: no verdict rests on this. The same chain is run by the client, which calls one function after the other, and by an Express state machine of Step Functions, in the same sandboxes, blocks mixed at random. A ratio above 1 means that the state machine takes longer. The execution's own time is the platform's; what the functions took of it, their REPORT durations." }
        (wide("Orchestration", html! {
            table {
                (caption(data, "Turnaround of warm chained passes by each, in seconds with 95 % intervals; the ratio by rounds that both completed."))
                thead { tr {
                    th scope="col" { "deployment" }
                    th scope="col" class="n" { "client, s" } th scope="col" class="n" { "95 %" } th scope="col" class="n" { "n" }
                    th scope="col" class="n" { "state machine, s" } th scope="col" class="n" { "95 %" } th scope="col" class="n" { "n" }
                    th scope="col" class="n" { "ratio" } th scope="col" class="n" { "95 %" } th scope="col" class="n" { "rounds" }
                    th scope="col" class="n" { "execution, ms" } th scope="col" class="n" { "its functions, ms" }
                    th scope="col" class="n" { "failed" }
                } }
                tbody { @for row in &data.orchestrations { (times(data, row)) } }
            }
        }))
        @if let Some(images) = images {
            p { "An image is one Express execution, or " (count(first.transitions)) " state transitions of a Standard one, which was not run. Express is charged by execution and by time and memory; Standard by transition." }
            (wide("What the orchestration costs", html! {
                table {
                    (caption(data, &format!("US dollars for {} images: the state machine alone, and everything with the Express one.", count(images))))
                    thead { tr {
                        th scope="col" { "deployment" }
                        th scope="col" class="n" { "transitions" }
                        th scope="col" class="n" { "Express" } th scope="col" class="n" { "Standard" }
                        th scope="col" class="n" { "all, by the client" } th scope="col" class="n" { "all, by Express" }
                        th scope="col" class="n" { "95 %" }
                    } }
                    tbody { @for row in &data.orchestrations { (costs(data, row)) } }
                }
            }))
        }
    })
}

fn times(data: &ReportData, row: &OrchestrationRow) -> Markup {
    html! { tr {
        th scope="row" { (named(data, &row.deployment)) }
        (turnaround(row.client_s)) (turnaround(row.machine_s))
        @match row.ratio {
            Some(found) => {
                td class="n" { (fixed(found.ratio, 3)) }
                td class="n" { (ends(Some(found.interval), 3)) }
            }
            None => { td class="n" { (NONE) } td class="n" { (NONE) } }
        }
        td class="n" { (row.rounds) }
        td class="n" { (row.execution_ms.map_or_else(|| NONE.to_owned(), |ms| figure(ms.mean))) }
        td class="n" { (row.functions_ms.map_or_else(|| NONE.to_owned(), figure)) }
        td class="n" { (count(row.failed)) }
    } }
}

fn turnaround(seconds: Option<Mean>) -> Markup {
    html! {
        @match seconds {
            Some(of) => {
                td class="n" { (figure(of.mean)) }
                td class="n" { (ends(of.interval, decimals(of.mean))) }
                td class="n" { (count(of.n)) }
            }
            None => @for _ in 0..3 { td class="n" { (NONE) } },
        }
    }
}

fn costs(data: &ReportData, row: &OrchestrationRow) -> Markup {
    let by_the_client = data.costs.rows.iter().find(|cost| cost.deployment == row.deployment);
    let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    let interval = row.cost.and_then(|cost| cost.interval);
    html! { tr {
        th scope="row" { (named(data, &row.deployment)) }
        td class="n" { (count(row.transitions)) }
        td class="n" { (or_none(row.cost.map(|cost| usd(cost.express_usd)))) }
        td class="n" { (or_none(row.cost.map(|cost| usd(cost.standard_usd)))) }
        td class="n" { (or_none(by_the_client.map(|cost| usd(cost.total_usd)))) }
        td class="n" { b { (or_none(row.cost.map(|cost| usd(cost.total_usd)))) } }
        td class="n" { (or_none(interval.map(|i| format!("[{}, {}]", usd(i.low), usd(i.high))))) }
    } }
}
