//! Pixels at wrong places, and places without pixels: any function can do it.

use super::{Made, Wrong, size_of};
use crate::expected::Levels;

pub(super) fn mistakes(right: &Levels) -> Vec<Made<'_>> {
    let (width, height) = size_of(right);
    let (last_x, last_y) = (width - 1, height - 1);
    let here = |name, from: Box<dyn Fn(usize, usize) -> (usize, usize)>| {
        Made::new(name, (width, height), move |x, y| {
            let (x, y) = from(x, y);
            right.at(x, y)
        })
    };
    let mut made = vec![
        here("left and right exchanged", Box::new(move |x, y| (last_x - x, y))),
        here("top and bottom exchanged", Box::new(move |x, y| (x, last_y - y))),
        here("a turn by 180 degrees", Box::new(move |x, y| (last_x - x, last_y - y))),
    ];
    if width == height {
        made.extend(turned(right));
    }
    for (name, right_by, down_by) in [
        ("a shift by one pixel to the right", 1, 0),
        ("a shift by one pixel to the left", -1, 0),
        ("a shift by one row down", 0, 1),
        ("a shift by one row up", 0, -1),
        ("a shift by one pixel to the right and one row down", 1, 1),
        ("a shift by one pixel to the right and one row up", 1, -1),
        ("a shift by one pixel to the left and one row down", -1, 1),
        ("a shift by one pixel to the left and one row up", -1, -1),
    ] {
        let from = move |x: usize, y: usize| {
            let x = x.saturating_add_signed(-right_by).min(last_x);
            (x, y.saturating_add_signed(-down_by).min(last_y))
        };
        made.push(here(name, Box::new(from)));
    }
    made
}

/// The right picture turned or mirrored so that its sides change places.
pub(super) fn turned(right: &Levels) -> Vec<Made<'_>> {
    let (width, height) = size_of(right);
    let size = (height, width);
    vec![
        Made::new("a picture turned once too often, clockwise", size, move |x, y| {
            right.at(y, height - 1 - x)
        }),
        Made::new("a picture turned once too often, counter-clockwise", size, move |x, y| {
            right.at(width - 1 - y, x)
        }),
        Made::new("rows and columns exchanged", size, |x, y| right.at(y, x)),
        Made::new("rows read with width and height exchanged", size, move |x, y| {
            right.samples[y * height + x]
        }),
    ]
}

/// Rows or columns at an edge that are all of one level, where the right picture has more to show.
pub(super) fn cut_short<'a>(wrong: &'a Wrong<'_>) -> Vec<Made<'a>> {
    let (right, picture) = (&wrong.expected.picture, &wrong.picture);
    let (width, height) = size_of(right);
    let rows = |from_end: bool| flat(height, width, from_end, |y, x| picture.at(x, y));
    let columns = |from_end: bool| flat(width, height, from_end, |x, y| picture.at(x, y));
    let mut made = Vec::new();
    for from_end in [true, false] {
        let place = if from_end { "last" } else { "first" };
        if let Some((count, level)) = rows(from_end) {
            let name = format!("the {place} {count} rows {}", colour(level));
            made.push(Made::new(name, (width, height), move |x, y| {
                let is_flat = if from_end { y >= height - count } else { y < count };
                if is_flat { level } else { right.at(x, y) }
            }));
        }
        if let Some((count, level)) = columns(from_end) {
            let name = format!("the {place} {count} columns {}", colour(level));
            made.push(Made::new(name, (width, height), move |x, y| {
                let is_flat = if from_end { x >= width - count } else { x < count };
                if is_flat { level } else { right.at(x, y) }
            }));
        }
    }
    made
}

/// How many lines at an end are of one level, and which; none if there are too few to be told
/// from a picture's own, or if all are.
fn flat(
    lines: usize,
    length: usize,
    from_end: bool,
    at: impl Fn(usize, usize) -> f32,
) -> Option<(usize, f32)> {
    const FEWEST: usize = 4;
    const NOISE: f32 = 4.0;
    let line = |index: usize| if from_end { lines - 1 - index } else { index };
    let level = at(line(0), length / 2);
    let is_flat = |index: &usize| (0..length).all(|i| (at(line(*index), i) - level).abs() <= NOISE);
    let count = (0..lines).take_while(is_flat).count();
    (FEWEST..lines).contains(&count).then_some((count, level))
}

fn colour(level: f32) -> String {
    match level.round() as u8 {
        0..=4 => "black".to_owned(),
        120..=136 => "half grey, as a decoder leaves what it was not given".to_owned(),
        251..=255 => "white".to_owned(),
        level => format!("of level {level} throughout"),
    }
}
