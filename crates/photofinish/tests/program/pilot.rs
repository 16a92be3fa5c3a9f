//! A pilot: what it tells of the race, and that nothing of it is in the race.

use photofinish_journal::Reader;
use photofinish_study::Phase;

use crate::desk::{Desk, small};

fn rounds(desk: &Desk, phase: Phase) -> usize {
    let reader = Reader::open(&desk.path("results/study")).unwrap();
    reader.rounds().unwrap().into_iter().filter(|round| round.phase == phase).count()
}

#[test]
fn a_pilot_is_told_of_and_is_in_nothing_that_the_race_finds() {
    let desk = Desk::small();
    let pilot = desk.run(&["pilot", "study.toml"]).expect(0);
    let pilot = pilot.says(&["3 rounds in the journal", "the race is expected to take about"]);
    // A study runs one flow over one picture here: what many images cost can be told.
    pilot.says(&["100000 images on pillow/1@local", "a projection from local durations"]);
    assert_eq!((rounds(&desk, Phase::Pilot), rounds(&desk, Phase::Race)), (3, 0));

    let again = desk.run(&["pilot", "study.toml"]).expect(0);
    again.says(&["every round is in the journal already"]);
    assert_eq!(rounds(&desk, Phase::Pilot), 3);
    let plan = desk.run(&["plan", "study.toml", "--json"]).expect(0);
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    assert!(plan["pilot"]["seconds"].is_u64() && plan["pilot"]["usd"].is_null(), "{plan:#}");

    let run = desk.run(&["run", "study.toml"]).expect(0);
    assert!(run.stdout.contains("a pilot of 3 rounds"), "{}", run.stdout);
    assert_eq!((rounds(&desk, Phase::Pilot), rounds(&desk, Phase::Race)), (3, 2));
    let of = |phase: &str| {
        let rows = desk.table("study", "invocations");
        rows.into_iter().filter(|row| row["phase"] == phase).count()
    };
    // Three rounds of two passes of two functions; two rounds of one pass, and their warm-up.
    assert_eq!((of("pilot"), of("race"), of("warm-up")), (12, 4, 6));
    for row in desk.table("study", "summary") {
        let n: usize = row["n"].parse().unwrap();
        let most = if row["metric"] == "init" { 3 } else { 2 };
        assert!(n <= most, "the pilot is in {row:?}");
    }
}

#[test]
fn a_pilot_is_no_part_of_what_a_study_is() {
    let fingerprint = |text: &str| {
        let desk = Desk::with(text);
        let plan = desk.run(&["plan", "study.toml", "--json"]).expect(0);
        let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
        plan["fingerprint"].to_string()
    };
    let piloted = small().replace("stages = 1", "stages = 1\npilot = 5");
    assert_eq!(fingerprint(&piloted), fingerprint(&small()));
    assert_ne!(fingerprint(&small().replace("stages = 1", "stages = 2")), fingerprint(&small()));
}

#[test]
fn the_prices_that_a_study_names_are_its_own_and_another_race_they_are_not() {
    let book = photofinish_assets::PRICES.replace("2026-09-19", "2026-10-01");
    let named = format!("{}\n[cost]\nprices = \"mine.toml\"\n", small());
    let desk = Desk::with(&named);
    let lacking = desk.run(&["plan", "study.toml"]).expect(2);
    lacking.says(&["mine.toml", "the study's price book cannot be read", "prices --refresh"]);
    desk.write("mine.toml", &book.replace("usd = 0.005", "usd = -0.005"));
    desk.run(&["plan", "study.toml"]).expect(2).says(&["mine.toml", "usd not below 0"]);
    desk.write("mine.toml", &book);
    let shown = desk.run(&["prices", "study.toml"]).expect(0);
    assert!(shown.stdout.contains("of 2026-10-01"), "{}", shown.stdout);
    let bundled = desk.run(&["prices"]).expect(0);
    assert!(bundled.stdout.contains("of 2026-09-19"), "{}", bundled.stdout);
    desk.run(&["run", "study.toml"]).expect(0);
    assert!(desk.read("results/study/study.lock.toml").contains("date = \"2026-10-01\""));
    desk.write("study.toml", &small());
    let other = desk.run(&["run", "study.toml"]).expect(0);
    other.says(&["unchanged"]);
    assert!(desk.read("results/study/study.lock.toml").contains("date = \"2026-09-19\""));
}
