//! Writes the reports of simulated studies, to be looked at:
//! `cargo run -p photofinish-report --example demo -- FOLDER`.

use std::path::PathBuf;

use photofinish_report::terminal::{Ink, View, render};
use photofinish_report::{ReportData, page, sheet};

#[path = "../tests/stories/authors.rs"]
mod authors;
#[path = "../tests/stories/demo.rs"]
mod demo;
#[path = "../../analyse/tests/stories/simulated.rs"]
mod simulated;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("give a folder to write to")?);
    let all = [demo::quick(), demo::large(), demo::emulated(), demo::whole(), demo::authored()];
    for data in all.into_iter().chain([demo::orchestrated()]) {
        write(&folder.join(&data.study), &data)?;
        print!("{}", render(&data, View { width: Some(110), ink: Ink::Plain }));
    }
    Ok(())
}

fn write(folder: &std::path::Path, data: &ReportData) -> Result<(), Box<dyn std::error::Error>> {
    page::write(folder, data)?;
    let tables = folder.join("data");
    sheet::write(&tables, &data.invocations)?;
    sheet::write(&tables, &data.passes)?;
    sheet::write(&tables, &data.summary)?;
    sheet::write(&tables, &data.verdicts)?;
    sheet::write(&tables, &data.costs.rows)?;
    sheet::write(&tables, &data.verification)?;
    if !data.written.is_empty() {
        sheet::write(&tables, &data.written.generations)?;
        sheet::write(&tables, &sheet::ScoreRow::of(&data.written.scores))?;
    }
    Ok(())
}
