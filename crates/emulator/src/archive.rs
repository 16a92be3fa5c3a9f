//! Zip archives from strangers, unpacked so that nothing leaves the folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Cursor, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

/// What Lambda allows for code and layers together, unpacked.
pub(crate) const UNZIPPED_LIMIT: u64 = 262_144_000;
const ENTRY_LIMIT: usize = 100_000;
const LINK_LIMIT: u64 = 4096;

/// Why an archive is not unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    #[error("not a zip archive that can be read: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("entry {0:?} would be outside the folder it is unpacked in")]
    Outside(String),
    #[error("entry {0:?} is a link to {1:?}, which is absolute or outside the archive")]
    LinkOutside(String, String),
    #[error("it has more than {ENTRY_LIMIT} entries")]
    TooManyEntries,
    #[error("it is larger than {0} bytes when unpacked")]
    TooLarge(u64),
    #[error("entry {name:?}: {source}")]
    Entry { name: String, source: io::Error },
}

/// What is known of an archive before it is unpacked.
#[derive(Debug)]
pub(crate) struct Summary {
    /// The unpacked size that its directory states; unpacking counts for itself.
    pub(crate) stated_size: u64,
}

/// Checks names, links and stated sizes without writing anything.
pub(crate) fn inspect(bytes: &[u8]) -> Result<Summary, ArchiveError> {
    let mut archive = open(bytes)?;
    let mut stated_size = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index)?;
        place(&entry.name()?)?;
        stated_size = stated_size.saturating_add(entry.size());
    }
    Ok(Summary { stated_size })
}

/// Unpacks everything into a new folder `into`, at most `limit` bytes of it.
/// Returns the number of bytes written.
pub(crate) fn unpack(bytes: &[u8], into: &Path, limit: u64) -> Result<u64, ArchiveError> {
    let mut archive = open(bytes)?;
    make_folder(into, "")?;
    let mut left = limit;
    // Links are made last: no file can be written through one.
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let relative = place(&name)?;
        if entry.is_symlink() {
            links.push((
                name.clone(),
                relative.clone(),
                link_target(&name, &relative, &mut entry)?,
            ));
            continue;
        }
        let path = into.join(&relative);
        if entry.is_dir() {
            make_folder(&path, &name)?;
            continue;
        }
        if let Some(parent) = path.parent() {
            make_folder(parent, &name)?;
        }
        let mode = permissions(entry.unix_mode());
        left -=
            write_file(&path, mode, &mut entry, left, limit).map_err(|error| error.of(&name))?;
    }
    for (name, relative, target) in links {
        let path = into.join(relative);
        if let Some(parent) = path.parent() {
            make_folder(parent, &name)?;
        }
        symlink(target, path).map_err(|source| ArchiveError::Entry { name, source })?;
    }
    Ok(limit - left)
}

fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, ArchiveError> {
    let archive = ZipArchive::new(Cursor::new(bytes))?;
    if archive.len() > ENTRY_LIMIT {
        return Err(ArchiveError::TooManyEntries);
    }
    Ok(archive)
}

/// The relative path of an entry, if it is one.
fn place(name: &str) -> Result<PathBuf, ArchiveError> {
    let outside = || ArchiveError::Outside(name.to_owned());
    if name.contains('\0') || name.contains('\\') {
        return Err(outside());
    }
    let mut relative = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => relative.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(outside());
            }
        }
    }
    Ok(relative)
}

/// Where a link leads, if that is inside. It is judged by its text: we never
/// follow links ourselves, and a guest follows them in a root of its own.
fn link_target(name: &str, relative: &Path, entry: &mut impl Read) -> Result<String, ArchiveError> {
    let mut target = String::new();
    entry
        .take(LINK_LIMIT)
        .read_to_string(&mut target)
        .map_err(|source| ArchiveError::Entry { name: name.to_owned(), source })?;
    let mut depth = relative.components().count().saturating_sub(1);
    let refuse = || ArchiveError::LinkOutside(name.to_owned(), target.clone());
    for component in Path::new(&target).components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => depth = depth.checked_sub(1).ok_or_else(refuse)?,
            Component::RootDir | Component::Prefix(_) => return Err(refuse()),
        }
    }
    Ok(target)
}

/// Everyone may read, and run what someone may run; nobody gets more than that.
pub(crate) fn permissions(stated: Option<u32>) -> u32 {
    if stated.unwrap_or(0o644) & 0o111 == 0 { 0o644 } else { 0o755 }
}

fn make_folder(path: &Path, name: &str) -> Result<(), ArchiveError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path)
        .map_err(|source| ArchiveError::Entry { name: name.to_owned(), source })
}

enum WriteError {
    TooLarge(u64),
    Io(io::Error),
}

impl WriteError {
    fn of(self, name: &str) -> ArchiveError {
        match self {
            Self::TooLarge(limit) => ArchiveError::TooLarge(limit),
            Self::Io(source) => ArchiveError::Entry { name: name.to_owned(), source },
        }
    }
}

