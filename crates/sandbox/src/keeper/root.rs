//! The guest's file system: a small read-only tmpfs that carries the root's entries,
//! the binds, and a `/proc`, `/dev` and `/tmp` of the guest's own.
//!
//! All mounts are made through descriptors, so no path is resolved twice and a
//! symbolic link in the root cannot lead a mount elsewhere.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2, readlinkat,
    statat, symlinkat,
};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags, UnmountFlags, fsconfig_create, fsconfig_set_string, fsmount, fsopen,
    mount_change, move_mount, open_tree, unmount,
};
use rustix::process::{fchdir, pivot_root};

use super::kernel::{self, Below};
use crate::spec::GuestSpec;
use crate::wire::{At, Fault};

/// Where the new root is mounted until it becomes the root; private to the guest's
/// mount namespace and gone with the old root.
const SCAFFOLD: &str = "/tmp";
/// Entries of the root that the guest does not get.
const LEFT_OUT: [&str; 4] = ["proc", "sys", "dev", "tmp"];
const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];
/// Files of `/proc` that tell about the host's kernel or drive it.
const MASKED: [&str; 7] = [
    "proc/kcore",
    "proc/keys",
    "proc/key-users",
    "proc/kallsyms",
    "proc/modules",
    "proc/sysrq-trigger",
    "proc/timer_list",
];

/// A mount that is ready but attached nowhere yet.
struct Detached {
    mount: OwnedFd,
    guest: PathBuf,
    kind: FileType,
}

/// Builds the guest's root and moves this process into it.
pub(super) fn enter(spec: &GuestSpec) -> Result<(), Fault> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .at("make mounts private below", "/")?;
    // Everything from the host is opened before the scaffold covers any of it.
    let host = open_directory(CWD, &spec.root)?;
    let binds = detach_binds(spec)?;
    let null = detach_device("null")?;
    let devices = DEVICES
        .iter()
        .filter_map(|name| detach_device(name).ok().map(|mount| (*name, mount)))
        .collect::<Vec<_>>();

    let root = tmpfs("256k", "0755", "4096")?;
    attach(&root, CWD, Path::new(SCAFFOLD))?;
    let layout = Layout::new(&host, &binds);
    layout.lay(&host, &root, Path::new(""))?;
    make_proc(&root, &null)?;
    make_dev(&root, &devices)?;
    make_tmp(&root, spec.tmp_bytes)?;
    // Last, or `/tmp` would hide what is bound below it.
    attach_all(&root, &binds)?;
    kernel::restrict_mount(&root, MountAttrFlags::MOUNT_ATTR_RDONLY.bits().into(), Below::Not)
        .at("make read-only", "/")?;

    fchdir(&root).at("enter", "the new root")?;
    pivot_root(".", ".").at("pivot into", "the new root")?;
    unmount(".", UnmountFlags::DETACH).at("detach", "the old root")?;
    rustix::process::chdir("/").at("enter", "/")
}

fn detach_binds(spec: &GuestSpec) -> Result<Vec<Detached>, Fault> {
    let mut binds = Vec::with_capacity(spec.binds.len() + 1);
    for bind in &spec.all_binds() {
        let place = bind.host.to_string_lossy();
        let kind = statat(CWD, &bind.host, AtFlags::empty()).at("bind", &place)?;
        let mount = detach(CWD, &bind.host, AtFlags::empty())?;
        binds.push(Detached {
            mount,
            guest: inner_path(&bind.guest)?,
            kind: FileType::from_raw_mode(kind.st_mode),
        });
    }
    binds.sort_by(|a, b| a.guest.cmp(&b.guest));
    Ok(binds)
}

/// A guest path relative to the root; anything but plain names is refused.
fn inner_path(guest: &Path) -> Result<PathBuf, Fault> {
    let mut inner = PathBuf::new();
    for part in guest.components() {
        match part {
            Component::RootDir => {}
            Component::Normal(name) => inner.push(name),
            _ => {
                let place = guest.to_string_lossy();
                return Err(Fault::new("bind at a path with dots", place, Errno::INVAL));
            }
        }
    }
    if !guest.is_absolute() || inner.as_os_str().is_empty() {
        let place = guest.to_string_lossy();
        return Err(Fault::new("bind at a relative path or /", place, Errno::INVAL));
    }
    Ok(inner)
}

/// Which of the root's directories must be rebuilt entry by entry, since something
/// is to be mounted below them where the root has nothing.
struct Layout {
    rebuilt: BTreeSet<PathBuf>,
    covered: BTreeSet<PathBuf>,
}

