//! Pixels against the reference's, each function by the limits that its contract sets.

use photofinish_imaging::metric::{self, Worst};
use photofinish_imaging::{Limits, Plane, decode_grey, encode_grey};

use crate::bench::{Bench, Figure};
use crate::contract::Step;
use crate::expected::{Given, Levels};

const PIXEL: Figure = Figure { name: "largest pixel difference", limit_name: "pixel" };
const BLOCK_MEAN: Figure = Figure { name: "block mean difference", limit_name: "block_mean" };
const BLOCK_MAX: Figure = Figure { name: "largest block difference", limit_name: "block_max" };
const ABOVE_Q88: Figure = Figure { name: "quality above a q88 JPEG, dB", limit_name: "above_q88" };
const PSNR: Figure =
    Figure { name: "PSNR against the best of four filters, dB", limit_name: "psnr" };
const OUTSIDE: Figure = Figure { name: "outside the filters' range", limit_name: "outside" };
const OUTSIDE_SHARE: Figure =
    Figure { name: "share outside by more than 8", limit_name: "outside_share" };
const LEVELS: Figure = Figure { name: "levels over all codes", limit_name: "levels" };

/// Two pictures that are nearer to the right one than this are equally good, in dB: it is what
/// being one level off everywhere comes to.
const NEAR_ENOUGH: f64 = 48.0;

impl Bench<'_> {
    /// Compares the pixels; `None` if a check fails.
    pub(crate) fn pixels(&mut self, picture: &Levels) -> Option<()> {
        let (expected, limits) = (self.expected, self.rule.limits);
        if self.rule.step == Step::Resize {
            return self.resized(picture);
        }
        let worst = metric::worst_pixel(&expected.picture, picture);
        self.at_most(PIXEL, worst.value, limits.pixel, Some(worst))?;
        let (mean, block) = metric::block_means(&expected.picture, picture);
        self.at_most(BLOCK_MEAN, mean, limits.block_mean, Some(block))?;
        self.at_most(BLOCK_MAX, block.value, limits.block_max, Some(block))?;
        if let Some(limit) = limits.above_q88 {
            let above = above_quality_88(&expected.picture, picture)?;
            self.at_least(ABOVE_Q88, above, Some(limit))?;
        }
        match &expected.given {
            Given::Codes(codes) => self.depth_map(limits.levels, codes, picture),
            Given::Jpeg(_) | Given::Grey(_) => Some(()),
        }
    }

    fn resized(&mut self, picture: &Levels) -> Option<()> {
        let (expected, limits) = (self.expected, self.rule.limits);
        let nearest = expected
            .filters
            .iter()
            .map(|filter| metric::psnr(filter, picture, 255.0))
            .fold(f64::NEG_INFINITY, f64::max);
        self.at_least(PSNR, nearest, limits.psnr)?;
        let (mean, block) = expected
            .filters
            .iter()
            .map(|filter| metric::block_means(filter, picture))
            .min_by(|left, right| left.0.total_cmp(&right.0))?;
        self.at_most(BLOCK_MEAN, mean, limits.block_mean, Some(block))?;
        let outside = outside(&expected.filters, picture);
        self.at_most(OUTSIDE, outside.worst.value, limits.outside, Some(outside.worst))?;
        self.at_most(OUTSIDE_SHARE, outside.share, limits.outside_share, None)
    }

    /// A depth map is a function of the code, rises with it, and keeps the levels.
    fn depth_map(
        &mut self,
        least: Option<f64>,
        codes: &Plane<u16>,
        picture: &Levels,
    ) -> Option<()> {
        let mut map = [None; 1024];
        for (code, level) in codes.samples.iter().zip(&picture.samples) {
            let known = &mut map[usize::from(*code).min(1023)];
            let same = known.is_none_or(|known: f32| known == *level);
            if !same {
                return self.expect("one level for each code", false, || {
                    format!("code {code} is given as more than one level")
                });
            }
            *known = Some(*level);
        }
        let known: Vec<f32> = map.iter().flatten().copied().collect();
        self.expect("rises with the code", known.is_sorted(), || {
            "a higher code is darker".to_owned()
        })?;
        if known.len() < 1024 {
            return Some(());
        }
        self.expect(
            "0 stays 0 and 1023 becomes 255",
            (known[0], known[1023]) == (0.0, 255.0),
            || format!("0 becomes {} and 1023 becomes {}", known[0], known[1023]),
        )?;
        let mut levels = known;
        levels.dedup();
        self.at_least(LEVELS, levels.len() as f64, least)
    }
}

/// How much nearer to the picture it is than the picture's own JPEG of quality 88.
fn above_quality_88(expected: &Levels, picture: &Levels) -> Option<f64> {
    let plane = expected.map(|level| level.round().clamp(0.0, 255.0) as u8);
    let coarse = encode_grey(&plane, 88).ok()?;
    let (coarse, _) = decode_grey(&coarse, Limits::default()).ok()?;
    let nearness = |picture| metric::psnr(expected, picture, 255.0).min(NEAR_ENOUGH);
    Some(nearness(picture) - nearness(&coarse.map(f32::from)))
}

struct Outside {
    worst: Worst,
    share: f64,
}

/// How far pixels lie outside of what any of the filters gives.
fn outside(filters: &[Levels], picture: &Levels) -> Outside {
    let mut worst = Worst { value: 0.0, x: 0, y: 0 };
    let mut far = 0_u32;
    for (index, &level) in picture.samples.iter().enumerate() {
        let values = filters.iter().map(|filter| filter.samples[index]);
        let (low, high) = values
            .fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let distance = f64::from((low - level).max(level - high).max(0.0));
        far += u32::from(distance > 8.0);
        if distance > worst.value {
            worst = Worst { value: distance, x: index % picture.width, y: index / picture.width };
        }
    }
    Outside { worst, share: f64::from(far) / picture.samples.len() as f64 }
}
