//! The source of a package, as what is built from it depends on it.

use std::fs;
use std::path::{Path, PathBuf};

use photofinish_study::Digest;

use crate::error::Error;

/// The hash of every file's path and content, links followed; what a build leaves behind and what
/// is hidden does not count.
pub(super) fn digest(folder: &Path) -> Result<Digest, Error> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let mut listing = String::new();
    for path in files {
        let content = fs::read(&path).map_err(Error::file("read", &path))?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        listing += &format!("{} {}\n", Digest::of(&content), name.display());
    }
    Ok(Digest::of(listing.as_bytes()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let listing = fs::read_dir(folder).map_err(Error::file("list", folder))?;
    for entry in listing {
        let path = entry.map_err(Error::file("list", folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_or_name_is_another_source_and_a_build_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
            digest(folder.path()).unwrap()
        };
        let first = write("src/main.rs", "one");
        assert_eq!(write("target/release/bootstrap", "built"), first);
        let second = write("src/main.rs", "two");
        assert_ne!(second, first);
        assert_ne!(write("src/other.rs", ""), second);
    }
}
