//! What a JPEG says before and between its pixels.

use super::bits::find_ff;
use crate::error::{Error, looks_like};
use crate::orientation::Orientation;

/// What a JPEG says of itself before its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegHeader {
    /// As stored.
    pub width: usize,
    /// As stored.
    pub height: usize,
    /// 1 for grey, 3 for colour, 4 for CMYK.
    pub components: u8,
    /// Bits of a sample.
    pub precision: u8,
    /// Whether it comes in scans of rising quality.
    pub progressive: bool,
    /// How the camera was held.
    pub orientation: Orientation,
    /// How many bytes of metadata it carries (APP1 and later, comments).
    pub metadata_bytes: usize,
    /// Bytes after its end.
    pub trailing_bytes: usize,
}

/// A marker with what follows it.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    /// Its second byte.
    pub(crate) marker: u8,
    /// What its length spans.
    pub(crate) body: &'a [u8],
    /// After a scan header: the entropy-coded data up to the next marker that is no restart.
    pub(crate) entropy: &'a [u8],
}

/// Shows every segment to the end marker; where that ends.
pub(crate) fn walk<'a>(
    bytes: &'a [u8],
    visit: &mut dyn FnMut(Segment<'a>) -> Result<(), Error>,
) -> Result<usize, Error> {
    let mut walk = Walk::of(bytes)?;
    while let Some((marker, body)) = walk.next()? {
        let start = walk.at;
        if marker == 0xda {
            walk.skip_entropy_coded()?;
        }
        visit(Segment { marker, body, entropy: &bytes[start..walk.at] })?;
    }
    Ok(walk.at)
}

/// Shows every segment to the first scan header, without looking at what comes after that.
pub(crate) fn walk_to_scan<'a>(
    bytes: &'a [u8],
    visit: &mut dyn FnMut(Segment<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut walk = Walk::of(bytes)?;
    while let Some((marker, body)) = walk.next()? {
        visit(Segment { marker, body, entropy: &[] })?;
        if marker == 0xda {
            break;
        }
    }
    Ok(())
}

/// Walks the markers: a whole JPEG has a frame, a scan and an end.
pub fn jpeg_header(bytes: &[u8]) -> Result<JpegHeader, Error> {
    let mut frame: Option<JpegHeader> = None;
    let mut orientation = Orientation::UPRIGHT;
    let mut metadata_bytes = 0;
    let mut scans = 0;
    let end = walk(bytes, &mut |Segment { marker, body, .. }| {
        match marker {
            // A second one would say another thing than what is decoded.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                if frame.is_some() {
                    return Err(Error::Damaged("it has two frame headers".to_owned()));
                }
                frame = Some(frame_header(marker, body)?);
            }
            0xe1 => {
                metadata_bytes += body.len();
                if body.starts_with(b"Exif\0\0") && orientation == Orientation::UPRIGHT {
                    orientation = Orientation::of_exif(body);
                }
            }
            0xe2..=0xed | 0xef | 0xfe => metadata_bytes += body.len(),
            0xda if frame.is_none() => {
                return Err(Error::Damaged("it has a scan before its frame header".to_owned()));
            }
            0xda => scans += 1,
            _ => {}
        }
        Ok(())
    })?;
    let frame = frame.ok_or_else(|| Error::Damaged("it has no frame header".to_owned()))?;
    if scans == 0 {
        return Err(Error::Damaged("it has no scan".to_owned()));
    }
    Ok(JpegHeader { orientation, metadata_bytes, trailing_bytes: bytes.len() - end, ..frame })
}

fn frame_header(marker: u8, segment: &[u8]) -> Result<JpegHeader, Error> {
    let [precision, h1, h0, w1, w0, components, ..] = *segment else {
        return Err(Error::Damaged("its frame header is cut short".to_owned()));
    };
    Ok(JpegHeader {
        width: usize::from(u16::from_be_bytes([w1, w0])),
        height: usize::from(u16::from_be_bytes([h1, h0])),
        components,
        precision,
        progressive: matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce),
        orientation: Orientation::UPRIGHT,
        metadata_bytes: 0,
        trailing_bytes: 0,
    })
}

/// A place in a JPEG's bytes.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Error> {
        if !bytes.starts_with(&[0xff, 0xd8]) {
            return Err(Error::Kind { expected: "JPEG", found: looks_like(bytes) });
        }
        Ok(Self { bytes, at: 2 })
    }

    /// The next marker that has a length, with what that spans; none at the end.
    fn next(&mut self) -> Result<Option<(u8, &'a [u8])>, Error> {
        loop {
            match self.marker()? {
                0xd9 => return Ok(None),
                0x01 | 0xd0..=0xd7 => {}
                marker => return Ok(Some((marker, self.segment(marker)?))),
            }
        }
    }

    fn ended(&self) -> Error {
        Error::Damaged(format!("it ends at byte {} before its end marker", self.bytes.len()))
    }

    fn marker(&mut self) -> Result<u8, Error> {
        let found = *self.bytes.get(self.at).ok_or_else(|| self.ended())?;
        if found != 0xff {
            return Err(Error::Damaged(format!("no marker at byte {}", self.at)));
        }
        while self.bytes.get(self.at) == Some(&0xff) {
            self.at += 1;
        }
        let marker = *self.bytes.get(self.at).ok_or_else(|| self.ended())?;
        self.at += 1;
        Ok(marker)
    }

    fn segment(&mut self, marker: u8) -> Result<&'a [u8], Error> {
        let length = self.bytes.get(self.at..self.at + 2).ok_or_else(|| self.ended())?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if length < 2 {
            let message = format!("marker {marker:02x} at byte {} has no length", self.at);
            return Err(Error::Damaged(message));
        }
        let segment = self.bytes.get(self.at + 2..self.at + length).ok_or_else(|| self.ended())?;
        self.at += length;
        Ok(segment)
    }

    /// To the next marker that is neither a stuffed byte nor a restart.
    fn skip_entropy_coded(&mut self) -> Result<(), Error> {
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(offset) = find_ff(rest) else {
                return Err(self.ended());
            };
            match rest.get(offset + 1) {
                None => return Err(self.ended()),
                Some(0x00 | 0xd0..=0xd7) => self.at += offset + 2,
                Some(0xff) => self.at += offset + 1,
                Some(_) => {
                    self.at += offset;
                    return Ok(());
                }
            }
        }
    }
}
