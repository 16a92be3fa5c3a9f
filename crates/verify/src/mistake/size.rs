//! The right picture at a wrong size.

use super::{Made, Wrong, at_size, size_of};

pub(super) fn mistakes<'a>(wrong: &'a Wrong<'_>) -> Vec<Made<'a>> {
    let right = &wrong.expected.picture;
    let (size, wanted) = (size_of(&wrong.picture), size_of(right));
    let scaled = at_size(right, size);
    if size == (wanted.1, wanted.0) {
        return vec![Made::whole("width and height exchanged", scaled)];
    }
    if size.0.abs_diff(wanted.0) <= 1 && size.1.abs_diff(wanted.1) <= 1 {
        let name = "a size that is off by one";
        let cut = move |x: usize, y: usize| right.at(x.min(wanted.0 - 1), y.min(wanted.1 - 1));
        return vec![Made::whole(name, scaled), Made::new(name, size, cut)];
    }
    let mut made = vec![Made::whole("the right picture at a wrong size", scaled)];
    if size.0 <= wanted.0 && size.1 <= wanted.1 {
        let middle = ((wanted.0 - size.0) / 2, (wanted.1 - size.1) / 2);
        let part = |(left, top): (usize, usize)| {
            Made::new("a part of the right picture", size, move |x, y| right.at(x + left, y + top))
        };
        made.extend([part((0, 0)), part(middle)]);
    }
    made
}
