//! The native variant: a package of Rust, built into one static binary for an architecture.
//!
//! No C compiler takes part: the standard library brings what a static binary is linked with, and
//! Rust's own linker puts it together, for this machine's architecture as for another.

use std::fs;
use std::path::{Path, PathBuf};

use photofinish_study::{Architecture, Digest};

use crate::cache::Cache;
use crate::error::Error;
use crate::progress::Progress;

mod source;
mod toolchain;

use toolchain::Toolchain;

/// What Lambda runs on an operating system alone, and what the package's binary is called.
const BOOTSTRAP: &str = "bootstrap";
/// Another recipe gives other binaries from the same source.
const RECIPE: &str = "1 musl rust-lld";

/// The program that a package is built into, from the cache or newly made. It is alone in its
/// folder, which therefore is what to pack.
///
/// The package has a `Cargo.lock` and a binary called `bootstrap`. What was built from the same
/// source is found again, whichever compiler it was built by.
pub fn build_native(
    source: &Path,
    architecture: Architecture,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<PathBuf, Error> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    build_with(&Toolchain::on(path, source), architecture, cache, progress)
}

fn build_with(
    toolchain: &Toolchain<'_>,
    architecture: Architecture,
    cache: &Cache,
    progress: &dyn Progress,
) -> Result<PathBuf, Error> {
    let recipe = format!("{RECIPE}\n{}", source::digest(toolchain.source)?);
    let name = format!("native/{architecture}-{}", Digest::of(recipe.as_bytes()).short());
    let folder = cache.entry(&name, progress, |folder| {
        toolchain.check()?;
        toolchain.provide(architecture, cache, progress)?;
        progress.step(&format!("building the native variant for {architecture}, once"));
        // Some hundred megabytes that nobody asks for again.
        let target = folder.join("target");
        let built = toolchain.build(architecture, &target)?;
        let bootstrap = folder.join(BOOTSTRAP);
        fs::copy(&built, &bootstrap).map_err(Error::file("copy", &built))?;
        fs::remove_dir_all(&target).map_err(Error::file("remove", &target))
    })?;
    Ok(folder.join(BOOTSTRAP))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    fn package(folder: &Path) -> PathBuf {
        let source = folder.join("source");
        fs::create_dir_all(source.join("src")).unwrap();
        fs::write(source.join("src/main.rs"), "fn main() {}").unwrap();
        source
    }

    #[test]
    fn a_machine_without_rust_is_told_how_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let source = package(folder.path());
        let toolchain = Toolchain::on(folder.path().as_os_str(), &source);
        let cache = Cache::at(folder.path().join("cache"));
        let error = build_with(&toolchain, Architecture::Arm64, &cache, &Silent).unwrap_err();
        assert!(error.is_lacking(), "{error}");
        assert!(error.to_string().contains("https://rustup.rs"), "{error}");
    }
}
