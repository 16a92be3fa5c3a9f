//! What models wrote: how often it is right, how fast it is, what it took.

use maud::{Markup, html};
use photofinish_analyse::repaid::When;
use photofinish_analyse::score::{Draw, Score};
use photofinish_study::record::Generation;

use super::table::{caption, wide};
use crate::data::ReportData;
use crate::wording::{
    NONE, chance, median, price_of_right_between, quartiles, repayment, speed, usd,
};
use crate::written::{Author, Doubt};

pub(super) fn written(data: &ReportData) -> Option<Markup> {
    if data.written.is_empty() {
        return None;
    }
    let (first, repaired): (Vec<&Score>, Vec<&Score>) =
        data.written.in_order().into_iter().partition(|score| score.repair == 0);
    Some(html! {
        (wide("Who was asked", authors(data)))
        (remarks(data))
        @if !first.is_empty() {
            h3 { "First answers: how often they are right" }
            (how_sure())
            (wide("How often first answers are right", right(data, &first)))
            h3 { "First answers: what they took" }
            (wide("What first answers took", took(data, &first)))
        }
        @if !repaired.is_empty() {
            h3 { "After repairs" }
            p class="quiet" { "What was wrong went back to its author. These rows are no first answers and are not compared with them: they took more calls." }
            (wide("After repairs", after_repairs(data, &repaired)))
        }
        (code_seen(data))
        (repayments(data))
    })
}

fn authors(data: &ReportData) -> Markup {
    let list = |names: &[&str]| if names.is_empty() { NONE.to_owned() } else { names.join(", ") };
    let row = |author: &Author<'_>| {
        html! { tr {
            th scope="row" { (author.variant) }
            td { (list(&author.asked)) }
            td { (list(&author.effort)) }
            td { (list(&author.served)) }
            td class="n" { (author.samples) }
            td class="n" { (author.answers) }
        } }
    };
    html! {
        table {
            (caption(data, "Who was asked, and which model says it answered."))
            thead { tr {
                th scope="col" { "variant" } th scope="col" { "asked" } th scope="col" { "effort" }
                th scope="col" { "answered" } th scope="col" class="n" { "samples" }
                th scope="col" class="n" { "answers" }
            } }
            tbody { @for author in &data.written.authors() { (row(author)) } }
        }
    }
}

fn remarks(data: &ReportData) -> Markup {
    let remarks = data.written.remarks();
    html! {
        @if !remarks.is_empty() {
            ul { @for remark in &remarks {
                li {
                    b { (remark.variant) } ": "
                    @match remark.doubt {
                        Doubt::OfAuthor => span class="bad" { (remark.words) },
                        Doubt::None => (remark.words),
                    }
                }
            } }
        }
    }
}

fn how_sure() -> Markup {
    html! {
        p class="quiet" { "pass@k: at least one of k answers is right; pass^k: all k are; eff@k: the best speed of k answers beside the baseline's, a wrong one being 0, of the answers that were to race. Each is the mean over all choices of k of the answers. An answer that was refused, cut off, without code or never had is wrong; under “with code” it is left out. One that was not verified counts nowhere." }
        p class="quiet" { "Intervals on chances are Clopper and Pearson's, carried from one answer to k. Where one is wider than 50 points, the row is marked wide: it decides nothing. Intervals on eff@k are approximate and need five answers for each of k." }
    }
}

/// How many answers at once some row can tell of.
fn draws(scores: &[&Score], of: fn(&Score) -> &[Draw]) -> Vec<u32> {
    let mut draws: Vec<u32> =
        scores.iter().flat_map(|score| of(score)).map(|draw| draw.k).collect();
    draws.sort_unstable();
    draws.dedup();
    draws
}

fn with(draws: &[Draw], k: u32) -> Option<&Draw> {
    draws.iter().find(|draw| draw.k == k)
}

fn one_of(score: &Score) -> &[Draw] {
    &score.of_all.one_of
}

