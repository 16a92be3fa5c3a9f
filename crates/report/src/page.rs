//! The page: one file, no network, no script; light and dark, narrow, wide and on paper.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use photofinish_analyse::{Metric, SummaryRow, Verdict};
use photofinish_study::{Deployment, Flow, Name};

use crate::chart;
use crate::data::ReportData;
use crate::words::{Names, badge, counted, figure, sentence};

const STYLE: &str = include_str!("page.css");

/// The whole page; the same data give the same bytes.
#[must_use]
pub fn html(data: &ReportData) -> String {
    let names = Names::of(data);
    let title = format!("{}: photofinish", data.study);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(data))
                main {
                    (verdicts(data, &names))
                    (correctness(data, &names))
                    @for &flow in &data.flows { (runtimes(data, &names, flow)) }
                    (pipeline(data, &names))
                    (cost(data, &names))
                    (stages(data, &names))
                    (cold_starts(data, &names))
                    (failures(data))
                    (appendix(data))
                }
            }
        }
    };
    page.into_string()
}

fn header(data: &ReportData) -> Markup {
    html! {
        header {
            p.mark { "photofinish" }
            h1 { (data.study) }
            p.lead { (data.description) }
            @if !badge(data).is_empty() { p.badge { strong { "Read first: " } (badge(data)) "." } }
            ul.authors {
                @for (contestant, author) in &data.authors {
                    li { code { (contestant) } " — " (author) }
                }
            }
        }
    }
}

fn verdicts(data: &ReportData, names: &Names) -> Markup {
    html! {
        section {
            h2 { "Verdicts" }
            @if data.verdicts.is_empty() {
                p { "One deployment alone: there is nothing to compare it with." }
            } @else {
                ul.verdicts {
                    @for row in &data.verdicts {
                        li class=(mark(row.verdict)) { (sentence(row, names)) }
                    }
                }
                p.note {
                    "The unit is the round, a set of fresh sandboxes. Each sentence is a paired t on "
                    "logarithms of round means; p values are adjusted within their family by Holm, "
                    "intervals are of the one comparison. Below eight rounds nothing is decided."
                }
            }
        }
    }
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Undecided => "undecided",
        Verdict::Rejected => "rejected",
        _ => "decided",
    }
}

fn correctness(data: &ReportData, names: &Names) -> Markup {
    let cell = |deployment: &Deployment, function: &Name| {
        let rejected = data.rejections.iter().find(|rejection| {
            rejection.deployment == *deployment
                && rejection.function.as_ref().is_none_or(|rejected| rejected == function)
        });
        let looked_at = data
            .verification
            .iter()
            .filter(|row| *row.deployment == *deployment && row.function == *function)
            .count();
        html! {
            @match rejected {
                Some(rejection) => td.no { strong { "rejected" } ": " (rejection.reason) },
                None if looked_at == 0 => td { "not looked at" },
                None => td.yes { "accepted " span.n { "(" (looked_at) " outputs)" } },
            }
        }
    };
    html! {
        section {
            h2 { "Correct?" }
            div.wide { table {
                caption { span { "Every output is held against the reference before anything is timed." } }
                thead { tr {
                    th scope="col" { "function" }
                    @for deployment in &data.deployments { th scope="col" { (names.short(deployment)) } }
                } }
                tbody { @for function in &data.functions {
                    tr {
                        th scope="row" { (function.name) }
                        @for deployment in &data.deployments { (cell(deployment, &function.name)) }
                    }
                } }
            } }
        }
    }
}

fn rows<'a>(
    data: &'a ReportData,
    flow: Flow,
    function: &str,
    metric: Metric,
) -> impl Iterator<Item = &'a SummaryRow> {
    let function = function.to_owned();
    data.summary.iter().filter(move |row| {
        row.flow == flow
            && row.function.as_str() == function
            && row.metric == metric
            && row.image.as_str() == "all"
    })
}

/// Mean, spread and the rest of one row.
fn figures(row: &SummaryRow) -> Markup {
    let optional = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), figure);
    let percent = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |cv| format!("{:.1}", cv * 100.0))
    };
    html! {
        td { strong { (figure(row.mean)) } }
        td { (optional(row.sd)) }
        td { (percent(row.cv)) }
        td { (figure(row.median)) }
        td { (figure(row.p95)) }
        td { (figure(row.p99)) }
        td { (optional(row.ci_low)) " to " (optional(row.ci_high)) }
        td { (row.n) }
        td { (row.rounds) }
    }
}

