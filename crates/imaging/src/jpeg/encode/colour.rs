//! Pixels as a colour JPEG, of which fixtures are made.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::size;
use crate::error::Error;
use crate::plane::Rgb;

/// How many pixels share a colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sampling {
    /// Each has its own.
    #[default]
    Full,
    /// Two in a row: 4:2:2.
    Half,
    /// A square of four: 4:2:0.
    Quarter,
}

/// How a colour JPEG is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColourJpeg {
    /// 1 to 100.
    pub quality: u8,
    /// How many pixels share a colour.
    pub sampling: Sampling,
    /// In scans of rising quality.
    pub progressive: bool,
}

/// A JPEG of three components, as cameras write them.
pub fn encode_rgb(picture: &Rgb, how: ColourJpeg) -> Result<Vec<u8>, Error> {
    let (width, height) = size(picture.width, picture.height)?;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, how.quality);
    encoder.set_sampling_factor(match how.sampling {
        Sampling::Full => SamplingFactor::F_1_1,
        Sampling::Half => SamplingFactor::F_2_1,
        Sampling::Quarter => SamplingFactor::F_2_2,
    });
    encoder.set_progressive(how.progressive);
    encoder
        .encode(&picture.samples, width, height, ColorType::Rgb)
        .map_err(|error| Error::Encode(error.to_string()))?;
    Ok(bytes)
}
