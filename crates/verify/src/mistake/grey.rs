//! Colours made grey in a wrong way, and cameras that were held otherwise.

use photofinish_imaging::{
    Error, Limits, Orientation, Plane, Rgb, decode_grey, decode_rgb, jpeg_header,
};

use super::{Made, size_of};

type Colour = [f32; 3];
type Change = fn(Colour) -> f32;

const LUMA: Colour = [0.299, 0.587, 0.114];

const CHANGES: [(&str, Change); 20] = [
    ("BT.709 weights instead of ITU-R 601", |c| weighed(c, [0.2126, 0.7152, 0.0722])),
    ("the mean of the channels", |c| weighed(c, [1.0 / 3.0; 3])),
    ("red and blue swapped", |c| weighed(c, [0.114, 0.587, 0.299])),
    ("red and green swapped", |c| weighed(c, [0.587, 0.299, 0.114])),
    ("green and blue swapped", |c| weighed(c, [0.299, 0.114, 0.587])),
    ("the red channel alone", |c| c[0]),
    ("the green channel alone", |c| c[1]),
    ("the blue channel alone", |c| c[2]),
    ("the largest of the channels", largest),
    ("the smallest of the channels", smallest),
    ("the middle between largest and smallest channel", |c| (largest(c) + smallest(c)) / 2.0),
    ("the spread between largest and smallest channel", |c| largest(c) - smallest(c)),
    ("the sum of the channels, cut off at 255", |c| c.iter().sum()),
    ("the mean of the channels after their 8-bit sum wrapped", |c| {
        (c.iter().sum::<f32>() % 256.0) / 3.0
    }),
    ("luminance computed in linear light", |c| {
        255.0 * weighed(c.map(linear), [0.2126, 0.7152, 0.0722]).powf(1.0 / 2.2)
    }),
    ("ITU-R 601 weights in linear light", |c| 255.0 * weighed(c.map(linear), LUMA).powf(1.0 / 2.2)),
    ("linear light, not turned back to levels", |c| {
        255.0 * weighed(c.map(linear), [0.2126, 0.7152, 0.0722])
    }),
    ("the colour difference Cb instead of luma", |c| 128.0 + (c[2] - weighed(c, LUMA)) * 0.564),
    ("the colour difference Cr instead of luma", |c| 128.0 + (c[0] - weighed(c, LUMA)) * 0.713),
    ("the geometric mean of the channels", |c| (c[0] * c[1] * c[2]).cbrt()),
];

fn weighed(colour: Colour, weights: Colour) -> f32 {
    colour.iter().zip(weights).map(|(level, weight)| level * weight).sum()
}

fn largest([r, g, b]: Colour) -> f32 {
    r.max(g).max(b)
}

fn smallest([r, g, b]: Colour) -> f32 {
    r.min(g).min(b)
}

fn linear(level: f32) -> f32 {
    (level / 255.0).powf(2.2)
}

pub(super) fn mistakes(input: &[u8], limits: Limits) -> Result<Vec<Made<'static>>, Error> {
    if jpeg_header(input)?.components == 1 {
        let (plane, orientation) = decode_grey(input, limits)?;
        return Ok(held(&plane.map(f32::from), orientation));
    }
    let (rgb, orientation) = decode_rgb(input, limits)?;
    let stored = colours(rgb);
    let mut made =
        held(&stored.map(|colour| weighed(colour.map(f32::from), LUMA).round()), orientation);
    let upright = std::sync::Arc::new(orientation.upright(stored));
    made.extend(CHANGES.map(|(name, change)| {
        let upright = std::sync::Arc::clone(&upright);
        let size = (upright.width, upright.height);
        Made::new(name, size, move |x, y| change(upright.at(x, y).map(f32::from)))
    }));
    Ok(made)
}

fn colours(rgb: Rgb) -> Plane<[u8; 3]> {
    let Rgb { width, height, samples } = rgb;
    Plane::new(width, height, samples.as_chunks::<3>().0.to_vec())
}

/// What comes of the orientation if it is not taken as it is meant.
fn held(stored: &Plane<f32>, orientation: Orientation) -> Vec<Made<'static>> {
    if orientation == Orientation::UPRIGHT {
        return Vec::new();
    }
    let upright = orientation.upright(stored.clone());
    let squeezed = super::at_size(stored, size_of(&upright));
    vec![
        Made::whole("the EXIF orientation ignored", stored.clone()),
        Made::whole("the EXIF orientation applied twice", orientation.upright(upright)),
        Made::whole("the EXIF orientation ignored, its size taken over", squeezed),
    ]
}
