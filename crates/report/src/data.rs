//! What a report is made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use photofinish_analyse::cost::{Assumptions, CostRow, Costs, Unpriced};
use photofinish_analyse::memory::{self, MemoryRow};
use photofinish_analyse::orchestration::OrchestrationRow;
use photofinish_analyse::pilot::Forecast;
use photofinish_analyse::price::{PriceBook, Tier};
use photofinish_analyse::summary::{Attempts, CpuMix, Metric, Starts, SummaryRow};
use photofinish_analyse::verdict::Verdict;
use photofinish_analyse::{Completeness, Images, Part, Planned};
use photofinish_study::record::{Invocation, Pass};
use photofinish_study::{Architecture, Contestant, Deployment, Flow, Name, Platform, State};
use serde::{Deserialize, Serialize};

use crate::sheet::VerificationRow;
use crate::written::Written;

/// Beyond such a CV of a pipeline's turnaround a reader is told.
const RESTLESS: f64 = 0.25;

/// Everything a report shows; nothing else enters it.
#[derive(Debug, Clone, Default)]
pub struct ReportData {
    /// The study's name.
    pub study: String,
    /// What must be known before any number is read.
    pub badges: Vec<Badge>,
    /// What stands above everything, each a sentence: who wrote the variants, what was capped.
    pub notes: Vec<String>,
    /// What the study's author expects of each function, such as `CPU-intensive`.
    pub labels: BTreeMap<Name, String>,
    /// The architectures that this machine runs by an emulator or not at all: outputs may have been
    /// checked, time was not measured. Their local deployments need not be in the plan.
    pub emulated: Vec<Architecture>,
    /// Deployments and functions in their order, and the passes of a round.
    pub planned: Planned,
    /// `summary.csv`.
    pub summary: Vec<SummaryRow>,
    /// `verdicts.csv`.
    pub verdicts: Vec<Verdict>,
    /// `cost.csv`, and who has no cost.
    pub costs: Costs,
    /// `memory.csv`: empty unless somebody raced at two memory sizes.
    pub memory: Vec<MemoryRow>,
    /// `orchestration.csv`: empty unless state machines were raced beside the client.
    pub orchestrations: Vec<OrchestrationRow>,
    /// What the costs take for granted.
    pub assumptions: Option<Assumptions>,
    /// Below which T_arm / T_x86 computing alone is cheaper on ARM.
    pub break_even: Option<f64>,
    /// What the code cost to write, in a sentence; it is no part of what running it costs.
    pub writing: Option<String>,
    /// What a trial before the race had told; none where there was none.
    pub pilot: Option<Pilot>,
    /// `verification.csv`.
    pub verification: Vec<VerificationRow>,
    /// What is worth knowing of accepted outputs.
    pub findings: Vec<Finding>,
    /// How the race's attempts ended.
    pub attempts: Vec<Attempts>,
    /// How many of each deployment's rounds are complete.
    pub rounds: Vec<Completeness>,
    /// The processors each deployment's race ran on.
    pub cpu_models: BTreeMap<Arc<Deployment>, CpuMix>,
    /// How each deployment's sandboxes were started.
    pub starts: Vec<Starts>,
    /// How far the client was from the platform, where that was measured.
    pub distance: Option<Distance>,
    /// `passes.csv`.
    pub passes: Vec<Pass>,
    /// `invocations.csv`.
    pub invocations: Vec<Invocation>,
    /// Seed, versions, hashes, isolation, prices: sections of names and values.
    pub facts: Vec<Facts>,
    /// The commands that make this report again.
    pub commands: Vec<String>,
    /// The code that raced.
    pub sources: Vec<Source>,
    /// Longer texts: the contract, prompts.
    pub texts: Vec<Text>,
    /// What rejected functions made, beside what was asked for.
    pub pictures: Vec<Picture>,
    /// What models wrote, and what they were asked.
    pub written: Written,
}

/// The client's distance from the platform: medians of what was measured before each block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// A call of a function that does nothing, beyond that function's own time.
    pub call_ms: f64,
    /// Of so many calls.
    pub calls: usize,
    /// A HEAD to the object store.
    pub head_ms: Option<f64>,
}

/// A trial before the race, and what it had told.
#[derive(Debug, Clone, PartialEq)]
pub struct Pilot {
    /// Its rounds.
    pub rounds: usize,
    /// What the whole race was expected to cost, where calls cost anything.
    pub race: Option<Forecast>,
    /// How many rounds of the race there are, and how many there were to be.
    pub raced: (usize, usize),
    /// What all of the study has cost so far by its own books, where calls cost anything.
    pub spent_usd: Option<f64>,
    /// What the images cost by the pilot alone.
    pub costs: Vec<CostRow>,
}

