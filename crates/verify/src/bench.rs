//! The bench: what an output is, checked cheap to dear, its pixels last.
//!
//! Every check that can be made is made; the first that fails is the one that decides.

use photofinish_imaging::metric::{self, Worst};
use photofinish_imaging::{
    Error as PictureError, JpegHeader, Limits, Plane, PngHeader, decode_rgb, jpeg_header,
    png_header,
};

use crate::contract::{Rule, Step};
use crate::expected::{Expected, Levels};
use crate::judge::{Bound, Check, media_type};
use crate::kind::{self, Said};
use crate::mistake::{self, Wrong};
use crate::opened::Opened;

/// A figure that the contract limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    /// What it is, in words.
    pub(crate) name: &'static str,
    /// What the contract calls its limit.
    pub(crate) limit_name: &'static str,
}

/// The checks under way.
pub(crate) struct Bench<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) expected: &'a Expected,
    limits: Limits,
    found: Looked,
}

/// What looking at an output came to.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Every check that could be made.
    pub(crate) checks: Vec<Check>,
    /// What could not be looked at, and why.
    pub(crate) left_out: Vec<String>,
    /// Worth knowing.
    pub(crate) findings: Vec<String>,
    /// What a rejected output looks like.
    pub(crate) mistake: Option<String>,
}

impl Looked {
    /// Whether every check holds.
    pub(crate) fn is_right(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }
}

impl<'a> Bench<'a> {
    pub(crate) fn new(rule: &'a Rule, expected: &'a Expected, limits: Limits) -> Self {
        Self { rule, expected, limits, found: Looked::default() }
    }

    /// A check in words; whether it holds.
    pub(crate) fn expect(
        &mut self,
        name: &'static str,
        passed: bool,
        note: impl FnOnce() -> String,
    ) -> bool {
        let note = (!passed).then(note);
        self.found.checks.push(Check { note, ..Check::of(name, passed) });
        passed
    }

    /// A figure that may not be above its limit, where the contract sets one.
    pub(crate) fn at_most(
        &mut self,
        figure: Figure,
        value: f64,
        limit: Option<f64>,
        worst: Option<Worst>,
    ) {
        // Of equal pictures no place is the worst.
        let place = worst.filter(|worst| worst.value > 0.0).map(|worst| (worst.x, worst.y));
        self.measured(figure, value, limit, Bound::Most, place);
    }

    /// A figure that may not be below its limit, where the contract sets one.
    pub(crate) fn at_least(&mut self, figure: Figure, value: f64, limit: Option<f64>) {
        self.measured(figure, value, limit, Bound::Least, None);
    }

    fn measured(
        &mut self,
        figure: Figure,
        value: f64,
        limit: Option<f64>,
        bound: Bound,
        place: Option<(usize, usize)>,
    ) {
        let Some(limit) = limit else { return };
        let check = Check::of(figure.name, bound.holds(value, limit));
        self.found.checks.push(Check {
            limit_name: Some(figure.limit_name),
            value: Some(value),
            limit: Some(limit),
            bound: Some(bound),
            place,
            ..check
        });
    }

    /// Says what was not looked at, and why.
    pub(crate) fn leave_out(&mut self, what: impl Into<String>) {
        self.found.left_out.push(what.into());
    }

    /// Says what a rejected output looks like, unless that is known already.
    pub(crate) fn looks_like(&mut self, mistake: impl Into<String>) {
        self.found.mistake.get_or_insert(mistake.into());
    }

    /// Makes every check that can be made.
    pub(crate) fn look(mut self, input: &[u8], bytes: &[u8], said: Said<'_>) -> Looked {
        self.file(bytes, said);
        if !self.found.is_right() && bytes == input && !bytes.is_empty() {
            self.found.mistake = Some("the input, passed on as it came".to_owned());
        }
        self.found
    }

