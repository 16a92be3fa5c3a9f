//! `sessions`: a race in several sittings, hours or days apart, so that no single hour decides.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::file::at_least_one;
use crate::place::{InputError, Source};

/// How far apart sessions are, unless the study says otherwise.
pub const DEFAULT_HOURS_APART: u32 = 6;

/// In how many sittings a race is run, and how far apart these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// How many; the rounds are shared out among them.
    pub count: u32,
    /// Hours from the end of one to the beginning of the next, at least.
    pub hours_apart: u32,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { count: 1, hours_apart: DEFAULT_HOURS_APART }
    }
}

impl Sessions {
    /// Whether the race is run at one go.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.count == 1
    }

    /// How many of a race's rounds are run once so many sessions are over.
    #[must_use]
    pub fn rounds_by_the_end_of(&self, session: u32, rounds: u32) -> u32 {
        let share = u64::from(rounds) * u64::from(session.min(self.count));
        u32::try_from(share / u64::from(self.count)).unwrap_or(rounds)
    }
}

pub(crate) fn sessions(
    source: &Source,
    count: Option<Spanned<i64>>,
    hours_apart: Option<Spanned<i64>>,
    rounds: u32,
) -> Result<Sessions, InputError> {
    let spans = (count.as_ref().map(Spanned::span), hours_apart.as_ref().map(Spanned::span));
    let count = at_least_one(source, "sessions", count, 1)?;
    let hours_apart = at_least_one(source, "hours_apart", hours_apart, DEFAULT_HOURS_APART)?;
    match spans {
        (Some(span), _) if count > rounds => Err(source
            .error(span, format!("{count} sessions cannot share out {rounds} rounds"))
            .help("each session runs a round or more: ask for fewer sessions or more rounds")),
        (_, Some(span)) if count == 1 => Err(source
            .error(span, "`hours_apart` means nothing in one session")
            .help("ask for several: sessions = 3")),
        _ => Ok(Sessions { count, hours_apart }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_is_run_in_one_session_and_no_session_is_empty() {
        for (count, rounds) in [(1, 12), (3, 12), (3, 13), (5, 12), (12, 12)] {
            let sessions = Sessions { count, hours_apart: 6 };
            let ends: Vec<u32> =
                (0..=count).map(|n| sessions.rounds_by_the_end_of(n, rounds)).collect();
            assert!(ends.windows(2).all(|pair| pair[0] < pair[1]), "{ends:?}");
            assert_eq!((ends[0], ends[count as usize]), (0, rounds));
        }
    }
}
