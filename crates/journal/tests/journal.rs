//! A journal keeps what was written, tells what is in doubt, and lets nobody change it.

use std::time::Duration;

use photofinish_journal::{
    Error, Identity, InvocationOutcome, Journal, LateReport, OutputSeen, PassIntent, Reader,
};
use photofinish_study::record::{Execution, Status};
use photofinish_study::{
    Architecture, Contestant, Deployment, Flow, Name, Orchestration, Phase, Platform, Sample,
    State, Target,
};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn identity() -> Identity {
    Identity { study: "quick".into(), fingerprint: "ab".repeat(32) }
}

fn deployment() -> Deployment {
    Deployment {
        contestant: Contestant { variant: name("pillow"), sample: Sample::first(1) },
        target: Target {
            platform: Platform::Local,
            architecture: Architecture::X86_64,
            memory_mb: 1769,
        },
    }
}

fn ok() -> Status {
    Status(Status::OK.into())
}

/// One round with one pass of one call; `until` says after which write the process dies.
fn write(journal: &Journal, until: u32) {
    let deployment = deployment();
    journal.deployment(&deployment, None).unwrap();
    let round = journal.begin_round(1, 1, Phase::Race).unwrap();
    let image = name("harbour");
    let intent = PassIntent {
        round,
        block: 1,
        position: 1,
        phase: Phase::Race,
        flow: Flow::Chained,
        orchestration: Orchestration::Client,
        deployment: &deployment,
        image: &image,
    };
    let pass = journal.begin_pass(&intent).unwrap();
    let call = journal.begin_invocation(pass, &name("greyscale"), "e1", Some(100)).unwrap();
    if until == 0 {
        return;
    }
    let outcome = InvocationOutcome {
        state: Some(State::Warm),
        sent: Some(Duration::from_micros(500)),
        client: Some(Duration::from_micros(1_500)),
        duration_ms: Some(1.25),
        billed_ms: Some(2.0),
        stages: Some(r#"{"cpu_ms": 1.0, "s3_requests": 2}"#.into()),
        status: Status::OK.into(),
        ..InvocationOutcome::default()
    };
    journal.end_invocation(call, &outcome).unwrap();
    let seen = OutputSeen { bytes: Some(9), sha256: Some("ff".into()), status: "ok".into() };
    journal.saw_output(call, &seen).unwrap();
    if until == 1 {
        return;
    }
    journal.end_pass(pass, Some(Duration::from_millis(2)), &ok()).unwrap();
    journal.end_round(round, &ok()).unwrap();
}

#[test]
fn what_was_written_reads_back_in_the_words_of_a_study() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    write(&journal, 9);
    journal.close().unwrap();

    let reader = Reader::open(directory.path()).unwrap();
    let passes = reader.passes().unwrap();
    assert_eq!(passes.len(), 1);
    assert_eq!(*passes[0].at.deployment, deployment());
    assert_eq!(passes[0].turnaround_s, Some(0.002));
    assert_eq!(passes[0].state, Some(State::Warm));
    let calls = reader.invocations().unwrap();
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert!(call.status.is_ok());
    assert_eq!((call.sent_ms, call.client_ms), (Some(0.5), Some(1.5)));
    assert_eq!(call.duration_ms, Some(1.25));
    assert_eq!((call.cpu_ms, call.s3_requests, call.upload_ms), (Some(1.0), Some(2), None));
    assert_eq!((call.input_bytes, call.output_bytes), (Some(100), Some(9)));
    assert_eq!(reader.rounds().unwrap()[0].status, ok());
}

#[test]
fn what_a_kill_left_without_an_end_is_in_doubt_not_lost() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    let effect = journal.intend("create-function", "f").unwrap();
    journal.intend("create-function", "g").unwrap();
    journal.conclude(effect, "ok", None).unwrap();
    write(&journal, 0);
    drop(journal);

    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    let reader = Reader::of(&journal);
    assert_eq!(&*reader.invocations().unwrap()[0].status.0, Status::IN_DOUBT);
    assert_eq!(&*reader.passes().unwrap()[0].status.0, Status::IN_DOUBT);
    assert_eq!(&*reader.rounds().unwrap()[0].status.0, Status::IN_DOUBT);
    assert_eq!(reader.events().unwrap(), [("e1".to_owned(), false)]);
    let unfinished = reader.unfinished().unwrap();
    assert_eq!(unfinished.len(), 1);
    assert_eq!(unfinished[0].subject, "g");
}

