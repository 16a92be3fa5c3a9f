//! Rounds of repairs: what was wrong goes back to its author, and what was right is carried over.

use std::collections::BTreeSet;

use photofinish_journal::Reader;
use photofinish_study::record::Verification;
use photofinish_study::{Contestant, Flow, Name};

use super::task::Task;
use super::{Wanted, asking};
use crate::arguments;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::road::answers::{self, Answers, Record};
use crate::road::contestants::Authored;
use crate::road::opening::Opened;
use crate::road::prompts;

/// No more than this many faults go back, one of each kind.
const MOST_FAULTS: usize = 6;

/// Has one more round of repairs made of whatever was rejected and has rounds left. Says whether
/// there was anything to repair.
pub(crate) fn repair(
    opened: &Opened,
    wanted: Wanted,
    consent: arguments::Consent,
    progress: Progress,
) -> Result<bool, Failure> {
    let reader = Reader::open(&opened.directory).map_err(|error| Failure::usage(&error))?;
    let rows = reader.verifications().map_err(|error| Failure::usage(&error))?;
    let rows: Vec<Verification> = rows.into_iter().map(|(row, _)| row).collect();
    let prompts = prompts::needed(&opened.application)?;
    let mut tasks = Vec::new();
    for authored in opened.sources.iter().filter(|authored| authored.model().is_some()) {
        let Some(next) = next_round(opened, authored) else { continue };
        let wrong = wrong(opened, authored, &rows);
        if wrong.is_empty() {
            continue;
        }
        for function in opened.plan.functions.iter().map(|function| &function.name) {
            let answers = Answers::of(&opened.generations, &next);
            let asked = |record: Record| record.is_final() || wanted == Wanted::Missing;
            if answers.record(function)?.is_some_and(asked) {
                continue;
            }
            let Some((_, faults)) = wrong.iter().find(|(name, _)| name == function) else {
                carry(opened, authored, &next, function)?;
                continue;
            };
            let Some(text) = prompts.repair(function, faults)? else { return Ok(false) };
            answers.keep_repair(function, &text)?;
            tasks.push(Task::of(opened, &prompts, &next, function)?);
        }
    }
    if tasks.is_empty() {
        return Ok(false);
    }
    asking::ask(opened, &tasks, consent, progress)?;
    Ok(true)
}

/// The round after the one that this is, if the study wants it and it is not there yet.
fn next_round(opened: &Opened, authored: &Authored) -> Option<Contestant> {
    let Contestant { variant, sample } = &authored.contestant;
    let next = Contestant { variant: variant.clone(), sample: sample.repaired() };
    let there = opened.sources.iter().any(|other| other.contestant == next);
    (next.sample.repair <= opened.study.generate.repairs && !there).then_some(next)
}

/// The functions that were rejected, each with what was wrong, in words. Where nothing was said,
/// there is nothing to speak of.
fn wrong(opened: &Opened, authored: &Authored, rows: &[Verification]) -> Vec<(Name, Vec<String>)> {
    let functions = opened.plan.functions.iter().map(|function| &function.name);
    let faults = |function: &Name| {
        let mut faults: Vec<String> = Vec::new();
        let mut kinds = BTreeSet::new();
        let of = |row: &&Verification| {
            row.deployment.contestant == authored.contestant
                && row.function == *function
                && !row.accepted
        };
        for row in rows.iter().filter(of) {
            let reason = row.reason.as_deref().unwrap_or("rejected");
            let given = match row.flow {
                _ if authored.absent(function).is_some() => String::new(),
                Flow::Isolated => format!("given the picture `{}`: ", row.input),
                Flow::Chained => format!("in its chain, given the picture `{}`: ", row.input),
            };
            if faults.len() < MOST_FAULTS && kinds.insert(kind(reason)) {
                faults.push(format!("{given}{reason}"));
            }
        }
        faults
    };
    let answers = Answers::of(&opened.generations, &authored.contestant);
    functions
        .filter(|function| answers.text(function).is_some())
        .map(|function| (function.clone(), faults(function)))
        .filter(|(_, faults)| !faults.is_empty())
        .collect()
}

/// A fault without its figures: a picture's differences are its own, the mistake is the same.
fn kind(reason: &str) -> String {
    reason.chars().filter(|character| !character.is_ascii_digit()).collect()
}

/// A function that was right goes into the next round as it is.
fn carry(
    opened: &Opened,
    authored: &Authored,
    next: &Contestant,
    function: &Name,
) -> Result<(), Failure> {
    let before = Answers::of(&opened.generations, &authored.contestant);
    let Some(mut record) = before.record(function)? else { return Ok(()) };
    let code = std::fs::read_to_string(before.code(function)).ok();
    record.contestant = next.to_string();
    record.origin = answers::Origin::Carried;
    Answers::of(&opened.generations, next).keep(
        record,
        before.text(function).as_deref(),
        code.as_deref(),
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn the_same_mistake_on_another_picture_is_of_the_same_kind() {
        let turned = |mean: &str| {
            format!(
                "it looks like a turn counter-clockwise: block mean difference {mean}, 1.6 allowed"
            )
        };
        assert_eq!(kind(&turned("70.628")), kind(&turned("39.7")));
        assert_ne!(kind(&turned("70.628")), kind("size: it is 801x600, 800x600 is asked for"));
    }
}
