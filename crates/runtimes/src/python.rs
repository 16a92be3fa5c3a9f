//! A Python 3.14 runtime: a root file system, and what Lambda keeps in /var/runtime.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use photofinish_study::{Architecture, Digest};

use crate::cache::Cache;
use crate::debian::{self, Unpacked};
use crate::error::Error;
use crate::installed::{self, Installed};
use crate::interpreter::Interpreter;
use crate::manifest::{self, Manifest};
use crate::progress::Progress;
use crate::wheel::{self, Wheel, WheelSet};

mod outlook;

pub use outlook::{Outlook, outlook};

/// Where Lambda has its interpreter, and where a guest finds ours.
const PYTHON: &str = "/var/lang/bin/python3.14";
/// Where a guest sees the runtime folder.
const VAR_RUNTIME: &str = "/var/runtime";
/// Empty folders of the root, on which a sandbox mounts what belongs to one function.
const MOUNT_POINTS: [&str; 7] = ["dev", "opt", "proc", "sys", "tmp", "var/runtime", "var/task"];
const BOOTSTRAP: &str = include_str!("../python/bootstrap.py");

/// A Python 3.14 for one architecture, as it lies in the cache; read-only for everybody.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// What it runs on.
    pub architecture: Architecture,
    /// The root file system that a guest sees as `/`.
    pub root: PathBuf,
    /// What a guest sees as `/var/runtime`: the runtime interface client, boto3, `bootstrap.py`.
    pub var_runtime: PathBuf,
    /// The interpreter by its path in the guest.
    pub python: String,
    /// Its version, for example `3.14.8`.
    pub python_version: String,
    /// Where it came from, in words.
    pub source: String,
    /// Everything that it is made of.
    pub manifest: Manifest,
    pub(crate) interpreter: Interpreter,
}

impl Runtime {
    /// The command that starts AWS's runtime interface client for a handler. The guest's
    /// environment must have `AWS_LAMBDA_RUNTIME_API`, and its folder should be the function's.
    #[must_use]
    pub fn bootstrap(&self, handler: &str) -> Vec<String> {
        let script = format!("{VAR_RUNTIME}/bootstrap.py");
        vec![self.python.clone(), script, handler.to_owned()]
    }

    /// The hash of what it is made of.
    #[must_use]
    pub fn digest(&self) -> String {
        Digest::of(self.manifest.text().as_bytes()).to_string()
    }

    /// Writes bytecode beside every module under `folder`, which a guest sees as `shown_as`.
    /// The same sources give the same bytes.
    pub fn compile(&self, folder: &Path, shown_as: &str) -> Result<(), Error> {
        self.interpreter.compile(folder, shown_as)
    }

    /// A command line of a Python 3.14 that runs on this machine without a sandbox, for tests
    /// and tools; it is not for a function's code.
    #[must_use]
    pub fn unconfined(&self) -> std::process::Command {
        self.interpreter.command()
    }

    pub(crate) fn certificates(&self) -> PathBuf {
        certificates(&self.root)
    }
}

fn certificates(root: &Path) -> PathBuf {
    root.join("etc/ssl/certs/ca-certificates.crt")
}

/// Where a root is taken from.
enum Origin {
    Debian,
    Installed(Installed),
}

impl Origin {
    fn choose(
        cache: &Cache,
        python: Option<&Path>,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        on_linux()?;
        if let Some(path) = python {
            return Installed::at(path).map(Self::Installed);
        }
        match Road::of_this_machine()? {
            Road::Debian => Ok(Self::Debian),
            Road::Uv => Installed::by_uv(cache, progress).map(Self::Installed),
        }
    }

    /// All that decides what the root will be, as far as it is known beforehand.
    fn recipe(&self) -> String {
        match self {
            Self::Debian => format!("debian {} {}", debian::SUITE, debian::WANTED.join(" ")),
            Self::Installed(installed) => installed.recipe(),
        }
    }

