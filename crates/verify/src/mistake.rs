//! Which common mistake a wrong picture looks like: each is really made, and compared.

use photofinish_imaging::{
    Error, Filter, Limits, Plane, Rgb, decode_grey, decode_rgb, encode_grey, jpeg_header, metric,
    resample_float,
};

use crate::contract::Step;
use crate::expected::{Expected, Given, Levels};

type Mistakes = Vec<(&'static str, Levels)>;

/// A name, and what its samples mean in levels of 8 bits.
type Scale = (&'static str, fn(u16) -> f32);

/// The mistake whose picture is much nearer to this one than the right one is.
pub(crate) fn likely(
    step: Step,
    expected: &Expected,
    picture: &Levels,
    limits: Limits,
) -> Option<&'static str> {
    let right = distance(&expected.picture, picture);
    let mut made = match (step, &expected.given) {
        (Step::Greyscale, Given::Jpeg(input)) => greys(input, limits).unwrap_or_default(),
        (Step::Resize, Given::Grey(plane)) => resizes(plane, expected),
        (Step::Depth, Given::Codes(codes)) => depths(codes),
        (Step::Rotate, Given::Grey(plane)) => turns(plane),
        (Step::Convert, Given::Grey(plane)) => conversions(plane),
        _ => Vec::new(),
    };
    made.extend(general(expected));
    if right.is_infinite() {
        made.push(("the right picture at a wrong size", at_size_of(&expected.picture, picture)));
    }
    let far: Vec<(f64, &str)> =
        made.iter().map(|(name, made)| (distance(made, picture), *name)).collect();
    let nearest = far.iter().map(|(distance, _)| *distance).fold(f64::INFINITY, f64::min);
    // Two names for nearly the same picture: the function's own mistake comes first.
    let (_, name) = far.into_iter().find(|(distance, _)| *distance <= nearest + 0.1)?;
    (nearest < right / 3.0 && nearest < 4.0).then_some(name)
}

/// Which scale samples are on that reach far beyond 1023.
pub(crate) fn likely_scale(expected: &Expected, codes: &Plane<u16>) -> Option<&'static str> {
    let scales: [Scale; 5] = [
        ("samples scaled to the 16 bits of their carrier, 0 to 65535", |code| {
            f32::from(code) / 257.0
        }),
        ("samples shifted up by 6 bits", |code| f32::from(code >> 6) * (255.0 / 1023.0)),
        ("samples shifted up by 8 bits", |code| f32::from(code >> 8)),
        ("samples of 12 bits, 0 to 4095", |code| f32::from(code) * (255.0 / 4095.0)),
        ("samples with their bytes swapped", |code| {
            f32::from(code.swap_bytes()) * (255.0 / 1023.0)
        }),
    ];
    scales
        .into_iter()
        .map(|(name, level)| (distance(&expected.picture, &codes.map(level)), name))
        .min_by(|left, right| left.0.total_cmp(&right.0))
        .filter(|(nearest, _)| *nearest < 4.0)
        .map(|(_, name)| name)
}

fn distance(made: &Levels, picture: &Levels) -> f64 {
    let same = (made.width, made.height) == (picture.width, picture.height);
    if same { metric::block_means(made, picture).0 } else { f64::INFINITY }
}

fn at_size_of(plane: &Levels, other: &Levels) -> Levels {
    resample_float(plane, other.width, other.height, Filter::Lanczos3)
}

/// Mistakes that any function can make.
fn general(expected: &Expected) -> Mistakes {
    let right = &expected.picture;
    vec![
        ("a black picture", right.map(|_| 0.0)),
        ("a white picture", right.map(|_| 255.0)),
        ("an inverted picture", right.map(|level| 255.0 - level)),
        ("left and right exchanged", right.mirrored()),
        ("top and bottom exchanged", right.upside_down().mirrored()),
        ("a turn by 180 degrees", right.upside_down()),
        ("a picture turned once too often, clockwise", right.clockwise()),
        ("a picture turned once too often, counter-clockwise", right.counter_clockwise()),
        (
            "black and white without levels between",
            right.map(|level| if level < 128.0 { 0.0 } else { 255.0 }),
        ),
        (
            "levels of 16 to 235 instead of 0 to 255",
            right.map(|level| 16.0 + level * (219.0 / 255.0)),
        ),
    ]
}

