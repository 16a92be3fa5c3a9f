//! What the models were asked, and the proof that all were asked the same.

use maud::{Markup, html};
use photofinish_study::Digest;

use super::table::wide;
use crate::written::{AppendixPrompt, Sent};

pub(super) fn prompts(prompts: &[AppendixPrompt]) -> Markup {
    html! {
        @if !prompts.is_empty() {
            h3 { "What the models were asked" }
            p class="quiet" { "The hashes are of the text in each logged request. “Same” means that it is the text shown here, byte for byte; “and its note”, the text shown here with the model's own note behind it and nothing else." }
            p { (sum(prompts)) }
        }
        @for prompt in prompts {
            details {
                summary { b { (prompt.function) } " " span class="quiet" { "SHA-256 " code { (Digest::of(prompt.text.as_bytes())) } } }
                (wide("Who was sent it", sent(prompt)))
                @for to in prompt.models.iter().filter(|to| !to.note.is_empty()) {
                    p class="quiet" { "The note for " b { (to.variant) } ":" }
                    pre { (to.note) }
                }
                pre { (prompt.text) }
            }
        }
    }
}

/// The proof in a sentence.
fn sum(prompts: &[AppendixPrompt]) -> Markup {
    let all = || prompts.iter().flat_map(|prompt| prompt.models.iter().map(|to| prompt.sent(to)));
    let count = |kind: Sent| all().filter(|sent| *sent == kind).count();
    let (same, noted, other) = (count(Sent::Same), count(Sent::WithNote), count(Sent::Other));
    html! {
        "Of " (all().count()) " prompts sent, " (same) " are the common text and " (noted) " the common text and a note; "
        @if other > 0 { b class="bad" { (other) " are neither." } } @else { "none is anything else." }
    }
}

fn sent(prompt: &AppendixPrompt) -> Markup {
    html! {
        table {
            caption { "What each model was sent for " (prompt.function) "." }
            thead { tr {
                th scope="col" { "variant" } th scope="col" { "is it the text?" }
                th scope="col" { "SHA-256 of what was sent" }
            } }
            tbody { @for to in &prompt.models { tr {
                th scope="row" { (to.variant) }
                td { @match prompt.sent(to) {
                    Sent::Same => span class="good" { "✓ same" },
                    Sent::WithNote => span class="good" { "✓ and its note" },
                    Sent::Other => span class="bad" { "✕ another text" },
                } }
                td { code { (to.sha256) } }
            } } }
        }
    }
}
