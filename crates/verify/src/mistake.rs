//! Which common mistake a wrong picture looks like: each is really made, and compared.

mod depth;
mod detail;
mod distance;
mod grey;
mod place;
mod quality;
mod resize;
mod size;
mod tone;
mod turn;

use std::borrow::Cow;

use photofinish_imaging::{Filter, Limits, Plane, metric, resample_float};

use crate::contract::Step;
use crate::expected::{Expected, Given, Levels};
use crate::mistake::distance::{Distance, FEW, MANY, Sample};
use crate::opened::level_of_code;

/// A wrong output and what it was made from.
pub(crate) struct Wrong<'a> {
    /// Which function made it.
    pub(crate) step: Step,
    /// The quality that a JPEG of it should have.
    pub(crate) quality: u8,
    /// What was asked for.
    pub(crate) expected: &'a Expected,
    /// The file.
    pub(crate) bytes: &'a [u8],
    /// Its picture.
    pub(crate) picture: Levels,
    /// How much may be held in memory.
    pub(crate) limits: Limits,
}

impl Wrong<'_> {
    fn is_of_the_right_size(&self) -> bool {
        size_of(&self.expected.picture) == size_of(&self.picture)
    }
}

/// A picture with a known mistake, made where it is looked at.
struct Made<'a> {
    name: Cow<'static, str>,
    size: (usize, usize),
    level: Box<dyn Fn(usize, usize) -> f32 + 'a>,
    /// Whether its extent was read off the wrong picture: it must be nearer by that much more.
    is_fitted: bool,
}

impl<'a> Made<'a> {
    /// One whose levels are worked out when they are asked for.
    fn new(
        name: impl Into<Cow<'static, str>>,
        size: (usize, usize),
        level: impl Fn(usize, usize) -> f32 + 'a,
    ) -> Self {
        Self { name: name.into(), size, level: Box::new(level), is_fitted: false }
    }

    /// One whose extent was read off the wrong picture.
    fn fitted(self) -> Self {
        Self { is_fitted: true, ..self }
    }

    /// How far it is from a picture at this distance, for choosing among mistakes.
    fn rank(&self, distance: Distance) -> f64 {
        const FITTED: f64 = 0.5;
        distance.whole() + if self.is_fitted { FITTED } else { 0.0 }
    }

    /// One that is made as a whole.
    fn whole(name: impl Into<Cow<'static, str>>, picture: Levels) -> Self {
        Self::new(name, size_of(&picture), move |x, y| picture.at(x, y))
    }
}

/// The mistake whose picture is much nearer to this one than the right one is.
pub(crate) fn likely(wrong: &Wrong<'_>) -> Option<String> {
    let sample = Sample::of(&wrong.picture, MANY);
    let right = &wrong.expected.picture;
    let from_right = if wrong.is_of_the_right_size() {
        sample.distance(&|x, y| right.at(x, y))
    } else {
        Distance::INFINITE
    };
    if let Some(dots) = tone::dots(wrong, &sample, from_right) {
        return Some(dots.to_owned());
    }
    let known = made(wrong, &sample);
    let far = distances(known, &Sample::of(&wrong.picture, FEW));
    let nearest = nearest(&far);
    let possible =
        far.into_iter().filter(|(distance, made)| made.rank(*distance) <= 2.0 * nearest + 1.0);
    let far = distances(possible.map(|(_, made)| made).collect(), &sample);
    // Two names for nearly the same picture: the function's own mistake comes first.
    const AS_NEAR: f64 = 0.05;
    let nearest = self::nearest(&far);
    let (distance, made) =
        far.into_iter().find(|(distance, made)| made.rank(*distance) <= nearest + AS_NEAR)?;
    distance.is_clearly_nearer_than(from_right).then(|| made.name.into_owned())
}

fn distances<'a>(made: Vec<Made<'a>>, sample: &Sample<'_>) -> Vec<(Distance, Made<'a>)> {
    made.into_iter().map(|made| (sample.distance(&*made.level), made)).collect()
}