#[test]
fn a_report_that_is_found_later_is_the_calls_own() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    let deployment = deployment();
    journal.deployment(&deployment, None).unwrap();
    let round = journal.begin_round(1, 1, Phase::Race).unwrap();
    let image = name("harbour");
    let pass = journal
        .begin_pass(&PassIntent {
            round,
            block: 1,
            position: 1,
            phase: Phase::Race,
            flow: Flow::Chained,
            orchestration: Orchestration::Client,
            deployment: &deployment,
            image: &image,
        })
        .unwrap();
    let call = |event| {
        let call = journal.begin_invocation(pass, &name("greyscale"), event, None).unwrap();
        let status = "no report".to_owned();
        let state = Some(State::Proactive);
        let outcome = InvocationOutcome { state, status, ..InvocationOutcome::default() };
        journal.end_invocation(call, &outcome).unwrap();
        call
    };
    let (found, lost) = (call("e1"), call("e2"));
    let report = LateReport {
        duration_ms: 3.5,
        billed_ms: 250.0,
        init_ms: Some(246.0),
        max_memory_mb: Some(40.0),
    };
    journal.found_report(found, &report).unwrap();
    assert!(journal.found_report(found, &report).is_err(), "one call has one report");
    let status = Status("no report of greyscale".into());
    journal.end_pass(pass, None, &status).unwrap();
    let calls = Reader::of(&journal).invocations().unwrap();
    assert_eq!((calls[0].duration_ms, calls[0].billed_ms), (Some(3.5), Some(250.0)));
    // The init tells that it was a cold start, which the answer alone could not.
    assert_eq!((calls[0].state, calls[0].init_ms), (Some(State::Cold), Some(246.0)));
    assert!(calls[0].status.is_ok());
    assert_eq!(&*calls[1].status.0, "no report", "{lost:?}");
    assert_eq!(Reader::of(&journal).passes().unwrap()[0].state, Some(State::Cold));
}

#[test]
fn an_init_that_is_found_later_and_was_longer_than_the_call_was_before_it() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    let deployment = deployment();
    journal.deployment(&deployment, None).unwrap();
    let round = journal.begin_round(1, 1, Phase::Race).unwrap();
    let image = name("harbour");
    let (block, position, phase, flow) = (1, 1, Phase::WarmUp, Flow::Chained);
    let deployment = &deployment;
    let intent = PassIntent {
        round,
        block,
        position,
        phase,
        flow,
        orchestration: Orchestration::Client,
        deployment,
        image: &image,
    };
    let state = |waited_ms| {
        let pass = journal.begin_pass(&intent).unwrap();
        let call = journal.begin_invocation(pass, &name("greyscale"), "e", None).unwrap();
        let client = Some(Duration::from_millis(waited_ms));
        let (state, status) = (Some(State::Proactive), "no report".to_owned());
        let outcome = InvocationOutcome { client, state, status, ..InvocationOutcome::default() };
        journal.end_invocation(call, &outcome).unwrap();
        let (duration_ms, billed_ms, init_ms) = (4.0, 250.0, Some(246.0));
        let report = LateReport { duration_ms, billed_ms, init_ms, max_memory_mb: None };
        journal.found_report(call, &report).unwrap();
        let reader = Reader::of(&journal);
        let states = reader.invocations().unwrap().into_iter().map(|call| call.state);
        let passes = reader.passes().unwrap().into_iter().map(|pass| pass.state);
        (states.last().unwrap(), passes.last().unwrap())
    };
    assert_eq!(state(251), (Some(State::Cold), Some(State::Cold)));
    assert_eq!(state(249), (Some(State::Proactive), Some(State::Proactive)));
}

