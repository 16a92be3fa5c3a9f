//! `export`: a study's calls in the layout of another tool, read from the journal alone.

use std::path::{Path, PathBuf};

use photofinish_analyse::price::PriceBook;
use photofinish_journal::Reader;
use photofinish_report::export::{self, LeftOut};
use photofinish_study::Study;
use photofinish_study::record::Invocation;

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::progress::{Progress, counted};
use crate::road::{opening, prices};

/// Writes the files, and says what has no place in them.
pub(crate) fn export(arguments: &arguments::Export) -> Result<Answer, Failure> {
    let (study, directory, book) = directory(arguments)?;
    let calls = calls(&directory, &book)?;
    spare_what_is_there(&arguments.into)?;
    let (files, left_out) = export::export(arguments.to, &study, &calls);
    if files.is_empty() {
        let message = format!("no call of {} has a place in this layout", directory.display());
        return Err(Failure::Usage(Told::words(message, Some("docs/export.md says which have"))));
    }
    export::write(&arguments.into, &files).map_err(|error| Failure::usage(&error))?;
    say_what_is_left_out(&left_out);
    println!("{}: {}", arguments.into.display(), counted(files.len(), "file"));
    Ok(Answer::Yes)
}

/// The study's name, its directory and its prices: of a study file as everywhere, or a directory
/// itself, which may be anyone's; then the prices are this program's.
fn directory(arguments: &arguments::Export) -> Result<(String, PathBuf, PriceBook), Failure> {
    let given = &arguments.study;
    if given.is_dir() {
        if arguments.out.is_some() || arguments.on.is_some() {
            let message = format!("{} is a study directory itself", given.display());
            return Err(Failure::Usage(Told::words(message, Some("leave --out and --on away"))));
        }
        let name = given.canonicalize().unwrap_or_else(|_| given.clone());
        let name = name.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok((name, given.clone(), prices::bundled()?.book));
    }
    let (mut study, source) = Study::read(given)?;
    let book = prices::of_study(&study, &source)?.book;
    if let Some(platform) = arguments.on {
        study.move_to(platform);
    }
    let name = study.name.to_string();
    let own = Path::new("results").join(&name);
    Ok((name, arguments.out.clone().unwrap_or(own), book))
}

/// Every call of the journal, with its price.
fn calls(directory: &Path, book: &PriceBook) -> Result<Vec<Invocation>, Failure> {
    let nothing = |message: String| {
        let hint = "`photofinish run` or `measure` calls the functions; then it can be exported";
        Failure::Usage(Told::words(message, Some(hint)))
    };
    let reader = Reader::open(directory).map_err(|error| nothing(Told::new(&error).to_string()))?;
    let mut calls = reader.invocations().map_err(|error| Failure::usage(&error))?;
    if calls.is_empty() {
        return Err(nothing(format!("nothing was called yet in {}", directory.display())));
    }
    for call in &mut calls {
        let target = call.at.deployment.target;
        let price = |billed| book.call_usd(target.architecture, target.memory_mb, billed);
        call.cost_usd = call.billed_ms.map(price);
    }
    Ok(calls)
}

/// An export is one study's: files of another would be read with them.
fn spare_what_is_there(folder: &Path) -> Result<(), Failure> {
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(false) => Ok(()),
        Ok(true) => {
            let message = format!("{} is not empty", folder.display());
            let hint = "name a folder that is not there yet: what lies in it would be read with \
                        the export";
            Err(Failure::Usage(Told::words(message, Some(hint))))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(opening::unusable(folder, &error)),
    }
}

fn say_what_is_left_out(left_out: &LeftOut) {
    let progress = Progress::new();
    for (what, n) in left_out {
        progress.say("left out", &format!("{}: {what}", counted(*n, "call")));
    }
}
