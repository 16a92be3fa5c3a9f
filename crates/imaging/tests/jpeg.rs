//! The JPEG decoder against libjpeg, by files that `goldens/jpeg/make_jpeg.py` made, and against
//! zune-jpeg on generated pictures.

use std::path::Path;

use photofinish_imaging::{
    ColourJpeg, Depth, Error, Limits, Palette, Plane, Rgb, Sampling, Scale, decode_grey,
    decode_grey_scaled, decode_png, decode_rgb, encode_rgb, jpeg_header, luma_jpeg, scene,
};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;

const ANY: Limits = Limits { pixels: 1 << 30, bytes: 1 << 30, memory: 1 << 30 };

const NAMES: [&str; 10] = [
    "wide-411",
    "high-440",
    "high-440-progressive",
    "restarts-422",
    "rgb",
    "profile-420",
    "progressive-420",
    "pixel-444",
    "sliver-420",
    "apart-444",
];

fn golden(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/jpeg").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn levels(name: &str) -> Plane<u8> {
    match decode_png(&golden(name), ANY).expect("a PNG") {
        Depth::Eight(plane) => plane,
        Depth::Sixteen(_) => panic!("16 bits"),
    }
}

fn generated(sampling: Sampling, progressive: bool) -> Vec<u8> {
    let how = ColourJpeg { quality: 90, sampling, progressive };
    encode_rgb(&scene(7, 173, 94, Palette::Natural), how).expect("a JPEG")
}

#[test]
fn colours_and_luma_are_libjpegs_to_the_last_bit() {
    for name in NAMES {
        let jpeg = golden(&format!("{name}.jpg"));
        let (picture, _) = decode_rgb(&jpeg, ANY).expect(name);
        assert_eq!(picture.samples, levels(&format!("{name}-rgb.png")).samples, "{name}");
        let (luma, _) = decode_grey(&jpeg, ANY).expect(name);
        assert_eq!(luma, levels(&format!("{name}-luma.png")), "{name}");
    }
}

#[test]
fn another_decoder_agrees_on_generated_pictures() {
    for sampling in [Sampling::Full, Sampling::Half, Sampling::Quarter] {
        for progressive in [false, true] {
            let jpeg = generated(sampling, progressive);
            let (ours, _) = decode_rgb(&jpeg, ANY).expect("a picture");
            let theirs = JpegDecoder::new(ZCursor::new(&jpeg)).decode().expect("a picture");
            assert_eq!(ours.samples.len(), theirs.len());
            let apart = ours.samples.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b));
            let worst = apart.max().expect("there are samples");
            assert!(worst <= 6, "{sampling:?}, progressive {progressive}: {worst}");
        }
    }
}

/// How far each sample is from the mean of its whole pixels, in levels.
fn from_means(full: &Plane<u16>, small: &Plane<u16>, side: usize) -> Vec<f64> {
    let mut apart = Vec::new();
    for y in 0..full.height / side {
        for x in 0..full.width / side {
            let sum: f64 = (0..side * side)
                .map(|at| full.at(x * side + at % side, y * side + at / side))
                .map(f64::from)
                .sum();
            apart.push((f64::from(small.at(x, y)) - sum / (side * side) as f64).abs() / 16.0);
        }
    }
    apart
}

