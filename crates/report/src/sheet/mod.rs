//! The CSV files that scripts may rely on, both ways: what is written reads back the same.
//!
//! Columns are found by name, in any order, and others may stand beside them. Absent is empty,
//! never zero. A number is written in the fewest digits that read back as the same number.

mod cells;
mod memory;
mod orchestration;
mod outcome;
mod record;
mod written;

use std::path::{Path, PathBuf};

pub use outcome::VerificationRow;
pub use written::{Basis, ScoreRow, Scored};

pub use self::cells::{BadCell, Cells};
use crate::file;

/// A row of one of the files.
pub trait Row: Sized {
    /// The file's name.
    const FILE: &str;
    /// The file's columns, in order.
    const COLUMNS: &[&str];
    /// Those of them that a file must have: what else is not there is absent, or as `read` says.
    const REQUIRED: &[&str] = Self::COLUMNS;

    /// The cells, one for each column.
    fn cells(&self) -> Vec<String>;

    /// Reads a row; `last` is the row before, whose shared parts may be shared again.
    fn read(cells: &Cells<'_>, last: Option<&Self>) -> Result<Self, BadCell>;
}

/// A file that cannot be read as a table of ours.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// It cannot be opened.
    #[error("cannot open {}: {source}", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is not CSV in UTF-8, or a row is shorter or longer than the heading.
    #[error("{} is no table: {source}", path.display())]
    NotCsv {
        /// Which file.
        path: PathBuf,
        /// Why not, and where.
        source: csv::Error,
    },
    /// A column is missing.
    #[error(
        "{}, line 1: there is no column `{column}`; needed are {}",
        path.display(), needed.join(",")
    )]
    NoColumn {
        /// Which file.
        path: PathBuf,
        /// What is missing.
        column: &'static str,
        /// All that are needed.
        needed: Vec<&'static str>,
    },
    /// A cell does not hold what its column holds.
    #[error("{}, line {line}, column `{}`: {}", path.display(), cell.column, cell.cause)]
    Cell {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// Which column, and what is wrong.
        cell: BadCell,
    },
}

/// The table as it stands in its file.
#[must_use]
pub fn to_bytes<R: Row>(rows: &[R]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail: every row has as many cells as there are columns.
    let _ = writer.write_record(R::COLUMNS);
    for row in rows {
        let written = writer.write_record(row.cells());
        debug_assert!(written.is_ok(), "{}: {written:?}", R::FILE);
    }
    writer.into_inner().unwrap_or_default()
}

/// Writes the table into `folder`, under its own name.
pub fn write<R: Row>(folder: &Path, rows: &[R]) -> Result<PathBuf, file::WriteError> {
    let path = folder.join(R::FILE);
    file::write(&path, &to_bytes(rows))?;
    Ok(path)
}

/// Reads a table from a file, whatever its name.
pub fn read<R: Row>(path: &Path) -> Result<Vec<R>, SheetError> {
    read_checked(path, |_| Ok(()))
}

/// The same, each row checked against those before it.
pub fn read_checked<R: Row>(
    path: &Path,
    check: impl FnMut(&R) -> Result<(), BadCell>,
) -> Result<Vec<R>, SheetError> {
    let bytes =
        std::fs::read(path).map_err(|source| SheetError::Open { path: path.to_owned(), source })?;
    rows(path, &bytes, check)
}

/// Reads a table from memory; `path` is what messages call it.
pub fn from_bytes<R: Row>(path: &Path, bytes: &[u8]) -> Result<Vec<R>, SheetError> {
    rows(path, bytes, |_| Ok(()))
}

fn rows<R: Row>(
    path: &Path,
    bytes: &[u8],
    mut check: impl FnMut(&R) -> Result<(), BadCell>,
) -> Result<Vec<R>, SheetError> {
    let not_csv = |source| SheetError::NotCsv { path: path.to_owned(), source };
    let mut reader = csv::Reader::from_reader(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    let heading = reader.headers().map_err(not_csv)?.clone();
    let places = places::<R>(path, &heading)?;
    let mut rows: Vec<R> = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(not_csv)? {
        let cells = Cells::new(R::COLUMNS, &places, &record);
        let at_line = |cell| SheetError::Cell {
            path: path.to_owned(),
            line: record.position().map_or(0, csv::Position::line),
            cell,
        };
        let row = R::read(&cells, rows.last()).map_err(at_line)?;
        check(&row).map_err(at_line)?;
        rows.push(row);
    }
    Ok(rows)
}

/// Where each of our columns stands in this file, if it does.
fn places<R: Row>(
    path: &Path,
    heading: &csv::StringRecord,
) -> Result<Vec<Option<usize>>, SheetError> {
    let needed = |column: &&'static str| R::REQUIRED.contains(column);
    let place = |&column: &&'static str| {
        let place = heading.iter().position(|given| given.trim() == column);
        if place.is_none() && needed(&column) {
            return Err(SheetError::NoColumn {
                path: path.to_owned(),
                column,
                needed: R::COLUMNS.iter().copied().filter(needed).collect(),
            });
        }
        Ok(place)
    };
    R::COLUMNS.iter().map(place).collect()
}
