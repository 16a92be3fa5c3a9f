//! Images of the functions, from the same packages as zips are; what they share is made once.

use std::collections::BTreeMap;

use photofinish_cloud::{Reference, Registry};
use photofinish_journal::{Journal, Reader};
use photofinish_package::{
    Base, BaseLayer, Image, ImageLayer, Start, bare_layer, base_layer, code_layer, library_layer,
};
use photofinish_runtimes::{Cache, Runtime};
use photofinish_study::{Architecture, Language};

use super::{Kit, Packed};
use crate::failure::{Failure, Told};
use crate::progress::Progress;
use crate::road::block_on;
use crate::road::opening::Opened;

/// Where pulled images lie in the cache, each part under its hash.
const PULLED: &str = "images";

/// What the images of an architecture are put together from.
struct Parts {
    /// What Python functions stand on.
    root: Root,
    /// What native ones stand on.
    bare: ImageLayer,
    /// The layers that a zip would have beside it, by name.
    libraries: BTreeMap<&'static str, ImageLayer>,
}

enum Root {
    Own(ImageLayer),
    Other(Base),
}

/// Makes an image of each function for an architecture.
pub(super) fn make(
    opened: &Opened,
    journal: &Journal,
    architecture: Architecture,
    (cache, progress): (&Cache, Progress),
    packed: &mut Packed,
) -> Result<(), Failure> {
    progress.say("package", &format!("the root of all images for {architecture}"));
    let python = packed.pythons.iter().find(|python| python.architecture == architecture);
    let runtime = &python.expect("its Python was found before").runtime;
    let root = match opened.study.base() {
        None => Root::Own(fit(base_layer(runtime))?),
        Some(base) => Root::Other(pulled(base, journal, architecture, cache, progress)?),
    };
    let mut parts = Parts { root, bare: fit(bare_layer(runtime))?, libraries: BTreeMap::new() };
    for ((name, _), layer) in packed.layers.iter().filter(|((_, of), _)| *of == architecture) {
        parts.libraries.insert(name, fit(library_layer(layer))?);
    }
    let mut images = Vec::new();
    for authored in &opened.sources {
        let kit = packed.kit(&authored.contestant);
        for function in authored.present(&opened.plan) {
            let code = packed.code(&authored.contestant, &function.name, architecture);
            let handler = kit.handler(&function.name);
            let image = fit(parts.image(runtime, kit, fit(code_layer(code))?, &handler))?;
            let key = (authored.contestant.clone(), function.name.clone(), architecture);
            images.push((key, image));
        }
    }
    packed.images.extend(images);
    Ok(())
}

impl Parts {
    fn image(
        &self,
        runtime: &Runtime,
        kit: &Kit,
        code: ImageLayer,
        handler: &str,
    ) -> Result<Image, photofinish_package::Error> {
        let (root, start) = match (kit.language, &self.root) {
            (Language::Native, _) => (vec![self.bare.clone()], Start::of_program(handler)),
            (Language::Python, Root::Own(own)) => {
                (vec![own.clone()], Start::of_runtime(runtime, handler))
            }
            (Language::Python, Root::Other(base)) => (base.layers.clone(), base.start(handler)),
        };
        let libraries = kit.layers.iter().map(|name| self.libraries[name].clone());
        let layers = root.into_iter().chain(libraries).chain([code]).collect();
        Image::new(runtime.architecture, layers, &start)
    }
}

/// The image that a study names as its base. A tag is looked up once: from then on the journal
/// says which image it was, and that one is kept to.
fn pulled(
    base: &str,
    journal: &Journal,
    architecture: Architecture,
    cache: &Cache,
    progress: Progress,
) -> Result<Base, Failure> {
    let unnamed = |error: photofinish_cloud::BadReference| {
        let hint = "write base = \"REGISTRY/REPOSITORY:TAG\" in the target";
        Failure::Usage(Told::words(error.to_string(), Some(hint)))
    };
    let wanted = Reference::new(base).map_err(unnamed)?;
    let key = format!("base {base} {architecture}");
    let facts = Reader::of(journal).facts().map_err(|error| Failure::usage(&error))?;
    let known = facts.iter().rev().find(|fact| fact.subject == "package" && fact.key == key);
    let exact = match known {
        Some(fact) => Reference::new(&fact.value).map_err(unnamed)?,
        None => wanted.clone(),
    };
    progress.say("package", &format!("{exact} for {architecture}"));
    let folder = cache.path().join(PULLED);
    let pulled = block_on(async {
        let registry = Registry::of(&exact).map_err(|error| Failure::lacking(&error))?;
        let pulled = registry.pull(&exact, architecture, &folder).await;
        pulled.map_err(|error| Failure::provider(&error))
    })?;
    if known.is_none() {
        let exact = format!("{}/{}@{}", wanted.host(), wanted.repository(), pulled.digest);
        journal.note("package", &key, &exact).map_err(|error| Failure::usage(&error))?;
    }
    let layers: Vec<BaseLayer> = pulled
        .layers
        .into_iter()
        .map(|(layer, path)| BaseLayer { media_type: layer.media_type, path })
        .collect();
    fit(Base::new(base, &pulled.configuration, &layers, architecture))
}

fn fit<T>(made: Result<T, photofinish_package::Error>) -> Result<T, Failure> {
    made.map_err(|error| Failure::usage(&error))
}
