//! The files of an image: in a folder, or in an archive that is read where it lies.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::ImageError;

/// A manifest, index or configuration is not longer.
const TEXT_LIMIT: u64 = 8 << 20;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Where an image's files are.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) path: PathBuf,
    /// Where each file of an archive begins and how long it is; none of a folder.
    members: Option<BTreeMap<String, (u64, u64)>>,
}

impl Store {
    pub(super) fn open(path: &Path) -> Result<Self, ImageError> {
        let reading = |source| ImageError::Read { path: path.to_owned(), source };
        if path.metadata().map_err(reading)?.is_dir() {
            return Ok(Self { path: path.to_owned(), members: None });
        }
        let mut file = File::open(path).map_err(reading)?;
        let mut first = [0; 2];
        if file.read_exact(&mut first).is_ok() && first == GZIP {
            let problem = "is compressed: unpack it with gunzip first".to_owned();
            return Err(ImageError::Wrong { path: path.to_owned(), problem });
        }
        file.rewind().map_err(reading)?;
        let members = index(file).map_err(reading)?;
        Ok(Self { path: path.to_owned(), members: Some(members) })
    }

    /// Whether there is a file of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        match &self.members {
            Some(members) => members.contains_key(name),
            None => self.path.join(name).is_file(),
        }
    }

    pub(super) fn file(&self, name: &str) -> Result<Box<dyn Read>, ImageError> {
        let missing = || self.wrong(format!("it has no file {name:?}"));
        let reading = |source| ImageError::Read { path: self.path.join(name), source };
        // Names come out of the image itself.
        if name.starts_with('/') || name.split('/').any(|part| part == "..") {
            return Err(missing());
        }
        match &self.members {
            None => Ok(Box::new(File::open(self.path.join(name)).map_err(reading)?)),
            Some(members) => {
                let (at, length) = members.get(name).ok_or_else(missing)?;
                let mut file = File::open(&self.path).map_err(reading)?;
                file.seek(SeekFrom::Start(*at)).map_err(reading)?;
                Ok(Box::new(file.take(*length)))
            }
        }
    }

    /// A short file, whole.
    pub(super) fn text(&self, name: &str) -> Result<Vec<u8>, ImageError> {
        let mut text = Vec::new();
        self.file(name)?
            .take(TEXT_LIMIT)
            .read_to_end(&mut text)
            .map_err(|source| ImageError::Read { path: self.path.join(name), source })?;
        Ok(text)
    }

    pub(super) fn wrong(&self, problem: impl Into<String>) -> ImageError {
        ImageError::Wrong { path: self.path.clone(), problem: problem.into() }
    }
}

fn index(file: File) -> io::Result<BTreeMap<String, (u64, u64)>> {
    let (mut members, mut links) = (BTreeMap::new(), Vec::new());
    let mut archive = tar::Archive::new(file);
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        let name = entry.path()?.to_string_lossy().trim_start_matches("./").to_owned();
        let kind = entry.header().entry_type();
        if kind.is_file() {
            members.insert(name, (entry.raw_file_position(), entry.size()));
        } else if let (true, Some(target)) = (kind.is_symlink(), entry.link_name()?) {
            // Older archives say a layer that stands twice by a link.
            links.push((name, target.to_string_lossy().trim_start_matches("../").to_owned()));
        }
    }
    for (name, target) in links {
        if let Some(there) = members.get(&target).copied() {
            members.insert(name, there);
        }
    }
    Ok(members)
}
