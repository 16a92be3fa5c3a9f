//! The judge on right and wrong outputs, made from the bundled contract and pictures.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use photofinish_imaging::{
    ColourJpeg, Depth, Filter, Limits, Palette, Plane, Rgb, Sampling, decode_grey, decode_png,
    decode_rgb, encode_grey, encode_png8, encode_png16, encode_rgb, resample, scene, ten_bits,
    to_eight_bits, upright_grey,
};
use photofinish_study::Name;
use photofinish_verify::{Contract, Judge, Judgement, Output, When, media_type};

const FUNCTIONS: [&str; 5] = ["greyscale", "resize", "depth", "rotate", "convert"];

fn application() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/applications/image-pipeline")
}

fn contract() -> Contract {
    Contract::read(&application().join("contract.toml")).expect("the bundled contract")
}

fn judge() -> Judge {
    Judge::for_contract(&contract()).expect("a judge")
}

fn name(function: &str) -> Name {
    Name::new(function).expect("a name")
}

fn judged(function: &str, input: &[u8], bytes: &[u8]) -> Judgement {
    let output = Output { bytes, content_type: Some(media_type(bytes)) };
    judge().judge(&name(function), input, &output).expect("the reference takes the input")
}

/// It is rejected, and looks like this mistake.
fn assert_mistake(function: &str, input: &[u8], bytes: &[u8], mistake: &str) {
    let judgement = judged(function, input, bytes);
    assert!(!judgement.accepted, "{function} accepts {mistake}");
    let reason = judgement.reason.expect("a reason");
    let found = judgement.mistake.unwrap_or_else(|| format!("nothing known: {reason}"));
    assert_eq!(found, mistake, "{function}: {reason}");
    assert!(reason.contains(mistake), "{reason}");
}

fn assert_accepted(function: &str, input: &[u8], bytes: &[u8], what: &str) -> Judgement {
    let judgement = judged(function, input, bytes);
    assert!(judgement.accepted, "{function}, {what}: {:?}", judgement.reason);
    assert_eq!((&judgement.reason, &judgement.mistake), (&None, &None));
    judgement
}

/// A photograph with strong colours, whose shape is no 4:3.
fn photograph() -> Vec<u8> {
    static ONCE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let how = ColourJpeg { quality: 92, sampling: Sampling::Full, progressive: false };
        encode_rgb(&scene(5, 1931, 1207, Palette::Saturated), how).expect("a JPEG")
    });
    ONCE.clone()
}

/// What the reference gives to this function for the photograph.
fn input_of(function: &str) -> Vec<u8> {
    let judge = judge();
    let before = FUNCTIONS.iter().take_while(|before| **before != function);
    before.fold(photograph(), |bytes, before| {
        judge.reference(&name(before), &bytes).expect("the reference takes its own output")
    })
}

fn grey(jpeg: &[u8]) -> Plane<u8> {
    decode_grey(jpeg, Limits::default()).expect("a JPEG").0
}

fn codes(png: &[u8]) -> Plane<u16> {
    match decode_png(png, Limits::default()).expect("a PNG") {
        Depth::Sixteen(plane) => plane,
        Depth::Eight(_) => panic!("8 bits"),
    }
}

fn eight(png: &[u8]) -> Plane<u8> {
    match decode_png(png, Limits::default()).expect("a PNG") {
        Depth::Eight(plane) => plane,
        Depth::Sixteen(_) => panic!("16 bits"),
    }
}

fn jpeg(plane: &Plane<u8>) -> Vec<u8> {
    encode_grey(plane, 95).expect("a JPEG")
}

fn png8(plane: &Plane<u8>) -> Vec<u8> {
    encode_png8(plane).expect("a PNG")
}

fn png16(plane: &Plane<u16>) -> Vec<u8> {
    encode_png16(plane).expect("a PNG")
}

#[test]
fn the_reference_is_accepted_on_every_fixture_and_picture() {
    let (contract, judge) = (contract(), judge());
    let mut chains: Vec<(String, usize, Vec<u8>)> = Vec::new();
    for when in [When::Always, When::Thorough] {
        for fixture in contract.fixtures_for(when, &application()).expect("fixtures") {
            let first = FUNCTIONS.iter().position(|f| *f == fixture.function.as_str());
            chains.push((fixture.name, first.expect("a function"), fixture.bytes.to_vec()));
        }
    }
    for picture in ["dandelions", "coffee", "rocket"] {
        let file = application().join(format!("inputs/{picture}.jpg"));
        chains.push((picture.to_owned(), 0, std::fs::read(file).expect("a picture")));
    }
    assert!(chains.len() >= 10);
    for (fixture, first, mut bytes) in chains {
        for function in &FUNCTIONS[first..] {
            let output = judge.reference(&name(function), &bytes).expect("a reference");
            let judgement = assert_accepted(function, &bytes, &output, &fixture);
            // A turned picture may be judged by nothing but measured limits.
            assert!(judgement.checks.iter().any(|check| check.limit.is_some()), "{function}");
            bytes = output;
        }
    }
}

