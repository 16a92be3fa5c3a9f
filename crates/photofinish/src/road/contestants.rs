//! Who takes part: where each contestant's code lies, what it is written in, what it needs, and
//! what of it is not there yet.

use std::path::{Path, PathBuf};

use photofinish_runtimes::WheelSet;
use photofinish_study::record::Ending;
use photofinish_study::{
    Application, Contestant, Function, InputError, Language, Name, Origin, Plan, Source, Study,
    VariantFolder, nearest,
};

use crate::failure::{Failure, Told};
use crate::progress::counted;
use crate::road::adapting;
use crate::road::answers::{self, Answers, Record};

/// One contestant's code.
#[derive(Debug, Clone)]
pub(crate) struct Authored {
    pub(crate) contestant: Contestant,
    pub(crate) folder: VariantFolder,
    /// The layers that its functions are deployed with, in order.
    pub(crate) layers: Vec<WheelSet>,
    pub(crate) origin: Authorship,
    /// The functions that are not there: answers that nobody has asked for or pasted yet.
    pub(crate) missing: Vec<Name>,
    /// What is known of each of a model's answers that are there.
    pub(crate) records: Vec<Record>,
}

impl Authored {
    /// What the reader must know about its author.
    pub(crate) fn author(&self) -> String {
        let author = self.written_by();
        match &self.folder.adapter {
            Some(adapter) => format!("{author}; {}", adapting::words(adapter)),
            None => author,
        }
    }

    fn written_by(&self) -> String {
        match &self.origin {
            Authorship::Model(model) => self.answered_by(model),
            Authorship::Bundled => {
                "comes with the application, not the answer of a model under study".to_owned()
            }
            Authorship::Folder(named) => format!(
                "the folder `{named}`, by whoever runs this study, not the answer of a model"
            ),
        }
    }

    /// What is said of a model's answers: who vouches for them, and under which name it answered.
    fn answered_by(&self, model: &str) -> String {
        if self.has_pasted() {
            return format!("model unverified: pasted as an answer of {model}");
        }
        let mut served: Vec<&str> =
            self.records.iter().filter_map(|record| record.served.as_deref()).collect();
        served.sort_unstable();
        served.dedup();
        let served = if served.is_empty() { "unnamed".to_owned() } else { served.join(", ") };
        let repaired = match self.contestant.sample.repair {
            0 => String::new(),
            round => format!(", after {} of repairs", counted(round as usize, "round")),
        };
        format!("written by {model}, which answered as {served}{repaired}")
    }

    /// Whether any of it came from a file as a model's answer.
    pub(crate) fn has_pasted(&self) -> bool {
        self.records.iter().any(|record| record.origin == answers::Origin::Pasted)
    }

    /// Why a function has no code, of an answer that is there and has none.
    pub(crate) fn absent(&self, function: &Name) -> Option<String> {
        let mut records = self.records.iter();
        let record = records.find(|record| record.function == *function)?;
        (record.ending != Ending::Complete).then(|| record.reason())
    }

    /// The functions that are there and have no code.
    pub(crate) fn without_code(&self) -> impl Iterator<Item = &Name> {
        let without = self.records.iter().filter(|record| record.ending != Ending::Complete);
        without.map(|record| &record.function)
    }

    /// The answers that patience ended before.
    pub(crate) fn never_had(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(|record| !record.is_final())
    }

    /// The functions that have code, of those that are asked for.
    pub(crate) fn present<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = &'a Function> {
        plan.functions.iter().filter(|function| self.absent(&function.name).is_none())
    }

    /// The model that is said to have written it; none of a named folder.
    pub(crate) fn model(&self) -> Option<&str> {
        match &self.origin {
            Authorship::Model(model) => Some(model),
            Authorship::Bundled | Authorship::Folder(_) => None,
        }
    }
}

/// Who wrote a contestant's code, as far as that can be told.
#[derive(Debug, Clone)]
pub(crate) enum Authorship {
    /// Said to be a model's answer.
    Model(String),
    /// Comes with the application.
    Bundled,
    /// A folder of the user's, as the study names it.
    Folder(String),
}

