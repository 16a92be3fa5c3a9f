//! Opening a study: its file, its application, its plan, its lock and its directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use photofinish_analyse::price::PriceBook;
use photofinish_cloud::Objects;
use photofinish_journal::{Identity, Journal};
use photofinish_study::{
    Application, Architecture, Contestant, Deployment, Digest, Function, InputError, Lock, Origin,
    Packaging, Plan, Platform, PriceEdition, Source, Study, Target, TargetChoice, code_key,
    nearest, of_directory,
};

use crate::arguments;
use crate::failure::{Failure, Told};
use crate::road::contestants::{self, Authored};
use crate::road::prices::{self, Prices};

/// A study as read from its file, before anything is written.
pub(crate) struct Opened {
    pub(crate) study: Study,
    pub(crate) application: Application,
    pub(crate) plan: Plan,
    pub(crate) lock: Lock,
    /// What the provider asks.
    pub(crate) book: PriceBook,
    pub(crate) sources: Vec<Authored>,
    pub(crate) directory: PathBuf,
    /// Where models' answers are kept: the study's own directory, wherever it is run.
    pub(crate) generations: PathBuf,
    pub(crate) file: PathBuf,
    /// What its functions read and write beside the study's own buckets.
    pub(crate) reach: Option<Reach>,
    /// Where the targets were moved to.
    on: Option<Platform>,
}

/// Somebody's own folders, which functions work on.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    pub(crate) reads: Objects,
    pub(crate) writes: Objects,
}

impl Opened {
    /// Reads the study and everything that it names.
    pub(crate) fn read(arguments: &arguments::Study) -> Result<Self, Failure> {
        let file = arguments.study.clone();
        let (mut study, source) = Study::read(&file)?;
        let own = |study: &Study| match &arguments.out {
            Some(directory) => directory.clone(),
            None => Path::new("results").join(study.name.as_str()),
        };
        let generations = own(&study);
        if let Some(platform) = arguments.on {
            study.move_to(platform);
        }
        let application = Application::read(&application_folder(&study, &source)?)?;
        let mut plan = Plan::make(&study, &source, &application)?;
        let directory = own(&study);
        let sources = contestants::find(&study, &source, &application, &plan, &generations)?;
        let takes_part =
            |contestant: &Contestant| sources.iter().any(|a| a.contestant == *contestant);
        plan.deployments.retain(|deployment| takes_part(&deployment.contestant));
        let Prices { book, edition } = prices::of_study(&study, &source)?;
        let lock = lock(&application, &plan, &sources, edition)?;
        Ok(Self {
            study,
            application,
            plan,
            lock,
            book,
            sources,
            directory,
            generations,
            file,
            reach: None,
            on: arguments.on,
        })
    }

    /// A command line that works on this study.
    pub(crate) fn command(&self, command: &str) -> String {
        let on = self.on.map_or_else(String::new, |platform| format!(" --on {platform}"));
        format!("photofinish {command} {}{on}", self.file.display())
    }

    /// Whether a deployment is raced on this machine: emulated time is no time, and some are
    /// verified only.
    pub(crate) fn races_here(&self, deployment: &Deployment) -> bool {
        self.study.is_raced(&deployment.contestant)
            && raced_on(deployment, Architecture::of_this_machine())
    }

    /// The architectures whose programs were not run on a processor of their own.
    pub(crate) fn architectures_not_raced(&self, host: Option<Architecture>) -> Vec<Architecture> {
        let not_raced = |deployment: &&Deployment| !raced_on(deployment, host);
        let mut all: Vec<Architecture> = self
            .plan
            .deployments
            .iter()
            .filter(not_raced)
            .map(|deployment| deployment.target.architecture)
            .collect();
        all.sort();
        all.dedup();
        all
    }

    /// Whether a target's functions are container images.
    pub(crate) fn wants_image(&self, target: &Target) -> bool {
        self.study.packaging(target) == Packaging::Image
    }

