//! `analyse` and `report`: tables and the page, from the journal alone.

use std::collections::{BTreeMap, HashSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use photofinish_analyse::cost::{Costing, costs};
use photofinish_analyse::price::PriceBook;
use photofinish_analyse::summary::{attempts, cpu_models, summarise};
use photofinish_analyse::verdict::judge;
use photofinish_analyse::{Planned, Race, Rejection, completeness};
use photofinish_generate::Prompts;
use photofinish_journal::{Journal, Judgement, Reader};
use photofinish_report::terminal::{Ink, View, render};
use photofinish_report::{Badge, Facts, Finding, ReportData, Source, Text, page, sheet};
use photofinish_study::record::Verification;
use photofinish_study::{Architecture, Deployment, Flow, Language, Name, Platform};

use crate::arguments;
use crate::failure::{Answer, Failure};
use crate::progress::Progress;
use crate::road::asking;
use crate::road::contestants::Authored;
use crate::road::keeping::Kept;
use crate::road::opening::{Opened, raced_on, unusable};
use crate::road::platform::ARCHITECTURE;

/// Computes summary, verdicts and cost from the journal, and leaves them as CSV files.
pub(crate) fn analyse(arguments: &arguments::Study) -> Result<Answer, Failure> {
    let opened = Opened::read(arguments)?;
    let data = collect(&opened, &open(&opened)?)?;
    let folder = opened.directory.join("report/data");
    write_tables(&data, &folder)?;
    println!("{}", folder.display());
    Ok(answer(&data))
}

/// Writes the tables and the page, and prints the short form.
pub(crate) fn report(arguments: &arguments::Study) -> Result<Answer, Failure> {
    let opened = Opened::read(arguments)?;
    finish(&opened, &collect(&opened, &open(&opened)?)?)
}

/// The same at the end of a run, through the run's own journal.
pub(crate) fn write(
    opened: &Opened,
    journal: &Journal,
    progress: Progress,
) -> Result<Answer, Failure> {
    let data = collect(opened, &Reader::of(journal))?;
    progress.say("report", &format!("{} calls are summed up", data.invocations.len()));
    finish(opened, &data)
}

fn open(opened: &Opened) -> Result<Reader<'static>, Failure> {
    opened.compare_with_directory()?;
    Reader::open(&opened.directory).map_err(|error| Failure::usage(&error))
}

fn finish(opened: &Opened, data: &ReportData) -> Result<Answer, Failure> {
    opened.write_lock()?;
    let folder = opened.directory.join("report");
    write_tables(data, &folder.join("data"))?;
    page::write(&folder, data).map_err(|error| Failure::usage(&error))?;
    print(data);
    println!("\nreport: {}", folder.join("index.html").display());
    Ok(answer(data))
}

/// Prints the short form.
pub(super) fn print(data: &ReportData) {
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let ink = if colour { Ink::Colour } else { Ink::Plain };
    print!("{}", render(data, View { width: None, ink }));
}

/// The prices that this program carries.
pub(super) fn price_book() -> Result<PriceBook, Failure> {
    PriceBook::parse("aws-2026-09.toml", photofinish_assets::PRICES)
        .map_err(|error| Failure::usage(&error))
}

fn answer(data: &ReportData) -> Answer {
    if data.verification.iter().all(|row| row.accepted) { Answer::Yes } else { Answer::No }
}

fn write_tables(data: &ReportData, folder: &Path) -> Result<(), Failure> {
    let write = || {
        sheet::write(folder, &data.invocations)?;
        sheet::write(folder, &data.passes)?;
        sheet::write(folder, &data.summary)?;
        sheet::write(folder, &data.verification)?;
        sheet::write(folder, &data.verdicts)?;
        sheet::write(folder, &data.costs.rows)
    };
    write().map(|_| ()).map_err(|error| Failure::usage(&error))
}

/// Everything that the report shows, computed from what the journal holds.
fn collect(opened: &Opened, reader: &Reader<'_>) -> Result<ReportData, Failure> {
    let failed = |error: photofinish_journal::Error| Failure::usage(&error);
    let book = price_book()?;
    let mut invocations = reader.invocations().map_err(failed)?;
    for row in &mut invocations {
        let target = row.at.deployment.target;
        row.cost_usd = row
            .billed_ms
            .map(|billed| book.call_usd(target.architecture, target.memory_mb, billed));
    }
    let passes = reader.passes().map_err(failed)?;
    let judgements = reader.judgements().map_err(failed)?;
    let verification: Vec<&Verification> =
        judgements.iter().map(|found| &found.verification).collect();
    let rejections = rejections(&verification);
    let pictures = Kept::of(&opened.directory).pictures(&verification)?;
    let host = host(reader)?;
    let planned = planned(opened, host);
    let race = Race { passes: &passes, invocations: &invocations };
    let summary = summarise(race, &planned);
    let costing = Costing { book, assumptions: opened.study.cost };
    Ok(ReportData {
        study: opened.study.name.to_string(),
        badges: badges_of(opened, &planned),
        notes: notes(opened, host, &verification),
        verdicts: judge(race, &planned, &rejections, Some((&summary, &costing))),
        costs: costs(&summary, &planned, &rejections, &costing),
        break_even: Some(costing.book.break_even()),
        verification: verification.into_iter().map(Into::into).collect(),
        attempts: attempts(race, &planned),
        rounds: completeness(race, &planned),
        cpu_models: cpu_models(race),
        writing: writing(opened),
        facts: facts(opened, reader, &costing.book)?,
        assumptions: Some(costing.assumptions),
        commands: vec![opened.command("run")],
        sources: sources(opened)?,
        texts: texts(opened)?,
        labels: opened.plan.functions.iter().map(|f| (f.name.clone(), f.kind.clone())).collect(),
        emulated: opened.architectures_not_raced(host),
        pictures,
        findings: findings(&judgements),
        summary,
        planned,
        passes,
        invocations,
    })
}

