//! How to read the page, and what it rests on.

use maud::{Markup, html};
use photofinish_analyse::verdict::FEWEST_ROUNDS;

use super::prompts::prompts;
use crate::data::{Facts, ReportData};

pub(super) fn method(data: &ReportData) -> Option<Markup> {
    (!data.planned.deployments.is_empty()).then(|| html! {
        p { "The race runs in rounds. A round gives every deployment one fresh sandbox for each function, warms it up apart, then runs every picture equally often, deployments interleaved in an order drawn at random. Calls in one sandbox share its luck, so the round, not the call, is what is counted: intervals and verdicts come from round means." }
        p { "A comparison is a paired t on the logarithms of round means, over the rounds that are complete on both sides: a ratio of geometric means with its 95 % interval. Within each family of comparisons the p are adjusted by Holm; below 0.05 a verdict falls. Below " (FEWEST_ROUNDS) " complete rounds there is none. “Undecided” means that no difference was shown, not that there is none." }
        p { "The section “Where the time goes”, all charts and the run order are exploratory: they explain, and decide nothing." }
        p { "mean: the mean of the pictures' means. sd and CV: within pictures, pooled (sample sd). p95 and p99: over all calls. n: calls or passes. Cold, proactive and warm calls are never mixed." }
    })
}

pub(super) fn appendix(data: &ReportData) -> Option<Markup> {
    let empty = data.facts.is_empty()
        && data.commands.is_empty()
        && data.sources.is_empty()
        && data.texts.is_empty()
        && data.written.prompts.is_empty();
    (!empty).then(|| html! {
        @if !data.commands.is_empty() {
            h3 { "To make this again" }
            pre { code { (data.commands.join("\n")) } }
        }
        @for section in &data.facts { (facts(section)) }
        @if !data.texts.is_empty() { h3 { "Contract and other texts" } }
        @for text in &data.texts {
            details { summary { (text.title) } pre { (text.body) } }
        }
        (prompts(&data.written.prompts))
        @if !data.sources.is_empty() { h3 { "The code that raced" } }
        @for source in &data.sources {
            details {
                summary { b { (source.variant) } " · " (source.function) " " span class="quiet" { (source.file) } }
                pre { code { (source.code) } }
            }
        }
    })
}

fn facts(section: &Facts) -> Markup {
    html! {
        h3 { (section.heading) }
        dl { @for (name, value) in &section.rows { dt { (name) } dd { (value) } } }
    }
}
