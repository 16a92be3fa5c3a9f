//! Wrong ways to grey.

use photofinish_imaging::{
    ColourJpeg, Filter, Limits, Orientation, Plane, Rgb, Sampling, decode_rgb, encode_rgb, luma,
    resample, upright_grey,
};

use crate::desk::*;

#[test]
fn wrong_greys_are_rejected_by_name() {
    let input = photograph();
    let (picture, _) = decode_rgb(&input, Limits::default()).expect("a JPEG");
    for (weights, mistake) in [
        ([0.2126, 0.7152, 0.0722], "BT.709 weights instead of ITU-R 601"),
        ([0.3333, 0.3333, 0.3333], "the mean of the channels"),
        ([0.114, 0.587, 0.299], "red and blue swapped"),
        ([0.0, 1.0, 0.0], "the green channel alone"),
    ] {
        assert_mistake("greyscale", &input, &jpeg(&weighed(&picture, weights, 0.5)), mistake);
    }
    let right = upright_grey(&input, Limits::default()).expect("a picture");
    let inverted = right.map(|level| 255 - level);
    assert_mistake("greyscale", &input, &jpeg(&inverted), "an inverted picture");
    let small = resample(&right, 800, 600, Filter::Triangle).map(|level| level.round() as u8);
    assert_mistake("greyscale", &input, &jpeg(&small), "the right picture at a wrong size");
    assert_mistake("greyscale", &input, &png8(&right), "a PNG under a JPEG's name");
    assert_mistake("greyscale", &input, &input, "the input, passed on as it came");
    let how = ColourJpeg { quality: 95, sampling: Sampling::Full, progressive: false };
    let triple = right.samples.iter().flat_map(|&level| [level; 3]).collect();
    let triple = Rgb { width: right.width, height: right.height, samples: triple };
    let triple = encode_rgb(&triple, how).expect("a JPEG");
    assert_mistake("greyscale", &input, &triple, "grey levels saved as three equal components");
    let colour = encode_rgb(&picture, how).expect("a JPEG");
    assert_mistake("greyscale", &input, &colour, "a picture left in colour");
}

#[test]
fn a_camera_held_upright_shows_who_ignores_it() {
    let input = fixture("orientation-6");
    let (picture, orientation) = decode_rgb(&input, Limits::default()).expect("a JPEG");
    assert_eq!(orientation.value(), 6);
    let ignored = jpeg(&weighed(&picture, [0.299, 0.587, 0.114], 0.5));
    assert_mistake("greyscale", &input, &ignored, "the EXIF orientation ignored");
}

/// Each pixel of the photograph turned grey by this.
fn per_pixel(picture: &Rgb, grey: impl Fn([f32; 3]) -> f32) -> Plane<u8> {
    let pixels = picture.samples.as_chunks::<3>().0;
    let samples = pixels.iter().map(|&pixel| byte(grey(pixel.map(f32::from)))).collect();
    Plane::new(picture.width, picture.height, samples)
}

#[test]
fn channels_mixed_in_other_ways_are_named() {
    let input = photograph();
    let (picture, _) = decode_rgb(&input, Limits::default()).expect("a JPEG");
    let most = |c: [f32; 3]| c[0].max(c[1]).max(c[2]);
    let least = |c: [f32; 3]| c[0].min(c[1]).min(c[2]);
    let light = |level: f32| (level / 255.0).powf(2.2);
    for (made, mistake) in [
        (per_pixel(&picture, |c| c[0]), "the red channel alone"),
        (per_pixel(&picture, |c| c[2]), "the blue channel alone"),
        (per_pixel(&picture, most), "the largest of the channels"),
        (per_pixel(&picture, least), "the smallest of the channels"),
        (
            per_pixel(&picture, |c| (most(c) + least(c)) / 2.0),
            "the middle between largest and smallest channel",
        ),
        (
            per_pixel(&picture, |c| c[0] * 0.587 + c[1] * 0.299 + c[2] * 0.114),
            "red and green swapped",
        ),
        (
            per_pixel(&picture, |[r, g, b]| {
                let sum = 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
                255.0 * sum.powf(1.0 / 2.2)
            }),
            "luminance computed in linear light",
        ),
        (
            per_pixel(&picture, |c| (c.iter().sum::<f32>() % 256.0) / 3.0),
            "the mean of the channels after their 8-bit sum wrapped",
        ),
        (per_pixel(&picture, |c| c.iter().sum()), "the sum of the channels, cut off at 255"),
    ] {
        assert_mistake("greyscale", &input, &jpeg(&made), mistake);
    }
}