fn nearest(far: &[(Distance, Made<'_>)]) -> f64 {
    far.iter().map(|(distance, made)| made.rank(*distance)).fold(f64::INFINITY, f64::min)
}

/// Every mistake that is known, the function's own before those that any can make.
fn made<'a>(wrong: &'a Wrong<'_>, sample: &Sample<'_>) -> Vec<Made<'a>> {
    let (expected, size) = (wrong.expected, size_of(&wrong.picture));
    let mut made = match (wrong.step, &expected.given) {
        (Step::Greyscale, Given::Jpeg(input)) => {
            grey::mistakes(input, wrong.limits).unwrap_or_default()
        }
        (Step::Resize, Given::Grey(plane)) => resize::mistakes(plane, wrong),
        (Step::Depth, Given::Codes(codes)) => depth::mistakes(codes),
        (Step::Rotate, Given::Grey(plane)) => turn::mistakes(plane),
        (Step::Convert, Given::Grey(plane)) => {
            vec![Made::whole("a resize to 800x600", at_size(plane, (800, 600)))]
        }
        _ => Vec::new(),
    };
    if wrong.is_of_the_right_size() {
        made.extend(tone::mistakes(&expected.picture));
        made.extend(place::mistakes(&expected.picture));
        made.extend(place::cut_short(wrong));
        made.extend(detail::mistakes(&expected.picture));
        made.extend(quality::mistakes(wrong));
        made.extend(tone::fitted(&expected.picture, sample));
    } else {
        made.extend(place::turned(&expected.picture));
        made.extend(size::mistakes(wrong));
    }
    made.retain(|made| made.size == size);
    made
}

/// Which scale samples of 16 bits are on that reach far beyond 1023.
pub(crate) fn likely_scale(expected: &Expected, codes: &Plane<u16>) -> Option<&'static str> {
    nearest_scale(
        expected,
        codes,
        &[
            ("samples scaled to the 16 bits of their carrier, 0 to 65535", |code| {
                f32::from(code) / 257.0
            }),
            ("samples shifted up by 6 bits", |code| level_of_code(code >> 6)),
            ("samples shifted up by 8 bits", |code| f32::from(code >> 8)),
            ("samples of 12 bits, 0 to 4095", |code| f32::from(code) * (255.0 / 4095.0)),
            ("samples with their bytes swapped", |code| level_of_code(code.swap_bytes())),
            ("a filter's undershoot below 0, wrapped to 65535", |code| {
                if code > 60_000 { 0.0 } else { level_of_code(code) }
            }),
        ],
    )
}

/// What samples of 16 bits are where 8 are asked for.
pub(crate) fn likely_carrier(expected: &Expected, codes: &Plane<u16>) -> Option<&'static str> {
    nearest_scale(
        expected,
        codes,
        &[
            ("8-bit levels left in a 16-bit picture", |code| f32::from(code.min(255))),
            ("10-bit samples left in a 16-bit picture", level_of_code),
            ("levels scaled to 16 bits instead of left at 8", |code| f32::from(code) / 257.0),
        ],
    )
}

/// A name, and what its samples mean in levels of 8 bits.
type Scale = (&'static str, fn(u16) -> f32);

fn nearest_scale(
    expected: &Expected,
    codes: &Plane<u16>,
    scales: &[Scale],
) -> Option<&'static str> {
    let right = &expected.picture;
    if size_of(right) != (codes.width, codes.height) {
        return None;
    }
    scales
        .iter()
        .map(|(name, level)| (metric::block_means(right, &codes.map(level)).0, *name))
        .min_by(|left, right| left.0.total_cmp(&right.0))
        .filter(|(nearest, _)| *nearest < distance::NEAR)
        .map(|(_, name)| name)
}

fn size_of(plane: &Levels) -> (usize, usize) {
    (plane.width, plane.height)
}

fn at_size(plane: &Levels, (width, height): (usize, usize)) -> Levels {
    resample_float(plane, width, height, Filter::Lanczos3)
}
