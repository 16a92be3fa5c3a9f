//! What the binary carries when it is installed: applications with their contracts, pictures and
//! bundled variants, and the inspector. Files outside of a crate cannot be published with it.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

static APPLICATIONS: Dir<'_> = include_dir!("$OUT_DIR/applications");
static INSPECTOR: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/inspector/python");

/// The day on which the bundled price book was published.
pub const PRICE_DATE: &str = "2026-09-19";

/// The price book of that day.
pub const PRICES: &str = include_str!("../prices/aws-2026-09.toml");

/// The day on which the bundled registry of models was written.
pub const MODELS_DATE: &str = "2026-11-24";

/// The registry of models of that day: life-cycles, what they take, prices.
pub const MODELS: &str = include_str!("../models/models-2026-11.toml");

/// What is written beside code of another tool's style, by the style's word: its entry point, with
/// `@SETTINGS@` where a Python string with its settings in JSON goes, and the modules that it needs.
/// A module that may be left out of the code is only written where the code lacks it.
#[must_use]
pub fn adapter(style: &str) -> Option<Adapter> {
    let places = ("photofinish_places.py", include_str!("../adapters/places.py"));
    Some(match style {
        "saaf" => Adapter {
            entry_point: include_str!("../adapters/saaf.py"),
            modules: vec![places],
            stand_ins: vec![("Inspector.py", include_str!("../adapters/saaf_inspector.py"))],
            below: "",
        },
        "sebs" => Adapter {
            entry_point: include_str!("../adapters/sebs.py"),
            modules: vec![
                places,
                ("function/storage.py", include_str!("../adapters/sebs_storage.py")),
            ],
            stand_ins: vec![("function/__init__.py", "")],
            below: "function",
        },
        _ => return None,
    })
}

/// What is written beside code of another tool's style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// The text of the file that the platform calls.
    pub entry_point: &'static str,
    /// Other files, always written.
    pub modules: Vec<(&'static str, &'static str)>,
    /// Files that are written where the code has none of the name.
    pub stand_ins: Vec<(&'static str, &'static str)>,
    /// The folder of the package that the code goes into; empty for the package itself.
    pub below: &'static str,
}

/// A bundled file or folder that could not be laid out.
#[derive(Debug, thiserror::Error)]
#[error("cannot lay out the bundled application in {}: {source}", path.display())]
pub struct Error {
    /// Where.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

/// The code of a function that does nothing, whose calls measure the way to the platform.
pub const NOTHING: &str = include_str!("../nothing/lambda_function.py");

/// The names of the bundled applications.
#[must_use]
pub fn applications() -> Vec<&'static str> {
    APPLICATIONS.dirs().filter_map(|dir| dir.path().to_str()).collect()
}

/// The names of the variants that an application brings.
#[must_use]
pub fn variants(application: &str) -> Vec<&'static str> {
    let folder = APPLICATIONS.get_dir(format!("{application}/variants"));
    let names = folder.into_iter().flat_map(Dir::dirs).filter_map(|dir| dir.path().file_name());
    names.filter_map(std::ffi::OsStr::to_str).collect()
}

/// Lays a bundled application out as files, in a folder named by its content below `parent`, and
/// gives that folder. What is there already is used as it is.
///
/// # Panics
/// If there is no such application.
pub fn lay_out(name: &str, parent: &Path) -> Result<PathBuf, Error> {
    let dir = APPLICATIONS.get_dir(name).expect("one of the names that `applications` gives");
    let folder = parent.join(format!("{name}-{}", &hash(dir)[..12]));
    if folder.is_dir() {
        return Ok(folder);
    }
    let at = |path: &Path| {
        let path = path.to_owned();
        |source| Error { path, source }
    };
    std::fs::create_dir_all(parent).map_err(at(parent))?;
    // Made beside and renamed, so that a folder of that name is always whole.
    let part = parent.join(format!(".{name}-{}", std::process::id()));
    write(dir, dir.path(), &part).map_err(at(&part))?;
    match std::fs::rename(&part, &folder) {
        Ok(()) => Ok(folder),
        // Another process was faster.
        Err(_) if folder.is_dir() => {
            std::fs::remove_dir_all(&part).map_err(at(&part))?;
            Ok(folder)
        }
        Err(error) => Err(at(&folder)(error)),
    }
}

fn write(dir: &Dir<'_>, root: &Path, into: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(into)?;
    for file in files(dir) {
        let path = into.join(file.path().strip_prefix(root).unwrap_or(file.path()));
        std::fs::create_dir_all(path.parent().unwrap_or(into))?;
        std::fs::write(path, file.contents())?;
    }
    Ok(())
}

/// The inspector's files, by their path in the layer's `python` folder.
#[must_use]
pub fn inspector() -> Vec<(PathBuf, &'static [u8])> {
    files(&INSPECTOR).into_iter().map(|file| (file.path().to_owned(), file.contents())).collect()
}

/// The hash of the inspector.
#[must_use]
pub fn inspector_digest() -> String {
    hash(&INSPECTOR)
}

/// Every file below, in the order of their paths; what Python leaves behind does not count.
fn files<'a>(dir: &'a Dir<'a>) -> Vec<&'a include_dir::File<'a>> {
    let mut all: Vec<&include_dir::File<'a>> = dir.files().collect();
    for below in dir.dirs() {
        all.extend(files(below));
    }
    all.retain(|file| !file.path().components().any(|part| part.as_os_str() == "__pycache__"));
    all.sort_by_key(|file| file.path());
    all
}

fn hash(dir: &Dir<'_>) -> String {
    let mut hash = Sha256::new();
    for file in files(dir) {
        let path = file.path().to_string_lossy();
        hash.update(path.len().to_le_bytes());
        hash.update(path.as_bytes());
        hash.update(file.contents().len().to_le_bytes());
        hash.update(file.contents());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_application_is_laid_out_whole_and_once() {
        let parent =
            std::env::temp_dir().join(format!("photofinish-assets-{}", std::process::id()));
        let folder = lay_out("image-pipeline", &parent).unwrap();
        assert!(folder.join("contract.toml").is_file());
        assert!(folder.join("variants/plain/depth/lambda_function.py").is_file());
        let native = folder.join("variants/native");
        assert!(native.join("imaging/src/lib.rs").is_file() && native.join("Cargo.lock").is_file());
        assert!(!native.join("imaging").is_symlink() && !native.join("imaging/tests").exists());
        assert_eq!(lay_out("image-pipeline", &parent).unwrap(), folder);
        assert_eq!(std::fs::read_dir(&parent).unwrap().count(), 1);
        std::fs::remove_dir_all(&parent).unwrap();
    }

    #[test]
    fn the_native_variant_is_made_of_the_references_own_dependencies() {
        let lock = |folder: &Path| std::fs::read_to_string(folder.join("Cargo.lock")).unwrap();
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let ours = lock(&here.join("../.."));
        let its = lock(&here.join("applications/image-pipeline/variants/native"));
        for name in [
            "jpeg-encoder",
            "multiversion",
            "png",
            "zune-jpeg",
            "zune-core",
            "fdeflate",
            "flate2",
            "zlib-rs",
        ] {
            assert_eq!(version(&its, name), version(&ours, name), "{name}");
        }
    }

    fn version<'a>(lock: &'a str, name: &str) -> &'a str {
        let (_, package) = lock.split_once(&format!("name = \"{name}\"\nversion = ")).unwrap();
        package.lines().next().unwrap()
    }
}
