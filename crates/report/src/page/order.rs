//! Turnaround in the order in which the passes were run, so that drift and outliers can be seen.

use std::collections::BTreeMap;

use maud::{Markup, html};
use photofinish_analyse::{Part, quantile};
use photofinish_study::record::Pass;
use photofinish_study::{Flow, Orchestration, Phase};

use super::axis::{Axis, place};
use super::lanes::colour;
use super::table::{beside_figures, wide};
use crate::data::ReportData;
use crate::wording::{count, figure};

/// More passes than these are thinned out, evenly and in order; what failed always stays.
const DOTS: usize = 2000;

const WIDTH: f64 = 900.0;
const MARGIN: f64 = 12.0;
const HEADER: f64 = 30.0;
const ROW: f64 = 92.0;
const NAME: f64 = 30.0;
const FOOTER: f64 = 30.0;

/// A pass and its place in the order.
struct Run<'a> {
    place: usize,
    pass: &'a Pass,
}

pub(super) fn order(data: &ReportData) -> Option<Markup> {
    let flows = data.flows();
    let flow = *flows.iter().find(|flow| **flow == Flow::Chained).or(flows.first())?;
    let mut passes: Vec<&Pass> = data
        .passes
        .iter()
        .filter(|pass| pass.at.phase == Phase::Race && pass.at.flow == flow)
        .filter(|pass| pass.at.orchestration == Orchestration::Client)
        .collect();
    passes.sort_by_key(|pass| pass.at.pass);
    if passes.is_empty() {
        return None;
    }
    let runs: Vec<Run<'_>> =
        passes.into_iter().enumerate().map(|(place, pass)| Run { place, pass }).collect();
    Some(html! {
        p class="quiet" { "Every " (flow) " race pass, the first on the left; each band is a round of fresh sandboxes. Each row has a logarithmic scale of its own, as far as its passes reach; a cross is a pass that failed." }
        (drawing(data, &runs))
    })
}

fn drawing(data: &ReportData, runs: &[Run<'_>]) -> Markup {
    let shown: Vec<usize> = (0..data.planned.deployments.len())
        .filter(|&place| {
            let deployment = &data.planned.deployments[place];
            !data.is_rejected(deployment, &Part::Pipeline) && !data.is_emulated(deployment)
        })
        .collect();
    let bottom = HEADER + shown.len() as f64 * ROW;
    let at = |place: usize| {
        let share = (place as f64 + 0.5) / runs.len() as f64;
        MARGIN + share * (WIDTH - 2.0 * MARGIN)
    };
    let step = runs.len().div_ceil(DOTS).max(1);
    html! {
        figure {
            (wide("Run order", html! { svg class="order" viewBox={ "0 0 " (WIDTH) " " (bottom + FOOTER) } role="img" aria-labelledby="order-t order-d" {
                title id="order-t" { "Turnaround in the order of the passes" }
                desc id="order-d" { (shown.iter().map(|&place| words(data, runs, place)).collect::<Vec<_>>().join("; ")) }
                (bands(runs, &at, bottom))
                @for (row, &place) in shown.iter().enumerate() {
                    (lane(data, runs, place, HEADER + row as f64 * ROW, &at, step))
                }
                text class="q" x=(MARGIN) y=(place(bottom + 22.0)) { "pass 1" }
                text class="q" x=(WIDTH - MARGIN) y=(place(bottom + 22.0)) text-anchor="end" { "pass " (count(runs.len() as u64)) }
            } }))
            figcaption {
                "Turnaround in seconds over the order of " (count(runs.len() as u64)) " passes."
                @if step > 1 { " One pass of " (step) " is drawn." }
                (beside_figures(data))
            }
        }
    }
}

/// A band for each round, every second one shaded, with its number.
fn bands(runs: &[Run<'_>], at: &impl Fn(usize) -> f64, bottom: f64) -> Markup {
    let mut rounds: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for run in runs {
        let ends = rounds.entry(run.pass.at.round).or_insert((run.place, run.place));
        *ends = (ends.0.min(run.place), ends.1.max(run.place));
    }
    let half = (at(1) - at(0)) / 2.0;
    let every = rounds.len().div_ceil(15).max(1);
    html! {
        @for (number, (round, (first, last))) in rounds.iter().enumerate() {
            @let (left, right) = (at(*first) - half, at(*last) + half);
            @if number % 2 == 0 {
                rect class="band" x=(place(left)) y="0" width=(place(right - left)) height=(place(bottom)) {}
            }
            @if number % every == 0 {
                text class="q" x=(place(f64::midpoint(left, right))) y="20" text-anchor="middle" { @if number == 0 { "round " } (round) }
            }
        }
    }
}

fn own<'a>(
    data: &'a ReportData,
    runs: &'a [Run<'a>],
    place: usize,
) -> impl Iterator<Item = &'a Run<'a>> {
    let deployment = &data.planned.deployments[place];
    runs.iter().filter(move |run| run.pass.at.deployment == *deployment)
}

/// The seconds of a pass that went well.
fn seconds(run: &Run<'_>) -> Option<f64> {
    run.pass.turnaround_s.filter(|s| run.pass.status.is_ok() && s.is_finite() && *s > 0.0)
}

fn reach(data: &ReportData, runs: &[Run<'_>], place: usize) -> Option<String> {
    let mut sorted: Vec<f64> = own(data, runs, place).filter_map(seconds).collect();
    sorted.sort_by(f64::total_cmp);
    let [low, middle, high] = [0.0, 0.5, 1.0].map(|p| quantile(&sorted, p));
    Some(format!("{} to {} s, median {} s", figure(low?), figure(high?), figure(middle?)))
}

fn words(data: &ReportData, runs: &[Run<'_>], place: usize) -> String {
    let failed = own(data, runs, place).filter(|run| !run.pass.status.is_ok()).count();
    let label = data.label(&data.planned.deployments[place]);
    let reach = reach(data, runs, place).unwrap_or_else(|| "no pass went well".to_owned());
    if failed == 0 {
        format!("{label}: {reach}")
    } else {
        format!("{label}: {reach}, {failed} failed")
    }
}

fn lane(
    data: &ReportData,
    runs: &[Run<'_>],
    number: usize,
    top: f64,
    at: &impl Fn(usize) -> f64,
    step: usize,
) -> Markup {
    let good = || own(data, runs, number).filter_map(|run| Some((run.place, seconds(run)?)));
    let axis = Axis::near(good().map(|(_, s)| s), top + ROW - 6.0, top + NAME + 4.0);
    let dots: String = good()
        .step_by(step)
        .map(|(run, s)| format!("M{} {}h0", place(at(run)), place(axis.place_of(s))))
        .collect();
    let failed = own(data, runs, number).filter(|run| !run.pass.status.is_ok());
    let crosses: String = failed
        .map(|run| {
            let (x, y) = (place(at(run.place) - 4.0), place(top + NAME - 2.0));
            format!("M{x} {y}l8 8m0 -8l-8 8")
        })
        .collect();
    html! {
        g class={ "s" (colour(data, number)) } {
            path class="grid" d={ "M" (MARGIN) " " (place(top + ROW)) "H" (WIDTH - MARGIN) } {}
            text class="name" x=(MARGIN) y=(place(top + 20.0)) {
                (data.label(&data.planned.deployments[number]))
                tspan class="q" { " " (reach(data, runs, number).unwrap_or_default()) }
            }
            path class="dots" d=(dots) {}
            @if !crosses.is_empty() { path class="cross" d=(crosses) {} }
        }
    }
}
