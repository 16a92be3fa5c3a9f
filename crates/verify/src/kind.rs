//! What kind of file an output is: by its first bytes, and by what it is said to be.

use std::path::Path;

use crate::expected::Levels;

/// What an output is said to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said<'a> {
    /// By the object's content type.
    ContentType(Option<&'a str>),
    /// By the ending of its file's name: a media type, if the ending stands for one.
    FileName(Option<&'static str>),
}

impl Said<'_> {
    /// By a file's name.
    pub(crate) fn by(file: &Path) -> Self {
        let ending = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        Self::FileName(match ending.as_str() {
            "jpg" | "jpeg" | "jpe" | "jfif" => Some("image/jpeg"),
            "png" => Some("image/png"),
            "gif" => Some("image/gif"),
            "webp" => Some("image/webp"),
            "bmp" => Some("image/bmp"),
            "tif" | "tiff" => Some("image/tiff"),
            "avif" => Some("image/avif"),
            "heic" | "heif" => Some("image/heic"),
            "pgm" | "ppm" | "pnm" => Some("image/x-portable-anymap"),
            _ => None,
        })
    }

    /// What its name says it is; an object's has the ending that was asked for.
    pub(crate) fn name_or<'a>(&self, wanted: &'a str) -> &'a str {
        match *self {
            Self::FileName(Some(said)) => said,
            Self::FileName(None) => "",
            Self::ContentType(_) => wanted,
        }
    }
}

/// What people call a media type, if the contract knows it.
pub(crate) fn name(media_type: &str) -> Option<&'static str> {
    match media_type {
        "image/jpeg" => Some("JPEG"),
        "image/png" => Some("PNG"),
        _ => None,
    }
}

/// With its article.
pub(crate) fn named(media_type: &str) -> String {
    name(media_type).map_or_else(|| media_type.to_owned(), |name| format!("a {name}"))
}

/// A picture of one kind where another is asked for, or is said to be there.
pub(crate) fn under_a_name(kind: &str, found: &str, said: &str, wanted: &str) -> Option<String> {
    match name(said) {
        Some(said_kind) if said != found => Some(format!("a {kind} under a {said_kind}'s name")),
        _ if found != wanted => Some(format!("a {kind} where {} is asked for", named(wanted))),
        _ => None,
    }
}

/// What a file that is neither JPEG nor PNG looks like.
pub(crate) fn other(bytes: &[u8], wanted: &Levels) -> Option<String> {
    let pixels = wanted.samples.len();
    let name = match bytes {
        [b'G', b'I', b'F', b'8', ..] => "a GIF",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "a WebP",
        [b'B', b'M', ..] => "a BMP",
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "a TIFF",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "an AVIF or HEIF",
        [_, _, _, _, b'j', b'P', b' ', b' ', ..] | [0xff, 0x4f, 0xff, 0x51, ..] => "a JPEG 2000",
        [b'P', b'1'..=b'7', b'\n' | b' ', ..] => "a PGM or PPM",
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => "a numpy array",
        _ if bytes.starts_with(b"/9j/")
            || bytes.starts_with(b"iVBOR")
            || bytes.starts_with(b"data:image") =>
        {
            "a picture as base64 text"
        }
        _ if bytes.len() == pixels => "bare samples of 8 bits, without a file around them",
        _ if bytes.len() == 2 * pixels => "bare samples of 16 bits, without a file around them",
        _ if bytes.len() == 3 * pixels => "bare samples of three channels, without a file",
        _ if bytes.iter().all(|&byte| byte >= b' ' || byte.is_ascii_whitespace())
            && std::str::from_utf8(bytes).is_ok() =>
        {
            "text"
        }
        _ => return None,
    };
    Some(name.to_owned())
}
