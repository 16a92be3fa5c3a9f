//! Any bytes as the compressed pixels of a PNG, whose CRCs are right and whose sum over the pixels is
//! mended, so that a fuzzer gets beyond them: our own reader and the `png` crate take the same
//! pictures, and make the same of them.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use photofinish_imaging::{Depth, Error, Limits, decode_png};

fuzz_target!(|bytes: &[u8]| {
    let Some((&[width, height, how], stream)) = bytes.split_first_chunk() else { return };
    let (width, height) = (u32::from(width) + 1, u32::from(height) + 1);
    let bits = if how & 1 == 0 { 8 } else { 16 };
    let size = ((width * bits / 8 + 1) * height) as usize;
    let (stream, whole) = mended(&[&[0x78, 1], stream].concat(), size);
    // Into pieces, at a place that the bytes choose.
    let (first, second) = stream.split_at(stream.len() * usize::from(how >> 1) / 128);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(&mut file, b"IHDR", &[&sides, [bits as u8, 0, 0, 0, 0].as_slice()].concat());
    chunk(&mut file, b"IDAT", first);
    chunk(&mut file, b"IDAT", second);
    chunk(&mut file, b"IEND", b"");

    let decoded = decode_png(&file, Limits::default()).map(|picture| match picture {
        Depth::Eight(plane) => plane.samples,
        Depth::Sixteen(plane) => {
            plane.samples.iter().flat_map(|sample| sample.to_be_bytes()).collect()
        }
    });
    match (decoded, oracle(&file)) {
        (Ok(ours), Some(theirs)) => assert_eq!(ours, theirs),
        (Ok(_), None) => panic!("the crate refuses it"),
        (Err(Error::Damaged(_)), None) => {}
        // The crate does not ask for what comes after the last pixel.
        (Err(Error::Damaged(reason)), Some(_)) => assert!(!whole, "the crate takes it: {reason}"),
        (Err(other), _) => panic!("{other}"),
    }
});

/// The stream with the sum of what it holds after it, and whether it holds exactly so much.
fn mended(stream: &[u8], size: usize) -> (Vec<u8>, bool) {
    let mut rows = Vec::new();
    let mut inflater = flate2::read::DeflateDecoder::new(&stream[2..]);
    let read = inflater.by_ref().take(size as u64 + 1).read_to_end(&mut rows);
    // One read more goes on to the end of what holds no more bytes.
    let more = inflater.read(&mut [0]).unwrap_or(1);
    if read.is_err() || more > 0 {
        return (stream.to_vec(), false);
    }
    let body = &stream[..2 + inflater.total_in() as usize];
    let sum = simd_adler32::adler32(&rows.as_slice()).to_be_bytes();
    ([body, &sum].concat(), rows.len() == size)
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let summed = [kind.as_slice(), data].concat();
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(&summed);
    file.extend(crc32fast::hash(&summed).to_be_bytes());
}

/// The samples as the `png` crate has them, if it takes the picture to its end.
fn oracle(file: &[u8]) -> Option<Vec<u8>> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().ok()?;
    let mut samples = vec![0; reader.output_buffer_size()?];
    reader.next_frame(&mut samples).ok()?;
    reader.finish().ok()?;
    Some(samples)
}
