//! `generate --verify` and `--replay`: that what was received is what is run.

use photofinish_generate::ledger::{Arrival, Intent, IntentId, Ledger, Records, Replay, What};
use photofinish_generate::{Provider, Reply, Response, code_of};
use photofinish_report::SentPrompt;
use photofinish_study::record::Ending;
use photofinish_study::{Contestant, Digest, Name, Origin as Written};

use super::task::Task;
use super::{ENTRY_POINT, answers, ledger_folder, records};
use crate::failure::{Answer, Failure};
use crate::road::answers::{Answers, Origin, Record};
use crate::road::opening::Opened;
use crate::road::prompts;

/// Checks the chain, and each answer and its code against what was received.
pub(super) fn verify(opened: &Opened) -> Result<Answer, Failure> {
    let records = match Records::read(&ledger_folder(opened)) {
        Ok(records) => records,
        Err(error) => {
            println!("broken: {error}");
            return Ok(Answer::No);
        }
    };
    let mut good = true;
    match records.verify() {
        Ok(whole) => println!(
            "ledger: {} entries, each of them after the one before it; its head is {}",
            whole.entries, whole.head
        ),
        Err(broken) => {
            println!("broken: {broken}");
            good = false;
        }
    }
    for (intent, asked) in records.in_doubt() {
        println!(
            "in doubt: entry {}, {}: it was to be sent, and nothing is known of what became of it",
            intent.number(),
            asked.task
        );
    }
    let (mut right, mut pasted, mut never) = (0, 0, 0);
    for (contestant, record) in all(opened)? {
        match fault(opened, &records, &contestant, &record)? {
            Some(fault) => {
                println!("wrong: {contestant} {}: {fault}", record.function);
                good = false;
            }
            None if record.origin == Origin::Pasted => pasted += 1,
            None if !record.is_final() => never += 1,
            None => right += 1,
        }
    }
    println!("as received, and so is the code out of it: {}", answers(right));
    if never > 0 {
        println!("{} never had: no request for them was answered", answers(never));
    }
    if pasted > 0 {
        println!(
            "as pasted, and so is the code out of it: {}; who wrote it is the user's word",
            answers(pasted)
        );
    }
    Ok(if good { Answer::Yes } else { Answer::No })
}

/// Every answer of a model that is there.
fn all(opened: &Opened) -> Result<Vec<(Contestant, Record)>, Failure> {
    let mut all = Vec::new();
    for contestant in opened.study.contestants() {
        let answers = Answers::of(&opened.generations, &contestant);
        for function in &opened.plan.functions {
            if let Some(record) = answers.record(&function.name)? {
                all.push((contestant.clone(), record));
            }
        }
    }
    Ok(all)
}

/// In what an answer is not as it was received; nothing if it is.
fn fault(
    opened: &Opened,
    records: &Records,
    contestant: &Contestant,
    record: &Record,
) -> Result<Option<String>, Failure> {
    let answers = Answers::of(&opened.generations, contestant);
    let text = answers.text(&record.function);
    let sha256 = text.as_ref().map(|text| Digest::of(text).to_string());
    if sha256 != record.answer_sha256 {
        return Ok(Some("the answer's text is not the one that its record names".to_owned()));
    }
    if record.ending == Ending::Complete {
        let code = std::fs::read_to_string(answers.code(&record.function)).unwrap_or_default();
        let text = text.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        if code_of(&text, ENTRY_POINT).ok().map(|found| found.code) != Some(code) {
            return Ok(Some("the code is not what its answer contains".to_owned()));
        }
    }
    Ok(match record.origin {
        Origin::Carried => carried_fault(opened, contestant, record)?,
        Origin::Pasted => {
            let mut entries = records.entries().iter();
            let noted = entries.any(|entry| {
                matches!(&entry.what, What::Pasted(pasted)
                    if pasted.task.contestant == *contestant
                        && pasted.task.function == record.function
                        && Some(pasted.answer.sha256.to_string()) == record.answer_sha256)
            });
            (!noted).then(|| "the ledger has no word of it".to_owned())
        }
        Origin::Api if record.answer_sha256.is_none() => {
            unanswered_fault(records, contestant, record).map(str::to_owned)
        }
        Origin::Api => {
            let text = text.unwrap_or_default();
            let reply = |found: Reply| found.text.as_bytes() == text.as_slice();
            let came = received(records, contestant, record).into_iter().any(reply);
            (!came).then(|| "no response in the ledger holds this answer".to_owned())
        }
    })
}