fn greys(input: &[u8], limits: Limits) -> Result<Mistakes, Error> {
    if jpeg_header(input)?.components == 1 {
        let (plane, _) = decode_grey(input, limits)?;
        return Ok(vec![("the EXIF orientation ignored", plane.map(f32::from))]);
    }
    let (rgb, orientation) = decode_rgb(input, limits)?;
    let upright = |change: &dyn Fn([f32; 3]) -> f32| orientation.upright(per_pixel(&rgb, change));
    let weighed =
        |[r, g, b]: [f32; 3]| upright(&move |pixel| pixel[0] * r + pixel[1] * g + pixel[2] * b);
    const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
    let most = |pixel: [f32; 3]| pixel[0].max(pixel[1]).max(pixel[2]);
    let least = |pixel: [f32; 3]| pixel[0].min(pixel[1]).min(pixel[2]);
    let linear = |level: f32| (level / 255.0).powf(2.2);
    Ok(vec![
        ("BT.709 weights instead of ITU-R 601", weighed([0.2126, 0.7152, 0.0722])),
        ("the mean of the channels", weighed([1.0 / 3.0; 3])),
        ("red and blue swapped", weighed([0.114, 0.587, 0.299])),
        ("the red channel alone", weighed([1.0, 0.0, 0.0])),
        ("the green channel alone", weighed([0.0, 1.0, 0.0])),
        ("the blue channel alone", weighed([0.0, 0.0, 1.0])),
        ("the largest of the channels", upright(&most)),
        ("the smallest of the channels", upright(&least)),
        (
            "the middle between largest and smallest channel",
            upright(&|pixel| (most(pixel) + least(pixel)) / 2.0),
        ),
        (
            "luminance computed in linear light",
            upright(&|[r, g, b]| {
                let light = 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
                255.0 * light.powf(1.0 / 2.2)
            }),
        ),
        (
            "the EXIF orientation ignored",
            per_pixel(&rgb, &|pixel| {
                pixel.iter().zip(LUMA).map(|(level, weight)| level * weight).sum()
            }),
        ),
    ])
}

fn per_pixel(rgb: &Rgb, change: &dyn Fn([f32; 3]) -> f32) -> Levels {
    let pixels = rgb.samples.as_chunks::<3>().0;
    let samples = pixels.iter().map(|pixel| change(pixel.map(f32::from))).collect();
    Plane::new(rgb.width, rgb.height, samples)
}

fn resizes(plane: &Levels, expected: &Expected) -> Mistakes {
    let right = &expected.picture;
    let (width, height) = (right.width, right.height);
    let nearest = plane.rearranged(width, height, |x, y| {
        ((2 * x + 1) * plane.width / (2 * width), (2 * y + 1) * plane.height / (2 * height))
    });
    let first = plane
        .rearranged(width, height, |x, y| (x * plane.width / width, y * plane.height / height));
    vec![
        ("nearest neighbour instead of an antialiased filter", nearest),
        ("nearest neighbour instead of an antialiased filter", first),
        ("bilinear interpolation without antialiasing", interpolated(plane, width, height)),
        (
            "8-bit samples that were not scaled to 10 bits",
            right.map(|level| level * (255.0 / 1023.0)),
        ),
        (
            "samples times 4 instead of times 1023/255",
            right.map(|level| level.round() * (1020.0 / 1023.0)),
        ),
        ("a crop to the new shape instead of a stretch", cropped(plane, width, height)),
        ("a picture fitted in with black bars instead of a stretch", fitted(plane, width, height)),
        ("a corner cut out instead of a resize", corner(plane, width, height)),
        ("a picture that was not resized", plane.clone()),
    ]
}

/// Between the four pixels around each point, however many lie under the new one.
fn interpolated(plane: &Levels, width: usize, height: usize) -> Levels {
    let place = |index: usize, to: usize, from: usize| {
        let at =
            ((index as f32 + 0.5) * from as f32 / to as f32 - 0.5).clamp(0.0, (from - 1) as f32);
        (at as usize, (at as usize + 1).min(from - 1), at.fract())
    };
    let mut samples = Vec::with_capacity(width * height);
    for y in 0..height {
        let (top, bottom, down) = place(y, height, plane.height);
        for x in 0..width {
            let (left, right, along) = place(x, width, plane.width);
            let row = |y| plane.at(left, y) * (1.0 - along) + plane.at(right, y) * along;
            samples.push(row(top) * (1.0 - down) + row(bottom) * down);
        }
    }
    Plane::new(width, height, samples)
}

