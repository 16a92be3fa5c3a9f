//! The pictures that wait, and how those fared that had their turn.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::folder::{Picture, Refused};
use super::output;
use crate::progress::{Bar, Progress};

/// A queue that several workers take from, and the count of what came of it.
pub(super) struct Tally {
    progress: Progress,
    state: Mutex<State>,
}

struct State {
    waiting: VecDeque<Picture>,
    all: u64,
    /// From the first picture's turn on: what comes before would spoil the estimate.
    bar: Option<Bar>,
    made: u64,
    failed: Vec<Refused>,
}

impl Tally {
    pub(super) fn of(pictures: Vec<Picture>, progress: Progress) -> Self {
        let all = pictures.len() as u64;
        let waiting = pictures.into();
        let state = State { waiting, all, bar: None, made: 0, failed: Vec::new() };
        Self { progress, state: Mutex::new(state) }
    }

    /// The next picture, if one is left.
    pub(super) fn next(&self) -> Option<Picture> {
        let mut state = self.lock();
        let all = state.all;
        state.bar.get_or_insert_with(|| self.progress.bar("process", all));
        state.waiting.pop_front()
    }

    /// A picture's output, or why there is none.
    pub(super) fn ended(&self, picture: &Picture, output: Result<Vec<u8>, String>) {
        let written = output.and_then(|bytes| output::write(&picture.output, &bytes));
        let mut state = self.lock();
        match written {
            Ok(()) => state.made += 1,
            Err(reason) => state.failed.push(Refused { name: picture.name.clone(), reason }),
        }
        let done = state.made + state.failed.len() as u64;
        if let Some(bar) = &mut state.bar {
            bar.at(done, &told(&picture.name));
        }
    }

    /// Takes the bar away, says what it came to, and gives what failed.
    pub(super) fn end(&self) -> Vec<Refused> {
        let mut state = self.lock();
        let failed = std::mem::take(&mut state.failed);
        let left = state.all - state.made - failed.len() as u64;
        let pictures = if state.made == 1 { "picture" } else { "pictures" };
        let mut text = format!("{} {pictures} made", state.made);
        for (count, what) in [(failed.len() as u64, "failed"), (left, "left")] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        match state.bar.take() {
            Some(bar) => bar.end(&text),
            None => self.progress.say("process", &text),
        }
        failed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name on one line.
pub(super) fn told(name: &Path) -> String {
    name.display().to_string().replace(char::is_control, "?")
}
