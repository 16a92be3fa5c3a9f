//! Who won, first of all.

use maud::{Markup, html};
use photofinish_analyse::verdict::{Family, Outcome, Verdict};
use photofinish_study::Deployment;

use super::cost::is_projected;
use super::table::{beside_figures, caption, named, wide};
use crate::data::ReportData;
use crate::wording::{NONE, about, ends, factor, fixed, not_compared, sentence};

/// More comparisons of a family than these are shown as a grid, unless they are the pipeline's.
const MANY: usize = 8;

pub(super) fn verdicts(data: &ReportData) -> Option<Markup> {
    if data.judged().next().is_none() {
        let why = match data.planned.deployments.len() {
            0 | 1 => "There is nobody to be compared with: the study has one deployment.",
            _ => "Nothing was compared.",
        };
        return Some(html! { (rejected(data)) p { (why) } });
    }
    let of = |family: Family| -> Vec<&Verdict> {
        data.judged().filter(|verdict| verdict.family == family).collect()
    };
    let cost = if is_projected(data) { "Cost: a projection from local durations" } else { "Cost" };
    let rest = [
        (cost, of(Family::Cost)),
        ("Single functions", of(Family::Functions)),
        ("Who gains more on arm64", of(Family::Architecture)),
    ];
    Some(html! {
        p class="quiet" { "The whole pipeline, chained; each with its 95 % interval, rounds and n." (beside_figures(data)) }
        (rejected(data))
        @if let Some(why) = data.not_timed() { p { (why) "." } }
        @if let Some(why) = data.restless() { p class="note" { (why) "." } }
        div class="first" { (pipeline(&of(Family::Pipeline), data)) }
        @for (title, verdicts) in rest.iter().filter(|(_, verdicts)| !verdicts.is_empty()) {
            h3 { (title) }
            @if verdicts.len() > MANY { (wide(title, grid(verdicts, data))) } @else { (list(verdicts, data)) }
        }
        details class="long" {
            summary { "All comparisons with their p values" }
            (wide("All comparisons", all(data)))
        }
    })
}

/// What was found wrong is said once for a deployment, not for each pair.
fn rejected(data: &ReportData) -> Markup {
    let raced = data.planned.deployments.iter().filter_map(|d| not_compared(d, data));
    let lines: Vec<String> = raced.chain(data.rejected_apart()).collect();
    html! {
        @if !lines.is_empty() {
            ul class="verdicts" { @for line in &lines { li class="rejected" { (line) } } }
        }
    }
}

/// What the two of a pair have in common, in the order of the study.
fn pipeline(verdicts: &[&Verdict], data: &ReportData) -> Markup {
    let mut groups: Vec<(String, Vec<&Verdict>)> = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Rejected) {
        let title = in_common(verdict);
        match groups.iter_mut().find(|(known, _)| *known == title) {
            Some((_, group)) => group.push(verdict),
            None => groups.push((title, vec![verdict])),
        }
    }
    html! {
        @for (title, group) in &groups {
            @if groups.len() > 1 { h3 { (title) } }
            (list(group, data))
        }
        @if groups.is_empty() && !verdicts.is_empty() { p { "No pair is left to compare." } }
    }
}

fn in_common(verdict: &Verdict) -> String {
    let (left, right) = (verdict.left.target, verdict.right.target);
    if verdict.left.contestant != verdict.right.contestant {
        format!("On {}, {} MB", left.architecture, left.memory_mb)
    } else if left.architecture == right.architecture {
        "One contestant at two memory sizes".to_owned()
    } else {
        "One contestant on two architectures".to_owned()
    }
}

/// A row for each pair, a column for each thing that was compared.
fn grid(verdicts: &[&Verdict], data: &ReportData) -> Markup {
    let mut pairs: Vec<(&Deployment, &Deployment)> = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    // A pair of which nothing is left to compare is said above, once for its deployment.
    for verdict in verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Rejected) {
        let pair = (&*verdict.left, &*verdict.right);
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
        if !columns.contains(&about(verdict)) {
            columns.push(about(verdict));
        }
    }
    let of = |pair: (&Deployment, &Deployment), column: &str| {
        let mut found = verdicts.iter();
        found.find(|v| (&*v.left, &*v.right) == pair && about(v) == column).copied()
    };
    html! {
        table {
            (caption(data, "The left compared with the right: the factor with its 95 % interval; ≈ is undecided, ✕ is rejected."))
            thead { tr {
                th scope="col" { "left" } th scope="col" { "right" }
                @for column in &columns { th scope="col" { (column.strip_prefix("in ").unwrap_or(column)) } }
            } }
            tbody { @for &pair in &pairs { tr {
                th scope="row" { (named(data, pair.0)) }
                td { (named(data, pair.1)) }
                @for column in &columns { td { (of(pair, column).map(judged).unwrap_or_default()) } }
            } } }
        }
    }
}

fn judged(verdict: &Verdict) -> Markup {
    let times = factor(verdict).unwrap_or_default();
    let (times, interval) = times.split_once(" × ").unwrap_or((&times, ""));
    match verdict.outcome {
        Outcome::Undecided if verdict.ratio.is_none() => {
            html! { span class="quiet" { "≈ too little" } }
        }
        Outcome::Undecided => html! { span class="quiet" { "≈ undecided" } },
        Outcome::Rejected => html! { span class="bad" { "✕" } },
        outcome => html! {
            b { (times) " × " (outcome) } br; span class="quiet small" { (interval) }
        },
    }
}

/// Sentences.
fn list(verdicts: &[&Verdict], data: &ReportData) -> Markup {
    html! {
        ul class="verdicts" {
            @for verdict in verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Rejected) {
                li class=(class(verdict.outcome)) { (sentence(verdict, data)) }
            }
        }
    }
}

fn class(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Undecided => "undecided",
        _ => "decided",
    }
}

fn all(data: &ReportData) -> Markup {
    let p = |p: Option<f64>| match p {
        None => NONE.to_owned(),
        Some(p) if p < 0.0001 => "< 0.0001".to_owned(),
        Some(p) => fixed(p, 4),
    };
    html! {
        table {
            (caption(data, "Left over right; intervals are unadjusted 95 % intervals, p are adjusted by Holm within each family; decided where the adjusted p is below 0.05."))
            thead { tr {
                th scope="col" { "family" } th scope="col" { "of" } th scope="col" { "left" }
                th scope="col" { "right" } th scope="col" class="n" { "ratio" }
                th scope="col" class="n" { "95 % interval" } th scope="col" class="n" { "rounds" }
                th scope="col" class="n" { "n" } th scope="col" class="n" { "p" }
                th scope="col" class="n" { "adjusted" } th scope="col" { "verdict" }
            } }
            tbody { @for verdict in data.judged() { tr {
                td { (verdict.family) }
                td { (about(verdict)) }
                td { (named(data, &verdict.left)) }
                td { (named(data, &verdict.right)) }
                td class="n" { (verdict.ratio.map_or_else(|| NONE.to_owned(), |ratio| fixed(ratio, 4))) }
                td class="n" { (ends(verdict.interval, 4)) }
                td class="n" { (verdict.rounds) }
                td class="n" { (verdict.n_left) " / " (verdict.n_right) }
                td class="n" { (p(verdict.p)) }
                td class="n" { (p(verdict.p_adjusted)) }
                td { (verdict.outcome) }
            } } }
        }
    }
}
