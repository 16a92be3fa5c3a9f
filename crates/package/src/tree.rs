//! Files on their way into a layer of an image: sorted, and with nothing of this machine.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use photofinish_study::Digest;
use tar::{Builder, EntryType, Header};
use zip::ZipArchive;

use crate::error::Error;
use crate::package::Package;

/// Files, links and folders by their paths in the image, which begin with no slash.
pub(crate) struct Tree {
    nodes: BTreeMap<String, Node>,
}

enum Node {
    Folder { shared: bool },
    File { content: Vec<u8>, executable: bool },
    Link { target: PathBuf },
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self { nodes: BTreeMap::new() }
    }

    /// Bytes of all files in it.
    pub(crate) fn size(&self) -> u64 {
        let sizes = self.nodes.values().map(|node| match node {
            Node::File { content, .. } => content.len() as u64,
            Node::Folder { .. } | Node::Link { .. } => 0,
        });
        sizes.sum()
    }

    /// Adds what is in a folder at `at`; of the folders in `hollow` nothing but themselves.
    pub(crate) fn add_folder(
        &mut self,
        folder: &Path,
        at: &str,
        hollow: &[&str],
    ) -> Result<(), Error> {
        if !at.is_empty() {
            self.nodes.insert(at.to_owned(), Node::Folder { shared: at == "tmp" });
        }
        if hollow.contains(&at) {
            return Ok(());
        }
        let listing = fs::read_dir(folder).map_err(Error::file("list", folder))?;
        for entry in listing {
            let path = entry.map_err(Error::file("list", folder))?.path();
            let unfit = |why| Error::Unfit { path: path.clone(), why };
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.ok_or_else(|| unfit("its name is not UTF-8"))?;
            let inside = if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
            let about = fs::symlink_metadata(&path).map_err(Error::file("look at", &path))?;
            if about.is_dir() {
                self.add_folder(&path, &inside, hollow)?;
            } else if about.is_symlink() {
                let target = fs::read_link(&path).map_err(Error::file("follow", &path))?;
                self.nodes.insert(inside, Node::Link { target });
            } else if about.is_file() {
                let content = fs::read(&path).map_err(Error::file("read", &path))?;
                let executable = about.permissions().mode() & 0o100 != 0;
                self.nodes.insert(inside, Node::File { content, executable });
            } else {
                return Err(unfit("it is neither a file nor a folder nor a link"));
            }
        }
        Ok(())
    }

    /// Adds what is in a zip at `at`, with the folders above it.
    pub(crate) fn add_package(&mut self, package: &Package, at: &str) -> Result<(), Error> {
        let failed = |file: &str| {
            let file = file.to_owned();
            move |source| Error::Zip { file, source }
        };
        let opened = ZipArchive::new(Cursor::new(package.bytes.as_slice()));
        let mut archive = opened.map_err(failed("the directory"))?;
        for file in &package.manifest.files {
            let mut member = archive.by_name(&file.path).map_err(failed(&file.path))?;
            let executable = member.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
            let mut content = Vec::new();
            member.read_to_end(&mut content).map_err(Error::file("unpack", &file.path))?;
            let inside = format!("{at}/{}", file.path);
            self.add_folders_above(&inside);
            self.nodes.insert(inside, Node::File { content, executable });
        }
        Ok(())
    }

    pub(crate) fn add_folders_above(&mut self, path: &str) {
        for (end, _) in path.match_indices('/') {
            self.nodes.insert(path[..end].to_owned(), Node::Folder { shared: false });
        }
    }

    /// The compressed archive, and the hash of it when it is not compressed.
    pub(crate) fn finish(self) -> Result<(Vec<u8>, Digest), Error> {
        let plain = self.archive().map_err(Error::file("archive", "a layer"))?;
        let digest = Digest::of(&plain);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&plain).map_err(Error::file("compress", "a layer"))?;
        let compressed = encoder.finish().map_err(Error::file("compress", "a layer"))?;
        Ok((compressed, digest))
    }

    fn archive(self) -> std::io::Result<Vec<u8>> {
        let mut archive = Builder::new(Vec::new());
        for (path, node) in self.nodes {
            let mut header = Header::new_gnu();
            header.set_mtime(0);
            header.set_uid(0);
            header.set_gid(0);
            header.set_size(0);
            match node {
                Node::Folder { shared } => {
                    header.set_entry_type(EntryType::Directory);
                    header.set_mode(if shared { 0o1777 } else { 0o755 });
                    archive.append_data(&mut header, format!("{path}/"), std::io::empty())?;
                }
                Node::File { content, executable } => {
                    header.set_size(content.len() as u64);
                    header.set_mode(if executable { 0o755 } else { 0o644 });
                    archive.append_data(&mut header, &path, content.as_slice())?;
                }
                Node::Link { target } => {
                    header.set_entry_type(EntryType::Symlink);
                    header.set_mode(0o777);
                    archive.append_link(&mut header, &path, &target)?;
                }
            }
        }
        archive.into_inner()
    }
}
