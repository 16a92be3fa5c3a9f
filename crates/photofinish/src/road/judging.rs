//! `analyse`: of a study by its journal, or of anyone's measurements by the rows alone.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use photofinish_analyse::cost::{Assumptions, Costing, costs};
use photofinish_analyse::memory::memory;
use photofinish_analyse::summary::{attempts, cpu_models, starts, summarise};
use photofinish_analyse::verdict::judge;
use photofinish_analyse::{Planned, Race, completeness, passes_of};
use photofinish_report::ReportData;
use photofinish_report::sheet::{self, BadCell, Row, SheetError};
use photofinish_study::record::{Invocation, Position};
use photofinish_study::{Flow, Name, Platform};

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::progress::Progress;
use crate::road::{prices, reporting};

/// Does what was asked for: the command line has seen to it that one of the two is given.
pub(crate) fn analyse(arguments: &arguments::Analyse) -> Result<Answer, Failure> {
    match arguments {
        arguments::Analyse { from: Some(from), out: Some(folder), .. } => {
            measurements(from, folder)
        }
        arguments::Analyse { study: Some(study), out, .. } => {
            let (study, out) = (study.clone(), out.clone());
            reporting::analyse(&arguments::Study { study, out, on: arguments.on, json: false })
        }
        _ => Err(Failure::Usage(Told::words("name a study, or --from a file and --out", None))),
    }
}

/// Judges a file of invocations, wherever it is from.
fn measurements(from: &Path, folder: &Path) -> Result<Answer, Failure> {
    spare_what_is_there(from, folder)?;
    let mut known = KnownPasses::default();
    let read = sheet::read_checked(from, |call| known.check(call));
    let invocations: Vec<Invocation> = read.map_err(|error| refused(&error))?;
    if invocations.is_empty() {
        let message = format!("{}, line 2: there is no measurement", from.display());
        return Err(Failure::Usage(Told::words(message, Some(LAYOUT))));
    }
    let passes = passes_of(&invocations);
    let race = Race::of(&passes, &invocations);
    let planned = Planned::seen_in(race);
    let costing = Costing { book: prices::bundled()?.book, assumptions: Assumptions::default() };
    say_what_is_taken_for_granted(&planned, &costing);

    let summary = summarise(race, &planned);
    let costs = costs(&summary, &planned, &[], &costing);
    let data = ReportData {
        study: from.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        badges: reporting::badges(false, &planned),
        verdicts: judge(race, &planned, &[], Some((&summary, &costing))),
        memory: memory(race, &planned, &[], &summary, Some((&costing, &costs.rows))),
        costs,
        break_even: Some(costing.book.break_even()),
        assumptions: Some(costing.assumptions),
        attempts: attempts(race, &planned),
        rounds: completeness(race, &planned),
        cpu_models: cpu_models(race),
        starts: starts(race, &planned),
        summary,
        planned,
        ..ReportData::default()
    };
    write(&data, folder)?;
    reporting::print(&data);
    println!("\ntables: {}", folder.display());
    Ok(Answer::Yes)
}

const LAYOUT: &str = "docs/invocations.md describes the columns, and which are needed";

fn refused(error: &SheetError) -> Failure {
    Failure::usage(error).hint(LAYOUT)
}

fn write(data: &ReportData, folder: &Path) -> Result<(), Failure> {
    let write = || {
        sheet::write(folder, &data.summary)?;
        sheet::write(folder, &data.verdicts)?;
        if !data.memory.is_empty() {
            sheet::write(folder, &data.memory)?;
        }
        sheet::write(folder, &data.costs.rows)
    };
    write().map(|_| ()).map_err(|error| Failure::usage(&error))
}

