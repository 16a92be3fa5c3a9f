//! Showing what was found: CSV files, the terminal's table and the HTML page.
//!
//! It lays out and writes down; it computes nothing that is not already in its input, looks at no
//! clock and opens no connection: the same input gives the same bytes.

pub mod file;
pub mod sheet;
