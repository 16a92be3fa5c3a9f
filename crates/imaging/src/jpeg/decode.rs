//! A JPEG's pixels: exactly those of libjpeg, or an error.
//!
//! Strict: each component comes whole, every bit of every coefficient, once. What libjpeg fills
//! with grey or smooths over is an error here with its place.

use super::colour;
use super::frame::{Coding, Frame};
use super::idct::{Full, PARTS, Reduced, Transform};
use super::markers::{JpegHeader, jpeg_header, walk, walk_to_scan};
use super::progressive::{Blocks, progressive};
use super::scans::MOST_SCANS;
use super::sequential::{Samples, sequential};
use crate::error::Error;
use crate::limits::Limits;
use crate::orientation::Orientation;
use crate::plane::{Plane, Rgb};
use crate::reference::luma;

/// How much smaller than stored a picture is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Half the width and the height.
    Half,
    /// A quarter of each.
    Quarter,
    /// An eighth of each.
    Eighth,
}

impl Scale {
    /// How many stored pixels become one, in a row and in a column.
    #[must_use]
    pub fn factor(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Quarter => 4,
            Self::Eighth => 8,
        }
    }
}

/// Checks what can be known without the pixels.
pub(crate) fn suited(bytes: &[u8], limits: Limits) -> Result<JpegHeader, Error> {
    limits.check_file(bytes)?;
    let header = jpeg_header(bytes)?;
    if header.width == 0 || header.height == 0 {
        return Err(Error::Damaged("it has no pixels".to_owned()));
    }
    limits.check(header.width as u64, header.height as u64)?;
    let expected = "8-bit grey or colour JPEG";
    if header.precision != 8 {
        let found = format!("a JPEG of {} bits", header.precision);
        return Err(Error::Unsuited { found, expected });
    }
    match header.components {
        1 | 3 => Ok(header),
        4 => Err(Error::Unsuited { found: "a CMYK JPEG".to_owned(), expected }),
        n => Err(Error::Unsuited { found: format!("a JPEG of {n} components"), expected }),
    }
}

/// What decoding has come to.
struct Decoding<T: Transform> {
    coding: Coding,
    /// Samples of the components that are asked for.
    planes: Vec<Option<Samples<T::Sample>>>,
    /// Coefficients, where scans give them bit by bit.
    blocks: Vec<Blocks>,
    scanned: Vec<bool>,
    scans: usize,
}

impl<T: Transform> Decoding<T> {
    /// Decodes all components, or all that grey needs.
    fn of(bytes: &[u8], limits: Limits, grey: bool) -> Result<Self, Error> {
        Self::scanned(bytes, limits, grey)?.finish()
    }

    /// Takes all scans.
    fn scanned(bytes: &[u8], limits: Limits, grey: bool) -> Result<Self, Error> {
        let mut decoding = Self {
            coding: Coding::default(),
            planes: Vec::new(),
            blocks: Vec::new(),
            scanned: Vec::new(),
            scans: 0,
        };
        walk(bytes, &mut |segment| {
            let Some(scan) = decoding.coding.take(segment)? else {
                return Ok(());
            };
            if decoding.scans == 0 {
                decoding.prepare(bytes, limits, grey)?;
            }
            decoding.scans += 1;
            if decoding.scans > MOST_SCANS {
                return Err(Error::TooManyScans { limit: MOST_SCANS });
            }
            if !decoding.blocks.is_empty() {
                return progressive(&decoding.coding, &scan, segment.entropy, &mut decoding.blocks);
            }
            for part in &scan.parts {
                if std::mem::replace(&mut decoding.scanned[part.component], true) {
                    let number = part.component + 1;
                    return Err(Error::Damaged(format!("component {number} has two scans")));
                }
            }
            sequential::<T>(&decoding.coding, &scan, segment.entropy, &mut decoding.planes)
        })?;
        for (index, blocks) in decoding.blocks.iter().enumerate() {
            blocks.check(index + 1)?;
        }
        if decoding.blocks.is_empty()
            && let Some(index) = decoding.scanned.iter().position(|scanned| !scanned)
        {
            return Err(Error::Damaged(format!("component {} has no scan", index + 1)));
        }
        Ok(decoding)
    }

