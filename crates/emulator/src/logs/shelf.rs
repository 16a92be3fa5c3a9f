//! Groups and streams as they lie on the disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::places;
use super::times::{Event, events, span};

/// A group's folder.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) created: u64,
    folder: PathBuf,
}

/// A stream's file.
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) created: u64,
    pub(crate) bytes: u64,
    file: PathBuf,
}

/// All groups, by name.
pub(crate) fn groups(data: &Path) -> Vec<Group> {
    let mut found: Vec<Group> = entries(&places::groups(data)).filter_map(as_group).collect();
    found.sort_by(|one, two| one.name.cmp(&two.name));
    found
}

/// The group of that name.
pub(crate) fn group(data: &Path, name: &str) -> Option<Group> {
    groups(data).into_iter().find(|group| group.name == name)
}

impl Group {
    /// Its streams, by name.
    pub(crate) fn streams(&self) -> Vec<Stream> {
        let mut found: Vec<Stream> = entries(&self.folder).filter_map(as_stream).collect();
        found.sort_by(|one, two| one.name.cmp(&two.name));
        found
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.streams().iter().map(|stream| stream.bytes).sum()
    }

    /// Removes it with all its streams. Sandboxes that still run write on into nothing.
    pub(crate) fn delete(&self) -> std::io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }
}

impl Stream {
    /// When it was first and last written to, if it was.
    pub(crate) fn span(&self) -> Option<(u64, u64)> {
        span(&self.file)
    }

    /// Its events; none where it was removed meanwhile.
    pub(crate) fn events(&self) -> Vec<Event> {
        events(&self.file).unwrap_or_default()
    }
}

fn as_group(entry: fs::DirEntry) -> Option<Group> {
    let metadata = entry.metadata().ok().filter(fs::Metadata::is_dir)?;
    let name = places::group_name(entry.file_name().to_str()?);
    Some(Group { name, created: created(&metadata), folder: entry.path() })
}

fn as_stream(entry: fs::DirEntry) -> Option<Stream> {
    let metadata = entry.metadata().ok()?;
    let name = places::stream_name(entry.file_name().to_str()?)?;
    Some(Stream { name, created: created(&metadata), bytes: metadata.len(), file: entry.path() })
}

/// Some file systems do not know when a file was made: then when it was last written.
fn created(metadata: &fs::Metadata) -> u64 {
    let time = metadata.created().or_else(|_| metadata.modified()).unwrap_or(UNIX_EPOCH);
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(0)
}

fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}
