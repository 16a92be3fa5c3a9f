//! What a file is, before its pixels.

use std::path::Path;

use photofinish_verify::{Output, figure};

use crate::desk::*;

#[test]
fn an_output_that_is_no_whole_file_of_its_kind_is_rejected_before_its_pixels() {
    let input = input_of("convert");
    let right = judge().reference(&name("convert"), &input).expect("a reference");
    let failed = |bytes: &[u8], content_type: Option<&str>| {
        let output = Output { bytes, content_type };
        let judgement = prepared("convert", &input).judge(&output);
        assert!(!judgement.accepted);
        judgement.deciding().expect("a check").name.to_string()
    };
    let png = Some("image/png");
    assert_eq!(failed(b"", png), "something was written");
    assert_eq!(failed(b"<svg/>", png), "signature");
    assert_eq!(failed(&right, None), "content type");
    assert_eq!(failed(&right, Some("binary/octet-stream")), "content type");
    assert_eq!(failed(&right[..right.len() - 12], png), "whole PNG");
    assert_eq!(failed(&[right.as_slice(), b"\n"].concat(), png), "nothing after the end");
    let mut damaged = right.clone();
    damaged[60] ^= 1;
    assert_eq!(failed(&damaged, png), "whole PNG");

    let (input, kind) = (input_of("rotate"), Some("image/jpeg"));
    let right = judge().reference(&name("rotate"), &input).expect("a reference");
    let cut = [&right[..right.len() / 2], &[0xff, 0xd9]].concat();
    for (bytes, check) in [(&right[..right.len() - 2], "whole JPEG"), (&cut, "decodes")] {
        let output = Output { bytes, content_type: kind };
        let judgement = prepared("rotate", &input).judge(&output);
        assert_eq!(judgement.deciding().expect("a check").name, check);
    }
}

#[test]
fn every_check_that_can_be_made_is_made_and_the_first_that_fails_decides() {
    let input = input_of("rotate");
    let right = eight(&input).clockwise();
    let wrong = [jpeg(&right.map(|level| 255 - level)), b"\n".to_vec()].concat();
    let output = Output { bytes: &wrong, content_type: Some("image/png") };
    let judgement = prepared("rotate", &input).judge(&output);
    let failed: Vec<&str> = judgement
        .checks
        .iter()
        .filter(|check| !check.passed)
        .map(|check| check.name.as_ref())
        .collect();
    let expected = [
        "content type",
        "nothing after the end",
        "block mean difference",
        "largest block difference",
        "quality above a q88 JPEG, dB",
    ];
    assert_eq!(failed, expected);
    assert_eq!(judgement.deciding().expect("a check").name, "content type");
    assert_eq!(judgement.mistake.as_deref(), Some("an inverted picture"));
    assert!(judgement.left_out.is_empty(), "{:?}", judgement.left_out);

    let small = judged("rotate", &input, &jpeg(&eight(&input)));
    assert_eq!(small.left_out, ["its pixels, since they are compared at one size only"]);
    assert!(small.checks.iter().all(|check| check.limit.is_none()));
}

#[test]
fn a_sentence_begins_with_the_mistake_and_says_figure_limit_and_place() {
    let input = input_of("depth");
    let clipped = codes(&input).map(|code| code.min(255) as u8);
    let reason = judged("depth", &input, &png8(&clipped)).reason.expect("a reason");
    let begin = "it looks like codes clipped at 255 instead of scaled: largest pixel difference ";
    assert!(reason.starts_with(begin), "{reason}");
    assert!(reason.contains(", 1 allowed, worst at column "), "{reason}");
}

#[test]
fn a_file_is_judged_by_its_names_ending_where_an_object_has_a_content_type() {
    let input = input_of("convert");
    let prepared = prepared("convert", &input);
    let right = judge().reference(&name("convert"), &input).expect("a reference");
    let judged = |bytes: &[u8], file: &str| prepared.judge_file(bytes, Path::new(file));
    assert!(judged(&right, "made.png").accepted);
    assert!(judged(&right, "folder/made.PNG").accepted);
    let untold = judged(&right, "made");
    assert!(untold.accepted);
    assert!(untold.left_out[0].starts_with("its content type, since a file has none"));

    let named = judged(&right, "made.jpg");
    assert_eq!(named.mistake.as_deref(), Some("a PNG under a JPEG's name"));
    assert_eq!(named.deciding().expect("a check").name, "file name");
    let renamed = judged(&jpeg(&grey(&input)), "made.png");
    assert_eq!(renamed.mistake.as_deref(), Some("a JPEG under a PNG's name"));
    let honest = judged(&jpeg(&grey(&input)), "made.jpg");
    assert_eq!(honest.mistake.as_deref(), Some("a JPEG where a PNG is asked for"));
    // What it is says nothing of what it shows, so its pixels are looked at all the same.
    assert!(honest.checks.iter().any(|check| check.limit_name == Some("pixel")));
}

#[test]
fn other_kinds_of_file_are_named_by_what_they_are() {
    let input = input_of("convert");
    let samples = grey(&input).samples;
    let wide: Vec<u8> = samples.iter().flat_map(|&level| [0, level]).collect();
    for (bytes, mistake) in [
        (&b""[..], "an empty file"),
        (b"GIF89a and so on", "a GIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP"),
        (b"BM\x10\0\0\0", "a BMP"),
        (b"II*\0\x10\0\0\0", "a TIFF"),
        (b"\0\0\0\x20ftypavif", "an AVIF or HEIF"),
        (b"P5\n600 800\n255\n", "a PGM or PPM"),
        (b"\x93NUMPY\x01\0", "a numpy array"),
        (b"iVBORw0KGgoAAAANSUhEUg", "a picture as base64 text"),
        (b"{\"statusCode\": 200}", "text"),
        (&samples, "bare samples of 8 bits, without a file around them"),
        (&wide, "bare samples of 16 bits, without a file around them"),
    ] {
        assert_mistake("convert", &input, bytes, mistake);
    }
    assert_eq!(judged("convert", &input, b"\0\x01\x02\xff\xfe\xfd\xfc").mistake, None);
}

