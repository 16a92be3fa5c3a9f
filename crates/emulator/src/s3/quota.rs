//! How much functions may store: what they run is nobody's friend, and the disk is everybody's.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::NamedTempFile;

use super::object_file::Description;
use super::store::StoreError;

/// Functions may fill this part of what is free when the store is opened, however much they may
/// have.
const PART: u64 = 2;
/// A file takes more than its bytes.
const FILE: u64 = 4096;

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer {
    /// The holder of the keys, who may store what there is room for.
    Holder,
    Function,
}

/// The bytes that a store holds, finished or not, and how many there may be for a function to add
/// to them.
#[derive(Debug)]
pub(super) struct Quota {
    limit: u64,
    held: AtomicU64,
}

impl Quota {
    /// For a store that holds these objects already, to which functions may add so many bytes.
    pub(super) fn of<'a>(
        folder: &Path,
        most: u64,
        objects: impl Iterator<Item = &'a Description>,
    ) -> Self {
        let held: u64 = objects.map(space).sum();
        let room = free(folder).map_or(most, |free| (free / PART).min(most));
        Self { limit: held + room, held: AtomicU64::new(held) }
    }

    /// An object has come to be, in the place of another perhaps.
    pub(super) fn keep(&self, object: &Description, instead: Option<&Description>) {
        self.held.fetch_add(space(object), Ordering::Relaxed);
        if let Some(gone) = instead {
            self.give_back(space(gone));
        }
    }

    /// An object is gone.
    pub(super) fn delete(&self, object: &Description) {
        self.give_back(space(object));
    }

    fn take(&self, bytes: u64, writer: Writer) -> Result<(), StoreError> {
        let held = self.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if writer == Writer::Function && held > self.limit {
            self.give_back(bytes);
            return Err(StoreError::Full);
        }
        Ok(())
    }

    fn give_back(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}

fn space(object: &Description) -> u64 {
    object.size + FILE
}

/// What is free on a disk, if it tells.
fn free(folder: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(folder).ok()?;
    told.f_bavail.checked_mul(told.f_frsize)
}

/// An object in the making: a file that vanishes unless it is kept, and the space that it takes.
pub(super) struct Draft {
    pub(super) file: NamedTempFile,
    pub(super) space: Space,
}

/// Space in a store, given back when this is dropped.
pub(super) struct Space {
    quota: Arc<Quota>,
    writer: Writer,
    bytes: u64,
}

impl Space {
    /// For an empty file.
    pub(super) fn of(quota: &Arc<Quota>, writer: Writer) -> Result<Self, StoreError> {
        let mut space = Self { quota: Arc::clone(quota), writer, bytes: 0 };
        space.grow(FILE)?;
        Ok(space)
    }

    /// For so many bytes more, if there may be as many.
    pub(super) fn grow(&mut self, bytes: u64) -> Result<(), StoreError> {
        self.quota.take(bytes, self.writer)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.quota.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota() -> Arc<Quota> {
        Arc::new(Quota { limit: 3 * FILE, held: AtomicU64::new(0) })
    }

    #[test]
    fn a_function_may_fill_what_there_is_and_no_more() {
        let quota = quota();
        let mut first = Space::of(&quota, Writer::Function).expect("room for a file");
        first.grow(FILE).expect("room for its bytes");
        assert!(matches!(first.grow(FILE + 1), Err(StoreError::Full)));
        // Files without bytes take space as well.
        let second = Space::of(&quota, Writer::Function).expect("room for another");
        assert!(matches!(Space::of(&quota, Writer::Function).map(|_| ()), Err(StoreError::Full)));
        drop((first, second));
        assert_eq!(quota.held.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn whoever_has_the_keys_is_not_held_back() {
        let quota = quota();
        let mut space = Space::of(&quota, Writer::Holder).expect("a file");
        space.grow(100 * FILE).expect("any bytes");
        assert!(matches!(Space::of(&quota, Writer::Function).map(|_| ()), Err(StoreError::Full)));
    }
}
