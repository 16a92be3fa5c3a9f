//! The judge: one output held against the reference, cheap checks first.

use std::borrow::Cow;

use photofinish_imaging::metric::{self, Worst};
use photofinish_imaging::{
    Depth, Error as PictureError, Filter, Limits as PictureLimits, Plane, decode_grey, decode_png,
    encode_grey, jpeg_header, png_header,
};
use photofinish_study::{InputError, Name};
use serde::Serialize;

use crate::contract::{Contract, Rule, Step};
use crate::mistake;

/// The reference cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The contract says nothing of this function.
    #[error("the contract has no function `{0}`")]
    UnknownFunction(Name),
    /// The reference refuses the input.
    #[error("the input {0}")]
    Input(#[from] PictureError),
}

/// What a function wrote.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// The object's bytes.
    pub bytes: &'a [u8],
    /// The object's content type.
    pub content_type: Option<&'a str>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: Cow<'static, str>,
    /// What was found, if it is a number.
    pub value: Option<f64>,
    /// What is allowed, if it is a number.
    pub limit: Option<f64>,
    /// Whether it holds.
    pub passed: bool,
    /// In words, where it is and what was expected.
    pub note: Option<String>,
}

/// What the judge says of one output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// Whether every check holds.
    pub accepted: bool,
    /// Every check that was made, cheap to dear; the last one failed if it was rejected.
    pub checks: Vec<Check>,
    /// Worth knowing, but no reason to reject.
    pub findings: Vec<String>,
    /// Why it was rejected, in a sentence.
    pub reason: Option<String>,
}

impl Judgement {
    /// Nothing was looked at and nothing is wrong.
    #[must_use]
    pub fn accepted() -> Self {
        Self { accepted: true, checks: Vec::new(), findings: Vec::new(), reason: None }
    }

    /// Rejected before any picture could be looked at.
    #[must_use]
    pub fn rejected(check: &'static str, reason: &str) -> Self {
        let failed = Check {
            name: check.into(),
            value: None,
            limit: None,
            passed: false,
            note: Some(reason.to_owned()),
        };
        let reason = Some(reason.to_owned());
        Self { accepted: false, checks: vec![failed], findings: Vec::new(), reason }
    }

    /// The check that decided: the one that failed, or the last and dearest with a number.
    #[must_use]
    pub fn deciding(&self) -> Option<&Check> {
        let failed = self.checks.iter().find(|check| !check.passed);
        failed.or_else(|| self.checks.iter().rfind(|check| check.limit.is_some()))
    }
}

/// The media type that a file's signature stands for.
#[must_use]
pub fn media_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xd8, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        _ => "application/octet-stream",
    }
}

/// The contract at work.
#[derive(Debug, Clone)]
pub struct Judge {
    contract: Contract,
    limits: PictureLimits,
}

/// A picture as it is compared: levels of 8 bits, whatever it was stored in.
pub(crate) type Levels = Plane<f32>;

impl Judge {
    /// A judge for this contract.
    pub fn for_contract(contract: &Contract) -> Result<Self, InputError> {
        Ok(Self { contract: contract.clone(), limits: PictureLimits::default() })
    }

    fn rule(&self, function: &Name) -> Result<&Rule, JudgeError> {
        self.contract.rule(function).ok_or_else(|| JudgeError::UnknownFunction(function.clone()))
    }

    /// What the reference makes of this input.
    pub fn reference(&self, function: &Name, input: &[u8]) -> Result<Vec<u8>, JudgeError> {
        let rule = self.rule(function)?;
        let (width, height) = rule.size.unwrap_or((800, 600));
        Ok(match rule.step {
            Step::Greyscale => photofinish_imaging::greyscale(input, rule.quality, self.limits)?,
            Step::Resize => photofinish_imaging::resize(input, width, height, self.limits)?,
            Step::Depth => photofinish_imaging::depth(input, self.limits)?,
            Step::Rotate => photofinish_imaging::rotate(input, rule.quality, self.limits)?,
            Step::Convert => photofinish_imaging::convert(input, self.limits)?,
        })
    }

    /// Holds one output against the reference on the input that it was made from.
    pub fn judge(
        &self,
        function: &Name,
        input: &[u8],
        output: &Output<'_>,
    ) -> Result<Judgement, JudgeError> {
        let rule = self.rule(function)?;
        let expected = Expected::of(rule, input, self.limits)?;
        let mut bench = Bench::default();
        // The first check that fails ends it: `None` is a rejection.
        let accepted = bench.look(rule, &expected, output, self.limits).is_some();
        let reason = bench.checks.iter().find(|check| !check.passed).map(sentence);
        Ok(Judgement { accepted, checks: bench.checks, findings: bench.findings, reason })
    }
}