fn write_file(
    path: &Path,
    mode: u32,
    from: &mut impl Read,
    left: u64,
    limit: u64,
) -> Result<u64, WriteError> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)
        .map_err(WriteError::Io)?;
    let written = io::copy(&mut from.take(left + 1), &mut file).map_err(WriteError::Io)?;
    if written > left {
        return Err(WriteError::TooLarge(limit));
    }
    // The process's umask had its say at creation.
    file.set_permissions(fs::Permissions::from_mode(mode)).map_err(WriteError::Io)?;
    Ok(written)
}

/// Writes a whole file so that readers see the old one or the new one.
pub(crate) fn replace_file(path: &Path, contents: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(contents)?;
    file.persist(path)?;
    Ok(())
}

/// Puts `from` into `into` by hard links, layer upon layer: what is there already is replaced.
pub(crate) fn overlay(from: &Path, into: &Path) -> io::Result<()> {
    fs::create_dir_all(into)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = into.join(entry.file_name());
        let there = fs::symlink_metadata(&target).ok();
        if entry.file_type()?.is_dir() {
            if there.is_some_and(|there| !there.is_dir()) {
                fs::remove_file(&target)?;
            }
            overlay(&entry.path(), &target)?;
            continue;
        }
        match there {
            Some(there) if there.is_dir() => fs::remove_dir_all(&target)?,
            Some(_) => fs::remove_file(&target)?,
            None => {}
        }
        link(&entry.path(), &target)?;
    }
    Ok(())
}

fn link(from: &Path, to: &Path) -> io::Result<()> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    // Some file systems have no hard links, or few: a copy does as well.
    if fs::symlink_metadata(from)?.is_symlink() {
        return symlink(fs::read_link(from)?, to);
    }
    let mut source = File::open(from)?;
    let mut target = File::create(to)?;
    io::copy(&mut source, &mut target)?;
    target.set_permissions(source.metadata()?.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn archive(build: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        build(&mut writer);
        writer.finish().expect("a finished archive").into_inner()
    }

    fn with_file(name: &str, contents: &[u8]) -> Vec<u8> {
        archive(|zip| {
            zip.start_file(name, SimpleFileOptions::default()).expect("a new entry");
            zip.write_all(contents).expect("its contents");
        })
    }

    #[test]
    fn files_come_out_with_their_contents_and_readable_by_all() {
        let bytes = archive(|zip| {
            zip.start_file("a/run", SimpleFileOptions::default().unix_permissions(0o4700))
                .expect("an entry");
            zip.write_all(b"#!").expect("its contents");
        });
        let folder = tempfile::tempdir().expect("a folder");
        let into = folder.path().join("out");
        assert_eq!(unpack(&bytes, &into, 100).expect("unpacked"), 2);
        let metadata = fs::metadata(into.join("a/run")).expect("the file");
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o755);
    }

    #[test]
    fn no_name_leads_outside() {
        for name in ["../x", "/etc/x", "a/../../x", "a\\..\\x"] {
            let bytes = with_file(name, b"x");
            assert!(matches!(inspect(&bytes), Err(ArchiveError::Outside(_))), "{name}");
            let folder = tempfile::tempdir().expect("a folder");
            assert!(unpack(&bytes, &folder.path().join("out"), 100).is_err(), "{name}");
        }
    }

    #[test]
    fn no_link_leads_outside() {
        for (target, inside) in
            [("b", true), ("../b", true), ("../../b", false), ("/etc/passwd", false)]
        {
            let bytes = archive(|zip| {
                zip.add_symlink("d/link", target, SimpleFileOptions::default()).expect("a link");
            });
            let folder = tempfile::tempdir().expect("a folder");
            assert_eq!(unpack(&bytes, &folder.path().join("out"), 100).is_ok(), inside, "{target}");
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bytes = with_file("zeros", &vec![0; 1_000_000]);
        assert!(bytes.len() < 10_000);
        let folder = tempfile::tempdir().expect("a folder");
        let error = unpack(&bytes, &folder.path().join("out"), 5000).expect_err("too large");
        assert!(matches!(error, ArchiveError::TooLarge(5000)), "{error}");
        assert!(fs::metadata(folder.path().join("out/zeros")).expect("a part").len() <= 5001);
    }

    #[test]
    fn a_later_layer_replaces_what_an_earlier_one_had() {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, two, into) =
            (folder.path().join("1"), folder.path().join("2"), folder.path().join("opt"));
        unpack(&with_file("python/a.py", b"one"), &one, 100).expect("layer one");
        unpack(&with_file("python/a.py", b"two"), &two, 100).expect("layer two");
        overlay(&one, &into).expect("one");
        overlay(&two, &into).expect("two");
        assert_eq!(fs::read(into.join("python/a.py")).expect("merged"), b"two");
        assert_eq!(fs::read(one.join("python/a.py")).expect("untouched"), b"one");
    }
}
