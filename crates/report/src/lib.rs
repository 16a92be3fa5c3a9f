//! What a study says: CSV files, the table on the terminal, and the page.
//!
//! It computes nothing: every figure comes from `analyse`.

mod data;
mod file;
mod tables;
mod terminal;
mod words;

pub use data::{FunctionInfo, ReportData, Source};
pub use file::{Error, replace};
pub use tables::write_tables;
pub use terminal::terminal;

/// The page.
#[must_use]
pub fn html(data: &ReportData) -> String {
    format!("<!DOCTYPE html><html lang=\"en\"><title>{}</title></html>", data.study)
}
