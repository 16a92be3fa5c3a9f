//! Layers, one over the other, into one folder.

use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use tar::{Archive, Entry, EntryType};

use super::ImageError;
use super::manifest::{Layer, Manifest};
use super::rooted::{Missing, names, remove, resolve};
use super::store::Store;
use crate::archive::permissions;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTANDARD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const BUFFER: usize = 256 << 10;
const ENTRIES: usize = 1_000_000;

/// Of a name that says that what is behind it is gone.
const WHITEOUT: &[u8] = b".wh.";
/// In a folder: nothing of the layers below is in it.
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Unpacks all layers into a new folder, at most `limit` bytes of them.
pub(super) fn unpack(
    store: &Store,
    manifest: &Manifest,
    root: &Path,
    limit: u64,
) -> Result<(), ImageError> {
    fs::create_dir(root).map_err(|source| ImageError::Read { path: root.to_owned(), source })?;
    let mut left = Left { bytes: limit, entries: ENTRIES };
    for layer in &manifest.layers {
        let failed = |error: io::Error| store.wrong(format!("layer {}: {error}", layer.file));
        // What a layer takes away is of those below it, wherever in the layer it says so.
        take_away(store, layer, root)?;
        let mut stream = Hashed::new(open(store, layer)?);
        let mut archive = Archive::new(&mut stream);
        for entry in archive.entries().map_err(failed)? {
            place(entry.map_err(failed)?, root, &mut left).map_err(failed)?;
        }
        if stream.sum().map_err(failed)? != layer.sha256 {
            return Err(store.wrong(format!("layer {} is not what its digest says", layer.file)));
        }
    }
    Ok(())
}

/// What may still come.
struct Left {
    bytes: u64,
    entries: usize,
}

fn open(store: &Store, layer: &Layer) -> Result<Box<dyn Read>, ImageError> {
    let failed = |source| ImageError::Read { path: store.path.join(&layer.file), source };
    let mut first = Vec::new();
    store.file(&layer.file)?.take(4).read_to_end(&mut first).map_err(failed)?;
    let file = BufReader::with_capacity(BUFFER, store.file(&layer.file)?);
    if first.starts_with(&GZIP) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(file))));
    }
    if first.starts_with(&ZSTANDARD) {
        return Err(store.wrong(format!(
            "layer {} is compressed with Zstandard, which cannot be read here: save the image with gzip",
            layer.file
        )));
    }
    Ok(Box::new(file))
}

fn take_away(store: &Store, layer: &Layer, root: &Path) -> Result<(), ImageError> {
    let failed = |error: io::Error| store.wrong(format!("layer {}: {error}", layer.file));
    let mut archive = Archive::new(open(store, layer)?);
    for entry in archive.entries().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let mut names = names_of(&entry).map_err(failed)?;
        let Some(last) = names.pop().filter(|last| last.as_bytes().starts_with(WHITEOUT)) else {
            continue;
        };
        let all = last.as_bytes() == OPAQUE;
        names.push(if all { "x".into() } else { OsString::from(gone(&last)) });
        // Nothing is there where not even its folder is.
        let Ok(path) = resolve(root, &names, Missing::Refuse) else { continue };
        if !all {
            remove(&path).map_err(failed)?;
            continue;
        }
        let within = path.parent().and_then(|folder| fs::read_dir(folder).ok());
        for child in within.into_iter().flatten() {
            remove(&child.map_err(failed)?.path()).map_err(failed)?;
        }
    }
    Ok(())
}

fn gone(whiteout: &OsStr) -> &OsStr {
    OsStr::from_bytes(&whiteout.as_bytes()[WHITEOUT.len()..])
}

/// Puts one entry into its place. Owners and special bits are left out: a guest has one user.
fn place<R: Read>(mut entry: Entry<'_, R>, root: &Path, left: &mut Left) -> io::Result<()> {
    left.entries = left
        .entries
        .checked_sub(1)
        .ok_or_else(|| io::Error::other(format!("the image has more than {ENTRIES} entries")))?;
    let names = names_of(&entry)?;
    if names.last().is_none_or(|last| last.as_bytes().starts_with(WHITEOUT)) {
        return Ok(());
    }
    let mode = permissions(Some(entry.header().mode()?));
    match entry.header().entry_type() {
        EntryType::Directory => {
            let path = resolve(root, &names, Missing::Make)?;
            if !fs::symlink_metadata(&path).is_ok_and(|there| there.is_dir()) {
                remove(&path)?;
                fs::create_dir(&path)?;
            }
            Ok(())
        }
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            let path = resolve(root, &names, Missing::Make)?;
            remove(&path)?;
            write(&mut entry, &path, mode, left)
        }
        EntryType::Symlink => {
            let path = resolve(root, &names, Missing::Make)?;
            remove(&path)?;
            symlink(target(&entry)?, path)
        }
        EntryType::Link => {
            let to = self::names(&target(&entry)?).ok_or_else(|| outside(&entry))?;
            let to = resolve(root, &to, Missing::Refuse)?;
            let path = resolve(root, &names, Missing::Make)?;
            if path == to {
                return Ok(());
            }
            remove(&path)?;
            fs::hard_link(to, path)
        }
        // A guest has devices of its own, and pipes and sockets of an image lead nowhere.
        _ => Ok(()),
    }
}

fn write<R: Read>(
    entry: &mut Entry<'_, R>,
    path: &Path,
    mode: u32,
    left: &mut Left,
) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    let written = io::copy(&mut entry.take(left.bytes + 1), &mut file)?;
    left.bytes = left
        .bytes
        .checked_sub(written)
        .ok_or_else(|| io::Error::other("the image is larger than the 10 GB that Lambda allows"))?;
    // The process's umask had its say at creation.
    file.set_permissions(fs::Permissions::from_mode(mode))
}

fn names_of<R: Read>(entry: &Entry<'_, R>) -> io::Result<Vec<OsString>> {
    names(&entry.path()?).ok_or_else(|| outside(entry))
}

fn target<R: Read>(entry: &Entry<'_, R>) -> io::Result<std::path::PathBuf> {
    let target = entry.link_name()?;
    target
        .map(|target| target.into_owned())
        .ok_or_else(|| io::Error::other("a link without target"))
}

fn outside<R: Read>(entry: &Entry<'_, R>) -> io::Error {
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    io::Error::other(format!("entry {name:?} leads out of the image"))
}

/// Sums up what is read through it.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Hashed<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    /// The sum over all there is, in hexadecimal.
    fn sum(mut self) -> io::Result<String> {
        // An archive's reader stops at its end mark, and padding may follow.
        io::copy(&mut self, &mut io::sink())?;
        Ok(hex::encode(self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        Ok(count)
    }
}
