//! What memory buys: time and money at each size, and which is the cheapest, the fastest, the knee.

use maud::{Markup, html};
use photofinish_analyse::Interval;
use photofinish_analyse::memory::{Goal, MemoryRow, candidates};

use super::table::{caption, named, wide};
use crate::data::ReportData;
use crate::wording::{NONE, decimals, fixed, goal, ladder, usd};

pub(super) fn memory(data: &ReportData) -> Option<Markup> {
    data.ladders().next()?;
    Some(html! {
        p class="quiet" { "Exploratory, beside the families of verdicts: the sizes of one contestant are compared by rounds, with Holm over each list of sizes. The knee is the size with the least time × cost. Where sizes cannot be told apart, all of them are named." }
        ul { @for sizes in data.ladders() { li { (ladder(sizes, data)) } } }
        (wide("Memory", html! {
            table {
                (caption(data, "A chained pass's REPORT durations, and what the images cost, at each size, with 95 % intervals."))
                thead { tr {
                    th scope="col" { "deployment" }
                    th scope="col" class="n" { "passes" }
                    th scope="col" class="n" { "ms" } th scope="col" class="n" { "95 %" }
                    th scope="col" class="n" { "$" } th scope="col" class="n" { "95 %" }
                    th scope="col" { "may be the" }
                } }
                tbody { @for sizes in data.ladders() { @for row in sizes { tr {
                    th scope="row" { (named(data, &row.deployment)) }
                    td class="n" { (row.n) }
                    td class="n" { (fixed(row.duration_ms, decimals(row.duration_ms))) }
                    td class="n" { (between(row.duration_interval, |ms| fixed(ms, decimals(ms)))) }
                    @match &row.cost {
                        Some(cost) => {
                            td class="n" { (usd(cost.total_usd)) }
                            td class="n" { (between(cost.interval, usd)) }
                        }
                        None => { td class="n" { (NONE) } td class="n" { (NONE) } }
                    }
                    td { (may_be(sizes, row)) }
                } } } }
            }
        }))
    })
}

fn between(interval: Option<Interval>, written: impl Fn(f64) -> String) -> String {
    interval.map_or_else(
        || NONE.to_owned(),
        |Interval { low, high }| format!("{} to {}", written(low), written(high)),
    )
}

/// What this size has not been shown not to be.
fn may_be(sizes: &[MemoryRow], row: &MemoryRow) -> String {
    let size = row.deployment.target.memory_mb;
    let goals = Goal::ALL.into_iter().filter(|of| candidates(sizes, *of).contains(&size));
    goals.map(goal).collect::<Vec<_>>().join(", ")
}
