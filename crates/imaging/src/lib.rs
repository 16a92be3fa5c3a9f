//! The five functions of the image pipeline, bytes to bytes, and the comparison of pictures.
//!
//! It is the reference that every other implementation is compared with. It knows nothing of
//! files, of anything asynchronous, or of the other crates.

mod error;
mod jpeg;
mod limits;
pub mod metric;
mod orientation;
mod plane;
mod png_file;
pub mod reference;
mod resample;
mod scaling;
mod scene;
mod steps;

pub use error::Error;
#[cfg(feature = "fixtures")]
pub use jpeg::{ColourJpeg, Sampling, encode_rgb};
pub use jpeg::{
    JpegHeader, Scale, decode_grey, decode_grey_scaled, decode_rgb, encode_grey, jpeg_header,
    luma_jpeg,
};
pub use limits::Limits;
pub use orientation::Orientation;
pub use plane::{Plane, Rgb};
pub use png_file::{Depth, PngHeader, decode_png, encode_png8, encode_png16, png_header};
pub use reference::{luma, ten_bits, to_eight_bits, upright_grey};
pub use resample::{Filter, resample, resample_float};
pub use scene::{Palette, all_codes, scene};
pub use steps::{all_five, convert, depth, greyscale, resize, rotate};
