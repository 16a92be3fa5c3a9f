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

/// One answer to one prompt: of a function's first one, or of a round of repair.
/// Absent figures are absent, never zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// Whose, which of its answers, and after how many rounds of repairs.
    pub contestant: Contestant,
    /// Which function.
    pub function: Name,
    /// The model that was asked, `provider:model id`.
    pub asked: Arc<str>,
    /// The model that says it answered.
    pub served: Option<Arc<str>>,
    /// Whether that is the model that was asked, by its name or by one that the registry knows for
    /// it; none where the provider did not say.
    pub as_asked: Option<bool>,
    /// The model in whose place it was asked, where that one is gone.
    pub stands_for: Option<Arc<str>>,
    /// How hard it was asked to think, in the provider's word.
    pub effort: Option<Arc<str>>,
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
    /// What a look at the code found, without running it: facts, each in a few words.
    pub seen: Vec<Arc<str>>,
    /// What the contract says of it.
    pub judgement: Judgement,
}

impl Generation {
    /// Whether there is code to be judged.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.ending == Ending::Complete
    }

    /// After how many rounds of repairs; 0 for a first answer.
    #[must_use]
    pub fn repair(&self) -> u32 {
        self.contestant.sample.repair
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Generation {
        Generation {
            contestant: "gpt-5/1".parse().unwrap(),
            function: Name::new("depth").unwrap(),
            asked: "openai:gpt-5".into(),
            served: None,
            as_asked: None,
            stands_for: None,
            effort: None,
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
            seen: vec![],
            judgement: Judgement::NotVerified,
        }
    }

    #[test]
    fn no_code_is_wrong_and_code_that_nobody_looked_at_is_neither() {
        let with = |ending, judgement| Generation { ending, judgement, ..answer() }.is_right();
        assert_eq!(with(Ending::Complete, Judgement::Accepted), Some(true));
        assert_eq!(with(Ending::Complete, Judgement::Rejected("off by 3".into())), Some(false));
        assert_eq!(with(Ending::Complete, Judgement::NotVerified), None);
        for ending in [Ending::CutOff, Ending::Refused, Ending::NoCode, Ending::Failed] {
            assert_eq!(with(ending, Judgement::NotVerified), Some(false), "{ending}");
        }
    }
}
