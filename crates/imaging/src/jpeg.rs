//! JPEG in and out.

mod bit_writer;
mod bits;
mod clipping;
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
mod transcode;

pub use decode::{Scale, decode_grey, decode_grey_scaled, decode_rgb};
pub(crate) use decode::{grey, scaled, suited};
pub use encode::encode_grey;
#[cfg(feature = "fixtures")]
pub use encode::{ColourJpeg, Sampling, encode_rgb};
pub(crate) use idct::PARTS;
pub use markers::{JpegHeader, jpeg_header};
pub use transcode::luma_jpeg;
