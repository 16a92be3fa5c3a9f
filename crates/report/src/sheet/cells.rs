//! One row's cells: text to words and numbers, and back.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

/// A cell that does not hold what its column holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column `{column}`: {cause}")]
pub struct BadCell {
    /// Which column.
    pub column: &'static str,
    /// What is wrong.
    pub cause: String,
}

/// The cells of one row, found by column.
#[derive(Debug)]
pub struct Cells<'a> {
    columns: &'static [&'static str],
    places: &'a [Option<usize>],
    record: &'a csv::StringRecord,
}

impl<'a> Cells<'a> {
    pub(super) fn new(
        columns: &'static [&'static str],
        places: &'a [Option<usize>],
        record: &'a csv::StringRecord,
    ) -> Self {
        Self { columns, places, record }
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.places[self.columns.iter().position(|&known| known == column)?]
    }

    /// Whether the file has such a column.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.place(column).is_some()
    }

    /// A cell as it stands; empty if there is no such column.
    #[must_use]
    pub fn text(&self, column: &str) -> &'a str {
        self.place(column).and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// A cell that must be there.
    pub fn get<T: FromStr<Err: Display>>(&self, column: &'static str) -> Result<T, BadCell> {
        self.with(column, str::parse)
    }

    /// A cell that must be there unless the whole column is not.
    pub fn or<T: FromStr<Err: Display>>(
        &self,
        column: &'static str,
        default: T,
    ) -> Result<T, BadCell> {
        if self.has(column) { self.get(column) } else { Ok(default) }
    }

    /// A measured figure, which may be absent: a number that is not below 0.
    pub fn figure(&self, column: &'static str) -> Result<Option<f64>, BadCell> {
        let found: Option<f64> = self.find(column)?;
        match found {
            Some(number) if !(number.is_finite() && number >= 0.0) => {
                let cause = format!("`{}` must be a number that is not below 0", self.text(column));
                Err(BadCell { column, cause })
            }
            found => Ok(found),
        }
    }

    /// A cell that may be empty.
    pub fn find<T: FromStr<Err: Display>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, BadCell> {
        if self.text(column).is_empty() { Ok(None) } else { self.get(column).map(Some) }
    }

    /// A cell that must be there, read by `parse`.
    pub fn with<T, E: Display>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Result<T, BadCell> {
        let text = self.text(column);
        parse(text).map_err(|error| {
            let cause = if text.is_empty() {
                "is empty, but must not be".to_owned()
            } else {
                format!("`{text}`: {error}")
            };
            BadCell { column, cause }
        })
    }

    /// A text that may be empty, hence absent.
    #[must_use]
    pub fn shared(&self, column: &str) -> Option<Arc<str>> {
        Some(self.text(column)).filter(|text| !text.is_empty()).map(Into::into)
    }
}

/// A cell of something that may be absent.
pub(super) fn maybe<T: Display>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// A cell of a number: the fewest digits that read back the same, without a hundred zeros.
pub(super) fn number(value: f64) -> String {
    let small = value != 0.0 && value.abs() < 1e-5;
    if small || value.abs() >= 1e16 { format!("{value:e}") } else { format!("{value}") }
}

/// A cell of a number that may be absent.
pub(super) fn maybe_number(value: Option<f64>) -> String {
    value.map_or_else(String::new, number)
}
