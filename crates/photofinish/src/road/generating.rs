//! `generate`: has the models write what is not written yet, and shows afterwards that nothing of
//! it was changed.
//!
//! Every attempt goes through the ledger: intended before it is sent, concluded before its answer
//! is used. An answer that was had is never asked for again.

mod asking;
mod proof;
mod purse;
mod repairing;
mod task;

use photofinish_generate::ledger::Records;
use photofinish_generate::{Registry, look::Look};
use photofinish_runtimes::WheelSet;
use photofinish_study::Source;
use std::path::{Path, PathBuf};

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::progress::{Progress, counted};
use crate::road::opening::Opened;
use crate::road::prompts;

pub(crate) use asking::estimate;
pub(crate) use proof::sent_prompts;
pub(crate) use repairing::repair;
use task::Task;

/// What every function's file must define.
pub(crate) const ENTRY_POINT: &str = "lambda_handler";

/// Asks, shows, checks or replays.
pub(crate) fn generate(arguments: &arguments::Generate) -> Result<Answer, Failure> {
    let opened = Opened::read(&arguments.study)?;
    if arguments.show {
        return prompts::show(&opened, arguments);
    }
    if opened.models().is_empty() {
        let message = format!("no variant of {} has a model", opened.file.display());
        let hint = "a variant with model = \"provider:id\" is written by that model";
        return Err(Failure::Usage(Told::words(message, Some(hint))));
    }
    if arguments.verify {
        return proof::verify(&opened);
    }
    if arguments.replay {
        return proof::replay(&opened);
    }
    let progress = Progress::new();
    let tasks = Task::wanted(&opened, Wanted::OrFailed)?;
    if tasks.is_empty() {
        progress.say("generate", "every answer is there");
        return Ok(Answer::Yes);
    }
    asking::ask(&opened, &tasks, arguments.consent, progress)?;
    let missing = Opened::read(&arguments.study)?;
    let without = missing.sources.iter().flat_map(|authored| authored.without_code());
    Ok(if without.count() == 0 { Answer::Yes } else { Answer::No })
}

/// Which answers are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those that nobody has asked for yet.
    Missing,
    /// Those, and those that patience ended before.
    OrFailed,
}

/// Before the road is taken: whatever a model has not written yet is asked for. Says whether
/// anything was.
pub(crate) fn have_answers(
    opened: &Opened,
    wanted: Wanted,
    consent: arguments::Consent,
    progress: Progress,
) -> Result<bool, Failure> {
    let tasks = Task::wanted(opened, wanted)?;
    if tasks.is_empty() {
        return Ok(false);
    }
    asking::ask(opened, &tasks, consent, progress)?;
    Ok(true)
}

/// The folder of a study's ledger.
pub(crate) fn ledger_folder(opened: &Opened) -> PathBuf {
    opened.generations.join("generations/ledger")
}

/// What the ledger holds, if anything was ever asked for.
pub(crate) fn records(opened: &Opened) -> Result<Records, Failure> {
    Records::read(&ledger_folder(opened)).map_err(|error| Failure::usage(&error))
}

/// The registry of models that this program carries.
pub(crate) fn registry() -> Result<Registry, Failure> {
    let source = Source::from_text(Path::new("models-2026-11.toml"), photofinish_assets::MODELS);
    Ok(Registry::read(&source)?)
}

/// What a look at code finds, given what the application's layers and the runtime offer.
pub(crate) fn look(opened: &Opened, code: &str) -> Look {
    let mut libraries = vec!["boto3", "botocore"];
    for layer in opened.application.layers.iter().filter_map(|name| WheelSet::of_layer(name)) {
        libraries.extend(match layer.as_str() {
            "pillow" => &["PIL"][..],
            "opencv" => &["cv2"],
            _ => &["numpy"],
        });
    }
    Look::at(code, ENTRY_POINT, &libraries)
}

/// Whatever is said of so many answers.
fn answers(n: usize) -> String {
    counted(n, "answer")
}
