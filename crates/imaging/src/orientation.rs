//! EXIF orientation: how a camera was held.

use crate::plane::Plane;

/// The value of the EXIF tag, 1 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// Upright: nothing is to be done.
    pub const UPRIGHT: Self = Self(1);

    /// The orientation in an EXIF block; upright where it says nothing that makes sense.
    #[must_use]
    pub fn of_exif(exif: &[u8]) -> Self {
        tag(exif).filter(|value| (1..=8).contains(value)).map_or(Self::UPRIGHT, Self)
    }

    /// The tag's value.
    #[must_use]
    pub fn value(self) -> u8 {
        self.0
    }

    /// Whether the picture as it was seen is as wide as the stored one is high.
    #[must_use]
    pub fn exchanges_sides(self) -> bool {
        self.0 >= 5
    }

    /// The picture as it was seen.
    #[must_use]
    pub fn upright<T: Copy>(self, plane: Plane<T>) -> Plane<T> {
        match self.0 {
            2 => plane.mirrored(),
            3 => plane.upside_down(),
            4 => plane.upside_down().mirrored(),
            5 => plane.clockwise().mirrored(),
            6 => plane.clockwise(),
            7 => plane.counter_clockwise().mirrored(),
            8 => plane.counter_clockwise(),
            _ => plane,
        }
    }
}

/// Tag 0x0112 of the first directory of a TIFF block.
fn tag(exif: &[u8]) -> Option<u8> {
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let big = match tiff.get(..4)? {
        b"II\x2a\0" => false,
        b"MM\0\x2a" => true,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes: [u8; 2] = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let long = |at: usize| -> Option<usize> {
        let bytes: [u8; 4] = tiff.get(at..at + 4)?.try_into().ok()?;
        let value = if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        usize::try_from(value).ok()
    };
    let directory = long(4)?;
    let entries = usize::from(short(directory)?);
    (0..entries)
        .map(|entry| directory + 2 + 12 * entry)
        .find(|&at| short(at) == Some(0x0112))
        .and_then(|at| u8::try_from(short(at + 8)?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exif(big: bool, value: u8) -> Vec<u8> {
        let mut bytes: Vec<u8> = if big { b"MM\0\x2a".to_vec() } else { b"II\x2a\0".to_vec() };
        let long = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let short = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        bytes.extend(long(8));
        bytes.extend(short(1));
        bytes.extend(short(0x0112));
        bytes.extend(short(3));
        bytes.extend(long(1));
        bytes.extend(short(u16::from(value)));
        bytes.extend([0, 0]);
        bytes
    }

    #[test]
    fn both_byte_orders_are_read_and_nonsense_is_upright() {
        for value in 1..=8 {
            assert_eq!(Orientation::of_exif(&exif(true, value)).value(), value);
            assert_eq!(Orientation::of_exif(&exif(false, value)).value(), value);
        }
        for nonsense in [exif(true, 9), exif(true, 6)[..12].to_vec(), Vec::new()] {
            assert_eq!(Orientation::of_exif(&nonsense), Orientation::UPRIGHT);
        }
    }

    #[test]
    fn a_picture_stored_as_a_camera_turns_it_comes_back_upright() {
        // What lies in the file, so that the upright picture is 1 2 3 / 4 5 6.
        let upright = Plane::new(3, 2, vec![1, 2, 3, 4, 5, 6]);
        let stored = [
            (1, upright.clone()),
            (2, Plane::new(3, 2, vec![3, 2, 1, 6, 5, 4])),
            (3, Plane::new(3, 2, vec![6, 5, 4, 3, 2, 1])),
            (4, Plane::new(3, 2, vec![4, 5, 6, 1, 2, 3])),
            (5, Plane::new(2, 3, vec![1, 4, 2, 5, 3, 6])),
            (6, Plane::new(2, 3, vec![3, 6, 2, 5, 1, 4])),
            (7, Plane::new(2, 3, vec![6, 3, 5, 2, 4, 1])),
            (8, Plane::new(2, 3, vec![4, 1, 5, 2, 6, 3])),
        ];
        for (value, plane) in stored {
            let orientation = Orientation(value);
            assert_eq!(orientation.exchanges_sides(), plane.width == 2, "orientation {value}");
            assert_eq!(orientation.upright(plane), upright, "orientation {value}");
        }
    }
}
