//! What is kept of every answer of a model: the rows behind `generations.csv`.

use std::sync::Arc;

use crate::word;
use crate::words::{Contestant, Name};

word! {
    /// How an answer came to the study.
    Channel, "origin":
    /// The study asked a provider.
    Api = "api",
    /// A person pasted it: who wrote it is what the person says.
    Pasted = "pasted",
}

word! {
    /// How asking for a function ended.
    Ending, "ending":
    /// With an answer that has code in it.
    Complete = "complete",
    /// At a limit, in the middle of the answer.
    CutOff = "cut-off",
    /// The model or its provider would not answer.
    Refused = "refused",
    /// With an answer that has no code in it that could be run.
    NoCode = "no-code",
    /// Without an answer, after every attempt.
    Failed = "failed",
}

/// What the contract says of the code in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is right.
    Accepted,
    /// It is wrong; why, in a sentence.
    Rejected(Arc<str>),
    /// Nobody has looked, or what looked broke down: neither right nor wrong.
    NotVerified,
}

/// Whether the model that was asked is the one that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// The very one.
    Asked,
    /// One day's edition of the one that was asked.
    Snapshot,
    /// Another.
    Other,
    /// The provider did not say.
    Untold,
}

/// One answer to one prompt: of a function's first one, or of a round of repair.
/// Absent figures are absent, never zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// Whose, and which of its answers.
    pub contestant: Contestant,
    /// 0 for a first answer, else the round of repair.
    pub repair: u32,
    /// Which function.
    pub function: Name,
    /// The model that was asked, `provider:model id`.
    pub asked: Arc<str>,
    /// The model that says it answered.
    pub served: Option<Arc<str>>,
    /// The model in whose place it was asked, where that one is gone.
    pub stands_for: Option<Arc<str>>,
    /// How it came.
    pub channel: Channel,
    /// How it ended.
    pub ending: Ending,
    /// How often it was asked for until it ended so.
    pub attempts: u32,
    /// Tokens of the question, with those from a cache.
    pub input_tokens: Option<u64>,
    /// Tokens of the question that came from a cache.
    pub cached_tokens: Option<u64>,
    /// Tokens of the answer, with thoughts.
    pub output_tokens: Option<u64>,
    /// Tokens of the thoughts.
    pub reasoning_tokens: Option<u64>,
    /// What all its attempts cost.
    pub usd: Option<f64>,
    /// From the request that was answered to the last byte of its answer.
    pub seconds: Option<f64>,
    /// Lines of the code.
    pub lines: Option<u32>,
    /// Cyclomatic complexity of the code, summed over its functions.
    pub complexity: Option<u32>,
    /// What the code imports and would not find.
    pub missing_imports: Vec<Arc<str>>,
    /// What the contract says of it.
    pub judgement: Judgement,
}

impl Generation {
    /// Whether there is code to be judged.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.ending == Ending::Complete
    }

    /// Right or wrong; none where that is not known. An answer without code is wrong.
    #[must_use]
    pub fn is_right(&self) -> Option<bool> {
        match self.judgement {
            _ if !self.has_code() => Some(false),
            Judgement::Accepted => Some(true),
            Judgement::Rejected(_) => Some(false),
            Judgement::NotVerified => None,
        }
    }

    /// Whether the model that was asked is the one that answered. A snapshot is named like the one
    /// asked with a date or an edition of three figures or more behind it, such as
    /// `gpt-5-2025-08-07`; `-1` or `-5` behind it is the name of another model.
    #[must_use]
    pub fn served_as(&self) -> Served {
        let Some(served) = self.served.as_deref() else { return Served::Untold };
        let asked = self.asked.split_once(':').map_or(&*self.asked, |(_, id)| id);
        let served = served.strip_prefix("models/").unwrap_or(served);
        let dated = |rest: &str| {
            let figures = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
            let mut parts = rest.strip_prefix('-').unwrap_or_default().split('-');
            parts.next().is_some_and(|first| first.len() >= 3 && figures(first))
                && parts.all(figures)
        };
        match served.strip_prefix(asked) {
            Some("") => Served::Asked,
            Some(rest) if dated(rest) => Served::Snapshot,
            _ => Served::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(asked: &str, served: Option<&str>) -> Generation {
        Generation {
            contestant: "gpt-5/1".parse().unwrap(),
            repair: 0,
            function: Name::new("depth").unwrap(),
            asked: asked.into(),
            served: served.map(Into::into),
            stands_for: None,
            channel: Channel::Api,
            ending: Ending::Complete,
            attempts: 1,
            input_tokens: None,
            cached_tokens: None,
            output_tokens: None,
            reasoning_tokens: None,
            usd: None,
            seconds: None,
            lines: None,
            complexity: None,
            missing_imports: vec![],
            judgement: Judgement::NotVerified,
        }
    }

    #[test]
    fn a_dated_edition_is_the_model_that_was_asked_and_a_smaller_one_is_not() {
        for (asked, served, as_what) in [
            ("openai:gpt-5", Some("gpt-5"), Served::Asked),
            ("openai:gpt-5", Some("gpt-5-2025-08-07"), Served::Snapshot),
            ("openai:gpt-5", Some("gpt-5-mini"), Served::Other),
            ("openai:gpt-5", Some("gpt-5.1"), Served::Other),
            ("compatible:opus-4", Some("opus-4-5"), Served::Other),
            ("compatible:opus-4", Some("opus-4-20250514"), Served::Snapshot),
            ("gemini:gemini-3-pro", Some("models/gemini-3-pro-001"), Served::Snapshot),
            ("compatible:qwen:7b", Some("qwen:7b"), Served::Asked),
            ("openai:gpt-5-2025-08-07", Some("gpt-5"), Served::Other),
            ("openai:gpt-5", None, Served::Untold),
        ] {
            assert_eq!(answer(asked, served).served_as(), as_what, "{asked} {served:?}");
        }
    }

    #[test]
    fn no_code_is_wrong_and_code_that_nobody_looked_at_is_neither() {
        let with =
            |ending, judgement| Generation { ending, judgement, ..answer("a:b", None) }.is_right();
        assert_eq!(with(Ending::Complete, Judgement::Accepted), Some(true));
        assert_eq!(with(Ending::Complete, Judgement::Rejected("off by 3".into())), Some(false));
        assert_eq!(with(Ending::Complete, Judgement::NotVerified), None);
        for ending in [Ending::CutOff, Ending::Refused, Ending::NoCode, Ending::Failed] {
            assert_eq!(with(ending, Judgement::NotVerified), Some(false), "{ending}");
        }
    }
}
