//! The filter patterns of CloudWatch Logs, as far as they are words.

use crate::fault::Fault;

/// Which messages are wanted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads words that must be there, `?words` of which one must, and `-words` that must not;
    /// each may stand in quotes.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.starts_with(['{', '[', '%']) {
            return Err(Fault::unsupported(
                "filter patterns of fields or regular expressions, only words",
            ));
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (terms, term) = match first {
                '-' => (&mut pattern.none, &rest[1..]),
                '?' => (&mut pattern.any, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (word, behind) = word(term)?;
            terms.push(word.to_owned());
            rest = behind.trim_start();
        }
        Ok(pattern)
    }

    pub(crate) fn matches(&self, message: &str) -> bool {
        self.all.iter().all(|word| message.contains(word))
            && (self.any.is_empty() || self.any.iter().any(|word| message.contains(word)))
            && !self.none.iter().any(|word| message.contains(word))
    }
}

/// The first word, and what is behind it.
fn word(text: &str) -> Result<(&str, &str), Fault> {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or_else(|| {
            Fault::new(
                "InvalidParameterException",
                http::StatusCode::BAD_REQUEST,
                "Invalid filter pattern: a quote is not closed",
            )
        }),
        None => Ok(text.split_once(char::is_whitespace).unwrap_or((text, ""))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wanted_alternative_or_unwanted() {
        let has = |pattern: &str, message: &str| {
            Pattern::parse(pattern).expect("a pattern").matches(message)
        };
        assert!(has("", "anything"));
        assert!(has("REPORT \"Billed Duration\"", "REPORT … Billed Duration: 4 ms"));
        assert!(!has("REPORT \"Billed  Duration\"", "REPORT … Billed Duration: 4 ms"));
        assert!(has("?ERROR ?WARN", "a WARN"));
        assert!(!has("?ERROR ?WARN", "an INFO"));
        assert!(!has("REPORT -timeout", "REPORT Status: timeout"));
        for refused in ["{ $.level = \"INFO\" }", "[a, b]", "%x%", "\"open"] {
            Pattern::parse(refused).expect_err(refused);
        }
    }
}