    /// Whether some target of that architecture has its functions handed over so.
    pub(crate) fn wants(&self, packaging: Packaging, architecture: Architecture) -> bool {
        let of = |choice: &TargetChoice| choice.architecture.contains(&architecture);
        self.study.targets.iter().any(|choice| choice.package == packaging && of(choice))
    }

    /// Where the study runs: all its targets are in one place.
    pub(crate) fn platform(&self) -> Platform {
        self.study.targets.first().map_or(Platform::Local, |target| target.platform)
    }

    /// The region, where the study names one.
    pub(crate) fn region(&self) -> Option<String> {
        self.study.targets.first().and_then(|target| target.region.clone())
    }

    /// Every architecture that a target asks for, once.
    pub(crate) fn architectures(&self) -> Vec<Architecture> {
        let mut all: Vec<Architecture> =
            self.study.all_targets().map(|target| target.architecture).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The models that the study names, each once, in its order.
    pub(crate) fn models(&self) -> Vec<&str> {
        let mut models: Vec<&str> = Vec::new();
        for variant in &self.study.variants {
            if let Origin::Model(model) = &variant.origin
                && !models.contains(&model.as_str())
            {
                models.push(model);
            }
        }
        models
    }

    /// Whose code a contestant is.
    pub(crate) fn authored(&self, contestant: &Contestant) -> &Authored {
        let mut sources = self.sources.iter();
        sources
            .find(|authored| authored.contestant == *contestant)
            .expect("every contestant has a source")
    }

    /// Makes the study directory, and opens its journal. Whoever calls has seen to it that what
    /// is there is of this very study.
    pub(crate) fn journal(&self, command: &str) -> Result<Journal, Failure> {
        contestants::all_there(&self.sources, &self.file)?;
        let directory = &self.directory;
        std::fs::create_dir_all(directory).map_err(|error| unusable(directory, &error))?;
        self.compare_with_directory()?;
        let identity = Identity {
            study: self.study.name.to_string(),
            fingerprint: self.lock.fingerprint().to_string(),
        };
        let journal =
            Journal::open(directory, &identity, command).map_err(|error| match error {
                photofinish_journal::Error::File { ref path, ref source } => unusable(path, source),
                other => Failure::usage(&other),
            })?;
        self.write_lock()?;
        Ok(journal)
    }

    /// Writes down the study, unless it stands there as it is.
    pub(crate) fn write_lock(&self) -> Result<(), Failure> {
        let path = self.directory.join(Lock::FILE);
        let text = self.lock.to_toml();
        if std::fs::read_to_string(&path).is_ok_and(|found| found == text) {
            return Ok(());
        }
        std::fs::write(&path, text).map_err(|error| unusable(&path, &error))
    }

    /// In which lines the study differs from the one that the directory holds, if any matters to
    /// what was measured.
    pub(crate) fn differences(&self) -> Result<Vec<String>, Failure> {
        let path = self.directory.join(Lock::FILE);
        if !path.exists() {
            return Ok(Vec::new());
        }
        let found = Lock::read(&path)?;
        if found.fingerprint() == self.lock.fingerprint() {
            return Ok(Vec::new());
        }
        Ok(found.differences(&self.lock))
    }

    /// Refuses a directory that holds another study than the file describes.
    pub(crate) fn compare_with_directory(&self) -> Result<(), Failure> {
        let mut differences = self.differences()?;
        if differences.is_empty() {
            return Ok(());
        }
        let more = differences.len().saturating_sub(5);
        differences.truncate(5);
        let mut message =
            format!("{} holds the study as it was before (there, here):", self.directory.display());
        for difference in &differences {
            message.push_str("\n  ");
            message.push_str(difference);
        }
        if more > 0 {
            message.push_str(&format!("\n  and {more} more"));
        }
        let hint = format!("`{}` puts it aside and runs what has changed", self.command("run"));
        Err(Failure::Usage(Told::words(message, Some(&hint))))
    }
}

/// Whether a deployment is raced where local programs run on `host`.
pub(crate) fn raced_on(deployment: &Deployment, host: Option<Architecture>) -> bool {
    let Target { platform, architecture, .. } = deployment.target;
    platform != Platform::Local || Some(architecture) == host
}

/// A directory or file that cannot be written.
pub(crate) fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("{}: {error}", path.display());
    let hint = "choose a directory that you may write with --out";
    Failure::Usage(Told::words(message, Some(hint)))
}

