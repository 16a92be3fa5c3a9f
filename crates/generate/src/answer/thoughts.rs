//! Thoughts that a server left in the text of an answer.
//!
//! Servers of open models (llama.cpp, vLLM and gateways before them) give the thoughts apart only
//! if they are told how a model marks them. DeepSeek and Qwen mark them with `<think>` and
//! `</think>`; where the prompt's template has opened them already, only the end is in the text.

use crate::answer::NoCode;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// The answer without the thoughts before it, and whether there were any.
pub(crate) fn left_out(text: &str) -> Result<(&str, bool), NoCode> {
    if let Some(thoughts) = text.trim_start().strip_prefix(OPEN) {
        let (_, answer) = thoughts.split_once(CLOSE).ok_or(NoCode::OnlyThoughts)?;
        return Ok((without_blank_lines(answer), true));
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.trim() == CLOSE {
            return Ok((without_blank_lines(&text[at..]), true));
        }
    }
    Ok((text, false))
}

/// Without the blank lines before the first that is none; that one keeps its indentation.
fn without_blank_lines(text: &str) -> &str {
    let blank = text.len() - text.trim_start().len();
    let first = text[..blank].rfind('\n').map_or(0, |end| end + 1);
    &text[first..]
}
