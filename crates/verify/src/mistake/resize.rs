//! A stretch to a fixed size that was none, or without antialiasing.

use photofinish_imaging::Plane;

use super::{Made, Wrong, at_size, size_of};
use crate::expected::Levels;

const NEAREST: &str = "nearest neighbour instead of an antialiased filter";

pub(super) fn mistakes<'a>(plane: &'a Levels, wrong: &'a Wrong<'_>) -> Vec<Made<'a>> {
    let right = &wrong.expected.picture;
    let size = size_of(right);
    let (width, height) = size;
    let (columns, rows) = (added_up(width, plane.width), added_up(height, plane.height));
    let mut made = vec![
        Made::new(NEAREST, size, move |x, y| {
            let along = |at: usize, to: usize, from: usize| (2 * at + 1) * from / (2 * to);
            plane.at(along(x, width, plane.width), along(y, height, plane.height))
        }),
        Made::new(NEAREST, size, move |x, y| plane.at(columns[x], rows[y])),
        Made::new(NEAREST, size, move |x, y| {
            plane.at(x * plane.width / width, y * plane.height / height)
        }),
        Made::new("bilinear interpolation without antialiasing", size, move |x, y| {
            interpolated(plane, size, (x, y))
        }),
        Made::new("bicubic interpolation without antialiasing", size, move |x, y| {
            cubic(plane, size, (x, y), -0.75)
        }),
        Made::new("bicubic interpolation without antialiasing", size, move |x, y| {
            cubic(plane, size, (x, y), -0.5)
        }),
        Made::new("8-bit samples that were not scaled to 10 bits", size, |x, y| {
            right.at(x, y) * (255.0 / 1023.0)
        }),
        Made::new("samples of 0 to 511, one bit too few", size, |x, y| right.at(x, y) / 2.0),
        Made::new("samples of 12 bits, 0 to 4095, cut off at 1023", size, |x, y| {
            right.at(x, y) * (4095.0 / 1023.0)
        }),
        Made::whole("a crop to the new shape instead of a stretch", cropped(plane, size)),
        Made::whole("a corner cut out instead of a resize", corner(plane, size, (0, 0))),
    ];
    let middle = (plane.width.saturating_sub(width) / 2, plane.height.saturating_sub(height) / 2);
    let name = "the middle cut out instead of a resize";
    made.push(Made::whole(name, corner(plane, size, middle)));
    for (around, colour) in [(0.0, "black"), (255.0, "white"), (128.0, "grey")] {
        let name = format!("a picture fitted in with {colour} bars instead of a stretch");
        made.push(Made::whole(name.clone(), fitted(plane, size, around, true)));
        made.push(Made::whole(name, fitted(plane, size, around, false)));
    }
    made.push(Made::new("a picture that was not resized", size_of(plane), |x, y| plane.at(x, y)));
    let found = size_of(&wrong.picture);
    let inside = inside(plane, size);
    if found != size && found.0.abs_diff(inside.0) <= 1 && found.1.abs_diff(inside.1) <= 1 {
        let name = "a picture that kept its shape instead of a stretch";
        made.push(Made::whole(name, at_size(plane, found)));
    }
    made
}

/// Which old pixel lies under the centre of each new one, for who adds up steps of a fraction:
/// where a centre is on a border, it falls to either side.
fn added_up(to: usize, from: usize) -> Vec<usize> {
    let step = from as f64 / to as f64;
    let centres = std::iter::successors(Some(step / 2.0), |at| Some(at + step));
    centres.take(to).map(|at| (at as usize).min(from - 1)).collect()
}

/// Where a new pixel lies among the old ones: the one before it, and how far behind that.
fn place(at: usize, to: usize, from: usize) -> (usize, f32) {
    let at = ((at as f32 + 0.5) * from as f32 / to as f32 - 0.5).clamp(0.0, (from - 1) as f32);
    (at as usize, at.fract())
}

/// Between the four pixels around each point, however many lie under the new one.
fn interpolated(plane: &Levels, (width, height): (usize, usize), (x, y): (usize, usize)) -> f32 {
    let (left, along) = place(x, width, plane.width);
    let (top, down) = place(y, height, plane.height);
    let (right, bottom) = ((left + 1).min(plane.width - 1), (top + 1).min(plane.height - 1));
    let row = |y| plane.at(left, y) * (1.0 - along) + plane.at(right, y) * along;
    row(top) * (1.0 - down) + row(bottom) * down
}

/// Between the sixteen pixels around each point; libraries differ in the curve's parameter.
fn cubic(plane: &Levels, size: (usize, usize), (x, y): (usize, usize), a: f32) -> f32 {
    let curve = |at: f32| match at.abs() {
        at if at < 1.0 => ((a + 2.0) * at - (a + 3.0)) * at * at + 1.0,
        at if at < 2.0 => ((a * at - 5.0 * a) * at + 8.0 * a) * at - 4.0 * a,
        _ => 0.0,
    };
    let (left, along) = place(x, size.0, plane.width);
    let (top, down) = place(y, size.1, plane.height);
    let near = |at: usize, step: isize, most: usize| at.saturating_add_signed(step).min(most - 1);
    let mut sum = 0.0;
    for step in -1..=2 {
        let y = near(top, step, plane.height);
        let row: f32 = (-1..=2)
            .map(|step| plane.at(near(left, step, plane.width), y) * curve(step as f32 - along))
            .sum();
        sum += row * curve(step as f32 - down);
    }
    sum
}

/// The middle of the picture that has the new shape.
fn cropped(plane: &Levels, size: (usize, usize)) -> Levels {
    let (width, height) = size;
    let (across, down) = if plane.width * height > plane.height * width {
        ((plane.height * width / height).max(1), plane.height)
    } else {
        (plane.width, (plane.width * height / width).max(1))
    };
    let (left, top) = ((plane.width - across) / 2, (plane.height - down) / 2);
    at_size(&plane.rearranged(across, down, |x, y| (x + left, y + top)), size)
}

/// The largest size of the picture's own shape that fits in.
fn inside(plane: &Levels, (width, height): (usize, usize)) -> (usize, usize) {
    if plane.width * height > plane.height * width {
        (width, (plane.height * width / plane.width).max(1))
    } else {
        ((plane.width * height / plane.height).max(1), height)
    }
}

fn fitted(plane: &Levels, size: (usize, usize), around: f32, in_the_middle: bool) -> Levels {
    let (across, down) = inside(plane, size);
    let small = at_size(plane, (across, down));
    let (left, top) =
        if in_the_middle { ((size.0 - across) / 2, (size.1 - down) / 2) } else { (0, 0) };
    on(size.0, size.1, around, |x, y| {
        let (x, y) = (x.checked_sub(left)?, y.checked_sub(top)?);
        (x < across && y < down).then(|| small.at(x, y))
    })
}

fn corner(plane: &Levels, size: (usize, usize), (left, top): (usize, usize)) -> Levels {
    on(size.0, size.1, 0.0, |x, y| {
        let (x, y) = (x + left, y + top);
        (x < plane.width && y < plane.height).then(|| plane.at(x, y))
    })
}

/// A picture with this level wherever there is none.
pub(super) fn on(
    width: usize,
    height: usize,
    around: f32,
    level: impl Fn(usize, usize) -> Option<f32>,
) -> Levels {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Plane::new(width, height, places.map(|(x, y)| level(x, y).unwrap_or(around)).collect())
}
