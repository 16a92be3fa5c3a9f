//! A chart for each function and one for the pipeline: every call as a dot, a box for its quartiles,
//! and beside it the share of calls that took no longer (the empirical distribution).
//!
//! One drawing for each picture, since pictures of different sizes have nothing to do in one box;
//! all contestants share its axis. A dot's height in its lane is its round, the first above, so
//! that drift shows. Beside a lane its own curve stands before all others of the drawing.

use std::collections::BTreeMap;

use maud::{Markup, html};
use photofinish_study::{Flow, Name};

use super::axis::{Axis, place};
use super::flow_title;
use super::lanes::{self, Lane, Lanes, colour};
use super::table::beside_figures;
use crate::data::ReportData;
use crate::wording::{count, figure};

/// More dots than these in a drawing are thinned out, evenly and in order.
const DOTS: usize = 2000;
/// More steps than these in a curve are thinned out in the same way.
const STEPS: usize = 100;

const ROW: f64 = 44.0;
const LANE_TOP: f64 = 18.0;
const LANE: f64 = 22.0;
const AXIS: f64 = 46.0;
const STRIPS: f64 = 600.0;
const CURVES: f64 = 300.0;
const MARGIN: f64 = 12.0;

/// One drawing: the lanes of one part and picture.
struct Drawing<'a> {
    data: &'a ReportData,
    /// In the page's ids.
    id: String,
    about: String,
    unit: Unit,
    lanes: &'a BTreeMap<usize, Lane>,
    axis: Axis,
}

#[derive(Clone, Copy)]
struct Unit {
    short: &'static str,
    long: &'static str,
}

const MILLISECONDS: Unit = Unit { short: "ms", long: "milliseconds" };
const SECONDS: Unit = Unit { short: "s", long: "seconds" };

pub(super) fn charts(data: &ReportData) -> Option<Markup> {
    let flow = *data.flows().first()?;
    let functions = data.planned.functions.iter().enumerate();
    let drawn: Vec<(&Name, Markup)> = functions
        .filter_map(|(number, function)| {
            let lanes = lanes::of_function(data, flow, function);
            let id = format!("f{number}");
            Some((function, part(data, &id, function.as_str(), flow, MILLISECONDS, &lanes)?))
        })
        .collect();
    (!drawn.is_empty()).then(|| html! {
        p class="quiet" { (flow_title(flow)) ". Each dot is one warm race call, higher dots are earlier rounds; a box spans the middle half, its bar is the median, its whiskers the 5\u{a0}% and 95\u{a0}% quantiles. Beside it: the share of calls that took no longer, from 0 to 1, before the curves of all others." }
        @for (function, drawing) in drawn { h3 { (function) } (drawing) }
    })
}

pub(super) fn turnaround(data: &ReportData) -> Option<Markup> {
    let lanes = lanes::of_passes(data, Flow::Chained);
    part(data, "t", "turnaround", Flow::Chained, SECONDS, &lanes)
}

/// The first picture's drawing, the others folded.
fn part(
    data: &ReportData,
    id: &str,
    name: &str,
    flow: Flow,
    unit: Unit,
    lanes: &Lanes,
) -> Option<Markup> {
    let mut drawings = lanes.iter().enumerate().map(|(number, (picture, lanes))| {
        let every = lanes.values().flat_map(|lane| lane.sorted.iter().copied());
        Drawing {
            data,
            id: format!("{id}-{number}"),
            about: format!("{name} of {picture}, {flow}, warm"),
            unit,
            lanes,
            axis: Axis::over(every, MARGIN, STRIPS - MARGIN),
        }
        .figure()
    });
    let first = drawings.next()?;
    let others: Vec<Markup> = drawings.collect();
    Some(html! {
        (first)
        @if !others.is_empty() {
            details class="long" {
                summary { "The other pictures (" (others.len()) ")" }
                @for other in others { (other) }
            }
        }
    })
}