impl Layout {
    fn new(host: &OwnedFd, binds: &[Detached]) -> Layout {
        let mut layout = Layout {
            rebuilt: BTreeSet::new(),
            covered: LEFT_OUT.iter().map(PathBuf::from).collect(),
        };
        for bind in binds {
            layout.covered.insert(bind.guest.clone());
            let there = statat(host, &bind.guest, AtFlags::SYMLINK_NOFOLLOW);
            let fits = there.is_ok_and(|there| {
                FileType::from_raw_mode(there.st_mode).is_dir() == bind.kind.is_dir()
            });
            if !fits {
                let above = bind.guest.ancestors().skip(1);
                layout.rebuilt.extend(above.map(Path::to_path_buf));
            }
        }
        layout
    }

    /// Shows the entries of a host directory in a directory of the new root.
    fn lay(&self, host: &OwnedFd, new: &OwnedFd, prefix: &Path) -> Result<(), Fault> {
        let place = prefix.to_string_lossy();
        for entry in Dir::read_from(host).at("read the root's", &place)? {
            let entry = entry.at("read the root's", &place)?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            let path = prefix.join(name);
            if name != "." && name != ".." && !self.covered.contains(&path) {
                self.lay_entry(host, new, &path, name)?;
            }
        }
        Ok(())
    }

    fn lay_entry(
        &self,
        host: &OwnedFd,
        new: &OwnedFd,
        path: &Path,
        name: &OsStr,
    ) -> Result<(), Fault> {
        let place = path.to_string_lossy();
        let there = statat(host, name, AtFlags::SYMLINK_NOFOLLOW).at("look at", &place)?;
        match FileType::from_raw_mode(there.st_mode) {
            FileType::Symlink => {
                let target = readlinkat(host, name, Vec::new()).at("read the link", &place)?;
                symlinkat(target, new, name).at("make the link", &place)
            }
            FileType::Directory if self.rebuilt.contains(path) => {
                make_directory(new, Path::new(name))?;
                let below = open_directory(host.as_fd(), Path::new(name))?;
                let new_below = open_directory(new.as_fd(), Path::new(name))?;
                self.lay(&below, &new_below, path)
            }
            kind @ (FileType::Directory | FileType::RegularFile) => {
                let mount = detach(host.as_fd(), Path::new(name), AtFlags::SYMLINK_NOFOLLOW)?;
                make_mount_point(new, Path::new(name), kind)?;
                attach(&mount, new.as_fd(), Path::new(name))
            }
            // Sockets, pipes and devices are no part of a root.
            _ => Ok(()),
        }
    }
}

fn attach_all(root: &OwnedFd, binds: &[Detached]) -> Result<(), Fault> {
    for bind in binds {
        for above in ancestors_from_top(&bind.guest) {
            make_directory(root, above)?;
        }
        make_mount_point(root, &bind.guest, bind.kind)?;
        attach(&bind.mount, root.as_fd(), &bind.guest)?;
    }
    Ok(())
}

fn ancestors_from_top(path: &Path) -> impl Iterator<Item = &Path> {
    let above: Vec<&Path> = path.ancestors().skip(1).collect();
    above.into_iter().rev().filter(|path| !path.as_os_str().is_empty())
}

fn make_proc(root: &OwnedFd, null: &OwnedFd) -> Result<(), Fault> {
    let proc = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC).at("make", "/proc")?;
    fsconfig_set_string(&proc, "hidepid", "2").at("hide others' processes in", "/proc")?;
    fsconfig_create(&proc).at("make", "/proc")?;
    let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
        | MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let proc = fsmount(&proc, FsMountFlags::FSMOUNT_CLOEXEC, attributes).at("mount", "/proc")?;
    make_directory(root, Path::new("proc"))?;
    attach(&proc, root.as_fd(), Path::new("proc"))?;
    for masked in MASKED {
        if statat(root, masked, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            let flags = OpenTreeFlags::OPEN_TREE_CLONE
                | OpenTreeFlags::OPEN_TREE_CLOEXEC
                | OpenTreeFlags::AT_EMPTY_PATH;
            let mask = open_tree(null, "", flags).at("mask", masked)?;
            attach(&mask, root.as_fd(), Path::new(masked))?;
        }
    }
    Ok(())
}

