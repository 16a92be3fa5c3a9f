//! Opening a study: its file, its application, its plan, its lock and its directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use photofinish_journal::{Identity, Journal};
use photofinish_study::{
    Application, Digest, InputError, Lock, Name, Origin, Plan, Source, Study, of_directory,
};

use crate::arguments;
use crate::failure::{Failure, Told};

/// A study as read from its file, before anything is written.
pub(crate) struct Opened {
    pub(crate) study: Study,
    pub(crate) application: Application,
    pub(crate) plan: Plan,
    pub(crate) lock: Lock,
    pub(crate) sources: Vec<Authored>,
    pub(crate) directory: PathBuf,
    pub(crate) file: PathBuf,
}

/// Where one variant's code lies.
#[derive(Debug, Clone)]
pub(crate) struct Authored {
    pub(crate) variant: Name,
    pub(crate) sample: u32,
    pub(crate) folder: PathBuf,
    /// What the reader must know about its author.
    pub(crate) author: String,
    pub(crate) model: Option<String>,
}

impl Opened {
    /// Reads the study and everything that it names.
    pub(crate) fn read(arguments: &arguments::Study) -> Result<Self, Failure> {
        let file = arguments.study.clone();
        let (study, source) = Study::read(&file)?;
        let application = Application::read(&application_folder(&study, &source)?)?;
        let plan = Plan::make(&study, &source, &application)?;
        let directory = match &arguments.out {
            Some(directory) => directory.clone(),
            None => Path::new("results").join(study.name.as_str()),
        };
        let sources = authored(&study, &source, &application, &plan, &directory)?;
        let lock = lock(&study, &application, &plan, &sources)?;
        Ok(Self { study, application, plan, lock, sources, directory, file })
    }

    /// Makes or checks the study directory, and opens its journal.
    pub(crate) fn journal(&self, command: &str) -> Result<Journal, Failure> {
        let directory = &self.directory;
        std::fs::create_dir_all(directory).map_err(|error| unusable(directory, &error))?;
        self.compare_with_directory()?;
        let path = directory.join(Lock::FILE);
        let identity = Identity {
            study: self.study.name.to_string(),
            fingerprint: self.lock.fingerprint().to_string(),
        };
        let journal =
            Journal::open(directory, &identity, command).map_err(|error| match error {
                photofinish_journal::Error::File { ref path, ref source } => unusable(path, source),
                other => Failure::usage(&other),
            })?;
        if !path.exists() {
            std::fs::write(&path, self.lock.to_toml()).map_err(|error| unusable(&path, &error))?;
        }
        Ok(journal)
    }

    /// Refuses a directory that holds another study than the file describes.
    pub(crate) fn compare_with_directory(&self) -> Result<(), Failure> {
        let path = self.directory.join(Lock::FILE);
        if !path.exists() {
            return Ok(());
        }
        let found = Lock::read(&path)?;
        if found.fingerprint() == self.lock.fingerprint() {
            return Ok(());
        }
        let mut differences = found.differences(&self.lock);
        let more = differences.len().saturating_sub(5);
        differences.truncate(5);
        let mut message = format!(
            "{} holds another study: `{}` as it was (there, here):",
            self.directory.display(),
            found.study.name
        );
        for difference in &differences {
            message.push_str("\n  ");
            message.push_str(difference);
        }
        if more > 0 {
            message.push_str(&format!("\n  and {more} more"));
        }
        let hint = "choose another --out, or --fresh to put the old results aside and start again";
        Err(Failure::Usage(Told::words(message, Some(hint))))
    }

    /// Puts an earlier study aside under a name that tells when; nothing is deleted.
    pub(crate) fn put_aside(&self) -> Result<Option<PathBuf>, Failure> {
        if !self.directory.exists() {
            return Ok(None);
        }
        let stamp = photofinish_study::now().replace([':', '.'], "-");
        let mut name = self.directory.clone().into_os_string();
        name.push(format!(".{stamp}"));
        let aside = PathBuf::from(name);
        std::fs::rename(&self.directory, &aside)
            .map_err(|error| unusable(&self.directory, &error))?;
        Ok(Some(aside))
    }
}