/// Something worth knowing about a function's outputs, and no reason to reject them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Which function.
    pub function: Name,
    /// On how many outputs.
    pub outputs: u64,
    /// Of the first of them, in a sentence without its full stop.
    pub words: String,
}

/// What must be known before any number is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Badge {
    /// Measured on the embedded platform.
    Local,
    /// Measured on AWS.
    Aws,
    /// Measured on something that speaks AWS's APIs: the text says where.
    Imitation(String),
    /// Not a study of anything, only a show of how one looks.
    Demonstration,
    /// Answers that came from a file: the text says which, and nobody can tell who wrote them.
    ModelUnverified(String),
    /// Anything else, such as that code ran without isolation.
    Warning(String),
}

impl Badge {
    /// The badge's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Local => "LOCAL",
            Self::Aws => "AWS",
            Self::Imitation(_) => "NOT AWS",
            Self::Demonstration => "DEMONSTRATION",
            Self::ModelUnverified(_) => "MODEL UNVERIFIED",
            Self::Warning(_) => "NOTE",
        }
    }

    /// What it means.
    #[must_use]
    pub fn meaning(&self) -> &str {
        match self {
            Self::Local => "measured on the embedded local platform; not AWS",
            Self::Aws => "measured on AWS Lambda",
            Self::Demonstration => "shows the method; too small to be quoted",
            Self::Imitation(text) | Self::ModelUnverified(text) | Self::Warning(text) => text,
        }
    }

    /// What must stand beside every figure, in words; none where the figure may be quoted.
    #[must_use]
    pub fn beside_figures(&self) -> Option<&'static str> {
        match self {
            Self::Local => Some("local, not AWS"),
            Self::Imitation(_) => Some("an imitation of AWS"),
            Self::Demonstration => Some("a demonstration, not to be quoted"),
            Self::ModelUnverified(_) => Some("model unverified"),
            Self::Aws | Self::Warning(_) => None,
        }
    }
}

/// A section of names and values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// What they are about.
    pub heading: String,
    /// Names and values, in order.
    pub rows: Vec<(String, String)>,
}

impl Facts {
    /// Every price of a book, with its source and how far it can be trusted.
    #[must_use]
    pub fn of_prices(book: &PriceBook) -> Self {
        let mut rows = Vec::new();
        for architecture in Architecture::ALL {
            let duration = book.duration(*architecture);
            let tiers: Vec<String> = duration.tiers.iter().map(tier).collect();
            let (tiers, source, status) = (tiers.join("; "), &duration.source, duration.status);
            rows.push((
                format!("lambda duration, {architecture}"),
                format!("USD for a GB-second: {tiers} ({source}; {status})"),
            ));
        }
        for (name, price) in book.prices() {
            let note = price.note.as_ref().map_or_else(String::new, |note| format!("; {note}"));
            let (usd, per, unit) = (price.usd, price.per, &price.unit);
            let text =
                format!("USD {usd} for {per} {unit} ({}; {}{note})", price.source, price.status);
            rows.push((name.to_owned(), text));
        }
        Self { heading: format!("Prices: {}, {}, {}", book.name, book.date, book.region), rows }
    }
}

fn tier(tier: &Tier) -> String {
    match tier.up_to_gb_s {
        Some(end) => format!("{} up to {end}", tier.usd_per_gb_s),
        None => format!("{} beyond", tier.usd_per_gb_s),
    }
}

/// The code of one function of one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Whose.
    pub variant: String,
    /// Which function.
    pub function: Name,
    /// The file's name.
    pub file: String,
    /// Its text.
    pub code: String,
}

/// A longer text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What it is.
    pub title: String,
    /// Its body, shown as it stands.
    pub body: String,
}

/// What a function made that the contract does not accept, beside what was asked for. The pictures
/// are PNG files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Whose.
    pub contestant: Contestant,
    /// Where.
    pub architecture: Architecture,
    /// Which function.
    pub function: Name,
    /// What it was given.
    pub input: String,
    /// What the reference makes of it.
    pub expected: Vec<u8>,
    /// What was found, if it can be shown.
    pub found: Option<Vec<u8>>,
    /// How far each pixel is off, amplified, if both are of one size.
    pub difference: Option<Vec<u8>>,
    /// Where it is worst and by how much, or why there is nothing to show.
    pub words: String,
}

impl ReportData {
    /// The processor, where every deployment's race ran on one and the same.
    pub(crate) fn one_processor(&self) -> Option<&str> {
        let mut mixes = self.cpu_models.values();
        let [(first, _)] = mixes.next()?.as_slice() else { return None };
        let same = |mix: &CpuMix| matches!(mix.as_slice(), [(model, _)] if model == first);
        mixes.all(same).then_some(first)
    }

