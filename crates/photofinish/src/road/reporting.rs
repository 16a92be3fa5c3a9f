//! `analyse` and `report`: tables and the page, from the journal alone.

mod seen;
mod words;
mod written;

use std::collections::{BTreeMap, HashSet};
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;

use photofinish_analyse::cost::{Costing, costs};
use photofinish_analyse::memory::memory;
use photofinish_analyse::orchestration::orchestrations;
use photofinish_analyse::summary::{attempts, cpu_models, starts, summarise};
use photofinish_analyse::verdict::judge;
use photofinish_analyse::{Planned, Race, Rejection, completeness};
use photofinish_journal::{Journal, Reader};
use photofinish_report::terminal::{Ink, View, render};
use photofinish_report::{ReportData, Written, page, sheet};
use photofinish_study::record::Verification;
use photofinish_study::{Architecture, Deployment, Flow};

use crate::arguments;
use crate::failure::{Answer, Failure};
use crate::progress::Progress;
use crate::road::keeping::Kept;
use crate::road::opening::{Opened, raced_on};
use crate::road::piloting;
use crate::road::platform::ARCHITECTURE;

pub(in crate::road) use words::badges;
use words::{badges_of, facts, findings, notes, sources, texts, writing};

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
        if !data.memory.is_empty() {
            sheet::write(folder, &data.memory)?;
        }
        if !data.orchestrations.is_empty() {
            sheet::write(folder, &data.orchestrations)?;
        }
        if !data.written.is_empty() {
            sheet::write(folder, &data.written.generations)?;
            sheet::write(folder, &sheet::ScoreRow::of(&data.written.scores))?;
        }
        sheet::write(folder, &data.costs.rows)
    };
    write().map(|_| ()).map_err(|error| Failure::usage(&error))
}

/// Everything that the report shows, computed from what the journal holds.
fn collect(opened: &Opened, reader: &Reader<'_>) -> Result<ReportData, Failure> {
    let failed = |error: photofinish_journal::Error| Failure::usage(&error);
    let book = opened.book.clone();
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
    let race = Race::of(&passes, &invocations);
    let summary = summarise(race, &planned);
    let costing = Costing { book, assumptions: opened.study.cost };
    let orchestrations = orchestrations(race, &planned, &rejections, &summary, &costing);
    let costs = costs(&summary, &planned, &rejections, &costing).with_machines(&orchestrations);
    let mut data = ReportData {
        study: opened.study.name.to_string(),
        badges: badges_of(opened, &planned, &reader.facts().map_err(failed)?),
        notes: notes(opened, host, &verification),
        verdicts: judge(race, &planned, &rejections, Some((&summary, &costing))),
        memory: memory(race, &planned, &rejections, &summary, Some((&costing, &costs.rows))),
        costs,
        orchestrations,
        break_even: Some(costing.book.break_even()),
        verification: verification.into_iter().map(Into::into).collect(),
        attempts: attempts(race, &planned),
        rounds: completeness(race, &planned),
        cpu_models: cpu_models(race),
        starts: starts(race, &planned),
        distance: words::distance(&reader.distances().map_err(failed)?),
        writing: writing(opened),
        pilot: piloting::reported(opened, reader, &planned)?,
        facts: facts(opened, reader, &costing.book)?,
        assumptions: Some(costing.assumptions),
        commands: vec![opened.command("run")],
        sources: sources(opened)?,
        texts: texts(opened)?,
        labels: opened.plan.functions.iter().map(|f| (f.name.clone(), f.kind.clone())).collect(),
        emulated: opened.architectures_not_raced(host),
        pictures,
        findings: findings(&judgements),
        written: Written::default(),
        summary,
        planned,
        passes,
        invocations,
    };
    let rows: Vec<&Verification> = judgements.iter().map(|found| &found.verification).collect();
    data.written = written::written(opened, &rows, &data)?;
    Ok(data)
}

/// What the plan asks of each round, so that an incomplete one is known as such.
pub(in crate::road) fn planned(opened: &Opened, host: Option<Architecture>) -> Planned {
    let plan = &opened.plan;
    let raced = plan
        .deployments
        .iter()
        .filter(|deployment| opened.study.is_raced(&deployment.contestant))
        .filter(|deployment| raced_on(deployment, host));
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

/// The architecture that local programs ran on in this study; this machine's before it was run.
fn host(reader: &Reader<'_>) -> Result<Option<Architecture>, Failure> {
    let facts = reader.facts().map_err(|error| Failure::usage(&error))?;
    let noted = facts.iter().rev().find(|fact| fact.subject == "local" && fact.key == ARCHITECTURE);
    Ok(noted.map_or_else(Architecture::of_this_machine, |fact| fact.value.parse().ok()))
}
