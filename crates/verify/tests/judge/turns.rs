//! Wrong turns.

use photofinish_imaging::{Filter, Plane, encode_grey, resample};

use crate::desk::*;

#[test]
fn wrong_turns_are_rejected_by_name() {
    let input = input_of("rotate");
    let given = eight(&input);
    let right = given.clockwise();
    let inside = |turned: &Plane<u8>| {
        let mut frame = Plane::new(800, 600, vec![0; 480_000]);
        for y in 0..600 {
            for x in 100..700 {
                frame.samples[y * 800 + x] = turned.at(x - 100, y + 100);
            }
        }
        frame
    };
    let stretched = resample(&given, 600, 800, Filter::Triangle).map(|level| level.round() as u8);
    for (made, mistake) in [
        (given.counter_clockwise(), "a turn counter-clockwise"),
        (given.clone(), "no turn at all"),
        (given.upside_down(), "a turn by 180 degrees"),
        (right.mirrored(), "a transposition: a turn and a mirror"),
        (inside(&right), "a turn inside the old frame, without expanding it"),
        (
            inside(&given.counter_clockwise()),
            "a turn counter-clockwise inside the old frame, without expanding it",
        ),
        (stretched, "a stretch to the new size instead of a turn"),
    ] {
        assert_mistake("rotate", &input, &jpeg(&made), mistake);
    }
    assert_mistake("rotate", &input, &png8(&right), "a PNG under a JPEG's name");
    for (quality, good) in [(90, true), (100, true), (75, false), (50, false)] {
        let made = encode_grey(&right, quality).expect("a JPEG");
        assert_eq!(judged("rotate", &input, &made).accepted, good, "quality {quality}");
    }
}

#[test]
fn turns_that_lose_something_are_named() {
    let input = input_of("rotate");
    let given = eight(&input);
    let right = given.clockwise();
    let mut black = right.clone();
    black.samples[600 * 768..].fill(0);
    let once = grey(&encode_grey(&given, 50).expect("a JPEG"));
    let squeezed = resample(&right, 800, 600, Filter::Triangle).map(byte);
    let misread = Plane::new(600, 800, given.samples.clone());
    for (made, mistake) in [
        (given.mirrored(), "left and right exchanged instead of a turn"),
        (black, "the last 32 rows black"),
        (once.clockwise(), "another lossy JPEG on the way"),
        (squeezed, "a turned picture squeezed into the old size"),
        (right.rearranged(600, 600, |x, y| (x, y)), "a part of the right picture"),
        (misread, "rows read with width and height exchanged"),
        (shifted(&right, 1, 0), "a shift by one pixel to the right"),
        (blurred(&right), "a blurred picture"),
        (right.map(|level| level.saturating_add(12)), "every level 12 too high"),
    ] {
        assert_mistake("rotate", &input, &jpeg(&made), mistake);
    }
    let poor = encode_grey(&right, 60).expect("a JPEG");
    assert_mistake("rotate", &input, &poor, "a JPEG of quality 60, not 95");
}
