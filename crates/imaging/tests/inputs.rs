//! Every kind of picture that a camera or a careless writer makes: taken as the contract says, or
//! refused by name and before its pixels cost anything.

use std::path::Path;

use photofinish_imaging::{
    ColourJpeg, Depth, Error, Limits, Palette, Plane, Sampling, convert, decode_grey, decode_png,
    decode_rgb, depth, encode_grey, encode_png8, encode_png16, encode_rgb, greyscale, jpeg_header,
    luma, resize, rotate, scene,
};

type Function = fn(&[u8], Limits) -> Result<Vec<u8>, Error>;

const OF_JPEG: [(&str, Function); 3] = [
    ("greyscale", |bytes, limits| greyscale(bytes, 95, limits)),
    ("resize", |bytes, limits| resize(bytes, 80, 60, limits)),
    ("convert", convert),
];
const OF_PNG: [(&str, Function); 2] =
    [("depth", depth), ("rotate", |bytes, limits| rotate(bytes, 95, limits))];

fn golden(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name);
    std::fs::read(path).expect("a golden file")
}

/// The JPEG with a segment after its first marker.
fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("a segment").to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, body, &jpeg[2..]].concat()
}

/// Where the frame header's marker stands.
fn frame_of(jpeg: &[u8]) -> usize {
    let frame = |pair: &[u8]| pair[0] == 0xff && matches!(pair[1], 0xc0..=0xc2);
    jpeg.windows(2).position(frame).expect("a frame")
}

/// A PNG of this size that has no pixels worth the name, each chunk whole.
fn png_that_claims(width: u32, height: u32, bits: u8) -> Vec<u8> {
    let chunk = |kind: &[u8], body: &[u8]| {
        let whole = [kind, body].concat();
        let length = u32::try_from(body.len()).expect("a chunk").to_be_bytes();
        [&length[..], &whole, &crc32fast::hash(&whole).to_be_bytes()].concat()
    };
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([bits, 0, 0, 0, 0]);
    let pixels = [0x78, 0x01, 0x63, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01];
    let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", &pixels), chunk(b"IEND", b"")].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks].concat()
}

