//! What a study says: CSV files, the table on the terminal, and the page.
//!
//! It computes nothing: every figure comes from `analyse`.

mod chart;
mod data;
mod file;
mod page;
mod tables;
mod terminal;
mod words;

pub use data::{FunctionInfo, ReportData, Source};
pub use file::{Error, replace};
pub use page::html;
pub use tables::write_tables;
pub use terminal::terminal;
