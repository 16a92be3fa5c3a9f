//! The bench: what an output is, checked cheap to dear, before its pixels are compared.

use photofinish_imaging::metric::{self, Worst};
use photofinish_imaging::{
    Depth, Error as PictureError, Limits, PngHeader, decode_grey, decode_png, decode_rgb,
    jpeg_header, png_header,
};

use crate::contract::{Rule, Step};
use crate::expected::{Expected, Levels};
use crate::judge::{Check, Output, media_type};
use crate::mistake;

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
    checks: Vec<Check>,
    findings: Vec<String>,
    mistake: Option<String>,
}

impl<'a> Bench<'a> {
    pub(crate) fn new(rule: &'a Rule, expected: &'a Expected, limits: Limits) -> Self {
        Self { rule, expected, limits, checks: Vec::new(), findings: Vec::new(), mistake: None }
    }

    /// The checks, the findings, and what a rejected output looks like.
    pub(crate) fn findings(self) -> (Vec<Check>, Vec<String>, Option<String>) {
        (self.checks, self.findings, self.mistake)
    }

    /// A check in words; `None` if it fails.
    pub(crate) fn expect(
        &mut self,
        name: &'static str,
        passed: bool,
        note: impl FnOnce() -> String,
    ) -> Option<()> {
        let note = (!passed).then(note);
        self.checks.push(Check { note, ..Check::of(name, passed) });
        passed.then_some(())
    }

    /// A figure that may not be above its limit, where the contract sets one.
    pub(crate) fn at_most(
        &mut self,
        figure: Figure,
        value: f64,
        limit: Option<f64>,
        worst: Option<Worst>,
    ) -> Option<()> {
        let Some(limit) = limit else { return Some(()) };
        let place = worst.map(|worst| (worst.x, worst.y));
        self.measured(figure, value, limit, value <= limit, place)
    }

    /// A figure that may not be below its limit, where the contract sets one.
    pub(crate) fn at_least(
        &mut self,
        figure: Figure,
        value: f64,
        limit: Option<f64>,
    ) -> Option<()> {
        let Some(limit) = limit else { return Some(()) };
        self.measured(figure, value, limit, value >= limit, None)
    }

    fn measured(
        &mut self,
        figure: Figure,
        value: f64,
        limit: f64,
        passed: bool,
        place: Option<(usize, usize)>,
    ) -> Option<()> {
        let (limit_name, value, limit) = (Some(figure.limit_name), Some(value), Some(limit));
        let check = Check::of(figure.name, passed);
        self.checks.push(Check { limit_name, value, limit, place, ..check });
        passed.then_some(())
    }

    /// Says what a rejected output looks like.
    fn looks_like(&mut self, mistake: impl Into<String>) {
        self.mistake.get_or_insert(mistake.into());
    }

    /// Every check; `None` as soon as one fails.
    pub(crate) fn look(&mut self, input: &[u8], output: &Output<'_>) -> Option<()> {
        let held = self.looked(output);
        if held.is_none() && output.bytes == input {
            self.mistake = Some("the input, passed on as it came".to_owned());
        }
        held
    }

    fn looked(&mut self, output: &Output<'_>) -> Option<()> {
        let bytes = output.bytes;
        let wanted = self.rule.media_type.as_str();
        self.expect("something was written", !bytes.is_empty(), || {
            "the object is empty".to_owned()
        })?;
        self.signature(bytes, wanted)?;
        let said = output.content_type.unwrap_or("none");
        self.expect("content type", said == wanted, || {
            format!("the object says {said}, not {wanted}")
        })?;
        let picture = if wanted == "image/jpeg" { self.jpeg(bytes)? } else { self.png(bytes)? };
        let held = self.pixels(&picture);
        if held.is_none() {
            self.name_mistake(&picture);
        }
        held
    }

    fn name_mistake(&mut self, picture: &Levels) {
        if let Some(mistake) = mistake::likely(self.rule.step, self.expected, picture, self.limits)
        {
            self.looks_like(mistake);
        }
    }

    fn signature(&mut self, bytes: &[u8], wanted: &str) -> Option<()> {
        let found = media_type(bytes);
        let held = self.expect("signature", found == wanted, || match found {
            "application/octet-stream" => format!("neither JPEG nor PNG, {wanted} is asked for"),
            found => format!("the bytes are {found}, {wanted} is asked for"),
        });
        match (held, found) {
            (None, "image/png") => self.looks_like("a PNG under a JPEG's name"),
            (None, "image/jpeg") => self.looks_like("a JPEG under a PNG's name"),
            _ => {}
        }
        held
    }

    /// A check that an earlier look succeeded.
    fn succeeded<T>(&mut self, name: &'static str, result: Result<T, PictureError>) -> Option<T> {
        let broken = result.as_ref().err().map(|error| format!("it {error}"));
        self.expect(name, broken.is_none(), || broken.unwrap_or_default())?;
        result.ok()
    }

