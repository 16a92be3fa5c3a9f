//! What a study directory holds of what is wanted.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use photofinish_journal::{EffectRow, Error, Fact, Holder, Reader, RunRow};
use photofinish_study::record::{Pass, Status, Verification};
use photofinish_study::{Deployment, Flow, Lock, Name, Phase};

use crate::failure::Failure;
use crate::road::packing::NOT_RUN;
use crate::road::platform::ARCHITECTURE;

/// The study as its lock spells it out.
pub(super) struct Wanted {
    pub(super) lock: Lock,
    pub(super) directory: PathBuf,
    /// None means all of the application's, whichever they are.
    pub(super) functions: Vec<Name>,
    /// The study file, for commands.
    pub(super) named: String,
}

/// How far it is.
pub(super) struct Found {
    pub(super) holder: Holder,
    /// The process that worked on it last, and when it last wrote.
    pub(super) last: Option<(RunRow, Arc<str>)>,
    /// Functions and layers in the manifest of packages.
    pub(super) packaged: Option<(usize, usize)>,
    /// Functions that are in place.
    pub(super) deployed: usize,
    pub(super) deployments: Vec<Tried>,
    pub(super) flows: Vec<Raced>,
    /// Whether the passes with stage times are done.
    pub(super) stages: bool,
    pub(super) cut_short: usize,
    pub(super) calls: usize,
    pub(super) doubtful: usize,
    pub(super) unfinished: Vec<String>,
    pub(super) report: Page,
}

/// What becomes of a deployment on the machine that the study is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// It is tried and raced.
    Whole,
    /// It is tried by an emulator, whose times say nothing.
    Checked,
    /// It is tried and not raced, as the study says.
    Verified,
    /// It is packed, and that is all.
    Packed,
}

impl Part {
    /// By what packing noted of the machine; before that nothing is known against it.
    fn of(deployment: &Deployment, facts: &[Fact]) -> Self {
        let noted = |subject: &str, key: &str| {
            let mut newest = facts.iter().rev();
            newest.find(|fact| fact.subject == subject && fact.key == key).map(|fact| &fact.value)
        };
        let architecture = deployment.target.architecture;
        if noted("package", &format!("{architecture} is run"))
            .is_some_and(|how| how.starts_with(NOT_RUN))
        {
            return Self::Packed;
        }
        match noted("local", ARCHITECTURE) {
            Some(here) if here != architecture.as_str() => Self::Checked,
            _ => Self::Whole,
        }
    }
}

/// What a deployment's trials found.
pub(super) struct Tried {
    pub(super) deployment: Deployment,
    pub(super) part: Part,
    pub(super) accepted: usize,
    /// Functions with a reason each.
    pub(super) rejected: Vec<(Name, String)>,
    /// Functions of which at least one output was judged.
    pub(super) functions: BTreeSet<String>,
}

/// How far the race is in one flow.
pub(super) struct Raced {
    pub(super) flow: Flow,
    pub(super) rounds: usize,
}

/// The report's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Missing,
    /// Something was journalled after it was written.
    Outdated,
    UpToDate,
}

impl Found {
    pub(super) fn of(wanted: &Wanted) -> Result<Self, Failure> {
        let directory = &wanted.directory;
        let reader = match Reader::open(directory) {
            Ok(reader) => Some(reader),
            Err(Error::Missing(_)) => None,
            Err(error) => return Err(Failure::usage(&error)),
        };
        let rows = match reader {
            Some(reader) => Rows::read(&reader).map_err(|error| Failure::usage(&error))?,
            None => Rows::default(),
        };
        Ok(Self::by(wanted, rows))
    }

    /// Whether anything may take part: a chain wants all of a deployment's functions accepted.
    pub(super) fn may_race(&self, flow: Flow) -> bool {
        let mut racing = self.deployments.iter().filter(|tried| tried.part == Part::Whole);
        racing.any(|tried| match flow {
            Flow::Chained => tried.rejected.is_empty(),
            Flow::Isolated => tried.rejected.len() < tried.functions.len().max(1),
        })
    }

    fn by(wanted: &Wanted, rows: Rows) -> Self {
        let directory = &wanted.directory;
        let study = &wanted.lock.study;
        let whole: HashSet<u32> = rows.whole_rounds(Phase::Race);
        let flows = study.flow.iter().map(|&flow| {
            let raced: HashSet<u32> = rows
                .passes
                .iter()
                .filter(|pass| pass.at.phase == Phase::Race && pass.at.flow == flow)
                .map(|pass| pass.at.round)
                .collect();
            Raced { flow, rounds: raced.intersection(&whole).count() }
        });
        let in_doubt = rows.effects.iter().filter(|effect| &*effect.status.0 == Status::IN_DOUBT);
        Self {
            holder: Holder::of(directory),
            packaged: packaged(directory),
            deployed: in_place(&rows.effects),
            deployments: study
                .deployments()
                .into_iter()
                .filter(|deployment| {
                    // A round of repairs takes part once it was had and tried.
                    let mut tried = rows.verifications.iter();
                    deployment.contestant.sample.repair == 0
                        || tried.any(|row| *row.deployment == *deployment)
                })
                .map(|deployment| {
                    let mut tried = Tried::of(deployment, &rows.verifications, &rows.facts);
                    if tried.part == Part::Whole && !study.is_raced(&tried.deployment.contestant) {
                        tried.part = Part::Verified;
                    }
                    tried
                })
                .collect(),
            flows: flows.collect(),
            stages: !rows.whole_rounds(Phase::Stages).is_empty(),
            cut_short: rows.rounds.iter().filter(|(_, _, status)| status.is_cut_short()).count(),
            calls: rows.calls,
            doubtful: rows.doubtful,
            unfinished: in_doubt
                .map(|effect| format!("{} of {}", effect.operation, effect.subject))
                .collect(),
            report: page(directory, rows.written.as_deref()),
            last: rows.runs.into_iter().next_back().zip(rows.written),
        }
    }
}