/// Neither the measurements nor the tables of a study are written over.
fn spare_what_is_there(from: &Path, folder: &Path) -> Result<(), Failure> {
    let refuse = |message: String| {
        Err(Failure::Usage(Told::words(message, Some("choose another folder with --out"))))
    };
    if folder.join(<photofinish_study::record::Pass as Row>::FILE).exists() {
        return refuse(format!("{} holds a study's own tables", folder.display()));
    }
    let same = |name: &str| {
        let paths = (folder.join(name).canonicalize(), from.canonicalize());
        matches!(paths, (Ok(table), Ok(input)) if table == input)
    };
    if ["summary.csv", "verdicts.csv", "memory.csv", "cost.csv"].into_iter().any(same) {
        return refuse(format!("a table would be written over {}", from.display()));
    }
    Ok(())
}

/// The plan is read off the rows, so the reader must be able to see a wrong guess.
fn say_what_is_taken_for_granted(planned: &Planned, costing: &Costing) {
    let progress = Progress::new();
    let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(", ");
    let deployments = list(&mut planned.deployments.iter().map(ToString::to_string));
    progress.say("plan", &format!("deployments, the earlier on the left: {deployments}"));
    let functions = list(&mut planned.functions.iter().map(ToString::to_string));
    progress.say("plan", &format!("functions, in the order of calls: {functions}"));
    let mut rounds: BTreeMap<Flow, Vec<String>> = BTreeMap::new();
    for ((flow, image), passes) in &planned.round {
        rounds.entry(*flow).or_default().push(format!("{passes} of {image}"));
    }
    for (flow, passes) in rounds {
        let passes = passes.join(", ");
        progress.say(
            "plan",
            &format!("a round of {flow} is complete with the most passes seen in one: {passes}"),
        );
    }
    let Assumptions { images, cold_share, .. } = costing.assumptions;
    progress.say(
        "cost",
        &format!(
            "of {images} images at the prices of {}, {} % of them cold; a study's [cost] says \
             otherwise",
            costing.book.date,
            cold_share * 100.0
        ),
    );
    if planned.deployments.iter().any(|of| of.target.platform == Platform::Local) {
        progress.say("cost", "of local durations is a projection");
    }
}

/// Where each pass seen so far stands, and which functions it has called.
#[derive(Default)]
struct KnownPasses {
    passes: HashMap<u64, (Arc<Position>, Vec<Name>)>,
}

impl KnownPasses {
    /// A pass is one picture through the functions of one deployment, each called once.
    fn check(&mut self, call: &Invocation) -> Result<(), BadCell> {
        let number = call.at.pass;
        let (first, functions) =
            self.passes.entry(number).or_insert_with(|| (Arc::clone(&call.at), Vec::new()));
        if let Some((column, here, there)) = difference(&call.at, first) {
            let cause = format!(
                "`{here}` is in pass {number}, which began with `{there}`; number each pass once"
            );
            return Err(BadCell { column, cause });
        }
        if functions.contains(&call.function) {
            let cause = format!(
                "`{}` is called twice in pass {number}; number each pass once",
                call.function
            );
            return Err(BadCell { column: "function", cause });
        }
        functions.push(call.function.clone());
        Ok(())
    }
}

/// The first column in which two rows of one pass do not agree.
fn difference(here: &Position, there: &Position) -> Option<(&'static str, String, String)> {
    let both = |of: fn(&Position) -> String| (of(here), of(there));
    let columns: [(&'static str, (String, String)); 8] = [
        ("variant", both(|at| at.deployment.contestant.to_string())),
        ("platform", both(|at| at.deployment.target.platform.to_string())),
        ("architecture", both(|at| at.deployment.target.architecture.to_string())),
        ("memory_mb", both(|at| at.deployment.target.memory_mb.to_string())),
        ("round", both(|at| at.round.to_string())),
        ("phase", both(|at| at.phase.to_string())),
        ("flow", both(|at| at.flow.to_string())),
        ("image", both(|at| at.image.to_string())),
    ];
    columns
        .into_iter()
        .find(|(_, (here, there))| here != there)
        .map(|(column, (here, there))| (column, here, there))
}
