//! What the report says in words: badges, who wrote what, what was found out beside the figures,
//! and what stands in its appendix.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use photofinish_analyse::Planned;
use photofinish_analyse::price::PriceBook;
use photofinish_generate::Prompts;
use photofinish_journal::{Distance, Fact, Judgement, Reader};
use photofinish_report::{Badge, Facts, Finding, Source, Text};
use photofinish_study::record::Verification;
use photofinish_study::{Architecture, Deployment, Language, Name, Platform};

use crate::failure::Failure;
use crate::road::contestants::Authored;
use crate::road::opening::{Opened, raced_on, unusable};
use crate::road::platform::ENDPOINT_FACT;
use crate::road::prompts;

/// What must be known of where it was measured.
pub(in crate::road) fn badges(demonstration: bool, planned: &Planned) -> Vec<Badge> {
    let mut badges = Vec::new();
    if demonstration {
        badges.push(Badge::Demonstration);
    }
    for (platform, badge) in [(Platform::Local, Badge::Local), (Platform::Aws, Badge::Aws)] {
        if planned.deployments.iter().any(|of| of.target.platform == platform) {
            badges.push(badge);
        }
    }
    badges
}

/// What is worth knowing of accepted outputs: of each kind the first, and on how many.
pub(super) fn findings(judgements: &[Judgement]) -> Vec<Finding> {
    #[derive(serde::Deserialize)]
    struct Told {
        #[serde(default)]
        findings: Vec<String>,
    }
    let mut found: Vec<(String, Finding)> = Vec::new();
    for judgement in judgements.iter().filter(|judgement| judgement.verification.accepted) {
        let row = &judgement.verification;
        let told = serde_json::from_str::<Told>(&judgement.checks);
        for words in told.map(|told| told.findings).unwrap_or_default() {
            // Two of a kind differ in their numbers at most.
            let kind = words.replace(|c: char| c.is_ascii_digit(), "");
            let same = found.iter_mut().find(|(known, finding)| {
                *known == kind
                    && finding.deployment == row.deployment
                    && finding.function == row.function
            });
            match same {
                Some((_, finding)) => finding.outputs += 1,
                None => {
                    let deployment = Arc::clone(&row.deployment);
                    let function = row.function.clone();
                    found.push((kind, Finding { deployment, function, outputs: 1, words }));
                }
            }
        }
    }
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// What the answers cost to write, which nobody knows of one that came from a file.
pub(super) fn writing(opened: &Opened) -> Option<String> {
    let pasted = pasted(opened)?;
    Some(format!(
        "What the answers cost to write is no part of this, and unknown of {pasted}, which came \
         from files."
    ))
}

/// The contestants whose code came from files as a model's answers, if there are any.
fn pasted(opened: &Opened) -> Option<String> {
    let pasted: Vec<String> = opened
        .sources
        .iter()
        .filter(|authored| authored.has_pasted())
        .map(|authored| authored.contestant.to_string())
        .collect();
    (!pasted.is_empty()).then(|| pasted.join(", "))
}

/// With a word for answers that nobody can tell the author of.
pub(super) fn badges_of(opened: &Opened, planned: &Planned, facts: &[Fact]) -> Vec<Badge> {
    let mut badges = badges(opened.study.demonstration, planned);
    if let Some(endpoint) = facts.iter().rev().find(|fact| fact.key == ENDPOINT_FACT) {
        let text =
            format!("measured at {}, which imitates AWS; no figure is AWS's", endpoint.value);
        badges.retain(|badge| *badge != Badge::Aws);
        badges.push(Badge::Imitation(text));
    }
    if let Some(pasted) = pasted(opened) {
        let text = format!(
            "{pasted} came from files; that the models named wrote them is the user's word"
        );
        badges.push(Badge::ModelUnverified(text));
    }
    badges
}

/// The medians of what was measured of the client's distance.
pub(super) fn distance(measured: &[Distance]) -> Option<photofinish_report::Distance> {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let calls: Vec<f64> = measured
        .iter()
        .filter_map(|one| Some((ms(one.call?) - one.call_duration_ms.unwrap_or(0.0)).max(0.0)))
        .collect();
    let heads = measured.iter().filter_map(|one| one.head.map(ms)).collect();
    let count = calls.len();
    let call_ms = median(calls)?;
    Some(photofinish_report::Distance { call_ms, calls: count, head_ms: median(heads) })
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[half]),
        _ => Some(f64::midpoint(values[half - 1], values[half])),
    }
}

