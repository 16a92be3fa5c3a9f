//! `package`: the Python root, the layers, and a zip for every function.

use std::collections::BTreeMap;
use std::path::Path;

use photofinish_journal::Journal;
use photofinish_package::{
    Package, check_function, layer_from_files, layer_from_wheels, zip_directory,
};
use photofinish_runtimes::{Cache, Runtime, WheelSet};
use photofinish_study::{Architecture, Contestant, Digest, Name};

use crate::failure::{Failure, Told};
use crate::progress::Progress;
use crate::road::opening::{Opened, unusable};

/// What every function is deployed with: the inspector calls the real handler.
pub(crate) const HANDLER: &str = "photofinish_inspector.handler";

/// A Python for one architecture.
pub(crate) struct PythonOf {
    pub(crate) architecture: Architecture,
    pub(crate) runtime: Runtime,
}

/// A layer for one architecture.
pub(crate) struct LayerPack {
    pub(crate) name: &'static str,
    pub(crate) architecture: Architecture,
    pub(crate) package: Package,
}

/// Everything that is deployed.
pub(crate) struct Packed {
    pub(crate) pythons: Vec<PythonOf>,
    pub(crate) layers: Vec<LayerPack>,
    codes: BTreeMap<(Contestant, Name), Package>,
}

impl Packed {
    /// The layers of a function; every architecture has as many.
    fn layers_of_one_architecture(&self) -> Vec<&Package> {
        let first = self.layers.first().map(|layer| layer.architecture);
        let layers = self.layers.iter().filter(|layer| Some(layer.architecture) == first);
        layers.map(|layer| &layer.package).collect()
    }

    /// The zip of one function.
    pub(crate) fn code(&self, contestant: &Contestant, function: &Name) -> &Package {
        &self.codes[&(contestant.clone(), function.clone())]
    }

    /// The hash of all that answers when this code is called: code, layers and runtime.
    pub(crate) fn fingerprint(&self, code: &Package, architecture: Architecture) -> Digest {
        let mut parts = vec![code.sha256.clone()];
        let layers = self.layers.iter().filter(|layer| layer.architecture == architecture);
        parts.extend(layers.map(|layer| layer.package.sha256.clone()));
        let pythons = self.pythons.iter().filter(|python| python.architecture == architecture);
        parts.extend(pythons.map(|python| python.runtime.digest()));
        Digest::of(parts.join(" ").as_bytes())
    }
}

impl photofinish_runtimes::Progress for Progress {
    fn step(&self, text: &str) {
        self.say("setup", text);
    }
}

/// Sets up Python and packs everything that the study deploys.
pub(crate) fn package(
    opened: &Opened,
    journal: &Journal,
    python: Option<&Path>,
    progress: Progress,
) -> Result<Packed, Failure> {
    let cache = Cache::of_user().map_err(|error| Failure::lacking(&error))?;
    let mut architectures: Vec<Architecture> =
        opened.study.all_targets().map(|target| target.architecture).collect();
    architectures.sort();
    architectures.dedup();
    let mut packed = Packed { pythons: Vec::new(), layers: Vec::new(), codes: BTreeMap::new() };
    for architecture in architectures {
        let runtime = python314(&cache, architecture, python, progress)?;
        packed.layers.extend(layers(&cache, &runtime, architecture, progress)?);
        packed.pythons.push(PythonOf { architecture, runtime });
    }
    for authored in &opened.sources {
        let contestant = Contestant { variant: authored.variant.clone(), sample: authored.sample };
        for function in &opened.plan.functions {
            let folder = authored.folder.join(function.name.as_str());
            let package = zip_directory(&folder).map_err(|error| Failure::usage(&error))?;
            check_function(&package, &packed.layers_of_one_architecture())
                .map_err(|error| Failure::usage(&error))?;
            packed.codes.insert((contestant.clone(), function.name.clone()), package);
        }
    }
    write(opened, &packed)?;
    note(journal, &packed)?;
    let (functions, layers) = (packed.codes.len(), packed.layers.len());
    progress.say("package", &format!("{functions} functions and {layers} layers are packed"));
    Ok(packed)
}

