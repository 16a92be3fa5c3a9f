//! The code in an answer. What is taken is never edited; `docs/answers.md` states each rule with
//! its reason and a case.
//!
//! The rules, in order:
//! 1. CRLF is LF, and a byte order mark at the beginning is none.
//! 2. An answer that is a Python program as a whole, and binds the entry point, is the code.
//! 3. Thoughts that a server left before the answer, up to `</think>`, are no part of it; rule 2
//!    holds for what is left.
//! 4. A fence is a line of three or more backticks or tildes, with or without a language that
//!    counts for nothing. Its block ends at the first line of at least as many of the same and
//!    nothing else at which what is in it is Python; where it never is, at the first such line.
//!    Lines lose as much indentation as the fence has. A block that does not end was cut off:
//!    there is no code in such an answer. One block of Markdown around all is taken off first.
//! 5. If there are blocks, the code is the one that binds the entry point. Different ones that do
//!    are alternatives, and nobody but the reader can choose.
//! 6. If there are none, the answer is the code, without the indentation that all its lines share.

mod blocks;
mod thoughts;

use std::collections::BTreeSet;

use crate::python;

/// Code as it stood in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// The code, with LF line ends and one at its end.
    pub code: String,
    /// Where it stood, in words.
    pub place: &'static str,
    /// Whether thoughts stood before the answer and were left out.
    pub after_thoughts: bool,
}

/// An answer without code that could be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// It ends within its thoughts.
    #[error("it ends within its thoughts, which `</think>` would close: the answer was cut off")]
    OnlyThoughts,
    /// It ends within a block.
    #[error("its last code block is not closed: the answer was cut off")]
    CutOff,
    /// Nothing defines the entry point.
    #[error("nothing in it defines `{0}`")]
    NoEntryPoint(String),
    /// More than one block does.
    #[error("{count} of its code blocks define `{entry_point}`: keep the one that is meant")]
    Alternatives {
        /// How many.
        count: usize,
        /// What they define.
        entry_point: String,
    },
}

/// Takes the code that defines `entry_point` out of an answer.
pub fn code_of(answer: &str, entry_point: &str) -> Result<Extracted, NoCode> {
    let whole = answer.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let (text, after_thoughts) = match is_program(&whole, entry_point) {
        true => (whole.as_str(), false),
        false => thoughts::left_out(&whole)?,
    };
    let extracted = |code: &str, place| Extracted { code: ended(code), place, after_thoughts };
    let no_entry_point = || NoCode::NoEntryPoint(entry_point.to_owned());
    if is_program(text, entry_point) {
        return Ok(extracted(text, "the whole answer"));
    }
    let blocks = blocks::of(text)?;
    if blocks.is_empty() {
        let code = blocks::dedented(text);
        if !defines(&code, entry_point) {
            return Err(no_entry_point());
        }
        return Ok(extracted(&code, "the whole answer"));
    }
    let defining = blocks.into_iter().filter(|block| defines(block, entry_point));
    let different: BTreeSet<String> = defining.map(|block| ended(&block)).collect();
    let mut different = different.into_iter();
    match (different.next(), different.len()) {
        (Some(code), 0) => Ok(extracted(&code, "its code block")),
        (None, _) => Err(no_entry_point()),
        (Some(_), others) => {
            let entry_point = entry_point.to_owned();
            Err(NoCode::Alternatives { count: others + 1, entry_point })
        }
    }
}

fn ended(code: &str) -> String {
    format!("{}\n", code.trim_start_matches('\u{feff}').trim_end())
}

fn is_program(code: &str, entry_point: &str) -> bool {
    mentions(code, entry_point) && binds(code, entry_point) == Some(true)
}

/// Whether code binds the entry point at its top level. Where it is not Python, and so cannot be
/// read, one line that looks like it is enough: such code is taken, and fails as what it is.
fn defines(code: &str, entry_point: &str) -> bool {
    mentions(code, entry_point)
        && binds(code, entry_point).unwrap_or_else(|| looks_defined(code, entry_point))
}

fn mentions(code: &str, entry_point: &str) -> bool {
    code.contains(entry_point)
}

fn binds(code: &str, entry_point: &str) -> Option<bool> {
    python::read(code, |module| python::names_bound(module).contains(entry_point)).ok()
}

fn looks_defined(code: &str, entry_point: &str) -> bool {
    code.lines().any(|line| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = line.strip_prefix("def ").or_else(|| line.split_once('=').map(|(name, _)| name));
        let Some(rest) = name.and_then(|name| name.trim_start().strip_prefix(entry_point)) else {
            return false;
        };
        rest.trim_start().is_empty() || rest.trim_start().starts_with('(')
    })
}
