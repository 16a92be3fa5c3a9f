//! What rejected functions made, beside what was asked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};

use crate::data::{Picture, ReportData};

/// No more than these are shown.
const MOST: usize = 12;

pub(super) fn pictures(data: &ReportData) -> Option<Markup> {
    if data.pictures.is_empty() {
        return None;
    }
    let shown = chosen(&data.pictures);
    let left_out = data.pictures.len() - shown.len();
    Some(html! {
        p class="quiet" { "What was asked for, what was found, and how far each pixel is off: black is right." }
        @for picture in shown { (row(picture)) }
        @if left_out > 0 { p class="quiet" { (left_out) " more are not shown." } }
    })
}

/// One of each function first, then second ones.
fn chosen(pictures: &[Picture]) -> Vec<&Picture> {
    let same = |a: &Picture, b: &Picture| {
        (&a.contestant, a.architecture, &a.function) == (&b.contestant, b.architecture, &b.function)
    };
    let mut ranked: Vec<(usize, &Picture)> = pictures
        .iter()
        .enumerate()
        .map(|(place, picture)| {
            (pictures[..place].iter().filter(|before| same(before, picture)).count(), picture)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, picture)| picture).take(MOST).collect()
}

fn row(picture: &Picture) -> Markup {
    let Picture { contestant, architecture, function, input, .. } = picture;
    html! {
        figure class="pictures" {
            h3 { (contestant) "@" (architecture) ", " (function) " of " (input) }
            div class="trio" {
                (frame("asked for", Some(&picture.expected), function.as_str()))
                (frame("found", picture.found.as_deref(), function.as_str()))
                (frame("difference", picture.difference.as_deref(), function.as_str()))
            }
            figcaption { (picture.words) }
        }
    }
}

fn frame(what: &str, png: Option<&[u8]>, function: &str) -> Markup {
    html! {
        div {
            @match png {
                Some(png) => img alt={ (function) ": " (what) } src={ "data:image/png;base64," (STANDARD.encode(png)) };,
                None => div class="nothing" { "nothing to show" },
            }
            span class="quiet" { (what) }
        }
    }
}
