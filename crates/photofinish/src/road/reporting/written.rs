//! What models wrote, out of the study directory and the journal: the rows behind
//! `generations.csv`, their scores, and what each model was asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use photofinish_analyse::repaid::repaid;
use photofinish_analyse::score::{DRAWS, scores, writing_usd};
use photofinish_analyse::speed::Speeds;
use photofinish_generate::look::Text;
use photofinish_generate::{Provider, Registry};
use photofinish_report::{AppendixPrompt, ReportData, Written};
use photofinish_study::record::{Channel, Ending, Generation, Judgement, Verification};
use photofinish_study::{Contestant, Digest, Name, Target};

use super::seen;
use crate::failure::Failure;
use crate::road::answers::{Origin, Record};
use crate::road::contestants::Authored;
use crate::road::generating::{records, registry, sent_prompts};
use crate::road::opening::Opened;
use crate::road::prompts;

/// Everything that is known of the models' answers; nothing where the study has no model.
pub(super) fn written(
    opened: &Opened,
    verification: &[&Verification],
    data: &ReportData,
) -> Result<Written, Failure> {
    let registry = registry()?;
    let mut generations = Vec::new();
    for authored in opened.sources.iter().filter(|authored| authored.model().is_some()) {
        for record in authored.records.iter().filter(|record| record.origin != Origin::Carried) {
            generations.push(generation(opened, authored, record, verification, &registry));
        }
    }
    if generations.is_empty() {
        return Ok(Written::default());
    }
    let functions: Vec<Name> = opened.plan.functions.iter().map(|f| f.name.clone()).collect();
    let baseline = baseline(opened, data);
    let speeds = baseline.as_ref().map(|(whose, target)| {
        let raced = opened.study.contestants().filter(|c| opened.study.is_raced(c));
        let chosen: BTreeSet<Contestant> = raced.collect();
        Speeds::of(&data.summary, whose, *target, chosen)
    });
    Ok(Written {
        scores: scores(&generations, &functions, &DRAWS, speeds.as_ref()),
        baseline,
        repaid: repaid(&data.costs.rows, &data.verdicts, &writing_usd(&generations)),
        prompts: asked(opened)?,
        generations,
    })
}

/// Whose speed is 1: the first contestant that is not a model's, on the first target that was
/// raced; the first of all where there is none.
fn baseline(opened: &Opened, data: &ReportData) -> Option<(Contestant, Target)> {
    let raced = || data.planned.deployments.iter();
    let by_hand = raced().find(|d| opened.authored(&d.contestant).model().is_none());
    let chosen = by_hand.or_else(|| raced().next())?;
    Some((chosen.contestant.clone(), chosen.target))
}

fn generation(
    opened: &Opened,
    authored: &Authored,
    record: &Record,
    verification: &[&Verification],
    registry: &Registry,
) -> Generation {
    let variant = opened.study.variant(&authored.contestant.variant);
    let asking = variant.and_then(|variant| variant.asking.as_ref());
    let provider = Provider::and_model(&record.model);
    let as_asked = Option::zip(provider, record.served.as_deref())
        .map(|((provider, id), served)| registry.is_same(provider, id, served));
    let python = match record.look.as_ref().map(|look| &look.text) {
        Some(Text::Python(python)) => Some(python),
        _ => None,
    };
    let lacking = python.map(|python| python.imports.lacking.as_slice()).unwrap_or_default();
    let count = |n: usize| u32::try_from(n).ok();
    Generation {
        contestant: authored.contestant.clone(),
        function: record.function.clone(),
        asked: record.model.as_str().into(),
        served: record.served.as_deref().map(Into::into),
        as_asked,
        stands_for: provider.and_then(|(provider, id)| {
            registry.stands_for(provider, id, &record.at).map(|model| model.title.as_str().into())
        }),
        effort: asking.and_then(|asking| asking.effort.as_deref()).map(Into::into),
        channel: if record.origin == Origin::Pasted { Channel::Pasted } else { Channel::Api },
        ending: record.ending,
        attempts: record.attempts,
        input_tokens: record.usage.input,
        cached_tokens: record.usage.cached,
        output_tokens: record.usage.output,
        reasoning_tokens: record.usage.reasoning,
        usd: record.usd,
        seconds: record.seconds,
        lines: record.look.as_ref().and_then(|look| count(look.lines)),
        complexity: python.and_then(|python| count(python.complexity.whole)),
        missing_imports: lacking.iter().map(|lack| lack.module.as_str().into()).collect(),
        seen: record.look.as_ref().map(seen::seen).unwrap_or_default(),
        judgement: judgement(authored, record, verification),
    }
}

/// What the trials in isolation said of it, on whichever target it was tried.
fn judgement(authored: &Authored, record: &Record, verification: &[&Verification]) -> Judgement {
    if record.ending != Ending::Complete {
        return Judgement::Rejected(record.reason().into());
    }
    let rows = || {
        verification.iter().filter(|row| {
            row.deployment.contestant == authored.contestant && row.function == record.function
        })
    };
    let wrong = rows().find(|row| !row.accepted);
    match wrong {
        Some(row) => {
            Judgement::Rejected(row.reason.clone().unwrap_or_else(|| Arc::from("rejected")))
        }
        None if rows().next().is_some() => Judgement::Accepted,
        None => Judgement::NotVerified,
    }
}

/// What all models were asked, and what each was sent, from the logged requests.
fn asked(opened: &Opened) -> Result<Vec<AppendixPrompt>, Failure> {
    let Some(prompts) = prompts::prompts(&opened.application)? else { return Ok(Vec::new()) };
    let records = records(opened)?;
    let functions = opened.plan.functions.iter().map(|function| &function.name);
    let mut asked = Vec::new();
    for (function, text) in prompts.iter().filter(|(name, _)| functions.clone().any(|f| f == *name))
    {
        asked.push(AppendixPrompt {
            function: function.clone(),
            text: text.to_owned(),
            models: sent_prompts(opened, &records, function)?,
        });
    }
    Ok(asked)
}

/// The head of the ledger's chain, for whoever wants to know later whether anything was cut off.
pub(super) fn ledger_head(opened: &Opened) -> Result<Option<(usize, Digest)>, Failure> {
    let records = records(opened)?;
    let n = records.entries().len();
    Ok((n > 0).then(|| (n, records.head().clone())))
}
