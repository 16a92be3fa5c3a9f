//! A quarter turn clockwise that was none.

use super::{Made, at_size, size_of};
use crate::expected::Levels;

pub(super) fn mistakes(plane: &Levels) -> Vec<Made<'_>> {
    let frame = size_of(plane);
    let turned = plane.clockwise();
    let back = plane.counter_clockwise();
    let clockwise = "a turn inside the old frame, without expanding it";
    let counter = "a turn counter-clockwise inside the old frame, without expanding it";
    vec![
        Made::whole("a turn counter-clockwise", back.clone()),
        Made::new("no turn at all", frame, |x, y| plane.at(x, y)),
        Made::whole("a turn by 180 degrees", plane.upside_down()),
        Made::whole("left and right exchanged instead of a turn", plane.mirrored()),
        Made::whole("top and bottom exchanged instead of a turn", plane.upside_down().mirrored()),
        Made::whole("a transposition: a turn and a mirror", turned.mirrored()),
        Made::whole("a transposition: a turn and a mirror", back.mirrored()),
        Made::whole(clockwise, in_frame(&turned, frame, 0.0)),
        Made::whole(clockwise, in_frame(&turned, frame, 255.0)),
        Made::whole(counter, in_frame(&back, frame, 0.0)),
        Made::whole(counter, in_frame(&back, frame, 255.0)),
        Made::whole("a turned picture squeezed into the old size", at_size(&turned, frame)),
        Made::whole(
            "a stretch to the new size instead of a turn",
            at_size(plane, size_of(&turned)),
        ),
        Made::new("rows read with width and height exchanged", size_of(&turned), |x, y| {
            plane.samples[y * plane.height + x]
        }),
    ]
}

/// The turned picture about the same centre, with what does not fit cut off.
fn in_frame(turned: &Levels, (width, height): (usize, usize), around: f32) -> Levels {
    let shift =
        |at: usize, to: usize, from: usize| (2 * at + to).checked_sub(from).map(|twice| twice / 2);
    super::resize::on(width, height, around, |x, y| {
        let x = shift(x, turned.width, width)?;
        let y = shift(y, turned.height, height)?;
        (x < turned.width && y < turned.height).then(|| turned.at(x, y))
    })
}