/// A directory or file that cannot be written.
pub(crate) fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("{}: {error}", path.display());
    let hint = "choose a directory that you may write with --out";
    Failure::Usage(Told::words(message, Some(hint)))
}

/// The application's folder: bundled by name, or a path relative to the study file.
fn application_folder(study: &Study, source: &Source) -> Result<PathBuf, Failure> {
    let named = study.application.as_str();
    if let Some(folder) = bundled_application(named)? {
        return Ok(folder);
    }
    let beside = source.path().parent().unwrap_or(Path::new(".")).join(named);
    if beside.is_dir() {
        return Ok(beside);
    }
    let quoted = format!("\"{named}\"");
    let message = format!("there is no application `{named}`, bundled or as a folder");
    let mut error = match source.text().find(&quoted) {
        Some(at) => source.error(at..at + quoted.len(), message),
        None => InputError::of_file(source.path(), message),
    };
    error.help = Some(format!("bundled: {}", photofinish_assets::applications().join(", ")));
    Err(error.into())
}

/// A bundled application, laid out in the user's cache under the hash of its content.
fn bundled_application(name: &str) -> Result<Option<PathBuf>, Failure> {
    if !photofinish_assets::applications().contains(&name) {
        return Ok(None);
    }
    let cache = photofinish_runtimes::Cache::of_user().map_err(|error| Failure::lacking(&error))?;
    let folder = photofinish_assets::lay_out(name, &cache.path().join("applications"))
        .map_err(|error| Failure::lacking(&error))?;
    Ok(Some(folder))
}

/// Where each contestant's code lies; a folder that lacks a function is a fault of the study.
fn authored(
    study: &Study,
    source: &Source,
    application: &Application,
    plan: &Plan,
    directory: &Path,
) -> Result<Vec<Authored>, Failure> {
    let mut all = Vec::new();
    for contestant in study.contestants() {
        let variant = study.variant(&contestant.variant).expect("contestants are variants");
        let (folder, author, model) = match &variant.origin {
            Origin::Source(named) => {
                let folder = variant_folder(named, source, application)?;
                (folder, "written for this project, not the answer of a model under study", None)
            }
            Origin::Model(model) => {
                let sample = contestant.sample.to_string();
                let folder = directory.join("generations").join(variant.name.as_str()).join(sample);
                (folder, "answer of the model", Some(model.clone()))
            }
        };
        for function in &plan.functions {
            let code = folder.join(function.name.as_str()).join("lambda_function.py");
            if !code.is_file() {
                let message = format!(
                    "variant `{contestant}` has no function `{}`: there is no {}",
                    function.name,
                    code.display()
                );
                let help = match &model {
                    Some(_) => "the model has not answered yet; its code goes there",
                    None => "each function is a folder with a lambda_function.py in it",
                };
                return Err(InputError::of_file(source.path(), message).help(help).into());
            }
        }
        all.push(Authored {
            variant: contestant.variant,
            sample: contestant.sample,
            folder,
            author: author.to_owned(),
            model,
        });
    }
    Ok(all)
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
    error.help = Some(match photofinish_study::nearest(named, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("bundled: {}", names.join(", ")),
    });
    Err(error.into())
}

fn lock(
    study: &Study,
    application: &Application,
    plan: &Plan,
    sources: &[Authored],
) -> Result<Lock, Failure> {
    let mut hashes = BTreeMap::new();
    hashes.insert("application".to_owned(), application.digest()?);
    let inspector = photofinish_assets::inspector_digest();
    hashes.insert("inspector".to_owned(), Digest::of(inspector.as_bytes()));
    for authored in sources {
        let key = format!("variant {}/{}", authored.variant, authored.sample);
        hashes.insert(key, of_directory(&authored.folder)?);
    }
    Ok(Lock::new(study, plan.counts, hashes, photofinish_assets::PRICE_DATE))
}
