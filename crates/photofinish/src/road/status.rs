//! `status`: how far a study is, by its directory alone; nothing is written, and nobody who is at
//! work on it is disturbed.

mod found;
mod telling;

use std::path::Path;

use photofinish_study::Lock;

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::road::opening::Opened;
use crate::road::status::found::{Found, Wanted};

/// Prints how far the study is.
pub(crate) fn status(arguments: &arguments::Study) -> Result<Answer, Failure> {
    let wanted = if arguments.study.is_dir() {
        of_directory(arguments)?
    } else {
        let opened = Opened::read(arguments)?;
        opened.compare_with_directory()?;
        Wanted {
            functions: opened.plan.functions.iter().map(|f| f.name.clone()).collect(),
            named: opened.file.display().to_string(),
            lock: opened.lock,
            directory: opened.directory,
        }
    };
    let found = Found::of(&wanted)?;
    if arguments.json {
        println!("{:#}", telling::as_json(&wanted, &found));
    } else {
        telling::print(&wanted, &found);
    }
    Ok(Answer::Yes)
}

/// A study directory named instead of a study file: its lock says what it is.
fn of_directory(arguments: &arguments::Study) -> Result<Wanted, Failure> {
    let directory = &arguments.study;
    if arguments.out.is_some() || arguments.on.is_some() {
        let message = format!("{} is a study directory", directory.display());
        let hint = "--out and --on go with a study file";
        return Err(Failure::Usage(Told::words(message, Some(hint))));
    }
    let path = directory.join(Lock::FILE);
    if !path.is_file() {
        let message =
            format!("{} is no study directory: it has no {}", directory.display(), Lock::FILE);
        return Err(Failure::Usage(Told::words(message, Some(&below(directory)))));
    }
    let lock = Lock::read(&path)?;
    Ok(Wanted {
        functions: lock.study.functions.clone(),
        named: "STUDY".to_owned(),
        lock,
        directory: directory.clone(),
    })
}

/// What may have been meant.
fn below(directory: &Path) -> String {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut studies: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join(Lock::FILE).is_file())
        .map(|path| path.display().to_string())
        .collect();
    studies.sort();
    if studies.is_empty() {
        return "give a study file, or a directory that `photofinish run` made".to_owned();
    }
    format!("in it are {}", studies.join(", "))
}
