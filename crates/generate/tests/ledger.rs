//! What a ledger proves, what it does with what a kill leaves, and what it answers from the record.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use photofinish_generate::ledger::{
    Arrival, Asked, Broken, IntentId, Ledger, LedgerError, Reading, Recording, Records, Replay,
    Subject, Task, What,
};
use photofinish_generate::{Attempt, Ending, Provider, Recorder, Request, Response, Usage};
use photofinish_study::Contestant;
use photofinish_study::{Digest, Name};

const QUESTION: &str =
    r#"{"model":"gpt-5","max_output_tokens":32000,"input":"Write it.\nIn Python.\nNo prose."}"#;
const ANSWER: &str = r#"{"status":"completed"}"#;

fn task(contestant: &str, function: &str) -> Task {
    let (contestant, function) = (contestant.parse().unwrap(), Name::new(function).unwrap());
    Task { contestant, function }
}

fn request(body: &str) -> Request {
    Request {
        url: "https://api.openai.com/v1/responses".into(),
        headers: vec![("authorization".into(), "redacted".into())],
        body: body.into(),
    }
}

fn asked(task: &Task, request: &Request) -> Asked {
    Asked {
        task: task.clone(),
        attempt: 1,
        provider: "openai".into(),
        model: "gpt-5".into(),
        effort: Some("high".into()),
        request: request.clone(),
    }
}

fn attempt(request: &Request, outcome: Result<(u16, &str), &str>) -> Attempt {
    let response = |(status, body): (u16, &str)| Response {
        status,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.into(),
    };
    Attempt {
        request: request.clone(),
        sent_at: "2026-11-24T12:00:00.000Z".into(),
        took: Duration::from_millis(1500),
        outcome: outcome.map(response).map_err(str::to_owned),
    }
}

fn reading() -> Reading {
    let usage = Usage { input: Some(10), output: Some(20), ..Usage::default() };
    let served = Some("gpt-5-2025-08-07".into());
    Reading { ending: Ending::Complete, served, usage, cost_usd: Some(0.25) }
}

/// One request with its outcome.
fn enter(
    ledger: &mut Ledger,
    task: &Task,
    request: &Request,
    outcome: Result<(u16, &str), &str>,
) -> IntentId {
    let intent = ledger.intend(&asked(task, request)).unwrap();
    let reading = outcome.is_ok().then(reading);
    ledger.conclude(intent, &attempt(request, outcome), reading.as_ref(), None).unwrap();
    intent
}

/// Three tasks, each asked and answered.
fn three(folder: &Path) -> Ledger {
    let mut ledger = Ledger::open(folder).unwrap();
    for function in ["depth", "rotate", "convert"] {
        let question = QUESTION.replace("it", function);
        let answer = format!("an answer to {function}");
        let outcome = Ok((200, answer.as_str()));
        enter(&mut ledger, &task("gpt-5/1", function), &request(&question), outcome);
    }
    ledger
}

fn lines(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join(Ledger::FILE)).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn write_lines(folder: &Path, lines: &[String]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(folder.join(Ledger::FILE), text).unwrap();
}

fn broken(folder: &Path) -> Broken {
    match Records::read(folder).and_then(|records| Ok(records.verify()?)) {
        Err(LedgerError::Broken(broken)) => broken,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_entered_is_read_back_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path());
    let verified = ledger.records().verify().unwrap();
    assert_eq!(verified.entries, 6);
    let read = Records::read(folder.path()).unwrap();
    assert_eq!(read.entries(), ledger.records().entries());
    assert_eq!(read.head(), &verified.head);
    let (intent, first) = read.intents().next().unwrap();
    assert_eq!(first.task.to_string(), "gpt-5/1 depth");
    assert_eq!(first.effort.as_deref(), Some("high"));
    assert_eq!(read.body(&first.request.body).unwrap(), QUESTION.replace("it", "depth").as_bytes());
    let outcome = read.outcome(intent).unwrap();
    assert_eq!((outcome.took_ms, outcome.reading.as_ref()), (1500, Some(&reading())));
    assert_eq!(read.in_doubt().count(), 0);
}

#[test]
fn the_chain_can_be_checked_by_other_means() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path());
    // `printf 'photofinish ledger' | sha256sum`
    let mut before = "ae76c3886b62f0653a2dbe0060ca55d7460574eea0b2c386d791f30e20f3927f".to_owned();
    for line in lines(folder.path()) {
        let fields: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(fields["prev"], before.as_str());
        before = Digest::of(line.as_bytes()).to_string();
    }
    assert_eq!(ledger.records().head().as_str(), before);
}