/// A question that was refused or never answered was asked, and has no answer.
fn unanswered_fault(
    records: &Records,
    contestant: &Contestant,
    record: &Record,
) -> Option<&'static str> {
    if !matches!(record.ending, Ending::Refused | Ending::Failed) {
        return Some("its record names no answer");
    }
    if requests(records, contestant, record).next().is_none() {
        return Some("the ledger has no request for it");
    }
    let came = !received(records, contestant, record).is_empty();
    came.then_some("its record names no answer, and the ledger has one")
}

/// An answer that was carried over is the one before it.
fn carried_fault(
    opened: &Opened,
    contestant: &Contestant,
    record: &Record,
) -> Result<Option<String>, Failure> {
    let Some(sample) = contestant.sample.before() else {
        return Ok(Some("it is carried over from nowhere".to_owned()));
    };
    let before = Contestant { variant: contestant.variant.clone(), sample };
    let before = Answers::of(&opened.generations, &before).record(&record.function)?;
    let same = before.is_some_and(|before| before.code_sha256 == record.code_sha256);
    Ok((!same).then(|| "it is not what it is carried over from".to_owned()))
}

/// The replies that the ledger holds to an answer's request.
fn received(records: &Records, contestant: &Contestant, record: &Record) -> Vec<Reply> {
    let Some((provider, _)) = Provider::and_model(&record.model) else { return Vec::new() };
    requests(records, contestant, record)
        .filter_map(|id| match &records.outcome(id)?.arrival {
            Arrival::Response(kept) => {
                let body = records.body(&kept.body).ok()?;
                let response =
                    Response { status: kept.status, headers: kept.headers.clone(), body };
                provider.read(&response).ok()
            }
            Arrival::Failure(_) => None,
        })
        .collect()
}

/// The requests that were sent for an answer.
fn requests<'a>(
    records: &'a Records,
    contestant: &'a Contestant,
    record: &'a Record,
) -> impl Iterator<Item = IntentId> + 'a {
    let of = |intent: &Intent| {
        intent.task.contestant == *contestant
            && intent.task.function == record.function
            && Some(intent.request.body.sha256.to_string()) == record.request_sha256
    };
    records.intents().filter(move |(_, intent)| of(intent)).map(|(id, _)| id)
}

