//! PNGs that Pillow and OpenCV wrote (`goldens/png/make_png.py` says how), and our own read back.

use std::io::Read;
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

/// A chunk with a CRC that is right.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let summed = [kind.as_slice(), data].concat();
    let length = (data.len() as u32).to_be_bytes();
    [&length, summed.as_slice(), &crc32fast::hash(&summed).to_be_bytes()].concat()
}

/// A grey PNG of 8 bits that consists of these chunks after its header.
fn png_of(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = [&width.to_be_bytes(), &height.to_be_bytes(), [8, 0, 0, 0, 0].as_slice()].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunks.concat()].concat()
}

/// Bits as deflate packs them, written as they are read: groups in any order, each from its lowest.
fn packed(bits: &str) -> Vec<u8> {
    let bits: Vec<u8> = bits.bytes().filter(u8::is_ascii_digit).map(|bit| bit - b'0').collect();
    let byte = |eight: &[u8]| eight.iter().rev().fold(0, |byte, bit| byte << 1 | bit);
    bits.chunks(8).map(byte).collect()
}

/// What is said of a picture of 3x2 whose pixels are this zlib stream.
fn said_of(stream: &[u8]) -> String {
    let pixels = [chunk(b"IDAT", stream), chunk(b"IEND", b"")];
    match decode_png(&png_of(3, 2, &pixels), Limits::default()) {
        Ok(picture) => format!("{picture:?}"),
        Err(error) => error.to_string(),
    }
}

const STORED: [u8; 15] = [0x78, 1, 1, 8, 0, 0xf7, 0xff, 0, 10, 20, 30, 2, 1, 2, 3];

#[test]
fn rows_that_are_stored_or_coded_by_the_standards_own_codes_are_read() {
    let picture = Depth::Eight(Plane::new(3, 2, vec![10, 20, 30, 11, 22, 33]));
    let sum = simd_adler32::adler32(&[0, 10, 20, 30, 2, 1, 2, 3].as_slice()).to_be_bytes();
    assert_eq!(said_of(&[&STORED, sum.as_slice()].concat()), format!("{picture:?}"));
    // What stands after the sum is not looked at, as by everyone else.
    assert_eq!(said_of(&[&STORED, sum.as_slice(), b"more"].concat()), format!("{picture:?}"));
    // A zero, then seven more of it: 0011_0000, a length of 7 (0000101), one back (00000), the end.
    let zeros = packed("1 10 00110000 0000101 00000 0000000");
    let sum = [0, 8, 0, 1];
    let flat = Depth::Eight(Plane::new(3, 2, vec![0; 6]));
    assert_eq!(said_of(&[&[0x78, 1], zeros.as_slice(), &sum].concat()), format!("{flat:?}"));
}

#[test]
fn each_way_in_which_pixels_can_be_damaged_is_told_with_its_place() {
    let stream = |bits: &str| [&[0x78, 1], packed(bits).as_slice(), &[0; 8]].concat();
    let stored = |at: usize, byte: u8| {
        let mut stream = [&STORED, [0, 0, 0, 0].as_slice()].concat();
        stream[at] = byte;
        stream
    };
    for (stream, flaw, at) in [
        (vec![], "its compressed pixels end too early", 0),
        (vec![0x78], "its compressed pixels end too early", 0),
        (stored(0, 0x79), "its compressed pixels do not begin as those of a PNG do", 0),
        (stored(1, 0x20), "its compressed pixels do not begin as those of a PNG do", 0),
        (stored(2, 7), "its compressed pixels have a block of an unknown kind", 0),
        (stored(5, 0xf6), "its compressed pixels have a block of an unknown kind", 0),
        (STORED[..14].to_vec(), "its compressed pixels end too early", 0),
        (STORED.to_vec(), "its compressed pixels end too early", 8),
        (stored(18, 1), "its pixels are not those that their sum was taken of", 8),
        // A byte, then a length of 3, five back.
        (
            stream("1 10 00110000 0000001 00100 0 0000000"),
            "its compressed pixels repeat what was before their beginning",
            1,
        ),
        // The length that has no meaning, and the distance.
        (stream("1 10 11000110"), "its compressed pixels have bits that stand for nothing", 0),
        (
            stream("1 10 00110000 0000001 11110"),
            "its compressed pixels have bits that stand for nothing",
            1,
        ),
        (stream("1 10 00110000 0000000"), "its pixels are fewer than its header says", 1),
        (
            stream("1 10 00110000 0001000 00000 0000000"),
            "its pixels are more than its header says",
            8,
        ),
        // 257 codes and one of a distance, told in a code of which there is only half.
        (
            stream("1 01 00000 00000 0000 100 000"),
            "its compressed pixels have a code that cannot be",
            0,
        ),
    ] {
        let expected = format!("is truncated or damaged: {flaw}, after {at} of 8 bytes");
        assert_eq!(said_of(&stream), expected, "{stream:x?}");
    }
    let filter = [&STORED[..11], &[5, 1, 2, 3]].concat();
    let sum = simd_adler32::adler32(&&filter[7..]).to_be_bytes();
    let said = said_of(&[filter.as_slice(), &sum].concat());
    assert_eq!(said, "is truncated or damaged: row 1 has a filter of type 5");
}

