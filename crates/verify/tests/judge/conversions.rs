//! Wrong ways from JPEG to PNG.

use photofinish_imaging::{Filter, Plane, encode_grey, resample};

use crate::desk::*;

#[test]
fn wrong_conversions_are_rejected_by_name() {
    let input = input_of("convert");
    let right = grey(&input);
    let again = grey(&encode_grey(&right, 75).expect("a JPEG"));
    for (made, mistake) in [
        (right.counter_clockwise(), "a picture turned once too often, counter-clockwise"),
        (right.upside_down(), "a turn by 180 degrees"),
        (right.map(|level| 255 - level), "an inverted picture"),
        (again, "another lossy JPEG on the way"),
        (
            right.map(|level| if level < 128 { 0 } else { 255 }),
            "black and white without levels between",
        ),
    ] {
        assert_mistake("convert", &input, &png8(&made), mistake);
    }
    assert_mistake("convert", &input, &input, "the input, passed on as it came");
    let again = encode_grey(&right, 90).expect("a JPEG");
    assert_mistake("convert", &input, &again, "a JPEG under a PNG's name");
}

#[test]
fn conversions_that_change_the_picture_are_named() {
    let input = input_of("convert");
    let right = grey(&input);
    let sharp = |plane: &Plane<u8>| {
        let soft = blurred(plane);
        let pairs = plane.samples.iter().zip(&soft.samples);
        let samples = pairs.map(|(own, soft)| {
            byte(f32::from(*own) * 34.0 / 16.0 - f32::from(*soft) * 18.0 / 16.0)
        });
        Plane::new(plane.width, plane.height, samples.collect())
    };
    let again = grey(&encode_grey(&right, 90).expect("a JPEG"));
    for (made, mistake) in [
        (resample(&right, 800, 600, Filter::Lanczos3).map(byte), "a resize to 800x600"),
        (again, "another lossy JPEG on the way"),
        (sharp(&right), "a sharpened picture"),
        (blurred(&right), "a blurred picture"),
        (right.mirrored(), "left and right exchanged"),
        (shifted(&right, 0, 1), "a shift by one row down"),
    ] {
        assert_mistake("convert", &input, &png8(&made), mistake);
    }
}