fn best_of(score: &Score) -> &[Draw] {
    score.speed.as_ref().map_or(&[], |speed| &speed.best_of)
}

fn right(data: &ReportData, scores: &[&Score]) -> Markup {
    let ks = draws(scores, one_of);
    let several: Vec<u32> = ks.iter().copied().filter(|k| *k > 1).collect();
    // How sure all of k are is soon nothing: the smallest k tells enough.
    let all = several.first();
    let speeds = draws(scores, best_of);
    let measured = data
        .written
        .baseline
        .as_ref()
        .filter(|_| !speeds.is_empty())
        .map_or_else(String::new, |(baseline, target)| {
            format!(" Speeds on {target}, {baseline} being 1.")
        });
    let about = format!(
        "First answers; chances in per cent with their 95 % intervals. The pipeline is all functions of one sample.{measured}"
    );
    html! {
        table {
            (caption(data, &about))
            thead { tr {
                th scope="col" { "function" } th scope="col" { "variant" }
                th scope="col" class="n" { "right" }
                th scope="col" class="n" { "pass@1" }
                th scope="col" class="n" { "with code" }
                th scope="col" class="n" { "of those" }
                @for k in &several { th scope="col" class="n" { "pass@" (k) } }
                @if let Some(k) = all { th scope="col" class="n" { "pass^" (k) } }
                @if !speeds.is_empty() { th scope="col" class="n" { "raced" } }
                @for k in &speeds { th scope="col" class="n" { "eff@" (k) } }
            } }
            tbody { @for (place, score) in scores.iter().enumerate() {
                (row(scores, place, html! {
                    td class="n" { b { (score.of_all.right) } " of " (score.of_all.n) }
                    td class="n" { (chance(with(&score.of_all.one_of, 1))) (wide_one(score)) }
                    td class="n" { (score.with_code.right) " of " (score.with_code.n) }
                    td class="n" { (chance(with(&score.with_code.one_of, 1))) }
                    @for k in &several { td class="n" { (chance(with(&score.of_all.one_of, *k))) } }
                    @if let Some(k) = all { td class="n" { (chance(with(&score.of_all.all_of, *k))) } }
                    @if !speeds.is_empty() { td class="n" { (score.speed.as_ref().map_or(0, |speed| speed.n)) } }
                    @for k in &speeds { td class="n" { (speed(with(best_of(score), *k))) } }
                }))
            } }
        }
    }
}

fn wide_one(score: &Score) -> Markup {
    let is_wide = with(&score.of_all.one_of, 1).is_some_and(Draw::is_wide);
    html! { @if is_wide { " " span class="note small" { "wide" } } }
}

/// A row with its function, written once for all variants, and its variant.
fn row(scores: &[&Score], place: usize, cells: Markup) -> Markup {
    let score = scores[place];
    let same = |other: Option<&&Score>| other.is_some_and(|other| other.part == score.part);
    let before = place.checked_sub(1).and_then(|before| scores.get(before));
    html! {
        tr class=[same(scores.get(place + 1)).then_some("more")] {
            @if same(before) { td {} } @else { th scope="row" { (score.part) } }
            td { (score.variant) @if score.repair > 0 { " after r" (score.repair) } }
            (cells)
        }
    }
}

fn took(data: &ReportData, scores: &[&Score]) -> Markup {
    html! {
        table {
            (caption(data, "Medians, with quartiles in brackets; of all functions the sum. A right one costs what all cost over how many are right; its 95 % interval is that of being right."))
            thead { tr {
                th scope="col" { "function" } th scope="col" { "variant" }
                (effort_headings())
                th scope="col" class="n" { "output tokens" } th scope="col" class="n" { "thoughts" } th scope="col" class="n" { "input tokens" }
            } }
            tbody { @for (place, score) in scores.iter().enumerate() {
                (row(scores, place, html! {
                    (effort(score))
                    td class="n" { (quartiles(score.effort.output_tokens)) }
                    td class="n" { (median(score.effort.reasoning_tokens)) }
                    td class="n" { (median(score.effort.input_tokens)) }
                }))
            } }
        }
    }
}

