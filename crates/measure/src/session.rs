//! Sessions: a race in several sittings, and which is due.

use jiff::{SignedDuration, Timestamp};
use photofinish_journal::{Journal, Reader};
use photofinish_study::{Phase, Sessions};

use crate::error::Error;

/// One sitting of a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// From 1.
    pub number: u32,
    /// It is over once so many rounds of the race are done.
    pub until: u32,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// This session is due, or under way.
    Due(Session),
    /// This session is not due before then.
    Later(Session, Timestamp),
    /// Every session is over.
    Over,
}

/// What of the race is done, by the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Whole rounds of the race.
    pub rounds: u32,
    /// Whole rounds of the pilot.
    pub pilot: u32,
    /// Whether the passes with stage times are done.
    pub stages: bool,
    /// When the last round of the race ended.
    pub ended_at: Option<Timestamp>,
    /// Which number the next round has.
    pub(crate) next_number: u32,
}

impl Done {
    /// Reads it. A round that was cut short is not done.
    pub fn by(journal: &Journal) -> Result<Self, Error> {
        Self::read(&Reader::of(journal))
    }

    /// The same of a journal that nobody need be writing.
    pub fn read(reader: &Reader<'_>) -> Result<Self, Error> {
        let mut done = Self { next_number: 1, ..Self::default() };
        for round in reader.rounds()? {
            done.next_number = done.next_number.max(round.number + 1);
            if round.status.is_cut_short() {
                continue;
            }
            match round.phase {
                Phase::Stages => done.stages = true,
                Phase::Pilot => done.pilot += 1,
                Phase::WarmUp | Phase::Race => {
                    done.rounds += 1;
                    done.ended_at = round.ended_at.and_then(|at| at.parse().ok()).or(done.ended_at);
                }
            }
        }
        Ok(done)
    }

    /// Which session comes next, of a race of so many rounds. One that was begun is due at once;
    /// a new one begins some hours after the last.
    #[must_use]
    pub fn next(&self, sessions: Sessions, rounds: u32, now: Timestamp) -> Next {
        let ends = |number| sessions.rounds_by_the_end_of(number, rounds);
        let Some(number) = (1..=sessions.count).find(|&number| ends(number) > self.rounds) else {
            return Next::Over;
        };
        let session = Session { number, until: ends(number) };
        let begins = number > 1 && self.rounds == ends(number - 1);
        match self.ended_at {
            Some(ended) if begins => {
                let apart = SignedDuration::from_hours(sessions.hours_apart.into());
                let due = ended.checked_add(apart).unwrap_or(ended);
                if now < due { Next::Later(session, due) } else { Next::Due(session) }
            }
            _ => Next::Due(session),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn done(rounds: u32, ended_at: &str) -> Done {
        Done { rounds, ended_at: Some(at(ended_at)), ..Done::default() }
    }

    const THREE: Sessions = Sessions { count: 3, hours_apart: 6 };

    #[test]
    fn a_new_session_waits_for_its_hour_and_one_under_way_goes_on() {
        let noon = at("2026-11-24T12:00:00Z");
        let second = Session { number: 2, until: 8 };
        assert_eq!(
            Done::default().next(THREE, 12, noon),
            Next::Due(Session { number: 1, until: 4 })
        );
        let due = at("2026-11-24T16:00:00Z");
        let first_over = done(4, "2026-11-24T10:00:00Z");
        assert_eq!(first_over.next(THREE, 12, noon), Next::Later(second, due));
        assert_eq!(first_over.next(THREE, 12, due), Next::Due(second));
        assert_eq!(done(5, "2026-11-24T11:59:00Z").next(THREE, 12, noon), Next::Due(second));
        assert_eq!(done(12, "2026-11-24T11:59:00Z").next(THREE, 12, noon), Next::Over);
    }

    #[test]
    fn one_session_is_always_due_until_it_is_over() {
        let noon = at("2026-11-24T12:00:00Z");
        let whole = Session { number: 1, until: 12 };
        let one = Sessions::default();
        assert_eq!(done(11, "2026-11-24T11:59:00Z").next(one, 12, noon), Next::Due(whole));
        assert_eq!(done(12, "2026-11-24T11:59:00Z").next(one, 12, noon), Next::Over);
    }
}
