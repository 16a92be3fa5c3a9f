//! Right outputs, made in several ways.

use photofinish_imaging::{
    Filter, Limits, Palette, decode_rgb, encode_grey, luma, resample, scene, ten_bits,
};
use photofinish_verify::{Output, When, media_type};

use crate::desk::*;

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
    // Of this size each fourth new column begins on a border, and each third new row.
    let small = luma(&scene(5, 600, 400, Palette::Natural));
    let input = encode_grey(&small, 95).expect("a JPEG");
    let plane = grey(&input);
    for &filter in Filter::suited(&plane, 800, 600) {
        let made = png16(&ten_bits(&plane, 800, 600, filter));
        assert_accepted("resize", &input, &made, &format!("{filter:?}, enlarging"));
    }
    let (input, plane) = (input_of("resize"), grey(&input_of("resize")));
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

#[test]
fn an_input_is_prepared_once_and_its_outputs_are_judged_as_if_each_came_alone() {
    let limits: [(&str, &[&str]); 5] = [
        ("greyscale", &["block_mean", "block_max", "above_q88"]),
        ("resize", &["psnr", "block_mean", "outside", "outside_share"]),
        ("depth", &["pixel", "block_mean"]),
        ("rotate", &["block_mean", "block_max", "above_q88"]),
        ("convert", &["pixel", "block_mean"]),
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
