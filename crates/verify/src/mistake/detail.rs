//! Details lost or exaggerated: any function can do it.

use super::{Made, size_of};
use crate::expected::Levels;

pub(super) fn mistakes(right: &Levels) -> Vec<Made<'_>> {
    let size = size_of(right);
    let around = Around(right);
    let (narrow, wide, mask) = (Bell::of(1.0), Bell::of(2.0), Bell::of(2.0));
    vec![
        Made::new("a blurred picture", size, move |x, y| around.mean(x, y, 1)),
        Made::new("a blurred picture", size, move |x, y| around.mean(x, y, 2)),
        Made::new("a blurred picture", size, move |x, y| around.weighed(x, y, &narrow)),
        Made::new("a blurred picture", size, move |x, y| around.weighed(x, y, &wide)),
        Made::new("a sharpened picture", size, move |x, y| {
            // The usual kernel: 32 in the middle, -2 around it, of 16.
            let (own, mean) = (right.at(x, y), around.mean(x, y, 1));
            own * (34.0 / 16.0) - mean * (18.0 / 16.0)
        }),
        Made::new("a sharpened picture", size, move |x, y| {
            let (own, bell) = (right.at(x, y), around.weighed(x, y, &mask));
            own + (own - bell) * 1.5
        }),
        Made::new("a median of neighbours", size, move |x, y| around.median(x, y)),
        Made::new("every second pixel lost", size, |x, y| right.at(x & !1, y & !1)),
        Made::new("half of the resolution lost", size, move |x, y| around.square(x & !1, y & !1)),
    ]
}

/// A picture with its edges going on beyond it.
#[derive(Clone, Copy)]
struct Around<'a>(&'a Levels);

impl Around<'_> {
    fn at(&self, x: usize, y: usize, right: isize, down: isize) -> f32 {
        let x = x.saturating_add_signed(right).min(self.0.width - 1);
        self.0.at(x, y.saturating_add_signed(down).min(self.0.height - 1))
    }

    fn mean(&self, x: usize, y: usize, reach: isize) -> f32 {
        let mut sum = 0.0;
        for down in -reach..=reach {
            for right in -reach..=reach {
                sum += self.at(x, y, right, down);
            }
        }
        let side = (2 * reach + 1) as f32;
        sum / (side * side)
    }

    fn weighed(&self, x: usize, y: usize, bell: &Bell) -> f32 {
        let mut sum = 0.0;
        for (down, weight) in bell.steps() {
            let row: f32 = bell.steps().map(|(right, at)| self.at(x, y, right, down) * at).sum();
            sum += row * weight;
        }
        sum
    }

    fn median(&self, x: usize, y: usize) -> f32 {
        let mut levels: [f32; 9] = std::array::from_fn(|index| {
            let (right, down) = (index as isize % 3 - 1, index as isize / 3 - 1);
            self.at(x, y, right, down)
        });
        levels.sort_by(f32::total_cmp);
        levels[4]
    }

    fn square(&self, x: usize, y: usize) -> f32 {
        let sum = self.at(x, y, 0, 0) + self.at(x, y, 1, 0) + self.at(x, y, 0, 1);
        (sum + self.at(x, y, 1, 1)) / 4.0
    }
}

/// The weights of neighbours on a line, which fall as a bell curve does.
struct Bell(Vec<f32>);

impl Bell {
    fn of(sigma: f32) -> Self {
        let reach = (2.5 * sigma) as isize;
        let weights =
            (-reach..=reach).map(|at| (-((at * at) as f32) / (2.0 * sigma * sigma)).exp());
        let weights: Vec<f32> = weights.collect();
        let sum: f32 = weights.iter().sum();
        Self(weights.iter().map(|weight| weight / sum).collect())
    }

    fn steps(&self) -> impl Iterator<Item = (isize, f32)> {
        let reach = self.0.len() as isize / 2;
        (-reach..).zip(self.0.iter().copied())
    }
}
