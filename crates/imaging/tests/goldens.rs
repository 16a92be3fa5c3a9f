//! The five functions against files that Pillow made (`goldens/make.py` says how).

use std::path::Path;

use photofinish_imaging::{
    Depth, Filter, Limits, Plane, convert, decode_grey, decode_png, depth, greyscale, jpeg_header,
    resample, rotate, upright_grey,
};

fn golden(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn eight_bits(png: &[u8]) -> Plane<u8> {
    match decode_png(png, Limits::default()).expect("a PNG") {
        Depth::Eight(plane) => plane,
        Depth::Sixteen(_) => panic!("16 bits"),
    }
}

/// Largest and mean difference.
fn apart(left: &Plane<u8>, right: &Plane<u8>) -> (u8, f64) {
    assert_eq!((left.width, left.height), (right.width, right.height));
    let differences = left.samples.iter().zip(&right.samples).map(|(a, b)| a.abs_diff(*b));
    let sum: f64 = differences.clone().map(f64::from).sum();
    (differences.max().unwrap_or(0), sum / left.samples.len() as f64)
}

#[test]
fn luma_is_libjpegs_whatever_the_sampling_and_the_order_of_scans() {
    // Decoders may differ where colours are spread over pixels, but not by more than this.
    for (name, most) in [
        ("baseline-444", 2),
        ("progressive-444", 2),
        ("baseline-422", 6),
        ("progressive-422", 6),
        ("baseline-420", 6),
        ("progressive-420", 6),
        ("restarts-420", 6),
        ("optimised-420", 6),
    ] {
        let made = upright_grey(&golden(&format!("{name}.jpg")), Limits::default()).expect(name);
        let (worst, mean) = apart(&made, &eight_bits(&golden(&format!("{name}.png"))));
        assert!(worst <= most && mean <= 0.4, "{name}: {worst} at most, {mean} on average");
    }
}

#[test]
fn every_orientation_comes_out_upright() {
    let upright = eight_bits(&golden("upright.png"));
    for tag in 1..=8 {
        let jpeg = golden(&format!("orientation-{tag}.jpg"));
        assert_eq!(jpeg_header(&jpeg).expect("a JPEG").orientation.value(), tag);
        let grey = greyscale(&jpeg, 98, Limits::default()).expect("a picture");
        let header = jpeg_header(&grey).expect("a JPEG");
        assert_eq!((header.components, header.metadata_bytes), (1, 0));
        let (made, _) = decode_grey(&grey, Limits::default()).expect("a JPEG");
        let (_, mean) = apart(&made, &upright);
        assert!(mean < 2.0, "orientation {tag}: {mean} on average");
    }
}

#[test]
fn each_filter_is_pillows_in_both_directions() {
    let (plane, _) = decode_grey(&golden("grey.jpg"), Limits::default()).expect("a JPEG");
    for (name, filter) in [
        ("lanczos", Filter::Lanczos3),
        ("bicubic", Filter::Cubic),
        ("bilinear", Filter::Triangle),
        ("box", Filter::Box),
    ] {
        for (width, height) in [(41, 31), (62, 46), (120, 100)] {
            let file = format!("{name}-{width}x{height}.png");
            let Depth::Sixteen(stored) =
                decode_png(&golden(&file), Limits::default()).expect("a PNG")
            else {
                panic!("{file} has 16 bits");
            };
            let made = resample(&plane, width, height, filter);
            for (index, (&level, &stored)) in made.samples.iter().zip(&stored.samples).enumerate() {
                let golden = f32::from(stored) / 128.0 - 64.0;
                // The decoders may round a level differently, which lanczos may raise a little.
                assert!(
                    (level - golden).abs() < 1.3,
                    "{file}, sample {index}: {level}, not {golden}"
                );
            }
        }
    }
}

#[test]
fn all_codes_become_their_levels_interlaced_or_not() {
    for name in ["codes.png", "codes-interlaced.png"] {
        let made = depth(&golden(name), Limits::default()).expect(name);
        assert_eq!(eight_bits(&made), eight_bits(&golden("codes-8.png")), "{name}");
    }
}

#[test]
fn the_turn_is_clockwise_and_convert_keeps_the_pixels() {
    let jpeg = rotate(&golden("codes-8.png"), 100, Limits::default()).expect("a picture");
    let png = convert(&jpeg, Limits::default()).expect("a picture");
    let (worst, _) = apart(&eight_bits(&png), &eight_bits(&golden("codes-8-clockwise.png")));
    assert!(worst <= 4, "{worst}");
    let (decoded, _) = decode_grey(&jpeg, Limits::default()).expect("a JPEG");
    assert_eq!(eight_bits(&png), decoded);
    let grey = convert(&golden("grey.jpg"), Limits::default()).expect("a picture");
    let (worst, _) = apart(&eight_bits(&grey), &eight_bits(&golden("grey.png")));
    assert!(worst <= 1, "{worst}");
}