impl Drawing<'_> {
    fn figure(&self) -> Markup {
        let calls: usize = self.lanes.values().map(|lane| lane.calls.len()).sum();
        html! {
            figure {
                div class="pair" { (self.strips(calls)) (self.curves()) }
                figcaption {
                    (self.about) ", in " (self.unit.long) "; n = " (count(calls as u64)) "."
                    @if calls > DOTS { " More than " (count(DOTS as u64)) " calls: every few of them are drawn; boxes are of all." }
                    (beside_figures(self.data))
                }
            }
        }
    }

    fn rows(&self) -> impl Iterator<Item = (f64, usize, String, &Lane)> {
        self.lanes.iter().enumerate().map(|(row, (&place, lane))| {
            let name = self.data.planned.deployments.get(place).map(|d| self.data.label(d));
            (row as f64 * ROW, colour(self.data, place), name.unwrap_or_default(), lane)
        })
    }

    fn bottom(&self) -> f64 {
        self.lanes.len() as f64 * ROW
    }

    /// The drawing in words.
    fn words(&self) -> String {
        let each = self.rows().map(|(_, _, name, lane)| {
            let [low, middle, high] = [0.25, 0.5, 0.75].map(|p| figure(lane.quantile(p)));
            let unit = self.unit.short;
            format!("{name}: median {middle} {unit}, middle half {low} to {high} {unit}")
        });
        each.collect::<Vec<_>>().join("; ")
    }

    /// The curves in words.
    fn shares(&self) -> String {
        let each = self.rows().map(|(_, _, name, lane)| {
            let [half, most] = [0.5, 0.9].map(|p| figure(lane.quantile(p)));
            let unit = self.unit.short;
            format!("{name}: half within {half} {unit}, nine in ten within {most} {unit}")
        });
        each.collect::<Vec<_>>().join("; ")
    }

    fn strips(&self, calls: usize) -> Markup {
        let step = calls.div_ceil(DOTS).max(1);
        let (title, desc) = (format!("{}-t", self.id), format!("{}-d", self.id));
        html! {
            svg class="strips" viewBox={ "0 0 " (STRIPS) " " (self.bottom() + AXIS) } role="img" aria-labelledby={ (title) " " (desc) } {
                title id=(title) { (self.about) }
                desc id=(desc) { (self.words()) }
                (self.grid(self.axis, 9.5))
                @for (top, colour, name, lane) in self.rows() {
                    g class={ "s" (colour) } transform={ "translate(0 " (place(top)) ")" } {
                        text class="name" x=(MARGIN) y="13" { (name) tspan class="q" { " " (figure(lane.quantile(0.5))) " " (self.unit.short) } }
                        (self.strip(lane, step))
                    }
                }
            }
        }
    }

    /// Grid, ticks, and the axis' name.
    fn grid(&self, axis: Axis, glyph: f64) -> Markup {
        let bottom = self.bottom();
        let lines: String = axis
            .ticks(glyph)
            .iter()
            .map(|(x, _)| format!("M{} 0V{}", place(*x), place(bottom)))
            .collect();
        html! {
            path class="grid" d=(lines) {}
            @for (x, text) in axis.ticks(glyph) {
                text class="q" x=(place(x)) y=(place(bottom + 17.0)) text-anchor="middle" { (text) }
            }
            text class="q" x=(MARGIN) y=(place(bottom + 38.0)) { (self.unit.long) (axis.remark()) }
        }
    }

    /// A lane: whiskers, box, dots, median.
    fn strip(&self, lane: &Lane, step: usize) -> Markup {
        let at = |p: f64| self.axis.place_of(lane.quantile(p));
        let (low, q1, middle, q3, high) = (at(0.05), at(0.25), at(0.5), at(0.75), at(0.95));
        let centre = place(LANE_TOP + LANE / 2.0);
        let (top, bottom) = (place(LANE_TOP), place(LANE_TOP + LANE));
        html! {
            path class="whisker" d={ "M" (place(low)) " " (centre) "H" (place(high)) } {}
            rect class="box" x=(place(q1)) y=(top) width=(place((q3 - q1).max(0.5))) height=(LANE) {}
            path class="dots" d=(self.dots(lane, step)) {}
            path class="mid" d={ "M" (place(middle)) " " (top) "V" (bottom) } {}
        }
    }

    /// Each dot is a line without length and with round ends: a third of a circle's text.
    fn dots(&self, lane: &Lane, step: usize) -> String {
        let rounds = || lane.calls.iter().map(|&(round, _)| round);
        let (first, last) = (rounds().min().unwrap_or(0), rounds().max().unwrap_or(0));
        let span = f64::from(last.saturating_sub(first).max(1));
        let dot = |&(round, value): &(u32, f64)| {
            let share = f64::from(round - first) / span;
            let y = LANE_TOP + 3.0 + share * (LANE - 6.0);
            format!("M{} {}h0", place(self.axis.place_of(value)), place(y))
        };
        lane.calls.iter().step_by(step).map(dot).collect()
    }

    fn curves(&self) -> Markup {
        let axis = self.axis.between(MARGIN, CURVES - MARGIN);
        let all = format!("{}-e", self.id);
        let (title, desc) = (format!("{}-ct", self.id), format!("{}-cd", self.id));
        let own = |row: usize| format!("{all}{row}");
        html! {
            svg class="curves" viewBox={ "0 0 " (CURVES) " " (self.bottom() + AXIS) } role="img" aria-labelledby={ (title) " " (desc) } {
                title id=(title) { "Share of calls that took no longer, " (self.about) }
                desc id=(desc) { (self.shares()) }
                (self.grid(axis, 7.0))
                defs { g id=(all) {
                    @for (row, (_, _, _, lane)) in self.rows().enumerate() {
                        path id=(own(row)) d=(curve(lane, axis)) {}
                    }
                } }
                @for (row, (top, colour, name, lane)) in self.rows().enumerate() {
                    g class={ "s" (colour) } transform={ "translate(0 " (place(top)) ")" } {
                        path class="rule" d={ "M" (MARGIN) " " (FLOOR) "H" (CURVES - MARGIN) } {}
                        use class="others" href={ "#" (all) } {}
                        use class="own" href={ "#" (own(row)) } {}
                        (beside_curve(&name, axis.place_of(lane.quantile(0.5))))
                    }
                }
            }
        }
    }
}

