//! `contract.toml`: what each function takes and gives, and how far it may be off.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use photofinish_imaging::{
    ColourJpeg, Palette, Sampling, all_codes, encode_grey, encode_png16, encode_rgb, luma, scene,
};
use photofinish_study::{InputError, Name, Source, nearest};
use serde::Deserialize;
use toml::Spanned;

use crate::draw::Dice;

const FORMAT: u32 = 1;

/// An application's contract, read and checked.
#[derive(Debug, Clone)]
pub struct Contract {
    rules: BTreeMap<Name, Rule>,
    fixtures: Vec<RawFixture>,
}

/// What one function must do.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Which of the reference's functions it is compared with.
    pub step: Step,
    /// What it writes.
    pub media_type: String,
    /// Fixed size of what it writes, where there is one.
    pub size: Option<(usize, usize)>,
    /// Quality of the JPEG it writes.
    pub quality: u8,
    /// How far it may be off.
    pub limits: Limits,
}

/// The reference's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Colour JPEG to grey JPEG.
    Greyscale,
    /// Grey JPEG to 10 bits at a fixed size.
    Resize,
    /// 10 bits to 8.
    Depth,
    /// A quarter turn clockwise.
    Rotate,
    /// JPEG to PNG.
    Convert,
}

impl Step {
    const ALL: [(&'static str, Self); 5] = [
        ("builtin:greyscale", Self::Greyscale),
        ("builtin:resize", Self::Resize),
        ("builtin:depth", Self::Depth),
        ("builtin:rotate", Self::Rotate),
        ("builtin:convert", Self::Convert),
    ];

    /// Whether it takes a JPEG of one component only.
    #[must_use]
    pub fn needs_grey(self) -> bool {
        matches!(self, Self::Resize | Self::Convert)
    }

    /// What it takes, in words.
    #[must_use]
    pub fn takes(self) -> &'static str {
        match self {
            Self::Greyscale => "a whole JPEG of 8 bits, grey or in colour",
            Self::Resize | Self::Convert => "a whole grey JPEG of 8 bits",
            Self::Depth => "a whole 16-bit greyscale PNG whose samples carry 10 bits",
            Self::Rotate => "a whole 8-bit greyscale PNG",
        }
    }
}

/// How far an output may be from the reference; what is not set is not looked at.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Largest difference of a pixel, in levels of 8 bits.
    pub pixel: Option<f64>,
    /// Mean absolute difference of 8×8 block means.
    pub block_mean: Option<f64>,
    /// Largest difference of a block's mean.
    pub block_max: Option<f64>,
    /// Least PSNR against the best of four filters, in dB.
    pub psnr: Option<f64>,
    /// Least PSNR above that of the reference's own quality-88 JPEG, in dB.
    pub above_q88: Option<f64>,
    /// Share of pixels that may lie outside of what four filters give by more than 8 levels.
    pub outside_share: Option<f64>,
    /// How far any pixel may lie outside.
    pub outside: Option<f64>,
    /// Least number of levels over all input codes.
    pub levels: Option<f64>,
}

/// A picture on which a function and those that follow it are tried.
#[derive(Debug, Clone)]
pub struct ContractFixture {
    /// Its name in tables.
    pub name: String,
    /// Which function it is given to first.
    pub function: Name,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    format: Spanned<u32>,
    function: BTreeMap<String, RawRule>,
    #[serde(default)]
    fixture: Vec<RawFixture>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    reference: Spanned<String>,
    comparison: Spanned<String>,
    media_type: String,
    size: Option<(usize, usize)>,
    #[serde(default = "default_quality")]
    quality: u8,
    limits: Limits,
}

