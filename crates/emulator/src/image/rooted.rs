//! Paths of an image, followed in its own root and never out of it.
//!
//! Links of an image mean its own root: `/lib` may be a link to `usr/lib` or to `/usr/lib`. The
//! root is nobody's but ours while it is unpacked, so that what was looked at stays as it was.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// As many links are followed for one path.
const LINKS: usize = 40;

/// What becomes of folders above a path that are not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Make,
    Refuse,
}

/// The names of a path of an image, if it leads nowhere above the root.
pub(super) fn names(path: &Path) -> Option<Vec<OsString>> {
    let mut names = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => names.push(name.to_owned()),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(names)
}

/// Where a path of the image is on this machine. Links above its last name are followed, the last
/// one is not.
pub(super) fn resolve(root: &Path, names: &[OsString], missing: Missing) -> io::Result<PathBuf> {
    let mut left: VecDeque<OsString> = names.iter().cloned().collect();
    let mut at: Vec<OsString> = Vec::new();
    let mut links = 0;
    while let Some(name) = left.pop_front() {
        if name == OsStr::new("..") {
            at.pop();
            continue;
        }
        let here = root.join(at.iter().collect::<PathBuf>()).join(&name);
        if left.is_empty() {
            return Ok(here);
        }
        match fs::symlink_metadata(&here) {
            Ok(there) if there.is_symlink() => {
                links += 1;
                if links > LINKS {
                    return Err(io::Error::other("too many links"));
                }
                let target = fs::read_link(&here)?;
                if target.is_absolute() {
                    at.clear();
                }
                for part in target.components().rev() {
                    match part {
                        Component::Normal(name) => left.push_front(name.to_owned()),
                        Component::ParentDir => left.push_front("..".into()),
                        _ => {}
                    }
                }
            }
            Ok(there) if there.is_dir() => at.push(name),
            Ok(_) if missing == Missing::Make => {
                fs::remove_file(&here)?;
                fs::create_dir(&here)?;
                at.push(name);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && missing == Missing::Make => {
                fs::create_dir(&here)?;
                at.push(name);
            }
            Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
            Err(error) => return Err(error),
        }
    }
    Ok(root.to_owned())
}

/// Removes whatever is there; nothing is as good as removed.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_lead_around_in_the_root_and_never_out_of_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("usr/lib")).expect("folders");
        fs::create_dir(folder.path().join("outside")).expect("a folder beside it");
        symlink("usr/lib", root.join("lib")).expect("a link");
        symlink("/usr/lib", root.join("lib64")).expect("a link");
        symlink("../../../outside", root.join("usr/out")).expect("a link");
        symlink("loop", root.join("loop")).expect("a link");
        let find =
            |path: &str| resolve(&root, &names(Path::new(path)).expect("names"), Missing::Make);
        assert_eq!(find("lib/a").expect("found"), root.join("usr/lib/a"));
        assert_eq!(find("/lib64/a").expect("found"), root.join("usr/lib/a"));
        // As in a root of one's own, what is above it is the root itself.
        assert_eq!(find("usr/out/a").expect("found"), root.join("outside/a"));
        find("loop/a").expect_err("a loop");
        assert!(names(Path::new("../a")).is_none());
    }
}
