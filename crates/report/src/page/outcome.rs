//! Verdicts, correctness, and the two architectures beside each other.

use maud::{Markup, html};
use photofinish_analyse::cost::CostRow;
use photofinish_analyse::summary::Metric;
use photofinish_analyse::verdict::{Family, Measure, Outcome, Verdict};
use photofinish_analyse::{Images, Part};
use photofinish_study::{Architecture, Deployment, Flow, Name, Platform, Target};

use super::{named, wide};
use crate::data::ReportData;
use crate::sheet::VerificationRow;
use crate::wording::{NONE, about, ends, factor, fixed, not_compared, sentence, spread, usd};

pub(super) fn verdicts(data: &ReportData) -> Option<Markup> {
    if data.verdicts.is_empty() {
        let why = match data.planned.deployments.len() {
            0 | 1 => "There is nobody to be compared with: the study has one deployment.",
            _ => "Nothing was compared.",
        };
        return Some(html! { p { (why) } });
    }
    let of = |family: Family| -> Vec<&Verdict> {
        data.verdicts.iter().filter(|verdict| verdict.family == family).collect()
    };
    let first = of(Family::Pipeline);
    let projected = of(Family::Cost).iter().any(|v| v.left.target.platform == Platform::Local);
    let cost = if projected { "Cost: a projection from local durations" } else { "Cost" };
    let rest = [
        ("Single functions", of(Family::Functions)),
        ("Who gains more on arm64", of(Family::Architecture)),
        (cost, of(Family::Cost)),
    ];
    Some(html! {
        @if !first.is_empty() { div class="first" { (list(&first, data)) } }
        ul class="verdicts" {
            @for line in data.planned.deployments.iter().filter_map(|d| not_compared(d, data)) {
                li class="rejected" { (line) }
            }
        }
        @for (title, verdicts) in rest.iter().filter(|(_, verdicts)| !verdicts.is_empty()) {
            h3 { (title) }
            @if verdicts.len() > MANY { (wide(title, grid(verdicts, data))) } @else { (list(verdicts, data)) }
        }
        details {
            summary { "All comparisons with their p" }
            (wide("All comparisons", all(data)))
        }
    })
}

/// More comparisons of a family than these are shown as a grid.
const MANY: usize = 12;

