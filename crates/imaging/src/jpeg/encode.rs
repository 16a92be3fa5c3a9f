//! Pixels as a JPEG.

#[cfg(feature = "fixtures")]
mod colour;
mod lanes;
mod scan;
mod tables;

#[cfg(feature = "fixtures")]
pub use self::colour::{ColourJpeg, Sampling, encode_rgb};
use self::lanes::Quantiser;
use self::scan::write_scan;
use crate::error::Error;
use crate::plane::Plane;

/// A baseline JPEG of one component, without metadata: byte for byte what libjpeg writes of the
/// same pixels, with its accurate transform and the standard codes.
pub fn encode_grey(plane: &Plane<u8>, quality: u8) -> Result<Vec<u8>, Error> {
    let (width, height) = size(plane.width, plane.height)?;
    let mut bytes = Vec::with_capacity(1024 + plane.samples.len() / 3);
    write_head(&mut bytes, width, height, quality);
    write_scan(plane, &Quantiser::of(quality), &mut bytes);
    bytes.extend([0xff, 0xd9]);
    Ok(bytes)
}

/// Everything before the coded bits: the kind of file, the tables and the size.
fn write_head(bytes: &mut Vec<u8>, width: u16, height: u16, quality: u8) {
    bytes.extend([0xff, 0xd8]);
    // Version 1.1, pixels that are square, no thumbnail.
    write_segment(bytes, 0xe0, &[b"JFIF\0", &[1, 1, 0, 0, 1, 0, 1, 0, 0]]);
    let divisors = tables::divisors(quality);
    let divisors = tables::ZIGZAG.map(|place| divisors[usize::from(place)]);
    write_segment(bytes, 0xdb, &[&[0], &divisors]);
    let size = [height.to_be_bytes(), width.to_be_bytes()];
    write_segment(bytes, 0xc0, &[&[8], size.as_flattened(), &[1, 1, 0x11, 0]]);
    for (kind, table) in [(0x00, &tables::MEANS), (0x10, &tables::DETAILS)] {
        write_segment(bytes, 0xc4, &[&[kind], &table.lengths, table.symbols]);
    }
    write_segment(bytes, 0xda, &[&[1, 1, 0, 0, 63, 0]]);
}

/// A marker, the length of what follows it, and its parts.
fn write_segment(bytes: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length: usize = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
    let length = u16::try_from(length).expect("a table has fewer than 256 bytes");
    bytes.extend([0xff, marker]);
    bytes.extend(length.to_be_bytes());
    parts.iter().for_each(|part| bytes.extend(*part));
}

fn size(width: usize, height: usize) -> Result<(u16, u16), Error> {
    match (u16::try_from(width), u16::try_from(height)) {
        (Ok(0), _) | (_, Ok(0)) => Err(Error::Encode("it has no pixels".to_owned())),
        (Ok(width), Ok(height)) => Ok((width, height)),
        _ => Err(Error::Encode(format!("{width}x{height} is more than JPEG can hold"))),
    }
}