#[test]
fn a_smaller_picture_is_the_mean_of_its_pixels_but_for_their_detail() {
    // A sample beside its place would be off by the slope of the smooth one.
    for (palette, most, mean) in [(Palette::Smooth, 1.0, 0.3), (Palette::Natural, 15.0, 1.6)] {
        for progressive in [false, true] {
            let how = ColourJpeg { quality: 95, sampling: Sampling::Quarter, progressive };
            let jpeg = encode_rgb(&scene(7, 173, 94, palette), how).expect("a JPEG");
            let full =
                decode_grey(&jpeg, ANY).expect("a picture").0.map(|level| 16 * u16::from(level));
            for scale in [Scale::Half, Scale::Quarter, Scale::Eighth] {
                let (small, _) = decode_grey_scaled(&jpeg, ANY, scale).expect("a picture");
                let side = scale.factor();
                let size = (173_usize.div_ceil(side), 94_usize.div_ceil(side));
                assert_eq!((small.width, small.height), size);
                let apart = from_means(&full, &small, side);
                let worst = apart.iter().copied().fold(0.0, f64::max);
                let average = apart.iter().sum::<f64>() / apart.len() as f64;
                let found = format!("{palette:?} {scale:?}: {worst} at most, {average} on average");
                assert!(worst <= most && average <= mean, "{found}");
            }
        }
    }
}

#[test]
fn bits_of_means_that_come_later_stand_where_their_scan_says() {
    // Every mean twice as high: by one place in the two scans that give them, or by its step. A
    // third scan gives zeros for the lowest place, one for each of 90 blocks.
    let whole = golden("progressive-420.jpg");
    let scan = |first: bool| {
        let means = |bytes: &[u8]| bytes[..2] == [0xff, 0xda] && bytes[4] == 3;
        let mut places = (0..whole.len() - 14).filter(|&at| means(&whole[at..]));
        let start = if first { places.next() } else { places.nth(1) };
        start.expect("a scan of means") + 13
    };
    assert_eq!((whole[scan(true)], whole[scan(false)]), (0x01, 0x10));
    let third = [&whole[scan(false) - 13..=scan(false)], &[0; 11], &[0x3f]].concat();
    let end = whole.len() - 2;
    let mut shifted = [&whole[..end], &third, &whole[end..]].concat();
    (shifted[scan(true)], shifted[scan(false)]) = (0x02, 0x21);
    let mut stepped = whole.clone();
    for at in (0..whole.len() - 5).filter(|&at| whole[at..at + 4] == [0xff, 0xdb, 0, 67]) {
        stepped[at + 5] *= 2;
    }
    assert_ne!(stepped, whole);
    assert_eq!(decode_rgb(&shifted, ANY), decode_rgb(&stepped, ANY));
    assert!(decode_rgb(&shifted, ANY).is_ok());
}

#[test]
fn luma_is_not_taken_over_where_colours_clip() {
    // Stripes of nearly white and blue, each a block of luma wide: two of them share a block of chroma, so
    // that white is decoded bluer than blue can be.
    let stripe = |at: usize| if at % 16 < 8 { [235; 3] } else { [30, 30, 225] };
    let samples = (0..64 * 64).flat_map(stripe).collect();
    let stripes = Rgb { width: 64, height: 64, samples };
    let taken = |sampling| {
        let how = ColourJpeg { quality: 90, sampling, progressive: false };
        let jpeg = encode_rgb(&stripes, how).expect("a JPEG");
        luma_jpeg(&jpeg, ANY).expect("a picture").is_some()
    };
    assert!(taken(Sampling::Full));
    assert!(!taken(Sampling::Half) && !taken(Sampling::Quarter));
}

#[test]
fn luma_taken_over_has_the_same_pixels() {
    for sampling in [Sampling::Full, Sampling::Half, Sampling::Quarter] {
        for progressive in [false, true] {
            let jpeg = generated(sampling, progressive);
            let grey = luma_jpeg(&jpeg, ANY).expect("a picture").expect("muted colours");
            let header = jpeg_header(&grey).expect("a JPEG");
            assert_eq!(
                (header.components, header.progressive, header.metadata_bytes),
                (1, false, 0)
            );
            let (ours, _) = decode_grey(&grey, ANY).expect("a picture");
            assert_eq!(ours, decode_grey(&jpeg, ANY).expect("a picture").0);
            assert!(grey.len() < jpeg.len(), "{} and {} bytes", grey.len(), jpeg.len());
        }
    }
    for name in ["restarts-422", "apart-444", "high-440-progressive"] {
        let jpeg = golden(&format!("{name}.jpg"));
        let grey = luma_jpeg(&jpeg, ANY).expect("a picture").expect(name);
        assert_eq!(decode_grey(&grey, ANY), decode_grey(&jpeg, ANY), "{name}");
    }
}