#[test]
fn a_ledger_that_is_not_there_is_an_empty_one_to_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let none = Records::read(folder.path()).unwrap();
    assert_eq!(none.verify().unwrap().entries, 0);
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "reading made something");
}

#[test]
fn a_line_that_is_changed_moved_or_taken_out_breaks_the_chain_where_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    drop(three(folder.path()));
    let whole = lines(folder.path());
    type Change = fn(&mut Vec<String>);
    let changes: [(&str, Change, u64); 6] = [
        ("changed", |lines| lines[2] = lines[2].replace("gpt-5", "gpt-4"), 4),
        ("a byte of white space", |lines| lines[0].push(' '), 2),
        ("taken out", |lines| drop(lines.remove(1)), 2),
        ("moved", |lines| lines.swap(2, 3), 3),
        ("the first taken out", |lines| drop(lines.remove(0)), 1),
        ("no entry at all", |lines| lines[4] = "{}".to_owned(), 5),
    ];
    for (what, change, line) in changes {
        let mut lines = whole.clone();
        change(&mut lines);
        write_lines(folder.path(), &lines);
        assert_eq!(broken(folder.path()).line, line, "{what}: {}", broken(folder.path()));
        let opened = Ledger::open(folder.path());
        assert!(matches!(opened, Err(LedgerError::Broken(_))), "{what}: nothing is added to it");
    }
    write_lines(folder.path(), &whole);
    assert!(Records::read(folder.path()).unwrap().verify().is_ok());
}

#[test]
fn that_the_last_lines_were_cut_off_is_seen_by_who_noted_the_head() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path());
    let head = ledger.records().head().clone();
    let whole = lines(folder.path());
    write_lines(folder.path(), &whole[..4]);
    let still_open = ledger.records().verify().unwrap_err();
    assert_eq!(still_open.line, 5, "{still_open}");
    let cut = Records::read(folder.path()).unwrap();
    assert!(cut.verify().is_ok() && !cut.was_at(&head));
    write_lines(folder.path(), &whole);
    assert!(Records::read(folder.path()).unwrap().was_at(&head));
}

#[test]
fn a_body_that_is_changed_or_missing_is_named_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    drop(three(folder.path()));
    let records = Records::read(folder.path()).unwrap();
    let (_, second) = records.intents().nth(1).unwrap();
    let path = folder.path().join(Ledger::BODIES).join(second.request.body.sha256.as_str());
    let mut bytes = fs::read(&path).unwrap();
    bytes[0] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let changed = broken(folder.path());
    assert!(changed.line == 3 && changed.why.contains("does not hold"), "{changed}");
    fs::remove_file(&path).unwrap();
    let missing = broken(folder.path());
    assert!(missing.line == 3 && missing.why.contains("cannot be read"), "{missing}");
}

#[test]
fn a_hash_that_would_be_a_path_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(three(folder.path()));
    let mut lines = lines(folder.path());
    let records = Records::read(folder.path()).unwrap();
    let body = records.intents().next_back().unwrap().1.request.body.clone();
    lines.truncate(5);
    lines[4] = lines[4].replace(body.sha256.as_str(), "../../../../etc/hostname");
    write_lines(folder.path(), &lines);
    let refused = broken(folder.path());
    assert!(refused.line == 5 && refused.why.contains("no SHA-256"), "{refused}");
}

#[test]
fn a_line_of_a_later_format_is_said_to_be_one() {
    let folder = tempfile::tempdir().unwrap();
    let later = r#"{"format":2,"something":"new"}"#.to_owned();
    write_lines(folder.path(), &[later]);
    let Broken { line, why, .. } = broken(folder.path());
    assert_eq!((line, why.as_str()), (1, "it has format 2, and this program reads 1"));
}

#[test]
fn a_half_written_line_is_put_aside_wherever_the_kill_came() {
    let folder = tempfile::tempdir().unwrap();
    drop(three(folder.path()));
    let whole = fs::read(folder.path().join(Ledger::FILE)).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    for end in last + 1..whole.len() {
        fs::write(folder.path().join(Ledger::FILE), &whole[..end]).unwrap();
        let read = Records::read(folder.path()).unwrap();
        assert_eq!(read.torn().unwrap().line.bytes, (end - last) as u64);
        assert_eq!(read.in_doubt().count(), 1, "its outcome was lost");
    }
    let end = last + 20;
    fs::write(folder.path().join(Ledger::FILE), &whole[..end]).unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let What::Torn(torn) = &ledger.records().entries().last().unwrap().what else {
        panic!("an entry says what was put aside")
    };
    assert_eq!(ledger.records().body(&torn.line).unwrap(), &whole[last..end]);
    let depth = task("gpt-5/1", "depth");
    enter(&mut ledger, &depth, &request(QUESTION), Ok((200, ANSWER)));
    assert_eq!(ledger.records().verify().unwrap().entries, 8);
    drop(ledger);
    assert_eq!(Records::read(folder.path()).unwrap().torn(), None);
}

