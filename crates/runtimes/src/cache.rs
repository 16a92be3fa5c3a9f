//! The cache: what was made once, whole, and is found again by name.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::progress::Progress;

/// A folder of finished things. An entry appears by one rename, so a half-made one is never seen.
#[derive(Debug, Clone)]
pub struct Cache {
    path: PathBuf,
}

impl Cache {
    /// The user's own: `$XDG_CACHE_HOME/photofinish`, or `~/.cache/photofinish`.
    pub fn of_user() -> Result<Self, Error> {
        let absolute = |name: &str| {
            std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
        };
        let base = absolute("XDG_CACHE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
            .ok_or_else(|| {
                Error::missing(
                    "there is no cache folder: neither XDG_CACHE_HOME nor HOME is an absolute path",
                    "set XDG_CACHE_HOME to a folder that you may write to",
                )
            })?;
        Ok(Self::at(base.join("photofinish")))
    }

    /// One at a folder of your choice, made when first needed.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The entry of that name. `make` fills an empty folder where there is none yet; another
    /// process that wants the same waits for the first.
    pub(crate) fn entry(
        &self,
        name: &str,
        progress: &dyn Progress,
        make: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        let place = self.path.join(name);
        if place.is_dir() {
            return Ok(place);
        }
        let parent = place.parent().unwrap_or(&self.path).to_owned();
        fs::create_dir_all(&parent).map_err(Error::file("make the folder", &parent))?;
        let _lock = Lock::take(&lock_beside(&place), progress)?;
        if place.is_dir() {
            return Ok(place);
        }
        let prefix = format!(".making-{}-", place.file_name().unwrap_or_default().display());
        clear_away(&parent, &prefix)?;
        let half_made = tempfile::Builder::new()
            .prefix(&prefix)
            .tempdir_in(&parent)
            .map_err(Error::file("make a folder in", &parent))?;
        // Guests read it as another user, and a temporary folder is for its owner only.
        fs::set_permissions(half_made.path(), fs::Permissions::from_mode(0o755))
            .map_err(Error::file("open to all", half_made.path()))?;
        make(half_made.path())?;
        fs::rename(half_made.path(), &place).map_err(Error::file("put in its place", &place))?;
        let _ = half_made.keep();
        Ok(place)
    }

    /// Waits for the sole right to do what the name stands for; it lasts as long as the lock.
    pub(crate) fn lock(&self, name: &str, progress: &dyn Progress) -> Result<Lock, Error> {
        let place = self.path.join(name);
        let parent = place.parent().unwrap_or(&self.path);
        fs::create_dir_all(parent).map_err(Error::file("make the folder", parent))?;
        Lock::take(&lock_beside(&place), progress)
    }
}

/// Removes what a process left that was killed while it made the same entry. The caller holds the
/// entry's lock, so nobody is at work there.
fn clear_away(folder: &Path, prefix: &str) -> Result<(), Error> {
    let listing = fs::read_dir(folder).map_err(Error::file("list", folder))?;
    for entry in listing.flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            let path = entry.path();
            fs::remove_dir_all(&path).map_err(Error::file("remove the half-made", &path))?;
        }
    }
    Ok(())
}

/// The right to make one entry, given back when dropped or when the process ends.
pub(crate) struct Lock(
    #[expect(dead_code, reason = "the lock lasts as long as the file is open")] File,
);

impl Lock {
    fn take(path: &Path, progress: &dyn Progress) -> Result<Self, Error> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .map_err(Error::file("open the lock", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                progress.step("waiting for another photofinish, which is making the same");
                file.lock().map_err(Error::file("wait for the lock", path))?;
            }
            Err(TryLockError::Error(error)) => return Err(Error::file("lock", path)(error)),
        }
        Ok(Self(file))
    }
}

fn lock_beside(place: &Path) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    place.with_file_name(name)
}
