//! Inputs, outputs and the judge that every story uses.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use photofinish_imaging::{
    ColourJpeg, Depth, Limits, Palette, Plane, Rgb, Sampling, decode_grey, decode_png, encode_grey,
    encode_png8, encode_png16, encode_rgb, scene,
};
use photofinish_study::Name;
use photofinish_verify::{Contract, Judge, Judgement, Output, Prepared, media_type};

pub(crate) const FUNCTIONS: [&str; 5] = ["greyscale", "resize", "depth", "rotate", "convert"];

pub(crate) fn application() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/applications/image-pipeline")
}

pub(crate) fn contract() -> Contract {
    Contract::read(&application().join("contract.toml")).expect("the bundled contract")
}

pub(crate) fn judge() -> Judge {
    Judge::for_contract(&contract()).expect("a judge")
}

pub(crate) fn name(function: &str) -> Name {
    Name::new(function).expect("a name")
}

pub(crate) fn judged(function: &str, input: &[u8], bytes: &[u8]) -> Judgement {
    let output = Output { bytes, content_type: Some(media_type(bytes)) };
    prepared(function, input).judge(&output)
}

/// What outputs of this input are held against, made once for all stories.
pub(crate) fn prepared(function: &str, input: &[u8]) -> Arc<Prepared> {
    type Made = HashMap<(String, Vec<u8>), Arc<Prepared>>;
    static MADE: LazyLock<Mutex<Made>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().expect("no story panics in here");
    let prepare = || judge().prepare(&name(function), input.into()).expect("it takes the input");
    let prepared =
        made.entry((function.to_owned(), input.to_vec())).or_insert_with(|| Arc::new(prepare()));
    Arc::clone(prepared)
}

/// It is rejected, and looks like this mistake.
pub(crate) fn assert_mistake(function: &str, input: &[u8], bytes: &[u8], mistake: &str) {
    let judgement = judged(function, input, bytes);
    assert!(!judgement.accepted, "{function} accepts {mistake}");
    let reason = judgement.reason.expect("a reason");
    let found = judgement.mistake.unwrap_or_else(|| format!("nothing known: {reason}"));
    assert_eq!(found, mistake, "{function}: {reason}");
    assert!(reason.starts_with(&format!("it looks like {mistake}: ")), "{reason}");
}

pub(crate) fn assert_accepted(function: &str, input: &[u8], bytes: &[u8], what: &str) -> Judgement {
    let judgement = judged(function, input, bytes);
    assert!(judgement.accepted, "{function}, {what}: {:?}", judgement.reason);
    assert_eq!((&judgement.reason, &judgement.mistake), (&None, &None));
    judgement
}

/// A photograph with strong colours, whose shape is no 4:3.
pub(crate) fn photograph() -> Vec<u8> {
    static ONCE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let how = ColourJpeg { quality: 92, sampling: Sampling::Full, progressive: false };
        encode_rgb(&scene(5, 1931, 1207, Palette::Saturated), how).expect("a JPEG")
    });
    ONCE.clone()
}

/// What the reference gives to this function for the photograph.
pub(crate) fn input_of(function: &str) -> Vec<u8> {
    let judge = judge();
    let before = FUNCTIONS.iter().take_while(|before| **before != function);
    before.fold(photograph(), |bytes, before| {
        judge.reference(&name(before), &bytes).expect("the reference takes its own output")
    })
}

pub(crate) fn grey(jpeg: &[u8]) -> Plane<u8> {
    decode_grey(jpeg, Limits::default()).expect("a JPEG").0
}

pub(crate) fn codes(png: &[u8]) -> Plane<u16> {
    match decode_png(png, Limits::default()).expect("a PNG") {
        Depth::Sixteen(plane) => plane,
        Depth::Eight(_) => panic!("8 bits"),
    }
}

pub(crate) fn eight(png: &[u8]) -> Plane<u8> {
    match decode_png(png, Limits::default()).expect("a PNG") {
        Depth::Eight(plane) => plane,
        Depth::Sixteen(_) => panic!("16 bits"),
    }
}

pub(crate) fn jpeg(plane: &Plane<u8>) -> Vec<u8> {
    encode_grey(plane, 95).expect("a JPEG")
}

pub(crate) fn png8(plane: &Plane<u8>) -> Vec<u8> {
    encode_png8(plane).expect("a PNG")
}

pub(crate) fn png16(plane: &Plane<u16>) -> Vec<u8> {
    encode_png16(plane).expect("a PNG")
}

/// Rows of weights for the channels, `up` added before the fraction is dropped.
pub(crate) fn weighed(picture: &Rgb, weights: [f32; 3], up: f32) -> Plane<u8> {
    let pixels = picture.samples.as_chunks::<3>().0;
    let level = |pixel: &[u8; 3]| -> f32 {
        pixel.iter().zip(weights).map(|(&channel, weight)| f32::from(channel) * weight).sum()
    };
    let samples = pixels.iter().map(|pixel| (level(pixel) + up).min(255.0) as u8).collect();
    Plane::new(picture.width, picture.height, samples)
}

/// A fixture of the contract by its name.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let fixtures = contract().fixtures(&application()).expect("fixtures");
    fixtures.iter().find(|fixture| fixture.name == name).expect("the fixture").bytes.to_vec()
}

/// Levels as they are saved.
pub(crate) fn byte(level: f32) -> u8 {
    level.round().clamp(0.0, 255.0) as u8
}

/// The picture with its samples taken `right` pixels and `down` rows before.
pub(crate) fn shifted(plane: &Plane<u8>, right: usize, down: usize) -> Plane<u8> {
    plane.rearranged(plane.width, plane.height, |x, y| {
        (x.saturating_sub(right), y.saturating_sub(down))
    })
}

/// Each pixel the mean of the square around it.
pub(crate) fn blurred(plane: &Plane<u8>) -> Plane<u8> {
    let (width, height) = (plane.width, plane.height);
    let mean = |x: usize, y: usize| {
        let (xs, ys) = (x.saturating_sub(1)..=(x + 1), y.saturating_sub(1)..=(y + 1));
        let inside = xs.flat_map(|x| ys.clone().map(move |y| (x, y)));
        let levels: Vec<u32> = inside
            .filter(|&(x, y)| x < width && y < height)
            .map(|(x, y)| u32::from(plane.at(x, y)))
            .collect();
        (levels.iter().sum::<u32>() / levels.len() as u32) as u8
    };
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Plane::new(width, height, places.map(|(x, y)| mean(x, y)).collect())
}
