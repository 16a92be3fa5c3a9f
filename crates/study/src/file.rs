//! `study.toml`: what a person asks for, checked, with every default spelled out.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::asking::{Asking, Generating, RawGenerating, asking, generating, model_id};
use crate::cost::{Assumptions, RawCost, assumptions};
use crate::orchestrated::{by_the_client, is_by_the_client, orchestration};
use crate::place::{InputError, Source, nearest};
use crate::sessions::{Sessions, sessions};
use crate::target::{DEFAULT_CONCURRENCY, RawTarget, TargetChoice, targets};
use crate::words::{
    Contestant, Deployment, Flow, Name, Orchestration, Packaging, Platform, Sample, Target,
};

/// A study as asked for, checked, with its defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// The file's name without its ending.
    pub name: Name,
    /// A bundled application's name, or a folder's path as written.
    pub application: String,
    /// A feasibility spike: deploy and call once, race nothing.
    pub spike: bool,
    /// Shown as a demonstration: too small to be quoted.
    pub demonstration: bool,
    /// Warm passes asked for, per deployment and flow.
    pub passes: u32,
    /// Sets of fresh sandboxes.
    pub rounds: u32,
    /// First passes in each round's sandboxes, kept apart.
    pub warm_up: u32,
    /// Passes with stage times, per deployment.
    pub stages: u32,
    /// Sets of fresh sandboxes of the pilot; nothing for the platform's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pilot: Option<u32>,
    /// How long one call may take.
    pub timeout_s: u32,
    /// Seed of every order that is drawn.
    pub seed: u64,
    /// Which flows are run.
    pub flow: Vec<Flow>,
    /// Who calls one function after the other.
    #[serde(default = "by_the_client", skip_serializing_if = "is_by_the_client")]
    pub orchestration: Vec<Orchestration>,
    /// In how many sittings the race is run, and how far apart these are.
    #[serde(default, skip_serializing_if = "Sessions::is_one")]
    pub sessions: Sessions,
    /// Which pictures are raced over; none means all of the application's.
    pub images: Vec<Name>,
    /// Which functions; none means all of the application's.
    pub functions: Vec<Name>,
    /// Who takes part.
    #[serde(rename = "variant")]
    pub variants: Vec<Variant>,
    /// Where.
    #[serde(rename = "target")]
    pub targets: Vec<TargetChoice>,
    /// How answers are had.
    pub generate: Generating,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// What is taken for granted where its cost is worked out.
    pub cost: Assumptions,
    /// The file of the price book, as written; nothing for the one that the program carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<String>,
}

/// One author's entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name in tables.
    pub name: Name,
    /// A model's answers or a named folder.
    #[serde(flatten)]
    pub origin: Origin,
    /// How many independent answers.
    pub samples: u32,
    /// How a model is asked; nothing for a named folder.
    pub asking: Option<Asking>,
    /// Raced beside the others to show what could be reached; no contestant, and never judged.
    pub beside: bool,
}

/// Where a variant's code comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// `provider:model id`.
    Model(String),
    /// A bundled variant's name, or a folder's path as written.
    Source(String),
}

/// `[budget]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Nothing is started that would pass this.
    pub limit_usd: f64,
    /// Who is told.
    pub alarm_email: Option<String>,
}

/// Rounds unless the study says otherwise: see the method in the book.
pub const DEFAULT_ROUNDS: u32 = 12;
/// Passes unless the study says otherwise.
pub const DEFAULT_PASSES: u32 = 100;
/// How long one call may take unless the study says otherwise.
pub const DEFAULT_TIMEOUT_S: u32 = 60;

impl Study {
    /// Reads and checks a study file.
    pub fn read(path: &Path) -> Result<(Self, Source), InputError> {
        let source = Source::read(path).map_err(|error| {
            if path.exists() {
                return error;
            }
            let mut error = InputError::of_file(path, "there is no such study file");
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            error.help = near_file(folder.unwrap_or(Path::new(".")), path);
            error
        })?;
        let study = Self::from_source(&source)?;
        Ok((study, source))
    }