fn sentence(check: &Check) -> String {
    let figures = match (check.value, check.limit) {
        (Some(value), Some(limit)) => format!(" is {value:.3}, the limit is {limit:.3}"),
        _ => String::new(),
    };
    let note = check.note.as_deref().map_or_else(String::new, |note| {
        if figures.is_empty() { format!(": {note}") } else { format!(" ({note})") }
    });
    format!("{}{figures}{note}", check.name)
}

/// What the reference has before it is encoded.
pub(crate) struct Expected {
    /// The picture that is asked for.
    pub(crate) picture: Levels,
    /// For resize: what other antialiasing filters give.
    pub(crate) filters: Vec<Levels>,
    /// The input, decoded.
    pub(crate) input: mistake::Given,
    /// Codes of the input, for the depth map.
    pub(crate) codes: Option<Plane<u16>>,
}

impl Expected {
    fn of(rule: &Rule, input: &[u8], limits: PictureLimits) -> Result<Self, PictureError> {
        let from_8 = |plane: &Plane<u8>| plane.map(f32::from);
        Ok(match rule.step {
            Step::Greyscale => {
                let picture = from_8(&photofinish_imaging::upright_grey(input, limits)?);
                let given = mistake::Given::colour(input, limits)?;
                Self { picture, filters: Vec::new(), input: given, codes: None }
            }
            Step::Resize => {
                let (plane, _) = decode_grey(input, limits)?;
                let (width, height) = rule.size.unwrap_or((800, 600));
                let tenth = |filter| {
                    photofinish_imaging::ten_bits(&plane, width, height, filter)
                        .map(|code| f32::from(code) * (255.0 / 1023.0))
                };
                let filters: Vec<Levels> = Filter::ALL.map(tenth).to_vec();
                let given = mistake::Given::Grey(from_8(&plane));
                Self { picture: filters[0].clone(), filters, input: given, codes: None }
            }
            Step::Depth => {
                let Depth::Sixteen(codes) = decode_png(input, limits)? else {
                    let found = "an 8-bit PNG".to_owned();
                    return Err(PictureError::Unsuited { found, expected: "16-bit greyscale PNG" });
                };
                let picture = from_8(&photofinish_imaging::to_eight_bits(&codes));
                let given = mistake::Given::Codes(codes.clone());
                Self { picture, filters: Vec::new(), input: given, codes: Some(codes) }
            }
            Step::Rotate => {
                let Depth::Eight(plane) = decode_png(input, limits)? else {
                    let found = "a 16-bit PNG".to_owned();
                    return Err(PictureError::Unsuited { found, expected: "8-bit greyscale PNG" });
                };
                let given = mistake::Given::Grey(from_8(&plane));
                Self { picture: from_8(&plane.clockwise()), filters: Vec::new(), input: given, codes: None }
            }
            Step::Convert => {
                let (plane, _) = decode_grey(input, limits)?;
                let given = mistake::Given::Grey(from_8(&plane));
                Self { picture: from_8(&plane), filters: Vec::new(), input: given, codes: None }
            }
        })
    }
}

/// The checks under way.
#[derive(Default)]
struct Bench {
    checks: Vec<Check>,
    findings: Vec<String>,
}

impl Bench {
    /// A check in words; `None` if it fails.
    fn expect(&mut self, name: &'static str, passed: bool, note: impl FnOnce() -> String) -> Option<()> {
        let note = (!passed).then(note);
        self.checks.push(Check { name: name.into(), value: None, limit: None, passed, note });
        passed.then_some(())
    }

    fn measure(
        &mut self,
        name: &'static str,
        value: f64,
        limit: f64,
        passed: bool,
        note: Option<String>,
    ) -> Option<()> {
        let (value, limit) = (Some(value), Some(limit));
        self.checks.push(Check { name: name.into(), value, limit, passed, note });
        passed.then_some(())
    }

    fn at_most(&mut self, name: &'static str, value: f64, limit: Option<f64>, place: Option<Worst>) -> Option<()> {
        let Some(limit) = limit else { return Some(()) };
        let note = place.map(|worst| format!("worst at column {}, row {}", worst.x, worst.y));
        self.measure(name, value, limit, value <= limit, note)
    }

    fn at_least(&mut self, name: &'static str, value: f64, limit: Option<f64>) -> Option<()> {
        let Some(limit) = limit else { return Some(()) };
        self.measure(name, value, limit, value >= limit, None)
    }