#[test]
fn a_request_without_an_outcome_is_in_doubt_and_has_one_outcome_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let (depth, question) = (task("gpt-5/1", "depth"), request(QUESTION));
    let mut ledger = Ledger::open(folder.path()).unwrap();
    ledger.intend(&asked(&depth, &question)).unwrap();
    drop(ledger);
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let (intent, left) = ledger.records().in_doubt().next().unwrap();
    assert_eq!((intent.number(), &left.task), (1, &depth));
    let gone = attempt(&question, Err("the connection was closed"));
    ledger.conclude(intent, &gone, None, None).unwrap();
    assert_eq!(ledger.records().in_doubt().count(), 0);
    let again = ledger.conclude(intent, &gone, None, None);
    assert!(matches!(again, Err(LedgerError::NotIntended(1))), "{again:?}");
}

#[test]
fn one_writer_at_a_time_and_any_number_of_readers() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = three(folder.path());
    assert!(matches!(Ledger::open(folder.path()), Err(LedgerError::Busy(_))));
    assert_eq!(Records::read(folder.path()).unwrap().entries().len(), 6);
    drop(ledger);
    assert!(Ledger::open(folder.path()).is_ok());
}

#[test]
fn a_key_that_slipped_through_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let leaking = Request {
        url: "https://me:SECRET@gateway.example/v1/responses?key=SECRET&alt=json".into(),
        headers: ["Authorization", "x-goog-api-key", "api-key", "cookie", "x-auth-token"]
            .map(|name| (name.into(), "SECRET".into()))
            .into(),
        body: QUESTION.into(),
    };
    let mut attempt = attempt(&leaking, Ok((200, ANSWER)));
    if let Ok(response) = &mut attempt.outcome {
        response.headers.push(("set-cookie".into(), "SECRET".into()));
        response.headers.push(("x-ratelimit-remaining-tokens".into(), "7".into()));
    }
    let depth = task("gpt-5/1", "depth");
    let words = Err("nobody answers at (https://gateway.example/v1?key=SECRET) today");
    enter(&mut ledger, &depth, &leaking, words);
    let intent = ledger.intend(&asked(&depth, &leaking)).unwrap();
    ledger.conclude(intent, &attempt, None, None).unwrap();
    let written = lines(folder.path()).join("\n");
    assert!(!written.contains("SECRET"), "{written}");
    assert!(written.contains("redacted@gateway.example/v1/responses?key=redacted&alt=json"));
    assert!(written.contains(r#"["x-ratelimit-remaining-tokens","7"]"#), "{written}");
    let replayed = ledger.records().replay(&depth, &leaking);
    assert!(matches!(replayed, Replay::Hit(_)), "a key is no difference");
}

#[test]
fn a_pasted_answer_is_recorded_as_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let depth = task("gpt-5/1", "depth");
    ledger.paste(&depth, "GPT-5 Thinking", b"```python\n```").unwrap();
    let What::Pasted(pasted) = &ledger.records().entries()[0].what else { panic!() };
    assert_eq!((&pasted.task, pasted.model.as_str()), (&depth, "GPT-5 Thinking"));
    assert_eq!(ledger.records().body(&pasted.answer).unwrap(), b"```python\n```");
    let replayed = ledger.records().replay(&depth, &request(QUESTION));
    assert!(matches!(replayed, Replay::Miss(_)), "nobody was asked");
}

#[test]
fn the_last_good_response_is_replayed_wherever_the_server_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let (depth, mut question) = (task("gpt-5/1", "depth"), request(QUESTION));
    enter(&mut ledger, &depth, &question, Ok((429, "later")));
    enter(&mut ledger, &depth, &question, Ok((200, "first")));
    enter(&mut ledger, &depth, &question, Ok((200, "second")));
    enter(&mut ledger, &depth, &question, Err("timed out"));
    for url in [
        "https://api.openai.com/v1/responses",
        "http://127.0.0.1:8080/gateway/openai/v1/responses",
        "http://localhost/responses/",
    ] {
        question.url = url.into();
        question.headers.clear();
        let Replay::Hit(response) = ledger.records().replay(&depth, &question) else {
            panic!("{url}")
        };
        assert_eq!((response.status, response.body.as_slice()), (200, &b"second"[..]), "{url}");
        assert_eq!(response.headers[0].1, "application/json");
    }
}

