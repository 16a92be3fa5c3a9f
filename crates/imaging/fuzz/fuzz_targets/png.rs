//! Any bytes as a PNG: an answer or a typed error; what is accepted is the `png` crate's picture
//! sample for sample, and what the functions make of it can be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use photofinish_imaging::{
    Depth, Limits, decode_grey, decode_png, depth, png_header, rotate, to_eight_bits,
};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { pixels: 250_000, memory: 16 << 20, ..Limits::default() };
    let decoded = decode_png(bytes, limits);
    let (mapped, turned) = (depth(bytes, limits), rotate(bytes, 95, limits));
    match decoded {
        Err(_) => assert!(mapped.is_err() && turned.is_err(), "refused, and used all the same"),
        Ok(Depth::Eight(plane)) => {
            png_header(bytes).expect("what is decoded has a header");
            assert!(mapped.is_err(), "8 bits have no depth map");
            assert_eq!(oracle(bytes), plane.samples);
            // JPEG holds no more than 65,535 pixels on a side.
            if plane.width.max(plane.height) > 65_535 {
                assert!(turned.is_err());
                return;
            }
            let (jpeg, _) = decode_grey(&turned.expect("a turn"), limits).expect("a JPEG");
            assert_eq!((jpeg.width, jpeg.height), (plane.height, plane.width));
        }
        Ok(Depth::Sixteen(plane)) => {
            assert!(turned.is_err(), "16 bits are not turned");
            let wide: Vec<u8> = plane.samples.iter().flat_map(|code| code.to_be_bytes()).collect();
            assert_eq!(oracle(bytes), wide);
            let mapped = decode_png(&mapped.expect("a depth map"), limits).expect("a PNG");
            assert_eq!(mapped, Depth::Eight(to_eight_bits(&plane)));
        }
    }
});

/// The samples as the `png` crate has them.
fn oracle(bytes: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
    let mut samples = vec![0; reader.output_buffer_size().expect("a size")];
    reader.next_frame(&mut samples).expect("a picture");
    samples
}