    fn file(&mut self, bytes: &[u8], said: Said<'_>) {
        let empty = bytes.is_empty();
        if !self.expect("something was written", !empty, || "the object is empty".to_owned()) {
            self.looks_like("an empty file");
            return;
        }
        self.signature(bytes, said);
        self.said(media_type(bytes), said);
        let picture = match media_type(bytes) {
            "image/jpeg" => self.jpeg(bytes),
            "image/png" => self.png(bytes),
            _ => None,
        };
        let Some(picture) = picture else {
            self.leave_out("its pixels, since none can be read");
            return;
        };
        let wanted = &self.expected.picture;
        if (wanted.width, wanted.height) == (picture.width, picture.height) {
            self.pixels(&picture);
        } else {
            self.leave_out("its pixels, since they are compared at one size only");
        }
        if !self.found.is_right() && self.found.mistake.is_none() {
            let (rule, expected, limits) = (self.rule, self.expected, self.limits);
            let step = rule.step;
            let wrong = Wrong { step, quality: rule.quality, expected, bytes, picture, limits };
            self.found.mistake = mistake::likely(&wrong);
        }
    }

    fn signature(&mut self, bytes: &[u8], said: Said<'_>) {
        let wanted = self.rule.media_type.as_str();
        let found = media_type(bytes);
        let held = self.expect("signature", found == wanted, || match kind::name(found) {
            Some(kind) => format!("it is a {kind}, {} is asked for", kind::named(wanted)),
            None => format!("neither JPEG nor PNG, {} is asked for", kind::named(wanted)),
        });
        if held {
            return;
        }
        let looks = match kind::name(found) {
            Some(kind) => kind::under_a_name(kind, found, said.name_or(wanted), wanted),
            None => kind::other(bytes, &self.expected.picture),
        };
        if let Some(looks) = looks {
            self.looks_like(looks);
        }
    }

    /// What the output was said to be: by its content type, or by its file's name.
    fn said(&mut self, found: &'static str, said: Said<'_>) {
        let wanted = self.rule.media_type.as_str();
        match said {
            Said::ContentType(said) => {
                let said = said.unwrap_or("none");
                self.expect("content type", said == wanted, || {
                    format!("the object says {said}, not {wanted}")
                });
            }
            Said::FileName(None) => self.leave_out(
                "its content type, since a file has none and its name no ending that tells it",
            ),
            Said::FileName(Some(said)) => {
                let held = self.expect("file name", said == wanted, || {
                    format!("its ending says {said}, not {wanted}")
                });
                if let (false, Some(kind)) = (held, kind::name(found))
                    && let Some(looks) = kind::under_a_name(kind, found, said, wanted)
                {
                    self.looks_like(looks);
                }
            }
        }
    }

    /// A check that an earlier look succeeded.
    fn succeeded<T>(&mut self, name: &'static str, result: Result<T, PictureError>) -> Option<T> {
        let broken = result.as_ref().err().map(|error| format!("it {error}"));
        self.expect(name, broken.is_none(), || broken.unwrap_or_default());
        result.ok()
    }

    fn jpeg(&mut self, bytes: &[u8]) -> Option<Levels> {
        let header = self.succeeded("whole JPEG", jpeg_header(bytes))?;
        self.components(&header, bytes);
        self.size((header.width, header.height));
        self.trailing(header.trailing_bytes);
        let orientation = header.orientation.value();
        let upright = self.expect("upright", orientation == 1, || {
            format!("it still says orientation {orientation}")
        });
        if !upright {
            self.looks_like("metadata copied from the input");
        }
        if header.metadata_bytes > 0 {
            let told = format!("it carries {} bytes of metadata", header.metadata_bytes);
            self.found.findings.push(told);
        }
        let limits = self.limits;
        Some(self.succeeded("decodes", Opened::read(bytes, limits))?.levels())
    }

    fn components(&mut self, header: &JpegHeader, bytes: &[u8]) {
        let found = header.components;
        let single = self.expect("components", found == 1, || {
            format!("it has {found} components, 1 is asked for")
        });
        if !single {
            self.looks_like(match found {
                4 => "a CMYK picture",
                _ => colours(bytes, self.limits),
            });
        }
    }

    fn trailing(&mut self, bytes: usize) {
        self.expect("nothing after the end", bytes == 0, || {
            format!("{bytes} bytes follow the end")
        });
    }

