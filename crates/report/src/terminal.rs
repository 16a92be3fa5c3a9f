//! The short form, for the terminal.

use crate::data::ReportData;

/// Plain text.
#[must_use]
pub fn terminal(data: &ReportData, _width: Option<u16>) -> String {
    let mut text = format!("{}\n", data.study);
    for row in &data.verdicts {
        text.push_str(&format!("{}: {} against {}: {}: {}\n", row.family, row.left, row.right, row.verdict, row.reason));
    }
    for rejection in &data.rejections {
        text.push_str(&format!("rejected {}: {}\n", rejection.deployment, rejection.reason));
    }
    text
}
