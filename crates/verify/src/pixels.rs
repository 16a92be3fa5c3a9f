//! Pixels against the reference's, each function by the limits that its contract sets.

use photofinish_imaging::Plane;
use photofinish_imaging::metric::{self, Worst};

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

/// What stands for the infinite nearness of equal pictures, in dB: no file of data holds infinity.
const EQUAL: f64 = 100.0;

impl Bench<'_> {
    /// Compares the pixels with those of a picture of the same size.
    pub(crate) fn pixels(&mut self, picture: &Levels) {
        let (expected, limits) = (self.expected, self.rule.limits);
        if self.rule.step == Step::Resize {
            return self.resized(picture);
        }
        let worst = metric::worst_pixel(&expected.picture, picture);
        self.at_most(PIXEL, worst.value, limits.pixel, Some(worst));
        let (mean, block) = metric::block_means(&expected.picture, picture);
        self.at_most(BLOCK_MEAN, mean, limits.block_mean, Some(block));
        self.at_most(BLOCK_MAX, block.value, limits.block_max, Some(block));
        if limits.above_q88.is_some() {
            match expected.nearness_of_quality_88() {
                Some(coarse) => {
                    let above = nearness(&expected.picture, picture) - coarse;
                    self.at_least(ABOVE_Q88, above, limits.above_q88);
                }
                None => {
                    self.leave_out("its quality, since a JPEG cannot hold the reference's picture")
                }
            }
        }
        if let Given::Codes(codes) = &expected.given {
            self.depth_map(limits.levels, codes, picture);
        }
    }

    fn resized(&mut self, picture: &Levels) {
        let (expected, limits) = (self.expected, self.rule.limits);
        let filters = expected.filters.iter();
        let nearest = filters
            .map(|filter| metric::psnr(filter, picture, 255.0).min(EQUAL))
            .fold(f64::NEG_INFINITY, f64::max);
        self.at_least(PSNR, nearest, limits.psnr);
        let means = expected.filters.iter().map(|filter| metric::block_means(filter, picture));
        if let Some((mean, block)) = means.min_by(|left, right| left.0.total_cmp(&right.0)) {
            self.at_most(BLOCK_MEAN, mean, limits.block_mean, Some(block));
        }
        let outside = outside(&expected.filters, picture);
        self.at_most(OUTSIDE, outside.worst.value, limits.outside, Some(outside.worst));
        self.at_most(OUTSIDE_SHARE, outside.share, limits.outside_share, None);
    }

    /// A depth map is a function of the code, rises with it, and keeps the levels.
    fn depth_map(&mut self, least: Option<f64>, codes: &Plane<u16>, picture: &Levels) {
        let mut map = [None; 1024];
        let mut torn = None;
        for (code, level) in codes.samples.iter().zip(&picture.samples) {
            let known = &mut map[usize::from(*code).min(1023)];
            if known.is_some_and(|known: f32| known != *level) {
                torn = Some(*code);
                break;
            }
            *known = Some(*level);
        }
        let single = self.expect("one level for each code", torn.is_none(), || {
            format!("code {} is given as more than one level", torn.unwrap_or_default())
        });
        if !single {
            let right = &self.expected.picture;
            if metric::worst_pixel(right, picture).value <= 1.0 {
                self.looks_like("levels dithered between neighbours");
            }
            return self.leave_out("how levels rise with the code, since one has several");
        }
        let mut levels: Vec<f32> = map.iter().flatten().copied().collect();
        self.expect("rises with the code", levels.is_sorted(), || {
            "a higher code is darker".to_owned()
        });
        if levels.len() < map.len() {
            return self.leave_out(format!(
                "how many levels are kept, since the input has {} of the 1,024 codes",
                levels.len()
            ));
        }
        let ends = (levels[0], levels[1023]);
        self.expect("0 stays 0 and 1023 becomes 255", ends == (0.0, 255.0), || {
            format!("0 becomes {} and 1023 becomes {}", ends.0, ends.1)
        });
        levels.dedup();
        self.at_least(LEVELS, levels.len() as f64, least);
    }
}

/// How near a picture is to the right one, in dB; all that are near enough are equally near.
pub(crate) fn nearness(right: &Levels, picture: &Levels) -> f64 {
    metric::psnr(right, picture, 255.0).min(NEAR_ENOUGH)
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
