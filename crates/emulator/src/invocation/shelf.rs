//! Warm sandboxes that wait for work: as many as there is room for, and those used last.

use std::fs;

/// Warm sandboxes that wait, however small they are.
const COUNT: usize = 64;
/// The share of this machine's memory that may be held by what only waits.
const SHARE: u64 = 4;
/// Taken for this machine's memory where it does not tell.
const UNKNOWN: u64 = 4 << 30;

/// How much a shelf may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) count: usize,
    pub(super) bytes: u64,
}

impl Room {
    /// What this machine can spare.
    pub(super) fn here() -> Self {
        let told = fs::read_to_string("/proc/meminfo").ok();
        let memory = told.as_deref().and_then(memory_total).unwrap_or(UNKNOWN);
        Self { count: COUNT, bytes: memory / SHARE }
    }
}

/// The bytes of memory that `/proc/meminfo` tells of.
fn memory_total(told: &str) -> Option<u64> {
    let line = told.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// Things in the order they were put there, each with the bytes it holds.
pub(super) struct Shelf<T> {
    room: Room,
    things: Vec<(T, u64)>,
}

impl<T> Shelf<T> {
    pub(super) fn new(room: Room) -> Self {
        Self { room, things: Vec::new() }
    }

    /// Puts a thing there and gives back what must go for it, what was put first before all else.
    ///
    /// The thing itself stays, however much it holds: it was used last, and without it a function
    /// that is called again and again would never be warm.
    pub(super) fn put(&mut self, thing: T, bytes: u64) -> Vec<T> {
        self.things.push((thing, bytes));
        let mut held: u64 = self.things.iter().map(|(_, bytes)| bytes).sum();
        let mut surplus = 0;
        while surplus + 1 < self.things.len()
            && (self.things.len() - surplus > self.room.count || held > self.room.bytes)
        {
            held -= self.things[surplus].1;
            surplus += 1;
        }
        self.things.drain(..surplus).map(|(thing, _)| thing).collect()
    }

    /// Takes what was put there last of those that fit.
    pub(super) fn take(&mut self, fits: impl Fn(&T) -> bool) -> Option<T> {
        let at = self.things.iter().rposition(|(thing, _)| fits(thing))?;
        Some(self.things.remove(at).0)
    }

    /// Takes all that fit.
    pub(super) fn take_all(&mut self, fits: impl Fn(&T) -> bool) -> Vec<T> {
        let taken = self.things.extract_if(.., |(thing, _)| fits(thing));
        taken.map(|(thing, _)| thing).collect()
    }

    /// All of them, where they are.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.things.iter_mut().map(|(thing, _)| thing)
    }

    /// Lets go of everything.
    pub(super) fn clear(&mut self) {
        self.things.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(count: usize, bytes: u64) -> Shelf<&'static str> {
        Shelf::new(Room { count, bytes })
    }

    #[test]
    fn what_was_used_longest_ago_goes_when_there_are_too_many() {
        let mut shelf = shelf(2, 1000);
        assert!(shelf.put("a", 1).is_empty());
        assert!(shelf.put("b", 1).is_empty());
        // Used again, it is no longer the oldest.
        assert_eq!(shelf.take(|thing| *thing == "a"), Some("a"));
        assert!(shelf.put("a", 1).is_empty());
        assert_eq!(shelf.put("c", 1), ["b"]);
        assert_eq!(shelf.take_all(|_| true), ["a", "c"]);
    }

    #[test]
    fn as_many_go_as_hold_too_much_memory() {
        let mut shelf = shelf(64, 100);
        for thing in ["a", "b", "c"] {
            assert!(shelf.put(thing, 30).is_empty());
        }
        assert_eq!(shelf.put("large", 50), ["a", "b"]);
        // 30 and 50 are left, and 20 fit exactly.
        assert!(shelf.put("small", 20).is_empty());
        assert_eq!(shelf.put("tiny", 1), ["c"]);
    }

    #[test]
    fn what_is_larger_than_all_the_room_stays_until_the_next_comes() {
        let mut shelf = shelf(64, 100);
        shelf.put("small", 10);
        assert_eq!(shelf.put("huge", 500), ["small"]);
        assert_eq!(shelf.take(|thing| *thing == "huge"), Some("huge"));
        shelf.put("huge", 500);
        assert_eq!(shelf.put("small", 10), ["huge"]);
    }

    #[test]
    fn of_two_that_fit_the_one_used_last_is_taken() {
        let mut shelf = shelf(64, 100);
        for thing in ["old", "other", "oldest friend"] {
            shelf.put(thing, 1);
        }
        assert_eq!(shelf.take(|thing| thing.starts_with("old")), Some("oldest friend"));
        assert_eq!(shelf.take(|thing| thing.starts_with("old")), Some("old"));
        assert_eq!(shelf.take(|thing| thing.starts_with("old")), None);
    }

    #[test]
    fn the_room_is_a_share_of_the_memory_that_the_machine_tells_of() {
        let told = "MemTotal:       24683008 kB\nMemFree:        13011968 kB\n";
        assert_eq!(memory_total(told), Some(24_683_008 * 1024));
        assert_eq!(memory_total("MemTotal: many kB\n"), None);
        assert_eq!(memory_total(""), None);
        assert!(Room::here().bytes > 0);
    }
}
