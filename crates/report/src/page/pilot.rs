//! What the trial before the race had told, beside what the race then found.

use maud::{Markup, html};
use photofinish_analyse::Interval;
use photofinish_analyse::cost::CostRow;

use super::table::{caption, named, wide};
use crate::data::ReportData;
use crate::wording::{NONE, pilot, usd};

pub(super) fn beside(data: &ReportData) -> Markup {
    html! {
        @if let Some(found) = &data.pilot {
            p { (pilot(found)) }
            @if !found.costs.is_empty() { (wide("Pilot", html! {
                table {
                    (caption(data, "What the images cost by the pilot alone, beside what the race found; with 95 % intervals, the pilot's from so few rounds."))
                    thead { tr {
                        th scope="col" { "variant" }
                        th scope="col" class="n" { "pilot, $" } th scope="col" class="n" { "95 %" }
                        th scope="col" class="n" { "race, $" } th scope="col" class="n" { "95 %" }
                    } }
                    tbody { @for row in &found.costs {
                        @let raced = data.priced().find(|raced| raced.deployment == row.deployment);
                        tr {
                            th scope="row" { (named(data, &row.deployment)) }
                            (both(Some(row)))
                            (both(raced))
                        }
                    } }
                }
            })) }
        }
    }
}

fn both(row: Option<&CostRow>) -> Markup {
    let ends = |ends: Interval| format!("[{}, {}]", usd(ends.low), usd(ends.high));
    html! {
        td class="n" { (row.map_or_else(|| NONE.to_owned(), |row| usd(row.total_usd))) }
        td class="n" { (row.and_then(|row| row.interval).map_or_else(|| NONE.to_owned(), ends)) }
    }
}
