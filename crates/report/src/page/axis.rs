//! From figures to places on a drawing.

use crate::wording::fixed;

/// A coordinate in tenths, without `-0`.
pub(super) fn place(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0 + 0.0;
    format!("{tenths}")
}

/// How figures become places from `start` to `end` of a drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    scale: Scale,
    start: f64,
    end: f64,
}

#[derive(Debug, Clone, Copy)]
enum Scale {
    /// From 0 to the given end.
    Linear { end: f64 },
    /// Between two ends, by logarithm.
    Logarithmic { low: f64, high: f64 },
}

/// From where on a scale is logarithmic: the largest is so many times the smallest.
const WIDE: f64 = 8.0;

impl Axis {
    /// Logarithmic where the figures are far apart, else from 0.
    pub(super) fn over(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Self {
        let (low, high) = extent(values);
        let scale = if low.is_finite() && high / low > WIDE {
            Scale::Logarithmic { low: low / 1.15, high: high * 1.15 }
        } else {
            Scale::Linear { end: (high * 1.05).max(f64::MIN_POSITIVE) }
        };
        Self { scale, start, end }
    }

    /// Logarithmic and as near as the figures allow: for what varies a little.
    pub(super) fn near(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Self {
        let (low, high) = extent(values);
        let (low, high) = if low.is_finite() { (low, high) } else { (1.0, 1.0) };
        Self { scale: Scale::Logarithmic { low: low / 1.05, high: high * 1.05 }, start, end }
    }

    /// The same scale on another drawing.
    pub(super) fn between(self, start: f64, end: f64) -> Self {
        Self { start, end, ..self }
    }

    pub(super) fn place_of(&self, value: f64) -> f64 {
        let share = match self.scale {
            Scale::Linear { end } => value / end,
            Scale::Logarithmic { low, high } => (value / low).ln() / (high / low).ln(),
        };
        self.start + share.clamp(0.0, 1.0) * (self.end - self.start)
    }

    /// Marks with their text; those whose text would touch the one before are left out.
    pub(super) fn ticks(&self, glyph: f64) -> Vec<(f64, String)> {
        let mut free = f64::NEG_INFINITY;
        let mut ticks = Vec::new();
        for tick in self.marks() {
            let text = mark(tick);
            let (x, half) = (self.place_of(tick), text.chars().count() as f64 * glyph / 2.0);
            if x - half >= free && x + half <= self.end + glyph {
                free = x + half + glyph;
                ticks.push((x, text));
            }
        }
        ticks
    }

    fn marks(&self) -> Vec<f64> {
        match self.scale {
            Scale::Linear { end } => {
                let rough = end / 5.0;
                let decade = 10.0_f64.powf(rough.log10().floor());
                let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * decade);
                let step = step.into_iter().find(|&s| s >= rough).unwrap_or(rough);
                (0..=(end / step) as u32).map(|i| f64::from(i) * step).collect()
            }
            Scale::Logarithmic { low, high } => {
                let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
                let steps: &[f64] = if high / low > 2000.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
                decades
                    .flat_map(|d| steps.iter().map(move |m| m * 10.0_f64.powi(d)))
                    .filter(|value| (low..=high).contains(value))
                    .collect()
            }
        }
    }

    /// Said after the unit.
    pub(super) fn remark(&self) -> &'static str {
        match self.scale {
            Scale::Linear { .. } => "",
            Scale::Logarithmic { .. } => ", logarithmic",
        }
    }
}

fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, 0.0_f64), |(a, b), x| (a.min(x), b.max(x)))
}

/// A tick's number, without noughts behind the point.
fn mark(tick: f64) -> String {
    let rounded = (tick * 1e6).round() / 1e6;
    let decimals = format!("{rounded}").split_once('.').map_or(0, |(_, rest)| rest.len());
    fixed(rounded, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tick_s_text_touches_its_neighbour_s_or_leaves_the_drawing() {
        for high in [0.004, 0.9, 7.0, 63.0, 4_999.0, 87_654.0] {
            for low in [high * 0.9, high / 50.0, high / 5_000.0] {
                let axis = Axis::over([low, high].into_iter(), 12.0, 288.0);
                let ticks = axis.ticks(7.0);
                assert!(!ticks.is_empty(), "{low} to {high}");
                let half = |text: &str| text.chars().count() as f64 * 3.5;
                for pair in ticks.windows(2) {
                    let gap = (pair[1].0 - half(&pair[1].1)) - (pair[0].0 + half(&pair[0].1));
                    assert!(gap >= 7.0, "{pair:?}");
                }
                assert!(ticks.iter().all(|(x, text)| x + half(text) <= 295.0), "{ticks:?}");
            }
        }
    }

    #[test]
    fn figures_far_apart_stand_on_a_logarithmic_axis_and_near_ones_from_nought() {
        let near = Axis::over([40.0, 60.0].into_iter(), 0.0, 630.0);
        assert_eq!((near.place_of(0.0), near.remark()), (0.0, ""));
        assert!((near.place_of(31.5) - 315.0).abs() < 1e-9);
        let far = Axis::over([1.0, 100.0].into_iter(), 0.0, 600.0);
        assert!((far.place_of(10.0) - 300.0).abs() < 1e-9, "the geometric middle");
        assert_eq!(far.remark(), ", logarithmic");
    }

    #[test]
    fn places_have_one_decimal_at_most_and_no_negative_nought() {
        assert_eq!([place(1.25), place(2.0), place(-0.01)], ["1.3", "2", "0"]);
    }
}
