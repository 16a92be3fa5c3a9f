//! Which common mistake a wrong picture looks like: each is really made, and compared.

use photofinish_imaging::{
    Error, Filter, Limits, Orientation, Plane, Rgb, decode_grey, decode_rgb, jpeg_header, metric,
    resample_float,
};

use crate::contract::Step;
use crate::judge::{Expected, Levels};

/// The input as a mistaken function has it.
pub(crate) enum Given {
    /// Colour, as stored, and how the camera was held.
    Colour(Rgb, Orientation),
    /// One component.
    Grey(Levels),
    /// Codes of 10 bits.
    Codes(Plane<u16>),
}

impl Given {
    pub(crate) fn colour(input: &[u8], limits: Limits) -> Result<Self, Error> {
        if jpeg_header(input)?.components == 1 {
            return Ok(Self::Grey(decode_grey(input, limits)?.0.map(f32::from)));
        }
        let (picture, orientation) = decode_rgb(input, limits)?;
        Ok(Self::Colour(picture, orientation))
    }
}

/// The mistake whose picture is much nearer to this one than the right one is.
pub(crate) fn likely(step: Step, expected: &Expected, picture: &Levels) -> Option<&'static str> {
    let distance = |made: &Levels| {
        let same = (made.width, made.height) == (picture.width, picture.height);
        if same { metric::block_means(made, picture).0 } else { f64::INFINITY }
    };
    let right = distance(&expected.picture);
    let (nearest, name) = mistakes(step, expected)
        .into_iter()
        .map(|(name, made)| (distance(&made), name))
        .min_by(|left, right| left.0.total_cmp(&right.0))?;
    (nearest < right / 3.0 && nearest < 4.0).then_some(name)
}

fn mistakes(step: Step, expected: &Expected) -> Vec<(&'static str, Levels)> {
    match (step, &expected.input) {
        (Step::Greyscale, Given::Colour(rgb, orientation)) => greys(rgb, *orientation),
        (Step::Resize, Given::Grey(plane)) => resizes(plane, expected),
        (Step::Depth, Given::Codes(codes)) => depths(codes),
        (Step::Rotate, Given::Grey(plane)) => vec![
            ("a turn counter-clockwise", plane.counter_clockwise()),
            ("a turn by 180 degrees", plane.upside_down()),
            ("no turn at all", plane.clone()),
            ("a turn and a mirror", plane.clockwise().mirrored()),
        ],
        (Step::Convert, Given::Grey(plane)) => vec![
            ("a turned picture", plane.clockwise()),
            ("a mirrored picture", plane.mirrored()),
            ("an inverted picture", plane.map(|level| 255.0 - level)),
        ],
        _ => Vec::new(),
    }
}

fn greys(rgb: &Rgb, orientation: Orientation) -> Vec<(&'static str, Levels)> {
    let weigh = |weights: [f32; 3]| -> Levels {
        let pixels = rgb.samples.as_chunks::<3>().0;
        let samples = pixels
            .iter()
            .map(|pixel| pixel.iter().zip(weights).map(|(&c, w)| f32::from(c) * w).sum())
            .collect();
        Plane::new(rgb.width, rgb.height, samples)
    };
    let upright = |weights| orientation.upright(weigh(weights));
    const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
    vec![
        ("BT.709 weights instead of ITU-R 601", upright([0.2126, 0.7152, 0.0722])),
        ("the mean of the channels", upright([1.0 / 3.0; 3])),
        ("red and blue swapped", upright([0.114, 0.587, 0.299])),
        ("the red channel alone", upright([1.0, 0.0, 0.0])),
        ("the green channel alone", upright([0.0, 1.0, 0.0])),
        ("the blue channel alone", upright([0.0, 0.0, 1.0])),
        ("the EXIF orientation ignored", weigh(LUMA)),
        ("an inverted picture", upright(LUMA).map(|level| 255.0 - level)),
    ]
}

fn resizes(plane: &Levels, expected: &Expected) -> Vec<(&'static str, Levels)> {
    let (width, height) = (expected.picture.width, expected.picture.height);
    let nearest = plane.rearranged(width, height, |x, y| {
        ((2 * x + 1) * plane.width / (2 * width), (2 * y + 1) * plane.height / (2 * height))
    });
    let right = &expected.picture;
    let mut made = vec![
        ("nearest neighbour instead of an antialiased filter", nearest),
        ("samples that stayed at 0 to 255", right.map(|level| level * (255.0 / 1023.0))),
        ("a mirrored picture", right.mirrored()),
        ("a picture upside down", right.upside_down()),
    ];
    // Cropped to the new shape, or fitted into it with bars.
    let crop = if plane.width * height > plane.height * width {
        (plane.height * width / height, plane.height)
    } else {
        (plane.width, plane.width * height / width)
    };
    let (left, top) = ((plane.width - crop.0) / 2, (plane.height - crop.1) / 2);
    let cropped = plane.rearranged(crop.0.max(1), crop.1.max(1), |x, y| (x + left, y + top));
    let cropped = resample_float(&cropped, width, height, Filter::Lanczos3);
    made.push(("a crop to 4:3 instead of a stretch", cropped));
    made
}

fn depths(codes: &Plane<u16>) -> Vec<(&'static str, Levels)> {
    let map = |change: fn(u32) -> u32| codes.map(|code| change(u32::from(code)) as f32);
    vec![
        ("codes clipped at 255 instead of scaled", map(|code| code.min(255))),
        ("the low byte of the code", map(|code| code & 255)),
        ("the high byte of the code", map(|code| code >> 8)),
        ("codes divided by 8", map(|code| code.min(1023) >> 3)),
        ("codes divided by 2 and cut off", map(|code| (code >> 1).min(255))),
        ("the codes' bytes swapped", map(|code| ((code & 255) << 8 | code >> 8) >> 8)),
        ("an inverted picture", map(|code| 255 - code.min(1023) * 255 / 1023)),
    ]
}