/// The folder of a study's application; a path is relative to the study file.
fn application_folder(study: &Study, source: &Source) -> Result<PathBuf, Failure> {
    let named = study.application.as_str();
    let beside = source.path().parent().unwrap_or(Path::new("."));
    if let Some(folder) = application_at(named, beside)? {
        return Ok(folder);
    }
    let (message, help) = no_application(named);
    let quoted = format!("\"{named}\"");
    let mut error = match source.text().find(&quoted) {
        Some(at) => source.error(at..at + quoted.len(), message),
        None => InputError::of_file(source.path(), message),
    };
    error.help = Some(help);
    Err(error.into())
}

/// The folder of the application that a command names.
pub(crate) fn named_application(named: &str) -> Result<PathBuf, Failure> {
    let (message, hint) = no_application(named);
    let found = application_at(named, Path::new(""))?;
    found.ok_or_else(|| Failure::Usage(Told::words(message, Some(&hint))))
}

/// An application's folder: bundled by name, or a path from `base`.
fn application_at(named: &str, base: &Path) -> Result<Option<PathBuf>, Failure> {
    let bundled = bundled_application(named)?;
    Ok(bundled.or_else(|| Some(base.join(named)).filter(|folder| folder.is_dir())))
}

/// What is said where there is none, and the mend.
fn no_application(named: &str) -> (String, String) {
    let message = format!("there is no application `{named}`, bundled or as a folder");
    (message, format!("bundled: {}", photofinish_assets::applications().join(", ")))
}

/// A bundled application, laid out in the user's cache under the hash of its content.
pub(crate) fn bundled_application(name: &str) -> Result<Option<PathBuf>, Failure> {
    if !photofinish_assets::applications().contains(&name) {
        return Ok(None);
    }
    let cache = photofinish_runtimes::Cache::of_user().map_err(|error| Failure::lacking(&error))?;
    let folder = photofinish_assets::lay_out(name, &cache.path().join("applications"))
        .map_err(|error| Failure::lacking(&error))?;
    Ok(Some(folder))
}

/// The application's function of this name.
pub(crate) fn function_named<'a>(
    application: &'a Application,
    named: &str,
) -> Result<&'a Function, Failure> {
    let functions = &application.functions;
    if let Some(function) = functions.iter().find(|function| function.name.as_str() == named) {
        return Ok(function);
    }
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let message = format!("{} has no function `{named}`", application.name);
    let hint = match nearest(named, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", names.join(", ")),
    };
    Err(Failure::Usage(Told::words(message, Some(&hint))))
}

fn lock(
    application: &Application,
    plan: &Plan,
    sources: &[Authored],
    price_book: PriceEdition,
) -> Result<Lock, Failure> {
    let mut hashes = BTreeMap::new();
    hashes.insert("application".to_owned(), application.digest()?);
    let inspector = photofinish_assets::inspector_digest();
    hashes.insert("inspector".to_owned(), Digest::of(inspector.as_bytes()));
    let whole =
        |authored: &&Authored| authored.missing.is_empty() && authored.folder.folder.is_dir();
    for authored in sources.iter().filter(whole) {
        hashes.insert(code_key(&authored.contestant), of_directory(&authored.folder.folder)?);
    }
    Ok(Lock::new(plan, hashes, price_book))
}