#[test]
fn a_wrong_output_is_the_status_of_a_call_that_answered() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    write(&journal, 9);
    let image = name("harbour");
    let deployment = deployment();
    let round = journal.begin_round(1, 2, Phase::Race).unwrap();
    let pass = journal
        .begin_pass(&PassIntent {
            round,
            block: 1,
            position: 1,
            phase: Phase::Race,
            flow: Flow::Chained,
            orchestration: Orchestration::Client,
            deployment: &deployment,
            image: &image,
        })
        .unwrap();
    let call = journal.begin_invocation(pass, &name("greyscale"), "e2", None).unwrap();
    let answered = InvocationOutcome { status: "ok".into(), ..InvocationOutcome::default() };
    journal.end_invocation(call, &answered).unwrap();
    let seen = OutputSeen { bytes: Some(0), sha256: None, status: "wrong output: empty".into() };
    journal.saw_output(call, &seen).unwrap();
    let calls = Reader::of(&journal).invocations().unwrap();
    assert_eq!(&*calls[1].status.0, "wrong output: empty");
}

#[test]
fn a_right_output_is_in_doubt_until_its_pass_has_ended() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    write(&journal, 1);
    let statuses = |journal: &Journal| -> Vec<String> {
        let calls = Reader::of(journal).invocations().unwrap();
        calls.iter().map(|call| call.status.0.to_string()).collect()
    };
    assert_eq!(statuses(&journal), [Status::IN_DOUBT]);
    assert_eq!(&*Reader::of(&journal).passes().unwrap()[0].status.0, Status::IN_DOUBT);
}

#[test]
fn nothing_that_stands_can_be_changed() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    write(&journal, 9);
    drop(journal);
    let db = rusqlite::Connection::open(directory.path().join(Journal::FILE)).unwrap();
    for attempt in [
        "UPDATE invocation_outcome SET duration_ms = 0.1",
        "DELETE FROM invocation",
        "UPDATE study SET fingerprint = 'x'",
        "DELETE FROM pass_outcome",
    ] {
        let error = db.execute_batch(attempt).expect_err(attempt).to_string();
        assert!(error.contains("append-only"), "{attempt}: {error}");
    }
}

#[test]
fn a_journal_has_one_writer_and_one_study() {
    let directory = tempfile::tempdir().unwrap();
    let first = Journal::open(directory.path(), &identity(), "run").unwrap();
    let second = Journal::open(directory.path(), &identity(), "run");
    assert!(matches!(second, Err(Error::Busy(_))), "{second:?}");
    drop(first);
    let other = Identity { fingerprint: "cd".repeat(32), ..identity() };
    let error = Journal::open(directory.path(), &other, "run").unwrap_err();
    assert!(matches!(error, Error::OtherStudy { .. }), "{error}");
    assert!(error.to_string().contains("--fresh"), "{error}");
}

#[test]
fn a_newer_format_is_refused_by_writer_and_reader() {
    let directory = tempfile::tempdir().unwrap();
    drop(Journal::open(directory.path(), &identity(), "run").unwrap());
    let db = rusqlite::Connection::open(directory.path().join(Journal::FILE)).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let error = Journal::open(directory.path(), &identity(), "run").unwrap_err();
    assert!(matches!(error, Error::Newer { found: 99, .. }), "{error}");
    assert!(matches!(Reader::open(directory.path()), Err(Error::Newer { found: 99, .. })));
}

#[test]
fn an_older_format_is_refused_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    drop(Journal::open(directory.path(), &identity(), "run").unwrap());
    let db = rusqlite::Connection::open(directory.path().join(Journal::FILE)).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    let error = Reader::open(directory.path()).err().unwrap();
    assert!(matches!(error, Error::Older { found: 1, .. }), "{error}");
    assert!(error.to_string().contains("--fresh"), "{error}");
    assert!(matches!(
        Journal::open(directory.path(), &identity(), "run"),
        Err(Error::Older { found: 1, .. })
    ));
}

