//! JPEG in and out.

mod bits;
mod colour;
mod decode;
mod encode;
mod frame;
mod huffman;
mod idct;
mod markers;
mod progressive;
mod scans;
mod sequential;

pub use decode::{Scale, decode_grey, decode_grey_scaled, decode_rgb};
pub use encode::{ColourJpeg, Sampling, encode_grey, encode_rgb};
pub use markers::{JpegHeader, jpeg_header};
