//! Any bytes as an EXIF block: an orientation of 1 to 8, the same inside a JPEG as alone, and a
//! picture of which every pixel is kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use photofinish_imaging::{Limits, Orientation, Plane, decode_grey, encode_grey, jpeg_header};

fuzz_target!(|block: &[u8]| {
    let alone = Orientation::of_exif(block);
    assert!((1..=8).contains(&alone.value()));
    let plane = Plane::new(3, 2, vec![1_u8, 2, 3, 4, 5, 6]);
    let upright = alone.upright(plane.clone());
    let turned = alone.value() >= 5;
    assert_eq!((upright.width, upright.height), if turned { (2, 3) } else { (3, 2) });
    let mut kept = upright.samples;
    kept.sort_unstable();
    assert_eq!(kept, plane.samples);

    let whole = [b"Exif\0\0", block].concat();
    assert_eq!(Orientation::of_exif(&whole).value(), alone.value());
    let Ok(length) = u16::try_from(whole.len() + 2) else { return };
    let jpeg = encode_grey(&plane, 90).expect("a JPEG");
    let (start, rest) = jpeg.split_at(2);
    let with = [start, &[0xff, 0xe1], &length.to_be_bytes(), &whole, rest].concat();
    assert_eq!(jpeg_header(&with).expect("a header").orientation, alone);
    let (_, found) = decode_grey(&with, Limits::default()).expect("a picture");
    assert_eq!(found, alone);
});
