//! JPEG in and out.

mod bits;
mod decode;
mod encode;
mod entropy;
mod markers;

pub use decode::{decode_grey, decode_rgb};
pub use encode::{ColourJpeg, Sampling, encode_grey, encode_rgb};
pub use markers::{JpegHeader, jpeg_header};