/// Who wrote what, and what was not raced, before any figure.
pub(super) fn notes(
    opened: &Opened,
    host: Option<Architecture>,
    verification: &[&Verification],
) -> Vec<String> {
    let author = |authored: &Authored| {
        let about = authored.folder.about.as_ref();
        let about = about.map_or_else(String::new, |about| format!(" ({about})"));
        let beside = if opened.study.is_beside(&authored.contestant) {
            "; raced beside the others and not judged"
        } else {
            ""
        };
        format!("{}{about}{beside}.", authored.author())
    };
    let not_raced = |deployment: &&Deployment| !raced_on(deployment, host);
    let emulated = |deployment: &Deployment| {
        let rows = || verification.iter().filter(|row| *row.deployment == *deployment);
        let (n, wrong) = (rows().count(), rows().filter(|row| !row.accepted).count());
        match (n, wrong) {
            (0, _) => {
                format!("{deployment}: not run; this machine cannot, not even by an emulator.")
            }
            (n, 0) => format!(
                "{deployment}: its {n} outputs, made under an emulator, were accepted; not raced, \
                 since emulated time is no time."
            ),
            (n, wrong) => format!(
                "{deployment}: {wrong} of its {n} outputs, made under an emulator, were rejected."
            ),
        }
    };
    // Of a model's answers the first one speaks for its repairs, and for the samples that are alike.
    let mut notes: Vec<String> = Vec::new();
    let mut said: BTreeMap<(&Name, String), usize> = BTreeMap::new();
    for authored in opened.sources.iter().filter(|a| a.contestant.sample.repair == 0) {
        *said.entry((&authored.contestant.variant, authored.author())).or_default() += 1;
    }
    for authored in opened.sources.iter().filter(|a| a.contestant.sample.repair == 0) {
        let Some(n) = said.remove(&(&authored.contestant.variant, authored.author())) else {
            continue;
        };
        let whose = match n {
            1 => authored.contestant.to_string(),
            n => format!("{}, {n} samples", authored.contestant.variant),
        };
        notes.push(format!("{whose}: {}", author(authored)));
    }
    notes.extend(opened.plan.deployments.iter().filter(not_raced).map(emulated));
    notes
}

pub(super) fn sources(opened: &Opened) -> Result<Vec<Source>, Failure> {
    let file_name =
        |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut sources = Vec::new();
    for authored in &opened.sources {
        for (function, path) in files_of(opened, authored)? {
            sources.push(Source {
                variant: authored.contestant.to_string(),
                function,
                file: file_name(&path),
                code: std::fs::read_to_string(&path).map_err(|error| unusable(&path, &error))?,
            });
        }
    }
    Ok(sources)
}

/// The files that a reader wants to see: one for each function, or a package's sources.
fn files_of(opened: &Opened, authored: &Authored) -> Result<Vec<(Name, PathBuf)>, Failure> {
    if authored.folder.language == Language::Python {
        let functions = authored.present(&opened.plan);
        return Ok(functions.map(|f| (f.name.clone(), authored.folder.code(&f.name))).collect());
    }
    let folder = authored.folder.folder.join("src");
    let entries = std::fs::read_dir(&folder).map_err(|error| unusable(&folder, &error))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let all = Name::new("all").expect("a plain word");
    Ok(files.into_iter().filter(|path| path.is_file()).map(|path| (all.clone(), path)).collect())
}

pub(super) fn texts(opened: &Opened) -> Result<Vec<Text>, Failure> {
    let path = opened.application.folder.join("contract.toml");
    let body = std::fs::read_to_string(&path).map_err(|error| unusable(&path, &error))?;
    let mut texts = vec![
        Text { title: "Contract".to_owned(), body },
        Text { title: "The study, spelled out".to_owned(), body: opened.lock.to_toml() },
    ];
    // Where models were asked, the appendix has the prompts with what each of them was sent.
    if opened.models().is_empty() {
        for (function, body) in
            prompts::prompts(&opened.application)?.iter().flat_map(Prompts::iter)
        {
            texts.push(Text { title: format!("Prompt: {function}"), body: body.to_owned() });
        }
    }
    Ok(texts)
}

/// What the reader must know of the study and the machine, in the order in which it is shown.
pub(super) fn facts(
    opened: &Opened,
    reader: &Reader<'_>,
    book: &PriceBook,
) -> Result<Vec<Facts>, Failure> {
    let (lock, counts) = (&opened.lock, opened.plan.counts);
    let row = |name: &str, value: String| (name.to_owned(), value);
    let kinds = opened.plan.functions.iter();
    let mut facts = vec![Facts {
        heading: "Study".to_owned(),
        rows: vec![
            row("application", opened.application.description.clone()),
            row("fingerprint", lock.fingerprint().to_string()),
            row("photofinish", lock.photofinish.clone()),
            row("seed", opened.study.seed.to_string()),
            row(
                "plan",
                format!(
                    "{} rounds of {} blocks in each flow; {} warm-up passes a round and {} with \
                     stage times apart",
                    counts.rounds, counts.blocks, counts.warm_up, counts.stages
                ),
            ),
            row(
                "what its author expects",
                kinds.map(|f| format!("{} {}", f.name, f.kind)).collect::<Vec<_>>().join(", "),
            ),
        ],
    }];
    // The latest word on each subject; what an earlier run noted stays in the journal.
    let mut noted: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for fact in reader.facts().map_err(|error| Failure::usage(&error))? {
        noted.entry(fact.subject).or_default().insert(fact.key, fact.value);
    }
    for (subject, rows) in noted {
        facts.push(Facts { heading: subject, rows: rows.into_iter().collect() });
    }
    if let Some((entries, head)) = super::written::ledger_head(opened)? {
        let rows = vec![row("entries", entries.to_string()), row("head", head.to_string())];
        facts.push(Facts { heading: "ledger of answers".to_owned(), rows });
    }
    facts.push(Facts::of_prices(book));
    Ok(facts)
}