/// Finds each contestant's code; a named folder that lacks a function is a fault of the study,
/// an answer that is not there yet is not. A round of repairs takes part once it is whole.
pub(crate) fn find(
    study: &Study,
    source: &Source,
    application: &Application,
    plan: &Plan,
    directory: &Path,
) -> Result<Vec<Authored>, Failure> {
    let mut found = Vec::new();
    for contestant in study.contestants() {
        let variant = study.variant(&contestant.variant).expect("contestants are variants");
        let functions = || plan.functions.iter().map(|function| &function.name);
        let mut records = Vec::new();
        let (folder, origin) = match &variant.origin {
            Origin::Source(named) => {
                let folder = variant_folder(named, source, application)?;
                let bundled = folder.starts_with(&application.folder);
                let origin =
                    if bundled { Authorship::Bundled } else { Authorship::Folder(named.clone()) };
                (VariantFolder::read(&folder)?, origin)
            }
            Origin::Model(model) => {
                let answers = Answers::of(directory, &contestant);
                for function in functions() {
                    records.extend(answers.record(function)?);
                }
                let folder = answers.code_folder();
                (VariantFolder::read(&folder)?, Authorship::Model(model.clone()))
            }
        };
        let repaired = contestant.sample.repair > 0;
        let ended = |r: &Record| r.ending != Ending::Complete && (r.is_final() || !repaired);
        let there = |name: &Name| {
            folder.code(name).is_file() || records.iter().any(|r| r.function == *name && ended(r))
        };
        let missing: Vec<Name> = functions().filter(|name| !there(name)).cloned().collect();
        if repaired && !missing.is_empty() {
            continue;
        }
        let must_be_whole = !matches!(origin, Authorship::Model(_));
        if let (true, Some(function)) = (must_be_whole, missing.first()) {
            return Err(incomplete(&folder, function, &contestant, source).into());
        }
        let layers = layers(&folder, application)?;
        found.push(Authored { contestant, folder, layers, origin, missing, records });
    }
    Ok(found)
}

fn incomplete(
    folder: &VariantFolder,
    function: &Name,
    contestant: &Contestant,
    source: &Source,
) -> InputError {
    let code = folder.code(function);
    let message = format!(
        "variant `{contestant}` has no function `{function}`: there is no {}",
        code.display()
    );
    let help = match folder.language {
        Language::Python if folder.adapter.is_some() => {
            "each function is a folder with the file that `[adapter]` in variant.toml names"
        }
        Language::Python => "each function is a folder with a lambda_function.py in it",
        Language::Native => "a native variant is one Rust package with a Cargo.toml",
    };
    InputError::of_file(source.path(), message).help(help)
}

/// The layers by name: the variant's own wish, or the application's.
fn layers(folder: &VariantFolder, application: &Application) -> Result<Vec<WheelSet>, Failure> {
    let (names, file) = match (&folder.layers, folder.language) {
        (Some(names), _) => (names.as_slice(), folder.folder.join(VariantFolder::FILE)),
        (None, Language::Native) => (&[][..], PathBuf::new()),
        (None, Language::Python) => {
            (application.layers.as_slice(), application.folder.join("application.toml"))
        }
    };
    let layers = named_layers(names, &file)?;
    if let Some((set, needed)) = WheelSet::incomplete(&layers) {
        let message = format!("layer `{}` wants `{}` beside it", set.as_str(), needed.as_str());
        let help = format!("add \"{}\" to `layers`", needed.as_str());
        return Err(InputError::of_file(&file, message).help(help).into());
    }
    Ok(layers)
}

fn named_layers(names: &[String], file: &Path) -> Result<Vec<WheelSet>, Failure> {
    let known = || WheelSet::LAYERS.iter().map(|set| set.as_str());
    names
        .iter()
        .map(|name| {
            WheelSet::of_layer(name).ok_or_else(|| {
                let message = format!("there is no layer `{name}`");
                let help = match nearest(name, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "layers are {}; put other packages into the function's folder",
                        known().collect::<Vec<_>>().join(", ")
                    ),
                };
                InputError::of_file(file, message).help(help).into()
            })
        })
        .collect()
}

fn variant_folder(
    named: &str,
    source: &Source,
    application: &Application,
) -> Result<PathBuf, Failure> {
    let bundled = application.folder.join("variants").join(named);
    if !named.contains('/') && bundled.is_dir() {
        return Ok(bundled);
    }
    let beside = source.path().parent().unwrap_or(Path::new(".")).join(named);
    if beside.is_dir() {
        return Ok(beside);
    }
    let mut names: Vec<String> = std::fs::read_dir(application.folder.join("variants"))
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    let quoted = format!("\"{named}\"");
    let message = format!("there is no variant folder `{named}`, bundled or beside the study");
    let mut error = match source.text().rfind(&quoted) {
        Some(at) => source.error(at..at + quoted.len(), message),
        None => InputError::of_file(source.path(), message),
    };
    error.help = Some(match nearest(named, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("bundled: {}", names.join(", ")),
    });
    Err(error.into())
}

/// Refuses to go on while an answer is missing, and says how to give it.
pub(crate) fn all_there(sources: &[Authored], study: &Path) -> Result<(), Failure> {
    let lacking: Vec<String> = sources
        .iter()
        .filter(|authored| !authored.missing.is_empty())
        .map(|authored| {
            let functions: Vec<&str> = authored.missing.iter().map(Name::as_str).collect();
            format!("{} has no answer for {}", authored.contestant, functions.join(", "))
        })
        .collect();
    let Some(first) = sources.iter().find(|authored| !authored.missing.is_empty()) else {
        return Ok(());
    };
    let hint = format!(
        "ask with `photofinish generate {}`, or take an answer in with `photofinish import {} \
         --variant {} --function {} FILE`",
        study.display(),
        study.display(),
        first.contestant,
        first.missing[0]
    );
    Err(Failure::Lacking(Told::words(lacking.join("\n       "), Some(&hint))))
}