/// What a miss says of a request that is not quite the one that was recorded.
fn said(ledger: &Ledger, task: &Task, request: &Request) -> String {
    match ledger.records().replay(task, request) {
        Replay::Miss(miss) => miss.to_string(),
        Replay::Hit(response) => panic!("{response:?}"),
    }
}

#[test]
fn a_miss_explains_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let depth = task("gpt-5/1", "depth");
    assert_eq!(
        said(&ledger, &depth, &request(QUESTION)),
        "nothing is recorded, so not gpt-5/1 depth either"
    );
    enter(&mut ledger, &depth, &request(QUESTION), Ok((200, ANSWER)));

    let now = r#"{"model":"gpt-6","input":"Write it.\nIn Rust.\nNo prose.","store":false}"#;
    let expected = "another request is recorded for gpt-5/1 depth as entry 1; it differs in
  model: recorded \"gpt-5\", now \"gpt-6\"
  max_output_tokens: recorded 32000, now not there
  input: other lines
    - In Python.
    + In Rust.
  store: not recorded, now false";
    assert_eq!(said(&ledger, &depth, &request(now)), expected);

    let spaced = QUESTION.replace(":32000", ": 32000");
    let other_bytes = said(&ledger, &depth, &request(&spaced));
    assert!(other_bytes.ends_with("\n  body: the same JSON, in other bytes"), "{other_bytes}");

    let mut elsewhere = request(QUESTION);
    elsewhere.url = "http://localhost/v1/chat/completions".into();
    let told = said(&ledger, &depth, &elsewhere);
    assert!(told.ends_with("\n  operation: recorded responses, now completions"), "{told}");

    let other_sample = said(&ledger, &task("gpt-5/2", "depth"), &request(QUESTION));
    let expected = "nothing is recorded for gpt-5/2 depth; entry 1, for gpt-5/1 depth, is the \
                    nearest request";
    assert_eq!(other_sample, expected);
    let repaired = Contestant { sample: depth.contestant.sample.repaired(), ..depth.contestant };
    let repaired = Task { contestant: repaired, ..depth };
    assert!(said(&ledger, &repaired, &request(QUESTION)).contains("for gpt-5/1+r1 depth;"));
}

#[test]
fn a_miss_names_the_nearest_of_several() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let depth = task("gpt-5/1", "depth");
    let far = r#"{"model":"other","max_output_tokens":1,"input":"Say hello."}"#;
    enter(&mut ledger, &depth, &request(QUESTION), Ok((200, ANSWER)));
    enter(&mut ledger, &depth, &request(far), Ok((200, ANSWER)));
    enter(&mut ledger, &task("gpt-5/1", "rotate"), &request(QUESTION), Ok((200, ANSWER)));
    let near = QUESTION.replace("32000", "16000");
    assert_eq!(
        said(&ledger, &depth, &request(&near)),
        "another request is recorded for gpt-5/1 depth as entry 1; it differs in
  max_output_tokens: recorded 32000, now 16000"
    );
}

#[test]
fn a_request_that_was_sent_but_never_answered_well_is_a_miss_that_says_why() {
    let (depth, question) = (task("gpt-5/1", "depth"), request(QUESTION));
    let same = "the same request is recorded for gpt-5/1 depth as entry 1, \
                without a response to use: ";
    for (outcome, why) in [
        (Some(Ok((402, "no balance"))), "its status was 402"),
        (Some(Err("the name was not found")), "the name was not found"),
        (None, "what became of it was never written"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        match outcome {
            Some(outcome) => enter(&mut ledger, &depth, &question, outcome),
            None => ledger.intend(&asked(&depth, &question)).unwrap(),
        };
        assert_eq!(said(&ledger, &depth, &question), format!("{same}{why}"));
    }
}

#[test]
fn a_lost_response_is_not_replaced_by_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let (depth, question) = (task("gpt-5/1", "depth"), request(QUESTION));
    enter(&mut ledger, &depth, &question, Ok((200, "first")));
    let second = enter(&mut ledger, &depth, &question, Ok((200, "second")));
    let hash = Digest::of(b"second");
    fs::remove_file(folder.path().join(Ledger::BODIES).join(hash.as_str())).unwrap();
    let told = said(&ledger, &depth, &question);
    let place = format!("as entry {}", second.number());
    assert!(told.contains(&place) && told.contains("cannot be read"), "{told}");
}

