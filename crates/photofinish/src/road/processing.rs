//! `process`: a pipeline used on a folder of pictures, each picture's last output kept.

mod at_scale;
mod folder;
mod functions;
mod output;
mod tally;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use photofinish_study::{Application, Function, Platform};
use photofinish_verify::{Contract, Judge};

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::progress::Progress;
use crate::road::interrupt::Interrupt;
use crate::road::opening::{self, Opened};
use crate::road::processing::folder::{Folder, Picture, Refused};
use crate::road::processing::output::Outputs;
use crate::road::processing::tally::{Tally, told};
use crate::road::verifying::Reference;

/// The application that a variant belongs to unless a study says otherwise.
const APPLICATION: &str = "image-pipeline";
/// The variant that runs in this process: the reference's functions, made fast.
const NATIVE: &str = "native";
/// So many names of one kind are listed.
const LISTED: usize = 20;

/// What makes the outputs.
enum Maker {
    /// The reference's functions, made fast, in this process.
    Native { judge: Judge, functions: Vec<Function> },
    /// A variant's own, through the local platform.
    Functions { opened: Box<Opened>, reference: Reference },
}

/// Makes what is not made yet.
pub(crate) fn process(arguments: &arguments::Process) -> Result<Answer, Failure> {
    if arguments.on == Platform::Aws {
        return at_scale::process(arguments);
    }
    refuse_what_means_aws(&arguments.at_scale)?;
    let progress = Progress::new();
    folder::prepare(&arguments.from, &arguments.into)?;
    let scratch = tempfile::tempdir().map_err(|error| Failure::lacking(&error))?;
    let maker = Maker::choose(arguments, scratch.path())?;
    let found = Folder::read(&arguments.from, &arguments.into, maker.extension())?;
    let _held = Outputs::hold(&arguments.into)?;
    let Folder { pictures, mut refused, passed_over } = found;
    if !passed_over.is_empty() {
        progress
            .say("passed", &format!("over what is no JPEG by its name: {}", list(&passed_over)));
    }
    let is_made = |picture: &Picture| !arguments.again && picture.output.exists();
    let (made, wanted): (Vec<_>, Vec<_>) = pictures.into_iter().partition(is_made);
    if !made.is_empty() {
        let text = format!("{} outputs are there already; --again makes them anew", made.len());
        progress.say("kept", &text);
    }
    if made.is_empty() && wanted.is_empty() && refused.is_empty() {
        let message = format!("there is no JPEG in {}", arguments.from.display());
        let hint = "a picture's name ends in .jpg or .jpeg";
        return Err(Failure::Usage(Told::words(message, Some(hint))));
    }
    if !wanted.is_empty() {
        refused.extend(maker.make(wanted, arguments, progress)?);
    }
    refused.sort_by(|one, two| one.name.cmp(&two.name));
    // Every failure is told: each is a picture that somebody wanted.
    for Refused { name, reason } in &refused {
        progress.say("failed", &format!("{}: {reason}", told(name)));
    }
    Ok(if refused.is_empty() { Answer::Yes } else { Answer::No })
}

/// A flag that is passed over in silence is a misunderstanding.
fn refuse_what_means_aws(flags: &arguments::AtScale) -> Result<(), Failure> {
    let arguments::AtScale { region, architecture, memory_mb, plan, images: _, yes, keep, json } =
        flags;
    let given = [
        ("--region", region.is_some()),
        ("--architecture", architecture.is_some()),
        ("--memory-mb", memory_mb.is_some()),
        ("--plan", *plan),
        ("--yes", *yes),
        ("--keep", *keep),
        ("--json", *json),
    ];
    let Some((flag, _)) = given.iter().find(|(_, given)| *given) else { return Ok(()) };
    let message = format!("{flag} means something with --on aws only");
    Err(Failure::Usage(Told::words(message, Some("leave it out, or add --on aws"))))
}

