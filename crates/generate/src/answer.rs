//! The code in an answer. What is taken is never edited, but for line ends and a byte order mark.
//!
//! The rules, in order:
//! 1. A fence is a line of three or more backticks or tildes, indented by three spaces at most,
//!    with or without a language; it ends at a line of at least as many of the same and nothing
//!    else. A fence that does not end was cut off: there is no code in such an answer.
//! 2. If there are fences, the code is the one block that defines the entry point. Two such blocks
//!    are two alternatives, and nobody but the reader can choose.
//! 3. If there are none, the answer is the code.

/// Code as it stood in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// The code, with LF line ends and one at its end.
    pub code: String,
    /// Where it stood, in words.
    pub place: &'static str,
}

/// An answer without code that could be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
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
    let text = answer.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let blocks = blocks(&text)?;
    let defining = |code: &&String| defines(code, entry_point);
    if blocks.is_empty() {
        let code = Some(&text).filter(defining);
        let code = code.ok_or_else(|| NoCode::NoEntryPoint(entry_point.to_owned()))?;
        return Ok(Extracted { code: ended(code), place: "the whole answer" });
    }
    let found: Vec<&String> = blocks.iter().filter(defining).collect();
    match found[..] {
        [code] => Ok(Extracted { code: ended(code), place: "its code block" }),
        [] => Err(NoCode::NoEntryPoint(entry_point.to_owned())),
        _ => {
            let entry_point = entry_point.to_owned();
            Err(NoCode::Alternatives { count: found.len(), entry_point })
        }
    }
}

fn ended(code: &str) -> String {
    format!("{}\n", code.trim_end())
}

/// Whether a line of the code is the definition of a function of that name, at the top level.
fn defines(code: &str, entry_point: &str) -> bool {
    code.lines().any(|line| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = line.strip_prefix("def ").or_else(|| line.split_once('=').map(|(name, _)| name));
        let Some(rest) = name.and_then(|name| name.trim_start().strip_prefix(entry_point)) else {
            return false;
        };
        rest.trim_start().is_empty() || rest.trim_start().starts_with('(')
    })
}

/// The mark and its length, if a line opens or closes a block.
fn fence(line: &str) -> Option<(char, usize, &str)> {
    let inner = line.trim_start_matches(' ');
    if line.len() - inner.len() > 3 {
        return None;
    }
    let mark = inner.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = inner.chars().take_while(|&c| c == mark).count();
    (length >= 3).then(|| (mark, length, inner[length..].trim()))
}

fn blocks(text: &str) -> Result<Vec<String>, NoCode> {
    let mut blocks = Vec::new();
    let mut open: Option<(char, usize, String)> = None;
    for line in text.lines() {
        match (&mut open, fence(line)) {
            (None, Some((mark, length, _))) => open = Some((mark, length, String::new())),
            (Some((mark, length, code)), Some((other, many, "")))
                if *mark == other && many >= *length =>
            {
                blocks.push(std::mem::take(code));
                open = None;
            }
            (Some((_, _, code)), _) => {
                code.push_str(line);
                code.push('\n');
            }
            (None, None) => {}
        }
    }
    if open.is_some() { Err(NoCode::CutOff) } else { Ok(blocks) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "import boto3\n\n\ndef lambda_handler(event, context):\n    return {}\n";

    fn code(answer: &str) -> Result<String, NoCode> {
        code_of(answer, "lambda_handler").map(|extracted| extracted.code)
    }

    #[test]
    fn prose_around_a_block_stays_outside() {
        for fence in ["```python", "```", "~~~py", "````python3"] {
            let mark: String = fence.chars().take_while(|c| matches!(c, '`' | '~')).collect();
            let answer = format!("Here it is:\n\n{fence}\n{CODE}{mark}\n\nIt reads the object.");
            assert_eq!(code(&answer).as_deref(), Ok(CODE), "{fence}");
        }
    }

    #[test]
    fn an_answer_without_fences_is_the_code() {
        assert_eq!(code(CODE).as_deref(), Ok(CODE));
        assert_eq!(code(&format!("\u{feff}{}", CODE.replace('\n', "\r\n"))).as_deref(), Ok(CODE));
        let assigned = "handle = 1\nlambda_handler = handle";
        assert_eq!(code(assigned).unwrap(), format!("{assigned}\n"));
    }

    #[test]
    fn a_block_beside_the_code_is_no_alternative() {
        let answer = format!("```\npip install pillow\n```\n```python\n{CODE}```\n");
        assert_eq!(code(&answer).as_deref(), Ok(CODE));
    }

    #[test]
    fn a_longer_fence_holds_a_shorter_one() {
        let inner = format!("{CODE}\n# ```\n```\n'''\n");
        let answer = format!("````python\n{inner}````\n");
        assert_eq!(code(&answer).unwrap(), format!("{}\n", inner.trim_end()));
    }

    #[test]
    fn two_alternatives_none_and_half_of_one_are_told_apart() {
        let two = format!("```python\n{CODE}```\nor\n```python\n{CODE}```\n");
        assert!(matches!(code(&two), Err(NoCode::Alternatives { count: 2, .. })));
        let cut = format!("```python\n{CODE}");
        assert_eq!(code(&cut), Err(NoCode::CutOff));
        for none in [
            "I cannot help with that.",
            "```python\ndef handler(): pass\n```",
            "",
            "lambda_handlers = 1",
        ] {
            assert!(matches!(code(none), Err(NoCode::NoEntryPoint(_))), "{none}");
        }
    }
}