    fn look(
        &mut self,
        rule: &Rule,
        expected: &Expected,
        output: &Output<'_>,
        limits: PictureLimits,
    ) -> Option<()> {
        let (bytes, wanted) = (output.bytes, rule.media_type.as_str());
        self.expect("something was written", !bytes.is_empty(), || "the object is empty".to_owned())?;
        let found = media_type(bytes);
        self.expect("signature", found == wanted, || match found {
            "application/octet-stream" => format!("neither JPEG nor PNG, {wanted} is asked for"),
            found => format!("the bytes are {found}, {wanted} is asked for"),
        })?;
        let said = output.content_type.unwrap_or("none");
        self.expect("content type", said == wanted, || format!("the object says {said}, not {wanted}"))?;
        let picture = if wanted == "image/jpeg" {
            self.jpeg(expected, bytes, limits)?
        } else {
            self.png(rule, expected, bytes, limits)?
        };
        let before = self.checks.len();
        let held = self.pixels(rule, expected, &picture);
        if held.is_none()
            && let Some(mistake) = mistake::likely(rule.step, expected, &picture)
            && let Some(failed) = self.checks[before..].iter_mut().find(|check| !check.passed)
        {
            let note = failed.note.take().map_or_else(String::new, |note| format!("; {note}"));
            failed.note = Some(format!("it looks like {mistake}{note}"));
        }
        held
    }

    fn jpeg(&mut self, expected: &Expected, bytes: &[u8], limits: PictureLimits) -> Option<Levels> {
        let header = jpeg_header(bytes);
        let broken = |error: &PictureError| format!("it {error}");
        self.expect("whole JPEG", header.is_ok(), || header.as_ref().err().map_or_else(String::new, broken))?;
        let header = header.ok()?;
        self.expect("components", header.components == 1, || {
            format!("it has {} components, 1 is asked for", header.components)
        })?;
        self.size(expected, header.width, header.height)?;
        self.expect("nothing after the end", header.trailing_bytes == 0, || {
            format!("{} bytes follow the end", header.trailing_bytes)
        })?;
        self.expect("upright", header.orientation.value() == 1, || {
            format!("it still says orientation {}", header.orientation.value())
        })?;
        if header.metadata_bytes > 0 {
            self.findings.push(format!("it carries {} bytes of metadata", header.metadata_bytes));
        }
        let decoded = decode_grey(bytes, limits);
        self.expect("decodes", decoded.is_ok(), || decoded.as_ref().err().map_or_else(String::new, broken))?;
        Some(decoded.ok()?.0.map(f32::from))
    }

    fn png(
        &mut self,
        rule: &Rule,
        expected: &Expected,
        bytes: &[u8],
        limits: PictureLimits,
    ) -> Option<Levels> {
        let header = png_header(bytes);
        let broken = |error: &PictureError| format!("it {error}");
        self.expect("whole PNG", header.is_ok(), || header.as_ref().err().map_or_else(String::new, broken))?;
        let header = header.ok()?;
        self.expect("colour type", header.color_type == 0, || {
            format!("it is of colour type {}, grey (0) is asked for", header.color_type)
        })?;
        let depth = if rule.step == Step::Resize { 16 } else { 8 };
        self.expect("bit depth", header.bit_depth == depth, || {
            format!("it has {} bits a sample, {depth} are asked for", header.bit_depth)
        })?;
        self.size(expected, header.width as usize, header.height as usize)?;
        self.expect("nothing after the end", header.trailing_bytes == 0, || {
            format!("{} bytes follow the end", header.trailing_bytes)
        })?;
        self.expect("plain", !header.transparent && !header.animated, || {
            "it is transparent or animated".to_owned()
        })?;
        let decoded = decode_png(bytes, limits);
        self.expect("decodes", decoded.is_ok(), || decoded.as_ref().err().map_or_else(String::new, broken))?;
        match decoded.ok()? {
            Depth::Eight(plane) => Some(plane.map(f32::from)),
            Depth::Sixteen(codes) => {
                let levels = metric::levels(&codes);
                if levels <= 256 {
                    self.findings.push(format!("it has only {levels} levels: 8 bits, scaled"));
                }
                let highest = codes.samples.iter().copied().max().unwrap_or(0);
                // Overshoot reaches about 1,100: far above it is another scale.
                self.expect("10-bit samples", highest < 2048, || {
                    format!("its highest sample is {highest}: it looks like samples scaled to 16 bits")
                })?;
                Some(codes.map(|code| f32::from(code.min(1023)) * (255.0 / 1023.0)))
            }
        }
    }

