//! Wrong ways to another size.

use photofinish_imaging::{Filter, Plane, resample, ten_bits};

use crate::desk::*;

#[test]
fn wrong_resizes_are_rejected_by_name() {
    let input = input_of("resize");
    let plane = grey(&input);
    let right = ten_bits(&plane, 800, 600, Filter::Lanczos3);
    let ten = |plane: &Plane<u8>| plane.map(|level| ((u32::from(level) * 1023 + 127) / 255) as u16);
    let nearest =
        plane.rearranged(800, 600, |x, y| (x * plane.width / 800, y * plane.height / 600));
    let crop = (plane.height * 4 / 3, plane.height);
    let left = (plane.width - crop.0) / 2;
    let crop = plane.rearranged(crop.0, crop.1, |x, y| (x + left, y));
    let corner = plane.rearranged(800, 600, |x, y| (x, y));
    let eight = resample(&plane, 800, 600, Filter::Lanczos3).map(|level| level.round() as u8);
    for (bytes, mistake) in [
        (png16(&ten(&nearest)), "nearest neighbour instead of an antialiased filter"),
        (
            png16(&ten_bits(&crop, 800, 600, Filter::Lanczos3)),
            "a crop to the new shape instead of a stretch",
        ),
        (png16(&ten(&corner)), "a corner cut out instead of a resize"),
        (png16(&eight.map(u16::from)), "8-bit samples that were not scaled to 10 bits"),
        (
            png16(&eight.map(|level| u16::from(level) * 257)),
            "samples scaled to the 16 bits of their carrier, 0 to 65535",
        ),
        (png16(&right.map(|code| code << 6)), "samples shifted up by 6 bits"),
        (png16(&right.map(u16::swap_bytes)), "samples with their bytes swapped"),
        (png8(&eight), "levels rounded to 8 bits before they were saved"),
        (jpeg(&eight), "a JPEG under a PNG's name"),
        (png16(&ten_bits(&plane, 600, 800, Filter::Lanczos3)), "width and height exchanged"),
        (png16(&right.mirrored()), "left and right exchanged"),
    ] {
        assert_mistake("resize", &input, &bytes, mistake);
    }
}

#[test]
fn one_wrong_pixel_of_a_resize_is_found_at_its_place() {
    let input = input_of("resize");
    let mut made = ten_bits(&grey(&input), 800, 600, Filter::Lanczos3);
    made.samples[321 * 800 + 123] = (made.samples[321 * 800 + 123] + 512) % 1024;
    let judgement = judged("resize", &input, &png16(&made));
    let failed = judgement.deciding().expect("a check");
    assert!(!judgement.accepted && !failed.passed);
    assert_eq!(failed.place, Some((123, 321)));
    assert!(judgement.reason.expect("a reason").contains("column 123, row 321"));
}

#[test]
fn a_resize_that_stretches_nothing_or_looks_at_four_pixels_is_named() {
    let input = input_of("resize");
    let plane = grey(&input);
    let right = ten_bits(&plane, 800, 600, Filter::Lanczos3);
    let ten = |level: f32| (level * (1023.0 / 255.0)).round().clamp(0.0, 1023.0) as u16;
    let four = |x: usize, y: usize| {
        let place = |at: usize, to: usize, from: usize| {
            let at = (at as f32 + 0.5) * from as f32 / to as f32 - 0.5;
            (at as usize, at.fract())
        };
        let ((x, along), (y, down)) = (place(x, 800, plane.width), place(y, 600, plane.height));
        let row =
            |y| f32::from(plane.at(x, y)) * (1.0 - along) + f32::from(plane.at(x + 1, y)) * along;
        row(y) * (1.0 - down) + row(y + 1) * down
    };
    let places = (0..600).flat_map(|y| (0..800).map(move |x| (x, y)));
    let bilinear = Plane::new(800, 600, places.map(|(x, y)| ten(four(x, y))).collect());
    let inside = ten_bits(&plane, 800, 500, Filter::Lanczos3);
    let mut bars = Plane::new(800, 600, vec![0; 480_000]);
    bars.samples[40_000..440_000].copy_from_slice(&inside.samples);
    let (left, top) = ((plane.width - 800) / 2, (plane.height - 600) / 2);
    let middle = plane.rearranged(800, 600, |x, y| (x + left, y + top));
    let mut undershoot = right.clone();
    let darkest = *right.samples.iter().min().expect("samples");
    let wrap = |code: &mut u16| *code = if *code < darkest + 8 { 65_530 } else { *code };
    undershoot.samples.iter_mut().for_each(wrap);
    for (bytes, mistake) in [
        (png16(&bilinear), "bilinear interpolation without antialiasing"),
        (png16(&bars), "a picture fitted in with black bars instead of a stretch"),
        (
            png16(&middle.map(|level| ten(f32::from(level)))),
            "the middle cut out instead of a resize",
        ),
        (png16(&inside), "a picture that kept its shape instead of a stretch"),
        (png16(&plane.map(|level| ten(f32::from(level)))), "a picture that was not resized"),
        (png16(&right.map(|code| code / 2)), "samples of 0 to 511, one bit too few"),
        (png16(&right.map(|code| code * 4)), "samples of 12 bits, 0 to 4095"),
        (png16(&undershoot), "a filter's undershoot below 0, wrapped to 65535"),
        (png16(&ten_bits(&plane, 801, 600, Filter::Lanczos3)), "a size that is off by one"),
        (png16(&right.map(|code| 1023 - code)), "an inverted picture"),
    ] {
        assert_mistake("resize", &input, &bytes, mistake);
    }
}