    /// Checks a study's text.
    pub fn from_source(source: &Source) -> Result<Self, InputError> {
        let raw: RawStudy = source.parse()?;
        let stem = source.path().file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        let name = Name::new(&stem)
            .map_err(|error| InputError::of_file(source.path(), error.to_string()))?;
        let spike = raw.spike.unwrap_or(false);
        let rounds = at_least_one(source, "rounds", raw.rounds, DEFAULT_ROUNDS)?;
        let (cost, prices) = assumptions(source, raw.cost)?;
        let flow = flows(source, raw.flow)?;
        let study = Self {
            name,
            application: raw.application.into_inner(),
            spike,
            demonstration: raw.demonstration.unwrap_or(false),
            passes: at_least_one(source, "passes", raw.passes, DEFAULT_PASSES)?,
            rounds,
            warm_up: raw.warm_up.unwrap_or(1),
            stages: raw.stages.unwrap_or(10),
            pilot: raw.pilot,
            timeout_s: timeout(source, raw.timeout_s)?,
            seed: raw.seed.unwrap_or(562),
            orchestration: orchestration(source, raw.orchestration, &flow)?,
            flow,
            sessions: sessions(source, raw.sessions, raw.hours_apart, rounds)?,
            images: names(source, raw.images)?,
            functions: names(source, raw.functions)?,
            variants: variants(source, raw.variant)?,
            targets: targets(source, raw.target)?,
            generate: generating(source, raw.generate)?,
            budget: budget(source, raw.budget)?,
            cost,
            prices,
        };
        Ok(study)
    }

    /// Moves every target to a platform. A study that is moved is another study: its name says so.
    pub fn move_to(&mut self, platform: Platform) {
        if self.targets.iter().all(|target| target.platform == platform) {
            return;
        }
        let mut targets: Vec<TargetChoice> = Vec::new();
        for target in self.all_targets() {
            let (architecture, memory_mb) = (vec![target.architecture], vec![target.memory_mb]);
            let package = self.packaging(&target);
            let base = self.base().filter(|_| package == Packaging::Image).map(str::to_owned);
            let target = TargetChoice {
                package,
                base,
                ..TargetChoice::new(platform, architecture, memory_mb)
            };
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        self.targets = targets;
        let moved: String =
            self.name.as_str().chars().take(40 - 1 - platform.as_str().len()).collect();
        self.name =
            Name::new(&format!("{moved}-{platform}")).expect("a name and a word are a name");
    }

    /// What the images of Python functions stand on, where that is not our own root.
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        self.targets.iter().find_map(|target| target.base.as_deref())
    }

    /// What a target's code is handed over as.
    #[must_use]
    pub fn packaging(&self, target: &Target) -> Packaging {
        self.choice(target).map_or(Packaging::Zip, |choice| choice.package)
    }

    /// How many passes may be under way at once while one on this target is.
    #[must_use]
    pub fn concurrency(&self, target: &Target) -> u32 {
        self.choice(target).map_or(DEFAULT_CONCURRENCY, |choice| choice.concurrency)
    }

    /// The `[[target]]` that a target is of.
    fn choice(&self, target: &Target) -> Option<&TargetChoice> {
        self.targets.iter().find(|choice| {
            choice.platform == target.platform
                && choice.architecture.contains(&target.architecture)
                && choice.memory_mb.contains(&target.memory_mb)
        })
    }

    /// Every deployment: contestants × targets, in the file's order. Who is verified only is
    /// deployed on the first target alone.
    #[must_use]
    pub fn deployments(&self) -> Vec<Deployment> {
        let mut all = Vec::new();
        for contestant in self.contestants() {
            let targets = if self.is_raced(&contestant) { usize::MAX } else { 1 };
            for target in self.all_targets().take(targets) {
                all.push(Deployment { contestant: contestant.clone(), target });
            }
        }
        all
    }

