//! What models wrote, in the terminal.

use photofinish_analyse::score::{Draw, Score};

use super::{Page, Sheet, Tone};
use crate::data::ReportData;
use crate::wording::{chance, median, price_of_right, repayment, speed};
use crate::written::Doubt;

pub(super) fn written(page: &mut Page, data: &ReportData) {
    if data.written.is_empty() {
        return;
    }
    page.heading("written by models");
    for author in data.written.authors() {
        let effort = match author.effort.join(", ") {
            effort if effort.is_empty() => String::new(),
            effort => format!(", effort {effort}"),
        };
        let (variant, asked) = (author.variant, author.asked.join(", "));
        let (samples, answers) = (author.samples, author.answers);
        page.line(&format!("{variant}: {asked}{effort}; samples {samples}, answers {answers}"));
    }
    for remark in data.written.remarks() {
        let line = format!("finding  {}: {}", remark.variant, remark.words);
        match remark.doubt {
            Doubt::OfAuthor => page.toned(&line, Tone::Bad),
            Doubt::None => page.line(&line),
        }
    }
    let (first, repaired): (Vec<&Score>, Vec<&Score>) =
        data.written.in_order().into_iter().partition(|score| score.repair == 0);
    first_answers(page, &first);
    after_repairs(page, &repaired);
    data.written.repaid.iter().for_each(|pair| page.line(&repayment(pair, data)));
}

fn first_answers(page: &mut Page, scores: &[&Score]) {
    let eff = |score: &Score| score.speed.as_ref().and_then(|speed| speed.best_of.first()).copied();
    let timed = scores.iter().any(|score| eff(score).is_some());
    let several = |draw: &&Draw| draw.k == 5;
    let mut heading = vec!["function", "variant", "right", "pass@1, %", "pass@5, %"];
    heading.extend(timed.then_some("eff@1"));
    heading.extend(["a right one costs", "seconds"]);
    let mut table = Sheet::new(&heading, 2);
    for score in scores {
        let mut cells = cells(score);
        cells.push(chance(score.of_all.one_of.iter().find(several)));
        cells.extend(timed.then(|| speed(eff(score).as_ref())));
        cells.push(price_of_right(&score.money));
        cells.push(median(score.effort.seconds));
        table.row(cells);
    }
    page.table("first answers, of all that were asked for", table);
}

fn after_repairs(page: &mut Page, scores: &[&Score]) {
    let heading = ["function", "variant", "right", "share, %", "a right one costs", "seconds"];
    let mut table = Sheet::new(&heading, 2);
    for score in scores {
        let mut cells = cells(score);
        cells[1] = format!("{} after r{}", score.variant, score.repair);
        cells.push(price_of_right(&score.money));
        cells.push(median(score.effort.seconds));
        table.row(cells);
    }
    page.table("after repairs, with all that they took", table);
}

/// Of what, whose, how many are right, and the chance of one answer.
fn cells(score: &Score) -> Vec<String> {
    let tally = &score.of_all;
    let right = format!("{} of {}", tally.right, tally.n);
    vec![score.part.to_string(), score.variant.to_string(), right, chance(tally.one_of.first())]
}