    /// A deployment's name in this study: only what tells it from the others.
    #[must_use]
    pub fn label(&self, deployment: &Deployment) -> String {
        let mut parts = self.kind(deployment);
        if self.differs(deployment, |a, b| a.target.memory_mb == b.target.memory_mb) {
            parts.push(format!("{} MB", deployment.target.memory_mb));
        }
        labelled(deployment, &parts)
    }

    /// The same without its memory size: a ladder's name.
    pub(crate) fn label_of_ladder(&self, deployment: &Deployment) -> String {
        labelled(deployment, &self.kind(deployment))
    }

    /// On what kind of machine, as far as that differs within the study.
    fn kind(&self, deployment: &Deployment) -> Vec<String> {
        let target = &deployment.target;
        let differs = |same: fn(&Deployment, &Deployment) -> bool| self.differs(deployment, same);
        let mut parts = Vec::new();
        if differs(|a, b| a.target.platform == b.target.platform) {
            parts.push(target.platform.to_string());
        }
        if differs(|a, b| a.target.architecture == b.target.architecture) {
            parts.push(target.architecture.to_string());
        }
        parts
    }

    fn differs(&self, deployment: &Deployment, same: fn(&Deployment, &Deployment) -> bool) -> bool {
        self.planned.deployments.iter().any(|other| !same(other, deployment))
    }

    /// What must stand beside every figure, in words: `Local, not AWS; model unverified.`
    #[must_use]
    pub fn beside_figures(&self) -> Option<String> {
        let said: Vec<&str> = self.badges.iter().filter_map(Badge::beside_figures).collect();
        let text = said.join("; ");
        let mut letters = text.chars();
        let first = letters.next()?.to_ascii_uppercase();
        Some(format!("{first}{}.", letters.as_str()))
    }

    /// Whether only an emulator ran it: emulated time is no time.
    #[must_use]
    pub fn is_emulated(&self, deployment: &Deployment) -> bool {
        let target = deployment.target;
        target.platform == Platform::Local && self.emulated.contains(&target.architecture)
    }

    /// The comparisons of what was measured.
    pub(crate) fn judged(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts
            .iter()
            .filter(|verdict| !self.is_emulated(&verdict.left) && !self.is_emulated(&verdict.right))
    }

    /// The costs of what was measured.
    pub(crate) fn priced(&self) -> impl Iterator<Item = &CostRow> {
        self.costs.rows.iter().filter(|row| !self.is_emulated(&row.deployment))
    }

    /// The sizes of each contestant on each kind of machine, where they were measured.
    pub(crate) fn ladders(&self) -> impl Iterator<Item = &[MemoryRow]> {
        memory::ladders(&self.memory)
            .filter(|ladder| ladder.iter().all(|row| !self.is_emulated(&row.deployment)))
    }

    /// Who was measured and has no cost all the same.
    pub(crate) fn unpriced(&self) -> impl Iterator<Item = &Unpriced> {
        self.costs.unpriced.iter().filter(|lack| !self.is_emulated(&lack.deployment))
    }

    /// Where nothing was timed, and why; nothing where everything was.
    pub(crate) fn not_timed(&self) -> Option<String> {
        let names: Vec<String> = self.emulated.iter().map(ToString::to_string).collect();
        let names = names.join(" and ");
        (!names.is_empty()).then(|| {
            format!(
                "{names} was not run for time: only an emulator could run it on this machine, and \
                 emulated time is no time"
            )
        })
    }

    /// What must be said of a race whose times of one picture are far apart: the machine was
    /// probably busy with something else. Verdicts take account of it, a reader should too.
    pub(crate) fn restless(&self) -> Option<String> {
        let spread = |deployment: &Arc<Deployment>| {
            let row = self.warm(deployment, Flow::Chained, &Part::Pipeline, Metric::Turnaround);
            row.and_then(|row| row.cv)
        };
        let widest = self.planned.deployments.iter().filter_map(spread).fold(0.0, f64::max);
        (widest > RESTLESS).then(|| {
            format!(
                "Turnarounds of one picture vary by up to {:.0} % (CV): something else was probably \
                 running. The intervals take account of it; on a quieter machine they would be \
                 narrower",
                widest * 100.0
            )
        })
    }

    /// The flows that raced, the one for functions first.
    #[must_use]
    pub fn flows(&self) -> Vec<Flow> {
        [Flow::Isolated, Flow::Chained]
            .into_iter()
            .filter(|flow| self.planned.round.keys().any(|(planned, _)| planned == flow))
            .collect()
    }

    /// The architectures that raced or should have.
    #[must_use]
    pub fn architectures(&self) -> Vec<Architecture> {
        let has = |wanted: &&Architecture| {
            self.planned.deployments.iter().any(|d| d.target.architecture == **wanted)
        };
        Architecture::ALL.iter().filter(has).copied().collect()
    }

    /// The summary's rows that are measurements: no emulated time is shown.
    pub(crate) fn measured(&self) -> impl Iterator<Item = &SummaryRow> {
        self.summary.iter().filter(|row| !self.is_emulated(&row.deployment))
    }