/// Takes every answer out of the ledger as if it came now, and compares it with what is there.
pub(super) fn replay(opened: &Opened) -> Result<Answer, Failure> {
    let records = records(opened)?;
    let prompts = prompts::needed(&opened.application)?;
    let (mut same, mut restored, mut unanswered, mut never, mut good) = (0, 0, 0, 0, true);
    for contestant in opened.study.contestants() {
        let here = Answers::of(&opened.generations, &contestant);
        for function in opened.plan.functions.iter().map(|function| &function.name) {
            let record = here.record(function)?;
            let first = contestant.sample.repair == 0;
            let asked = record.as_ref().is_some_and(|record| record.origin == Origin::Api);
            if !(asked || record.is_none() && first && is_model(opened, &contestant)) {
                continue;
            }
            let task = Task::of(opened, &prompts, &contestant, function)?;
            if let Some(record) = record.as_ref().filter(|record| record.answer_sha256.is_none()) {
                match unanswered_fault(&records, &contestant, record) {
                    Some(fault) => {
                        println!("{task}: {fault}");
                        good = false;
                    }
                    None => unanswered += 1,
                }
                continue;
            }
            let request = task.provider.request("http://replay", &task.question);
            match records.replay(&task.entry(), &request) {
                Replay::Miss(miss) if miss.nearest.is_none() => never += 1,
                Replay::Miss(miss) => {
                    println!("{miss}");
                    good = false;
                }
                Replay::Hit(response) => match replayed(opened, &task, record, &response)? {
                    Replayed::Same => same += 1,
                    Replayed::Restored => restored += 1,
                    Replayed::Other(what) => {
                        println!("{task}: {what}");
                        good = false;
                    }
                },
            }
        }
    }
    println!("{} replayed from {}: the same bytes", answers(same), Ledger::FILE);
    if restored > 0 {
        println!("{} put back that were not there", answers(restored));
    }
    if unanswered > 0 {
        println!("{} without a text, then as now", answers(unanswered));
    }
    if never > 0 {
        println!("{} missing: the ledger holds no request to any model", answers(never));
        good = false;
    }
    Ok(if good { Answer::Yes } else { Answer::No })
}

/// What a replayed answer turned out to be.
enum Replayed {
    Same,
    Restored,
    Other(String),
}

fn replayed(
    opened: &Opened,
    task: &Task,
    record: Option<Record>,
    response: &Response,
) -> Result<Replayed, Failure> {
    let reply = match task.provider.read(response) {
        Ok(reply) => reply,
        Err(fault) => return Ok(Replayed::Other(fault.to_string())),
    };
    let Some(record) = record else {
        let mut record = Record::of(&task.contestant, &task.function, &task.model, Origin::Api);
        let request = task.provider.request("http://replay", &task.question);
        record.request_sha256 = Some(Digest::of(&request.body).to_string());
        record.attempts = 1;
        super::asking::keep(opened, task, record, &reply)?;
        return Ok(Replayed::Restored);
    };
    let sha256 = Digest::of(reply.text.as_bytes()).to_string();
    if record.answer_sha256.as_deref() != Some(sha256.as_str()) {
        return Ok(Replayed::Other("the answer that is there is another one".to_owned()));
    }
    let code = std::fs::read_to_string(
        Answers::of(&opened.generations, &task.contestant).code(&task.function),
    );
    let now = code_of(&reply.text, ENTRY_POINT).ok().map(|found| found.code);
    if record.ending == Ending::Complete && code.ok() != now {
        return Ok(Replayed::Other("the code that is there is another one".to_owned()));
    }
    Ok(Replayed::Same)
}

fn is_model(opened: &Opened, contestant: &Contestant) -> bool {
    let variant = opened.study.variant(&contestant.variant);
    variant.is_some_and(|variant| matches!(variant.origin, Written::Model(_)))
}

/// What each model was sent first for a function, from the logged requests: of each variant the
/// hash of the text, and the note that stands behind the common one.
pub(crate) fn sent_prompts(
    opened: &Opened,
    records: &Records,
    function: &Name,
) -> Result<Vec<SentPrompt>, Failure> {
    let prompts = prompts::needed(&opened.application)?;
    let mut sent: Vec<SentPrompt> = Vec::new();
    for (_, intent) in records.intents() {
        let variant = &intent.task.contestant.variant;
        if intent.task.function != *function || sent.iter().any(|s| s.variant == *variant) {
            continue;
        }
        let Some(provider) = Provider::of(&intent.provider) else { continue };
        let Some(text) = records.body(&intent.request.body).ok().and_then(|b| provider.asked(&b))
        else {
            continue;
        };
        let model = format!("{}:{}", intent.provider, intent.model);
        sent.push(SentPrompt {
            variant: variant.clone(),
            note: prompts.note(&model).map(|note| note.behind()).unwrap_or_default(),
            sha256: Digest::of(text.as_bytes()),
        });
    }
    Ok(sent)
}