#[test]
fn luma_is_not_taken_over_where_grey_is_something_else() {
    assert_eq!(luma_jpeg(&golden("rgb.jpg"), ANY), Ok(None));
    for turned in 2..=8 {
        let jpeg = golden(&format!("../orientation-{turned}.jpg"));
        assert_eq!(luma_jpeg(&jpeg, ANY), Ok(None), "orientation {turned}");
    }
}

#[test]
fn each_limit_is_named_when_it_is_passed() {
    let jpeg = generated(Sampling::Quarter, true);
    let bytes = jpeg.len() as u64;
    let refused = decode_grey(&jpeg, Limits { bytes: bytes - 1, ..ANY }).expect_err("too long");
    assert_eq!(refused, Error::TooLong { bytes, limit: bytes - 1 });
    let refused =
        decode_grey(&jpeg, Limits { pixels: 173 * 94 - 1, ..ANY }).expect_err("too large");
    assert_eq!(refused, Error::TooLarge { width: 173, height: 94, limit: 173 * 94 - 1 });
    for memory in [0, 173 * 94] {
        let few = Limits { memory, ..ANY };
        for refused in [
            decode_grey(&jpeg, few).map(drop),
            decode_rgb(&jpeg, few).map(drop),
            luma_jpeg(&jpeg, few).map(drop),
            luma_jpeg(&generated(Sampling::Full, false), few).map(drop),
        ] {
            let refused = refused.expect_err("too much memory");
            assert!(
                matches!(refused, Error::TooHungry { needed, limit } if needed > limit && limit == memory),
                "{refused}"
            );
        }
    }
}

#[test]
fn restart_markers_out_of_order_are_an_error_with_its_place() {
    let mut jpeg = golden("restarts-422.jpg");
    let at = jpeg.windows(2).position(|pair| pair == [0xff, 0xd1]).expect("a restart");
    jpeg[at + 1] = 0xd2;
    for refused in [
        decode_rgb(&jpeg, ANY).map(drop),
        decode_grey(&jpeg, ANY).map(drop),
        luma_jpeg(&jpeg, ANY).map(drop),
    ] {
        let said = refused.expect_err("out of order").to_string();
        assert!(said.ends_with("a restart marker is missing after 4 of 30 blocks"), "{said}");
    }
}

/// Where each scan's header begins.
fn scans(jpeg: &[u8]) -> Vec<usize> {
    let pairs = jpeg.windows(2).enumerate();
    pairs.filter(|(_, pair)| *pair == [0xff, 0xda]).map(|(at, _)| at).collect()
}

#[test]
fn a_progressive_picture_without_its_last_scan_is_an_error() {
    let jpeg = golden("progressive-420.jpg");
    let last = *scans(&jpeg).last().expect("scans");
    let cut = [&jpeg[..last], &[0xff, 0xd9]].concat();
    for refused in [
        decode_rgb(&cut, ANY).map(drop),
        decode_grey(&cut, ANY).map(drop),
        luma_jpeg(&cut, ANY).map(drop),
    ] {
        let said = refused.expect_err("incomplete").to_string();
        assert!(said.contains("component 1 lacks a scan: coefficient 1"), "{said}");
    }
}

#[test]
fn a_scan_that_comes_again_is_an_error() {
    for name in ["progressive-420", "apart-444"] {
        let jpeg = golden(&format!("{name}.jpg"));
        let last = *scans(&jpeg).last().expect("scans");
        let end = jpeg.len() - 2;
        let again = [&jpeg[..end], &jpeg[last..]].concat();
        assert!(decode_rgb(&again, ANY).is_err(), "{name}");
        assert!(luma_jpeg(&again, ANY).is_err(), "{name}");
    }
}