    /// The summary's rows over all pictures that `wanted` picks.
    pub(crate) fn overall<'a>(
        &'a self,
        wanted: impl Fn(&SummaryRow) -> bool + 'a,
    ) -> impl Iterator<Item = &'a SummaryRow> {
        self.measured().filter(move |row| row.images == Images::All && wanted(row))
    }

    /// The one row over all pictures of warm race calls.
    pub(crate) fn warm(
        &self,
        deployment: &Deployment,
        flow: Flow,
        part: &Part,
        metric: Metric,
    ) -> Option<&SummaryRow> {
        self.overall(move |row| row.metric == metric && row.state == Some(State::Warm))
            .find(|row| *row.deployment == *deployment && row.flow == flow && row.part == *part)
    }

    /// Whether the part was found wrong: then it has no time and no rank.
    #[must_use]
    pub fn is_rejected(&self, deployment: &Deployment, part: &Part) -> bool {
        self.verification.iter().any(|row| {
            let here = match part {
                Part::Function(function) => row.function == *function,
                Part::Pipeline => true,
            };
            here && !row.accepted
                && row.contestant == deployment.contestant
                && row.architecture == deployment.target.architecture
        })
    }

    /// The functions in which a deployment was found wrong, in order.
    pub(crate) fn rejected_functions(&self, deployment: &Deployment) -> Vec<&Name> {
        let wrong =
            |function: &&Name| self.is_rejected(deployment, &Part::Function((*function).clone()));
        self.planned.functions.iter().filter(wrong).collect()
    }

    /// What was found wrong of those who were only checked, each in a sentence.
    pub(crate) fn rejected_apart(&self) -> Vec<String> {
        let mut wrong: Vec<((&Contestant, Architecture), Vec<&str>)> = Vec::new();
        for row in self.verification.iter().filter(|row| !row.accepted) {
            let raced = self.planned.deployments.iter().any(|deployment| {
                deployment.contestant == row.contestant
                    && deployment.target.architecture == row.architecture
            });
            if raced {
                continue;
            }
            let (whose, function) = ((&row.contestant, row.architecture), row.function.as_str());
            match wrong.iter_mut().find(|(known, _)| *known == whose) {
                Some((_, functions)) if functions.contains(&function) => {}
                Some((_, functions)) => functions.push(function),
                None => wrong.push((whose, vec![function])),
            }
        }
        let told = |((contestant, on), functions): ((&Contestant, Architecture), Vec<&str>)| {
            format!(
                "{contestant}@{on}, which did not race, is rejected in {}",
                functions.join(", ")
            )
        };
        wrong.into_iter().map(told).collect()
    }

    /// Each contestant and architecture that was or should have been checked, in the plan's order,
    /// then any other.
    /// Whether rows of one contestant are of somebody who was to race, or whose architecture is
    /// only checked here.
    pub(crate) fn is_planned(&self, rows: &[&VerificationRow]) -> bool {
        rows.first().is_none_or(|row| {
            let mut planned = self.planned.deployments.iter();
            self.emulated.contains(&row.architecture)
                || planned.any(|deployment| deployment.contestant == row.contestant)
        })
    }

    pub(crate) fn checked(&self) -> Vec<(String, Vec<&VerificationRow>)> {
        let mut groups: Vec<((&Contestant, Architecture), Vec<&VerificationRow>)> = Vec::new();
        let planned = self.planned.deployments.iter().flat_map(|deployment| {
            let own = std::iter::once(deployment.target.architecture);
            own.chain(self.emulated.iter().copied()).map(|on| (&deployment.contestant, on))
        });
        for group in planned {
            if groups.iter().all(|(known, _)| *known != group) {
                groups.push((group, Vec::new()));
            }
        }
        let planned = groups.len();
        for row in &self.verification {
            let of_row = (&row.contestant, row.architecture);
            match groups.iter_mut().find(|(group, _)| *group == of_row) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((of_row, vec![row])),
            }
        }
        // Whoever was not to race stands behind those who were, in order.
        groups[planned..].sort_by_key(|(group, _)| *group);
        let alike = groups.windows(2).all(|pair| pair[0].0.1 == pair[1].0.1);
        let named = |(contestant, on): (&Contestant, Architecture)| {
            if alike { contestant.to_string() } else { format!("{contestant}@{on}") }
        };
        groups.into_iter().map(|(group, rows)| (named(group), rows)).collect()
    }
}

/// A contestant, and what tells it from others after an `@`.
fn labelled(deployment: &Deployment, parts: &[String]) -> String {
    let contestant = &deployment.contestant;
    if parts.is_empty() {
        contestant.to_string()
    } else {
        format!("{contestant}@{}", parts.join("/"))
    }
}
