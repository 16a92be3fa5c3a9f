//! Wheels: pinned by name and version, fetched for an architecture, kept by hash, unpacked.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use photofinish_study::{Architecture, Digest};
use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use crate::cache::Cache;
use crate::command;
use crate::error::Error;
use crate::interpreter::Interpreter;
use crate::manifest::{WheelRecord, sha256_of};
use crate::progress::Progress;
use crate::python::Runtime;

/// The versions that belong to this version of photofinish.
const PINS: &str = include_str!("../wheels.toml");
/// The script that fetches; it runs in the root's own Python, so the host needs none.
pub(crate) const FETCH: &str = include_str!("../python/fetch.py");
/// glibc 2.34 is what Lambda's system (Amazon Linux 2023) has; wheels may ask for no newer one.
const GLIBC: u32 = 34;
const RECORDS: &str = "wheels.json";

/// Wheels that are used together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WheelSet {
    /// What Lambda's runtime ships: the interface client and boto3.
    Runtime,
    /// Pillow, for a layer.
    Pillow,
    /// numpy, for a layer.
    Numpy,
    /// OpenCV without windows, for a layer; it wants numpy's beside it.
    Opencv,
}

impl WheelSet {
    /// The sets that a function can have as a layer.
    pub const LAYERS: [Self; 3] = [Self::Pillow, Self::Numpy, Self::Opencv];

    /// The set that a layer of this name is made of.
    #[must_use]
    pub fn of_layer(name: &str) -> Option<Self> {
        Self::LAYERS.into_iter().find(|set| set.as_str() == name)
    }

    /// The packages of the set, by name and version, as this version of photofinish pins them.
    #[must_use]
    pub fn pinned(self) -> Vec<(String, String)> {
        pins(self).into_iter().map(|pin| (pin.name, pin.version)).collect()
    }

    /// Its name, which is that of its layer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Pillow => "pillow",
            Self::Numpy => "numpy",
            Self::Opencv => "opencv",
        }
    }

    /// The set without which this one cannot be imported.
    #[must_use]
    pub fn needs(self) -> Option<Self> {
        (self == Self::Opencv).then_some(Self::Numpy)
    }

    /// The first of these sets that lacks another beside it, and which.
    #[must_use]
    pub fn incomplete(sets: &[Self]) -> Option<(Self, Self)> {
        let lacking = |set: &Self| Some((*set, set.needs().filter(|need| !sets.contains(need))?));
        sets.iter().find_map(lacking)
    }
}

/// A wheel on this machine, its hash checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wheel {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub record: WheelRecord,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pins {
    #[expect(dead_code, reason = "the file carries its version; only one is known")]
    format: u32,
    wheel: Vec<Pin>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pin {
    #[serde(skip_serializing)]
    set: WheelSet,
    name: String,
    version: String,
}

#[derive(Serialize)]
struct Request<'a> {
    wheels: Vec<Pin>,
    machine: &'a str,
    glibc: u32,
    into: &'a Path,
    certificates: &'a Path,
}

/// The wheels of a set for an architecture, from the cache or from the index that pip is set up
/// for on this machine.
pub fn wheels(
    cache: &Cache,
    runtime: &Runtime,
    architecture: Architecture,
    set: WheelSet,
    progress: &dyn Progress,
) -> Result<Vec<Wheel>, Error> {
    obtain(cache, &runtime.interpreter, &runtime.certificates(), architecture, set, progress)
}

pub(crate) fn obtain(
    cache: &Cache,
    interpreter: &Interpreter,
    certificates: &Path,
    architecture: Architecture,
    set: WheelSet,
    progress: &dyn Progress,
) -> Result<Vec<Wheel>, Error> {
    let pins = pins(set);
    let recipe = Digest::of(wanted(&pins).as_bytes());
    let name = format!("wheels/{}-{architecture}-{}", set.as_str(), recipe.short());
    let folder = cache.entry(&name, progress, |folder| {
        progress.step(&format!("fetching {} wheels for {architecture}", set.as_str()));
        let request = Request {
            wheels: pins,
            machine: machine(architecture),
            glibc: GLIBC,
            into: folder,
            certificates,
        };
        let input = serde_json::to_vec(&request).expect("a request is plain data");
        let mut fetch = interpreter.command();
        let records =
            command::output_with_input(fetch.args(["-c", FETCH]), "fetch wheels", &input)?;
        let path = folder.join(RECORDS);
        fs::write(&path, records).map_err(Error::file("write", &path))
    })?;
    checked(&folder)
}

/// All that decides what the wheels of a set are.
pub(crate) fn recipe(set: WheelSet) -> String {
    wanted(&pins(set))
}

