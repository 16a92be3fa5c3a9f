//! Any small picture: its PNG is exact, and its JPEG as near as its own quantisation allows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use photofinish_imaging::{
    Depth, Limits, Plane, decode_grey, decode_png, encode_grey, encode_png8, encode_png16,
    jpeg_header,
};

fuzz_target!(|bytes: &[u8]| {
    let [width, height, quality, samples @ ..] = bytes else { return };
    let (width, height) = (1 + usize::from(*width) % 96, 1 + usize::from(*height) % 96);
    let Some(last) = samples.len().checked_sub(1) else { return };
    let repeated = (0..width * height).map(|at| samples[at % (last + 1)]).collect();
    let plane = Plane::new(width, height, repeated);
    let limits = Limits::default();

    let png = encode_png8(&plane).expect("a PNG");
    assert_eq!(decode_png(&png, limits), Ok(Depth::Eight(plane.clone())));
    let wide = plane.map(|level| u16::from(level) * 257 ^ 0x55);
    let png = encode_png16(&wide).expect("a PNG");
    assert_eq!(decode_png(&png, limits), Ok(Depth::Sixteen(wide)));

    let quality = 1 + quality % 100;
    let jpeg = encode_grey(&plane, quality).expect("a JPEG");
    let header = jpeg_header(&jpeg).expect("a header");
    assert_eq!((header.components, header.metadata_bytes, header.trailing_bytes), (1, 0, 0));
    let (made, _) = decode_grey(&jpeg, limits).expect("what is written can be read");
    assert_eq!((made.width, made.height), (width, height));
    if width % 8 == 0 && height % 8 == 0 {
        let apart = root_mean_square(&plane, &made);
        let most = most_quantised(&jpeg);
        assert!(apart <= most, "quality {quality}: {apart} off, {most} at most");
    }
});

fn root_mean_square(left: &Plane<u8>, right: &Plane<u8>) -> f64 {
    let pairs = left.samples.iter().zip(&right.samples);
    let squares: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    (squares / left.samples.len() as f64).sqrt()
}

/// Each coefficient is at most half a step off, and the transform keeps the sum of squares
/// (Parseval); a level for what integers lose on both ways.
fn most_quantised(jpeg: &[u8]) -> f64 {
    let at = jpeg.windows(2).position(|pair| pair == [0xff, 0xdb]).expect("a table");
    assert_eq!(jpeg[at + 2..at + 5], [0, 67, 0], "one table of 8 bits");
    let steps = &jpeg[at + 5..at + 69];
    let squares: f64 = steps.iter().map(|&step| (f64::from(step) / 2.0).powi(2)).sum();
    (squares / 64.0).sqrt() + 1.0
}
