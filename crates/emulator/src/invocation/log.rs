//! A sandbox's log stream: a file that cannot grow without end, and the tail of
//! the current invocation.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::platform;
use crate::lambda::LogFormat;
use crate::logs::Times;

/// What Invoke gives back with `LogType: Tail`.
const TAIL: usize = 4096;
/// A function's output above this is counted, not kept.
const INVOCATION_LIMIT: u64 = 1 << 20;
const STREAM_LIMIT: u64 = 64 << 20;

/// One log stream.
pub(crate) struct LogStream {
    inner: Mutex<Inner>,
    format: LogFormat,
}

struct Inner {
    file: File,
    times: Times,
    length: u64,
    in_stream: u64,
    in_invocation: u64,
    dropped: u64,
    tail: Vec<u8>,
    ends_line: bool,
}

impl LogStream {
    /// Begins a stream's file.
    pub(crate) fn create(path: &Path, format: LogFormat) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let inner = Inner {
            file,
            times: Times::beside(path)?,
            length: 0,
            in_stream: 0,
            in_invocation: 0,
            dropped: 0,
            tail: Vec::new(),
            ends_line: true,
        };
        Ok(Self { inner: Mutex::new(inner), format })
    }

    /// Begins an invocation. The output of a cold start's init belongs to its first.
    pub(crate) fn begin(&self, request_id: &str, keep_init: bool) {
        let mut inner = self.lock();
        if !keep_init {
            inner.tail.clear();
        }
        inner.in_invocation = 0;
        inner.platform(&platform::start(&self.format, request_id), &self.format);
    }

    /// Takes what the guest wrote.
    pub(crate) fn output(&self, bytes: &[u8]) {
        let mut inner = self.lock();
        let left = INVOCATION_LIMIT
            .saturating_sub(inner.in_invocation)
            .min(STREAM_LIMIT.saturating_sub(inner.in_stream));
        let kept = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        inner.in_invocation += kept as u64;
        inner.in_stream += kept as u64;
        inner.dropped += (bytes.len() - kept) as u64;
        inner.write(&bytes[..kept]);
        inner.remember(bytes);
    }

    /// Writes lines of ours, each on a line of its own whatever the guest wrote before.
    pub(crate) fn write(&self, lines: impl FnOnce(&LogFormat) -> String) {
        self.lock().platform(&lines(&self.format), &self.format);
    }

    /// The last 4 KB of the current invocation.
    pub(crate) fn tail(&self) -> Vec<u8> {
        self.lock().tail.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn platform(&mut self, lines: &str, format: &LogFormat) {
        let mut text = String::new();
        if !self.ends_line {
            text.push('\n');
        }
        if self.dropped > 0 {
            text += &platform::dropped(format, self.dropped);
            self.dropped = 0;
        }
        text += lines;
        self.write(text.as_bytes());
        self.remember(text.as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.times.mark(self.length);
        self.length += bytes.len() as u64;
        // A full disk must not fail an invocation; its tail is still in memory.
        let _ = self.file.write_all(bytes);
    }

    fn remember(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last() {
            self.ends_line = *last == b'\n';
        }
        let bytes = &bytes[bytes.len().saturating_sub(TAIL)..];
        let keep = TAIL - bytes.len();
        let surplus = self.tail.len().saturating_sub(keep);
        self.tail.drain(..surplus);
        self.tail.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_neither_fills_the_file_nor_hides_the_report() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f/stream.log");
        let log = LogStream::create(&path, LogFormat::Text).expect("a stream");
        log.begin("id", false);
        for _ in 0..100 {
            log.output(&[b'x'; 65_536]);
        }
        log.write(|_| "END RequestId: id\nREPORT RequestId: id\n".to_owned());
        assert!(fs::metadata(&path).expect("the file").len() < INVOCATION_LIMIT + 1000);
        let tail = log.tail();
        assert_eq!(tail.len(), TAIL);
        assert!(tail.ends_with(b"not kept]\nEND RequestId: id\nREPORT RequestId: id\n"));
    }

    #[test]
    fn lines_of_the_platform_begin_a_line_even_where_the_guest_ended_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = LogStream::create(&folder.path().join("stream.log"), LogFormat::Text)
            .expect("a stream");
        log.begin("id", false);
        log.output(b"REPORT RequestId: forged");
        log.write(|_| "END RequestId: id\n".to_owned());
        assert_eq!(
            log.tail(),
            b"START RequestId: id Version: $LATEST\nREPORT RequestId: forged\nEND RequestId: id\n"
        );
        log.begin("next", false);
        assert_eq!(log.tail(), b"START RequestId: next Version: $LATEST\n");
    }
}
