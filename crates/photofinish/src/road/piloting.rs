//! `pilot`: a small trial before the race, and what is expected of the race by it: its cost, its
//! length, and what many images would cost. None of its passes is in a verdict.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use photofinish_analyse::cost::{CostRow, Costing, costs};
use photofinish_analyse::pilot::{Ahead, Forecast, as_raced, forecast};
use photofinish_analyse::summary::summarise;
use photofinish_analyse::{Planned, Race};
use photofinish_journal::{Reader, RoundRow};
use photofinish_measure::Done;
use photofinish_report::Pilot;
use photofinish_study::record::{Execution, Pass};
use photofinish_study::{Deployment, Phase, Platform};

use crate::arguments::Consent;
use crate::failure::{Failure, Told};
use crate::progress::{Progress, counted};
use crate::road::opening::Opened;
use crate::road::planning::minutes;
use crate::road::spending::{self, Doings, Spending};

/// What a pilot says of what is left of a race.
pub(crate) struct Expected {
    /// On AWS, if a round of the pilot went well.
    pub(crate) cost: Option<Forecast>,
    /// How long it takes, as long as each pass of the pilot took with all that is around it.
    pub(crate) time: Option<Duration>,
}

/// What is expected of the rest of the race; nothing without a pilot.
pub(crate) fn expected(opened: &Opened, reader: &Reader<'_>) -> Result<Option<Expected>, Failure> {
    let done = Done::read(reader).map_err(|error| Failure::usage(&error))?;
    expected_after(opened, reader, &done)
}

fn expected_after(
    opened: &Opened,
    reader: &Reader<'_>,
    done: &Done,
) -> Result<Option<Expected>, Failure> {
    let failed = |error: photofinish_journal::Error| Failure::usage(&error);
    let passes = reader.passes().map_err(failed)?;
    let pilot: Vec<&Pass> = passes.iter().filter(|pass| pass.at.phase == Phase::Pilot).collect();
    if pilot.is_empty() {
        return Ok(None);
    }
    let counts = opened.plan.counts;
    let (legs, machines) = (opened.study.legs(), u32::from(opened.study.has_machines()));
    let rounds = counts.rounds.saturating_sub(done.rounds);
    let stages = u32::from(counts.stages > 0 && !done.stages);
    let left = rounds * (counts.blocks * legs + counts.warm_up * (1 + machines))
        + stages * (counts.stages + counts.warm_up);
    let cold = rounds + stages;
    let mut deployments: Vec<Arc<Deployment>> = Vec::new();
    for pass in &pilot {
        if !deployments.contains(&pass.at.deployment) {
            deployments.push(Arc::clone(&pass.at.deployment));
        }
    }
    let ahead: Vec<Ahead> = deployments
        .into_iter()
        .map(|deployment| Ahead {
            deployment,
            cold: f64::from(cold),
            warm: f64::from(left.saturating_sub(cold)),
        })
        .collect();
    let time = per_pass(&reader.rounds().map_err(failed)?, pilot.len())
        .map(|each| each * left * u32::try_from(ahead.len()).unwrap_or(u32::MAX));
    let cost = match opened.platform() {
        Platform::Local => None,
        Platform::Aws => {
            let rates = spending::rates(opened, reader)?;
            let executions = rounds * machines * (counts.blocks + counts.warm_up);
            let of_machines = rates.execution(Some(like_a_pass(&pilot)))
                * f64::from(executions)
                * f64::from(u32::try_from(ahead.len()).unwrap_or(u32::MAX));
            let beside = f64::from(rounds * counts.blocks * legs) * rates.distance() + of_machines;
            let calls = reader.invocations().map_err(failed)?;
            forecast(&rates, (&passes, &calls), &ahead, rounds, beside)
        }
    };
    Ok(Some(Expected { cost, time }))
}

