//! One answer that is wanted, and the conversation that asks for it.

use photofinish_generate::{Prompts, Provider, Question, Speaker, Turn, ledger};
use photofinish_study::{Asking, Contestant, Name, Origin};

use super::Wanted;
use crate::failure::{Failure, Told};
use crate::road::answers::{self, Answers};
use crate::road::contestants::Authored;
use crate::road::opening::Opened;
use crate::road::prompts;

/// One answer that is wanted.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) contestant: Contestant,
    pub(super) function: Name,
    /// As the study names it: `provider:model id`.
    pub(super) model: String,
    pub(super) provider: Provider,
    pub(super) asking: Asking,
    pub(super) question: Question,
}

impl Task {
    /// Every first answer that is wanted and not there.
    pub(super) fn wanted(opened: &Opened, wanted: Wanted) -> Result<Vec<Self>, Failure> {
        let models = opened.sources.iter().filter(|authored| authored.model().is_some());
        let wanted: Vec<(&Contestant, &Name)> = models
            .flat_map(|authored| {
                functions(authored, wanted).map(|name| (&authored.contestant, name))
            })
            .collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let prompts = prompts::needed(&opened.application)?;
        wanted
            .into_iter()
            .map(|(contestant, f)| Self::of(opened, &prompts, contestant, f))
            .collect()
    }

    /// The task of one answer, whether it is there or not.
    pub(super) fn of(
        opened: &Opened,
        prompts: &Prompts,
        contestant: &Contestant,
        function: &Name,
    ) -> Result<Self, Failure> {
        let variant = opened.study.variant(&contestant.variant).expect("contestants are variants");
        let (Origin::Model(model), Some(asking)) = (&variant.origin, &variant.asking) else {
            unreachable!("only answers of models are tasks");
        };
        let (provider, id) = Provider::and_model(model).expect("the study was checked");
        Ok(Self {
            contestant: contestant.clone(),
            function: function.clone(),
            model: model.clone(),
            provider,
            asking: asking.clone(),
            question: Question {
                model: id.to_owned(),
                turns: turns(opened, prompts, contestant, function, model)?,
                effort: asking.effort.clone(),
                max_output_tokens: asking.max_output_tokens,
            },
        })
    }

    /// As the ledger names it.
    pub(super) fn entry(&self) -> ledger::Task {
        ledger::Task { contestant: self.contestant.clone(), function: self.function.clone() }
    }

    /// A generous count of the question's tokens: no tokenizer makes more of English and Python.
    pub(super) fn most_input_tokens(&self) -> u64 {
        let characters: usize = self.question.turns.iter().map(|turn| turn.text.len()).sum();
        (characters as u64).div_ceil(3) + 100
    }
}

impl std::fmt::Display for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.contestant, self.function)
    }
}

/// The functions that a model is wanted to write.
fn functions(authored: &Authored, wanted: Wanted) -> impl Iterator<Item = &Name> {
    let failed = authored.never_had().filter(move |_| wanted == Wanted::OrFailed);
    authored.missing.iter().chain(failed.map(|record| &record.function))
}

/// The conversation up to the user's last turn: the prompt, and for a round of repairs the answers
/// and faults before it.
fn turns(
    opened: &Opened,
    prompts: &Prompts,
    contestant: &Contestant,
    function: &Name,
    model: &str,
) -> Result<Vec<Turn>, Failure> {
    let Some(sample) = contestant.sample.before() else {
        let prompt = prompts.asked(function, model).ok_or_else(|| {
            let message = format!("there is no prompt for `{function}`");
            Failure::Usage(Told::words(message, Some("add prompts/NAME.md to the application")))
        })?;
        return Ok(vec![Turn { speaker: Speaker::User, text: prompt }]);
    };
    let before = Contestant { variant: contestant.variant.clone(), sample };
    let mut turns = turns(opened, prompts, &before, function, model)?;
    let here = Answers::of(&opened.generations, contestant);
    // A function that was carried over was not spoken of in that round.
    let carried = here.record(function)?.is_some_and(|r| r.origin == answers::Origin::Carried);
    if carried {
        return Ok(turns);
    }
    let lost = |what: &str| {
        let message = format!("{contestant} {function}: {what} is not in the study directory");
        Failure::Usage(Told::words(message, Some("bring it back from a copy of the directory")))
    };
    let answer = Answers::of(&opened.generations, &earliest(opened, &before, function)?)
        .text(function)
        .ok_or_else(|| lost("the answer before it"))?;
    let faults = here.repair(function).ok_or_else(|| lost("what went back to the model"))?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    turns.push(Turn { speaker: Speaker::Model, text: answer });
    turns.push(Turn { speaker: Speaker::User, text: faults });
    Ok(turns)
}

/// The round in which an answer was really given: carried answers lie where they came from.
fn earliest(
    opened: &Opened,
    contestant: &Contestant,
    function: &Name,
) -> Result<Contestant, Failure> {
    let record = Answers::of(&opened.generations, contestant).record(function)?;
    match (record, contestant.sample.before()) {
        (Some(record), Some(sample)) if record.origin == answers::Origin::Carried => {
            let before = Contestant { variant: contestant.variant.clone(), sample };
            earliest(opened, &before, function)
        }
        _ => Ok(contestant.clone()),
    }
}