    /// Makes room, when the first scan comes.
    fn prepare(&mut self, file: &[u8], limits: Limits, grey: bool) -> Result<(), Error> {
        let frame = self.coding.frame.as_ref().expect("a scan's header was read after the frame's");
        // Of three that are red, green and blue, grey needs each.
        let wanted = if grey && !self.coding.is_rgb() { 1 } else { frame.components.len() };
        limits.check_memory(memory::<T>(frame, wanted, grey, file.len()))?;
        self.scanned = vec![false; frame.components.len()];
        if frame.progressive {
            self.blocks = frame.components.iter().map(Blocks::of).collect();
            self.planes = frame.components.iter().map(|_| None).collect();
            for plane in self.planes.iter_mut().take(wanted) {
                *plane = Some(Samples { samples: Vec::new(), stride: 0 });
            }
            return Ok(());
        }
        for (index, component) in frame.components.iter().enumerate() {
            let (across, down) = component.padded;
            let stride = across * T::SIDE;
            self.planes.push((index < wanted).then(|| Samples {
                samples: vec![T::Sample::default(); stride * down * T::SIDE],
                stride,
            }));
        }
        Ok(())
    }

    /// Transforms what was kept.
    fn finish(mut self) -> Result<Self, Error> {
        let blocks = std::mem::take(&mut self.blocks);
        let frame = self.coding.frame.as_ref().expect("a scan's header was read after the frame's");
        for ((blocks, component), plane) in
            blocks.into_iter().zip(&frame.components).zip(&mut self.planes)
        {
            if plane.is_some() {
                let steps = component.steps.as_ref().expect("a component that came has its steps");
                *plane = Some(blocks.transformed::<T>(steps));
            }
        }
        Ok(self)
    }

    fn frame(&self) -> &Frame {
        self.coding.frame.as_ref().expect("a JPEG that was decoded has a frame")
    }

    /// The first component's samples without the padding of its blocks.
    fn into_first(mut self) -> Plane<T::Sample> {
        let (width, height) = self.frame().components[0].size;
        let (width, height) = ((width * T::SIDE).div_ceil(8), (height * T::SIDE).div_ceil(8));
        let Samples { mut samples, stride } =
            self.planes[0].take().expect("the first component is always asked for");
        if stride != width {
            for row in 1..height {
                samples.copy_within(row * stride..row * stride + width, row * width);
            }
        }
        samples.truncate(width * height);
        Plane::new(width, height, samples)
    }
}

impl Decoding<Full> {
    fn into_rgb(mut self) -> Result<Rgb, Error> {
        let planes: Vec<Samples<u8>> = self.planes.iter_mut().filter_map(Option::take).collect();
        let frame = self.frame();
        let (width, height) = (frame.width, frame.height);
        match <[Samples<u8>; 3]>::try_from(planes) {
            Ok(planes) => {
                let samples = colour::pixels(frame, &planes, self.coding.is_rgb())?;
                Ok(Rgb { width, height, samples })
            }
            Err(mut planes) => {
                self.planes[0] = planes.pop();
                let grey = self.into_first();
                let samples = grey.samples.iter().flat_map(|&level| [level; 3]).collect();
                Ok(Rgb { width, height, samples })
            }
        }
    }
}

/// What scans give bit by bit, all components' coefficients.
pub(crate) fn coefficients(bytes: &[u8], limits: Limits) -> Result<(Coding, Vec<Blocks>), Error> {
    let Decoding { coding, blocks, .. } = Decoding::<Full>::scanned(bytes, limits, true)?;
    Ok((coding, blocks))
}