#[test]
fn a_miss_does_not_hand_a_recorded_text_to_the_terminal_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let depth = task("gpt-5/1", "depth");
    enter(&mut ledger, &depth, &request("\u{1b}]0;title\u{7}\nplain"), Ok((200, ANSWER)));
    let told = said(&ledger, &depth, &request("plain"));
    assert!(told.contains(r"- \u{1b}]0;title\u{7}"), "{told}");
}

/// An answer in the shape of OpenAI's Responses.
const COMPLETED: &str = r#"{"status":"completed","model":"gpt-5-2025-08-07","output":[{"type":
    "message","content":[{"type":"output_text","text":"Here."}]}],
    "usage":{"input_tokens":7,"output_tokens":5}}"#;

#[test]
fn each_attempt_that_a_client_makes_is_entered_with_its_price() {
    let folder = tempfile::tempdir().unwrap();
    let (depth, question) = (task("gpt-5/1", "depth"), request(QUESTION));
    let price = |usage: &Usage| usage.output.map(|tokens| tokens as f64 / 2.0);
    for run in 0..2 {
        let ledger = Mutex::new(Ledger::open(folder.path()).unwrap());
        let asked = Subject {
            task: depth.clone(),
            provider: Provider::OpenAi,
            model: "gpt-5".into(),
            effort: None,
            price: &price,
        };
        let mut recording = Recording::of(&ledger, asked);
        for outcome in [Err("the connection was closed"), Ok((500, "")), Ok((200, COMPLETED))] {
            recording.intent(&question, "2026-11-24T12:00:00.000Z").unwrap();
            recording.outcome(&attempt(&question, outcome)).unwrap();
        }
        assert!(
            recording
                .outcome(&attempt(&question, Ok((200, ""))))
                .unwrap_err()
                .to_string()
                .contains("without its intent")
        );
        let records = Records::read(folder.path()).unwrap();
        let numbers: Vec<u32> = records.intents().map(|(_, intent)| intent.attempt).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6][..3 + 3 * run]);
        let (last, intent) = records.intents().next_back().unwrap();
        assert_eq!((intent.provider.as_str(), intent.model.as_str()), ("openai", "gpt-5"));
        let outcome = records.outcome(last).unwrap();
        assert!(matches!(&outcome.arrival, Arrival::Response(response) if response.status == 200));
        let reading = outcome.reading.as_ref().unwrap();
        assert_eq!((reading.cost_usd, reading.usage.input), (Some(2.5), Some(7)));
        let (failed, _) = records.intents().next().unwrap();
        assert_eq!(records.outcome(failed).unwrap().reading, None);
    }
}

#[test]
fn what_is_no_answer_and_was_paid_for_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let question = request(QUESTION);
    let price = |usage: &Usage| usage.output.map(|tokens| tokens as f64 / 2.0);
    let ledger = Mutex::new(Ledger::open(folder.path()).unwrap());
    let asked = Subject {
        task: task("gpt-5/1", "depth"),
        provider: Provider::OpenAi,
        model: "gpt-5".into(),
        effort: None,
        price: &price,
    };
    let used = r#""usage":{"input_tokens":7,"output_tokens":6}}"#;
    let failed = format!(r#"{{"status":"failed","error":{{"code":"server_error"}},{used}"#);
    let cut_off = format!(r#"{{"status":"incomplete","output":[],{used}"#);
    let mut recording = Recording::of(&ledger, asked);
    for body in [failed.as_str(), cut_off.as_str(), "a gateway's page"] {
        recording.intent(&question, "2026-11-24T12:00:00.000Z").unwrap();
        recording.outcome(&attempt(&question, Ok((200, body)))).unwrap();
    }
    let records = Records::read(folder.path()).unwrap();
    let outcomes: Vec<_> =
        records.intents().map(|(id, _)| records.outcome(id).unwrap().clone()).collect();
    let costs: Vec<_> = outcomes.iter().map(|outcome| outcome.cost_usd()).collect();
    assert_eq!(costs, [Some(3.0), Some(3.0), None]);
    assert_eq!((&outcomes[0].reading, outcomes[1].billed), (&None, None));
    assert_eq!(outcomes[0].billed.unwrap().usage.input, Some(7));
    records.verify().unwrap();
}
