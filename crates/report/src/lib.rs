//! Showing what was found: CSV files, the terminal's table and the HTML page.
//!
//! It lays out and writes down; it computes nothing that is not already in its input, looks at no
//! clock and opens no connection: the same input gives the same bytes.

mod data;
pub mod export;
pub mod file;
pub mod page;
pub mod sheet;
pub mod terminal;
mod wording;
mod written;

pub use data::{Badge, Distance, Facts, Finding, Picture, Pilot, ReportData, Source, Text};
pub use wording::sentence;
pub use written::{AppendixPrompt, Sent, SentPrompt, Written};
