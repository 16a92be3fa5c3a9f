//! The pictures of a folder, and what becomes of each.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Told};
use crate::road::opening::unusable;

/// One picture to be made.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// Its path below the folder, as it is told of.
    pub(super) name: PathBuf,
    /// Where it lies.
    pub(super) file: PathBuf,
    /// Where its output goes.
    pub(super) output: PathBuf,
}

/// Something of the folder that cannot become a picture, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) name: PathBuf,
    pub(super) reason: String,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) pictures: Vec<Picture>,
    pub(super) refused: Vec<Refused>,
    /// Files that are no JPEGs by their names.
    pub(super) passed_over: Vec<PathBuf>,
}

impl Folder {
    /// Everything below `from`, in order; outputs keep their places below `into`.
    pub(super) fn read(from: &Path, into: &Path, extension: &str) -> Result<Self, Failure> {
        let mut folder = Self::default();
        let mut outputs: HashMap<PathBuf, PathBuf> = HashMap::new();
        let top = std::fs::read_dir(from).map_err(|error| {
            let message = format!("{} cannot be read: {error}", from.display());
            Failure::Usage(Told::words(message, Some("give a folder that you may read")))
        })?;
        for name in folder.files(from, Path::new(""), top) {
            if !is_jpeg(&name) {
                folder.passed_over.push(name);
                continue;
            }
            let output = into.join(&name).with_extension(extension);
            if let Some(first) = outputs.insert(output.clone(), name.clone()) {
                let reason = format!(
                    "{} goes to the same {}; rename one of them",
                    first.display(),
                    output.file_name().unwrap_or_default().display()
                );
                folder.refused.push(Refused { name, reason });
                continue;
            }
            folder.pictures.push(Picture { file: from.join(&name), name, output });
        }
        Ok(folder)
    }

    /// All files below, each folder's in the order of their names.
    fn files(&mut self, from: &Path, below: &Path, listing: std::fs::ReadDir) -> Vec<PathBuf> {
        let mut entries: Vec<_> = listing.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        let mut files = Vec::new();
        for entry in entries {
            let name = below.join(entry.file_name());
            // A link to a folder is not followed: it may lead back here.
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                files.push(name);
                continue;
            }
            match std::fs::read_dir(from.join(&name)) {
                Ok(listing) => files.extend(self.files(from, &name, listing)),
                Err(error) => {
                    self.refused.push(Refused { name, reason: format!("cannot be read: {error}") });
                }
            }
        }
        files
    }
}

fn is_jpeg(name: &Path) -> bool {
    let ending = name.extension().unwrap_or_default();
    ["jpg", "jpeg"].iter().any(|jpeg| ending.eq_ignore_ascii_case(jpeg))
}

/// Makes the folder of outputs; refuses one that would be read as input the next time.
pub(super) fn prepare(from: &Path, into: &Path) -> Result<(), Failure> {
    let refuse =
        |message: String, hint: &str| Err(Failure::Usage(Told::words(message, Some(hint))));
    if !from.is_dir() {
        let what = if from.exists() { "is a file" } else { "is not there" };
        let message = format!("{} {what}", from.display());
        return refuse(message, "IN is the folder that the pictures lie in");
    }
    if into.exists() && !into.is_dir() {
        let message = format!("{} is a file", into.display());
        return refuse(message, "OUT is the folder that the outputs go to; it is made if need be");
    }
    let whole = |path: &Path| resolved(path).map_err(|error| unusable(path, &error));
    if whole(into)?.starts_with(whole(from)?) {
        let message = format!("{} lies in {}", into.display(), from.display());
        return refuse(
            message,
            "choose an OUT outside of IN, so that no output is taken for a picture",
        );
    }
    std::fs::create_dir_all(into).map_err(|error| {
        let message = format!("{} cannot be made: {error}", into.display());
        Failure::Usage(Told::words(message, Some("choose an OUT that you may write to")))
    })
}

/// The path without links, also of what is not there yet.
fn resolved(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let there = path.ancestors().find(|path| path.exists()).unwrap_or(&path);
    let rest = path.strip_prefix(there).unwrap_or(Path::new(""));
    Ok(std::fs::canonicalize(there)?.join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_pictures_in_order_and_names_what_it_passes_over() {
        let from = tempfile::tempdir().unwrap();
        std::fs::create_dir(from.path().join("holiday")).unwrap();
        for name in ["b.JPEG", "a.jpg", "b.jpg", "notes.txt", "holiday/c.jpg"] {
            std::fs::write(from.path().join(name), "").unwrap();
        }
        let folder = Folder::read(from.path(), Path::new("out"), "png").unwrap();
        let outputs: Vec<_> = folder.pictures.iter().map(|picture| &picture.output).collect();
        assert_eq!(outputs, ["out/a.png", "out/b.png", "out/holiday/c.png"].map(Path::new));
        assert_eq!(folder.passed_over, [Path::new("notes.txt")]);
        assert_eq!(folder.refused[0].reason, "b.JPEG goes to the same b.png; rename one of them");
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_known_to_lie_in_another() {
        let from = tempfile::tempdir().unwrap();
        assert!(prepare(from.path(), &from.path().join("not/yet")).is_err());
        assert!(prepare(from.path(), from.path()).is_err());
        let beside = from.path().with_extension("out");
        prepare(from.path(), &beside).unwrap();
        std::fs::remove_dir(beside).unwrap();
    }
}
