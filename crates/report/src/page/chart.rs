//! A chart for each function: every race call as a dot, a box for its quartiles.
//!
//! One lane for each picture of a deployment, since pictures of different sizes have nothing to do
//! in one box. A dot's height in its lane is its round, the first above, so that drift shows.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use maud::{Markup, html};
use photofinish_analyse::{Part, quantile};
use photofinish_study::{Deployment, Name, Phase};

use super::flow_title;
use crate::data::ReportData;
use crate::wording::{count, fixed};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 112.0;
const RIGHT: f64 = 16.0;
const LANE: f64 = 22.0;
const TITLE: f64 = 22.0;
const AXIS: f64 = 44.0;
/// More dots than these in a lane are thinned out, evenly and in order.
const DOTS: usize = 300;

/// The calls of one picture: round and milliseconds.
type Lane = Vec<(u32, f64)>;
type Lanes = BTreeMap<Name, Lane>;

pub(super) fn charts(data: &ReportData) -> Option<Markup> {
    let flow = *data.flows().first()?;
    let mut calls: BTreeMap<&Name, BTreeMap<&Arc<Deployment>, Lanes>> = BTreeMap::new();
    let parts = || data.planned.functions.iter().cloned().map(Part::Function);
    let wrong: HashSet<(&Arc<Deployment>, Part)> = data
        .planned
        .deployments
        .iter()
        .flat_map(|deployment| parts().map(move |part| (deployment, part)))
        .filter(|(deployment, part)| data.is_rejected(deployment, part))
        .collect();
    let raced = data
        .invocations
        .iter()
        .filter(|call| call.at.phase == Phase::Race && call.status.is_ok() && call.at.flow == flow);
    for call in raced {
        let part = Part::Function(call.function.clone());
        if wrong.contains(&(&call.at.deployment, part)) {
            continue;
        }
        let Some(ms) = call.duration_ms.filter(|ms| ms.is_finite() && *ms > 0.0) else { continue };
        let lanes = calls.entry(&call.function).or_default().entry(&call.at.deployment);
        let lane = lanes.or_default().entry(call.at.image.clone()).or_default();
        lane.push((call.at.round, ms));
    }
    if calls.is_empty() {
        return None;
    }
    let shown = data.planned.functions.iter().filter_map(|function| calls.get_key_value(function));
    Some(html! {
        p class="quiet" { (flow_title(flow)) ". Each dot is one race call, higher dots are earlier rounds; a box spans the middle half, its bar is the median, its whiskers the 5\u{a0}% and 95\u{a0}% quantiles." }
        @for (function, bands) in shown {
            h3 { (function) }
            (figure_of(data, function, bands))
        }
    })
}

fn figure_of(
    data: &ReportData,
    function: &Name,
    bands: &BTreeMap<&Arc<Deployment>, Lanes>,
) -> Markup {
    let of_study = |deployment: &&Arc<Deployment>| bands.contains_key(*deployment);
    let order: Vec<&Arc<Deployment>> = data.planned.deployments.iter().filter(of_study).collect();
    let lanes: usize = order.iter().map(|deployment| bands[deployment].len()).sum();
    let bottom = order.len() as f64 * TITLE + lanes as f64 * LANE;
    let every = bands.values().flat_map(Lanes::values).flatten().map(|&(_, ms)| ms);
    let scale = Scale::over(every);
    let thinned = bands.values().flat_map(Lanes::values).any(|lane| lane.len() > DOTS);
    let mut top = 0.0;
    let drawn: Vec<Markup> = order
        .iter()
        .map(|deployment| {
            let color = data.planned.deployments.iter().position(|d| d == *deployment);
            let lanes = &bands[deployment];
            let band = band(&data.label(deployment), color.unwrap_or(0) % 6, lanes, top, &scale);
            top += TITLE + lanes.len() as f64 * LANE;
            band
        })
        .collect();
    html! {
        figure {
            svg viewBox={ "0 0 " (WIDTH) " " (bottom + AXIS) } role="img" aria-label={ "Durations of " (function) } {
                @for tick in scale.ticks() {
                    @let x = place(scale.x(tick));
                    line class="grid" x1=(x) x2=(x) y1="0" y2=(place(bottom)) {}
                    text class="q" x=(x) y=(place(bottom + 16.0)) text-anchor="middle" { (mark(tick)) }
                }
                @for band in drawn { (band) }
                text class="q" x=(place(f64::midpoint(LEFT, WIDTH - RIGHT))) y=(place(bottom + 36.0)) text-anchor="middle" { (scale.name()) }
            }
            @if thinned { figcaption { "Lanes of more than " (count(DOTS as u64)) " calls show every few of them; boxes are of all." } }
        }
    }
}