/// An execution that takes as long as the client's own passes did.
fn like_a_pass(pilot: &[&Pass]) -> Execution {
    let turnarounds: Vec<f64> = pilot.iter().filter_map(|pass| pass.turnaround_s).collect();
    let duration_ms = photofinish_analyse::mean(&turnarounds).map(|seconds| seconds * 1e3);
    Execution { duration_ms, ..Execution::default() }
}

/// How long a pass of the pilot took, with whatever was around it.
fn per_pass(rounds: &[RoundRow], passes: usize) -> Option<Duration> {
    let took = |round: &RoundRow| {
        let moment = |text: &str| text.parse::<Timestamp>().ok();
        let ended = moment(round.ended_at.as_deref()?)?;
        Duration::try_from(ended.duration_since(moment(&round.started_at)?)).ok()
    };
    let pilot = rounds.iter().filter(|round| round.phase == Phase::Pilot);
    let all: Duration = pilot.filter_map(took).sum();
    u32::try_from(passes).ok().filter(|passes| *passes > 0).map(|passes| all / passes)
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut words = Vec::new();
        words.extend(self.cost.map(|cost| format!("cost {}", within(cost))));
        words.extend(self.time.map(|time| format!("take about {}", minutes(time))));
        f.write_str(&words.join(" and "))
    }
}

fn within(cost: Forecast) -> String {
    let Forecast { usd, interval, rounds } = cost;
    let pilot = format!("by a pilot of {}", counted(usize::try_from(rounds).unwrap_or(0), "round"));
    match interval {
        Some(ends) => format!("${usd:.4} [{:.4}, {:.4}] (95 %, {pilot})", ends.low, ends.high),
        None => format!("${usd:.4} ({pilot})"),
    }
}

/// What the pilot in the study's directory says of the rest of the race, for a plan.
pub(crate) fn in_directory(opened: &Opened) -> Result<Option<Expected>, Failure> {
    let Ok(reader) = Reader::open(&opened.directory) else { return Ok(None) };
    if !opened.differences()?.is_empty() {
        return Ok(None);
    }
    expected(opened, &reader)
}

/// The same of the cost alone, in words.
pub(crate) fn told(opened: &Opened) -> Result<Option<String>, Failure> {
    let expected = in_directory(opened)?;
    Ok(expected.and_then(|expected| expected.cost).map(|cost| format!("about {}", within(cost))))
}

/// What many images would cost on each deployment, by the pilot's passes alone.
pub(crate) fn many_images(
    opened: &Opened,
    reader: &Reader<'_>,
    planned: &Planned,
) -> Result<Vec<CostRow>, Failure> {
    let failed = |error: photofinish_journal::Error| Failure::usage(&error);
    let passes = reader.passes().map_err(failed)?;
    let calls = reader.invocations().map_err(failed)?;
    let (passes, invocations) = as_raced(&passes, &calls);
    let race = Race::of(&passes, &invocations);
    // A round of the pilot holds each picture once.
    let round: BTreeMap<_, _> = planned.round.keys().map(|key| (key.clone(), 1)).collect();
    let planned = Planned { round, ..planned.clone() };
    let costing = Costing { book: opened.book.clone(), assumptions: opened.study.cost };
    Ok(costs(&summarise(race, &planned), &planned, &[], &costing).rows)
}

/// What the report says of the pilot; nothing where there was none.
pub(crate) fn reported(
    opened: &Opened,
    reader: &Reader<'_>,
    planned: &Planned,
) -> Result<Option<Pilot>, Failure> {
    let Some(expected) = expected_after(opened, reader, &Done::default())? else {
        return Ok(None);
    };
    let failed = |error: photofinish_journal::Error| Failure::usage(&error);
    let rounds = reader.rounds().map_err(failed)?;
    let of = |phase: Phase| {
        rounds.iter().filter(|round| round.phase == phase && !round.status.is_cut_short()).count()
    };
    let spent = match opened.platform() {
        Platform::Local => None,
        Platform::Aws => {
            let rates = spending::rates(opened, reader)?;
            let doings = Doings::of(opened, reader).map_err(failed)?;
            Some(rates.spent(&doings.books()))
        }
    };
    Ok(Some(Pilot {
        rounds: of(Phase::Pilot),
        race: expected.cost,
        raced: (of(Phase::Race), opened.plan.counts.rounds as usize),
        spent_usd: spent,
        costs: many_images(opened, reader, planned)?,
    }))
}

