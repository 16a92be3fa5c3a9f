//! A/A: the same code twice is called different at the nominal rate, and never on few rounds.
//!
//! Log-normal times, sandbox spread 6 %, call spread 12 %: see `simulated`.

use photofinish_analyse::paired_ratio;
use photofinish_analyse::verdict::{Outcome, judge};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::duel::duel;
use crate::simulated::{CALL_SPREAD, SANDBOX_SPREAD, Script, luck};

/// A round's mean of nine calls in one sandbox.
fn round_mean(chance: &mut ChaCha8Rng) -> f64 {
    let sandbox = luck(chance, SANDBOX_SPREAD);
    (0..9).map(|_| sandbox * luck(chance, CALL_SPREAD)).sum::<f64>() / 9.0
}

#[test]
fn the_comparison_is_wrong_about_identical_code_in_five_of_a_hundred_studies() {
    let mut chance = ChaCha8Rng::seed_from_u64(562);
    const STUDIES: usize = 4000; // one standard error: 0.34 %
    for rounds in [8, 12, 30] {
        let study = |chance: &mut ChaCha8Rng| {
            let pairs: Vec<_> =
                (0..rounds).map(|_| (round_mean(chance), round_mean(chance))).collect();
            paired_ratio(&pairs).unwrap().p < 0.05
        };
        let wrong = (0..STUDIES).filter(|_| study(&mut chance)).count();
        let share = wrong as f64 / STUDIES as f64;
        assert!((0.04..=0.06).contains(&share), "{rounds} rounds: {share}");
    }
}

#[test]
fn whole_studies_of_identical_code_end_undecided() {
    const STUDIES: u64 = 300; // expected 15 wrong, standard deviation 3.8
    for (rounds, allowed) in [(2, 0), (7, 0), (8, 26), (12, 26), (30, 26)] {
        let study = |seed: u64| {
            let script = Script { passes: 3, ..duel(seed, rounds, 100.0, 100.0) };
            let verdicts = judge(script.run().race(), &script.planned(), &[], None);
            assert_eq!(verdicts.len(), 1);
            if rounds < 8 {
                assert!(verdicts[0].reason.starts_with("too few rounds"), "{}", verdicts[0].reason);
                assert_eq!((verdicts[0].ratio, verdicts[0].p), (None, None));
            }
            verdicts[0].outcome != Outcome::Undecided
        };
        let wrong = (0..STUDIES).filter(|&seed| study(seed)).count();
        assert!(wrong <= allowed, "{rounds} rounds: {wrong} of {STUDIES} wrong");
        assert!(rounds < 8 || wrong >= 4, "{rounds} rounds: {wrong} wrong is too few to be true");
    }
}

#[test]
fn a_real_difference_is_found() {
    let script = duel(7, 12, 100.0, 130.0);
    let verdicts = judge(script.run().race(), &script.planned(), &[], None);
    assert_eq!(verdicts[0].outcome, Outcome::Faster);
    let ends = verdicts[0].interval.unwrap();
    assert!(ends.low < 100.0 / 130.0 && 100.0 / 130.0 < ends.high, "{ends:?}");
}