    fn unpack(
        &self,
        root: &Path,
        architecture: Architecture,
        progress: &dyn Progress,
    ) -> Result<Unpacked, Error> {
        match self {
            Self::Debian => {
                let unpacked = debian::unpack(root, architecture, progress)?;
                link(root, "var/lang/bin/python3.14", "../../../usr/bin/python3.14")?;
                Ok(unpacked)
            }
            Self::Installed(installed) => {
                progress.step(&format!("copying {}", installed.path().display()));
                installed.copy(root)?;
                let source = format!("installed at {}", installed.path().display());
                Ok(Unpacked { packages: Vec::new(), source })
            }
        }
    }
}

/// What functions run on is made of this machine's own programs, so they must be Linux's.
fn on_linux() -> Result<(), Error> {
    if cfg!(target_os = "linux") {
        return Ok(());
    }
    Err(Error::missing(
        format!(
            "functions run on Linux, and a root for them is not made on {}",
            std::env::consts::OS
        ),
        "package and run local studies on Linux, in a virtual machine if need be",
    ))
}

/// How a machine comes by a Python that it was not given.
enum Road {
    Debian,
    Uv,
}

impl Road {
    fn of_this_machine() -> Result<Self, Error> {
        match (debian::has_programs(), installed::has_uv()) {
            (true, has_uv) => match debian::keyring() {
                Ok(_) => Ok(Self::Debian),
                Err(_) if has_uv => Ok(Self::Uv),
                Err(missing) => Err(missing),
            },
            (false, true) => Ok(Self::Uv),
            (false, false) => Err(Error::missing(
                "there is no Python 3.14 for functions here, and neither apt nor uv to get it with",
                "install uv, or give an installed one with --python PATH",
            )),
        }
    }
}

/// All that decides what an entry of the cache will be, as far as it is known beforehand.
fn recipe(origin: &Origin) -> Digest {
    let format = manifest::FORMAT.to_string();
    let mounts = MOUNT_POINTS.join(" ");
    // A layer's wheels are no part of it.
    let wheels = wheel::recipe(WheelSet::Runtime);
    let recipe = [&origin.recipe(), &mounts, BOOTSTRAP, &wheels, &format].join("\n");
    Digest::of(recipe.as_bytes())
}

/// The name of an entry of the cache.
fn entry_name(architecture: Architecture, recipe: &Digest) -> String {
    format!("python3.14/{architecture}-{}", recipe.short())
}

/// Python 3.14 for an architecture, from the cache or newly made: out of Debian packages where
/// apt is, else from uv, or from `python`, the path of an installed one.
pub fn python314(
    cache: &Cache,
    architecture: Architecture,
    python: Option<&Path>,
    progress: &dyn Progress,
) -> Result<Runtime, Error> {
    let Some(here) = Architecture::of_this_machine() else {
        let mend = "run photofinish on such a machine";
        return Err(Error::missing("this machine is neither x86_64 nor arm64", mend));
    };
    let origin = Origin::choose(cache, python, progress)?;
    if matches!(origin, Origin::Installed(_)) && architecture != here {
        return Err(Error::missing(
            format!("a Python for {architecture} is only to be had as Debian packages"),
            "use Debian (or Ubuntu with debian-archive-keyring), without --python",
        ));
    }
    // Another architecture's Python may not run here: ours fetches and compiles for it.
    let native = match architecture == here {
        true => None,
        false => Some(python314(cache, here, python, progress)?),
    };
    let recipe = recipe(&origin);
    let name = entry_name(architecture, &recipe);
    let making = Making { cache, architecture, origin, recipe, native: native.as_ref(), progress };
    let folder = cache.entry(&name, progress, |folder| making.make(folder))?;
    open(&folder, architecture, native)
}