fn make_dev(root: &OwnedFd, devices: &[(&str, OwnedFd)]) -> Result<(), Fault> {
    make_directory(root, Path::new("dev"))?;
    for (name, mount) in devices {
        let path = Path::new("dev").join(name);
        make_mount_point(root, &path, FileType::RegularFile)?;
        attach(mount, root.as_fd(), &path)?;
    }
    for (name, target) in [
        ("dev/fd", "/proc/self/fd"),
        ("dev/stdin", "/proc/self/fd/0"),
        ("dev/stdout", "/proc/self/fd/1"),
        ("dev/stderr", "/proc/self/fd/2"),
    ] {
        symlinkat(target, root, name).at("make the link", name)?;
    }
    Ok(())
}

fn make_tmp(root: &OwnedFd, bytes: u64) -> Result<(), Fault> {
    // A file takes a page at least; empty ones must not be without bound.
    let files = (bytes / 4096).max(1024).to_string();
    let tmp = tmpfs(&bytes.to_string(), "1777", &files)?;
    make_directory(root, Path::new("tmp"))?;
    attach(&tmp, root.as_fd(), Path::new("tmp"))
}

fn tmpfs(size: &str, mode: &str, files: &str) -> Result<OwnedFd, Fault> {
    let tmpfs = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC).at("make a", "tmpfs")?;
    for (key, value) in [("size", size), ("mode", mode), ("nr_inodes", files)] {
        fsconfig_set_string(&tmpfs, key, value).at("make a tmpfs with", key)?;
    }
    fsconfig_create(&tmpfs).at("make a", "tmpfs")?;
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
    fsmount(&tmpfs, FsMountFlags::FSMOUNT_CLOEXEC, attributes).at("mount a", "tmpfs")
}

/// A read-only copy of a host directory or file and of all that is mounted below it.
fn detach(from: BorrowedFd<'_>, path: &Path, follow: AtFlags) -> Result<OwnedFd, Fault> {
    let place = path.to_string_lossy();
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    if follow.contains(AtFlags::SYMLINK_NOFOLLOW) {
        flags |= OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
    }
    let mount = open_tree(from, path, flags).at("bind", &place)?;
    let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
        | MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV;
    kernel::restrict_mount(&mount, attributes.bits().into(), Below::Too)
        .at("make read-only", &place)?;
    Ok(mount)
}

fn detach_device(name: &str) -> Result<OwnedFd, Fault> {
    let path = Path::new("/dev").join(name);
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    open_tree(CWD, &path, flags).at("bind", &path.to_string_lossy())
}

/// Mounts at a path; a relative one is below `base` and leads through no symbolic link.
fn attach(mount: &OwnedFd, base: BorrowedFd<'_>, path: &Path) -> Result<(), Fault> {
    let place = path.to_string_lossy();
    let target = if path.is_absolute() {
        openat(base, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).at("find", &place)?
    } else {
        open_below(base, path, OFlags::PATH)?
    };
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(mount, "", target, "", flags).at("mount at", &place)
}

fn make_mount_point(base: &OwnedFd, path: &Path, kind: FileType) -> Result<(), Fault> {
    if kind.is_dir() {
        return make_directory(base, path);
    }
    let (above, name) = open_above(base, path)?;
    if statat(&above, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
        return Ok(());
    }
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    let place = path.to_string_lossy();
    openat(&above, name, flags, Mode::from_raw_mode(0o444)).at("make a mount point", &place)?;
    Ok(())
}

fn make_directory(base: &OwnedFd, path: &Path) -> Result<(), Fault> {
    let (above, name) = open_above(base, path)?;
    match mkdirat(&above, name, Mode::from_raw_mode(0o755)) {
        Err(Errno::EXIST) => Ok(()),
        // Inside a read-only bind: it is there, or attaching will say that it is not.
        Err(Errno::ROFS) if statat(&above, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() => Ok(()),
        made => made.at("make the directory", &path.to_string_lossy()),
    }
}

/// The directory that a path below `base` ends in, and its name there.
///
/// While the guest's root is built, this process still has the host's: a path that
/// went through a link of the root would make things on the host.
fn open_above<'a>(base: &OwnedFd, path: &'a Path) -> Result<(OwnedFd, &'a OsStr), Fault> {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    let above = open_below(base.as_fd(), above.unwrap_or(Path::new(".")), flags)?;
    Ok((above, path.file_name().unwrap_or_default()))
}

fn open_below(base: BorrowedFd<'_>, path: &Path, flags: OFlags) -> Result<OwnedFd, Fault> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    openat2(base, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve)
        .at("find without a symbolic link", &path.to_string_lossy())
}

fn open_directory(base: BorrowedFd<'_>, path: &Path) -> Result<OwnedFd, Fault> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(base, path, flags, Mode::empty()).at("open the directory", &path.to_string_lossy())
}