    fn png(&mut self, bytes: &[u8]) -> Option<Levels> {
        let header = self.succeeded("whole PNG", png_header(bytes))?;
        self.color_type(&header);
        self.bit_depth(&header);
        self.size((header.width as usize, header.height as usize));
        self.trailing(header.trailing_bytes);
        self.expect("plain", !header.transparent && !header.animated, || {
            "it is transparent or animated".to_owned()
        });
        self.compression(&header, bytes.len());
        if header.interlaced {
            self.found.findings.push("it is interlaced".to_owned());
        }
        let limits = self.limits;
        let opened = self.succeeded("decodes", Opened::read(bytes, limits))?;
        let carries_ten = self.rule.step == Step::Resize;
        match &opened {
            Opened::Codes(codes) if carries_ten => self.ten_bits(codes),
            Opened::Codes(codes) => {
                let scale = mistake::likely_carrier(self.expected, codes);
                self.looks_like(scale.unwrap_or("a picture of 16 bits a sample"));
            }
            Opened::Levels(_) => {}
        }
        Some(if carries_ten { opened.levels() } else { opened.full_scale() })
    }

    fn color_type(&mut self, header: &PngHeader) {
        let (found, looks) = match header.color_type {
            0 => ("plain grey", ""),
            2 => ("colour", "a picture saved as RGB"),
            3 => ("a palette", "a picture saved with a palette"),
            4 => ("grey with alpha", "grey levels saved with an alpha channel"),
            6 => ("colour with alpha", "a picture saved as RGBA"),
            _ => ("of no known colour type", "no PNG that can be read"),
        };
        let grey = header.color_type == 0;
        if !self.expect("colour type", grey, || format!("it is {found}, plain grey is asked for")) {
            self.looks_like(looks);
        }
    }

    fn bit_depth(&mut self, header: &PngHeader) {
        let wanted = if self.rule.step == Step::Resize { 16 } else { 8 };
        let found = header.bit_depth;
        let held = self.expect("bit depth", found == wanted, || {
            format!("it has {found} bits a sample, {wanted} are asked for")
        });
        match (held, found) {
            (false, 8) => self.looks_like("levels rounded to 8 bits before they were saved"),
            (false, 1) => self.looks_like("a picture of black and white only"),
            (false, 2 | 4) => self.looks_like(format!("a picture of {found} bits a sample")),
            _ => {}
        }
    }

    fn ten_bits(&mut self, codes: &Plane<u16>) {
        let levels = metric::levels(codes);
        if levels <= 256 {
            let told = format!("it has only {levels} levels, no more than 8 bits hold");
            self.found.findings.push(told);
        }
        let highest = codes.samples.iter().copied().max().unwrap_or(0);
        // Overshoot reaches about 1,100: far above it is another scale.
        let held = self.expect("10-bit samples", highest < 2048, || {
            format!("its highest sample is {highest}, 1023 is asked for")
        });
        if !held && let Some(scale) = mistake::likely_scale(self.expected, codes) {
            self.looks_like(scale);
        }
    }

    /// Another level of compression is paid for in time, so it is told.
    fn compression(&mut self, header: &PngHeader, bytes: usize) {
        let bits = header.width as usize * header.height as usize * usize::from(header.bit_depth);
        if header.color_type == 0 && bytes > bits / 8 {
            self.found.findings.push(format!("its {bytes} bytes are not compressed"));
            return;
        }
        let level = match header.zlib_level {
            1 => "2 to 5",
            2 => "6, the default",
            3 => "7 to 9",
            _ => return,
        };
        let told = format!("its {bytes} bytes are compressed at zlib level {level}, not 1");
        self.found.findings.push(told);
    }

    fn size(&mut self, (width, height): (usize, usize)) {
        let wanted = (self.expected.picture.width, self.expected.picture.height);
        self.expect("size", wanted == (width, height), || {
            format!("it is {width}x{height}, {}x{} is asked for", wanted.0, wanted.1)
        });
    }
}

/// What three components hold.
fn colours(bytes: &[u8], limits: Limits) -> &'static str {
    let Ok((picture, _)) = decode_rgb(bytes, limits) else {
        return "a JPEG that is not grey";
    };
    let grey = picture
        .samples
        .as_chunks::<3>()
        .0
        .iter()
        .all(|&[r, g, b]| r.abs_diff(g) <= 2 && g.abs_diff(b) <= 2);
    if grey { "grey levels saved as three equal components" } else { "a picture left in colour" }
}
