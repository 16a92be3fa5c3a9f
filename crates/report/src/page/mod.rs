//! The HTML page: one file, no network, no script.
//!
//! Every text goes through maud's escaping, and a content security policy forbids whatever might
//! still get through: what generated code says cannot become part of the page.

mod appendix;
mod architectures;
mod axis;
mod chart;
mod correctness;
mod cost;
mod lanes;
mod memory;
mod missing;
mod orchestration;
mod order;
mod pictures;
mod pilot;
mod prompts;
mod runtime;
mod stages;
mod table;
mod verdicts;
mod written;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use maud::{DOCTYPE, Markup, PreEscaped, html};
use photofinish_study::{Flow, Phase};

use crate::data::{Badge, ReportData};
use crate::file;
use crate::wording::{count, harmless};

const STYLE: &str = include_str!("style.css");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A section: its anchor, its title and what stands in it.
struct Section {
    anchor: &'static str,
    title: String,
    body: Markup,
}

/// The whole page. The same data gives the same bytes.
#[must_use]
pub fn render(data: &ReportData) -> String {
    let cost_title = cost::title(data);
    let sections: Vec<Section> = [
        ("verdict", "Verdict", verdicts::verdicts(data)),
        ("runtime", "Runtime of each function", runtime::runtimes(data)),
        ("turnaround", "Turnaround of the pipeline", turnaround(data)),
        ("cost", &cost_title, cost::cost(data)),
        ("memory", "What memory buys", memory::memory(data)),
        ("orchestration", "What a state machine adds", orchestration::orchestration(data)),
        ("architectures", "x86 against ARM", architectures::architectures(data)),
        ("correctness", "Correctness", correctness::correctness(data)),
        ("written", "Written by models", written::written(data)),
        ("charts", "Every measurement", chart::charts(data)),
        ("stages", "Where the time goes", stages::stages(data)),
        ("order", "Run order", order::order(data)),
        ("cold", "Cold starts", runtime::cold(data)),
        ("missing", "Failures and missing records", missing::missing(data)),
        ("pictures", "What was wrong, in pictures", pictures::pictures(data)),
        ("method", "How to read this", appendix::method(data)),
        ("appendix", "Appendix", appendix::appendix(data)),
    ]
    .into_iter()
    .filter_map(|(anchor, title, body)| {
        body.map(|body| Section { anchor, title: title.to_owned(), body })
    })
    .collect();
    // Markup is ours and has no such characters, so the finished page can be cleaned at once.
    harmless(&document(data, &sections).into_string())
}

/// The table, and its chart.
fn turnaround(data: &ReportData) -> Option<Markup> {
    let table = runtime::turnaround(data)?;
    Some(html! { (table) @if let Some(chart) = chart::turnaround(data) { (chart) } })
}

/// Writes the page as `index.html` into `folder`.
pub fn write(folder: &Path, data: &ReportData) -> Result<PathBuf, file::WriteError> {
    let path = folder.join("index.html");
    file::write(&path, render(data).as_bytes())?;
    Ok(path)
}

fn document(data: &ReportData, sections: &[Section]) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content="photofinish";
                link rel="icon" href="data:,";
                title { (data.study) " – photofinish" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (header(data, sections)) }
                main {
                    @for section in sections {
                        section aria-labelledby=(section.anchor) {
                            h2 id=(section.anchor) { (section.title) }
                            (section.body)
                        }
                    }
                }
                footer { "Made by photofinish from the study's journal. The tables behind this page are in " code { "data/*.csv" } " beside it." span class="paper" { " Long tables and charts of further pictures are on the screen alone." } }
            }
        }
    }
}

fn header(data: &ReportData, sections: &[Section]) -> Markup {
    html! {
        h1 { (data.study) }
        @for badge in &data.badges {
            div class={ "badge" @if *badge == Badge::Aws { " aws" } } {
                b { (badge.word()) }
                span { (badge.meaning()) }
            }
        }
        p class="lead" { (what_ran(data)) }
        @for note in &data.notes { p { (note) } }
        nav aria-label="Sections" {
            @for section in sections { a href={ "#" (section.anchor) } { (section.title) } }
        }
    }
}

/// What was planned, in a sentence.
fn what_ran(data: &ReportData) -> String {
    let planned = &data.planned;
    let plural = |n: usize, one: &str| {
        if n == 1 { format!("1 {one}") } else { format!("{} {one}s", count(n as u64)) }
    };
    let flows: Vec<String> = data.flows().into_iter().map(|flow| flow.to_string()).collect();
    let pictures: BTreeSet<_> = planned.round.keys().map(|(_, i)| i).collect();
    let race = data.passes.iter().filter(|pass| pass.at.phase == Phase::Race);
    let rounds: BTreeSet<u32> = race.map(|pass| pass.at.round).collect();
    format!(
        "{} of {}, {} of {}, {}; flow: {}.",
        plural(planned.deployments.len(), "deployment"),
        plural(planned.functions.len(), "function"),
        plural(rounds.len(), "round"),
        plural(pictures.len(), "picture"),
        plural(data.invocations.len(), "invocation") + " recorded",
        flows.join(" and "),
    )
}

/// What a flow means, for headings.
fn flow_title(flow: Flow) -> &'static str {
    match flow {
        Flow::Isolated => "Isolated: every variant is given the same bytes",
        Flow::Chained => "Chained: each function is given its own variant's output",
    }
}