/// The most that is held at once: the file, samples, coefficients and the finished picture.
fn memory<T: Transform>(frame: &Frame, wanted: usize, grey: bool, file: usize) -> u64 {
    let each = size_of::<T::Sample>() as u64;
    let side = T::SIDE as u64;
    let blocks = |components: usize| -> u64 {
        let padded = frame.components.iter().take(components).map(|component| component.padded);
        padded.map(|(across, down)| across as u64 * down as u64).sum()
    };
    let samples = blocks(wanted) * side * side * each;
    let kept = if frame.progressive { blocks(frame.components.len()) * 128 } else { 0 };
    let finished =
        if wanted > 1 || !grey { 3 * frame.width as u64 * frame.height as u64 } else { 0 };
    file as u64 + samples + kept + finished
}

/// The pixels of a colour JPEG as stored, with how the camera was held.
pub fn decode_rgb(bytes: &[u8], limits: Limits) -> Result<(Rgb, Orientation), Error> {
    let header = suited(bytes, limits)?;
    let picture = Decoding::<Full>::of(bytes, limits, false)?.into_rgb()?;
    Ok((picture, header.orientation))
}

/// The pixels of a one-component JPEG, or the luma of a colour one, as stored.
pub fn decode_grey(bytes: &[u8], limits: Limits) -> Result<(Plane<u8>, Orientation), Error> {
    let header = suited(bytes, limits)?;
    Ok((grey(bytes, limits)?, header.orientation))
}

/// The same of a JPEG that was found to be suited.
pub(crate) fn grey(bytes: &[u8], limits: Limits) -> Result<Plane<u8>, Error> {
    if stores_luma(bytes)? {
        return Ok(Decoding::<Full>::of(bytes, limits, true)?.into_first());
    }
    let mut decoding = Decoding::<Full>::of(bytes, limits, true)?;
    if decoding.coding.is_rgb() {
        return Ok(luma(&decoding.into_rgb()?));
    }
    let samples = decoding.planes[0].take().expect("the first component is always asked for");
    let frame = decoding.frame();
    let samples = colour::first(frame, &samples)?;
    Ok(Plane::new(frame.width, frame.height, samples))
}

/// Whether the first component is the luma of every pixel.
pub(crate) fn stores_luma(bytes: &[u8]) -> Result<bool, Error> {
    let mut coding = Coding::default();
    walk_to_scan(bytes, &mut |segment| coding.take(segment).map(drop))?;
    let frame = coding.frame.as_ref();
    Ok(!coding.is_rgb() && frame.is_some_and(|frame| frame.components[0].factors == frame.most))
}

/// The same, smaller, in sixteenths of a level: each sample stands for a square of pixels, whose
/// mean it is but for some of their detail.
pub fn decode_grey_scaled(
    bytes: &[u8],
    limits: Limits,
    scale: Scale,
) -> Result<(Plane<u16>, Orientation), Error> {
    let header = suited(bytes, limits)?;
    Ok((scaled(bytes, limits, scale)?, header.orientation))
}

/// The same of a JPEG that was found to be suited.
pub(crate) fn scaled(bytes: &[u8], limits: Limits, scale: Scale) -> Result<Plane<u16>, Error> {
    if !stores_luma(bytes)? {
        return Ok(means(&grey(bytes, limits)?, scale.factor()));
    }
    Ok(match scale {
        Scale::Half => Decoding::<Reduced<4>>::of(bytes, limits, true)?.into_first(),
        Scale::Quarter => Decoding::<Reduced<2>>::of(bytes, limits, true)?.into_first(),
        Scale::Eighth => Decoding::<Reduced<1>>::of(bytes, limits, true)?.into_first(),
    })
}

/// The mean of each square of pixels, as far as there are some.
fn means(plane: &Plane<u8>, side: usize) -> Plane<u16> {
    let (width, height) = (plane.width.div_ceil(side), plane.height.div_ceil(side));
    let mut samples = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let rows = y * side..((y + 1) * side).min(plane.height);
            let columns = x * side..((x + 1) * side).min(plane.width);
            let count = (rows.len() * columns.len()) as u32;
            let row = |row: usize| &plane.samples[row * plane.width..][columns.clone()];
            let sum: u32 = rows.flat_map(row).map(|&sample| u32::from(sample)).sum();
            samples.push(((sum * PARTS as u32 + count / 2) / count) as u16);
        }
    }
    Plane::new(width, height, samples)
}
