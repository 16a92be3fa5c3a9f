//! CloudWatch Logs, to read what functions wrote.
//!
//! An event is a line: what a function writes in several is several events, where Lambda's own
//! runtimes keep a traceback together. Groups come into being with a function's first sandbox.

mod pattern;
mod places;
mod protocol;
mod service;
mod shelf;
mod times;

pub(crate) use places::stream as stream_path;
pub(crate) use service::{Logs, are_asked, refuse};
pub(crate) use times::Times;
