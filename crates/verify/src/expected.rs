//! What the reference has for one input, before it is encoded.

use std::sync::{Arc, OnceLock};

use photofinish_imaging::{
    Depth, Error, Filter, Limits, Plane, decode_grey, decode_png, encode_grey, ten_bits,
    to_eight_bits, upright_grey,
};

use crate::contract::{Rule, Step};
use crate::opened::level_of_code;
use crate::pixels::nearness;

/// A picture as it is compared: levels of 8 bits, whatever it was stored in.
pub(crate) type Levels = Plane<f32>;

/// What the reference has before it is encoded.
pub(crate) struct Expected {
    /// The picture that is asked for.
    pub(crate) picture: Levels,
    /// For resize: what other antialiasing filters give.
    pub(crate) filters: Vec<Levels>,
    /// The input, as a mistaken function has it.
    pub(crate) given: Given,
    /// How near the picture's own JPEG of quality 88 is, once somebody has asked.
    quality_88: OnceLock<Option<f64>>,
}

/// The input as a mistaken function has it.
pub(crate) enum Given {
    /// A JPEG that may have colours; decoded once more only if a mistake is to be named.
    Jpeg(Arc<[u8]>),
    /// One component.
    Grey(Levels),
    /// Codes of 10 bits.
    Codes(Plane<u16>),
}

impl Expected {
    pub(crate) fn of(rule: &Rule, input: &Arc<[u8]>, limits: Limits) -> Result<Self, Error> {
        let none = Vec::new();
        let (picture, filters, given) = match rule.step {
            Step::Greyscale => {
                let picture = upright_grey(input, limits)?.map(f32::from);
                (picture, none, Given::Jpeg(Arc::clone(input)))
            }
            Step::Resize => {
                let (plane, _) = decode_grey(input, limits)?;
                let (width, height) = rule.size.unwrap_or((800, 600));
                let by = |&filter| ten_bits(&plane, width, height, filter).map(level_of_code);
                let filters: Vec<Levels> =
                    Filter::suited(&plane, width, height).iter().map(by).collect();
                let given = Given::Grey(plane.map(f32::from));
                (filters[0].clone(), filters, given)
            }
            Step::Depth => {
                let Depth::Sixteen(codes) = decode_png(input, limits)? else {
                    let found = "an 8-bit PNG".to_owned();
                    return Err(Error::Unsuited { found, expected: "16-bit greyscale PNG" });
                };
                let picture = to_eight_bits(&codes).map(f32::from);
                (picture, none, Given::Codes(codes))
            }
            Step::Rotate => {
                let Depth::Eight(plane) = decode_png(input, limits)? else {
                    let found = "a 16-bit PNG".to_owned();
                    return Err(Error::Unsuited { found, expected: "8-bit greyscale PNG" });
                };
                let plane = plane.map(f32::from);
                let picture = plane.clockwise();
                (picture, none, Given::Grey(plane))
            }
            Step::Convert => {
                let plane = decode_grey(input, limits)?.0.map(f32::from);
                (plane.clone(), none, Given::Grey(plane))
            }
        };
        Ok(Self { picture, filters, given, quality_88: OnceLock::new() })
    }

    /// How near the picture's own JPEG of quality 88 is to it, in dB.
    pub(crate) fn nearness_of_quality_88(&self) -> Option<f64> {
        *self.quality_88.get_or_init(|| {
            let plane = self.picture.map(|level| level.round().clamp(0.0, 255.0) as u8);
            let coarse = encode_grey(&plane, 88).ok()?;
            let (coarse, _) = decode_grey(&coarse, Limits::default()).ok()?;
            Some(nearness(&self.picture, &coarse.map(f32::from)))
        })
    }
}