#[test]
fn tones_changed_after_the_luma_are_named_with_how_far() {
    let input = photograph();
    let right = upright_grey(&input, Limits::default()).expect("a picture");
    let power = |level: u8, exponent: f32| byte(255.0 * (f32::from(level) / 255.0).powf(exponent));
    for (made, mistake) in [
        (right.map(|level| power(level, 1.0 / 2.2)), "a gamma of 2.2 applied"),
        (right.map(|level| power(level, 2.2)), "a gamma of 2.2 undone"),
        (right.map(|level| power(level, 1.0 / 1.4)), "a gamma of 1.40 applied"),
        (right.map(|level| level.saturating_add(9)), "every level 9 too high"),
        (right.map(|level| level.saturating_sub(6)), "every level 6 too low"),
        (right.map(|level| byte(f32::from(level) * 1.15)), "every level times 1.15"),
        (
            right.map(|level| byte((f32::from(level) - 128.0) * 1.3 + 128.0)),
            "a contrast of 1.30 times",
        ),
        (right.map(|level| level & 0xf0), "a picture posterised to 4 bits"),
        (right.map(|level| level & 0xf8), "a picture posterised to 5 bits"),
        (
            right.map(|level| byte(16.0 + f32::from(level) * 219.0 / 255.0)),
            "levels of 16 to 235 instead of 0 to 255",
        ),
        (right.map(|level| level / 2), "levels halved"),
        (right.map(|_| 0), "a black picture"),
        (right.map(|_| 255), "a white picture"),
    ] {
        assert_mistake("greyscale", &input, &jpeg(&made), mistake);
    }
}

#[test]
fn details_lost_and_pixels_out_of_place_are_named() {
    let input = photograph();
    let right = upright_grey(&input, Limits::default()).expect("a picture");
    assert_mistake("greyscale", &input, &jpeg(&blurred(&blurred(&right))), "a blurred picture");
    let shift = shifted(&right, 1, 0);
    assert_mistake("greyscale", &input, &jpeg(&shift), "a shift by one pixel to the right");
    let shift = shifted(&right, 0, 1);
    assert_mistake("greyscale", &input, &jpeg(&shift), "a shift by one row down");
    let mut cut = right.clone();
    let kept = right.width * (right.height - 207);
    cut.samples[kept..].fill(128);
    let half_grey = "the last 207 rows half grey, as a decoder leaves what it was not given";
    assert_mistake("greyscale", &input, &jpeg(&cut), half_grey);
    cut.samples[kept..].fill(0);
    assert_mistake("greyscale", &input, &jpeg(&cut), "the last 207 rows black");
    let smaller = resample(&right, right.width - 1, right.height, Filter::Lanczos3).map(byte);
    assert_mistake("greyscale", &input, &jpeg(&smaller), "a size that is off by one");
    let turned = right.clockwise();
    let twice = "a picture turned once too often, clockwise";
    assert_mistake("greyscale", &input, &jpeg(&turned), twice);
}

#[test]
fn a_camera_held_upright_shows_who_turns_twice() {
    let input = fixture("orientation-6");
    let (picture, orientation) = decode_rgb(&input, Limits::default()).expect("a JPEG");
    assert_ne!(orientation, Orientation::UPRIGHT);
    let twice = orientation.upright(orientation.upright(luma(&picture)));
    assert_mistake("greyscale", &input, &jpeg(&twice), "the EXIF orientation applied twice");
}
