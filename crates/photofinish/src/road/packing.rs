//! `package`: the Python roots, the layers, and a zip or an image for every function.

mod images;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use photofinish_emulator::Emulation;
use photofinish_journal::Journal;
use photofinish_package::{
    Image, Package, check_function, check_layer, layer_from_files, layer_from_wheels, write_layout,
    zip_directory,
};
use photofinish_runtimes::{Cache, Qemu, Runtime, WheelSet};
use photofinish_study::{
    Architecture, Contestant, Deployment, Digest, Language, Name, Packaging, Platform,
};

use crate::failure::{Failure, Told};
use crate::progress::{Progress, counted};
use crate::road::adapting;
use crate::road::contestants::Authored;
use crate::road::opening::{Opened, unusable};

/// The layer that every Python function has beside its own.
const INSPECTOR: &str = "inspector";

/// How the fact in the journal begins that an architecture's functions cannot be run here.
pub(crate) const NOT_RUN: &str = "not run here";

/// A Python for one architecture.
pub(crate) struct PythonOf {
    pub(crate) architecture: Architecture,
    pub(crate) runtime: Runtime,
    pub(crate) execution: Execution,
}

/// How this machine runs an architecture's programs.
pub(crate) enum Execution {
    /// On its own processor.
    Native,
    /// On another machine, which is AWS's.
    Elsewhere,
    /// By an emulator, for correctness alone.
    Emulated(Qemu),
    /// Not at all, and why.
    Lacking(String),
}

/// What one contestant is deployed as: the managed runtime or the custom one, and its layers.
#[derive(Debug, Clone)]
pub(crate) struct Kit {
    pub(crate) language: Language,
    /// By name, in order.
    pub(crate) layers: Vec<&'static str>,
}

impl Kit {
    fn of(authored: &Authored) -> Self {
        let language = authored.folder.language;
        let mut layers: Vec<&'static str> =
            authored.layers.iter().map(|layer| layer.as_str()).collect();
        if language == Language::Python {
            layers.push(INSPECTOR);
        }
        Self { language, layers }
    }

    /// The platform's name of what runs it.
    pub(crate) fn runtime(&self) -> &'static str {
        match self.language {
            Language::Python => "python3.14",
            Language::Native => "provided.al2023",
        }
    }

    /// What is called: the inspector, which calls the real handler, or the function's own name.
    pub(crate) fn handler(&self, function: &Name) -> String {
        match self.language {
            Language::Python => "photofinish_inspector.handler".to_owned(),
            Language::Native => function.to_string(),
        }
    }
}

/// Everything that is deployed.
pub(crate) struct Packed {
    pub(crate) pythons: Vec<PythonOf>,
    pub(crate) layers: BTreeMap<(&'static str, Architecture), Package>,
    kits: BTreeMap<Contestant, Kit>,
    codes: BTreeMap<(Contestant, Name, Architecture), Package>,
    /// Of the architectures on which some target wants images.
    images: BTreeMap<(Contestant, Name, Architecture), Image>,
}

impl Packed {
    /// What a contestant is deployed as.
    pub(crate) fn kit(&self, contestant: &Contestant) -> &Kit {
        &self.kits[contestant]
    }

    /// The zip of one function.
    pub(crate) fn code(
        &self,
        contestant: &Contestant,
        function: &Name,
        architecture: Architecture,
    ) -> &Package {
        &self.codes[&(contestant.clone(), function.clone(), architecture)]
    }

    /// The image of one function, where some target of that architecture wants images.
    pub(crate) fn image(
        &self,
        contestant: &Contestant,
        function: &Name,
        architecture: Architecture,
    ) -> &Image {
        &self.images[&(contestant.clone(), function.clone(), architecture)]
    }

    /// Every image that was made.
    pub(crate) fn images(&self) -> impl ExactSizeIterator<Item = &Image> {
        self.images.values()
    }

    /// How this machine runs what is packed for an architecture.
    pub(crate) fn execution(&self, architecture: Architecture) -> &Execution {
        let mut pythons = self.pythons.iter();
        let of = pythons.find(|python| python.architecture == architecture);
        of.map_or(&Execution::Native, |python| &python.execution)
    }

    /// Whether this machine can run a deployment, be it by an emulator.
    pub(crate) fn runs(&self, deployment: &Deployment) -> bool {
        !matches!(self.execution(deployment.target.architecture), Execution::Lacking(_))
    }