#[test]
fn chunks_that_may_not_stand_where_they_do_are_told_by_name() {
    let sum = simd_adler32::adler32(&[0, 10, 20, 30, 2, 1, 2, 3].as_slice()).to_be_bytes();
    let whole = [&STORED, sum.as_slice()].concat();
    let (head, tail) = (chunk(b"IDAT", &whole[..9]), chunk(b"IDAT", &whole[9..]));
    let end = chunk(b"IEND", b"");
    let said = |chunks: &[Vec<u8>]| match decode_png(&png_of(3, 2, chunks), Limits::default()) {
        Ok(_) => "a picture".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(said(&[head.clone(), tail.clone(), end.clone()]), "a picture");
    assert_eq!(
        said(&[chunk(b"teXt", b"a\0b"), head.clone(), tail.clone(), end.clone()]),
        "a picture"
    );
    let torn = [head.clone(), chunk(b"teXt", b""), tail.clone(), end.clone()];
    assert_eq!(said(&torn), "is truncated or damaged: its pixels are torn apart before IDAT");
    assert_eq!(
        said(std::slice::from_ref(&end)),
        "is truncated or damaged: no pixels come before IEND"
    );
    let unknown = [chunk(b"TEXT", b""), head.clone(), tail.clone(), end.clone()];
    assert_eq!(
        said(&unknown),
        "is truncated or damaged: it has an unknown chunk that matters, TEXT"
    );
    let full = [head.clone(), tail.clone(), chunk(b"IEND", b"!")];
    assert_eq!(said(&full), "is truncated or damaged: there is something in IEND");
    let moving = [chunk(b"fcTL", b""), head, tail, end];
    assert_eq!(said(&moving), "is an animated PNG, and 8-bit or 16-bit greyscale PNG is asked for");
}

#[test]
fn whatever_the_png_crate_writes_is_read_as_it_was_by_every_compression_and_filter() {
    use png::{Compression, Filter};
    let pictures: [fn(usize, usize) -> u8; 4] = [
        |_, _| 7,
        |x, y| (x / 9 * 40 + y / 5 * 3) as u8,
        |x, y| (x * 3 + y * 2 + ((x * y * 2_654_435_761) >> 7) % 12) as u8,
        |x, y| (x.wrapping_mul(y + 7).wrapping_mul(2_654_435_761) >> 9) as u8,
    ];
    let filters =
        [Filter::NoFilter, Filter::Sub, Filter::Up, Filter::Avg, Filter::Paeth, Filter::Adaptive];
    let compressions = [
        Compression::NoCompression,
        Compression::Fastest,
        Compression::Fast,
        Compression::Balanced,
        Compression::High,
    ];
    for (width, height) in [(1, 1), (2, 9), (5, 3), (61, 17), (211, 140)] {
        for level in pictures {
            for (each, filter, compression) in filters.iter().flat_map(|&filter| {
                compressions.iter().flat_map(move |&of| [(1, filter, of), (2, filter, of)])
            }) {
                let samples: Vec<u8> =
                    (0..width * each * height).map(|at| level(at % width, at / width)).collect();
                let mut file = Vec::new();
                let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
                encoder.set_color(png::ColorType::Grayscale);
                encoder.set_depth(if each == 1 {
                    png::BitDepth::Eight
                } else {
                    png::BitDepth::Sixteen
                });
                encoder.set_compression(compression);
                encoder.set_filter(filter);
                let mut writer = encoder.write_header().expect("a header");
                writer.write_image_data(&samples).expect("a picture");
                writer.finish().expect("an end");
                let read = match decode_png(&file, Limits::default()).expect("a PNG") {
                    Depth::Eight(plane) => plane.samples,
                    Depth::Sixteen(plane) => {
                        plane.samples.iter().flat_map(|sample| sample.to_be_bytes()).collect()
                    }
                };
                assert_eq!(read, samples, "{width}x{height}, {each}, {filter:?}, {compression:?}");
            }
        }
    }
}

/// The samples as the `png` crate has them, if it takes the picture to its end.
fn by_the_crate(file: &[u8]) -> Option<Vec<u8>> {
    let mut options = png::DecodeOptions::default();
    options.set_ignore_adler32(false);
    let file = std::io::Cursor::new(file);
    let mut reader = png::Decoder::new_with_options(file, options).read_info().ok()?;
    let mut samples = vec![0; reader.output_buffer_size()?];
    reader.next_frame(&mut samples).ok()?;
    reader.finish().ok()?;
    Some(samples)
}

#[test]
fn compressed_pixels_changed_anywhere_are_taken_only_if_the_png_crate_takes_them_too() {
    let noise = |x: usize, y: usize| (x.wrapping_mul(y + 3).wrapping_mul(2_654_435_761) >> 9) as u8;
    let plane = picture(23, 19, |x, y| (x * 5 + y * 3) as u8 + noise(x, y) % 6);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut taken, mut refused) = (0, 0);
    for compression in [png::Compression::Fast, png::Compression::Balanced] {
        let mut stream = Vec::new();
        let mut encoder = png::Encoder::new(&mut stream, 23, 19);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(compression);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&plane.samples).expect("a picture");
        writer.finish().expect("an end");
        let start = stream.windows(4).position(|kind| kind == b"IDAT").expect("pixels") + 4;
        let stream = &stream[start..stream.len() - 16];
        for _ in 0..4000 {
            let mut changed = stream.to_vec();
            for _ in 0..=random(3) {
                let at = random(changed.len() - 4);
                changed[at] ^= 1 << random(8);
            }
            // Its sum is made to fit what it holds, if it holds as much as it should.
            let file =
                |stream: &[u8]| png_of(23, 19, &[chunk(b"IDAT", stream), chunk(b"IEND", b"")]);
            let rows = rows_of(&changed, 24 * 19);
            if let Some(rows) = &rows {
                let end = changed.len() - 4;
                changed[end..]
                    .copy_from_slice(&simd_adler32::adler32(&rows.as_slice()).to_be_bytes());
            }
            match (decode_png(&file(&changed), Limits::default()), by_the_crate(&file(&changed))) {
                (Ok(Depth::Eight(ours)), Some(theirs)) => {
                    assert_eq!(ours.samples, theirs);
                    taken += 1;
                }
                (Err(Error::Damaged(_)), None) => refused += 1,
                // The crate takes a picture once it is whole, whatever comes after.
                (Err(Error::Damaged(_)), Some(_)) if rows.is_none() => refused += 1,
                (ours, theirs) => panic!("{ours:?}, {:?}: {changed:x?}", theirs.is_some()),
            }
        }
    }
    assert!(taken > 500 && refused > 500, "{taken} taken, {refused} refused");
}

/// The rows that a zlib stream holds, by another inflater and without a look at their sum.
fn rows_of(stream: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut rows = Vec::new();
    let mut inflater = flate2::read::DeflateDecoder::new(&stream[2..]);
    inflater.by_ref().take(size as u64 + 1).read_to_end(&mut rows).ok()?;
    let whole = rows.len() == size && inflater.total_in() as usize == stream.len() - 6;
    whole.then_some(rows)
}