/// What the plan asks of each round, so that an incomplete one is known as such.
fn planned(opened: &Opened, host: Option<Architecture>) -> Planned {
    let plan = &opened.plan;
    let raced = plan.deployments.iter().filter(|deployment| raced_on(deployment, host));
    let mut round = BTreeMap::new();
    for &flow in &opened.study.flow {
        for image in &plan.images {
            round.insert((flow, image.name.clone()), plan.passes_per_image());
        }
    }
    let deployments: Vec<Arc<Deployment>> = raced.cloned().map(Arc::new).collect();
    let beside = |deployment: &&Arc<Deployment>| opened.study.is_beside(&deployment.contestant);
    Planned {
        beside: deployments.iter().filter(beside).cloned().collect(),
        deployments,
        functions: plan.functions.iter().map(|function| function.name.clone()).collect(),
        round,
    }
}

/// For each rejected function the first reason, that of its own before that of its chain.
fn rejections(verification: &[&Verification]) -> Vec<Rejection> {
    let mut seen = HashSet::new();
    let mut rejections = Vec::new();
    for flow in [Flow::Isolated, Flow::Chained] {
        for row in verification.iter().filter(|row| row.flow == flow && !row.accepted) {
            if seen.insert((Arc::clone(&row.deployment), row.function.clone())) {
                rejections.push(Rejection {
                    deployment: Arc::clone(&row.deployment),
                    function: row.function.clone(),
                    reason: row.reason.clone().unwrap_or_else(|| "rejected".into()),
                });
            }
        }
    }
    rejections
}

/// What must be known of where it was measured.
pub(super) fn badges(demonstration: bool, planned: &Planned) -> Vec<Badge> {
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
fn findings(judgements: &[Judgement]) -> Vec<Finding> {
    #[derive(serde::Deserialize)]
    struct Told {
        #[serde(default)]
        findings: Vec<String>,
    }
    let mut found: Vec<(String, Finding)> = Vec::new();
    for judgement in judgements {
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
fn writing(opened: &Opened) -> Option<String> {
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
        .filter(|authored| authored.model().is_some())
        .map(|authored| authored.contestant.to_string())
        .collect();
    (!pasted.is_empty()).then(|| pasted.join(", "))
}

/// With a word for answers that nobody can tell the author of.
fn badges_of(opened: &Opened, planned: &Planned) -> Vec<Badge> {
    let mut badges = badges(opened.study.demonstration, planned);
    if let Some(pasted) = pasted(opened) {
        let text = format!(
            "{pasted} came from files; that the models named wrote them is the user's word"
        );
        badges.push(Badge::ModelUnverified(text));
    }
    badges
}

/// The architecture that local programs ran on in this study; this machine's before it was run.
fn host(reader: &Reader<'_>) -> Result<Option<Architecture>, Failure> {
    let facts = reader.facts().map_err(|error| Failure::usage(&error))?;
    let noted = facts.iter().rev().find(|fact| fact.subject == "local" && fact.key == ARCHITECTURE);
    Ok(noted.map_or_else(Architecture::of_this_machine, |fact| fact.value.parse().ok()))
}

/// Who wrote what, and what was not raced, before any figure.
fn notes(
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
        format!("{}: {}{about}{beside}.", authored.contestant, authored.author())
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
    let mut notes: Vec<String> = opened.sources.iter().map(author).collect();
    notes.extend(opened.plan.deployments.iter().filter(not_raced).map(emulated));
    notes
}

fn sources(opened: &Opened) -> Result<Vec<Source>, Failure> {
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
    let functions = opened.plan.functions.iter();
    if authored.folder.language == Language::Python {
        return Ok(functions.map(|f| (f.name.clone(), authored.folder.code(&f.name))).collect());
    }
    let folder = authored.folder.folder.join("src");
    let entries = std::fs::read_dir(&folder).map_err(|error| unusable(&folder, &error))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let all = Name::new("all").expect("a plain word");
    Ok(files.into_iter().filter(|path| path.is_file()).map(|path| (all.clone(), path)).collect())
}

fn texts(opened: &Opened) -> Result<Vec<Text>, Failure> {
    let path = opened.application.folder.join("contract.toml");
    let body = std::fs::read_to_string(&path).map_err(|error| unusable(&path, &error))?;
    let mut texts = vec![
        Text { title: "Contract".to_owned(), body },
        Text { title: "The study, spelled out".to_owned(), body: opened.lock.to_toml() },
    ];
    for (function, body) in asking::prompts(&opened.application)?.iter().flat_map(Prompts::iter) {
        texts.push(Text { title: format!("Prompt: {function}"), body: body.to_owned() });
    }
    Ok(texts)
}

/// What the reader must know of the study and the machine, in the order in which it is shown.
fn facts(opened: &Opened, reader: &Reader<'_>, book: &PriceBook) -> Result<Vec<Facts>, Failure> {
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
    facts.push(Facts::of_prices(book));
    Ok(facts)
}
