//! When dearer writing has paid.

use std::collections::BTreeMap;

use photofinish_analyse::cost::{Assumptions, Costing, costs};
use photofinish_analyse::price::PriceBook;
use photofinish_analyse::repaid::{Repaid, When, repaid};
use photofinish_analyse::summary::summarise;
use photofinish_analyse::verdict::{Measure, Verdict, judge};
use photofinish_study::Contestant;

use crate::duel::duel;

const BOOK: &str = include_str!("../../../assets/prices/aws-2026-09.toml");

/// The left takes so many ms and cost so much to write, and so the right.
fn race(ms: (f64, f64), usd: (f64, f64)) -> (Vec<Repaid>, Verdict, f64) {
    let script = duel(562, 12, ms.0, ms.1);
    let rows = script.run();
    let planned = script.planned();
    let summary = summarise(rows.race(), &planned);
    let book = PriceBook::parse("aws-2026-09", BOOK).unwrap();
    let costing = Costing { book, assumptions: Assumptions::default() };
    let verdicts = judge(rows.race(), &planned, &[], Some((&summary, &costing)));
    let costs = costs(&summary, &planned, &[], &costing).rows;
    let written: BTreeMap<Contestant, f64> = [("left/1", usd.0), ("right/1", usd.1)]
        .map(|(who, usd)| (who.parse().unwrap(), usd))
        .into();
    let found = repaid(&costs, &verdicts, &written);
    let total = verdicts.into_iter().find(|verdict| verdict.measure == Measure::TotalUsd);
    let of_right = costs.last().map(|row| row.total_usd / row.images as f64);
    (found, total.unwrap(), of_right.unwrap())
}

#[test]
fn dearer_writing_is_repaid_by_what_each_image_saves() {
    let (found, verdict, usd_of_right) = race((200.0, 800.0), (3.0, 1.0));
    let [pair] = &found[..] else { panic!("{found:?}") };
    assert_eq!(pair.dearer.contestant.to_string(), "left/1");
    assert!((pair.extra_usd - 2.0).abs() < 1e-12 && pair.is_projection());
    let saving = usd_of_right * (1.0 - verdict.ratio.unwrap());
    let When::After { images, interval } = pair.when else { panic!("{pair:?}") };
    assert!((images * saving - 2.0).abs() < 1e-9, "{images}");
    let ends = interval.unwrap();
    assert!(ends.low < images && images < ends.high, "{ends:?}");
    let turned = race((800.0, 200.0), (1.0, 3.0)).0;
    let [pair] = &turned[..] else { panic!("{turned:?}") };
    assert_eq!(pair.dearer.contestant.to_string(), "right/1");
    assert!(
        matches!(pair.when, When::After { images: turned, .. } if (turned / images - 1.0).abs() < 0.2)
    );
}

#[test]
fn what_is_dearer_to_write_and_to_run_never_pays() {
    let found = race((800.0, 200.0), (3.0, 1.0)).0;
    assert_eq!(found[0].when, When::Never);
    assert!(found[0].saving_usd.unwrap() < 0.0);
}

#[test]
fn where_no_difference_was_shown_there_is_no_break_even() {
    let found = race((200.0, 200.0), (3.0, 1.0)).0;
    assert_eq!(found[0].when, When::Undecided);
}

#[test]
fn what_cost_the_same_to_write_has_nothing_to_repay() {
    assert_eq!(race((200.0, 800.0), (1.0, 1.0)).0, []);
}
