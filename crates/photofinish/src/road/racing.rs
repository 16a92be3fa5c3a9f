//! `measure`: the race between whatever was accepted.

use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use photofinish_cloud::Cloud;
use photofinish_journal::Reader;
use photofinish_measure::{Done, Ended, Guard, Lap, Next, Race, Racer, Session};
use photofinish_study::{Architecture, DEFAULT_PILOT, Phase};

use crate::failure::{Failure, Told};
use crate::progress::{Bar, counted};
use crate::road::deploying::Deployed;
use crate::road::interrupt::Interrupt;
use crate::road::spending::{Ahead, Spending};
use crate::road::verifying::Verified;
use crate::road::{Site, Until, piloting, reporting};

/// Runs what is left of the race.
pub(crate) async fn race(
    site: &Site<'_>,
    deployed: &Deployed,
    verified: &Verified<'_>,
    cloud: &Cloud,
    interrupt: &Interrupt,
    until: Until,
) -> Result<(), Failure> {
    let Site { opened, journal, progress, .. } = *site;
    let racers = racers(site, deployed, verified);
    if racers.is_empty() {
        progress.say("measure", "nothing was accepted, so nothing is raced");
        return Ok(());
    }
    let session = due(site, until)?;
    if session.is_none() && until > Until::Piloted {
        return Ok(());
    }
    let bar: Mutex<Option<Bar>> = Mutex::new(None);
    let tell = |lap: &Lap<'_>| {
        if let Ok(mut bar) = bar.lock() {
            let stage = if lap.phase == Phase::Pilot { "pilot" } else { "measure" };
            let bar = bar.get_or_insert_with(|| progress.bar(stage, lap.planned));
            bar.at(
                lap.done,
                &format!("round {}, {}, {}", lap.round, lap.phase, lap.racer.lane.deployment),
            );
        }
    };
    let spending = Spending::of(site)?;
    let ahead = spending.as_ref().map(|spending| Ahead { spending, racers: &racers });
    let mut counts = opened.plan.counts;
    if until == Until::Piloted && counts.pilot == 0 {
        counts.pilot = DEFAULT_PILOT;
    }
    let race = Race {
        cloud,
        journal,
        racers: &racers,
        courses: verified.courses,
        check: &verified.checker,
        counts,
        flows: &opened.study.flow,
        orchestrations: &opened.study.orchestration,
        seed: opened.study.seed,
        session: session.unwrap_or(Session { number: 1, until: 0 }),
        timeout: Duration::from_secs(u64::from(opened.study.timeout_s)),
        bucket: &deployed.bucket,
        destination: &deployed.destination,
        nothing: deployed.nothing.as_deref(),
        guard: ahead.as_ref().map(|ahead| ahead as &dyn Guard),
        stop: interrupt.asked(),
        tell: &tell,
    };
    let last = || bar.lock().ok().and_then(|mut bar| bar.take());
    if pilots(site, until)? {
        let ended = race.pilot().await.map_err(|error| Failure::provider(&error))?;
        ended_well(site, ended, last(), counts.pilot, Until::Piloted)?;
    }
    let reader = Reader::of(journal);
    if counts.pilot > 0 {
        let planned = reporting::planned(opened, Architecture::of_this_machine());
        piloting::tell(opened, &reader, &planned, progress)?;
    }
    if until == Until::Piloted {
        return Ok(());
    }
    if let Some(spending) = &spending {
        piloting::agree(opened, spending, &reader, site.consent, progress)?;
    }
    let ended = race.run().await.map_err(|error| Failure::provider(&error))?;
    ended_well(site, ended, last(), race.session.until, Until::Measured)?;
    tell_of_later(site)
}

/// Whoever was accepted in something that the study races.
fn racers(site: &Site<'_>, deployed: &Deployed, verified: &Verified<'_>) -> Vec<Racer> {
    let opened = site.opened;
    let here = deployed.lanes.iter().zip(&verified.verdicts);
    let here = here.filter(|(lane, _)| opened.races_here(&lane.deployment));
    here.map(|(lane, verdict)| Racer {
        lane: lane.clone(),
        accepted: verdict.accepted.clone(),
        chain_accepted: verdict.chain_accepted,
        concurrency: opened.study.concurrency(&lane.deployment.target),
    })
    .filter(|racer| opened.study.flow.iter().any(|&flow| !racer.racing(flow).is_empty()))
    .collect()
}

/// Whether a pilot is due: nothing of the race was begun yet, or it was asked for by name.
fn pilots(site: &Site<'_>, until: Until) -> Result<bool, Failure> {
    let done = Done::by(site.journal).map_err(|error| Failure::usage(&error))?;
    Ok(until == Until::Piloted || (done.rounds == 0 && !done.stages))
}

/// What a run of rounds came to; anything but its end is a failure, of one kind or the other.
fn ended_well(
    site: &Site<'_>,
    ended: Ended,
    bar: Option<Bar>,
    rounds: u32,
    stage: Until,
) -> Result<(), Failure> {
    let Site { opened, progress, .. } = *site;
    match ended {
        Ended::Finished => {
            match bar {
                Some(bar) => {
                    bar.end(&format!("{} in the journal", counted(rounds as usize, "round")));
                }
                None if rounds > 0 => {
                    progress.say(stage.command(), "every round is in the journal already");
                }
                None => {}
            }
            Ok(())
        }
        Ended::Stopped => {
            if let Some(bar) = bar {
                bar.end("stopped; what was run is in the journal");
            }
            Err(Failure::Interrupted)
        }
        Ended::Refused(reason) => {
            if let Some(bar) = bar {
                bar.end("stopped by the budget; what was run is in the journal");
            }
            let command = opened.command("run");
            let hint = format!("raise `limit_usd` under [budget]: `{command}` goes on from here");
            Err(Failure::Budget(Told::words(reason, Some(&hint))))
        }
    }
}

/// The session to run now; nothing if none is due, which is told.
fn due(site: &Site<'_>, until: Until) -> Result<Option<Session>, Failure> {
    match next(site)? {
        Next::Due(session) if until == Until::Piloted => Ok(Some(session)),
        Next::Later(..) | Next::Over if until == Until::Piloted => Ok(None),
        Next::Due(session) => {
            let sessions = site.opened.study.sessions;
            if !sessions.is_one() {
                let text =
                    format!("{} of {}, to round {}", session.number, sessions.count, session.until);
                site.progress.say("session", &text);
            }
            Ok(Some(session))
        }
        Next::Later(..) => {
            tell_of_later(site)?;
            Ok(None)
        }
        Next::Over => {
            site.progress.say("measure", "every round is in the journal already");
            Ok(None)
        }
    }
}

fn next(site: &Site<'_>) -> Result<Next, Failure> {
    let done = Done::by(site.journal).map_err(|error| Failure::usage(&error))?;
    let (sessions, rounds) = (site.opened.study.sessions, site.opened.plan.counts.rounds);
    Ok(done.next(sessions, rounds, Timestamp::now()))
}

/// Says when the next session may begin, if one is left.
fn tell_of_later(site: &Site<'_>) -> Result<(), Failure> {
    if let Next::Later(session, at) = next(site)? {
        let command = site.opened.command("run");
        let of = site.opened.study.sessions.count;
        let at = at.strftime("%Y-%m-%d %H:%M UTC");
        let text = format!("{} of {of} is due at {at}: `{command}` goes on then", session.number);
        site.progress.say("session", &text);
    }
    Ok(())
}

/// Whether every session of the race is over.
pub(crate) fn is_over(site: &Site<'_>) -> Result<bool, Failure> {
    Ok(next(site)? == Next::Over)
}
