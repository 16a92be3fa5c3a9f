//! Blocks between fences, as Markdown has them, but for fences that are part of the code.

use crate::answer::NoCode;
use crate::python;

/// Lines that could close a block and are tried, before the first of them is taken.
const MOST_ENDS: usize = 16;

/// A line that can open a block, or close one.
#[derive(Debug, Clone, Copy)]
struct Fence<'a> {
    /// White space before it.
    indentation: &'a str,
    mark: char,
    length: usize,
    /// What stands behind it: a language, mostly.
    info: &'a str,
}

impl<'a> Fence<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let inner = line.trim_start_matches([' ', '\t']);
        let indentation = &line[..line.len() - inner.len()];
        let mark = inner.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let length = inner.chars().take_while(|&c| c == mark).count();
        let info = inner[length..].trim();
        let is_code_within_a_line = mark == '`' && info.contains('`');
        (length >= 3 && !is_code_within_a_line).then_some(Self { indentation, mark, length, info })
    }

    /// Whether `line` can close the block that this one opens. One that is indented further than
    /// Markdown lets it be is part of the block.
    fn is_closed_by(self, line: &str) -> bool {
        Fence::of(line).is_some_and(|end| {
            end.mark == self.mark
                && end.length >= self.length
                && end.info.is_empty()
                && end.indentation.len() <= self.indentation.len() + 3
        })
    }

    fn is_markdown(self) -> bool {
        matches!(self.info.to_ascii_lowercase().as_str(), "markdown" | "md")
    }
}

/// What stands in each block of a text, in order.
pub(crate) fn of(text: &str) -> Result<Vec<String>, NoCode> {
    let all: Vec<&str> = text.lines().collect();
    let lines = unwrapped(&all);
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(fence) = Fence::of(lines[at]) else {
            at += 1;
            continue;
        };
        let inner = &lines[at + 1..];
        let (end, block) = block(fence, inner).ok_or(NoCode::CutOff)?;
        blocks.push(block);
        at += 1 + end + 1;
    }
    Ok(blocks)
}

/// Where the block ends that this fence opens, and what is in it.
fn block(fence: Fence<'_>, lines: &[&str]) -> Option<(usize, String)> {
    let inside = |end: usize| content(fence, &lines[..end]);
    let could_end = |&end: &usize| fence.is_closed_by(lines[end]);
    let ends: Vec<usize> = (0..lines.len()).filter(could_end).take(MOST_ENDS).collect();
    let first = *ends.first()?;
    let is_python = |&end: &usize| python::read(&inside(end), |_| ()).is_ok();
    let end =
        if ends.len() == 1 { first } else { ends.into_iter().find(is_python).unwrap_or(first) };
    Some((end, inside(end)))
}

/// Lines without as much of their indentation as the fence has.
fn content(fence: Fence<'_>, lines: &[&str]) -> String {
    let stripped = |line: &&str| {
        let pairs = line.chars().zip(fence.indentation.chars());
        let shared = pairs.take_while(|(a, b)| a == b).count();
        format!("{}\n", &line[shared..])
    };
    lines.iter().map(stripped).collect()
}

/// Without the one block of Markdown that holds the whole answer, if there is one.
fn unwrapped<'a, 'b>(lines: &'b [&'a str]) -> &'b [&'a str] {
    let is_written = |line: &&str| !line.trim().is_empty();
    let ends = (lines.iter().position(is_written), lines.iter().rposition(is_written));
    match ends {
        (Some(first), Some(last)) if first < last => match Fence::of(lines[first]) {
            Some(fence) if fence.is_markdown() && fence.is_closed_by(lines[last]) => {
                &lines[first + 1..last]
            }
            _ => lines,
        },
        _ => lines,
    }
}

/// A text without the indentation that all its lines share; blank ones do not count.
pub(crate) fn dedented(text: &str) -> String {
    let written = text.lines().filter(|line| !line.trim().is_empty());
    let shared = written.map(indentation).reduce(common).unwrap_or_default();
    if shared.is_empty() {
        return text.to_owned();
    }
    let stripped = |line: &str| format!("{}\n", line.strip_prefix(shared).unwrap_or_default());
    text.lines().map(stripped).collect()
}

fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn common<'a>(left: &'a str, right: &str) -> &'a str {
    let shared = left.bytes().zip(right.bytes()).take_while(|(a, b)| a == b).count();
    &left[..shared]
}
