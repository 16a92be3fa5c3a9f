//! `status`: how far a study is, by its journal alone.

use photofinish_journal::Reader;
use photofinish_study::Phase;
use photofinish_study::record::Status;

use crate::arguments;
use crate::failure::{Answer, Failure};
use crate::road::opening::Opened;

/// Prints how far the study is.
pub(crate) fn status(arguments: &arguments::Study) -> Result<Answer, Failure> {
    let opened = Opened::read(arguments)?;
    opened.compare_with_directory()?;
    let reader = Reader::open(&opened.directory).map_err(|error| Failure::usage(&error))?;
    let failed = |error: photofinish_journal::Error| Failure::usage(&error);
    let rounds = reader.rounds().map_err(failed)?;
    let race = rounds.iter().filter(|round| round.phase == Phase::Race);
    let (ended, cut): (Vec<_>, Vec<_>) = race.partition(|round| !round.status.is_cut_short());
    let whole = ended.iter().filter(|round| round.status.is_ok()).count();
    let verified = reader.verifications().map_err(failed)?;
    let rejected = verified.iter().filter(|(verification, _)| !verification.accepted).count();
    let calls = reader.invocations().map_err(failed)?;
    let doubtful = calls.iter().filter(|call| &*call.status.0 == Status::IN_DOUBT).count();
    let planned = opened.plan.counts.rounds;
    if arguments.json {
        let json = serde_json::json!({
            "study": opened.study.name.as_str(),
            "verified": verified.len(),
            "rejected": rejected,
            "rounds_planned": planned,
            "rounds_run": ended.len(),
            "rounds_complete": whole,
            "rounds_cut_short": cut.len(),
            "invocations": calls.len(),
            "invocations_in_doubt": doubtful,
        });
        println!("{json:#}");
        return Ok(Answer::Yes);
    }
    println!("study      {} in {}", opened.study.name, opened.directory.display());
    println!("verified   {} outputs, {rejected} of them rejected", verified.len());
    println!(
        "rounds     {} of {planned} run, {whole} of them complete, {} cut short",
        ended.len(),
        cut.len()
    );
    println!("calls      {} in the journal, {doubtful} of them in doubt", calls.len());
    for unfinished in reader.unfinished().map_err(failed)? {
        println!("in doubt   {} of {}", unfinished.operation, unfinished.subject);
    }
    Ok(Answer::Yes)
}
