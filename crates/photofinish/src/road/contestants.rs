//! Who takes part: where each contestant's code lies, what it is written in, what it needs, and
//! what of it is not there yet.

use std::path::{Path, PathBuf};

use photofinish_runtimes::WheelSet;
use photofinish_study::{
    Application, Contestant, InputError, Language, Name, Origin, Plan, Source, Study,
    VariantFolder, nearest,
};

use crate::failure::{Failure, Told};

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
}

impl Authored {
    /// What the reader must know about its author.
    pub(crate) fn author(&self) -> String {
        match &self.origin {
            Authorship::Model(model) => {
                format!("model unverified: pasted as an answer of {model}")
            }
            Authorship::Bundled => {
                "comes with the application, not the answer of a model under study".to_owned()
            }
            Authorship::Folder(named) => format!(
                "the folder `{named}`, by whoever runs this study, not the answer of a model"
            ),
        }
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

/// Where the answers of one contestant lie in a study directory.
pub(crate) fn generations(directory: &Path, contestant: &Contestant) -> PathBuf {
    let variant = directory.join("generations").join(contestant.variant.as_str());
    variant.join(contestant.sample.to_string())
}

/// Finds each contestant's code; a named folder that lacks a function is a fault of the study,
/// an answer that is not there yet is not.
pub(crate) fn find(
    study: &Study,
    source: &Source,
    application: &Application,
    plan: &Plan,
    directory: &Path,
) -> Result<Vec<Authored>, Failure> {
    study
        .contestants()
        .map(|contestant| {
            let variant = study.variant(&contestant.variant).expect("contestants are variants");
            let (folder, origin) = match &variant.origin {
                Origin::Source(named) => {
                    let folder = variant_folder(named, source, application)?;
                    let bundled = folder.starts_with(&application.folder);
                    let origin = if bundled {
                        Authorship::Bundled
                    } else {
                        Authorship::Folder(named.clone())
                    };
                    (VariantFolder::read(&folder)?, origin)
                }
                Origin::Model(model) => {
                    let folder = generations(directory, &contestant).join("code");
                    (VariantFolder::read(&folder)?, Authorship::Model(model.clone()))
                }
            };
            let functions = plan.functions.iter().map(|function| &function.name);
            let missing: Vec<Name> =
                functions.filter(|name| !folder.code(name).is_file()).cloned().collect();
            let must_be_whole = !matches!(origin, Authorship::Model(_));
            if let (true, Some(function)) = (must_be_whole, missing.first()) {
                return Err(incomplete(&folder, function, &contestant, source).into());
            }
            let layers = layers(&folder, application)?;
            Ok(Authored { contestant, folder, layers, origin, missing })
        })
        .collect()
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
        "take a model's answer in with `photofinish import {} --variant {} --function {} FILE`",
        study.display(),
        first.contestant,
        first.missing[0]
    );
    Err(Failure::Lacking(Told::words(lacking.join("\n       "), Some(&hint))))
}
