//! What a model's tokens cost.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::Standing;
use crate::attempt::Usage;

const MILLION: f64 = 1e6;

/// US dollars for a million tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPrice {
    /// Of the question.
    pub input: f64,
    /// Of what is taken from a cache; where it is not known, the full price is reckoned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached: Option<f64>,
    /// Of the answer, with its thoughts.
    pub output: f64,
    /// Longer questions have another price, which is not known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to_input: Option<u64>,
    /// Hours that are dearer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak: Option<Peak>,
    /// Where it was read.
    pub source: String,
    /// How far it can be trusted.
    pub status: Standing,
}

/// Hours that are dearer, from Monday to Friday.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peak {
    /// By how much everything is multiplied.
    pub factor: f64,
    /// From one hour to before another, in UTC.
    pub hours_utc: Vec<(u8, u8)>,
}

impl TokenPrice {
    /// What an answer cost that was asked for at a moment in RFC 3339, in US dollars; none where
    /// the counts or the price are not known. A moment that cannot be read counts as a dear hour.
    #[must_use]
    pub fn cost(&self, usage: &Usage, asked_at: &str) -> Option<f64> {
        let (input, output) = (usage.input?, usage.output?);
        if self.up_to_input.is_some_and(|most| input > most) {
            return None;
        }
        let factor = self.peak.as_ref().map_or(1.0, |peak| peak.factor_at(asked_at));
        Some(factor * self.plain(input, usage.cached.unwrap_or(0), output))
    }

    /// The most that an answer of so many tokens can cost: nothing cached, in the dearest hour.
    /// None where the question is longer than the price goes.
    #[must_use]
    pub fn at_most(&self, input: u64, output: u64) -> Option<f64> {
        if self.up_to_input.is_some_and(|most| input > most) {
            return None;
        }
        let factor = self.peak.as_ref().map_or(1.0, |peak| peak.factor.max(1.0));
        Some(factor * self.plain(input, 0, output))
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of tokens are far below 2^52")]
    fn plain(&self, input: u64, cached: u64, output: u64) -> f64 {
        let cached = cached.min(input);
        let fresh = (input - cached) as f64 * self.input;
        let stored = cached as f64 * self.cached.unwrap_or(self.input);
        (fresh + stored + output as f64 * self.output) / MILLION
    }

    /// What cannot be.
    pub(super) fn check(&self) -> Result<(), String> {
        let given =
            [("input", Some(self.input)), ("cached", self.cached), ("output", Some(self.output))];
        for (name, price) in given {
            if price.is_some_and(|price| !price.is_finite() || price < 0.0) {
                return Err(format!("`{name}` must be a price from 0"));
            }
        }
        let Some(peak) = &self.peak else { return Ok(()) };
        if !peak.factor.is_finite() || peak.factor <= 0.0 {
            return Err("`peak.factor` must be above 0".to_owned());
        }
        if peak.hours_utc.iter().any(|&(from, to)| from >= to || to > 24) {
            return Err("`peak.hours_utc` must list pairs of hours such as [1, 4]".to_owned());
        }
        Ok(())
    }
}

impl Peak {
    fn factor_at(&self, moment: &str) -> f64 {
        let Ok(moment) = moment.parse::<Timestamp>() else { return self.factor.max(1.0) };
        let moment = TimeZone::UTC.to_datetime(moment);
        let weekend = matches!(moment.weekday(), Weekday::Saturday | Weekday::Sunday);
        let hour = u8::try_from(moment.hour()).unwrap_or_default();
        let dear = self.hours_utc.iter().any(|&(from, to)| (from..to).contains(&hour));
        if dear && !weekend { self.factor } else { 1.0 }
    }
}