fn effort_headings() -> Markup {
    html! {
        th scope="col" class="n" { "a right one costs" } th scope="col" class="n" { "spent" }
        th scope="col" class="n" { "s to answer" }
    }
}

fn effort(score: &Score) -> Markup {
    let bad = score.money.spent_usd.is_some() && score.money.per_right_usd.is_none();
    html! {
    td class={ "n" @if bad { " bad" } } { (price_of_right_between(&score.money)) }
    td class="n" { (score.money.spent_usd.map_or_else(|| NONE.to_owned(), usd)) }
    td class="n" { (quartiles(score.effort.seconds)) }
        }
}

fn after_repairs(data: &ReportData, scores: &[&Score]) -> Markup {
    html! {
        table {
            (caption(data, "The latest answer after at most so many rounds of repairs, with the money, time and tokens of all that led to it."))
            thead { tr {
                th scope="col" { "function" } th scope="col" { "variant" }
                th scope="col" class="n" { "right" } th scope="col" class="n" { "share, %" }
                (effort_headings())
                th scope="col" class="n" { "output tokens" }
            } }
            tbody { @for (place, score) in scores.iter().enumerate() {
                (row(scores, place, html! {
                    td class="n" { b { (score.of_all.right) } " of " (score.of_all.n) }
                    td class="n" { (chance(with(&score.of_all.one_of, 1))) (wide_one(score)) }
                    (effort(score))
                    td class="n" { (median(score.effort.output_tokens)) }
                }))
            } }
        }
    }
}

/// What a look at each answer's code found.
fn code_seen(data: &ReportData) -> Markup {
    let mut looked: Vec<&Generation> =
        data.written.generations.iter().filter(|answer| answer.lines.is_some()).collect();
    let place = |name| data.planned.functions.iter().position(|function| function == name);
    looked.sort_by_key(|answer| place(&answer.function));
    let count = |n: Option<u32>| n.map_or_else(|| NONE.to_owned(), |n| n.to_string());
    html! {
        @if !looked.is_empty() {
            h3 { "What is seen in the code" }
            p class="quiet" { "By reading it, not by running it. These are facts beside the figures: none of them accepts or rejects anything. Loops over pixels are a guess by names. Complexity is McCabe's, summed over the file." }
            details { summary { (looked.len()) " answers" } (wide("What is seen in the code", html! {
                table {
                    (caption(data, "What reading each answer's code shows."))
                    thead { tr {
                        th scope="col" { "function" } th scope="col" { "answer" }
                        th scope="col" class="n" { "lines" } th scope="col" class="n" { "complexity" }
                        th scope="col" { "seen" }
                    } }
                    tbody { @for answer in looked { tr {
                        th scope="row" { (answer.function) }
                        td { (answer.contestant) }
                        td class="n" { (count(answer.lines)) }
                        td class="n" { (count(answer.complexity)) }
                        td { @if answer.seen.is_empty() { (NONE) } @else { (answer.seen.join("; ")) } }
                    } } }
                }
            })) }
        }
    }
}

/// When dearer writing has paid.
fn repayments(data: &ReportData) -> Markup {
    let pairs: Vec<_> = data
        .written
        .repaid
        .iter()
        .filter(|pair| !data.is_emulated(&pair.dearer) && !data.is_emulated(&pair.cheaper))
        .collect();
    html! {
        @if !pairs.is_empty() {
            h3 { "When dearer writing has paid" }
            p class="quiet" { "After how many images the code that was dearer to write has saved the difference, by total running cost; only where the verdict on that cost is decided." }
            ul class="verdicts" { @for pair in pairs {
                li class=(if pair.when == When::Undecided { "undecided" } else { "decided" }) { (repayment(pair, data)) }
            } }
        }
    }
}
