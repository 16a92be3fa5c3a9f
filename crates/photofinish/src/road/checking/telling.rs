//! What a check found, as text of 80 columns and as data.

use std::fmt::Write as _;

use photofinish_verify::{Bound, Check, figure};
use serde_json::{Value, json};

use super::{Checked, Shown};

/// Of the data on stdout; another number means that something a reader relies on has changed.
const FORMAT: u32 = 1;
/// The widest that a line becomes, where words can be broken.
const COLUMNS: usize = 80;

/// The verdict, every check, and whatever else is worth knowing.
pub(super) fn in_words(checked: &Checked<'_>) -> String {
    let (arguments, judgement) = (checked.arguments, &checked.judgement);
    let mut text = String::new();
    let verdict = if judgement.accepted { "right" } else { "wrong" };
    let (input, output) = (arguments.input.display(), arguments.output.display());
    text += &format!("{verdict}: {output} as `{}` of {input}\n", arguments.function);
    if let Some(mistake) = &judgement.mistake {
        paragraph(&mut text, &format!("it looks like {mistake}"), "");
    }
    text.push('\n');
    table(&mut text, &judgement.checks);
    let mut notes = Vec::new();
    if let Some(worst) = &checked.worst {
        notes.push(match worst.gain() {
            Some(_) => format!("worst pixel: {worst}"),
            None => "every pixel is exactly the reference's".to_owned(),
        });
    }
    notes.extend(judgement.left_out.iter().map(|what| format!("not looked at: {what}")));
    notes.extend(judgement.findings.iter().map(|finding| format!("worth knowing: {finding}")));
    notes.extend(checked.difference.as_ref().map(|shown| difference(checked, shown)));
    if !notes.is_empty() {
        text.push('\n');
    }
    for note in notes {
        paragraph(&mut text, &note, "  ");
    }
    text
}

/// A line for each check, and one more for what a failed one says in words.
fn table(text: &mut String, checks: &[Check]) {
    let name = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    let _ = writeln!(text, "      {:name$}  {:>8}  {:>8}  column,row", "check", "found", "limit");
    for check in checks {
        let verdict = if check.passed { "ok" } else { "WRONG" };
        let found = check.value.map(figure).unwrap_or_default();
        let limit = limit(check).unwrap_or_default();
        let place = check.place.map(|(x, y)| format!("{x},{y}")).unwrap_or_default();
        let line = format!("{verdict:5} {:name$}  {found:>8}  {limit:>8}  {place}", check.name);
        let _ = writeln!(text, "{}", line.trim_end());
        if let Some(note) = &check.note {
            paragraph(text, &format!("      {note}"), "      ");
        }
    }
}

fn limit(check: &Check) -> Option<String> {
    let sign = match check.bound? {
        Bound::Most => "<=",
        Bound::Least => ">=",
    };
    Some(format!("{sign} {}", figure(check.limit?)))
}

fn difference(checked: &Checked<'_>, shown: &Shown<'_>) -> String {
    let file = shown.file.display();
    match &checked.worst {
        Some(worst) if shown.is_written => match worst.gain() {
            Some(gain) => format!("{file}: the difference, {gain:.1} times as large"),
            None => format!("{file}: the difference, black: there is none"),
        },
        _ => format!("{file}: not written, since there is no picture of the size asked for"),
    }
}

/// Adds words broken into lines, the later ones indented.
fn paragraph(text: &mut String, words: &str, indent: &str) {
    let mut line = String::new();
    let leading = words.len() - words.trim_start().len();
    line.push_str(&words[..leading]);
    for word in words.split_whitespace() {
        let is_first = line.trim_start().is_empty();
        if !is_first && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            let _ = writeln!(text, "{line}");
            line = indent.to_owned();
        } else if !is_first {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

/// The same as data.
pub(super) fn as_json(checked: &Checked<'_>) -> Value {
    let (arguments, judgement) = (checked.arguments, &checked.judgement);
    let place = |(column, row): (usize, usize)| json!({ "column": column, "row": row });
    let checks = judgement.checks.iter().map(|check| {
        json!({
            "name": check.name,
            "passed": check.passed,
            "value": check.value,
            "limit": check.limit,
            "bound": check.bound,
            "limit_name": check.limit_name,
            "place": check.place.map(place),
            "note": check.note,
        })
    });
    let worst = checked.worst.map(|worst| {
        json!({
            "column": worst.column,
            "row": worst.row,
            "found": worst.found,
            "expected": worst.expected,
        })
    });
    let difference = checked.difference.as_ref().map(|shown| {
        let gain = checked.worst.and_then(|worst| worst.gain());
        json!({ "file": shown.file.display().to_string(), "written": shown.is_written, "gain": gain })
    });
    json!({
        "format": FORMAT,
        "application": checked.application,
        "function": arguments.function,
        "input": arguments.input.display().to_string(),
        "output": arguments.output.display().to_string(),
        "right": judgement.accepted,
        "mistake": judgement.mistake,
        "reason": judgement.reason,
        "checks": checks.collect::<Vec<_>>(),
        "worst_pixel": worst,
        "left_out": judgement.left_out,
        "findings": judgement.findings,
        "difference": difference,
    })
}