fn figure_headings(unit: &str) -> Markup {
    html! {
        th scope="col" { "mean " (unit) }
        th scope="col" { "sd" }
        th scope="col" { "CV %" }
        th scope="col" { "median" }
        th scope="col" { "p95" }
        th scope="col" { "p99" }
        th scope="col" { "95 % interval" }
        th scope="col" { "n" }
        th scope="col" { "rounds" }
    }
}

fn runtimes(data: &ReportData, names: &Names, flow: Flow) -> Markup {
    let any = data.functions.iter().any(|function| {
        rows(data, flow, function.name.as_str(), Metric::Duration).next().is_some()
    });
    let given = match flow {
        Flow::Chained => "each function is given the variant's own output of the step before",
        Flow::Isolated => {
            "every variant's function is given the reference's output: the same bytes for all"
        }
    };
    html! {
        @if any { section {
            h2 { "Run time of each function, " (flow) }
            p { "REPORT's Duration of warm calls; " (given) "." }
            div.wide { table.figures {
                caption { span {
                    "Spread is within a picture, so that pictures of different sizes do not count as "
                    "spread. Intervals are over rounds."
                } }
                thead { tr { th scope="col" { "function" } th scope="col" { "" } (figure_headings("ms")) } }
                @for function in &data.functions {
                    tbody { @for (index, row) in rows(data, flow, function.name.as_str(), Metric::Duration).enumerate() {
                        tr {
                            @if index == 0 {
                                th scope="row" { (function.name) br; span.n { (function.kind) } }
                            } @else { td {} }
                            th scope="row" { (names.short(&row.deployment)) }
                            (figures(row))
                        }
                    } }
                }
            } }
            div.charts { @for function in &data.functions {
                (chart::rounds(data, names, flow, &function.name))
            } }
        } }
    }
}

fn pipeline(data: &ReportData, names: &Names) -> Markup {
    let parts = [
        (Metric::Turnaround, "turnaround, s"),
        (Metric::Duration, "sum of durations, ms"),
        (Metric::Billed, "sum of billed durations, ms"),
    ];
    html! {
        @if rows(data, Flow::Chained, "pipeline", Metric::Duration).next().is_some() { section {
            h2 { "The pipeline, chained" }
            p { "Turnaround runs from the first request sent to the last response received." }
            div.wide { table.figures {
                thead { tr { th scope="col" { "" } th scope="col" { "" } (figure_headings("")) } }
                @for (metric, label) in parts {
                    tbody { @for (index, row) in rows(data, Flow::Chained, "pipeline", metric).enumerate() {
                        tr {
                            @if index == 0 { th scope="row" { (label) } } @else { td {} }
                            th scope="row" { (names.short(&row.deployment)) }
                            (figures(row))
                        }
                    } }
                }
            } }
        } }
    }
}

fn cost(data: &ReportData, names: &Names) -> Markup {
    let usd = |value: f64| format!("{value:.3}");
    html! {
        @if let Some(first) = data.cost.first() { section {
            h2 {
                "Cost of 100,000 images"
                @if data.local { ", a projection from local durations" }
            }
            div.wide { table.figures.one {
                caption { span {
                    "US dollars at AWS prices of " (first.price_date) ", from untrimmed billed "
                    "durations; init at one cold start in a hundred; no free tier."
                } }
                thead { tr {
                    th scope="col" { "" }
                    @for term in ["compute", "init", "requests", "S3", "logs", "transfer", "total", "95 % interval"] {
                        th scope="col" { (term) }
                    }
                } }
                tbody { @for row in &data.cost { tr {
                    th scope="row" { (names.short(&row.deployment)) }
                    td { (usd(row.compute_usd)) }
                    td { (usd(row.init_usd)) }
                    td { (usd(row.requests_usd)) }
                    td { (usd(row.s3_usd)) }
                    td { (usd(row.logs_usd)) }
                    td { (usd(row.transfer_usd)) }
                    td { strong { (usd(row.total_usd)) } }
                    td { @if let (Some(low), Some(high)) = (row.ci_low, row.ci_high) { (usd(low)) " to " (usd(high)) } }
                } } }
            } }
        } }
    }
}