fn band(label: &str, color: usize, lanes: &Lanes, top: f64, scale: &Scale) -> Markup {
    html! {
        g class={ "s" (color) } {
            text class="name" x="0" y=(place(top + 15.0)) { (label) }
            @for (row, (image, lane)) in lanes.iter().enumerate() {
                @let y = top + TITLE + row as f64 * LANE;
                text class="q" x=(place(LEFT - 8.0)) y=(place(y + LANE / 2.0 + 4.0)) text-anchor="end" { (short(image.as_str())) }
                (strip(lane, y, scale))
            }
        }
    }
}

/// A lane: whiskers, box, median, dots.
fn strip(lane: &Lane, top: f64, scale: &Scale) -> Markup {
    let mut sorted: Vec<f64> = lane.iter().map(|&(_, ms)| ms).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |p: f64| quantile(&sorted, p).map_or(0.0, |ms| scale.x(ms));
    let (low, q1, middle, q3, high) = (at(0.05), at(0.25), at(0.5), at(0.75), at(0.95));
    let centre = place(top + LANE / 2.0);
    let last_round = lane.iter().map(|&(round, _)| round).max().unwrap_or(1);
    let step = lane.len().div_ceil(DOTS).max(1);
    let dot_y = |round: u32| {
        let share = f64::from(round.saturating_sub(1)) / f64::from(last_round.max(2) - 1);
        top + 3.0 + share * (LANE - 6.0)
    };
    html! {
        line class="whisker" x1=(place(low)) x2=(place(high)) y1=(centre) y2=(centre) {}
        rect class="box" x=(place(q1)) y=(place(top + 3.0)) width=(place((q3 - q1).max(0.5))) height=(place(LANE - 6.0)) rx="1.5" {}
        @for &(round, ms) in lane.iter().step_by(step) {
            circle class="dot" cx=(place(scale.x(ms))) cy=(place(dot_y(round))) r="1.8" {}
        }
        line class="mid" x1=(place(middle)) x2=(place(middle)) y1=(place(top + 2.0)) y2=(place(top + LANE - 2.0)) {}
    }
}

/// A tick's number, without noughts behind the point.
fn mark(tick: f64) -> String {
    let rounded = (tick * 1e6).round() / 1e6;
    let decimals = format!("{rounded}").split_once('.').map_or(0, |(_, rest)| rest.len());
    fixed(rounded, decimals)
}

/// A name that fits beside a lane.
fn short(name: &str) -> String {
    if name.chars().count() <= 13 {
        return name.to_owned();
    }
    name.chars().take(12).chain(['…']).collect()
}

/// A coordinate in tenths, without `-0`.
fn place(value: f64) -> String {
    format!("{:.1}", value + 0.0)
}

/// How milliseconds become places.
enum Scale {
    /// From 0 to the given end.
    Linear { end: f64 },
    /// Between two ends, by logarithm.
    Logarithmic { start: f64, end: f64 },
}

impl Scale {
    /// Logarithmic where the largest is more than eight times the smallest.
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(a, b), x| (a.min(x), b.max(x)));
        if low.is_finite() && high / low > 8.0 {
            Self::Logarithmic { start: low / 1.15, end: high * 1.15 }
        } else {
            Self::Linear { end: (high * 1.05).max(f64::MIN_POSITIVE) }
        }
    }

    fn x(&self, ms: f64) -> f64 {
        let share = match *self {
            Self::Linear { end } => ms / end,
            Self::Logarithmic { start, end } => (ms / start).ln() / (end / start).ln(),
        };
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn ticks(&self) -> Vec<f64> {
        match *self {
            Self::Linear { end } => {
                let rough = end / 5.0;
                let decade = 10.0_f64.powf(rough.log10().floor());
                let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * decade);
                let step = step.into_iter().find(|&s| s >= rough).unwrap_or(rough);
                (0..=(end / step) as u32).map(|i| f64::from(i) * step).collect()
            }
            Self::Logarithmic { start, end } => {
                let decades = start.log10().floor() as i32..=end.log10().ceil() as i32;
                let marks: &[f64] = if end / start > 2000.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
                decades
                    .flat_map(|d| marks.iter().map(move |m| m * 10.0_f64.powi(d)))
                    .filter(|ms| (start..=end).contains(ms))
                    .collect()
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Linear { .. } => "milliseconds",
            Self::Logarithmic { .. } => "milliseconds, logarithmic",
        }
    }
}
