//! PNGs that Pillow and OpenCV wrote (`goldens/png/make_png.py` says how), and our own read back.

use std::path::Path;

use photofinish_imaging::{
    Depth, Error, Limits, Plane, decode_png, depth, encode_png8, encode_png16, png_header, rotate,
};

fn golden(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/png").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The picture that all of them hold, by the formulas of `make_png.py`.
fn picture<T: Copy>(width: usize, height: usize, level: impl Fn(usize, usize) -> T) -> Plane<T> {
    let samples = (0..width * height).map(|at| level(at % width, at / width)).collect();
    Plane::new(width, height, samples)
}

#[test]
fn every_writer_and_every_order_of_rows_gives_the_same_picture() {
    for (width, height) in [(33, 19), (3, 2), (1, 1)] {
        let eight = picture(width, height, |x, y| ((x * 7 + y * 29) % 256) as u8);
        let sixteen = picture(width, height, |x, y| ((x * 37 + y * 101) % 1024) as u16);
        for writer in ["interlaced", "pillow", "opencv"] {
            for (bits, expected) in
                [(8, Depth::Eight(eight.clone())), (16, Depth::Sixteen(sixteen.clone()))]
            {
                let name = format!("{writer}-{bits}-{width}x{height}.png");
                let file = golden(&name);
                let header = png_header(&file).expect(&name);
                assert_eq!(header.interlaced, writer == "interlaced", "{name}");
                assert_eq!(decode_png(&file, Limits::default()), Ok(expected), "{name}");
            }
        }
    }
}

#[test]
fn a_png_that_moves_is_refused_by_name() {
    let file = golden("animated.png");
    assert!(png_header(&file).expect("whole").animated);
    let found = "an animated PNG".to_owned();
    let refused = Error::Unsuited { found, expected: "8-bit or 16-bit greyscale PNG" };
    assert_eq!(decode_png(&file, Limits::default()), Err(refused.clone()));
    assert_eq!(rotate(&file, 95, Limits::default()), Err(refused.clone()));
    assert_eq!(depth(&file, Limits::default()), Err(refused));
}

#[test]
fn what_is_written_is_read_as_it_was_at_every_size() {
    // The last two are compressed in more than one block, one of them a row at a time.
    for (width, height) in [(1, 1), (1, 9), (9, 1), (64, 3), (65, 33), (611, 701), (130_001, 3)] {
        let eight = picture(width, height, |x, y| (x * x * 31 + y * 77) as u8);
        let file = encode_png8(&eight).expect("a PNG");
        assert_eq!(decode_png(&file, Limits::default()), Ok(Depth::Eight(eight)));
        let sixteen = picture(width, height, |x, y| (x * x * 3001 + y * 777) as u16);
        let file = encode_png16(&sixteen).expect("a PNG");
        assert_eq!(decode_png(&file, Limits::default()), Ok(Depth::Sixteen(sixteen)));
    }
}

#[test]
fn a_picture_without_pixels_is_not_written() {
    for (width, height) in [(0, 0), (0, 4), (4, 0)] {
        let error = Error::Encode("it has no pixels".to_owned());
        assert_eq!(encode_png8(&picture(width, height, |_, _| 0)), Err(error.clone()));
        assert_eq!(encode_png16(&picture(width, height, |_, _| 0)), Err(error));
    }
}

#[test]
fn what_is_flat_takes_hardly_any_room_wherever_its_edges_are() {
    let exact = |plane: Plane<u8>, most: usize| {
        let file = encode_png8(&plane).expect("a PNG");
        assert!(file.len() <= most, "{} bytes", file.len());
        assert_eq!(decode_png(&file, Limits::default()), Ok(Depth::Eight(plane)));
    };
    // Four bytes a row: each row begins with its guess, which ends what repeats.
    exact(picture(800, 600, |_, _| 0), 2600);
    exact(picture(800, 600, |_, _| 255), 2600);
    // Every length of what repeats, up to more than one symbol can tell.
    for edge in 1..600 {
        exact(picture(600, 3, |x, y| if y == 0 && x == edge { 200 } else { 7 }), 140);
    }
    // Levels one of which is far more frequent than the next, and so on.
    exact(picture(640, 640, |x, y| (640 * y + x + 1).trailing_zeros() as u8 * 11), 150_000);
}

#[test]
fn noise_takes_little_more_room_than_it_has_and_blocks_keep_to_their_own_codes() {
    let mut state = 1_u32;
    let mut noise = |most: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) % most) as u8
    };
    // Eight bits of noise, then two: each half has its own blocks.
    let samples: Vec<u8> =
        (0..1024 * 768).map(|at| noise(if at < 512 * 768 { 256 } else { 4 })).collect();
    let plane = Plane::new(1024, 768, samples);
    let file = encode_png8(&plane).expect("a PNG");
    let (noisy, quiet) = (512 * 768, 512 * 768 * 3 / 8);
    assert!(file.len() < noisy + noisy / 100 + quiet, "{} bytes", file.len());
    assert_eq!(decode_png(&file, Limits::default()), Ok(Depth::Eight(plane)));
}

#[test]
fn pixels_that_are_not_those_that_were_summed_are_an_error_though_every_chunk_is_whole() {
    // The sum is the last four bytes of the pixels; the chunk's CRC is made to fit.
    let plane = picture(20, 10, |x, y| (x * y) as u8);
    let mut file = encode_png8(&plane).expect("a PNG");
    let start = file.windows(4).position(|kind| kind == b"IDAT").expect("pixels");
    let end = file.len() - 12 - 4;
    file[end - 1] ^= 1;
    let crc = crc32fast::hash(&file[start..end]);
    file[end..end + 4].copy_from_slice(&crc.to_be_bytes());
    assert!(png_header(&file).is_ok());
    let refused = decode_png(&file, Limits::default()).expect_err("damaged");
    assert!(matches!(refused, Error::Damaged(_)), "{refused}");
}
