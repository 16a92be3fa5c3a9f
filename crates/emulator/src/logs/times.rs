//! When which part of a stream was written.
//!
//! Beside the file of a stream lies one with a line for each time at which something was written:
//! the offset in the stream at which that begins, and the milliseconds since 1970.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes the times of one stream.
pub(crate) struct Times {
    file: File,
    last: u64,
}

impl Times {
    /// Begins the times of a stream's file.
    pub(crate) fn beside(stream: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).open(path(stream))?;
        Ok(Self { file, last: 0 })
    }

    /// What comes from this offset on is written now.
    pub(crate) fn mark(&mut self, offset: u64) {
        let now = now();
        if now != self.last {
            self.last = now;
            // Without it events have the time of those before, which harms nobody.
            let _ = self.file.write_all(format!("{offset} {now}\n").as_bytes());
        }
    }
}

/// One line of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// Milliseconds since 1970.
    pub(crate) time: u64,
    /// With the end of its line, as Lambda sends it.
    pub(crate) message: String,
}

/// The whole lines of a stream's file.
pub(crate) fn events(stream: &Path) -> io::Result<Vec<Event>> {
    let written = fs::read(stream)?;
    let marks = marks(stream);
    let mut marks = marks.iter().peekable();
    let (mut events, mut at, mut time) = (Vec::new(), 0, 0);
    for line in written.split_inclusive(|byte| *byte == b'\n') {
        while let Some((_, then)) = marks.next_if(|(offset, _)| *offset <= at) {
            time = *then;
        }
        at += line.len() as u64;
        // What has no end yet is still being written.
        if line.ends_with(b"\n") && line != b"\n" {
            events.push(Event { time, message: String::from_utf8_lossy(line).into_owned() });
        }
    }
    Ok(events)
}

/// When a stream was first and last written to, if it was.
pub(crate) fn span(stream: &Path) -> Option<(u64, u64)> {
    let marks = marks(stream);
    Some((marks.first()?.1, marks.last()?.1))
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn marks(stream: &Path) -> Vec<(u64, u64)> {
    let text = fs::read_to_string(path(stream)).unwrap_or_default();
    let mark = |line: &str| {
        let (offset, time) = line.split_once(' ')?;
        Some((offset.parse().ok()?, time.parse().ok()?))
    };
    text.lines().filter_map(mark).collect()
}

fn path(stream: &Path) -> PathBuf {
    stream.with_extension("times")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_time_at_which_it_was_begun() {
        let folder = tempfile::tempdir().expect("a folder");
        let stream = folder.path().join("2026-11-24-s.log");
        fs::write(&stream, "one\ntwo\n\nthree\nhalf").expect("a stream");
        fs::write(path(&stream), "0 10\n6 20\n8 30\n").expect("its times");
        let events = events(&stream).expect("read");
        let event = |time, message: &str| Event { time, message: message.to_owned() };
        assert_eq!(events, [event(10, "one\n"), event(10, "two\n"), event(30, "three\n")]);
    }
}
