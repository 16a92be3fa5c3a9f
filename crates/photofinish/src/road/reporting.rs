//! `analyse` and `report`: tables and the page, from the journal alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use photofinish_analyse::{
    Planned, PriceBook, Race, Rejection, cost, invocation_cost, summarise, verdicts,
};
use photofinish_journal::{Journal, Reader};
use photofinish_report::{FunctionInfo, ReportData};
use photofinish_study::record::{Invocation, Verification};
use photofinish_study::{Flow, Platform, Source};

use crate::arguments;
use crate::failure::{Answer, Failure};
use crate::progress::Progress;
use crate::road::opening::{Opened, unusable};

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
    let folder = opened.directory.join("report");
    write_tables(data, &folder.join("data"))?;
    let page = folder.join("index.html");
    photofinish_report::replace(&page, photofinish_report::html(data).as_bytes())
        .map_err(|error| unusable(&page, &error))?;
    print!("{}", photofinish_report::terminal(data, None));
    println!("\nreport: {}", page.display());
    Ok(answer(data))
}

fn answer(data: &ReportData) -> Answer {
    if data.rejections.is_empty() { Answer::Yes } else { Answer::No }
}

fn write_tables(data: &ReportData, folder: &Path) -> Result<(), Failure> {
    photofinish_report::write_tables(data, folder).map_err(|error| Failure::usage(&error))
}

/// Everything that the report shows, computed from what the journal holds.
fn collect(opened: &Opened, reader: &Reader<'_>) -> Result<ReportData, Failure> {
    let failed = |error: photofinish_journal::Error| Failure::usage(&error);
    let book = price_book()?;
    let mut invocations = reader.invocations().map_err(failed)?;
    for row in &mut invocations {
        row.cost_usd = invocation_cost(&book, row);
    }
    let passes = reader.passes().map_err(failed)?;
    let verification: Vec<Verification> =
        reader.verifications().map_err(failed)?.into_iter().map(|(row, _)| row).collect();
    let rejections = rejections(&verification);
    let plan = &opened.plan;
    let planned = Planned {
        functions: plan.functions.iter().map(|function| function.name.clone()).collect(),
        passes_per_round: plan.counts.blocks,
    };
    let race = Race::new(&planned, &invocations, &passes);
    let summary = summarise(&race);
    let verdicts = verdicts(&race, &opened.study.flow, &plan.deployments, &rejections);
    let cost = cost(&race, &book);
    let contract = opened.application.folder.join("contract.toml");
    Ok(ReportData {
        study: opened.study.name.to_string(),
        description: opened.application.description.clone(),
        demonstration: opened.study.demonstration,
        local: opened.study.all_targets().any(|target| target.platform == Platform::Local),
        flows: opened.study.flow.clone(),
        functions: functions(opened),
        deployments: plan.deployments.clone(),
        authors: authors(opened),
        summary,
        verdicts,
        cost,
        facts: facts(opened, reader, &invocations)?,
        verification,
        rejections,
        passes,
        sources: sources(opened)?,
        contract: std::fs::read_to_string(&contract)
            .map_err(|error| unusable(&contract, &error))?,
        reproduce: reproduce(opened),
        invocations,
    })
}

/// The bundled price book.
fn price_book() -> Result<PriceBook, Failure> {
    let path = Path::new("prices/aws-2026-09.toml");
    Ok(PriceBook::parse(&Source::from_text(path, photofinish_assets::PRICES))?)
}

/// For each rejected function the first reason; a function rejected in its chain alone rejects
/// the chain.
fn rejections(verification: &[Verification]) -> Vec<Rejection> {
    let mut seen = BTreeSet::new();
    let mut rejections = Vec::new();
    let isolated_first = [Flow::Isolated, Flow::Chained];
    for flow in isolated_first {
        for row in verification.iter().filter(|row| row.flow == flow && !row.accepted) {
            if !seen.insert((row.deployment.to_string(), row.function.clone())) {
                continue;
            }
            rejections.push(Rejection {
                deployment: row.deployment.as_ref().clone(),
                function: (flow == Flow::Isolated).then(|| row.function.clone()),
                reason: row.reason.as_deref().unwrap_or("rejected").to_owned(),
            });
        }
    }
    rejections
}

fn functions(opened: &Opened) -> Vec<FunctionInfo> {
    let functions = opened.plan.functions.iter();
    functions
        .map(|function| FunctionInfo { name: function.name.clone(), kind: function.kind.clone() })
        .collect()
}

fn authors(opened: &Opened) -> Vec<(String, String)> {
    let sources = opened.sources.iter();
    sources
        .map(|authored| {
            let author = match &authored.model {
                Some(model) => format!("{} {model}", authored.author),
                None => authored.author.clone(),
            };
            (format!("{}/{}", authored.variant, authored.sample), author)
        })
        .collect()
}

fn sources(opened: &Opened) -> Result<Vec<photofinish_report::Source>, Failure> {
    let mut sources = Vec::new();
    for authored in &opened.sources {
        for function in &opened.plan.functions {
            let path = authored.folder.join(function.name.as_str()).join("lambda_function.py");
            sources.push(photofinish_report::Source {
                contestant: format!("{}/{}", authored.variant, authored.sample),
                function: function.name.clone(),
                code: std::fs::read_to_string(&path).map_err(|error| unusable(&path, &error))?,
            });
        }
    }
    Ok(sources)
}

fn reproduce(opened: &Opened) -> Vec<String> {
    vec![format!("photofinish run {}", opened.file.display())]
}

/// What the reader must know of the study and the machine, in the order in which it is shown.
fn facts(
    opened: &Opened,
    reader: &Reader<'_>,
    invocations: &[Invocation],
) -> Result<Vec<(String, String)>, Failure> {
    let lock = &opened.lock;
    let counts = lock.counts;
    let mut facts = vec![
        ("study".to_owned(), format!("{} ({})", opened.study.name, lock.fingerprint().short())),
        ("photofinish".to_owned(), lock.photofinish.clone()),
        ("seed".to_owned(), opened.study.seed.to_string()),
        (
            "rounds".to_owned(),
            format!(
                "{} of {} blocks in each flow, {} warm-up passes apart",
                counts.rounds, counts.blocks, counts.warm_up
            ),
        ),
        ("prices of".to_owned(), lock.price_date.clone()),
    ];
    // The latest word on each subject; what an earlier run noted stays in the journal.
    let mut noted: BTreeMap<(String, String), String> = BTreeMap::new();
    for fact in reader.facts().map_err(|error| Failure::usage(&error))? {
        noted.insert((fact.subject, fact.key), fact.value);
    }
    facts.extend(
        noted.into_iter().map(|((subject, key), value)| (format!("{subject}: {key}"), value)),
    );
    let mut processors: BTreeMap<&str, usize> = BTreeMap::new();
    for model in invocations.iter().filter_map(|row| row.cpu_model.as_deref()) {
        *processors.entry(model).or_default() += 1;
    }
    let mix = processors.iter().map(|(model, calls)| format!("{model} ({calls} calls)"));
    facts.push(("processors seen".to_owned(), mix.collect::<Vec<_>>().join(", ")));
    Ok(facts)
}