impl Maker {
    fn choose(arguments: &arguments::Process, scratch: &Path) -> Result<Self, Failure> {
        if arguments.variant != NATIVE {
            let opened = functions::open(arguments, scratch)?;
            let reference = Reference {
                judge: judge(&opened.application)?,
                courses: Vec::new(),
                fixtures: HashMap::new(),
                pictures: Vec::new(),
            };
            return Ok(Self::Functions { opened: Box::new(opened), reference });
        }
        let (application, functions) = match &arguments.study {
            Some(study) => {
                let study = study.clone();
                let asked = arguments::Study { study, out: None, on: None, json: false };
                let opened = Opened::read(&asked)?;
                (opened.application, opened.plan.functions)
            }
            None => {
                let folder = opening::bundled_application(APPLICATION)?;
                let application = Application::read(&folder.expect("it is bundled"))?;
                let functions = application.functions.clone();
                (application, functions)
            }
        };
        Ok(Self::Native { judge: judge(&application)?, functions })
    }

    /// The ending of what the last function writes.
    fn extension(&self) -> &str {
        let functions = match self {
            Self::Native { functions, .. } => functions,
            Self::Functions { opened, .. } => &opened.plan.functions,
        };
        functions.last().map_or("png", |function| function.extension.as_str())
    }

    /// Makes every picture that can be made and gives those that failed; Ctrl-C leaves the others.
    fn make(
        &self,
        pictures: Vec<Picture>,
        arguments: &arguments::Process,
        progress: Progress,
    ) -> Result<Vec<Refused>, Failure> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let jobs = arguments.jobs.map_or(cores, std::num::NonZero::get).min(pictures.len());
        super::block_on(async {
            let interrupt = Interrupt::listen();
            let tally = Arc::new(Tally::of(pictures, progress));
            let ended = match self {
                Self::Native { judge, functions } => {
                    let asked = interrupt.asked();
                    tokio::task::block_in_place(|| native(judge, functions, jobs, &tally, asked));
                    Ok(())
                }
                Self::Functions { opened, reference } => {
                    let python = arguments.python.python.as_deref();
                    let tally = Arc::clone(&tally);
                    functions::run(opened, reference, python, jobs, tally, &interrupt, progress)
                        .await
                }
            };
            let failed = tally.end();
            if interrupt.asked().load(Ordering::Relaxed) {
                return Err(Failure::Interrupted);
            }
            ended?;
            Ok(failed)
        })
    }
}

fn judge(application: &Application) -> Result<Judge, Failure> {
    let contract = Contract::read(&application.folder.join("contract.toml"))?;
    Ok(Judge::for_contract(&contract)?)
}

/// The fast functions on so many threads, each with one picture at a time in memory.
fn native(judge: &Judge, functions: &[Function], jobs: usize, tally: &Tally, asked: &AtomicBool) {
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(picture) = tally.next() {
                    match through_all(judge, functions, &picture, asked) {
                        Some(output) => tally.ended(&picture, output),
                        None => return,
                    }
                }
            });
        }
    });
}

/// One picture through all functions; none if the user has asked to stop.
fn through_all(
    judge: &Judge,
    functions: &[Function],
    picture: &Picture,
    asked: &AtomicBool,
) -> Option<Result<Vec<u8>, String>> {
    let mut bytes = match read(picture) {
        Ok(bytes) => bytes,
        Err(reason) => return Some(Err(reason)),
    };
    for function in functions {
        if asked.load(Ordering::Relaxed) {
            return None;
        }
        bytes = match judge.native(&function.name, &bytes) {
            Ok(output) => output,
            Err(error) => return Some(Err(format!("{}: {error}", function.name))),
        };
    }
    Some(Ok(bytes))
}

fn read(picture: &Picture) -> Result<Vec<u8>, String> {
    std::fs::read(&picture.file).map_err(|error| format!("cannot be read: {error}"))
}

/// The first of them, and how many more there are.
fn list(names: &[PathBuf]) -> String {
    let first: Vec<String> = names.iter().take(LISTED).map(|name| told(name)).collect();
    match names.len() - first.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
