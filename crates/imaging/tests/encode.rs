//! The encoder against JPEGs that Pillow wrote (`goldens/encode/make_encode.py` says how).

use std::path::{Path, PathBuf};

use photofinish_imaging::{
    Depth, Error, Limits, Palette, Plane, decode_grey, decode_png, encode_grey, luma, scene,
};

/// Name, quality and picture of every golden pair, and what Pillow wrote of it.
fn pairs() -> Vec<(String, u8, Plane<u8>, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/encode");
    let files = std::fs::read_dir(&folder).expect("the goldens' folder");
    let pictures: Vec<PathBuf> = files
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "png"))
        .collect();
    let read = |path: &Path| std::fs::read(path).expect("a golden file");
    pictures
        .iter()
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let quality = name.rsplit_once("-q").expect("a quality").1.parse().expect("a number");
            let png = decode_png(&read(path), Limits::default()).expect("a PNG");
            let Depth::Eight(plane) = png else { panic!("{name} has 8 bits") };
            (name, quality, plane, read(&path.with_extension("jpg")))
        })
        .collect()
}

#[test]
fn every_byte_is_the_one_that_pillow_writes() {
    let pairs = pairs();
    assert_eq!(pairs.len(), 15);
    for (name, quality, plane, golden) in pairs {
        let made = encode_grey(&plane, quality).expect("a JPEG");
        let differs = made.iter().zip(&golden).position(|(one, other)| one != other);
        assert_eq!(differs, None, "{name}: {} and {} bytes", made.len(), golden.len());
        assert_eq!(made.len(), golden.len(), "{name}");
    }
}

#[test]
fn what_is_written_is_read_as_nearly_the_same_picture_at_every_size() {
    let wide = luma(&scene(5, 150, 150, Palette::Natural));
    for width in 1..=18 {
        for height in [1, 7, 8, 9, 16, 150] {
            for width in [width, width + 60, width + 130] {
                let plane = wide.rearranged(width, height, |x, y| (x, y));
                let jpeg = encode_grey(&plane, 98).expect("a JPEG");
                let (read, _) = decode_grey(&jpeg, Limits::default()).expect("a whole JPEG");
                assert_eq!((read.width, read.height), (width, height));
                let pairs = read.samples.iter().zip(&plane.samples);
                let worst = pairs.map(|(one, other)| one.abs_diff(*other)).max();
                assert!(worst <= Some(6), "{width}x{height}: {worst:?}");
            }
        }
    }
}

#[test]
fn a_quality_beyond_the_scale_is_its_end_and_a_picture_without_pixels_is_refused() {
    let plane = Plane::new(2, 1, vec![3, 4]);
    assert_eq!(encode_grey(&plane, 0), encode_grey(&plane, 1));
    assert_eq!(encode_grey(&plane, 255), encode_grey(&plane, 100));
    for (width, height) in [(0, 4), (4, 0)] {
        let refused = encode_grey(&Plane::new(width, height, vec![]), 95).expect_err("no pixels");
        assert_eq!(refused.to_string(), "cannot be encoded: it has no pixels");
    }
    let long = Plane::new(65_536, 1, vec![0; 65_536]);
    assert!(matches!(encode_grey(&long, 95), Err(Error::Encode(_))));
}