    /// Every contestant: variants × samples × rounds of repairs, as far as these are gone.
    pub fn contestants(&self) -> impl Iterator<Item = Contestant> + '_ {
        self.variants.iter().flat_map(move |variant| {
            let repairs = if variant.asking.is_some() { self.generate.repairs } else { 0 };
            (1..=variant.samples).flat_map(move |number| {
                (0..=repairs).map(move |repair| Contestant {
                    variant: variant.name.clone(),
                    sample: Sample { number, repair },
                })
            })
        })
    }

    /// Whether a contestant takes part in the race, fixed in advance; the others are verified only.
    #[must_use]
    pub fn is_raced(&self, contestant: &Contestant) -> bool {
        let Sample { number, repair } = contestant.sample;
        let model = self.variant(&contestant.variant).is_some_and(|v| v.asking.is_some());
        let sampled = !model || number <= self.generate.race_samples;
        sampled && (repair == 0 || self.generate.race_repairs)
    }

    /// Every target, spelled out.
    pub fn all_targets(&self) -> impl Iterator<Item = Target> + '_ {
        self.targets.iter().flat_map(|choice| {
            choice.architecture.iter().flat_map(move |&architecture| {
                choice.memory_mb.iter().map(move |&memory_mb| Target {
                    platform: choice.platform,
                    architecture,
                    memory_mb,
                })
            })
        })
    }

    /// Whether state machines are raced beside the client: each runs a whole chain.
    #[must_use]
    pub fn has_machines(&self) -> bool {
        self.orchestration.contains(&Orchestration::StepFunctions)
    }

    /// Every way in which a round's pictures are raced over: each flow by the client, and a chain by
    /// a state machine.
    #[must_use]
    pub fn legs(&self) -> u32 {
        let flows = u32::try_from(self.flow.len()).unwrap_or(u32::MAX);
        flows + u32::from(self.has_machines())
    }

    /// Whether a contestant is raced beside the others only.
    #[must_use]
    pub fn is_beside(&self, contestant: &Contestant) -> bool {
        self.variant(&contestant.variant).is_some_and(|variant| variant.beside)
    }

    /// The variant of this name.
    #[must_use]
    pub fn variant(&self, name: &Name) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name == *name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStudy {
    application: Spanned<String>,
    spike: Option<bool>,
    demonstration: Option<bool>,
    passes: Option<Spanned<i64>>,
    rounds: Option<Spanned<i64>>,
    warm_up: Option<u32>,
    stages: Option<u32>,
    pilot: Option<u32>,
    timeout_s: Option<Spanned<i64>>,
    seed: Option<u64>,
    flow: Option<Spanned<Vec<Flow>>>,
    orchestration: Option<Spanned<Vec<Orchestration>>>,
    sessions: Option<Spanned<i64>>,
    hours_apart: Option<Spanned<i64>>,
    images: Option<Vec<Spanned<String>>>,
    functions: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    variant: Vec<Spanned<RawVariant>>,
    #[serde(default)]
    target: Vec<Spanned<RawTarget>>,
    generate: Option<RawGenerating>,
    budget: Option<RawBudget>,
    cost: Option<RawCost>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariant {
    name: Spanned<String>,
    model: Option<Spanned<String>>,
    source: Option<Spanned<String>>,
    samples: Option<Spanned<i64>>,
    base_url: Option<Spanned<String>>,
    effort: Option<Spanned<String>>,
    max_output_tokens: Option<Spanned<i64>>,
    #[serde(default)]
    beside: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBudget {
    limit_usd: Spanned<f64>,
    alarm_email: Option<Spanned<String>>,
}

pub(crate) fn at_least_one(
    source: &Source,
    key: &str,
    given: Option<Spanned<i64>>,
    default: u32,
) -> Result<u32, InputError> {
    let Some(given) = given else { return Ok(default) };
    u32::try_from(*given.get_ref()).ok().filter(|&n| n >= 1).ok_or_else(|| {
        source
            .error(given.span(), format!("`{key}` is {}; it must be 1 or more", given.get_ref()))
            .help(format!("leave it out for the default of {default}"))
    })
}

fn timeout(source: &Source, given: Option<Spanned<i64>>) -> Result<u32, InputError> {
    let span = given.as_ref().map(Spanned::span);
    let seconds = at_least_one(source, "timeout_s", given, DEFAULT_TIMEOUT_S)?;
    match span {
        Some(span) if seconds > 900 => {
            Err(source.error(span, "`timeout_s` is above 900, the most that Lambda allows"))
        }
        _ => Ok(seconds),
    }
}

fn name(source: &Source, given: &Spanned<String>) -> Result<Name, InputError> {
    Name::new(given.get_ref()).map_err(|error| source.error(given.span(), error.to_string()))
}

fn names(source: &Source, given: Option<Vec<Spanned<String>>>) -> Result<Vec<Name>, InputError> {
    given.unwrap_or_default().iter().map(|given| name(source, given)).collect()
}

fn flows(source: &Source, given: Option<Spanned<Vec<Flow>>>) -> Result<Vec<Flow>, InputError> {
    let Some(given) = given else { return Ok(Flow::ALL.to_vec()) };
    let mut flows = given.get_ref().clone();
    flows.sort();
    flows.dedup();
    if flows.is_empty() || flows.len() != given.get_ref().len() {
        return Err(source
            .error(given.span(), "`flow` must name one flow or two different ones")
            .help("write `flow = [\"chained\", \"isolated\"]`"));
    }
    Ok(flows)
}

fn variants(source: &Source, given: Vec<Spanned<RawVariant>>) -> Result<Vec<Variant>, InputError> {
    if given.is_empty() {
        return Err(InputError::of_file(source.path(), "no `[[variant]]` takes part")
            .help("add one: [[variant]] with name = \"pillow\" and source = \"pillow\""));
    }
    let mut variants: Vec<Variant> = Vec::new();
    for given in given {
        let span = given.span();
        let raw = given.into_inner();
        let name = name(source, &raw.name)?;
        if variants.iter().any(|other| other.name == name) {
            return Err(source
                .error(raw.name.span(), format!("two variants are called `{name}`"))
                .help("tables tell variants apart by name: rename one of them"));
        }
        let beside = raw.beside;
        let origin = match (raw.model, raw.source) {
            (Some(model), None) => Origin::Model(model_id(source, model)?),
            (None, Some(folder)) => Origin::Source(folder.into_inner()),
            (Some(_), Some(both)) => {
                return Err(source
                    .error(both.span(), format!("variant `{name}` has both a model and a source"))
                    .help("keep one of the two lines"));
            }
            (None, None) => {
                return Err(source
                    .error(span, format!("variant `{name}` has neither a model nor a source"))
                    .help("add model = \"provider:id\", or source = \"pillow\" or a folder"));
            }
        };
        let asking = asking(source, &origin, (raw.base_url, raw.effort, raw.max_output_tokens))?;
        let samples = samples(source, &origin, raw.samples)?;
        variants.push(Variant { name, origin, samples, asking, beside });
    }
    Ok(variants)
}

/// A folder is one set of functions: only a model can be asked again.
fn samples(
    source: &Source,
    origin: &Origin,
    given: Option<Spanned<i64>>,
) -> Result<u32, InputError> {
    let span = given.as_ref().map(Spanned::span);
    let samples = at_least_one(source, "samples", given, 1)?;
    match (origin, span) {
        (Origin::Source(_), Some(span)) if samples > 1 => Err(source
            .error(span, "a folder has one sample: itself")
            .help("leave `samples` out; it counts a model's independent answers")),
        _ => Ok(samples),
    }
}

fn budget(source: &Source, raw: Option<RawBudget>) -> Result<Option<Budget>, InputError> {
    let Some(raw) = raw else { return Ok(None) };
    let limit = *raw.limit_usd.get_ref();
    if !limit.is_finite() || limit < 0.0 {
        return Err(source.error(raw.limit_usd.span(), "`limit_usd` must be 0 or more"));
    }
    let alarm_email = raw.alarm_email.map(|email| address(source, email)).transpose()?;
    Ok(Some(Budget { limit_usd: limit, alarm_email }))
}

/// Whether mail reaches it only mail can tell; what cannot be an address is refused.
fn address(source: &Source, given: Spanned<String>) -> Result<String, InputError> {
    let text = given.get_ref();
    let parts = text.split_once('@').filter(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    });
    let plain = text.len() <= 254 && text.is_ascii() && !text.contains(char::is_whitespace);
    if parts.is_none() || !plain || text.matches('@').count() != 1 {
        return Err(source
            .error(given.span(), format!("`{text}` is no address that AWS can write to"))
            .help("write one like alarm_email = \"me@example.org\""));
    }
    Ok(given.into_inner())
}

/// A file of nearly this name in the folder, as a hint.
fn near_file(folder: &Path, wanted: &Path) -> Option<String> {
    let wanted = wanted.file_name()?.to_string_lossy().into_owned();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let names: Vec<String> =
        files.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into())).collect();
    nearest(&wanted, names.iter().map(String::as_str))
        .map(|near| format!("did you mean {}?", folder.join(near).display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
application = "image-pipeline"
passes = 36

[[variant]]
name = "pillow"
source = "pillow"

[[variant]]
name = "gpt-5"
model = "openai:gpt-5"
samples = 2

[[target]]
platform = "local"
architecture = ["x86_64", "arm64"]
memory_mb = [512, 1769]
"#;

    fn study(text: &str) -> Result<Study, InputError> {
        Study::from_source(&Source::from_text(Path::new("studies/quick.toml"), text))
    }

    fn fault(text: &str) -> String {
        study(text).expect_err(text).to_string()
    }

    #[test]
    fn a_study_spells_out_its_matrix_and_defaults() {
        let study = study(GOOD).unwrap();
        assert_eq!(study.name.as_str(), "quick");
        assert_eq!((study.passes, study.rounds, study.seed), (36, 12, 562));
        assert_eq!(study.flow, [Flow::Chained, Flow::Isolated]);
        let deployments: Vec<String> =
            study.deployments().iter().map(ToString::to_string).collect();
        // The second answer is verified only, and that on the first target.
        assert_eq!(deployments.len(), 2 * 4 + 1);
        assert_eq!(deployments[0], "pillow/1@local/x86_64/512");
        assert_eq!(deployments[8], "gpt-5/2@local/x86_64/512");
    }

    #[test]
    fn each_fault_is_named_with_its_place_and_mend() {
        let cases = [
            (GOOD.replace("passes = 36", "pases = 36"), "3:1: unknown field `pases`", "`passes`"),
            (GOOD.replace("passes = 36", "passes = 0"), "3:10: `passes` is 0", "leave it out"),
            (GOOD.replace("\"gpt-5\"", "\"pillow\""), "10:8: two variants are called", "rename"),
            (GOOD.replace("\"local\"", "\"locall\""), "15:12: unknown variant `locall`", "`local`"),
            (GOOD.replace("source = \"pillow\"", ""), "neither a model nor a source", "source ="),
            (GOOD.replace("openai:", "openal:"), "no provider `openal`", "`openai`"),
            (GOOD.replace("[512, 1769]", "[64]"), "from 128 to 10240", "1769"),
            (
                format!("{GOOD}\n[budget]\nlimit_usd = 5.0\nalarm_email = \"me at home\""),
                "`me at home` is no address",
                "me@example.org",
            ),
            (
                GOOD.replace("passes = 36", "orchestration = [\"step-functions\"]"),
                "3:17: `orchestration` must name the client",
                "[\"client\", \"step-functions\"]",
            ),
            (
                GOOD.replace(
                    "passes = 36",
                    "orchestration = [\"client\", \"step-functions\"]\nflow = [\"isolated\"]",
                ),
                "3:17: a state machine runs a chain",
                "[\"chained\", \"isolated\"]",
            ),
            (
                GOOD.replace("name = \"pillow\"", "name = \"Pil low\""),
                "6:8: `Pil low`",
                "lower-case",
            ),
        ];
        for (text, place, mend) in cases {
            let fault = fault(&text);
            assert!(fault.contains(place) && fault.contains(mend), "{fault}");
        }
    }

    #[test]
    fn the_spelled_out_study_reads_back_the_same() {
        let study = study(GOOD).unwrap();
        let text = toml::to_string(&study).unwrap();
        assert_eq!(toml::from_str::<Study>(&text).unwrap(), study, "{text}");
    }
}
