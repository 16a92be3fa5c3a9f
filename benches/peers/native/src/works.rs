//! What the contestant can do, bytes to bytes.

use photofinish_imaging::{
    Error, Limits, Palette, all_five, convert, depth, greyscale, resize, rotate,
};

/// Bytes in, bytes out.
pub(crate) type Work = fn(&[u8]) -> Result<Vec<u8>, String>;

const WORKS: [(&str, Work); 7] = [
    ("greyscale", |input| told(greyscale(input, 95, Limits::default()))),
    ("resize", |input| told(resize(input, 800, 600, Limits::default()))),
    ("depth", |input| told(depth(input, Limits::default()))),
    ("rotate", |input| told(rotate(input, 95, Limits::default()))),
    ("convert", |input| told(convert(input, Limits::default()))),
    ("five", |input| told(all_five(input, 800, 600, Limits::default()))),
    ("in turn", |input| told(in_turn(input))),
];

/// The work of this name.
pub(crate) fn named(name: &str) -> Option<Work> {
    WORKS.iter().find(|(known, _)| *known == name).map(|&(_, work)| work)
}

/// What the contestant says at its start.
pub(crate) fn greeting() -> String {
    let works: Vec<String> =
        WORKS.iter().map(|(work, _)| format!("\"{work}\": [\"native\"]")).collect();
    let version = concat!("native ", env!("CARGO_PKG_VERSION"));
    format!("{{\"version\": \"{version}\", \"works\": {{{}}}}}", works.join(", "))
}

/// Writes a generated picture as PPM.
pub(crate) fn scene(seed: &str, width: &str, height: &str, file: &str) -> Result<(), String> {
    let number = |text: &str| text.parse::<usize>().map_err(|_| format!("{text} is no number"));
    let (seed, width, height) = (number(seed)? as u64, number(width)?, number(height)?);
    let picture = photofinish_imaging::scene(seed, width, height, Palette::Natural);
    let mut bytes = format!("P6 {width} {height} 255\n").into_bytes();
    bytes.extend(picture.samples);
    std::fs::write(file, bytes).map_err(|error| format!("{file}: {error}"))
}

fn told(made: Result<Vec<u8>, Error>) -> Result<Vec<u8>, String> {
    made.map_err(|error| error.to_string())
}

/// All five, each given the bytes that the one before it wrote: as `process` does it.
fn in_turn(input: &[u8]) -> Result<Vec<u8>, Error> {
    let limits = Limits::default();
    let grey = greyscale(input, 95, limits)?;
    let small = resize(&grey, 800, 600, limits)?;
    let turned = rotate(&depth(&small, limits)?, 95, limits)?;
    convert(&turned, limits)
}
