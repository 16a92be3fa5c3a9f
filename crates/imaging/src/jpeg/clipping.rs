//! Colours beyond what red, green and blue can hold, told from the means of blocks.

use super::frame::{Component, Frame};
use super::progressive::Blocks;

/// The DC coefficients of a component: its blocks' means in steps.
#[derive(Debug)]
pub(crate) struct Means {
    pub(crate) values: Vec<i16>,
    pub(crate) stride: usize,
}

impl Means {
    pub(crate) fn room(component: &Component) -> Self {
        let (across, down) = component.padded;
        Self { values: vec![0; across * down], stride: across }
    }

    pub(crate) fn of_blocks(blocks: &Blocks) -> Self {
        let values = blocks.blocks.iter().map(|block| block[0]).collect();
        Self { values, stride: blocks.stride }
    }
}

/// How much luma the clipping of colours seems to change, by the means of single blocks of luma
/// with the chroma over them, and by those of all luma under a block of chroma. The first is too
/// much where chroma changes inside its block, the second too little. Of some 700 generated and
/// real pictures those within all four changed by at most 6 levels in a block and 1.2 on average
/// (the contract allows 8 and 1.6); some of those beyond would have done too.
const MOST: (f32, f32) = (9.0, 2.0);
/// The same on average.
const MEAN: (f32, f32) = (0.2, 0.03);

/// Steps of so many levels (a quality below 20) give colours that anything may happen to.
const COARSE: f32 = 6.0;

/// Whether decoders change luma by clipping colours, so that grey from pixels differs from the
/// luma that is stored by as much as matters.
pub(crate) fn clips(frame: &Frame, means: &[Means]) -> bool {
    let [luma, blue, red] = means else {
        return false;
    };
    let step = |index: usize| {
        let steps = frame.components[index].steps.as_ref();
        steps.map_or(0.0, |steps| steps[0] as f32 / 8.0)
    };
    let steps = [step(0), step(1), step(2)];
    let (across, down) = frame.components[0].blocks;
    // In tiny pictures one pixel weighs too much.
    if steps.iter().any(|&step| step > COARSE) || across.min(down) < 2 {
        return true;
    }
    let (blue_factors, red_factors) = (frame.components[1].factors, frame.components[2].factors);
    let (wide, high) = (frame.most.0 / blue_factors.0, frame.most.1 / blue_factors.1);
    // Odd mixtures of sizes are not worth the thought.
    if blue_factors != red_factors || frame.most != (wide * blue_factors.0, high * blue_factors.1) {
        return true;
    }
    let at = |means: &Means, index: usize, x: usize, y: usize| {
        f32::from(means.values[y * means.stride + x]) * steps[index]
    };
    let (mut fine_sum, mut coarse_sum) = (0.0, 0.0);
    for y in (0..down).step_by(high) {
        let (mut fine_row, mut coarse_row) = (0.0, 0.0);
        for x in (0..across).step_by(wide) {
            let (blue, red) = (at(blue, 1, x / wide, y / high), at(red, 2, x / wide, y / high));
            if blue == 0.0 && red == 0.0 {
                continue;
            }
            let (mut sum, mut count) = (0.0, 0.0);
            for y in y..(y + high).min(down) {
                for x in x..(x + wide).min(across) {
                    let luma = at(luma, 0, x, y) + 128.0;
                    let change = change(luma, blue, red);
                    if change > MOST.0 {
                        return true;
                    }
                    fine_row += change;
                    sum += luma;
                    count += 1.0;
                }
            }
            let change = change(sum / count, blue, red);
            if change > MOST.1 {
                return true;
            }
            coarse_row += change * count;
        }
        fine_sum += f64::from(fine_row);
        coarse_sum += f64::from(coarse_row);
    }
    let blocks = (across * down) as f64;
    fine_sum > f64::from(MEAN.0) * blocks || coarse_sum > f64::from(MEAN.1) * blocks
}

/// How much luma changes where red, green and blue are clipped.
fn change(luma: f32, blue: f32, red: f32) -> f32 {
    let beyond = |level: f32| level - level.clamp(0.0, 255.0);
    let red_beyond = beyond(luma + 1.402 * red);
    let green_beyond = beyond(luma - 0.344_14 * blue - 0.714_14 * red);
    let blue_beyond = beyond(luma + 1.772 * blue);
    (0.299 * red_beyond + 0.587 * green_beyond + 0.114 * blue_beyond).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_outside_the_cube_change() {
        assert_eq!(change(128.0, 0.0, 0.0), 0.0);
        assert_eq!(change(128.0, 60.0, 60.0), 0.0);
        assert!(change(200.0, -80.0, 90.0) > 10.0);
        assert!(change(20.0, 100.0, 0.0) > 5.0);
    }
}