fn open(
    folder: &Path,
    architecture: Architecture,
    native: Option<Runtime>,
) -> Result<Runtime, Error> {
    let manifest = Manifest::read(folder)?;
    let root = folder.join("root");
    let interpreter = match native {
        Some(native) => native.interpreter,
        None => Interpreter::of_root(&root, architecture, PYTHON),
    };
    Ok(Runtime {
        architecture,
        root,
        var_runtime: folder.join("var_runtime"),
        python: PYTHON.to_owned(),
        python_version: manifest.python.clone(),
        source: manifest.source.clone(),
        manifest,
        interpreter,
    })
}

/// An entry of the cache that is being made.
struct Making<'a> {
    cache: &'a Cache,
    architecture: Architecture,
    origin: Origin,
    recipe: Digest,
    /// A runtime that runs on this machine, where the one that is made may not.
    native: Option<&'a Runtime>,
    progress: &'a dyn Progress,
}

impl Making<'_> {
    fn make(&self, folder: &Path) -> Result<(), Error> {
        let (root, var_runtime) = (folder.join("root"), folder.join("var_runtime"));
        for path in [&root, &var_runtime] {
            fs::create_dir(path).map_err(Error::file("make the folder", path))?;
        }
        let unpacked = self.origin.unpack(&root, self.architecture, self.progress)?;
        for name in MOUNT_POINTS {
            let path = root.join(name);
            fs::create_dir_all(&path).map_err(Error::file("make the folder", &path))?;
        }
        let (interpreter, python) = match self.native {
            None => {
                let interpreter = Interpreter::of_root(&root, self.architecture, PYTHON);
                let version = interpreter.version()?;
                (interpreter, version)
            }
            Some(native) => (native.interpreter.clone(), version_by_package(&unpacked)),
        };
        let wheels = self.fill(&var_runtime, &root, &interpreter)?;
        self.compile(&interpreter, &root, &var_runtime)?;
        Manifest {
            format: manifest::FORMAT,
            recipe: self.recipe.to_string(),
            architecture: self.architecture.to_string(),
            python,
            source: unpacked.source,
            packages: unpacked.packages,
            wheels: wheels.into_iter().map(|wheel| wheel.record).collect(),
        }
        .write(folder)
    }

    /// Puts into the runtime folder what Lambda has there.
    fn fill(
        &self,
        var_runtime: &Path,
        root: &Path,
        interpreter: &Interpreter,
    ) -> Result<Vec<Wheel>, Error> {
        let bundle = certificates(self.native.map_or(root, |native| &native.root));
        let set = WheelSet::Runtime;
        let wheels =
            wheel::obtain(self.cache, interpreter, &bundle, self.architecture, set, self.progress)?;
        for wheel in &wheels {
            wheel.unpack(var_runtime)?;
        }
        let bootstrap = var_runtime.join("bootstrap.py");
        fs::write(&bootstrap, BOOTSTRAP).map_err(Error::file("write", &bootstrap))?;
        Ok(wheels)
    }

    fn compile(
        &self,
        interpreter: &Interpreter,
        root: &Path,
        var_runtime: &Path,
    ) -> Result<(), Error> {
        self.progress.step("compiling Python modules");
        interpreter.compile(var_runtime, VAR_RUNTIME)?;
        let library = installed::library(root);
        let inner = library.strip_prefix(root).expect("the library is in the root");
        interpreter.compile(&library, &format!("/{}", inner.display()))
    }
}

/// A Python that cannot be run here is as old as its package: `3.14.8-1` is 3.14.8.
fn version_by_package(unpacked: &Unpacked) -> String {
    let package = unpacked.packages.iter().find(|package| package.name == "python3.14");
    let version = package.map_or("3.14", |package| package.version.as_str());
    version.split(['-', '~', '+']).next().unwrap_or(version).to_owned()
}

fn link(root: &Path, name: &str, target: &str) -> Result<(), Error> {
    let path = root.join(name);
    let parent = path.parent().unwrap_or(root);
    fs::create_dir_all(parent).map_err(Error::file("make the folder", parent))?;
    symlink(target, &path).map_err(Error::file("make the link", &path))
}