/// A PNG of these samples in another form.
fn png(
    (width, height): (usize, usize),
    color: png::ColorType,
    depth: png::BitDepth,
    samples: &[u8],
    set: impl Fn(&mut png::Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_depth(depth);
    set(&mut encoder);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(samples).expect("samples");
    writer.finish().expect("an end");
    bytes
}

#[test]
fn a_png_in_another_form_is_named_by_it_and_its_pixels_are_looked_at() {
    use png::{BitDepth, ColorType};
    let input = input_of("convert");
    let right = grey(&input);
    let size = (right.width, right.height);
    let spread = |channels: usize, alpha: bool| -> Vec<u8> {
        let pixel = |&level: &u8| {
            let alpha = alpha.then_some(255);
            std::iter::repeat_n(level, channels).chain(alpha)
        };
        right.samples.iter().flat_map(pixel).collect()
    };
    let plain = |_: &mut png::Encoder<'_, &mut Vec<u8>>| {};
    let greys: Vec<u8> = (0..=255_u8).flat_map(|level| [level; 3]).collect();
    let palette = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| encoder.set_palette(greys.clone());
    let bits: Vec<u8> = right
        .samples
        .chunks(right.width)
        .flat_map(|row| row.chunks(8))
        .map(|eight| {
            let bit = |(at, level): (usize, &u8)| u8::from(*level > 127) << (7 - at);
            eight.iter().enumerate().map(bit).sum()
        })
        .collect();
    let eight = BitDepth::Eight;
    for (bytes, mistake) in [
        (png(size, ColorType::Rgb, eight, &spread(3, false), plain), "a picture saved as RGB"),
        (png(size, ColorType::Rgba, eight, &spread(3, true), plain), "a picture saved as RGBA"),
        (
            png(size, ColorType::GrayscaleAlpha, eight, &spread(1, true), plain),
            "grey levels saved with an alpha channel",
        ),
        (
            png(size, ColorType::Indexed, eight, &right.samples, palette),
            "a picture saved with a palette",
        ),
        (
            png(size, ColorType::Grayscale, BitDepth::One, &bits, plain),
            "a picture of black and white only",
        ),
    ] {
        assert_mistake("convert", &input, &bytes, mistake);
        let judgement = judged("convert", &input, &bytes);
        let pixel = judgement.checks.iter().find(|check| check.limit_name == Some("pixel"));
        let is_right = mistake != "a picture of black and white only";
        assert_eq!(pixel.expect("a check").passed, is_right, "{mistake}");
    }
    let best = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| {
        encoder.set_compression(png::Compression::High);
    };
    let optimised = png(size, ColorType::Grayscale, eight, &right.samples, best);
    let judgement = assert_accepted("convert", &input, &optimised, "optimised");
    let told = judgement.findings.iter().any(|finding| finding.contains("zlib level"));
    assert!(told, "{:?}", judgement.findings);
}

#[test]
fn an_interlaced_png_is_right_and_told() {
    let input = jpeg(&photofinish_imaging::Plane::new(1, 1, vec![77]));
    let mut bytes = judge().reference(&name("convert"), &input).expect("a reference");
    // Seven passes over one pixel are one pass; the header's chunk gets the CRC that goes with it.
    bytes[28] = 1;
    let crc = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    let judgement = assert_accepted("convert", &input, &bytes, "interlaced");
    assert!(judgement.findings.contains(&"it is interlaced".to_owned()), "{judgement:?}");
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 }
        })
    };
    !bytes.iter().fold(!0, step)
}

#[test]
fn the_worst_pixel_and_the_difference_at_full_size_are_of_one_place() {
    let input = input_of("convert");
    let prepared = prepared("convert", &input);
    let right = grey(&input);
    let mut wrong = right.clone();
    let place = 451 * right.width + 317;
    wrong.samples[place] ^= 0x40;
    let worst = prepared.worst_pixel(&png8(&wrong)).expect("both are of one size");
    assert_eq!((worst.column, worst.row), (317, 451));
    let (found, expected) = (f64::from(wrong.samples[place]), f64::from(right.samples[place]));
    assert_eq!((worst.found, worst.expected), (found, expected));
    let difference = prepared.difference(&png8(&wrong)).expect("it is encoded").expect("a size");
    let difference = eight(&difference);
    assert_eq!((difference.width, difference.height), (right.width, right.height));
    let bright: Vec<usize> =
        (0..difference.samples.len()).filter(|&at| difference.samples[at] > 0).collect();
    assert_eq!((bright, difference.samples[place]), (vec![place], 255));
    let turned = png8(&right.clockwise());
    assert_eq!(prepared.worst_pixel(&turned), None);
    assert_eq!(prepared.difference(&turned).expect("no fault"), None);
    assert_eq!(prepared.difference(b"nothing").expect("no fault"), None);
}

#[test]
fn a_figure_has_as_many_digits_as_tell_it_from_its_limit() {
    for (value, text) in [
        (0.0, "0"),
        (1.6, "1.6"),
        (9.8011, "9.801"),
        (-11.25, "-11.25"),
        (255.0, "255"),
        (0.00204, "0.00204"),
        (0.002, "0.002"),
        (100.0, "100"),
    ] {
        assert_eq!(figure(value), text);
    }
}