    fn size(&mut self, expected: &Expected, width: usize, height: usize) -> Option<()> {
        let wanted = (expected.picture.width, expected.picture.height);
        let turned = wanted == (height, width) && width != height;
        self.expect("size", wanted == (width, height), || {
            let hint = if turned { ": it looks like the turn is missing or one too many" } else { "" };
            format!("it is {width}x{height}, {}x{} is asked for{hint}", wanted.0, wanted.1)
        })
    }

    fn pixels(&mut self, rule: &Rule, expected: &Expected, picture: &Levels) -> Option<()> {
        let limits = &rule.limits;
        if rule.step == Step::Resize {
            return self.resized(rule, expected, picture);
        }
        let worst = metric::worst_pixel(&expected.picture, picture);
        self.at_most("largest pixel difference", worst.value, limits.pixel, Some(worst))?;
        let (mean, block) = metric::block_means(&expected.picture, picture);
        self.at_most("block mean difference", mean, limits.block_mean, None)?;
        self.at_most("largest block difference", block.value, limits.block_max, Some(block))?;
        if let Some(limit) = limits.above_q88 {
            let above = above_quality_88(&expected.picture, picture)?;
            self.at_least("quality above a q88 JPEG, dB", above, Some(limit))?;
        }
        match &expected.codes {
            Some(codes) => self.depth_map(limits.levels, codes, picture),
            None => Some(()),
        }
    }

    fn resized(&mut self, rule: &Rule, expected: &Expected, picture: &Levels) -> Option<()> {
        let limits = &rule.limits;
        let nearest = expected
            .filters
            .iter()
            .map(|filter| metric::psnr(filter, picture, 255.0))
            .fold(f64::NEG_INFINITY, f64::max);
        self.at_least("PSNR against the best of four filters, dB", nearest, limits.psnr)?;
        let (mean, _) = metric::block_means(&expected.picture, picture);
        self.at_most("block mean difference", mean, limits.block_mean, None)?;
        let outside = outside(&expected.filters, picture);
        self.at_most("outside the filters' range", outside.worst.value, limits.outside, Some(outside.worst))?;
        self.at_most("share outside by more than 8", outside.share, limits.outside_share, None)
    }

    /// A depth map is a function of the code, rises with it, and keeps the levels.
    fn depth_map(&mut self, least: Option<f64>, codes: &Plane<u16>, picture: &Levels) -> Option<()> {
        let mut map = [None; 1024];
        for (code, level) in codes.samples.iter().zip(&picture.samples) {
            let known = &mut map[usize::from(*code).min(1023)];
            let same = known.is_none_or(|known: f32| known == *level);
            if !same {
                return self.expect("one level for each code", false, || {
                    format!("code {code} is given as more than one level")
                });
            }
            *known = Some(*level);
        }
        let known: Vec<f32> = map.iter().flatten().copied().collect();
        self.expect("rises with the code", known.is_sorted(), || "a higher code is darker".to_owned())?;
        if known.len() < 1024 {
            return Some(());
        }
        self.expect("0 stays 0 and 1023 becomes 255", (known[0], known[1023]) == (0.0, 255.0), || {
            format!("0 becomes {} and 1023 becomes {}", known[0], known[1023])
        })?;
        let mut levels = known;
        levels.dedup();
        self.at_least("levels over all codes", levels.len() as f64, least)
    }
}

/// How much nearer to the picture it is than the picture's own JPEG of quality 88.
fn above_quality_88(expected: &Levels, picture: &Levels) -> Option<f64> {
    let plane = expected.map(|level| level.round().clamp(0.0, 255.0) as u8);
    let coarse = encode_grey(&plane, 88).ok()?;
    let (coarse, _) = decode_grey(&coarse, PictureLimits::default()).ok()?;
    let own = metric::psnr(expected, picture, 255.0);
    let coarse = metric::psnr(expected, &coarse.map(f32::from), 255.0);
    // Two perfect copies are as good as each other.
    Some(if own.is_infinite() && coarse.is_infinite() { 0.0 } else { own - coarse })
}

struct Outside {
    worst: Worst,
    share: f64,
}

/// How far pixels lie outside of what any of the filters gives.
fn outside(filters: &[Levels], picture: &Levels) -> Outside {
    let mut worst = Worst { value: 0.0, x: 0, y: 0 };
    let mut far = 0_u32;
    for (index, &level) in picture.samples.iter().enumerate() {
        let values = filters.iter().map(|filter| filter.samples[index]);
        let (low, high) = values.fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let distance = f64::from((low - level).max(level - high).max(0.0));
        far += u32::from(distance > 8.0);
        if distance > worst.value {
            worst = Worst { value: distance, x: index % picture.width, y: index / picture.width };
        }
    }
    Outside { worst, share: f64::from(far) / picture.samples.len() as f64 }
}

