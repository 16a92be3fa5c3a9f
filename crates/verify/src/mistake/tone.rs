//! Levels changed each by itself, wherever they are: any function can do it.

use super::distance::{Distance, Sample};
use super::{Made, Wrong, size_of};
use crate::expected::Levels;

type Change = fn(f32) -> f32;

const CHANGES: [(&str, Change); 13] = [
    ("a black picture", |_| 0.0),
    ("a white picture", |_| 255.0),
    ("an inverted picture", |level| 255.0 - level),
    ("black and white without levels between", |level| if level < 128.0 { 0.0 } else { 255.0 }),
    ("levels of 16 to 235 instead of 0 to 255", |level| 16.0 + level * (219.0 / 255.0)),
    ("levels stretched as if they had been 16 to 235", |level| (level - 16.0) * (255.0 / 219.0)),
    ("a gamma of 2.2 applied", |level| power(level, 1.0 / 2.2)),
    ("a gamma of 2.2 undone", |level| power(level, 2.2)),
    ("levels halved", |level| level / 2.0),
    ("levels doubled and cut off at 255", |level| level * 2.0),
    ("levels doubled and wrapped at 256", |level| (level.round() * 2.0) % 256.0),
    ("levels halved, then inverted", |level| 255.0 - level / 2.0),
    ("levels of 0 to 1 instead of 0 to 255", |level| level / 255.0),
];

pub(super) fn mistakes(right: &Levels) -> Vec<Made<'_>> {
    let mut made: Vec<Made<'_>> =
        CHANGES.iter().map(|(name, change)| changed(*name, right, change)).collect();
    for bits in 1..=7_u8 {
        let name = format!("a picture posterised to {bits} bits");
        let step = f32::from(1_u16 << (8 - bits));
        made.push(changed(name.clone(), right, move |level| (level.round() / step).floor() * step));
        made.push(changed(name.clone(), right, move |level| (level / step).round() * step));
        let levels = f32::from((1_u16 << bits) - 1);
        made.push(changed(name, right, move |level| {
            (level * levels / 255.0).round() * 255.0 / levels
        }));
    }
    let (least, most) = right
        .samples
        .iter()
        .fold((f32::MAX, f32::MIN), |(least, most), &level| (least.min(level), most.max(level)));
    let span = (most - least).max(1.0);
    made.push(changed("contrast stretched to the darkest and brightest level", right, move |v| {
        (v - least) * 255.0 / span
    }));
    let ranks = ranks(right);
    made.push(changed("an equalised histogram", right, move |level| ranks[index(level)]));
    made
}

fn changed<'a>(
    name: impl Into<std::borrow::Cow<'static, str>>,
    right: &'a Levels,
    change: impl Fn(f32) -> f32 + 'a,
) -> Made<'a> {
    Made::new(name, size_of(right), move |x, y| change(right.at(x, y)))
}

fn power(level: f32, exponent: f32) -> f32 {
    255.0 * (level / 255.0).powf(exponent)
}

fn index(level: f32) -> usize {
    level.round().clamp(0.0, 255.0) as usize
}

/// For each level, the level that its rank among all pixels gives.
fn ranks(picture: &Levels) -> [f32; 256] {
    let mut counts = [0_usize; 256];
    picture.samples.iter().for_each(|&level| counts[index(level)] += 1);
    let lowest = counts.iter().copied().find(|&count| count > 0).unwrap_or(0);
    let span = (picture.samples.len() - lowest).max(1) as f32;
    let mut below = 0;
    counts.map(|count| {
        below += count;
        below.saturating_sub(lowest) as f32 * 255.0 / span
    })
}

/// Changes whose size is read off the wrong picture.
pub(super) fn fitted<'a>(right: &'a Levels, sample: &Sample<'_>) -> Vec<Made<'a>> {
    let mut line = Line::default();
    let (mut exponent, mut weight) = (0.0, 0.0);
    sample.pairs(right, |right, found| {
        // What is cut off at an end says nothing of the slope.
        if !(4.0..251.0).contains(&found) || !(4.0..251.0).contains(&right) {
            return;
        }
        line.add(f64::from(right), f64::from(found));
        let (from, to) = (f64::from(right / 255.0).ln(), f64::from(found / 255.0).ln());
        exponent += from * to;
        weight += from * from;
    });
    let mut made = Vec::new();
    if let Some((slope, offset)) = line.fit() {
        let name = match offset {
            _ if (slope - 1.0).abs() < 0.02 => {
                let offset = line.offset();
                let way = if offset < 0.0 { "low" } else { "high" };
                format!("every level {:.0} too {way}", offset.abs())
            }
            _ if offset.abs() < 3.0 => format!("every level times {slope:.2}"),
            _ => format!("a contrast of {slope:.2} times"),
        };
        let (slope, offset) = (slope as f32, offset as f32);
        made.push(changed(name, right, move |level| level * slope + offset));
        let offset = line.offset();
        let way = if offset < 0.0 { "low" } else { "high" };
        let name = format!("every level {:.0} too {way}", offset.abs());
        made.push(changed(name, right, move |level| level + offset as f32));
    }
    if weight > 0.0 {
        let exponent = (exponent / weight) as f32;
        let name = format!("a gamma of {:.2} applied", 1.0 / exponent);
        made.push(changed(name, right, move |level| power(level, exponent)));
    }
    made.into_iter().map(Made::fitted).collect()
}

/// A straight line through pairs of levels.
#[derive(Debug, Default)]
struct Line {
    count: f64,
    from: f64,
    to: f64,
    squares: f64,
    products: f64,
}

impl Line {
    fn add(&mut self, from: f64, to: f64) {
        self.count += 1.0;
        self.from += from;
        self.to += to;
        self.squares += from * from;
        self.products += from * to;
    }

    /// Slope and offset; none of levels that are all the same.
    fn fit(&self) -> Option<(f64, f64)> {
        let spread = self.count * self.squares - self.from * self.from;
        (spread > 0.0).then(|| {
            let slope = (self.count * self.products - self.from * self.to) / spread;
            (slope, (self.to - slope * self.from) / self.count)
        })
    }

    /// How much higher levels are on average.
    fn offset(&self) -> f64 {
        (self.to - self.from) / self.count.max(1.0)
    }
}

/// Dots of black and white whose density gives the levels: no two ditherings have them at the
/// same places, so they are told by what they are.
pub(super) fn dots(
    wrong: &Wrong<'_>,
    sample: &Sample<'_>,
    from_right: Distance,
) -> Option<&'static str> {
    const AT_THE_ENDS: f64 = 0.97;
    const DENSITY: f64 = 12.0;
    if from_right.means() > DENSITY {
        return None;
    }
    let ends = |level: f32| f64::from(u8::from(!(24.0..=231.0).contains(&level)));
    let (mut right_at, mut found_at, mut count) = (0.0, 0.0, 0.0);
    sample.pairs(&wrong.expected.picture, |right, found| {
        right_at += ends(right);
        found_at += ends(found);
        count += 1.0;
    });
    let are_dots = found_at > AT_THE_ENDS * count && right_at < 0.7 * count;
    are_dots.then_some("a picture dithered to black and white")
}
