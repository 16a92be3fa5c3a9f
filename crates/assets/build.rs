//! Gathers what the crate carries: the applications as they lie here, without what tools leave
//! behind, and with the files that the native variant's link to the `imaging` crate stands for.
//!
//! That serves a build from the repository. To publish the crate one would have to carry more:
//! `cargo package` leaves out every folder with a `Cargo.toml` of its own, and a link would lead
//! out of the package. The two packages would lie in it as copies whose manifests have another
//! name, and this script would give it back to them.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo gives a build script OUT_DIR"));
    let into = out.join("applications");
    if into.exists() {
        fs::remove_dir_all(&into)?;
    }
    copy(Path::new("applications"), &into)?;
    Ok(())
}

/// Whether all of a folder was copied.
#[derive(PartialEq)]
enum Copied {
    Whole,
    InPart,
}

fn copy(from: &Path, into: &Path) -> io::Result<Copied> {
    fs::create_dir_all(into)?;
    let mut copied = Copied::Whole;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, copy_of_it) = (entry.path(), into.join(entry.file_name()));
        if is_left_out(&source) {
            copied = Copied::InPart;
        } else if source.is_dir() {
            if copy(&source, &copy_of_it)? == Copied::InPart {
                copied = Copied::InPart;
            }
        } else {
            fs::copy(&source, copy_of_it)?;
            println!("cargo:rerun-if-changed={}", source.display());
        }
    }
    // For files that are new. Cargo looks into folders to any depth, so one with a `target` below
    // it would always have changed.
    if copied == Copied::Whole {
        println!("cargo:rerun-if-changed={}", from.display());
    }
    Ok(copied)
}

/// What Python leaves behind, and of a package of Rust what it is not built from.
fn is_left_out(path: &Path) -> bool {
    let is = |name: &str| path.file_name().is_some_and(|file| file == name);
    let in_a_package = path.with_file_name("Cargo.toml").is_file();
    let around_a_package = ["target", "tests", "examples", "fuzz"];
    is("__pycache__") || in_a_package && around_a_package.into_iter().any(is)
}