fn stages(data: &ReportData, names: &Names) -> Markup {
    const PARTS: [Metric; 4] = [Metric::Download, Metric::Compute, Metric::Upload, Metric::Cpu];
    let mean = |deployment: &Deployment, flow: Flow, function: &str, metric: Metric| {
        rows(data, flow, function, metric)
            .find(|row| *row.deployment == *deployment)
            .map(|row| row.mean)
    };
    let measured = data.summary.iter().find(|row| row.metric == Metric::Compute);
    html! {
        @if let Some(flow) = measured.map(|row| row.flow) { section {
            h2 { "Where the time goes" }
            p {
                "From passes of their own in which the inspector times the stages, " (flow)
                ". It lives in the function's process: its figures explain, they decide nothing."
            }
            div.wide { table.figures {
                thead { tr {
                    th scope="col" { "function" } th scope="col" { "" }
                    @for metric in PARTS { th scope="col" { (metric) " ms" } }
                    th scope="col" { "CPU share %" }
                    th scope="col" { "download, compute, upload" }
                } }
                @for function in &data.functions {
                    tbody { @for (index, deployment) in data.deployments.iter().enumerate() {
                        @let name = function.name.as_str();
                        @let parts = PARTS.map(|metric| mean(deployment, flow, name, metric));
                        @if let [Some(download), Some(compute), Some(upload), Some(cpu)] = parts { tr {
                            @if index == 0 {
                                th scope="row" { (function.name) br; span.n { (function.kind) } }
                            } @else { td {} }
                            th scope="row" { (names.short(deployment)) }
                            @for part in [download, compute, upload, cpu] { td { (figure(part)) } }
                            td { (format!("{:.0}", 100.0 * cpu / (download + compute + upload))) }
                            td.bar { (chart::split(&[download, compute, upload])) }
                        } }
                    } }
                }
            } }
        } }
    }
}

fn cold_starts(data: &ReportData, names: &Names) -> Markup {
    let any = data.summary.iter().any(|row| row.metric == Metric::Init);
    html! {
        @if any { section {
            h2 { "Cold starts" }
            p { "REPORT's Init Duration of the first call in each fresh sandbox." }
            div.wide { table.figures {
                thead { tr { th scope="col" { "function" } th scope="col" { "" } (figure_headings("ms")) } }
                @for function in &data.functions {
                    @for flow in Flow::ALL {
                        tbody { @for row in rows(data, *flow, function.name.as_str(), Metric::Init) { tr {
                            th scope="row" { (function.name) }
                            th scope="row" { (names.short(&row.deployment)) }
                            (figures(row))
                        } } }
                    }
                }
            } }
        } }
    }
}

fn failures(data: &ReportData) -> Markup {
    let mut kinds: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for row in data.invocations.iter().filter(|row| !row.status.is_ok()) {
        let kind = format!("{}: {} of {}", row.at.phase, row.status.0, row.function);
        *kinds.entry(kind).or_default() += 1;
    }
    html! {
        section {
            h2 { "Failures and missing records" }
            p { (counted(data)) " of " (data.invocations.len()) " calls failed, were wrong, or are in doubt." }
            @if !kinds.is_empty() { ul { @for (kind, count) in kinds { li { (count) " × " (kind) } } } }
        }
    }
}

fn appendix(data: &ReportData) -> Markup {
    html! {
        section.appendix {
            h2 { "Appendix" }
            h3 { "To do it again" }
            @for command in &data.reproduce { pre { code { (command) } } }
            h3 { "Machine, versions, hashes" }
            div.wide { table.facts { tbody { @for (key, value) in &data.facts { tr {
                th scope="row" { (key) }
                td { (value) }
            } } } } }
            h3 { "Contract" }
            details { summary { "contract.toml" } pre { code { (data.contract) } } }
            h3 { "Code" }
            @for source in &data.sources {
                details {
                    summary { (source.contestant) ", " (source.function) }
                    pre { code { (source.code) } }
                }
            }
        }
    }
}
