//! `[cost]`: what is taken for granted where a study's cost is worked out.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::place::{InputError, Source};

/// What is taken for granted; stated wherever a cost is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    /// How many images.
    pub images: u64,
    /// Which share of them finds its sandboxes cold.
    pub cold_share: f64,
    /// How long outputs are kept.
    pub retention_days: f64,
    /// How much one call writes to the log.
    pub log_bytes_per_call: f64,
    /// Which share of the final pictures is downloaded from outside AWS.
    pub downloaded_share: f64,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            images: 100_000,
            cold_share: 0.01,
            retention_days: 1.0,
            log_bytes_per_call: 400.0,
            downloaded_share: 0.0,
        }
    }
}

/// The most images that a cost is asked for: every count up to it is exact as a number with a
/// fraction too.
const MOST_IMAGES: u64 = 1_000_000_000_000;

/// `[cost]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawCost {
    images: Option<Spanned<i64>>,
    cold_share: Option<Spanned<f64>>,
    retention_days: Option<Spanned<f64>>,
    log_bytes_per_call: Option<Spanned<f64>>,
    downloaded_share: Option<Spanned<f64>>,
    prices: Option<String>,
}

/// Checks the table and fills in what it leaves out; beside it the price book that it names.
pub(crate) fn assumptions(
    source: &Source,
    raw: Option<RawCost>,
) -> Result<(Assumptions, Option<String>), InputError> {
    let default = Assumptions::default();
    let Some(raw) = raw else { return Ok((default, None)) };
    let number = |key, given: Option<Spanned<f64>>, default, allowed| match given {
        Some(given) => checked(source, key, &given, default, allowed),
        None => Ok(default),
    };
    let assumed = Assumptions {
        images: match raw.images {
            Some(given) => images(source, &given, default.images)?,
            None => default.images,
        },
        cold_share: number("cold_share", raw.cold_share, default.cold_share, Allowed::Share)?,
        retention_days: number(
            "retention_days",
            raw.retention_days,
            default.retention_days,
            Allowed::Amount,
        )?,
        log_bytes_per_call: number(
            "log_bytes_per_call",
            raw.log_bytes_per_call,
            default.log_bytes_per_call,
            Allowed::Amount,
        )?,
        downloaded_share: number(
            "downloaded_share",
            raw.downloaded_share,
            default.downloaded_share,
            Allowed::Share,
        )?,
    };
    Ok((assumed, raw.prices))
}

fn images(source: &Source, given: &Spanned<i64>, default: u64) -> Result<u64, InputError> {
    let images = u64::try_from(*given.get_ref()).unwrap_or(0);
    if (1..=MOST_IMAGES).contains(&images) {
        return Ok(images);
    }
    let message = format!("`images` is {}; it must be from 1 to {MOST_IMAGES}", given.get_ref());
    Err(left_out(source.error(given.span(), message), default))
}

/// What a number of the table can be.
#[derive(Clone, Copy)]
enum Allowed {
    /// 0 to 1.
    Share,
    /// 0 or more.
    Amount,
}

fn checked(
    source: &Source,
    key: &str,
    given: &Spanned<f64>,
    default: f64,
    allowed: Allowed,
) -> Result<f64, InputError> {
    let (most, range) = match allowed {
        Allowed::Share => (1.0, "a share, from 0 to 1"),
        Allowed::Amount => (f64::MAX, "0 or more"),
    };
    let number = *given.get_ref();
    if (0.0..=most).contains(&number) {
        return Ok(number);
    }
    let message = format!("`{key}` is {number}; it must be {range}");
    Err(left_out(source.error(given.span(), message), default))
}

fn left_out(error: InputError, default: impl std::fmt::Display) -> InputError {
    error.help(format!("leave it out for the default of {default}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Study;

    fn study(cost: &str) -> Result<Study, InputError> {
        let text = format!(
            "application = \"a\"\n[cost]\n{cost}\n\
             [[variant]]\nname = \"v\"\nsource = \"v\"\n[[target]]\nplatform = \"local\""
        );
        Study::from_source(&Source::from_text(Path::new("s.toml"), text))
    }

    #[test]
    fn what_the_table_leaves_out_is_filled_in_and_whole_numbers_will_do() {
        let cost = study("images = 2000\ncold_share = 1\nretention_days = 30").unwrap().cost;
        let expected = Assumptions {
            images: 2000,
            cold_share: 1.0,
            retention_days: 30.0,
            ..Assumptions::default()
        };
        assert_eq!(cost, expected);
        assert_eq!(study("").unwrap().cost, Assumptions::default());
    }

    #[test]
    fn each_fault_of_the_table_is_named_with_its_place_and_mend() {
        let cases = [
            ("images = 0", "3:10: `images` is 0; it must be from 1", "default of 100000"),
            ("cold_share = 1.5", "3:14: `cold_share` is 1.5", "default of 0.01"),
            ("cold_share = nan", "3:14: `cold_share` is NaN", "from 0 to 1"),
            ("retention_days = -1", "3:18: `retention_days` is -1", "0 or more"),
            ("log_bytes_per_call = inf", "3:22: `log_bytes_per_call` is inf", "default of 400"),
            ("downloaded_share = 2", "3:20: `downloaded_share` is 2", "from 0 to 1"),
            ("imags = 3", "3:1: unknown field `imags`", "did you mean `images`?"),
            ("images = \"many\"", "3:10: invalid type", "expected"),
        ];
        for (table, place, mend) in cases {
            let fault = study(table).expect_err(table).to_string();
            assert!(fault.contains(place) && fault.contains(mend), "{fault}");
        }
    }
}