fn wanted(pins: &[Pin]) -> String {
    pins.iter().map(|pin| format!("{} {}\n", pin.name, pin.version)).collect()
}

fn pins(set: WheelSet) -> Vec<Pin> {
    let pins: Pins = toml::from_str(PINS).expect("the pins are ours, and a test reads them");
    pins.wheel.into_iter().filter(|pin| pin.set == set).collect()
}

fn machine(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "aarch64",
    }
}

fn checked(folder: &Path) -> Result<Vec<Wheel>, Error> {
    let path = folder.join(RECORDS);
    let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let records: Vec<WheelRecord> = serde_json::from_str(&text)
        .map_err(|error| Error::Damaged { path: path.clone(), why: error.to_string() })?;
    let mut wheels = Vec::new();
    for record in records {
        let path = folder.join(&record.file);
        let found = sha256_of(&path)?;
        if found != record.sha256 {
            let why = format!("its SHA-256 is {found}, it was fetched with {}", record.sha256);
            return Err(Error::Damaged { path, why });
        }
        wheels.push(Wheel { path, record });
    }
    Ok(wheels)
}

impl Wheel {
    /// A wheel file by its path; name and version are those of its file name.
    pub fn at(path: &Path) -> Result<Self, Error> {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut parts = file.split('-');
        let (Some(name), Some(version)) = (parts.next(), parts.next()) else {
            return Err(Error::wheel(file, "its name has no version"));
        };
        let (name, version) = (name.to_owned(), version.to_owned());
        let sha256 = sha256_of(path)?;
        Ok(Self { path: path.to_owned(), record: WheelRecord { name, version, file, sha256 } })
    }

    /// Unpacks it as an installer would: modules at the top, scripts left out.
    pub fn unpack(&self, into: &Path) -> Result<(), Error> {
        let broken = |why: &dyn ToString| Error::wheel(&self.record.file, why.to_string());
        let file = File::open(&self.path).map_err(Error::file("open", &self.path))?;
        let mut archive = ZipArchive::new(file).map_err(|error| broken(&error))?;
        for index in 0..archive.len() {
            let mut member = archive.by_index(index).map_err(|error| broken(&error))?;
            let Some(inner) = member.enclosed_name() else {
                return Err(broken(&format!("its member {index} leads out of it")));
            };
            let Some(inner) = installed_as(&inner).filter(|_| member.is_file()) else {
                continue;
            };
            let path = into.join(inner);
            let parent = path.parent().unwrap_or(into);
            fs::create_dir_all(parent).map_err(Error::file("make the folder", parent))?;
            let mut target = File::create(&path).map_err(Error::file("make", &path))?;
            io::copy(&mut member, &mut target).map_err(Error::file("write", &path))?;
        }
        Ok(())
    }
}

/// Where a member goes: `NAME.data/purelib` and `platlib` are the top, its other folders
/// (scripts, headers) are not for a function.
fn installed_as(inner: &Path) -> Option<PathBuf> {
    let mut parts = inner.components();
    let first = parts.next()?.as_os_str().to_string_lossy();
    if !first.ends_with(".data") {
        return Some(inner.to_owned());
    }
    let kind = parts.next()?.as_os_str().to_string_lossy();
    matches!(&*kind, "purelib" | "platlib").then(|| parts.as_path().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_has_its_pins() {
        assert!(pins(WheelSet::Runtime).iter().any(|pin| pin.name == "awslambdaric"));
        assert_eq!(pins(WheelSet::Pillow).len(), 1);
        assert_eq!(pins(WheelSet::Numpy).len(), 1);
        assert_eq!(pins(WheelSet::Opencv).len(), 1);
    }

    #[test]
    fn opencv_is_incomplete_without_numpy() {
        let lacking = Some((WheelSet::Opencv, WheelSet::Numpy));
        assert_eq!(WheelSet::incomplete(&[WheelSet::Pillow, WheelSet::Opencv]), lacking);
        assert_eq!(WheelSet::incomplete(&[WheelSet::Opencv, WheelSet::Numpy]), None);
        assert_eq!(WheelSet::incomplete(&[WheelSet::Pillow]), None);
    }

    #[test]
    fn a_wheels_scripts_stay_out_and_its_libraries_go_to_the_top() {
        let place = |inner: &str| installed_as(Path::new(inner));
        assert_eq!(place("PIL/Image.py"), Some("PIL/Image.py".into()));
        assert_eq!(place("x-1.data/purelib/x/y.py"), Some("x/y.py".into()));
        assert_eq!(place("x-1.data/scripts/x"), None);
    }
}