#[test]
fn profiles_comments_and_thumbnails_stay_out_of_the_result_and_change_no_pixel() {
    let plain = golden("baseline-420.jpg");
    let right = greyscale(&plain, 95, Limits::default()).expect("a picture");
    let profile = [b"ICC_PROFILE\0\x01\x01".as_slice(), &[7; 60_000]].concat();
    let comment = b"\xff\xd8 markers in it \xff\xd9 and \xff\xda too";
    let mut laden = plain.clone();
    for (marker, body) in [
        (0xe2, profile.as_slice()),
        (0xfe, comment.as_slice()),
        (0xed, b"Photoshop 3.0\0"),
        (0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        (0xe1, b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0\xff\xd8 a thumbnail \xff\xd9"),
    ] {
        laden = with_segment(&laden, marker, body);
        assert_eq!(greyscale(&laden, 95, Limits::default()), Ok(right.clone()), "{marker:x}");
    }
    assert!(jpeg_header(&laden).expect("a JPEG").metadata_bytes > 60_000);
    assert_eq!(jpeg_header(&right).expect("a JPEG").metadata_bytes, 0);
    // As some cameras add a second picture after the first.
    let longer = [laden, plain].concat();
    assert_eq!(greyscale(&longer, 95, Limits::default()), Ok(right));
}

#[test]
fn every_size_down_to_one_pixel_comes_out_as_large_as_it_went_in() {
    let sizes = [(1, 1), (1, 2), (2, 1), (1, 17), (17, 1), (7, 9), (8, 8), (9, 7), (15, 16)];
    for (width, height) in sizes {
        for (sampling, progressive) in [
            (Sampling::Full, false),
            (Sampling::Full, true),
            (Sampling::Half, false),
            (Sampling::Half, true),
            (Sampling::Quarter, false),
            (Sampling::Quarter, true),
        ] {
            let how = ColourJpeg { quality: 95, sampling, progressive };
            let what = format!("{width}x{height}, {how:?}");
            let picture = scene(3, width, height, Palette::Smooth);
            let jpeg = encode_rgb(&picture, how).expect(&what);
            let (decoded, _) = decode_rgb(&jpeg, Limits::default()).expect(&what);
            assert_eq!((decoded.width, decoded.height), (width, height), "{what}");
            let grey = greyscale(&jpeg, 98, Limits::default()).expect(&what);
            let (made, _) = decode_grey(&grey, Limits::default()).expect(&what);
            assert_eq!((made.width, made.height), (width, height), "{what}");
            let right = luma(&picture);
            let far = made.samples.iter().zip(&right.samples).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(far < Some(12), "{what}: {far:?} levels off");
            let small = resize(&grey, 5, 3, Limits::default()).expect(&what);
            let Ok(Depth::Sixteen(small)) = decode_png(&small, Limits::default()) else {
                panic!("{what} has 16 bits");
            };
            assert_eq!((small.width, small.height), (5, 3), "{what}");
        }
        let plane = luma(&scene(4, width, height, Palette::Smooth));
        let png = encode_png8(&plane).expect("a PNG");
        let turned = rotate(&png, 100, Limits::default()).expect("a turn");
        let (turned, _) = decode_grey(&turned, Limits::default()).expect("a JPEG");
        assert_eq!((turned.width, turned.height), (height, width));
    }
}

#[test]
fn a_jpeg_of_another_process_is_refused_by_name() {
    let whole = golden("baseline-444.jpg");
    let frame = frame_of(&whole);
    let changed = |at: usize, value: u8| {
        let mut jpeg = whole.clone();
        jpeg[frame + at] = value;
        jpeg
    };
    // Lossless, differential and arithmetic processes; then 12 bits.
    for marker in [0xc3, 0xc5, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf] {
        for (name, function) in OF_JPEG {
            let refused = function(&changed(1, marker), Limits::default()).expect_err(name);
            let Error::Unsuited { expected, .. } = &refused else {
                panic!("{name} of process {marker:x}: {refused}");
            };
            assert_eq!(*expected, "baseline or progressive JPEG");
        }
    }
    for (name, function) in OF_JPEG {
        let refused = function(&changed(4, 12), Limits::default()).expect_err(name);
        assert!(refused.to_string().contains("12 bits"), "{name}: {refused}");
        let refused = function(&golden("cmyk.jpg"), Limits::default()).expect_err(name);
        assert!(refused.to_string().starts_with("is a CMYK JPEG"), "{name}: {refused}");
    }
}

#[test]
fn a_bomb_is_refused_by_its_header_whatever_function_it_is_thrown_at() {
    let mut jpeg = golden("baseline-420.jpg");
    let frame = frame_of(&jpeg);
    jpeg[frame + 5..frame + 9].fill(0xff);
    for (name, function) in OF_JPEG {
        let refused = function(&jpeg, Limits::default()).expect_err(name);
        let limit = Limits::default().pixels;
        assert_eq!(refused, Error::TooLarge { width: 65_535, height: 65_535, limit }, "{name}");
    }
    for ((name, function), bits) in OF_PNG.into_iter().zip([16, 8]) {
        for (width, height) in [(50_000, 50_000), (u32::MAX, u32::MAX), (1 << 31, 1)] {
            let png = png_that_claims(width, height, bits);
            let refused = function(&png, Limits::default()).expect_err(name);
            assert!(matches!(refused, Error::TooLarge { .. }), "{name}: {refused}");
        }
        // Few enough pixels, and none of them there.
        let png = png_that_claims(3000, 3000, bits);
        let refused = function(&png, Limits::default()).expect_err(name);
        assert!(matches!(refused, Error::Damaged(_)), "{name}: {refused}");
    }
}

#[test]
fn a_picture_without_pixels_is_no_picture() {
    let mut jpeg = golden("grey.jpg");
    let frame = frame_of(&jpeg);
    jpeg[frame + 5..frame + 7].fill(0);
    for (name, function) in OF_JPEG {
        let refused = function(&jpeg, Limits::default()).expect_err(name);
        assert!(matches!(refused, Error::Damaged(_)), "{name}: {refused}");
    }
    for ((name, function), bits) in OF_PNG.into_iter().zip([16, 8]) {
        for (width, height) in [(0, 0), (0, 5), (5, 0)] {
            let refused = function(&png_that_claims(width, height, bits), Limits::default());
            assert!(matches!(refused, Err(Error::Damaged(_))), "{name}: {refused:?}");
        }
    }
}

#[test]
fn the_callers_limits_hold_to_the_pixel() {
    let picture = scene(5, 64, 48, Palette::Natural);
    let jpegs = [false, true].map(|progressive| {
        let how = ColourJpeg { quality: 90, sampling: Sampling::Quarter, progressive };
        encode_rgb(&picture, how).expect("a JPEG")
    });
    let enough = Limits { pixels: 64 * 48, ..Limits::default() };
    let short = Limits { pixels: 64 * 48 - 1, ..Limits::default() };
    for jpeg in &jpegs {
        for (name, function) in OF_JPEG {
            assert!(function(jpeg, enough).is_ok(), "{name}");
            let refused = function(jpeg, short).expect_err(name);
            assert!(matches!(refused, Error::TooLarge { limit: 3071, .. }), "{name}: {refused}");
            let bytes = jpeg.len() as u64;
            assert!(function(jpeg, Limits { bytes, ..enough }).is_ok(), "{name}");
            let refused = function(jpeg, Limits { bytes: bytes - 1, ..enough }).expect_err(name);
            assert!(matches!(refused, Error::TooLong { .. }), "{name}: {refused}");
            let refused = function(jpeg, Limits { memory: 4000, ..enough }).expect_err(name);
            assert!(matches!(refused, Error::TooHungry { .. }), "{name}: {refused}");
        }
    }
    let eight = luma(&picture);
    let sixteen = encode_png16(&eight.map(|level| u16::from(level) * 4)).expect("a PNG");
    let eight = encode_png8(&eight).expect("a PNG");
    for ((name, function), png) in OF_PNG.into_iter().zip([sixteen, eight]) {
        assert!(function(&png, enough).is_ok(), "{name}");
        let refused = function(&png, short).expect_err(name);
        assert!(matches!(refused, Error::TooLarge { limit: 3071, .. }), "{name}: {refused}");
        let bytes = png.len() as u64;
        assert!(function(&png, Limits { bytes, ..enough }).is_ok(), "{name}");
        let refused = function(&png, Limits { bytes: bytes - 1, ..enough }).expect_err(name);
        assert!(matches!(refused, Error::TooLong { .. }), "{name}: {refused}");
        let refused = function(&png, Limits { memory: 4000, ..enough }).expect_err(name);
        let Error::TooHungry { needed, limit: 4000 } = refused else {
            panic!("{name}: {refused}");
        };
        assert!(function(&png, Limits { memory: needed, ..enough }).is_ok(), "{name}");
        let refused = function(&png, Limits { memory: needed - 1, ..enough }).expect_err(name);
        assert!(matches!(refused, Error::TooHungry { .. }), "{name}: {refused}");
    }
}

#[test]
fn a_lost_or_exchanged_restart_interval_is_an_error_and_no_shifted_picture() {
    let whole = golden("restarts-420.jpg");
    let is_restart = |at: &usize| whole[*at] == 0xff && matches!(whole[at + 1], 0xd0..=0xd7);
    let restarts: Vec<usize> = (0..whole.len() - 1).filter(is_restart).collect();
    assert!(restarts.len() >= 4, "{restarts:?}");
    let lost = [&whole[..restarts[0]], &whole[restarts[1]..]].concat();
    let twice = [&whole[..restarts[1]], &whole[restarts[0]..]].concat();
    let mut exchanged = whole.clone();
    exchanged[restarts[0] + 1] ^= 1;
    let mut none = whole.clone();
    none.drain(restarts[2]..restarts[2] + 2);
    for (what, jpeg) in
        [("lost", lost), ("twice", twice), ("out of order", exchanged), ("no marker", none)]
    {
        for (name, function) in OF_JPEG {
            let refused = function(&jpeg, Limits::default()).expect_err(what);
            assert!(matches!(refused, Error::Damaged(_)), "{name}, {what}: {refused}");
        }
    }
}

#[test]
fn a_png_that_is_no_plain_grey_is_refused_with_its_kind() {
    let grey = png_that_claims(4, 4, 8);
    for (color_type, bits) in [(2, 8), (2, 16), (3, 1), (3, 8), (4, 8), (6, 16), (0, 1), (0, 4)] {
        let mut png = grey.clone();
        (png[24], png[25]) = (bits, color_type);
        let crc = crc32fast::hash(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        for (name, function) in OF_PNG {
            let refused = function(&png, Limits::default()).expect_err(name).to_string();
            let said = format!("colour type {color_type} with {bits} bits a sample");
            assert!(refused.contains(&said), "{name}: {refused}");
        }
    }
}

#[test]
fn the_orientation_turns_grey_pictures_too_and_a_foreign_block_turns_none() {
    let plane = Plane::new(16, 8, (0..128).map(|at| (at * 2) as u8).collect());
    let jpeg = encode_grey(&plane, 100).expect("a JPEG");
    let exif = |value: u8| {
        let mut body = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        body.extend([value, 0, 0, 0, 0, 0, 0]);
        with_segment(&jpeg, 0xe1, &body)
    };
    for value in 1..=8 {
        let made = greyscale(&exif(value), 100, Limits::default()).expect("a picture");
        let (made, orientation) = decode_grey(&made, Limits::default()).expect("a JPEG");
        let turned = if value >= 5 { (8, 16) } else { (16, 8) };
        assert_eq!((made.width, made.height), turned, "orientation {value}");
        assert_eq!(orientation.value(), 1);
    }
    for value in [0, 9, 255] {
        let made = greyscale(&exif(value), 100, Limits::default()).expect("a picture");
        assert_eq!(Ok(made), greyscale(&jpeg, 100, Limits::default()), "{value} is upright");
    }
}
