//! The margins as Markdown, for the contract's documentation.

use std::fmt::Write as _;

use photofinish_verify::{Extreme, Margin, Side, Tested, figure};

use super::found::{Counts, Found, OfFunction};
use super::telling::{allowed, counts};

/// The margins of every draw, then what became of every implementation.
pub(super) fn markdown(found: &Found) -> String {
    let mut page = String::new();
    for (draw, title) in found.draws.iter().enumerate() {
        write_margins(&mut page, found, draw, title);
    }
    for (function, tested) in found.of_draw(0) {
        write_files(&mut page, function, tested);
    }
    page
}

/// Writing to a string does not fail.
macro_rules! line {
    ($page:expr, $($text:tt)*) => {
        writeln!($page, $($text)*).expect("a string takes all")
    };
}

fn write_margins(page: &mut String, found: &Found, draw: usize, title: &str) {
    line!(page, "\n## Margins on {title}\n");
    line!(page, "| function | limit | allowed | worst right | nearest wrong | rejects | alone |");
    line!(page, "|---|---|---|---|---|---|---|");
    for (function, tested) in found.of_draw(draw) {
        for margin in function.margins(tested) {
            write_margin(page, function, &margin);
        }
    }
    line!(page, "");
    for (function, tested) in found.of_draw(draw) {
        line!(page, "- {}: {}.", function.function, counts(&Counts::of(tested)));
    }
    let faults = found.of_draw(draw).flat_map(|(_, tested)| tested);
    for tested in faults.filter(|tested| !tested.is_as_it_must_be()) {
        line!(page, "- **`{}` is not judged as it must be**: {}", tested.mutant, why(tested));
    }
}

fn write_margin(page: &mut String, function: &OfFunction, margin: &Margin) {
    line!(
        page,
        "| {} | `{}` | {} | {} | {} | {} | {} |",
        function.function,
        margin.limit,
        allowed(margin),
        extreme(margin.worst_right.as_ref()),
        extreme(margin.nearest_wrong.as_ref()),
        margin.rejects,
        margin.alone.len(),
    );
}

fn extreme(extreme: Option<&Extreme>) -> String {
    extreme.map_or_else(String::new, |Extreme { value, name, fixture }| {
        format!("{}, {name} on {fixture}", figure(*value))
    })
}

fn write_files(page: &mut String, function: &OfFunction, tested: &[Tested]) {
    line!(page, "\n## Every {} that was tried\n", function.function);
    line!(page, "| wrong | kind | what is wrong | rejected by | on | reason |");
    line!(page, "|---|---|---|---|---|---|");
    for one in tested {
        if let Side::Wrong { kind } = &one.mutant.side {
            write_wrong(page, one, kind);
        }
    }
    line!(page, "\n| right | what it does | layers | accepted on |");
    line!(page, "|---|---|---|---|");
    for one in tested.iter().filter(|one| one.mutant.side == Side::Right) {
        let accepted = one.judged.len() - one.rejections().count();
        line!(
            page,
            "| {} | {} | {} | {accepted} of {} |",
            one.mutant.name,
            cell(&one.mutant.says),
            one.mutant.layers.join(", "),
            one.judged.len(),
        );
    }
}

fn write_wrong(page: &mut String, tested: &Tested, kind: &str) {
    let checks: Vec<String> =
        tested.deciding().into_iter().map(|(check, times)| format!("{check} ({times})")).collect();
    line!(
        page,
        "| {} | {kind} | {} | {} | {} of {} | {} |",
        tested.mutant.name,
        cell(&tested.mutant.says),
        cell(&checks.join(", ")),
        tested.rejections().count(),
        tested.judged.len(),
        cell(&why(tested)),
    );
}

/// The reason of the first rejection, on one line.
fn why(tested: &Tested) -> String {
    let first = tested.rejections().next();
    let reason = first.and_then(|(_, judgement)| judgement.reason.as_deref());
    reason.unwrap_or("accepted on every fixture").lines().next().unwrap_or_default().to_owned()
}

/// Text that does not end a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
