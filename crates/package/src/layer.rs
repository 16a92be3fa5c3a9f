//! Layers: modules under `python/`, with their bytecode.
//!
//! The bytecode is there because nothing can be compiled in the read-only /opt, and importing
//! Pillow without it takes several times as long. It is of the kind that Python does not compare
//! with the source, so it holds no times and the zip is the same whenever it is built. A Python
//! of another release line passes it over.

use std::fs;
use std::path::{Path, PathBuf};

use photofinish_runtimes::{Runtime, Wheel};

use crate::archive::zip_tree;
use crate::audit::{LAMBDA_GLIBC, audit_elf};
use crate::error::Error;
use crate::package::Package;
use crate::tags::check_tags;

/// Where Lambda's Python looks in a layer, and where a guest sees it.
const FOLDER: &str = "python";
const SHOWN_AS: &str = "/opt/python";

/// A layer of wheels, for the architecture of `runtime`; every binary file in it is checked.
pub fn layer_from_wheels(wheels: &[&Path], runtime: &Runtime) -> Result<Package, Error> {
    let staging = Staging::make()?;
    let mut records = Vec::new();
    for path in wheels {
        let wheel = Wheel::at(path)?;
        check_tags(&wheel.record.file, runtime.architecture, LAMBDA_GLIBC)?;
        wheel.unpack(&staging.modules)?;
        records.push(wheel.record);
    }
    let mut package = staging.finish(runtime)?;
    package.manifest.wheels = records;
    Ok(package)
}

/// A layer of modules that we carry, by their path under `python/`.
pub fn layer_from_files<P: AsRef<Path>, B: AsRef<[u8]>>(
    files: impl IntoIterator<Item = (P, B)>,
    runtime: &Runtime,
) -> Result<Package, Error> {
    let staging = Staging::make()?;
    for (name, content) in files {
        let path = staging.modules.join(name);
        let parent = path.parent().unwrap_or(&staging.modules);
        fs::create_dir_all(parent).map_err(Error::file("make the folder", parent))?;
        fs::write(&path, content).map_err(Error::file("write", &path))?;
    }
    staging.finish(runtime)
}

/// A folder in which a layer is put together.
struct Staging {
    whole: tempfile::TempDir,
    modules: PathBuf,
}

impl Staging {
    fn make() -> Result<Self, Error> {
        let whole =
            tempfile::tempdir().map_err(Error::file("make a folder in", std::env::temp_dir()))?;
        let modules = whole.path().join(FOLDER);
        fs::create_dir(&modules).map_err(Error::file("make the folder", &modules))?;
        Ok(Self { whole, modules })
    }

    fn finish(self, runtime: &Runtime) -> Result<Package, Error> {
        runtime.compile(&self.modules, SHOWN_AS)?;
        let package = zip_tree(self.whole.path(), |_| true)?;
        for file in &package.manifest.files {
            let path = self.whole.path().join(&file.path);
            let content = fs::read(&path).map_err(Error::file("read", &path))?;
            audit_elf(&file.path, &content, runtime.architecture, LAMBDA_GLIBC)?;
        }
        Ok(package)
    }
}