/// Says what the pilot tells.
pub(crate) fn tell(
    opened: &Opened,
    reader: &Reader<'_>,
    planned: &Planned,
    progress: Progress,
) -> Result<(), Failure> {
    match expected(opened, reader)? {
        Some(expected) => progress.say("pilot", &format!("the race is expected to {expected}")),
        None => progress.say("pilot", "none was run: nothing is known of the race's cost"),
    }
    for row in many_images(opened, reader, planned)? {
        let projected =
            if row.is_projection() { ", a projection from local durations" } else { "" };
        let ends = row
            .interval
            .map_or_else(String::new, |ends| format!(" [{:.2}, {:.2}]", ends.low, ends.high));
        progress.say(
            "pilot",
            &format!(
                "{} images on {}: ${:.2}{ends}{projected}",
                row.images, row.deployment, row.total_usd
            ),
        );
    }
    Ok(())
}

/// A budget that covers what the rest of the race is expected to cost is consent; else somebody
/// must say so. What goes on was agreed to when it was begun.
pub(crate) fn agree(
    opened: &Opened,
    spending: &Spending<'_>,
    reader: &Reader<'_>,
    consent: Consent,
    progress: Progress,
) -> Result<(), Failure> {
    let expected = expected(opened, reader)?.and_then(|expected| expected.cost);
    let left = spending.left().map_err(|error| Failure::usage(&error))?;
    match (left, expected) {
        (Some(left), Some(cost)) if cost.usd > left && !consent.yes => {
            let message = format!(
                "the race is expected to cost {}, and of the budget of ${:.2} ${:.4} is left",
                within(cost),
                spending.limit().unwrap_or_default(),
                left.max(0.0)
            );
            let hint = "raise `limit_usd` under [budget], ask for fewer rounds, or give --yes to \
                        race as far as the budget goes";
            Err(Failure::Budget(Told::words(message, Some(hint))))
        }
        (Some(left), Some(cost)) => {
            if cost.interval.is_some_and(|ends| ends.high > left) {
                let text = format!("${left:.4} is left, and may not be enough for every round");
                progress.say("budget", &text);
            }
            Ok(())
        }
        (Some(_), None) => Ok(()),
        (None, _) if consent.yes || is_begun(reader)? => Ok(()),
        (None, cost) => {
            let cost = cost.map_or_else(|| "nobody knows how much".to_owned(), within);
            ask(&format!(
                "racing on AWS is expected to cost {cost}; no budget of the study covers it"
            ))
        }
    }
}

fn is_begun(reader: &Reader<'_>) -> Result<bool, Failure> {
    let rounds = reader.rounds().map_err(|error| Failure::usage(&error))?;
    Ok(rounds.iter().any(|round| round.phase != Phase::Pilot))
}

fn ask(message: &str) -> Result<(), Failure> {
    let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
    if stdin.is_terminal() && stderr.is_terminal() {
        let asked = write!(stderr, "{message}. Race? [y/N] ").and_then(|()| stderr.flush());
        let mut line = String::new();
        let read = asked.and_then(|()| stdin.read_line(&mut line));
        if read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes") {
            return Ok(());
        }
        return Err(Failure::Usage(Told::words("nothing was raced", None)));
    }
    let hint = "give --yes to race all the same, or set `limit_usd` in the study's [budget]";
    Err(Failure::Usage(Told::words(message, Some(hint))))
}