    /// How many times over a function's timeout counts.
    pub(crate) fn patience(&self, deployment: &Deployment) -> u32 {
        match self.execution(deployment.target.architecture) {
            Execution::Emulated(_) => Emulation::PATIENCE,
            _ => 1,
        }
    }

    /// The hash of everything that is deployed and of what runs it.
    pub(crate) fn digest(&self) -> Digest {
        let codes = self.codes.keys().map(|(contestant, function, architecture)| {
            let fingerprint = self.fingerprint(contestant, function, *architecture);
            format!("{contestant} {function} {architecture} {fingerprint}")
        });
        let images = self.images.iter().map(|((contestant, function, architecture), image)| {
            format!("{contestant} {function} {architecture} {}", image.digest())
        });
        Digest::of(codes.chain(images).collect::<Vec<_>>().join("\n").as_bytes())
    }

    /// The hash of all that answers when this code is called: code, layers and runtime.
    pub(crate) fn fingerprint(
        &self,
        contestant: &Contestant,
        function: &Name,
        architecture: Architecture,
    ) -> Digest {
        let kit = self.kit(contestant);
        let mut parts = vec![self.code(contestant, function, architecture).sha256.clone()];
        let layers = kit.layers.iter().map(|&name| &self.layers[&(name, architecture)]);
        parts.extend(layers.map(|layer| layer.sha256.clone()));
        if kit.language == Language::Python {
            let pythons = self.pythons.iter().filter(|python| python.architecture == architecture);
            parts.extend(pythons.map(|python| python.runtime.digest()));
        }
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
    let mut packed = Packed {
        pythons: Vec::new(),
        layers: BTreeMap::new(),
        kits: BTreeMap::new(),
        codes: BTreeMap::new(),
        images: BTreeMap::new(),
    };
    for authored in &opened.sources {
        packed.kits.insert(authored.contestant.clone(), Kit::of(authored));
    }
    for architecture in opened.architectures() {
        let runtime = python314(&cache, architecture, python, progress)?;
        for name in names_of_layers(&packed) {
            let layer = layer(&cache, &runtime, architecture, name, progress)?;
            if opened.wants(Packaging::Zip, architecture) {
                check_layer(&layer).map_err(|error| Failure::usage(&error))?;
            }
            packed.layers.insert((name, architecture), layer);
        }
        let execution = match opened.platform() {
            Platform::Aws => Execution::Elsewhere,
            Platform::Local => execution(&cache, architecture, progress)?,
        };
        packed.pythons.push(PythonOf { architecture, runtime, execution });
        for authored in &opened.sources {
            pack_functions(opened, authored, architecture, (&cache, progress), &mut packed)?;
        }
        if opened.wants(Packaging::Image, architecture) {
            images::make(opened, journal, architecture, (&cache, progress), &mut packed)?;
        }
    }
    write(opened, &packed)?;
    note(journal, &packed)?;
    let functions = counted(packed.codes.len(), "function");
    let layers = counted(packed.layers.len(), "layer");
    progress.say("package", &format!("{functions} and {layers} packed"));
    Ok(packed)
}

/// Finds an emulator for what this machine's processor cannot run; without one, that is said and
/// everything else goes on.
fn execution(
    cache: &Cache,
    architecture: Architecture,
    progress: Progress,
) -> Result<Execution, Failure> {
    if Some(architecture) == Architecture::of_this_machine() {
        return Ok(Execution::Native);
    }
    match Qemu::find(cache, architecture, &progress) {
        Ok(qemu) => Ok(Execution::Emulated(qemu)),
        Err(error) if error.is_lacking() => {
            let why = Told::new(&error).to_string();
            progress.say("not run", &format!("{architecture} is packed and not run here: {why}"));
            Ok(Execution::Lacking(why))
        }
        Err(error) => Err(Failure::lacking(&error)),
    }
}

/// Every layer that some contestant wants, once.
fn names_of_layers(packed: &Packed) -> Vec<&'static str> {
    let mut names: Vec<&'static str> =
        packed.kits.values().flat_map(|kit| kit.layers.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn pack_functions(
    opened: &Opened,
    authored: &Authored,
    architecture: Architecture,
    (cache, progress): (&Cache, Progress),
    packed: &mut Packed,
) -> Result<(), Failure> {
    let contestant = &authored.contestant;
    let layers: Vec<&Package> = packed.kits[contestant]
        .layers
        .iter()
        .map(|&name| &packed.layers[&(name, architecture)])
        .collect();
    let own = |function: &Name| authored.folder.folder.join(function.as_str());
    // A native package is one binary for all its functions, and told which by its handler.
    let built = match authored.folder.language {
        Language::Python => None,
        Language::Native => Some(built(cache, authored, architecture, progress)?),
    };
    let mut codes = Vec::new();
    for function in authored.present(&opened.plan) {
        let package = match (&built, &authored.folder.adapter) {
            (Some(folder), _) => zip_directory(folder),
            (None, Some(adapter)) => adapting::zip(&own(&function.name), adapter, &function.name),
            (None, None) => zip_directory(&own(&function.name)),
        };
        let package = package.map_err(|error| Failure::usage(&error))?;
        if opened.wants(Packaging::Zip, architecture) {
            check_function(&package, &layers).map_err(|error| Failure::usage(&error))?;
        }
        codes.push(((contestant.clone(), function.name.clone(), architecture), package));
    }
    packed.codes.extend(codes);
    Ok(())
}

/// The folder that holds a native package's binary alone.
fn built(
    cache: &Cache,
    authored: &Authored,
    architecture: Architecture,
    progress: Progress,
) -> Result<PathBuf, Failure> {
    let source = &authored.folder.folder;
    let bootstrap = photofinish_runtimes::build_native(source, architecture, cache, &progress)
        .map_err(|error| Failure::lacking(&error))?;
    Ok(bootstrap.parent().map(Path::to_owned).unwrap_or_default())
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
    Ok(PythonOf { architecture, runtime, execution: Execution::Native })
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

/// A layer by its name, packed.
pub(crate) fn layer(
    cache: &Cache,
    runtime: &Runtime,
    architecture: Architecture,
    name: &'static str,
    progress: Progress,
) -> Result<Package, Failure> {
    let packed = match WheelSet::of_layer(name) {
        None => layer_from_files(photofinish_assets::inspector(), runtime),
        Some(set) => {
            let wheels = photofinish_runtimes::wheels(cache, runtime, architecture, set, &progress)
                .map_err(|error| Failure::lacking(&error))?;
            let paths: Vec<&Path> = wheels.iter().map(|wheel| wheel.path.as_path()).collect();
            layer_from_wheels(&paths, runtime)
        }
    };
    packed.map_err(|error| Failure::usage(&error))
}

/// The OCI layout that holds the study's images.
pub(crate) fn images_of(opened: &Opened) -> PathBuf {
    opened.directory.join("packages/images")
}

/// Leaves zips, images and manifests in the study directory.
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
    for ((contestant, function, architecture), package) in &packed.codes {
        put(format!("{contestant}/{function}-{architecture}.zip"), package)?;
    }
    for ((name, architecture), layer) in &packed.layers {
        put(format!("layers/{name}-{architecture}.zip"), layer)?;
    }
    if !packed.images.is_empty() {
        write_layout(&images_of(opened), packed.images.values())
            .map_err(|error| Failure::usage(&error))?;
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
    for python in &packed.pythons {
        let how = match &python.execution {
            Execution::Native => "on this machine's processor".to_owned(),
            Execution::Elsewhere => "on AWS".to_owned(),
            Execution::Emulated(qemu) => format!("checked only, by {}", qemu.words()),
            Execution::Lacking(why) => format!("{NOT_RUN}: {why}"),
        };
        facts.push((format!("{} is run", python.architecture), how));
    }
    for ((name, architecture), layer) in &packed.layers {
        facts.push((format!("layer {name} {architecture}"), layer.sha256.clone()));
    }
    for ((contestant, function, architecture), package) in &packed.codes {
        let key = format!("code {contestant} {function} {architecture}");
        facts.push((key, package.sha256.clone()));
    }
    for ((contestant, function, architecture), image) in &packed.images {
        facts.push((format!("image {contestant} {function} {architecture}"), image.digest()));
    }
    for (key, value) in facts {
        journal.note("package", &key, &value).map_err(|error| Failure::usage(&error))?;
    }
    Ok(())
}