#[test]
fn other_right_ways_are_accepted() {
    let input = photograph();
    let (picture, _) = decode_rgb(&input, Limits::default()).expect("a JPEG");
    let floor = weighed(&picture, [0.299, 0.587, 0.114], 0.0);
    assert_accepted("greyscale", &input, &jpeg(&floor), "rounding down");
    let short = weighed(&picture, [0.3, 0.59, 0.11], 0.5);
    assert_accepted("greyscale", &input, &jpeg(&short), "two digits");
    assert_accepted("greyscale", &input, &jpeg(&grey(&input)), "the luma plane as it is");

    let input = input_of("resize");
    let plane = grey(&input);
    for filter in Filter::ALL {
        let made = png16(&ten_bits(&plane, 800, 600, filter));
        assert_accepted("resize", &input, &made, &format!("{filter:?}"));
    }
    let overshoot = resample(&plane, 800, 600, Filter::Lanczos3)
        .map(|level| (level * (1023.0 / 255.0)).round().max(0.0) as u16);
    assert_accepted("resize", &input, &png16(&overshoot), "overshoot");
    let rounded = resample(&plane, 800, 600, Filter::Cubic)
        .map(|level| (level.round().clamp(0.0, 255.0) * (1023.0 / 255.0)).round() as u16);
    let judgement = assert_accepted("resize", &input, &png16(&rounded), "8 bits, scaled");
    let told = judgement.findings.iter().any(|finding| finding.contains("no more than 8 bits"));
    assert!(told, "{:?}", judgement.findings);

    let input = input_of("depth");
    let codes = codes(&input);
    for (what, map) in [
        ("rounding down", (|code| code * 255 / 1023) as fn(u32) -> u32),
        ("a shift by 2", |code| code >> 2),
        ("a quarter, rounded", |code| ((code + 2) / 4).min(255)),
        ("rounding up", |code| (code * 255).div_ceil(1023)),
    ] {
        let made = codes.map(|code| map(u32::from(code).min(1023)) as u8);
        assert_accepted("depth", &input, &png8(&made), what);
    }
}

/// Rows of weights for the channels, `up` added before the fraction is dropped.
fn weighed(picture: &Rgb, weights: [f32; 3], up: f32) -> Plane<u8> {
    let pixels = picture.samples.as_chunks::<3>().0;
    let level = |pixel: &[u8; 3]| -> f32 {
        pixel.iter().zip(weights).map(|(&channel, weight)| f32::from(channel) * weight).sum()
    };
    let samples = pixels.iter().map(|pixel| (level(pixel) + up).min(255.0) as u8).collect();
    Plane::new(picture.width, picture.height, samples)
}

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
    let fixtures = contract().fixtures(&application()).expect("fixtures");
    let fixture = fixtures.iter().find(|fixture| fixture.name == "orientation-6").expect("it");
    let (picture, orientation) = decode_rgb(&fixture.bytes, Limits::default()).expect("a JPEG");
    assert_eq!(orientation.value(), 6);
    let ignored = jpeg(&weighed(&picture, [0.299, 0.587, 0.114], 0.5));
    assert_mistake("greyscale", &fixture.bytes, &ignored, "the EXIF orientation ignored");
}

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
fn wrong_depths_are_rejected_by_name() {
    let input = input_of("depth");
    let given = codes(&input);
    for (map, mistake) in [
        ((|code| code.min(255)) as fn(u16) -> u16, "codes clipped at 255 instead of scaled"),
        (|code| code & 255, "the low byte of the code"),
        (|code| code >> 8, "the high byte of the code, as if it reached 65535"),
        (|code| (code >> 1).min(255), "codes divided by 2 and cut off"),
        (|code| code >> 3, "codes divided by 8"),
        (|code| code >> 4, "codes divided by 16, as if they were of 12 bits"),
        (|code| 255 - (code >> 2), "an inverted picture"),
        (|_| 0, "a black picture"),
    ] {
        let made = given.map(|code| map(code.min(1023)) as u8);
        assert_mistake("depth", &input, &png8(&made), mistake);
    }
    let right = to_eight_bits(&given);
    assert_mistake("depth", &input, &input, "the input, passed on as it came");
    assert_mistake(
        "depth",
        &input,
        &png16(&right.map(u16::from)),
        "8-bit levels left in a 16-bit picture",
    );
    assert_mistake("depth", &input, &jpeg(&right), "a JPEG under a PNG's name");
}

