//! Rejected outputs as they are shown.

use photofinish_imaging::{
    ColourJpeg, Depth, Limits, Palette, Plane, Sampling, decode_png, encode_grey, encode_png8,
    encode_png16, encode_rgb, luma, scene,
};
use photofinish_verify::{Difference, WIDEST};

fn picture(width: usize, height: usize) -> Plane<u8> {
    luma(&scene(7, width, height, Palette::Natural))
}

fn png(plane: &Plane<u8>) -> Vec<u8> {
    encode_png8(plane).expect("a PNG")
}

fn between(reference: &[u8], output: &[u8]) -> Difference {
    Difference::between(reference, output, Limits::default()).expect("the reference is a picture")
}

fn plane(png: &[u8]) -> Plane<u8> {
    match decode_png(png, Limits::default()).expect("what is shown is a PNG") {
        Depth::Eight(plane) => plane,
        Depth::Sixteen(_) => panic!("what is shown has 8 bits"),
    }
}

#[test]
fn one_wrong_pixel_still_shows_in_a_picture_scaled_down() {
    let right = picture(800, 600);
    let mut wrong = right.clone();
    wrong.samples[451 * 800 + 617] ^= 0x40;
    let shown = between(&png(&right), &png(&wrong));
    let difference = plane(&shown.difference.expect("both are of one size"));
    assert_eq!((difference.width, difference.height), (WIDEST, 240));
    let bright: Vec<usize> =
        (0..difference.samples.len()).filter(|&i| difference.samples[i] > 0).collect();
    assert_eq!(bright, [(451 * 240 / 600) * 320 + 617 * 320 / 800]);
    assert_eq!(difference.samples[bright[0]], 255, "the worst is white");
    let (found, wanted) = (wrong.at(617, 451), right.at(617, 451));
    let worst = format!("worst at column 617, row 451: {found} where {wanted} is asked for");
    assert!(shown.words.starts_with(&worst), "{}", shown.words);
    assert!(shown.words.ends_with("shown 4.0 times as large"), "{}", shown.words);
}

#[test]
fn a_small_picture_is_shown_as_it_is() {
    let right = picture(60, 41);
    let shown = between(&png(&right), &png(&right.map(|level| 255 - level)));
    assert_eq!(plane(&shown.expected), right);
    assert_eq!(plane(&shown.found.expect("a picture")), right.map(|level| 255 - level));
}

#[test]
fn a_picture_of_another_size_is_shown_without_a_difference() {
    let shown = between(&png(&picture(600, 800)), &png(&picture(800, 600)));
    let found = plane(&shown.found.expect("a picture"));
    assert_eq!((found.width, found.height), (320, 240));
    assert_eq!(plane(&shown.expected).height, 427);
    assert_eq!(shown.difference, None);
    assert!(shown.words.starts_with("it is 800x600 where 600x800 is asked for"), "{}", shown.words);
}

#[test]
fn what_is_no_picture_leaves_the_reason() {
    let right = png(&picture(80, 60));
    for (broken, reason) in [
        (&b""[..], "it is empty"),
        (&right[..right.len() / 2], "is truncated or damaged"),
        (b"<html>", "the bytes 3c 68 74 6d 6c 3e"),
    ] {
        let shown = between(&right, broken);
        assert_eq!((&shown.found, &shown.difference), (&None, &None));
        assert!(shown.words.contains(reason), "{}", shown.words);
    }
    assert!(Difference::between(b"", &right, Limits::default()).is_err());
}

#[test]
fn each_carrier_of_the_contract_is_shown_in_levels_of_eight_bits() {
    let codes = Plane::new(2, 1, vec![512_u16, 65_535]);
    let shown = between(&encode_png16(&codes).expect("a PNG"), &png(&picture(2, 1)));
    assert_eq!(plane(&shown.expected).samples, [128, 255]);

    let grey = picture(64, 48);
    let colour = ColourJpeg { quality: 95, sampling: Sampling::Full, progressive: false };
    let colour = encode_rgb(&scene(7, 64, 48, Palette::Natural), colour).expect("a JPEG");
    let shown = between(&encode_grey(&grey, 95).expect("a JPEG"), &colour);
    let found = plane(&shown.found.expect("colours are shown as grey"));
    let far = found.samples.iter().zip(&grey.samples).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(far < Some(24), "the same scene in grey: {far:?}");
}

#[test]
fn equal_pixels_say_that_the_fault_is_elsewhere() {
    let right = png(&picture(80, 60));
    let shown = between(&right, &right);
    assert!(shown.words.starts_with("every pixel is right"), "{}", shown.words);
    assert!(plane(&shown.difference.expect("one size")).samples.iter().all(|level| *level == 0));
}