#[test]
fn a_pass_by_a_state_machine_is_told_from_the_clients() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    write(&journal, 9);
    let (deployment, image) = (deployment(), name("harbour"));
    let round = journal.begin_round(1, 2, Phase::Race).unwrap();
    let pass = journal
        .begin_pass(&PassIntent {
            round,
            block: 1,
            position: 1,
            phase: Phase::Race,
            flow: Flow::Chained,
            orchestration: Orchestration::StepFunctions,
            deployment: &deployment,
            image: &image,
        })
        .unwrap();
    journal.begin_invocation(pass, &name("greyscale"), "e2", None).unwrap();
    let execution =
        Execution { duration_ms: Some(412.0), billed_ms: Some(500.0), memory_mb: Some(64.0) };
    journal.executed(pass, Some("an-execution"), &execution).unwrap();
    journal.end_pass(pass, Some(Duration::from_millis(430)), &ok()).unwrap();
    journal.close().unwrap();

    let reader = Reader::open(directory.path()).unwrap();
    let passes = reader.passes().unwrap();
    let told: Vec<_> = passes.iter().map(|p| (p.at.orchestration, p.execution)).collect();
    assert_eq!(
        told,
        [(Orchestration::Client, None), (Orchestration::StepFunctions, Some(execution))]
    );
    let calls = reader.invocations().unwrap();
    assert_eq!(calls[1].at.orchestration, Orchestration::StepFunctions);
}

/// A journal of format 4 as that program left it: without the column and the table of format 5.
fn before_orchestration(directory: &std::path::Path) {
    let journal = Journal::open(directory, &identity(), "run").unwrap();
    write(&journal, 9);
    journal.close().unwrap();
    let db = rusqlite::Connection::open(directory.join(Journal::FILE)).unwrap();
    db.execute_batch(
        "DROP TABLE execution; ALTER TABLE pass DROP COLUMN orchestration; PRAGMA user_version = 4",
    )
    .unwrap();
}

#[test]
fn before_orchestration_the_client_called_every_function() {
    let directory = tempfile::tempdir().unwrap();
    before_orchestration(directory.path());
    let file = directory.path().join(Journal::FILE);
    let before = std::fs::read(&file).unwrap();
    let told = |reader: &Reader<'_>| {
        let passes = reader.passes().unwrap();
        assert_eq!(passes[0].at.orchestration, Orchestration::Client);
        assert_eq!(reader.invocations().unwrap().len(), 1);
        passes.len()
    };
    assert_eq!(told(&Reader::open(directory.path()).unwrap()), 1);
    assert!(std::fs::read(&file).unwrap() == before, "to read it changes nothing");

    // A writer goes on where the earlier program stopped.
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    assert_eq!(told(&Reader::of(&journal)), 1);
    let (deployment, image) = (deployment(), name("harbour"));
    let round = journal.begin_round(1, 2, Phase::Race).unwrap();
    let intent = PassIntent {
        round,
        block: 1,
        position: 1,
        phase: Phase::Race,
        flow: Flow::Chained,
        orchestration: Orchestration::StepFunctions,
        deployment: &deployment,
        image: &image,
    };
    let pass = journal.begin_pass(&intent).unwrap();
    journal.executed(pass, None, &Execution::default()).unwrap();
    drop(journal);
    let db = rusqlite::Connection::open(&file).unwrap();
    for attempt in ["DELETE FROM execution", "UPDATE pass SET orchestration = 'client'"] {
        assert!(db.execute_batch(attempt).unwrap_err().to_string().contains("append-only"));
    }
    assert_eq!(Reader::open(directory.path()).unwrap().passes().unwrap().len(), 2);
}

#[test]
fn a_closed_journal_opens_from_a_read_only_directory() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path(), &identity(), "run").unwrap();
    write(&journal, 9);
    journal.close().unwrap();
    let files: Vec<String> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!files.iter().any(|file| file.ends_with("-wal")), "{files:?}");
    assert!(matches!(Reader::open(&directory.path().join("nowhere")), Err(Error::Missing(_))));
}