/// The Python of this machine, for `serve`.
pub(crate) fn python_of_host(
    python: Option<&Path>,
    progress: Progress,
) -> Result<PythonOf, Failure> {
    let Some(architecture) = Architecture::of_this_machine() else {
        let message = "this machine is neither x86_64 nor arm64";
        return Err(Failure::Lacking(Told::words(message, None)));
    };
    let cache = Cache::of_user().map_err(|error| Failure::lacking(&error))?;
    let runtime = python314(&cache, architecture, python, progress)?;
    Ok(PythonOf { architecture, runtime })
}

fn python314(
    cache: &Cache,
    architecture: Architecture,
    python: Option<&Path>,
    progress: Progress,
) -> Result<Runtime, Failure> {
    photofinish_runtimes::python314(cache, architecture, python, &progress).map_err(|error| {
        Failure::lacking(&error).hint("`photofinish doctor` says what this machine can run")
    })
}

fn layers(
    cache: &Cache,
    runtime: &Runtime,
    architecture: Architecture,
    progress: Progress,
) -> Result<Vec<LayerPack>, Failure> {
    let wheels =
        photofinish_runtimes::wheels(cache, runtime, architecture, WheelSet::Pillow, &progress)
            .map_err(|error| Failure::lacking(&error))?;
    let paths: Vec<&Path> = wheels.iter().map(|wheel| wheel.path.as_path()).collect();
    let pack = || -> Result<_, photofinish_package::Error> {
        let pillow = layer_from_wheels(&paths, runtime)?;
        let inspector = layer_from_files(photofinish_assets::inspector(), runtime)?;
        Ok((pillow, inspector))
    };
    let (pillow, inspector) = pack().map_err(|error| Failure::usage(&error))?;
    Ok(vec![
        LayerPack { name: "pillow", architecture, package: pillow },
        LayerPack { name: "inspector", architecture, package: inspector },
    ])
}

/// Leaves zips and manifests in the study directory.
fn write(opened: &Opened, packed: &Packed) -> Result<(), Failure> {
    let folder = opened.directory.join("packages");
    let mut manifest = BTreeMap::new();
    let mut put = |name: String, package: &Package| -> Result<(), Failure> {
        let path = folder.join(&name);
        let parent = path.parent().unwrap_or(&folder);
        std::fs::create_dir_all(parent).map_err(|error| unusable(parent, &error))?;
        std::fs::write(&path, &package.bytes).map_err(|error| unusable(&path, &error))?;
        manifest.insert(name, serde_json::json!(package.manifest));
        Ok(())
    };
    for ((contestant, function), package) in &packed.codes {
        put(format!("{contestant}/{function}.zip"), package)?;
    }
    for layer in &packed.layers {
        put(format!("layers/{}-{}.zip", layer.name, layer.architecture), &layer.package)?;
    }
    let manifest = serde_json::json!({
        "format": 1,
        "python": packed.pythons.iter().map(|python| serde_json::json!({
            "architecture": python.architecture,
            "version": python.runtime.python_version,
            "source": python.runtime.source,
            "manifest": python.runtime.manifest,
        })).collect::<Vec<_>>(),
        "packages": manifest,
    });
    let path = folder.join("manifest.json");
    std::fs::write(&path, format!("{manifest:#}\n")).map_err(|error| unusable(&path, &error))
}

fn note(journal: &Journal, packed: &Packed) -> Result<(), Failure> {
    let mut facts: Vec<(String, String)> = Vec::new();
    for python in &packed.pythons {
        let version = format!("{} ({})", python.runtime.python_version, python.runtime.source);
        facts.push((format!("python {}", python.architecture), version));
    }
    for layer in &packed.layers {
        let key = format!("layer {} {}", layer.name, layer.architecture);
        facts.push((key, layer.package.sha256.clone()));
    }
    for ((contestant, function), package) in &packed.codes {
        facts.push((format!("code {contestant} {function}"), package.sha256.clone()));
    }
    for (key, value) in facts {
        journal.note("package", &key, &value).map_err(|error| Failure::usage(&error))?;
    }
    Ok(())
}
