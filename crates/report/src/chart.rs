//! Charts as inline SVG.

use std::collections::BTreeMap;

use maud::{Markup, html};
use photofinish_study::{Deployment, Flow, Name, Phase};

use crate::data::ReportData;
use crate::words::{Names, figure};

const WIDTH: f64 = 640.0;
const LEFT: f64 = 8.0;
const ROW: f64 = 40.0;
const AXIS: f64 = 34.0;

/// An axis from one value to another, in logarithms where they are far apart.
struct Axis {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Axis {
    fn over(values: &[f64]) -> Option<Self> {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if !(low > 0.0 && high.is_finite()) {
            return None;
        }
        let logarithmic = high / low > 20.0;
        Some(if logarithmic {
            Self { low: low / 1.2, high: high * 1.2, logarithmic }
        } else {
            Self { low: 0.0, high: high * 1.08, logarithmic }
        })
    }

    fn place(&self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        LEFT + share * (WIDTH - 2.0 * LEFT)
    }

    /// Round values to label.
    fn ticks(&self) -> Vec<f64> {
        if self.logarithmic {
            let decades = (self.low.log10().floor() as i32)..=(self.high.log10().ceil() as i32);
            return decades
                .flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(power)))
                .filter(|tick| (self.low..=self.high).contains(tick))
                .collect();
        }
        let raw = self.high / 5.0;
        let decade = 10_f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
        let step = step.into_iter().find(|step| *step >= raw).unwrap_or(raw);
        let count = (self.high / step).floor() as usize;
        (0..=count).map(|index| index as f64 * step).collect()
    }
}

/// Means of each round over all images, in order of the rounds.
fn round_means(
    data: &ReportData,
    deployment: &Deployment,
    flow: Flow,
    function: &Name,
) -> Vec<f64> {
    let mut images: BTreeMap<(u32, &Name), (f64, f64)> = BTreeMap::new();
    for row in &data.invocations {
        let at = &row.at;
        if at.phase == Phase::Race
            && at.flow == flow
            && *at.deployment == *deployment
            && row.function == *function
            && row.status.is_ok()
            && let Some(ms) = row.duration_ms
        {
            let (sum, count) = images.entry((at.round, &at.image)).or_default();
            *sum += ms;
            *count += 1.0;
        }
    }
    let mut rounds: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for ((round, _), (sum, count)) in images {
        let (total, images) = rounds.entry(round).or_default();
        *total += sum / count;
        *images += 1.0;
    }
    rounds.into_values().map(|(sum, count)| sum / count).collect()
}

/// One dot a round, a row for each deployment, a line at their median.
pub(crate) fn rounds(data: &ReportData, names: &Names, flow: Flow, function: &Name) -> Markup {
    let sides: Vec<(String, Vec<f64>)> = data
        .deployments
        .iter()
        .map(|deployment| (names.short(deployment), round_means(data, deployment, flow, function)))
        .filter(|(_, means)| !means.is_empty())
        .collect();
    let all: Vec<f64> = sides.iter().flat_map(|(_, means)| means.iter().copied()).collect();
    let Some(axis) = Axis::over(&all) else { return html! {} };
    let height = ROW * sides.len() as f64 + AXIS;
    let base = height - AXIS + 6.0;
    let scale = if axis.logarithmic { ", logarithmic" } else { "" };
    let label = format!("{function}, {flow}: mean Duration of each round");
    html! {
        figure {
            figcaption { strong { (function) } ": mean of each round, ms" (scale) }
            svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(label) {
                @for tick in axis.ticks() {
                    @let x = coordinate(axis.place(tick));
                    line.grid x1=(x) x2=(x) y1="0" y2=(coordinate(base)) {}
                    text.tick x=(x) y=(coordinate(base + 16.0)) text-anchor="middle" { (tidy(tick)) }
                }
                @for (index, (name, means)) in sides.iter().enumerate() {
                    @let top = ROW * index as f64;
                    @let middle = photofinish_analyse::quantile(means, 0.5);
                    @let lower = axis.place(photofinish_analyse::quantile(means, 0.25));
                    @let upper = axis.place(photofinish_analyse::quantile(means, 0.75));
                    g class=(format!("side s{}", index % 4)) {
                        text.name x=(LEFT) y=(coordinate(top + 13.0)) { (name) ", median " (figure(middle)) }
                        rect.box x=(coordinate(lower)) y=(coordinate(top + 18.0)) width=(coordinate((upper - lower).max(1.0))) height="14" {}
                        line.median x1=(coordinate(axis.place(middle))) x2=(coordinate(axis.place(middle))) y1=(coordinate(top + 16.0)) y2=(coordinate(top + 34.0)) {}
                        @for mean in means {
                            circle.dot cx=(coordinate(axis.place(*mean))) cy=(coordinate(top + 25.0)) r="3.5" {}
                        }
                    }
                }
            }
        }
    }
}

/// Parts of a whole as one bar.
pub(crate) fn split(parts: &[f64]) -> Markup {
    let whole: f64 = parts.iter().sum();
    let widths = parts.iter().map(|part| 120.0 * part / whole.max(f64::MIN_POSITIVE));
    let bars: Vec<(f64, f64)> = widths
        .scan(0.0, |at, width| {
            *at += width;
            Some((*at - width, width))
        })
        .collect();
    html! {
        svg.split viewBox="0 0 120 12" role="img" aria-label="shares" preserveAspectRatio="none" {
            @for (index, (at, width)) in bars.into_iter().enumerate() {
                rect class=(format!("p{index}")) x=(coordinate(at)) y="0" width=(coordinate(width)) height="12" {}
            }
        }
    }
}

fn coordinate(value: f64) -> String {
    format!("{value:.1}")
}

fn tidy(value: f64) -> String {
    if value >= 1.0 || value == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
