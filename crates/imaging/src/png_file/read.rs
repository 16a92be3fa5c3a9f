//! A greyscale PNG's rows: of one that is stored row by row by our own reader, of an interlaced
//! one by the `png` crate, which is also what our own reader is tested against.

use png::{DecodeOptions, Decoder};

use super::chunks::Chunk;
use super::inflate::inflate;
use super::unfiltered::unfiltered;
use super::{Depth, PngHeader, walk};
use crate::error::Error;
use crate::limits::Limits;
use crate::plane::Plane;

const EXPECTED: &str = "8-bit or 16-bit greyscale PNG";

/// A greyscale PNG that does not move, of 8 or 16 bits, whose chunks are whole.
pub(crate) struct Opened<'a> {
    pub(crate) header: PngHeader,
    file: &'a [u8],
    /// Its pixels as they are compressed.
    pixels: Vec<&'a [u8]>,
}

impl<'a> Opened<'a> {
    /// Looks a PNG over; nothing of its size is allocated.
    pub(crate) fn new(file: &'a [u8], limits: Limits) -> Result<Self, Error> {
        limits.check_file(file)?;
        let (mut pixels, mut order) = (Vec::new(), Ok(()));
        let mut before = *b"IHDR";
        let header = walk(file, |chunk| {
            if order.is_ok() {
                order = in_order(chunk, before, pixels.is_empty());
            }
            if chunk.kind == *b"IDAT" {
                pixels.push(chunk.data);
            }
            before = chunk.kind;
        })?;
        limits.check(u64::from(header.width), u64::from(header.height))?;
        if header.color_type != 0 || !matches!(header.bit_depth, 8 | 16) {
            let found = format!(
                "a PNG of colour type {} with {} bits a sample",
                header.color_type, header.bit_depth
            );
            return Err(Error::Unsuited { found, expected: EXPECTED });
        }
        if header.animated {
            return Err(Error::Unsuited {
                found: "an animated PNG".to_owned(),
                expected: EXPECTED,
            });
        }
        order?;
        if header.width == 0 || header.height == 0 {
            return Err(Error::Damaged("it has no pixels".to_owned()));
        }
        let opened = Self { header, file, pixels };
        limits.check_memory(opened.memory())?;
        Ok(opened)
    }

    /// Bytes of a row, and of a pixel.
    fn sizes(&self) -> (usize, usize) {
        let each = usize::from(self.header.bit_depth / 8);
        (self.header.width as usize * each, each)
    }

    /// Of all rows, and what stands before each.
    fn stored(&self) -> u64 {
        let row = u64::from(self.header.width) * u64::from(self.header.bit_depth / 8);
        (row + 1) * u64::from(self.header.height)
    }

    /// The most that is held at once: the file, the rows as they are stored, a few on their way,
    /// and the pixels in one piece before there are samples.
    fn memory(&self) -> u64 {
        let row = self.sizes().0 as u64;
        let pieces: usize = self.pixels.iter().map(|piece| piece.len()).sum();
        let besides = self.stored().max(pieces as u64);
        self.file.len() as u64 + self.stored() + besides + 26 * row + INFLATING
    }

    /// All rows as they are stored.
    fn inflated(&self) -> Result<Vec<u8>, Error> {
        let size = usize::try_from(self.stored())
            .map_err(|_| Error::Damaged("it has too many pixels".to_owned()))?;
        match self.pixels.as_slice() {
            [whole] => inflate(whole, size),
            pieces => inflate(&pieces.concat(), size),
        }
    }

    /// Samples that a function makes of each row's bytes and puts after those that are there.
    pub(crate) fn plane<T: Copy>(
        &self,
        append: impl Fn(&[u8], &mut Vec<T>),
    ) -> Result<Plane<T>, Error> {
        let (width, height) = (self.header.width as usize, self.header.height as usize);
        let (length, each) = self.sizes();
        if self.header.interlaced {
            let bytes = by_crate(self.file)?;
            let mut samples = Vec::with_capacity(width * height);
            bytes.chunks_exact(length).for_each(|row| append(row, &mut samples));
            return Ok(Plane::new(width, height, samples));
        }
        // Only once the compressed pixels are let go.
        let stored = self.inflated()?;
        let mut samples = Vec::with_capacity(width * height);
        unfiltered(&stored, length, each, |row| append(row, &mut samples))?;
        Ok(Plane::new(width, height, samples))
    }
}

/// What inflating takes besides: its tables, or, of the `png` crate, its window and what it reads
/// ahead.
const INFLATING: u64 = 256 << 10;

/// Whether a chunk may stand where it does.
fn in_order(chunk: &Chunk<'_>, before: [u8; 4], first_pixels: bool) -> Result<(), Error> {
    let wrong = |what: &str| Err(Error::Damaged(format!("{what} {}", chunk.name())));
    match &chunk.kind {
        b"IDAT" if !first_pixels && before != *b"IDAT" => wrong("its pixels are torn apart before"),
        b"IEND" if first_pixels => wrong("no pixels come before"),
        b"IEND" if !chunk.data.is_empty() => wrong("there is something in"),
        b"IHDR" if chunk.data[10..12] != [0, 0] || chunk.data[12] > 1 => {
            wrong("an unknown method is named in")
        }
        b"IHDR" | b"PLTE" | b"IDAT" | b"IEND" => Ok(()),
        // What a small letter does not begin may not be left out.
        kind if kind[0] & 0x20 == 0 => wrong("it has an unknown chunk that matters,"),
        _ => Ok(()),
    }
}

/// The samples of a greyscale PNG that does not move, of 8 or 16 bits.
pub fn decode_png(bytes: &[u8], limits: Limits) -> Result<Depth, Error> {
    let png = Opened::new(bytes, limits)?;
    Ok(if png.header.bit_depth == 8 {
        Depth::Eight(png.plane(|row, samples| samples.extend_from_slice(row))?)
    } else {
        Depth::Sixteen(png.plane(|row, samples| {
            samples.extend(row.as_chunks::<2>().0.iter().map(|&pair| u16::from_be_bytes(pair)));
        })?)
    })
}

/// The samples as bytes, by the `png` crate.
fn by_crate(file: &[u8]) -> Result<Vec<u8>, Error> {
    let damaged = |error: png::DecodingError| Error::Damaged(error.to_string());
    let mut options = DecodeOptions::default();
    // The CRCs have been checked before; the sum over the pixels has not.
    options.set_ignore_crc(true);
    options.set_ignore_adler32(false);
    let decoder = Decoder::new_with_options(std::io::Cursor::new(file), options);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let size = reader.output_buffer_size().ok_or_else(|| Error::Damaged("no size".to_owned()))?;
    let mut samples = vec![0; size];
    reader.next_frame(&mut samples).map_err(damaged)?;
    reader.finish().map_err(damaged)?;
    Ok(samples)
}