/// The name where its own curve leaves room; shown where the curves stand below the dots.
fn beside_curve(name: &str, middle: f64) -> Markup {
    html! {
        @if middle < CURVES / 2.0 {
            text class="alone" x=(CURVES - MARGIN) y=(place(FLOOR - 5.0)) text-anchor="end" { (name) }
        } @else {
            text class="alone" x=(MARGIN) y=(place(CEILING + 14.0)) { (name) }
        }
    }
}

/// Where a curve's 0 and 1 are in its row.
const FLOOR: f64 = LANE_TOP + LANE;
const CEILING: f64 = 6.0;

/// Steps up by 1/n at each call.
fn curve(lane: &Lane, axis: Axis) -> String {
    let all = lane.sorted.len();
    let height = |share: f64| place(FLOOR - share * (FLOOR - CEILING));
    let mut path =
        format!("M{} {}", place(axis.place_of(0.0_f64.max(lane.quantile(0.0)))), height(0.0));
    let step = all.div_ceil(STEPS).max(1);
    let shown = (0..all).filter(|rank| (rank + 1) % step == 0 || rank + 1 == all);
    for rank in shown {
        let x = place(axis.place_of(lane.sorted[rank]));
        path += &format!("H{x}V{}", height((rank + 1) as f64 / all as f64));
    }
    path + &format!("H{}", place(CURVES - MARGIN))
}