fn default_quality() -> u8 {
    95
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFixture {
    name: String,
    function: Name,
    /// A file in the application's folder, or one of the generated kinds.
    file: Option<PathBuf>,
    generate: Option<Kind>,
    #[serde(default)]
    width: usize,
    #[serde(default)]
    height: usize,
    #[serde(default)]
    seed: u64,
    /// Written into an EXIF block, if it is not 1.
    #[serde(default = "upright")]
    orientation: u8,
    #[serde(default)]
    progressive: bool,
    #[serde(default)]
    sampling: RawSampling,
    #[serde(default)]
    when: When,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
enum RawSampling {
    #[default]
    #[serde(rename = "4:4:4")]
    Full,
    #[serde(rename = "4:2:2")]
    Half,
    #[serde(rename = "4:2:0")]
    Quarter,
}

/// When a fixture is worth its time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Before every race.
    #[default]
    Always,
    /// Only where thoroughness is asked for: it is large.
    Thorough,
}

fn upright() -> u8 {
    1
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Natural,
    Saturated,
    Smooth,
    Grey,
    AllCodes,
    Overshoot,
}

impl Contract {
    /// Reads and checks a contract.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let source = Source::read(path)?;
        let raw: Raw = source.parse()?;
        if *raw.format.get_ref() != FORMAT {
            let message = format!("format {} is not {FORMAT}", raw.format.get_ref());
            return Err(source.error(raw.format.span(), message).help("use a newer photofinish"));
        }
        let mut rules = BTreeMap::new();
        for (name, rule) in raw.function {
            let name =
                Name::new(&name).map_err(|error| InputError::of_file(path, error.to_string()))?;
            if rule.comparison.get_ref() != "image" {
                let message = format!("there is no comparison `{}`", rule.comparison.get_ref());
                let error = source.error(rule.comparison.span(), message);
                return Err(error.help("this version knows `image`"));
            }
            rules.insert(
                name,
                Rule {
                    step: step(&source, &rule.reference)?,
                    media_type: rule.media_type,
                    size: rule.size,
                    quality: rule.quality,
                    limits: rule.limits,
                },
            );
        }
        Ok(Self { rules, fixtures: raw.fixture })
    }

    /// What this function must do.
    #[must_use]
    pub fn rule(&self, function: &Name) -> Option<&Rule> {
        self.rules.get(function)
    }

    /// The pictures on which functions are tried before every race, besides its own.
    pub fn fixtures(&self, folder: &Path) -> Result<Vec<ContractFixture>, InputError> {
        self.fixtures_for(When::Always, folder)
    }

    /// The same contract with other generated pictures: other seeds, sizes near by.
    #[must_use]
    pub fn redrawn(&self, seed: u64) -> Self {
        let mut redrawn = self.clone();
        redrawn.fixtures.iter_mut().for_each(|fixture| fixture.redraw(seed));
        redrawn
    }

    /// The pictures of this kind.
    pub fn fixtures_for(
        &self,
        when: When,
        folder: &Path,
    ) -> Result<Vec<ContractFixture>, InputError> {
        let wanted = self.fixtures.iter().filter(|fixture| fixture.when == when);
        wanted.map(|fixture| fixture.make(folder)).collect()
    }
}

fn step(source: &Source, reference: &Spanned<String>) -> Result<Step, InputError> {
    let wanted = reference.get_ref().as_str();
    if let Some((_, step)) = Step::ALL.iter().find(|(name, _)| *name == wanted) {
        return Ok(*step);
    }
    let error = source.error(reference.span(), format!("there is no reference `{wanted}`"));
    let names = Step::ALL.map(|(name, _)| name);
    Err(match nearest(wanted, names) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("there are {}", names.join(", "))),
    })
}

impl RawFixture {
    /// Another picture of the same kind; a table of all codes is always the same.
    fn redraw(&mut self, seed: u64) {
        let is_drawn = match self.generate {
            None | Some(Kind::AllCodes | Kind::Overshoot) => false,
            Some(Kind::Natural | Kind::Saturated | Kind::Smooth | Kind::Grey) => true,
        };
        if is_drawn {
            let mut dice = Dice::of(seed, &self.name);
            self.seed = dice.next();
            self.width = dice.near(self.width);
            self.height = dice.near(self.height);
        }
    }

    fn make(&self, folder: &Path) -> Result<ContractFixture, InputError> {
        let contract = folder.join("contract.toml");
        let bytes = match (&self.file, self.generate) {
            (Some(file), None) => {
                let path = folder.join(file);
                std::fs::read(&path).map_err(|error| {
                    InputError::of_file(&path, format!("cannot be read: {error}"))
                })?
            }
            (None, Some(kind)) => self.generated(kind).map_err(|error| {
                InputError::of_file(&contract, format!("fixture `{}`: {error}", self.name))
            })?,
            _ => {
                let message = format!("fixture `{}` needs either `file` or `generate`", self.name);
                return Err(InputError::of_file(&contract, message));
            }
        };
        Ok(ContractFixture {
            name: self.name.clone(),
            function: self.function.clone(),
            bytes: bytes.into(),
        })
    }

    fn generated(&self, kind: Kind) -> Result<Vec<u8>, photofinish_imaging::Error> {
        let (width, height) = (self.width.max(1), self.height.max(1));
        let palette = match kind {
            Kind::AllCodes => return encode_png16(&all_codes(width, height)),
            Kind::Overshoot => {
                return encode_png16(&all_codes(width, height).map(|code| code + 100));
            }
            Kind::Saturated => Palette::Saturated,
            Kind::Smooth => Palette::Smooth,
            Kind::Natural | Kind::Grey => Palette::Natural,
        };
        let picture = scene(self.seed, width, height, palette);
        let bytes = if matches!(kind, Kind::Grey) {
            encode_grey(&luma(&picture), 92)?
        } else {
            let sampling = match self.sampling {
                RawSampling::Full => Sampling::Full,
                RawSampling::Half => Sampling::Half,
                RawSampling::Quarter => Sampling::Quarter,
            };
            encode_rgb(
                &picture,
                ColourJpeg { quality: 92, sampling, progressive: self.progressive },
            )?
        };
        Ok(with_orientation(bytes, self.orientation))
    }
}

/// The JPEG with an EXIF block that says how the camera was held.
fn with_orientation(jpeg: Vec<u8>, orientation: u8) -> Vec<u8> {
    if orientation == 1 {
        return jpeg;
    }
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(length);
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}