/// What is read of a journal.
#[derive(Default)]
struct Rows {
    runs: Vec<RunRow>,
    written: Option<Arc<str>>,
    facts: Vec<Fact>,
    effects: Vec<EffectRow>,
    verifications: Vec<Verification>,
    rounds: Vec<(u32, Phase, Status)>,
    passes: Vec<Pass>,
    calls: usize,
    doubtful: usize,
}

impl Rows {
    fn read(reader: &Reader<'_>) -> Result<Self, Error> {
        let events = reader.events()?;
        let rounds = reader.rounds()?.into_iter();
        Ok(Self {
            runs: reader.runs()?,
            written: reader.last_written()?,
            facts: reader.facts()?,
            effects: reader.effects()?,
            verifications: reader.verifications()?.into_iter().map(|(row, _)| row).collect(),
            rounds: rounds.map(|round| (round.number, round.phase, round.status)).collect(),
            passes: reader.passes()?,
            calls: events.len(),
            doubtful: events.iter().filter(|(_, is_known)| !is_known).count(),
        })
    }

    /// Rounds that nobody cut short; a failed pass is counted where results are.
    fn whole_rounds(&self, phase: Phase) -> HashSet<u32> {
        let whole =
            self.rounds.iter().filter(|(_, of, status)| *of == phase && !status.is_cut_short());
        whole.map(|(number, ..)| *number).collect()
    }
}

impl Tried {
    fn of(deployment: Deployment, verifications: &[Verification], facts: &[Fact]) -> Self {
        let part = Part::of(&deployment, facts);
        let rows = verifications.iter().filter(|row| *row.deployment == deployment);
        let mut rejected: Vec<(Name, String)> = Vec::new();
        let mut functions = BTreeSet::new();
        let mut accepted = 0;
        for row in rows {
            functions.insert(row.function.to_string());
            if row.accepted {
                accepted += 1;
            } else if rejected.iter().all(|(function, _)| *function != row.function) {
                let reason = row.reason.as_deref().unwrap_or("no reason given");
                rejected.push((row.function.clone(), reason.to_owned()));
            }
        }
        Self { deployment, part, accepted, rejected, functions }
    }

    /// Whether every function was tried, as far as it was worth trying.
    pub(super) fn is_done(&self, functions: &[Name]) -> bool {
        let all = functions.iter().all(|function| self.functions.contains(function.as_str()));
        let nothing_to_do = self.part == Part::Packed || !self.rejected.is_empty();
        nothing_to_do || (!self.functions.is_empty() && all)
    }
}

/// Functions that were deployed and not removed since.
fn in_place(effects: &[EffectRow]) -> usize {
    let mut there: HashSet<&str> = HashSet::new();
    for effect in effects.iter().filter(|effect| effect.status.is_ok()) {
        match &*effect.operation {
            "deploy-function" => drop(there.insert(&effect.subject)),
            "destroy" => there.clear(),
            _ => {}
        }
    }
    there.len()
}

/// Functions and layers by the manifest that packing leaves last.
fn packaged(directory: &Path) -> Option<(usize, usize)> {
    let text = std::fs::read_to_string(directory.join("packages/manifest.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_str(&text).ok()?;
    let names = manifest.get("packages")?.as_object()?.keys();
    let (layers, functions): (Vec<_>, Vec<_>) = names.partition(|name| name.starts_with("layers/"));
    Some((functions.len(), layers.len()))
}

/// The page against what was written last: a run ends its journal just after its page.
fn page(directory: &Path, written: Option<&str>) -> Page {
    const SOON_MS: i128 = 1_000;
    let made = std::fs::metadata(directory.join("report/index.html"));
    let Ok(made) = made.and_then(|page| page.modified()) else { return Page::Missing };
    let made = made.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let written = written.and_then(|at| at.parse::<jiff::Timestamp>().ok());
    match written.map(|written| i128::from(written.as_millisecond())) {
        Some(written) if written > made.cast_signed() + SOON_MS => Page::Outdated,
        _ => Page::UpToDate,
    }
}

#[cfg(test)]
mod tests {
    use photofinish_study::{Architecture, Contestant, Platform, Sample, Target};

    use super::*;

    #[test]
    fn what_a_machine_cannot_run_is_packed_and_what_it_emulates_is_checked() {
        let fact = |subject: &str, key: &str, value: &str| Fact {
            run: 1,
            subject: subject.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
        };
        let on = |architecture| Deployment {
            contestant: Contestant {
                variant: Name::new("pillow").unwrap(),
                sample: Sample::first(1),
            },
            target: Target { platform: Platform::Local, architecture, memory_mb: 1769 },
        };
        let mut facts = vec![fact("package", "arm64 is run", "not run here: there is no qemu")];
        assert_eq!(Part::of(&on(Architecture::Arm64), &facts), Part::Packed);
        assert_eq!(Part::of(&on(Architecture::X86_64), &facts), Part::Whole);
        // An emulator was installed since.
        facts.push(fact("package", "arm64 is run", "checked only, by qemu-aarch64 11.1.2"));
        facts.push(fact("local", "architecture", "x86_64"));
        assert_eq!(Part::of(&on(Architecture::Arm64), &facts), Part::Checked);
        assert_eq!(Part::of(&on(Architecture::X86_64), &facts), Part::Whole);
    }
}
