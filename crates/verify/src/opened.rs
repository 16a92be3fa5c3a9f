//! Any picture that a function may have written, whatever it was asked for.

use photofinish_imaging::{
    Depth, Error, Limits, Plane, decode_grey, decode_png, decode_rgb, jpeg_header, luma, png_header,
};
use png::{BitDepth, ColorType, Transformations};

use crate::expected::Levels;
use crate::judge::media_type;

/// The samples of a picture, its colours turned to grey.
pub(crate) enum Opened {
    /// Of 8 bits or fewer, as levels of 8.
    Levels(Levels),
    /// Of 16 bits, which may carry 10.
    Codes(Plane<u16>),
}

impl Opened {
    /// What a JPEG or PNG holds.
    pub(crate) fn read(bytes: &[u8], limits: Limits) -> Result<Self, Error> {
        if media_type(bytes) == "image/jpeg" {
            return Ok(Self::Levels(if jpeg_header(bytes)?.components == 1 {
                decode_grey(bytes, limits)?.0.map(f32::from)
            } else {
                luma(&decode_rgb(bytes, limits)?.0).map(f32::from)
            }));
        }
        let header = png_header(bytes)?;
        if header.color_type != 0 || !matches!(header.bit_depth, 8 | 16) {
            return Ok(Self::Levels(other_png(bytes, limits)?));
        }
        Ok(match decode_png(bytes, limits)? {
            Depth::Eight(plane) => Self::Levels(plane.map(f32::from)),
            Depth::Sixteen(codes) => Self::Codes(codes),
        })
    }

    /// Levels of 8 bits; samples of 16 bits carry 10, and a filter's overshoot counts as white.
    pub(crate) fn levels(self) -> Levels {
        match self {
            Self::Levels(levels) => levels,
            Self::Codes(codes) => codes.map(level_of_code),
        }
    }

    /// Levels of 8 bits; samples of 16 bits are taken to use them all.
    pub(crate) fn full_scale(self) -> Levels {
        match self {
            Self::Levels(levels) => levels,
            Self::Codes(codes) => codes.map(|code| f32::from(code) / 257.0),
        }
    }
}

/// The level of 8 bits that a code of 10 stands for.
pub(crate) fn level_of_code(code: u16) -> f32 {
    f32::from(code.min(1023)) * (255.0 / 1023.0)
}

/// A PNG in colour, with alpha, of a palette, or of fewer than 8 bits.
fn other_png(bytes: &[u8], limits: Limits) -> Result<Levels, Error> {
    let header = png_header(bytes)?;
    let (width, height) = (u64::from(header.width), u64::from(header.height));
    limits.check(width, height)?;
    let damaged = |error: png::DecodingError| Error::Damaged(error.to_string());
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (color, depth) = reader.output_color_type();
    let size = reader.output_buffer_size().ok_or_else(|| Error::Damaged("no size".to_owned()))?;
    limits.check_memory((size as u64).saturating_add(4 * width * height))?;
    let mut samples = vec![0; size];
    reader.next_frame(&mut samples).map_err(damaged)?;
    // The high byte of a sample of 16 bits is near enough for a picture that is wrong anyway.
    let step = if depth == BitDepth::Sixteen { 2 } else { 1 };
    let channels = color.samples();
    let levels = samples.chunks_exact(channels * step).map(|pixel| match color {
        ColorType::Rgb | ColorType::Rgba => {
            let [r, g, b] = [0, 1, 2].map(|channel| f32::from(pixel[channel * step]));
            0.299 * r + 0.587 * g + 0.114 * b
        }
        _ => f32::from(pixel[0]),
    });
    Ok(Plane::new(header.width as usize, header.height as usize, levels.collect()))
}
