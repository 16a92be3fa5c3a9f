//! Outputs: whole under their names or not there at all.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use photofinish_study::Digest;

use crate::failure::{Failure, Told};

/// The folder of outputs, held by this process alone for as long as it lives.
#[derive(Debug)]
pub(super) struct Outputs {
    _held: Option<File>,
}

impl Outputs {
    /// Takes hold of a folder; where folders cannot be locked, it is taken on trust.
    pub(super) fn hold(folder: &Path) -> Result<Self, Failure> {
        let Ok(held) = File::open(folder) else { return Ok(Self { _held: None }) };
        match held.try_lock() {
            Ok(()) => Ok(Self { _held: Some(held) }),
            Err(TryLockError::WouldBlock) => {
                let message = format!("another photofinish is writing to {}", folder.display());
                let hint = "wait for it or stop it, or choose another OUT";
                Err(Failure::Usage(Told::words(message, Some(hint))))
            }
            Err(TryLockError::Error(_)) => Ok(Self { _held: None }),
        }
    }
}

/// Writes it beside and renames it. What a kill leaves beside is written over the next time.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let part = beside(path);
    let put = || -> std::io::Result<()> {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        std::fs::write(&part, bytes)?;
        std::fs::rename(&part, path)
    };
    put().map_err(|error| {
        let _ = std::fs::remove_file(&part);
        format!("{} cannot be written: {error}", path.display())
    })
}

/// A short name for a name that may be as long as a name can be.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let digest = Digest::of(name.as_encoded_bytes());
    path.with_file_name(format!(".photofinish-{}.part", digest.short()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_whole_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/a.png");
        write(&path, b"whole").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        let taken = folder.path().join("below");
        assert!(write(&taken, b"a folder is in its place").unwrap_err().contains("below"));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn a_folder_is_held_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let held = Outputs::hold(folder.path()).unwrap();
        assert!(Outputs::hold(folder.path()).is_err());
        drop(held);
        Outputs::hold(folder.path()).unwrap();
    }
}
