//! Hashes that say whether two things are the same bytes.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::place::InputError;

/// A SHA-256 in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The hash of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }

    /// All 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough of it to tell a few apart.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The hash of a folder: every file's path and bytes, in the order of their paths.
/// What tools leave behind (`__pycache__`, hidden files) does not count.
pub fn of_directory(folder: &Path) -> Result<Digest, InputError> {
    of_directory_without(folder, &[])
}

/// The same without these folders in it.
pub(crate) fn of_directory_without(folder: &Path, left_out: &[&str]) -> Result<Digest, InputError> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.retain(|file| !left_out.iter().any(|name| file.starts_with(folder.join(name))));
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let bytes = std::fs::read(&file)
            .map_err(|error| InputError::of_file(&file, format!("cannot be read: {error}")))?;
        let inner = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
        hash.update(inner.len().to_le_bytes());
        hash.update(inner.as_bytes());
        hash.update(bytes.len().to_le_bytes());
        hash.update(&bytes);
    }
    Ok(Digest(hex::encode(hash.finalize())))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), InputError> {
    let unreadable =
        |error: std::io::Error| InputError::of_file(folder, format!("cannot be read: {error}"));
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || name == "__pycache__" {
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
    fn a_folder_is_the_same_until_a_byte_or_a_name_changes() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.py", "x");
        let before = of_directory(folder.path()).unwrap();
        std::fs::create_dir(folder.path().join("__pycache__")).unwrap();
        write("__pycache__/a.pyc", "junk");
        assert_eq!(of_directory(folder.path()).unwrap(), before);
        write("a.py", "y");
        let changed = of_directory(folder.path()).unwrap();
        assert_ne!(changed, before);
        write("a.py", "x");
        std::fs::rename(folder.path().join("a.py"), folder.path().join("b.py")).unwrap();
        assert_ne!(of_directory(folder.path()).unwrap(), before);
    }

    #[test]
    fn a_folder_that_is_left_out_changes_nothing_and_another_of_a_like_name_does() {
        let folder = tempfile::tempdir().unwrap();
        let add = |name: &str| {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "x").unwrap();
        };
        let hash = || of_directory_without(folder.path(), &["mutants"]).unwrap();
        add("contract.toml");
        let before = hash();
        add("mutants/wrong/greyscale/bt709.py");
        assert_eq!(hash(), before);
        assert_ne!(of_directory(folder.path()).unwrap(), before);
        add("mutants-of-ours/bt709.py");
        assert_ne!(hash(), before);
    }
}