/// A row for each pair, a column for each thing that was compared.
fn grid(verdicts: &[&Verdict], data: &ReportData) -> Markup {
    let mut pairs: Vec<(&Deployment, &Deployment)> = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    for verdict in verdicts {
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
            caption { "What the left is, compared with the right, and how much it is; ≈ is undecided." }
            thead { tr {
                th { "left" } th { "right" }
                @for column in &columns { th { (column.strip_prefix("in ").unwrap_or(column)) } }
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
        Outcome::Undecided => html! { span class="quiet" { "≈" } },
        Outcome::Rejected => html! { span class="bad" { "✕" } },
        outcome => html! { span title=(interval) { b { (times) " ×" } " " (outcome) } },
    }
}

/// Sentences; what was rejected is said once for a deployment, not for each pair.
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
            caption { "Left over right; intervals are unadjusted 95 % intervals, p are adjusted by Holm within each family; decided where the adjusted p is below 0.05." }
            thead { tr {
                th { "family" } th { "of" } th { "left" } th { "right" } th class="n" { "ratio" }
                th class="n" { "95 % interval" } th class="n" { "rounds" } th class="n" { "n" }
                th class="n" { "p" } th class="n" { "adjusted" } th { "verdict" }
            } }
            tbody { @for verdict in &data.verdicts { tr {
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

pub(super) fn correctness(data: &ReportData) -> Option<Markup> {
    let groups = data.checked();
    let rejected: Vec<(&str, &VerificationRow)> = groups
        .iter()
        .flat_map(|(label, rows)| rows.iter().map(move |row| (label.as_str(), *row)))
        .filter(|(_, row)| !row.accepted)
        .collect();
    if groups.is_empty() {
        return None;
    }
    Some(html! {
        p class="quiet" { "Each output was compared with the reference's before anything was timed. What is rejected earns no time and no rank." }
        (wide("Correctness", html! {
            table {
                thead { tr {
                    th { "variant" }
                    @for function in &data.planned.functions { th { (function) } }
                } }
                tbody { @for (label, rows) in &groups { tr {
                    th scope="row" { (label) }
                    @for function in &data.planned.functions { td { (cell(rows, function)) } }
                } } }
            }
        }))
        @if !rejected.is_empty() {
            h3 { "Rejected, and why" }
            (wide("Rejected outputs", reasons(&rejected)))
        }
    })
}

fn cell(rows: &[&VerificationRow], function: &Name) -> Markup {
    let checks = rows.iter().filter(|row| row.function == *function).count();
    let wrong = rows.iter().filter(|row| row.function == *function && !row.accepted).count();
    match (checks, wrong) {
        (0, _) => html! { span class="quiet" { "not checked" } },
        (_, 0) => html! { span class="good" { "✓ accepted" } },
        _ => {
            html! { span class="bad" { "✕ rejected" } " " span class="quiet" { (wrong) " of " (checks) } }
        }
    }
}

fn reasons(rejected: &[(&str, &VerificationRow)]) -> Markup {
    let number = |value: Option<f64>| value.map_or_else(|| NONE.to_owned(), |v| format!("{v}"));
    html! {
        table {
            thead { tr {
                th { "variant" } th { "function" } th { "input" } th { "reason" } th { "check" }
                th class="n" { "found" } th class="n" { "allowed" }
            } }
            tbody { @for (label, row) in rejected { tr {
                th scope="row" { (label) }
                td { (row.function) }
                td { (row.input) }
                td class="text" { (row.reason.as_deref().unwrap_or(NONE)) }
                td { (row.metric) }
                td class="n" { (number(row.value)) }
                td class="n" { (number(row.limit)) }
            } } }
        }
    }
}

/// The same contestant on both architectures, where a study has both.
pub(super) fn architectures(data: &ReportData) -> Option<Markup> {
    let twins: Vec<(&Deployment, Deployment)> = data
        .planned
        .deployments
        .iter()
        .filter(|deployment| deployment.target.architecture == Architecture::X86_64)
        .filter_map(|x86| {
            let target = Target { architecture: Architecture::Arm64, ..x86.target };
            let arm = Deployment { target, ..(**x86).clone() };
            let there = data.planned.deployments.iter().any(|other| **other == arm);
            there.then_some((&**x86, arm))
        })
        .collect();
    if twins.is_empty() {
        return None;
    }
    let projected = data.costs.rows.iter().any(CostRow::is_projection);
    Some(html! {
        (wide("x86 against ARM", html! {
            table {
                caption { "Pipeline, chained, warm; how much faster the faster is, with its 95 % interval; compute cost of the images above" @if projected { ", a projection from local durations" } "." }
                thead { tr {
                    th { "variant" } th class="n" { "x86_64, ms" } th class="n" { "arm64, ms" }
                    th class="n" { "faster by" } th { "verdict" }
                    th class="n" { "x86_64, compute" } th class="n" { "arm64, compute" }
                } }
                tbody { @for (x86, arm) in &twins { (twin(data, x86, arm)) } }
            }
        }))
        @if let Some(ratio) = data.break_even {
            p class="quiet" { "On compute alone arm64 is cheaper where it takes less than " (fixed(ratio, 3)) " × the time of x86_64. Requests, S3 and logs cost the same on both, so the whole bill differs by less." }
        }
    })
}

fn twin(data: &ReportData, x86: &Deployment, arm: &Deployment) -> Markup {
    let time = |deployment: &Deployment| {
        if data.is_rejected(deployment, &Part::Pipeline) {
            return "rejected".to_owned();
        }
        let row = data.warm(deployment, Flow::Chained, &Part::Pipeline, Metric::Duration);
        row.filter(|row| row.images == Images::All)
            .map_or_else(|| "not run".to_owned(), |row| spread(row.mean, row.sd))
    };
    let compute = |deployment: &Deployment| {
        let row = data.costs.rows.iter().find(|row| *row.deployment == *deployment);
        row.map_or_else(|| NONE.to_owned(), |row| usd(row.terms.compute))
    };
    let verdict = data.verdicts.iter().find(|verdict| {
        verdict.family == Family::Pipeline
            && verdict.measure == Measure::Duration
            && ((*verdict.left == *x86 && *verdict.right == *arm)
                || (*verdict.left == *arm && *verdict.right == *x86))
    });
    html! { tr {
        th scope="row" { (x86.contestant) " " span class="quiet" { (x86.target.memory_mb) " MB" } }
        td class="n" { (time(x86)) }
        td class="n" { (time(arm)) }
        td class="n" { (verdict.and_then(factor).unwrap_or_else(|| NONE.to_owned())) }
        td { (verdict.map_or_else(|| NONE.to_owned(), winner)) }
        td class="n" { (compute(x86)) }
        td class="n" { (compute(arm)) }
    } }
}

fn winner(verdict: &Verdict) -> String {
    match verdict.outcome {
        Outcome::Faster => format!("{} is faster", verdict.left.target.architecture),
        Outcome::Slower => format!("{} is faster", verdict.right.target.architecture),
        other => other.to_string(),
    }
}
