//! Errors in files that people write: what is wrong, where, and what to write instead.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// A fault in an input file, with its place and its mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// The file.
    pub path: PathBuf,
    /// What the file says, when it could be read.
    pub text: Option<String>,
    /// Which bytes of it are wrong.
    pub span: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl InputError {
    /// A fault of the file as a whole.
    #[must_use]
    pub fn of_file(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), text: None, span: None, message: message.into(), help: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Line and column of the fault, from 1.
    #[must_use]
    pub fn line_and_column(&self) -> Option<(usize, usize)> {
        let before = self.text.as_deref()?.get(..self.span.as_ref()?.start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        Some((line, column))
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.line_and_column() {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for InputError {}

/// A file's text and the means to point into it.
#[derive(Debug, Clone)]
pub struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// Reads a file as UTF-8 text.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| InputError::of_file(path, format!("cannot be read: {error}")))?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// The text, as if read from `path`.
    #[must_use]
    pub fn from_text(path: &Path, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), text: text.into() }
    }

    /// Where it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A fault at these bytes.
    #[must_use]
    pub fn error(&self, span: Range<usize>, message: impl Into<String>) -> InputError {
        InputError {
            path: self.path.clone(),
            text: Some(self.text.clone()),
            span: Some(span),
            message: message.into(),
            help: None,
        }
    }

    /// Reads the text as TOML of a type that knows all its keys.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, InputError> {
        toml::from_str(&self.text).map_err(|error| {
            let message = in_plain_words(error.message());
            let help = suggestion(&message);
            let mut fault = self.error(error.span().unwrap_or(0..0), message);
            fault.help = help;
            fault
        })
    }
}

/// Types by the words of whoever writes a study.
fn in_plain_words(message: &str) -> String {
    let words = [
        ("expected i64", "expected a whole number"),
        ("expected u64", "expected a whole number from 0"),
        ("expected u32", "expected a whole number from 0"),
        ("expected f64", "expected a number"),
        ("expected a boolean", "expected true or false"),
        ("expected a sequence", "expected a list in [ ]"),
    ];
    words.iter().fold(message.to_owned(), |told, (rust, plain)| told.replace(rust, plain))
}

/// The nearest right word for one that serde did not know.
fn suggestion(message: &str) -> Option<String> {
    let (head, allowed) = message.split_once(", expected ")?;
    let given = head.split('`').nth(1)?;
    let allowed: Vec<&str> = allowed.split('`').skip(1).step_by(2).collect();
    nearest(given, allowed.iter().copied()).map(|word| format!("did you mean `{word}`?"))
}

/// Which of `words` was most likely meant by `given`; none if nothing is near.
pub fn nearest<'a>(given: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    words
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(given, word), word))
        .filter(|(distance, word)| *distance <= (word.len().max(given.len()) / 3).max(1))
        .min()
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Small {
        #[expect(dead_code, reason = "only its key matters here")]
        passes: u32,
    }

    #[test]
    fn an_unknown_key_is_placed_and_the_right_one_is_offered() {
        let source = Source::from_text(Path::new("study.toml"), "# first\npases = 3\n");
        let error = source.parse::<Small>().unwrap_err();
        assert_eq!(error.line_and_column(), Some((2, 1)));
        assert_eq!(error.help.as_deref(), Some("did you mean `passes`?"));
        assert!(error.to_string().starts_with("study.toml:2:1: unknown field `pases`"), "{error}");
    }

    #[test]
    fn nothing_is_offered_for_a_word_that_is_near_to_none() {
        assert_eq!(nearest("kangaroo", ["passes", "seed"]), None);
        assert_eq!(nearest("sed", ["passes", "seed"]), Some("seed"));
    }
}
