//! The same code on x86_64 and on arm64, and whether one author's gains more.

use maud::{Markup, html};
use photofinish_analyse::Part;
use photofinish_analyse::summary::{Metric, SummaryRow};
use photofinish_analyse::verdict::{Family, Measure, Outcome, Verdict};
use photofinish_study::{Architecture, Contestant, Deployment, Flow, Platform, Target};

use super::table::{caption, whose, wide};
use crate::data::ReportData;
use crate::wording::{NONE, count, decimals, ends, fixed, percent, spread, usd};

/// Said in place of a figure where an emulator ran the code.
const NO_TIME: &str = "not run: emulated time is no time";

/// One contestant at one memory size on both architectures.
struct Twins {
    x86: Deployment,
    arm: Deployment,
}

impl Twins {
    fn of(contestant: &Contestant, target: Target) -> Self {
        let on = |architecture| Deployment {
            contestant: contestant.clone(),
            target: Target { architecture, ..target },
        };
        Self { x86: on(Architecture::X86_64), arm: on(Architecture::Arm64) }
    }

    fn both(&self) -> [&Deployment; 2] {
        [&self.x86, &self.arm]
    }
}

/// Where a study has both, be one of them only emulated.
fn twins(data: &ReportData) -> Vec<Twins> {
    let mut found: Vec<Twins> = Vec::new();
    for deployment in &data.planned.deployments {
        let twins = Twins::of(&deployment.contestant, deployment.target);
        let there = twins.both().iter().all(|twin| {
            data.is_emulated(twin) || data.planned.deployments.iter().any(|d| **d == **twin)
        });
        if there && !found.iter().any(|known| known.x86 == twins.x86) {
            found.push(twins);
        }
    }
    found
}

pub(super) fn architectures(data: &ReportData) -> Option<Markup> {
    let twins = twins(data);
    if twins.is_empty() {
        return None;
    }
    let functions = data.planned.functions.iter().cloned().map(Part::Function);
    Some(html! {
        (wide("x86 against ARM", table(data, &twins, &Part::Pipeline)))
        (interaction(data))
        details {
            summary { "Function by function" }
            @for part in functions { (wide("x86 against ARM", table(data, &twins, &part))) }
        }
    })
}

fn table(data: &ReportData, twins: &[Twins], part: &Part) -> Markup {
    let flow = if *part == Part::Pipeline { Flow::Chained } else { Flow::Isolated };
    let local = data.planned.deployments.iter().any(|d| d.target.platform == Platform::Local);
    let about = format!(
        "{part}, {flow}, warm, in milliseconds; the ratio is arm64 over x86_64{}.",
        if local { "; compute cost is a projection from local durations" } else { "" }
    );
    html! {
        table {
            (caption(data, &about))
            thead { tr {
                th scope="col" { "variant" } th scope="col" { "architecture" }
                th scope="col" class="n" { "mean ± sd, ms" } th scope="col" class="n" { "CV" }
                th scope="col" class="n" { "95 % interval" } th scope="col" class="n" { "n" }
                @if *part == Part::Pipeline { th scope="col" class="n" { "compute" } }
                th scope="col" class="n" { "arm64 / x86_64" } th scope="col" { "verdict" }
            } }
            tbody { @for twins in twins { (pair(data, twins, part, flow)) } }
        }
    }
}

fn pair(data: &ReportData, twins: &Twins, part: &Part, flow: Flow) -> Markup {
    let verdict = verdict(data, twins, part);
    html! { @for (place, deployment) in twins.both().into_iter().enumerate() {
        tr class=[(place == 0).then_some("more")] {
            @if place == 0 {
                th scope="rowgroup" rowspan="2" { (whose(data, deployment)) }
            }
            td { (deployment.target.architecture) }
            (figures(data, deployment, part, flow))
            @if *part == Part::Pipeline { td class="n" { (compute(data, deployment)) } }
            @if place == 0 {
                td class="n" rowspan="2" { (verdict.and_then(ratio).unwrap_or_else(|| NONE.to_owned())) }
                td class="why" rowspan="2" { (verdict.map_or_else(|| NONE.to_owned(), winner)) }
            }
        }
    } }
}