fn cropped(plane: &Levels, width: usize, height: usize) -> Levels {
    let (across, down) = if plane.width * height > plane.height * width {
        ((plane.height * width / height).max(1), plane.height)
    } else {
        (plane.width, (plane.width * height / width).max(1))
    };
    let (left, top) = ((plane.width - across) / 2, (plane.height - down) / 2);
    let middle = plane.rearranged(across, down, |x, y| (x + left, y + top));
    resample_float(&middle, width, height, Filter::Lanczos3)
}

fn fitted(plane: &Levels, width: usize, height: usize) -> Levels {
    let (across, down) = if plane.width * height > plane.height * width {
        (width, (plane.height * width / plane.width).max(1))
    } else {
        ((plane.width * height / plane.height).max(1), height)
    };
    let small = resample_float(plane, across, down, Filter::Lanczos3);
    let (left, top) = ((width - across) / 2, (height - down) / 2);
    on_black(width, height, |x, y| {
        let (x, y) = (x.checked_sub(left)?, y.checked_sub(top)?);
        (x < across && y < down).then(|| small.at(x, y))
    })
}

fn corner(plane: &Levels, width: usize, height: usize) -> Levels {
    on_black(width, height, |x, y| (x < plane.width && y < plane.height).then(|| plane.at(x, y)))
}

fn on_black(width: usize, height: usize, level: impl Fn(usize, usize) -> Option<f32>) -> Levels {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Plane::new(width, height, places.map(|(x, y)| level(x, y).unwrap_or(0.0)).collect())
}

fn depths(codes: &Plane<u16>) -> Mistakes {
    let map = |change: fn(u32) -> u32| codes.map(|code| change(u32::from(code)) as f32);
    let least = codes.samples.iter().copied().min().unwrap_or(0);
    let span = f32::from(codes.samples.iter().copied().max().unwrap_or(0) - least).max(1.0);
    vec![
        ("codes clipped at 255 instead of scaled", map(|code| code.min(255))),
        ("the low byte of the code", map(|code| code & 255)),
        ("the high byte of the code, as if it reached 65535", map(|code| code >> 8)),
        ("codes divided by 2 and cut off", map(|code| (code >> 1).min(255))),
        ("the low byte of half the code", map(|code| code >> 1 & 255)),
        ("codes divided by 8", map(|code| code.min(1023) >> 3)),
        ("codes divided by 16, as if they were of 12 bits", map(|code| code.min(1023) >> 4)),
        (
            "contrast stretched to the darkest and brightest code",
            codes.map(|code| f32::from(code - least) * 255.0 / span),
        ),
    ]
}

fn turns(plane: &Levels) -> Mistakes {
    let turned = plane.clockwise();
    let back = plane.counter_clockwise();
    vec![
        ("a turn counter-clockwise", back.clone()),
        ("no turn at all", plane.clone()),
        ("a turn by 180 degrees", plane.upside_down()),
        ("a transposition: a turn and a mirror", turned.mirrored()),
        ("a turn inside the old frame, without expanding it", in_old_frame(&turned, plane)),
        (
            "a turn counter-clockwise inside the old frame, without expanding it",
            in_old_frame(&back, plane),
        ),
        ("a turned picture squeezed into the old size", at_size_of(&turned, plane)),
        ("a stretch to the new size instead of a turn", at_size_of(plane, &turned)),
    ]
}

/// The turned picture about the same centre, with what does not fit cut off.
fn in_old_frame(turned: &Levels, frame: &Levels) -> Levels {
    let shift =
        |at: usize, to: usize, from: usize| (2 * at + to).checked_sub(from).map(|twice| twice / 2);
    on_black(frame.width, frame.height, |x, y| {
        let x = shift(x, turned.width, frame.width)?;
        let y = shift(y, turned.height, frame.height)?;
        (x < turned.width && y < turned.height).then(|| turned.at(x, y))
    })
}

fn conversions(plane: &Levels) -> Mistakes {
    let bytes = plane.map(|level| level as u8);
    let coarse = encode_grey(&bytes, 75).and_then(|jpeg| decode_grey(&jpeg, Limits::default()));
    let mut made = vec![("a resize to 800x600", resample_float(plane, 800, 600, Filter::Lanczos3))];
    made.extend(coarse.map(|(plane, _)| ("another lossy JPEG on the way", plane.map(f32::from))));
    made
}
