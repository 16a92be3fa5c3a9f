//! How far two pictures are apart for naming a mistake: their tones by means of blocks, which a
//! JPEG's noise leaves alone, and their details pixel by pixel.

use crate::expected::Levels;

/// What is further from every known mistake is none of them, in levels of 8 bits.
pub(super) const NEAR: f64 = 4.0;
const BLOCK: usize = 8;
/// So many blocks tell which mistakes are out of the question, however large the picture is.
pub(super) const FEW: usize = 400;
/// So many blocks tell a mistake.
pub(super) const MANY: usize = 4000;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Distance {
    /// Mean absolute difference of the means of 8×8 blocks.
    means: f64,
    /// Root of the mean squared difference of the pixels.
    pixels: f64,
}

impl Distance {
    /// Between pictures of two sizes.
    pub(super) const INFINITE: Self = Self { means: f64::INFINITY, pixels: f64::INFINITY };

    pub(super) fn means(self) -> f64 {
        self.means
    }

    /// In one figure. Pixels count for less: they carry the noise of whatever codec wrote them.
    pub(super) fn whole(self) -> f64 {
        self.means + self.pixels / 4.0
    }

    /// Whether a mistake at this distance explains a picture better than the right one does.
    pub(super) fn is_clearly_nearer_than(self, right: Self) -> bool {
        let by_tone = self.means < right.means / 3.0 && self.pixels < right.pixels;
        let by_detail = self.pixels < 0.6 * right.pixels && self.means <= right.means + 0.1;
        self.means < NEAR && (by_tone || by_detail)
    }
}

/// The blocks of a wrong picture that are compared.
pub(super) struct Sample<'a> {
    picture: &'a Levels,
    /// Every so many blocks, both ways.
    stride: usize,
}

impl<'a> Sample<'a> {
    /// At most so many of them, spread evenly.
    pub(super) fn of(picture: &'a Levels, most: usize) -> Self {
        let blocks = |stride: usize| {
            let along = |pixels: usize| pixels.div_ceil(BLOCK).div_ceil(stride);
            along(picture.width) * along(picture.height)
        };
        let stride = (1..).find(|&stride| blocks(stride) <= most).unwrap_or(1);
        Self { picture, stride }
    }

    /// To a picture of the same size.
    pub(super) fn distance(&self, level: &dyn Fn(usize, usize) -> f32) -> Distance {
        let (mut blocks, mut pixels) = (0.0, 0.0);
        let (mut means, mut squares) = (0.0, 0.0);
        self.each_block(|xs, ys| {
            let (mut sum, mut count) = (0.0, 0.0);
            for y in ys {
                for x in xs.clone() {
                    let made = level(x, y).clamp(0.0, 255.0);
                    let off = f64::from(made) - f64::from(self.picture.at(x, y));
                    sum += off;
                    squares += off * off;
                    count += 1.0;
                }
            }
            means += (sum / count).abs();
            blocks += 1.0;
            pixels += count;
        });
        Distance { means: means / blocks, pixels: (squares / pixels).sqrt() }
    }

    /// Shows the sampled pixels beside what the right picture of the same size has there.
    pub(super) fn pairs(&self, right: &Levels, mut show: impl FnMut(f32, f32)) {
        self.each_block(|xs, ys| {
            for y in ys {
                xs.clone().for_each(|x| show(right.at(x, y), self.picture.at(x, y)));
            }
        });
    }

    fn each_block(&self, mut show: impl FnMut(std::ops::Range<usize>, std::ops::Range<usize>)) {
        let Levels { width, height, .. } = *self.picture;
        for top in (0..height).step_by(BLOCK * self.stride) {
            for left in (0..width).step_by(BLOCK * self.stride) {
                show(left..(left + BLOCK).min(width), top..(top + BLOCK).min(height));
            }
        }
    }
}
