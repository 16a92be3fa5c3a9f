//! The judge: one output held against the reference, cheap checks first.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use photofinish_imaging::{Error as PictureError, Limits as PictureLimits};
use photofinish_study::{InputError, Name};
use serde::Serialize;

use crate::bench::{Bench, Looked};
use crate::contract::{Contract, Rule, Step};
use crate::difference::{self, WorstPixel};
use crate::expected::{Expected, Levels};
use crate::kind::Said;
use crate::opened::Opened;

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

/// On which side of its limit a figure must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bound {
    /// Not above it.
    Most,
    /// Not below it.
    Least,
}

impl Bound {
    pub(crate) fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Most => value <= limit,
            Self::Least => value >= limit,
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: Cow<'static, str>,
    /// What the contract calls its limit, if it sets one.
    pub limit_name: Option<&'static str>,
    /// What was found, if it is a number.
    pub value: Option<f64>,
    /// What is allowed, if it is a number.
    pub limit: Option<f64>,
    /// On which side of the limit it must be, if it is a number.
    pub bound: Option<Bound>,
    /// Whether it holds.
    pub passed: bool,
    /// Column and row of the worst difference, if it has a place.
    pub place: Option<(usize, usize)>,
    /// In words, what was expected and what it looks like.
    pub note: Option<String>,
}

impl Check {
    /// One without a figure, a place or a note.
    pub(crate) fn of(name: &'static str, passed: bool) -> Self {
        let (limit_name, value, limit, bound) = (None, None, None, None);
        let (place, note) = (None, None);
        Self { name: name.into(), limit_name, value, limit, bound, passed, place, note }
    }
}

/// What the judge says of one output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// Whether every check holds.
    pub accepted: bool,
    /// Every check that could be made, cheap to dear; the first that failed is what decided.
    pub checks: Vec<Check>,
    /// What could not be looked at, and why.
    pub left_out: Vec<String>,
    /// Worth knowing, but no reason to reject.
    pub findings: Vec<String>,
    /// The common mistake that it looks like, if it was rejected.
    pub mistake: Option<String>,
    /// Why it was rejected, in a sentence.
    pub reason: Option<String>,
}

impl Judgement {
    /// Nothing was looked at and nothing is wrong.
    #[must_use]
    pub fn accepted() -> Self {
        Self {
            accepted: true,
            checks: Vec::new(),
            left_out: Vec::new(),
            findings: Vec::new(),
            mistake: None,
            reason: None,
        }
    }

    /// Rejected before any picture could be looked at.
    #[must_use]
    pub fn rejected(check: &'static str, reason: &str) -> Self {
        let failed = Check { note: Some(reason.to_owned()), ..Check::of(check, false) };
        Self {
            accepted: false,
            checks: vec![failed],
            left_out: Vec::new(),
            findings: Vec::new(),
            mistake: None,
            reason: Some(reason.to_owned()),
        }
    }

    /// The check that decided: the first that failed, or the last and dearest with a number.
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
            Step::Greyscale => {
                photofinish_imaging::reference::greyscale(input, rule.quality, self.limits)?
            }
            Step::Resize => {
                photofinish_imaging::reference::resize(input, width, height, self.limits)?
            }
            Step::Depth => photofinish_imaging::reference::depth(input, self.limits)?,
            Step::Rotate => {
                photofinish_imaging::reference::rotate(input, rule.quality, self.limits)?
            }
            Step::Convert => photofinish_imaging::reference::convert(input, self.limits)?,
        })
    }

    /// The same from the functions that may be faster: what the native variant writes.
    pub fn native(&self, function: &Name, input: &[u8]) -> Result<Vec<u8>, JudgeError> {
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

    /// What outputs made from this input are held against, made once however many they are.
    pub fn prepare(&self, function: &Name, input: Arc<[u8]>) -> Result<Prepared, JudgeError> {
        let rule = self.rule(function)?.clone();
        let expected = Expected::of(&rule, &input, self.limits)?;
        Ok(Prepared { rule, limits: self.limits, input, expected })
    }

    /// Holds one output against the reference on the input that it was made from.
    pub fn judge(
        &self,
        function: &Name,
        input: &[u8],
        output: &Output<'_>,
    ) -> Result<Judgement, JudgeError> {
        Ok(self.prepare(function, input.into())?.judge(output))
    }
}

/// One function on one input, ready to judge any number of outputs.
pub struct Prepared {
    rule: Rule,
    limits: PictureLimits,
    input: Arc<[u8]>,
    expected: Expected,
}

impl Prepared {
    /// Holds one output against the reference.
    #[must_use]
    pub fn judge(&self, output: &Output<'_>) -> Judgement {
        self.look(output.bytes, Said::ContentType(output.content_type))
    }

    /// The same for an output in a file, which has no content type: its name's ending is looked
    /// at instead.
    #[must_use]
    pub fn judge_file(&self, bytes: &[u8], file: &Path) -> Judgement {
        self.look(bytes, Said::by(file))
    }

    fn look(&self, bytes: &[u8], said: Said<'_>) -> Judgement {
        let bench = Bench::new(&self.rule, &self.expected, self.limits);
        let looked = bench.look(&self.input, bytes, said);
        let accepted = looked.is_right();
        let Looked { checks, left_out, findings, mistake } = looked;
        let reason = checks
            .iter()
            .find(|check| !check.passed)
            .map(|check| sentence(check, mistake.as_deref()));
        Judgement { accepted, checks, left_out, findings, mistake, reason }
    }

    /// The pixel that is furthest from what is asked for; none of what is no picture of its size.
    #[must_use]
    pub fn worst_pixel(&self, bytes: &[u8]) -> Option<WorstPixel> {
        WorstPixel::between(&self.expected.picture, &self.picture(bytes)?)
    }

    /// How far each pixel is off, amplified until the worst is white: a PNG file at full size.
    /// None of what is no picture of the size that is asked for.
    pub fn difference(&self, bytes: &[u8]) -> Result<Option<Vec<u8>>, JudgeError> {
        let Some(picture) = self.picture(bytes) else { return Ok(None) };
        Ok(difference::amplified(&self.expected.picture, &picture).transpose()?)
    }

    fn picture(&self, bytes: &[u8]) -> Option<Levels> {
        let opened = Opened::read(bytes, self.limits).ok()?;
        Some(match self.rule.step {
            Step::Resize => opened.levels(),
            _ => opened.full_scale(),
        })
    }
}

/// `it looks like MISTAKE: NAME VALUE, LIMIT allowed, worst at column X, row Y: NOTE`.
fn sentence(check: &Check, mistake: Option<&str>) -> String {
    let mut sentence = String::new();
    if let Some(mistake) = mistake {
        sentence += &format!("it looks like {mistake}: ");
    }
    sentence += &check.name;
    if let (Some(value), Some(limit), Some(bound)) = (check.value, check.limit, check.bound) {
        sentence += &match bound {
            Bound::Most => format!(" {}, {} allowed", figure(value), figure(limit)),
            Bound::Least => format!(" {}, at least {} asked for", figure(value), figure(limit)),
        };
    }
    if let Some((x, y)) = check.place {
        sentence += &format!(", worst at column {x}, row {y}");
    }
    if let Some(note) = &check.note {
        sentence += &format!(": {note}");
    }
    sentence
}

/// A figure with three decimals, or three digits if it is small.
#[must_use]
pub fn figure(value: f64) -> String {
    let small = value != 0.0 && value.abs() < 0.1;
    let digits = if small { 2 - value.abs().log10().floor().max(-9.0) as i32 } else { 3 };
    let text = format!("{value:.*}", usize::try_from(digits).unwrap_or(3));
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}