    fn jpeg(&mut self, bytes: &[u8]) -> Option<Levels> {
        let header = self.succeeded("whole JPEG", jpeg_header(bytes))?;
        let single = self.expect("components", header.components == 1, || {
            format!("it has {} components, 1 is asked for", header.components)
        });
        if single.is_none() {
            self.looks_like(colours(bytes, self.limits));
        }
        single?;
        let limits = self.limits;
        self.size((header.width, header.height), || {
            Some(decode_grey(bytes, limits).ok()?.0.map(f32::from))
        })?;
        self.expect("nothing after the end", header.trailing_bytes == 0, || {
            format!("{} bytes follow the end", header.trailing_bytes)
        })?;
        let orientation = header.orientation.value();
        let upright = self.expect("upright", orientation == 1, || {
            format!("it still says orientation {orientation}")
        });
        if upright.is_none() {
            self.looks_like("metadata copied from the input");
        }
        upright?;
        if header.metadata_bytes > 0 {
            self.findings.push(format!("it carries {} bytes of metadata", header.metadata_bytes));
        }
        let (plane, _) = self.succeeded("decodes", decode_grey(bytes, limits))?;
        Some(plane.map(f32::from))
    }

    fn png(&mut self, bytes: &[u8]) -> Option<Levels> {
        let header = self.succeeded("whole PNG", png_header(bytes))?;
        self.expect("colour type", header.color_type == 0, || {
            let found = match header.color_type {
                2 => "colour",
                3 => "a palette",
                4 => "grey with alpha",
                6 => "colour with alpha",
                _ => "of no known colour type",
            };
            format!("it is {found}, plain grey is asked for")
        })?;
        self.bit_depth(&header)?;
        let size = (header.width as usize, header.height as usize);
        let limits = self.limits;
        self.size(size, || Some(levels(&decode_png(bytes, limits).ok()?)))?;
        self.expect("nothing after the end", header.trailing_bytes == 0, || {
            format!("{} bytes follow the end", header.trailing_bytes)
        })?;
        self.expect("plain", !header.transparent && !header.animated, || {
            "it is transparent or animated".to_owned()
        })?;
        self.compression(&header, bytes.len());
        let decoded = self.succeeded("decodes", decode_png(bytes, limits))?;
        if let Depth::Sixteen(codes) = &decoded {
            self.ten_bits(codes)?;
        }
        Some(levels(&decoded))
    }

    fn bit_depth(&mut self, header: &PngHeader) -> Option<()> {
        let wanted = if self.rule.step == Step::Resize { 16 } else { 8 };
        let found = header.bit_depth;
        let held = self.expect("bit depth", found == wanted, || {
            format!("it has {found} bits a sample, {wanted} are asked for")
        });
        match (held, found) {
            (None, 8) => self.looks_like("levels rounded to 8 bits before they were saved"),
            (None, 16) => self.looks_like("8-bit levels left in a 16-bit picture"),
            (None, 1) => self.looks_like("a picture of black and white only"),
            _ => {}
        }
        held
    }

    fn ten_bits(&mut self, codes: &photofinish_imaging::Plane<u16>) -> Option<()> {
        let levels = metric::levels(codes);
        if levels <= 256 {
            self.findings.push(format!("it has only {levels} levels, no more than 8 bits hold"));
        }
        let highest = codes.samples.iter().copied().max().unwrap_or(0);
        // Overshoot reaches about 1,100: far above it is another scale.
        let held = self.expect("10-bit samples", highest < 2048, || {
            format!("its highest sample is {highest}, 1023 is asked for")
        });
        if held.is_none()
            && let Some(scale) = mistake::likely_scale(self.expected, codes)
        {
            self.looks_like(scale);
        }
        held
    }

    /// Another level of compression is paid for in time, so it is told.
    fn compression(&mut self, header: &PngHeader, bytes: usize) {
        let raw =
            header.width as usize * header.height as usize * usize::from(header.bit_depth / 8);
        if bytes > raw {
            self.findings.push(format!("its {bytes} bytes are not compressed"));
            return;
        }
        let level = match header.zlib_level {
            1 => "2 to 5",
            2 => "6, the default",
            3 => "7 to 9",
            _ => return,
        };
        self.findings
            .push(format!("its {bytes} bytes are compressed at zlib level {level}, not 1"));
    }

    fn size(
        &mut self,
        (width, height): (usize, usize),
        picture: impl FnOnce() -> Option<Levels>,
    ) -> Option<()> {
        let wanted = (self.expected.picture.width, self.expected.picture.height);
        let held = self.expect("size", wanted == (width, height), || {
            format!("it is {width}x{height}, {}x{} is asked for", wanted.0, wanted.1)
        });
        if held.is_none()
            && let Some(picture) = picture()
        {
            self.name_mistake(&picture);
        }
        held
    }
}

/// Levels of 8 bits; a filter's overshoot counts as white.
fn levels(decoded: &Depth) -> Levels {
    match decoded {
        Depth::Eight(plane) => plane.map(f32::from),
        Depth::Sixteen(codes) => codes.map(|code| f32::from(code.min(1023)) * (255.0 / 1023.0)),
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
