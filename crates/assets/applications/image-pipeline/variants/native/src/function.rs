//! The five functions, by the reference crate's fast ones.

use photofinish_imaging::{self as imaging, Limits, jpeg_header};

use crate::failure::Failure;

const QUALITY: u8 = 95;
const SIZE: (usize, usize) = (800, 600);

/// Which of the five this sandbox is.
#[derive(Clone, Copy)]
pub enum Function {
    Greyscale,
    Resize,
    Depth,
    Rotate,
    Convert,
}

/// A picture as it goes back to S3.
pub struct Output {
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
}

impl Function {
    /// The one that the handler names.
    pub fn from_environment() -> Result<Self, Failure> {
        let handler = std::env::var("_HANDLER").unwrap_or_default();
        match handler.as_str() {
            "greyscale" => Ok(Self::Greyscale),
            "resize" => Ok(Self::Resize),
            "depth" => Ok(Self::Depth),
            "rotate" => Ok(Self::Rotate),
            "convert" => Ok(Self::Convert),
            _ => Err(Failure::Handler(handler)),
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Greyscale | Self::Rotate => "image/jpeg",
            Self::Resize | Self::Depth | Self::Convert => "image/png",
        }
    }

    pub fn apply(self, input: &[u8]) -> Result<Output, imaging::Error> {
        let limits = Limits::default();
        match self {
            Self::Greyscale => jpeg(imaging::greyscale(input, QUALITY, limits)?),
            Self::Rotate => jpeg(imaging::rotate(input, QUALITY, limits)?),
            Self::Resize => png(imaging::resize(input, SIZE.0, SIZE.1, limits)?),
            Self::Depth => png(imaging::depth(input, limits)?),
            Self::Convert => png(imaging::convert(input, limits)?),
        }
    }
}

fn jpeg(bytes: Vec<u8>) -> Result<Output, imaging::Error> {
    let header = jpeg_header(&bytes)?;
    let side = |pixels: usize| {
        u32::try_from(pixels).map_err(|_| imaging::Error::Encode(format!("{pixels} pixels")))
    };
    Ok(Output { width: side(header.width)?, height: side(header.height)?, bytes })
}

/// The size stands at a fixed place; `png_header` would check our own picture's every CRC for it.
fn png(bytes: Vec<u8>) -> Result<Output, imaging::Error> {
    let side = |at: usize| bytes.get(at..)?.first_chunk().map(|side| u32::from_be_bytes(*side));
    let (Some(width), Some(height)) = (side(16), side(20)) else {
        return Err(imaging::Error::Encode("the PNG has no header".to_owned()));
    };
    Ok(Output { width, height, bytes })
}
