//! PNG in and out, and a strict look at a PNG's structure.

mod bits;
mod chunks;
mod code;
mod deflate;
mod inflate;
mod read;
mod rows;
mod table;
mod unfiltered;

use simd_adler32::Adler32;

use self::chunks::{Chunk, Chunks, SIGNATURE};
use self::deflate::Deflater;
pub(crate) use self::read::Opened;
pub use self::read::decode_png;
use self::rows::Rows;
use crate::error::Error;
use crate::plane::Plane;

/// The samples of a greyscale PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Depth {
    /// Of 8 bits.
    Eight(Plane<u8>),
    /// Of 16 bits.
    Sixteen(Plane<u16>),
}

/// What a strict reading of a PNG's chunks found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PngHeader {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Bits of a sample.
    pub bit_depth: u8,
    /// 0 grey, 2 colour, 3 palette, 4 grey with alpha, 6 colour with alpha.
    pub color_type: u8,
    /// Whether it is stored in seven passes.
    pub interlaced: bool,
    /// Whether it says which colour is transparent.
    pub transparent: bool,
    /// Whether it moves.
    pub animated: bool,
    /// What its zlib stream says of its level: 0 for 0 and 1, 1 for 2 to 5, 2 for 6, 3 for 7 to 9.
    pub zlib_level: u8,
    /// Bytes after its end.
    pub trailing_bytes: usize,
}

/// Reads every chunk and checks its CRC, up to the end chunk.
pub fn png_header(bytes: &[u8]) -> Result<PngHeader, Error> {
    walk(bytes, |_| {})
}

/// Reads every chunk up to the end chunk, checks its CRC and shows it.
fn walk<'a>(bytes: &'a [u8], mut show: impl FnMut(&Chunk<'a>)) -> Result<PngHeader, Error> {
    let mut chunks = Chunks::of(bytes)?;
    let mut header: Option<PngHeader> = None;
    let mut pixels_seen = false;
    loop {
        let chunk = chunks.next()?;
        match (&chunk.kind, &mut header) {
            (b"IHDR", None) => header = Some(image_header(chunk.data)?),
            (b"IHDR", Some(_)) => return Err(Error::Damaged("it has two IHDR".to_owned())),
            (_, None) => {
                let name = chunk.name();
                return Err(Error::Damaged(format!("it begins with chunk {name}, not IHDR")));
            }
            (b"tRNS", Some(header)) => header.transparent = true,
            // The last two are said to come after the first only.
            (b"acTL" | b"fcTL" | b"fdAT", Some(header)) => header.animated = true,
            (b"IDAT", Some(header)) if !pixels_seen => {
                header.zlib_level = chunk.data.get(1).map_or(0, |flags| flags >> 6);
                pixels_seen = true;
            }
            (b"IEND", Some(header)) => {
                show(&chunk);
                header.trailing_bytes = chunks.rest.len();
                return Ok(*header);
            }
            _ => {}
        }
        show(&chunk);
    }
}

fn image_header(data: &[u8]) -> Result<PngHeader, Error> {
    let &[w3, w2, w1, w0, h3, h2, h1, h0, bit_depth, color_type, _, _, interlace] = data else {
        return Err(Error::Damaged("its IHDR has not 13 bytes".to_owned()));
    };
    Ok(PngHeader {
        width: u32::from_be_bytes([w3, w2, w1, w0]),
        height: u32::from_be_bytes([h3, h2, h1, h0]),
        bit_depth,
        color_type,
        interlaced: interlace != 0,
        transparent: false,
        animated: false,
        zlib_level: 0,
        trailing_bytes: 0,
    })
}

/// An 8-bit greyscale PNG, compressed fast.
pub fn encode_png8(plane: &Plane<u8>) -> Result<Vec<u8>, Error> {
    encode(plane.width, plane.height, 1, &plane.samples)
}

/// A 16-bit greyscale PNG, compressed fast.
pub fn encode_png16(plane: &Plane<u16>) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; 2 * plane.samples.len()];
    for (pair, sample) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(&plane.samples) {
        *pair = sample.to_be_bytes();
    }
    encode(plane.width, plane.height, 2, &bytes)
}

/// So many bytes, or a row, are guessed, compressed and written together: they and what is made of
/// them stay in a processor's cache, and what their code costs hardly counts.
const BAND: usize = 96 << 10;

/// A PNG of grey samples of so many bytes each.
fn encode(width: usize, height: usize, each: usize, samples: &[u8]) -> Result<Vec<u8>, Error> {
    if width == 0 || height == 0 {
        return Err(Error::Encode("it has no pixels".to_owned()));
    }
    // A chunk's length is told in 31 bits.
    const LONGEST_SIDE: u32 = 1 << 28;
    let side = |pixels: usize| {
        let side = u32::try_from(pixels).ok().filter(|side| *side <= LONGEST_SIDE);
        side.ok_or_else(|| Error::Encode(format!("{pixels} pixels on a side")))
    };
    let sides = [side(width)?.to_be_bytes(), side(height)?.to_be_bytes()];
    let mut bytes = Vec::with_capacity(1024 + samples.len() / 4 * 3);
    bytes.extend(SIGNATURE);
    // Grey, deflated, with filters, not interlaced.
    write_chunk(&mut bytes, b"IHDR", &[sides.as_flattened(), &[8 * each as u8, 0, 0, 0, 0]]);
    let rows = Rows::new(samples, width * each, each);
    let together = (BAND / (width * each)).max(1);
    let (mut stored, mut sum, mut deflater) = (Vec::new(), Adler32::new(), Deflater::default());
    for first in (0..height).step_by(together) {
        let end = (first + together).min(height);
        rows.stored(first..end, &mut stored);
        sum.write(&stored);
        let block = deflater.block(&stored, end == height);
        // What zlib's stream begins with, of its fastest level, and what it ends with.
        let head: &[u8] = if first == 0 { &[0x78, 0x01] } else { &[] };
        let sum = sum.finish().to_be_bytes();
        let tail: &[u8] = if end == height { &sum } else { &[] };
        write_chunk(&mut bytes, b"IDAT", &[head, block, tail]);
    }
    write_chunk(&mut bytes, b"IEND", &[]);
    Ok(bytes)
}

/// A chunk of these parts, with its length and its CRC.
fn write_chunk(bytes: &mut Vec<u8>, kind: &[u8; 4], parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).expect("a chunk holds a few rows");
    bytes.extend(length.to_be_bytes());
    let start = bytes.len();
    bytes.extend(kind);
    parts.iter().for_each(|part| bytes.extend(*part));
    let crc = crc32fast::hash(&bytes[start..]);
    bytes.extend(crc.to_be_bytes());
}
