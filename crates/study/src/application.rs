//! `application.toml`: an ordered list of functions, and the pictures that they are raced over.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::digest::{Digest, of_directory_without};
use crate::place::{InputError, Source, nearest};
use crate::words::Name;

/// The format of `application.toml` that this program reads.
const FORMAT: u32 = 1;
/// What stands in tables for all functions together and for all pictures together.
const WORDS_OF_TABLES: [&str; 2] = ["pipeline", "all"];

/// The folder of an application by which its contract is tried. No study depends on it.
pub const MUTANTS: &str = "mutants";

/// An application folder, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its folder.
    pub folder: PathBuf,
    /// Its name in keys and tables.
    pub name: Name,
    /// What it does, in a sentence.
    pub description: String,
    /// Its functions, in the order of the chain.
    pub functions: Vec<Function>,
    /// What they are raced over.
    pub images: Vec<Image>,
    /// The layers that a variant is deployed with unless it says otherwise.
    pub layers: Vec<String>,
}

/// One step of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// What its author expects it to be bound by; shown beside what was measured.
    pub kind: String,
    /// The ending of what it writes.
    pub extension: String,
}

/// One input of the race.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its name in tables.
    pub name: Name,
    /// Where it lies.
    pub file: PathBuf,
    /// Who made it and where it is from.
    pub source: String,
    /// On what terms it may be shipped.
    pub licence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    format: Spanned<u32>,
    name: Spanned<String>,
    description: String,
    #[serde(default)]
    layers: Vec<String>,
    function: Vec<RawFunction>,
    image: Vec<RawImage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFunction {
    name: Spanned<String>,
    kind: String,
    extension: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawImage {
    name: Spanned<String>,
    file: Spanned<PathBuf>,
    source: String,
    licence: String,
}

impl Application {
    /// Reads and checks an application folder.
    pub fn read(folder: &Path) -> Result<Self, InputError> {
        let path = folder.join("application.toml");
        if !path.is_file() {
            return Err(InputError::of_file(
                folder,
                "is no application: it has no application.toml",
            ));
        }
        let source = Source::read(&path)?;
        let raw: Raw = source.parse()?;
        if *raw.format.get_ref() != FORMAT {
            let message = format!("format {} is not {FORMAT}", raw.format.get_ref());
            return Err(source.error(raw.format.span(), message).help("use a newer photofinish"));
        }
        let name = |given: &Spanned<String>| {
            let name = Name::new(given.get_ref())
                .map_err(|error| source.error(given.span(), error.to_string()))?;
            if WORDS_OF_TABLES.contains(&name.as_str()) {
                let message = format!("`{name}` cannot be a name here: tables mean all by it");
                return Err(source.error(given.span(), message));
            }
            Ok(name)
        };
        let mut functions: Vec<Function> = Vec::new();
        for function in &raw.function {
            let function = Function {
                name: name(&function.name)?,
                kind: function.kind.clone(),
                extension: function.extension.clone(),
            };
            functions.push(function);
        }
        let mut images: Vec<Image> = Vec::new();
        for image in &raw.image {
            let file = folder.join(image.file.get_ref());
            if !file.is_file() {
                let message = format!("there is no picture {}", file.display());
                return Err(source.error(image.file.span(), message));
            }
            images.push(Image {
                name: name(&image.name)?,
                file,
                source: image.source.clone(),
                licence: image.licence.clone(),
            });
        }
        Ok(Self {
            folder: folder.to_owned(),
            name: name(&raw.name)?,
            description: raw.description,
            functions,
            images,
            layers: raw.layers,
        })
    }

    /// The functions of this study, in the chain's order; none asked for means all.
    pub fn choose_functions(
        &self,
        wanted: &[Name],
        study: &Source,
    ) -> Result<Vec<Function>, InputError> {
        choose("function", wanted, &self.functions, |function| &function.name, study)
    }

    /// The images of this study, in the application's order; none asked for means all.
    pub fn choose_images(&self, wanted: &[Name], study: &Source) -> Result<Vec<Image>, InputError> {
        choose("image", wanted, &self.images, |image| &image.name, study)
    }

    /// Hash of everything in the folder that a study can depend on.
    pub fn digest(&self) -> Result<Digest, InputError> {
        of_directory_without(&self.folder, &[MUTANTS])
    }
}

fn choose<T: Clone>(
    what: &str,
    wanted: &[Name],
    all: &[T],
    name: impl Fn(&T) -> &Name,
    study: &Source,
) -> Result<Vec<T>, InputError> {
    for wish in wanted {
        if !all.iter().any(|item| name(item) == wish) {
            let names: Vec<&str> = all.iter().map(|item| name(item).as_str()).collect();
            let quoted = format!("\"{wish}\"");
            let message = format!("the application has no {what} `{wish}`");
            let mut error = match study.text().find(&quoted) {
                Some(at) => study.error(at..at + quoted.len(), message),
                None => InputError::of_file(study.path(), message),
            };
            error.help = Some(match nearest(wish.as_str(), names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", names.join(", ")),
            });
            return Err(error);
        }
    }
    Ok(all
        .iter()
        .filter(|item| wanted.is_empty() || wanted.contains(name(item)))
        .cloned()
        .collect())
}
