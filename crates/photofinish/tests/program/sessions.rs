//! A race in several sessions: each `run` does the next that is due, and says when that is.

use photofinish_journal::Reader;
use photofinish_study::Phase;

use crate::desk::{Desk, small};

#[test]
fn each_run_does_the_session_that_is_due_and_no_other() {
    let text = small().replace("rounds = 2", "rounds = 2\nsessions = 2\nhours_apart = 1");
    let desk = Desk::with(&text);
    let first = desk.run(&["run", "study.toml"]).expect(0);
    assert!(first.stderr.contains("1 of 2, to round 1"), "{}", first.stderr);
    let later = "2 of 2 is due at ";
    assert!(first.stderr.contains(later), "{}", first.stderr);
    assert_eq!(rounds(&desk), [1]);

    let early = desk.run(&["run", "study.toml"]).expect(0);
    assert!(early.stderr.contains(later) && early.stderr.contains("run study.toml"));
    assert_eq!(rounds(&desk), [1], "a session that is not due was begun");
}

/// The sessions of the rounds that were raced.
fn rounds(desk: &Desk) -> Vec<u32> {
    let reader = Reader::open(&desk.path("results/study")).unwrap();
    let rounds = reader.rounds().unwrap().into_iter();
    rounds.filter(|round| round.phase == Phase::Race).map(|round| round.session).collect()
}
