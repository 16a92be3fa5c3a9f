//! What scans have in common: restart intervals, and the words for what is wrong in them.

use std::ops::Range;

use super::bits::{Interval, Shortfall};
use crate::error::Error;

/// The most scans that are decoded. Ten are usual; each costs as much work as there are blocks.
pub(crate) const MOST_SCANS: usize = 200;

/// What is wrong, and after how many units of a scan.
pub(crate) type Fault = (Shortfall, usize);

/// Shows each restart interval with the units it holds, and sees that the markers are in order.
pub(crate) fn intervals(
    entropy: &[u8],
    units: usize,
    restart: usize,
    mut decode: impl FnMut(&Interval, Range<usize>) -> Result<(), Fault>,
) -> Result<(), Error> {
    let length = if restart == 0 { units } else { restart };
    let mut interval = Interval::default();
    let mut rest = Some(entropy);
    let mut unit = 0;
    let mut marker = 0xd0_u8;
    while unit < units {
        let after = interval.fill(rest.unwrap_or_default());
        let until = (unit + length).min(units);
        decode(&interval, unit..until)
            .map_err(|(shortfall, unit)| short(shortfall, unit, units))?;
        rest = after.map(|(_, rest)| rest);
        if until < units && after.map(|(found, _)| found) != Some(marker) {
            let message = format!("a restart marker is missing after {until} of {units} blocks");
            return Err(Error::Damaged(message));
        }
        marker = 0xd0 | (marker + 1) & 7;
        unit = until;
    }
    Ok(())
}

fn short(shortfall: Shortfall, unit: usize, units: usize) -> Error {
    let what = match shortfall {
        Shortfall::Ended => "its pixels end early",
        Shortfall::BadCode => "its pixels are damaged",
        Shortfall::OutOfRange => "its pixels are damaged, with a coefficient out of range",
    };
    Error::Damaged(format!("{what}: after {unit} of {units} blocks of a scan"))
}
