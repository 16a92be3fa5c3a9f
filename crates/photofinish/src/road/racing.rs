//! `measure`: the race between whatever was accepted.

use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use photofinish_cloud::Cloud;
use photofinish_measure::{Done, Ended, Guard, Lap, Next, Race, Racer, Session};

use crate::failure::{Failure, Told};
use crate::progress::{Bar, counted};
use crate::road::Site;
use crate::road::deploying::Deployed;
use crate::road::interrupt::Interrupt;
use crate::road::spending::Spending;
use crate::road::verifying::Verified;

/// Runs what is left of the race.
pub(crate) async fn race(
    site: &Site<'_>,
    deployed: &Deployed,
    verified: &Verified<'_>,
    cloud: &Cloud,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let Site { opened, journal, progress, .. } = *site;
    let racers: Vec<Racer> = deployed
        .lanes
        .iter()
        .zip(&verified.verdicts)
        .filter(|(lane, _)| opened.races_here(&lane.deployment))
        .filter(|(_, verdict)| verdict.chain_accepted || !verdict.accepted.is_empty())
        .map(|(lane, verdict)| Racer {
            lane: lane.clone(),
            accepted: verdict.accepted.clone(),
            chain_accepted: verdict.chain_accepted,
        })
        .filter(|racer| opened.study.flow.iter().any(|&flow| !racer.racing(flow).is_empty()))
        .collect();
    if racers.is_empty() {
        progress.say("measure", "nothing was accepted, so nothing is raced");
        return Ok(());
    }
    let Some(session) = due(site)? else { return Ok(()) };
    let bar: Mutex<Option<Bar>> = Mutex::new(None);
    let tell = |lap: &Lap<'_>| {
        if let Ok(mut bar) = bar.lock() {
            let bar = bar.get_or_insert_with(|| progress.bar("measure", lap.planned));
            bar.at(
                lap.done,
                &format!("round {}, {}, {}", lap.round, lap.phase, lap.racer.lane.deployment),
            );
        }
    };
    let spending = Spending::of(site, &racers)?;
    let race = Race {
        cloud,
        journal,
        racers: &racers,
        courses: verified.courses,
        check: &verified.checker,
        counts: opened.plan.counts,
        flows: &opened.study.flow,
        seed: opened.study.seed,
        session,
        timeout: Duration::from_secs(u64::from(opened.study.timeout_s)),
        bucket: &deployed.bucket,
        destination: &deployed.destination,
        nothing: deployed.nothing.as_deref(),
        guard: spending.as_ref().map(|spending| spending as &dyn Guard),
        stop: interrupt.asked(),
        tell: &tell,
    };
    let ended = race.run().await.map_err(|error| Failure::provider(&error))?;
    let bar = bar.into_inner().ok().flatten();
    match ended {
        Ended::Finished => {
            match bar {
                Some(bar) => {
                    bar.end(&format!(
                        "{} in the journal",
                        counted(session.until as usize, "round")
                    ));
                }
                None => progress.say("measure", "every round is in the journal already"),
            }
            tell_of_later(site)
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
fn due(site: &Site<'_>) -> Result<Option<Session>, Failure> {
    match next(site)? {
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