fn figures(data: &ReportData, deployment: &Deployment, part: &Part, flow: Flow) -> Markup {
    let row: Option<&SummaryRow> = data.warm(deployment, flow, part, Metric::Duration);
    html! {
        @if data.is_emulated(deployment) {
            td class="quiet" colspan="4" { (NO_TIME) }
        } @else if data.is_rejected(deployment, part) {
            td class="bad n" { "rejected" } td {} td {} td {}
        } @else if let Some(row) = row {
            td class="n" { (spread(row.mean, row.sd)) }
            td class="n" { (percent(row.cv)) }
            td class="n" { (ends(row.interval, decimals(row.mean))) }
            td class="n" { (count(row.n)) }
        } @else {
            td class="quiet n" { "not run" } td {} td {} td {}
        }
    }
}

fn compute(data: &ReportData, deployment: &Deployment) -> String {
    let row = data.priced().find(|row| *row.deployment == *deployment);
    row.map_or_else(|| NONE.to_owned(), |row| usd(row.terms.compute))
}

fn verdict<'a>(data: &'a ReportData, twins: &Twins, part: &Part) -> Option<&'a Verdict> {
    let family = if *part == Part::Pipeline { Family::Pipeline } else { Family::Functions };
    data.judged().find(|verdict| {
        let ends = (&*verdict.left, &*verdict.right);
        verdict.family == family
            && verdict.part == *part
            && verdict.measure == Measure::Duration
            && (ends == (&twins.x86, &twins.arm) || ends == (&twins.arm, &twins.x86))
    })
}

/// arm64 over x86_64, whichever way round they were compared.
fn ratio(verdict: &Verdict) -> Option<String> {
    let turn = verdict.left.target.architecture == Architecture::X86_64;
    let turned = |value: f64| if turn { 1.0 / value } else { value };
    let interval = verdict.interval.map(|ends| {
        let (a, b) = (turned(ends.low), turned(ends.high));
        photofinish_analyse::Interval { low: a.min(b), high: a.max(b) }
    });
    Some(format!("{} {}", fixed(turned(verdict.ratio?), 3), ends(interval, 3)))
}

fn winner(verdict: &Verdict) -> String {
    match verdict.outcome {
        Outcome::Faster => format!("{} is faster", verdict.left.target.architecture),
        Outcome::Slower => format!("{} is faster", verdict.right.target.architecture),
        Outcome::Undecided if !verdict.reason.is_empty() => {
            format!("undecided: {}", verdict.reason)
        }
        other => other.to_string(),
    }
}

/// Contestant × architecture: the ratio of two contestants' ratios.
fn interaction(data: &ReportData) -> Markup {
    let found: Vec<&Verdict> =
        data.judged().filter(|verdict| verdict.family == Family::Architecture).collect();
    html! {
        @if !found.is_empty() {
            h3 { "Does one author's code gain more on arm64 than another's?" }
            (wide("Contestant and architecture", html! {
                table {
                    (caption(data, "Contestant × architecture on the pipeline: the left's arm64/x86_64 over the right's; below 1 the left gains more."))
                    thead { tr {
                        th scope="col" { "left" } th scope="col" { "right" }
                        th scope="col" class="n" { "ratio of ratios" } th scope="col" class="n" { "95 % interval" }
                        th scope="col" class="n" { "rounds" } th scope="col" class="n" { "n" } th scope="col" { "verdict" }
                    } }
                    tbody { @for verdict in found { tr {
                        th scope="row" { (verdict.left.contestant) }
                        td { (verdict.right.contestant) }
                        td class="n" { (verdict.ratio.map_or_else(|| NONE.to_owned(), |ratio| fixed(ratio, 3))) }
                        td class="n" { (ends(verdict.interval, 3)) }
                        td class="n" { (verdict.rounds) }
                        td class="n" { (verdict.n_left) " / " (verdict.n_right) }
                        td class="why" { (gain(verdict)) }
                    } } }
                }
            }))
        }
    }
}

fn gain(verdict: &Verdict) -> String {
    match verdict.outcome {
        Outcome::Faster => format!("{} gains more", verdict.left.contestant),
        Outcome::Slower => format!("{} gains more", verdict.right.contestant),
        other if other == Outcome::Rejected || verdict.reason.is_empty() => other.to_string(),
        other => format!("{other}: {}", verdict.reason),
    }
}
