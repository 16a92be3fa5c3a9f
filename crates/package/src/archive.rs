//! Folders into zips: the same files give the same bytes, on whatever day and by whomever.

use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use photofinish_study::Digest;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::Error;
use crate::package::{FileRecord, Package};

/// Packs a function's folder. Hidden files and `__pycache__`, which tools leave behind, stay out.
pub fn zip_directory(folder: &Path) -> Result<Package, Error> {
    zip_tree(folder, is_written_by_hand)
}

fn is_written_by_hand(name: &str) -> bool {
    !name.starts_with('.') && name != "__pycache__"
}

/// Packs a function's folder, below a folder of the package, with files that are written beside it:
/// those of `written` take the place of the folder's own, those of `stand_ins` do not.
pub fn zip_adapted(
    folder: &Path,
    below: &str,
    written: &[(&str, &[u8])],
    stand_ins: &[(&str, &[u8])],
) -> Result<Package, Error> {
    let whole = fs::canonicalize(folder).map_err(Error::file("open the folder", folder))?;
    let mut members = Vec::new();
    collect(&whole, &whole, is_written_by_hand, &mut members)?;
    if members.is_empty() {
        return Err(Error::Empty(folder.to_owned()));
    }
    if !below.is_empty() {
        members.iter_mut().for_each(|member| member.name = format!("{below}/{}", member.name));
    }
    members.retain(|member| written.iter().all(|(name, _)| *name != member.name));
    let lacking = |name: &str| members.iter().all(|member| member.name != name);
    let stand_ins: Vec<_> = stand_ins.iter().filter(|(name, _)| lacking(name)).collect();
    for (name, bytes) in written.iter().chain(stand_ins) {
        let content = Content::Written(bytes.to_vec());
        members.push(Member { name: (*name).to_owned(), content, executable: false });
    }
    members.sort_by(|one, other| one.name.cmp(&other.name));
    pack(&members)
}

/// Packs the files below a folder whose names, and whose folders' names, are wanted.
pub(crate) fn zip_tree(folder: &Path, wanted: fn(&str) -> bool) -> Result<Package, Error> {
    let whole = fs::canonicalize(folder).map_err(Error::file("open the folder", folder))?;
    let mut members = Vec::new();
    collect(&whole, &whole, wanted, &mut members)?;
    if members.is_empty() {
        return Err(Error::Empty(folder.to_owned()));
    }
    members.sort_by(|one, other| one.name.cmp(&other.name));
    pack(&members)
}

struct Member {
    name: String,
    content: Content,
    executable: bool,
}

/// Where a member's bytes are.
enum Content {
    File(PathBuf),
    Written(Vec<u8>),
}

impl Content {
    fn read(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::File(path) => fs::read(path).map_err(Error::file("read", path)),
            Self::Written(bytes) => Ok(bytes.clone()),
        }
    }
}

fn collect(
    whole: &Path,
    folder: &Path,
    wanted: fn(&str) -> bool,
    members: &mut Vec<Member>,
) -> Result<(), Error> {
    let listing = fs::read_dir(folder).map_err(Error::file("list", folder))?;
    for entry in listing {
        let path = entry.map_err(Error::file("list", folder))?.path();
        let unfit = |why| Error::Unfit { path: path.clone(), why };
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| unfit("its name is not UTF-8"))?;
        if !wanted(name) {
            continue;
        }
        let kind = fs::symlink_metadata(&path).map_err(Error::file("look at", &path))?;
        if kind.is_dir() {
            collect(whole, &path, wanted, members)?;
            continue;
        }
        let file = fs::canonicalize(&path).map_err(Error::file("follow", &path))?;
        if !file.starts_with(whole) {
            return Err(unfit("it is a link that leads out of the folder"));
        }
        let about = fs::metadata(&file).map_err(Error::file("look at", &path))?;
        if !about.is_file() {
            return Err(unfit("it is neither a file nor a folder, nor a link to a file"));
        }
        let executable = about.permissions().mode() & 0o100 != 0;
        let name = name_inside(whole, &path);
        members.push(Member { name, content: Content::File(path), executable });
    }
    Ok(())
}

fn name_inside(whole: &Path, path: &Path) -> String {
    let inner = path.strip_prefix(whole).expect("the path was found below the folder");
    let parts = inner.components().map(|part| match part {
        Component::Normal(name) => name.to_str().expect("each name was checked on the way down"),
        _ => unreachable!("a path found by listing folders has names only"),
    });
    parts.collect::<Vec<_>>().join("/")
}

fn pack(members: &[Member]) -> Result<Package, Error> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut files = Vec::new();
    for member in members {
        let content = member.content.read()?;
        let failed = |source| Error::Zip { file: member.name.clone(), source };
        // The zip's own zero, 1980-01-01, and one of two modes: nothing of this machine.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(if member.executable { 0o755 } else { 0o644 });
        writer.start_file(&member.name, options).map_err(failed)?;
        writer.write_all(&content).map_err(Error::file("pack", &member.name))?;
        files.push(FileRecord {
            path: member.name.clone(),
            size: content.len() as u64,
            sha256: Digest::of(&content),
        });
    }
    let finished = writer.finish();
    let bytes =
        finished.map_err(|source| Error::Zip { file: "the directory".to_owned(), source })?;
    Ok(Package::new(bytes.into_inner(), files))
}