#[test]
fn a_depth_map_keeps_its_levels_and_gives_one_for_each_code() {
    let fixtures = contract().fixtures(&application()).expect("fixtures");
    let fixture = fixtures.iter().find(|fixture| fixture.name == "all-codes").expect("it");
    let right = to_eight_bits(&codes(&fixture.bytes));
    let judgement = assert_accepted("depth", &fixture.bytes, &png8(&right), "exact");
    let levels = judgement.checks.iter().find(|check| check.name == "levels over all codes");
    assert_eq!(levels.and_then(|check| check.value), Some(256.0));
    let failed = |made: &Plane<u8>| {
        let judgement = judged("depth", &fixture.bytes, &png8(made));
        assert!(!judgement.accepted);
        judgement.deciding().expect("a check").name.to_string()
    };
    // Each pixel within 1, and wrong all the same.
    let mut dithered = right.clone();
    let dither = |(place, level): (usize, &mut u8)| {
        *level = level.saturating_add(u8::from(place % 2 == 1 && *level < 254));
    };
    dithered.samples.iter_mut().enumerate().for_each(dither);
    assert_eq!(failed(&dithered), "one level for each code");
    assert_eq!(failed(&right.map(|level| (level | 1).min(254))), "0 stays 0 and 1023 becomes 255");
    let halved = right.map(|level| if level < 2 { 0 } else { level | 1 });
    assert_eq!(failed(&halved), "levels over all codes");
}

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
fn an_output_that_is_no_whole_file_of_its_kind_is_rejected_before_its_pixels() {
    let input = input_of("convert");
    let right = judge().reference(&name("convert"), &input).expect("a reference");
    let failed = |bytes: &[u8], content_type: Option<&str>| {
        let output = Output { bytes, content_type };
        let judgement = judge().judge(&name("convert"), &input, &output).expect("a judgement");
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
        let judgement = judge().judge(&name("rotate"), &input, &output).expect("a judgement");
        assert_eq!(judgement.deciding().expect("a check").name, check);
    }
}

#[test]
fn a_contract_that_cannot_be_read_says_where_and_what_to_write() {
    let whole = std::fs::read_to_string(application().join("contract.toml")).expect("it");
    let folder = std::env::temp_dir().join(format!("photofinish-contract-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let refused = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        let path = folder.join("contract.toml");
        std::fs::write(&path, whole.replacen(from, to, 1)).expect("a file");
        let error = Contract::read(&path).expect_err(to);
        let (line, _) = error.line_and_column().expect("a place");
        assert!(line > 1, "{error}");
        error.to_string()
    };
    let unknown = refused("quality = 95", "qualty = 95");
    assert!(unknown.contains("qualty") && unknown.contains("quality"), "{unknown}");
    let reference = refused("builtin:rotate", "builtin:rotat");
    assert!(reference.contains("builtin:rotat"), "{reference}");
    assert!(refused("comparison = \"image\"", "comparison = \"imge\"").contains("imge"));
    assert!(refused("block_mean", "blockmean").contains("blockmean"));
    assert!(refused("format = 1", "format = 9").contains('9'));
    std::fs::remove_dir_all(&folder).expect("it goes");
}

#[test]
fn a_depth_map_that_wraps_a_filters_overshoot_is_wrong() {
    let fixtures = contract().fixtures(&application()).expect("fixtures");
    let fixture = fixtures.iter().find(|fixture| fixture.name == "overshoot").expect("it");
    let given = codes(&fixture.bytes);
    assert!(given.samples.iter().any(|&code| code > 1023));
    let right = given.map(|code| ((f64::from(code.min(1023)) * 255.0 / 1023.0).round()) as u8);
    assert_accepted("depth", &fixture.bytes, &png8(&right), "overshoot counts as white");
    let wrapped = given.map(|code| ((f64::from(code) * 255.0 / 1023.0).round() as u32 % 256) as u8);
    assert!(!judged("depth", &fixture.bytes, &png8(&wrapped)).accepted);
}

#[test]
fn an_input_is_prepared_once_and_its_outputs_are_judged_as_if_each_came_alone() {
    let limits: [(&str, &[&str]); 5] = [
        ("greyscale", &["block_mean", "block_max", "above_q88"]),
        ("resize", &["psnr", "block_mean", "outside", "outside_share"]),
        ("depth", &["pixel"]),
        ("rotate", &["block_mean", "block_max", "above_q88"]),
        ("convert", &["pixel"]),
    ];
    for (function, limits) in limits {
        let input = input_of(function);
        let prepared = judge().prepare(&name(function), input.as_slice().into()).expect("it");
        let right = judge().reference(&name(function), &input).expect("a reference");
        for bytes in [&right, &input, &right] {
            let output = Output { bytes, content_type: Some(media_type(bytes)) };
            assert_eq!(prepared.judge(&output), judged(function, &input, bytes), "{function}");
        }
        let judgement = judged(function, &input, &right);
        let named: Vec<_> = judgement.checks.iter().filter_map(|check| check.limit_name).collect();
        assert_eq!(named, limits, "{function}");
    }
}
