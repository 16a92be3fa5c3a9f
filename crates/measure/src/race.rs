//! The race: rounds of fresh sandboxes, blocks in a drawn order, every call journalled before
//! and after.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use photofinish_cloud::Cloud;
use photofinish_journal::{Journal, PassId, PassIntent, RoundId};
use photofinish_study::record::Status;
use photofinish_study::{Counts, Digest, Flow, LaneFunction, Name, Orchestration, Phase};

use crate::distance;
use crate::error::Error;
use crate::pass::{Called, Input, PassRun, Sandboxes};
use crate::racer::Racer;
use crate::schedule::{self, Block, Leg};
use crate::session::{Done, Session};

/// What an output is held against once its pass is over.
pub trait OutputCheck: Sync {
    /// `Ok` if the output is right: the verified one by its hash, or right by the reference.
    fn check(&self, output: &Output<'_>) -> Result<(), String>;
}

/// One output, with what it was made from.
#[derive(Debug)]
pub struct Output<'a> {
    /// Which function made it.
    pub function: &'a Name,
    /// What that function was given.
    pub input: &'a [u8],
    /// What it wrote.
    pub bytes: &'a [u8],
    /// The hash of that.
    pub sha256: &'a Digest,
    /// What kind it says that it is.
    pub content_type: Option<&'a str>,
}

/// Whoever watches over what a race costs.
pub trait Guard {
    /// Whether a round may begin; if not, why.
    fn may_begin(&self, phase: Phase) -> Result<Result<(), String>, photofinish_journal::Error>;
}

/// A picture and what the reference makes of it, step by step.
#[derive(Debug, Clone)]
pub struct Course {
    /// The picture.
    pub image: Name,
    /// What each function is given in isolation, by the function's name.
    pub inputs: HashMap<Name, Arc<[u8]>>,
}

/// What the race tells while it runs.
#[derive(Debug, Clone)]
pub struct Lap<'a> {
    /// Passes done in this run.
    pub done: u64,
    /// Passes planned for this run.
    pub planned: u64,
    /// Which round.
    pub round: u32,
    /// Why this pass was run.
    pub phase: Phase,
    /// Whose.
    pub racer: &'a Racer,
}

/// Functions whose sandboxes are replaced at a time: a change of configuration takes seconds on
/// AWS, which takes 15 requests a second for all of an account's functions.
const REPLACED_AT_ONCE: usize = 5;

/// Everything a race needs.
pub struct Race<'a> {
    /// The platform.
    pub cloud: &'a Cloud,
    /// Where everything is written down.
    pub journal: &'a Journal,
    /// Who takes part.
    pub racers: &'a [Racer],
    /// Over what.
    pub courses: &'a [Course],
    /// What an output is held against.
    pub check: &'a dyn OutputCheck,
    /// How often what is run.
    pub counts: Counts,
    /// In which flows.
    pub flows: &'a [Flow],
    /// By whom; a deployment without a state machine is called by the client alone.
    pub orchestrations: &'a [Orchestration],
    /// Seed of the orders.
    pub seed: u64,
    /// Which session this is, and where it ends.
    pub session: Session,
    /// How long one call may take.
    pub timeout: Duration,
    /// Where inputs and intermediate pictures lie.
    pub bucket: &'a str,
    /// Where the last function writes.
    pub destination: &'a str,
    /// A function that does nothing, where the client's distance is to be measured.
    pub nothing: Option<&'a str>,
    /// Asked before each round, where money is at stake.
    pub guard: Option<&'a dyn Guard>,
    /// Set by whoever wants the race to stop after the pass at hand.
    pub stop: &'a AtomicBool,
    /// Told after each pass.
    pub tell: &'a (dyn Fn(&Lap<'_>) + Sync),
}

/// How a race ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Every round has been run.
    Finished,
    /// It was asked to stop.
    Stopped,
    /// Its next round was refused, for this reason.
    Refused(String),
}

impl Race<'_> {
    /// Runs whatever the journal does not show as done. A round that a kill cut short is left as
    /// it is and replaced by a new one, since its sandboxes are gone.
    pub async fn run(&self) -> Result<Ended, Error> {
        let mut done = Done::by(self.journal)?;
        let laps = Laps::of(self.planned(&done));
        if self.counts.stages > 0 && !done.stages {
            if let Some(reason) = self.refusal(Phase::Stages)? {
                return Ok(Ended::Refused(reason));
            }
            if !self.round(done.next_number, Phase::Stages, &laps).await? {
                return Ok(Ended::Stopped);
            }
            done.next_number += 1;
        }
        while done.rounds < self.session.until {
            if let Some(reason) = self.refusal(Phase::Race)? {
                return Ok(Ended::Refused(reason));
            }
            if !self.round(done.next_number, Phase::Race, &laps).await? {
                return Ok(Ended::Stopped);
            }
            done.next_number += 1;
            done.rounds += 1;
        }
        Ok(Ended::Finished)
    }

    /// Runs whatever the journal does not show of the pilot: the small trial by which the race's
    /// cost is estimated before it begins. It is in nothing that the race finds.
    pub async fn pilot(&self) -> Result<Ended, Error> {
        let mut done = Done::by(self.journal)?;
        let left = self.counts.pilot.saturating_sub(done.pilot);
        let passes = (1 + self.courses.len() as u64) * self.racers.len() as u64;
        let laps = Laps::of(u64::from(left) * passes);
        for _ in 0..left {
            if let Some(reason) = self.refusal(Phase::Pilot)? {
                return Ok(Ended::Refused(reason));
            }
            if !self.round(done.next_number, Phase::Pilot, &laps).await? {
                return Ok(Ended::Stopped);
            }
            done.next_number += 1;
        }
        Ok(Ended::Finished)
    }

    /// Why a round may not begin, if its guard says so.
    fn refusal(&self, phase: Phase) -> Result<Option<String>, Error> {
        let Some(guard) = self.guard else { return Ok(None) };
        Ok(guard.may_begin(phase)?.err())
    }

    fn planned(&self, done: &Done) -> u64 {
        let lanes = self.racers.len() as u64;
        let legs: u64 = self.legs().iter().map(|leg| leg.racers as u64).sum();
        let machines = self.entered(Flow::Chained, Orchestration::StepFunctions).len() as u64;
        let warmed_up = u64::from(self.counts.warm_up) * (lanes + machines);
        let round = u64::from(self.counts.blocks) * legs + warmed_up;
        let stages = u64::from(self.counts.stages + self.counts.warm_up) * lanes;
        round * u64::from(self.session.until.saturating_sub(done.rounds))
            + if self.counts.stages > 0 && !done.stages { stages } else { 0 }
    }

    fn legs(&self) -> Vec<Leg> {
        let each =
            self.orchestrations.iter().flat_map(|by| self.flows.iter().map(move |f| (*f, *by)));
        each.map(|(flow, orchestration)| {
            let racers = self.entered(flow, orchestration).len();
            Leg { flow, orchestration, racers }
        })
        .collect()
    }

    fn entered(&self, flow: Flow, by: Orchestration) -> Vec<&Racer> {
        let asked = self.orchestrations.contains(&by);
        let entered = |racer: &&Racer| asked && !racer.entered(flow, by).is_empty();
        self.racers.iter().filter(entered).collect()
    }

    /// One set of fresh sandboxes; false if it was asked to stop on the way.
    async fn round(&self, number: u32, phase: Phase, laps: &Laps) -> Result<bool, Error> {
        let round = self.journal.begin_round(self.session.number, number, phase)?;
        self.replace_sandboxes(number, phase).await?;
        let run = Run {
            race: self,
            round,
            number,
            sandboxes: RefCell::default(),
            silent: RefCell::default(),
            failed: Cell::new(0),
        };
        let finished = run.warm_up(phase, laps).await? && run.blocks(phase, laps).await?;
        let status = match (finished, run.failed.get()) {
            (false, _) => Status::STOPPED.to_owned(),
            (true, 0) => Status::OK.to_owned(),
            (true, failed) => format!("incomplete: {failed} passes failed"),
        };
        self.journal.end_round(round, &Status(status.into()))?;
        Ok(finished)
    }

    /// Fresh sandboxes for everyone, by a change of configuration: the same on every platform.
    async fn replace_sandboxes(&self, number: u32, phase: Phase) -> Result<(), Error> {
        let mode = if phase == Phase::Stages { "stages" } else { "identity" };
        let marker = number.to_string();
        let also = [("PHOTOFINISH_INSPECTOR", mode)];
        let functions = self.racers.iter().flat_map(|racer| &racer.lane.functions);
        let replaced = functions.map(|function| async {
            let effect = self.journal.intend("replace-sandboxes", &function.deployed_as)?;
            let replaced =
                self.cloud.replace_sandboxes(&function.deployed_as, &marker, &also).await;
            let status = replaced.as_ref().map_or_else(ToString::to_string, |_| "ok".to_owned());
            self.journal.conclude(effect, &status, None)?;
            replaced.map(drop).map_err(Error::Cloud)
        });
        stream::iter(replaced).buffer_unordered(REPLACED_AT_ONCE).try_collect().await
    }
}

/// How far this run is.
struct Laps {
    done: Cell<u64>,
    planned: u64,
}

impl Laps {
    fn of(planned: u64) -> Self {
        Self { done: Cell::new(0), planned }
    }
}

/// One round under way.
pub(crate) struct Run<'a> {
    race: &'a Race<'a>,
    round: RoundId,
    number: u32,
    pub(crate) sandboxes: RefCell<Sandboxes>,
    /// Functions whose logs lacked a report.
    pub(crate) silent: RefCell<HashSet<String>>,
    failed: Cell<u32>,
}

/// A pass that was begun: what its functions are to be given lies in its place.
struct Begun<'a> {
    seat: Seat,
    racer: &'a Racer,
    pass: PassId,
    inputs: Vec<Input<'a>>,
}

impl<'a> Run<'a> {
    pub(crate) fn race(&self) -> &'a Race<'a> {
        self.race
    }

    /// The first passes in the fresh sandboxes, kept apart: one deployment after the other, each
    /// over the pictures in turn. A pilot has one of them, to see what a cold start costs. State
    /// machines come behind, so that the cold starts are not theirs.
    async fn warm_up(&self, phase: Phase, laps: &Laps) -> Result<bool, Error> {
        let machines = match phase {
            Phase::Race => self.race.entered(Flow::Chained, Orchestration::StepFunctions),
            _ => Vec::new(),
        };
        let (turns, phase) = match phase {
            Phase::Pilot => (1, Phase::Pilot),
            _ => (self.race.counts.warm_up, Phase::WarmUp),
        };
        for turn in 0..turns {
            let images = self.race.courses.len();
            let course = &self.race.courses[(turn as usize + self.number as usize) % images];
            let seat = |position, flow, orchestration| Seat {
                block: turn + 1,
                position,
                phase,
                flow,
                orchestration,
            };
            let first = (1..).zip(self.race.racers).map(|(position, racer)| {
                (seat(position, first_flow(racer), Orchestration::Client), racer)
            });
            let behind = (1..).zip(&machines).map(|(position, racer)| {
                (seat(position, Flow::Chained, Orchestration::StepFunctions), *racer)
            });
            // Never at the same time: both call the same functions.
            if !self.passes(first.collect(), course, laps).await?
                || !self.passes(behind.collect(), course, laps).await?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn blocks(&self, phase: Phase, laps: &Laps) -> Result<bool, Error> {
        for block in self.schedule(phase) {
            let course = self.race.courses.iter().find(|course| course.image == block.image);
            let course = course.expect("the schedule draws from these courses");
            if let (Some(nothing), Phase::Race) = (self.race.nothing, phase) {
                let found = distance::measure(self.race.cloud, nothing, self.race.bucket).await;
                self.race.journal.measured_distance(self.round, block.number, &found)?;
            }
            let Block { number, flow, orchestration, .. } = block;
            let racers: Vec<(&Racer, Flow)> = match phase {
                // Everybody takes part in a pilot, each as it can.
                Phase::Pilot => self.race.racers.iter().map(|r| (r, first_flow(r))).collect(),
                _ => {
                    let entered = self.race.entered(flow, orchestration);
                    entered.into_iter().map(|racer| (racer, flow)).collect()
                }
            };
            let seated = (1..).zip(&block.order).map(|(position, &index)| {
                let (racer, flow) = racers[index];
                (Seat { block: number, position, phase, flow, orchestration }, racer)
            });
            if !self.passes(seated.collect(), course, laps).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn schedule(&self, phase: Phase) -> Vec<Block> {
        let images: Vec<Name> =
            self.race.courses.iter().map(|course| course.image.clone()).collect();
        let (seed, counts) = (self.race.seed, self.race.counts);
        let once = u32::try_from(images.len()).unwrap_or(1);
        let legs = self.race.legs();
        match phase {
            Phase::Race => schedule::round(seed, self.number, &legs, &images, counts.blocks),
            Phase::Pilot => {
                let flow = legs.first().map_or(Flow::Chained, |leg| leg.flow);
                let (orchestration, racers) = (Orchestration::Client, self.race.racers.len());
                let leg = Leg { flow, orchestration, racers };
                schedule::round(seed, self.number, &[leg], &images, once)
            }
            _ => {
                // Stage times explain: one flow is enough, and images may come unequally often.
                let leg = legs.into_iter().find(|leg| leg.racers > 0).into_iter();
                let blocks = counts.stages.next_multiple_of(once);
                let leg = leg.collect::<Vec<_>>();
                let mut blocks = schedule::round(seed, self.number, &leg, &images, blocks);
                blocks.truncate(counts.stages as usize);
                blocks
            }
        }
    }

    /// One pass of each, in this order, as many side by side as their targets allow; false if the
    /// race is to stop after them. Outputs are looked at once none of those is under way, so that
    /// nothing but calls takes this program's time while calls are timed.
    async fn passes(
        &self,
        seated: Vec<(Seat, &'a Racer)>,
        course: &'a Course,
        laps: &Laps,
    ) -> Result<bool, Error> {
        let limits: Vec<u32> = seated.iter().map(|(_, racer)| racer.concurrency).collect();
        let mut seated = seated.into_iter();
        for abreast in schedule::abreast(&limits) {
            if self.race.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let mut begun = Vec::with_capacity(abreast);
            for (seat, racer) in seated.by_ref().take(abreast) {
                begun.push(self.begin(seat, racer, course).await?);
            }
            // Each is waited for, even if another failed: what was sent is carried out and paid for.
            let runs = join_all(begun.iter().map(|begun| self.run_begun(begun))).await;
            let mut failure = None;
            for (begun, run) in begun.into_iter().zip(runs) {
                match run {
                    Ok(run) => self.end(begun, run, laps).await?,
                    Err(error) => failure = failure.or(Some(error)),
                }
            }
            if let Some(error) = failure {
                return Err(error);
            }
        }
        Ok(!self.race.stop.load(Ordering::Relaxed))
    }

    async fn begin(
        &self,
        seat: Seat,
        racer: &'a Racer,
        course: &'a Course,
    ) -> Result<Begun<'a>, Error> {
        let functions = racer.racing(seat.flow);
        let intent = PassIntent {
            round: self.round,
            block: seat.block,
            position: seat.position,
            phase: seat.phase,
            flow: seat.flow,
            orchestration: seat.orchestration,
            deployment: &racer.lane.deployment,
            image: &course.image,
        };
        let inputs = self.place_inputs(&functions, seat.flow, course).await?;
        let pass = self.race.journal.begin_pass(&intent)?;
        Ok(Begun { seat, racer, pass, inputs })
    }

    async fn run_begun(&self, begun: &Begun<'a>) -> Result<PassRun, Error> {
        let machine = begun.racer.lane.machine.as_deref();
        match machine.filter(|_| begun.seat.orchestration == Orchestration::StepFunctions) {
            Some(machine) => self.run_machine(begun.pass, machine, &begun.inputs).await,
            None => self.run_pass(begun.pass, &begun.inputs).await,
        }
    }

    async fn end(&self, begun: Begun<'a>, run: PassRun, laps: &Laps) -> Result<(), Error> {
        let Begun { seat, racer, pass, inputs } = begun;
        let unreported = self.look_for_reports(&run.called, &inputs).await?;
        let right = self.look_at_outputs(&run.called, &inputs).await?;
        let status = run.failure.or(unreported).or(right);
        if status.is_some() && seat.phase != Phase::WarmUp {
            self.failed.set(self.failed.get() + 1);
        }
        let status = Status(status.map_or_else(|| Status::OK.into(), Into::into));
        self.race.journal.end_pass(pass, run.turnaround, &status)?;
        self.tidy(&inputs, &run.called).await?;
        laps.done.set(laps.done.get() + 1);
        let (done, planned) = (laps.done.get(), laps.planned);
        (self.race.tell)(&Lap { done, planned, round: self.number, phase: seat.phase, racer });
        Ok(())
    }

    /// Puts what the functions are to read under keys that nobody can know beforehand.
    async fn place_inputs(
        &self,
        functions: &[&'a LaneFunction],
        flow: Flow,
        course: &'a Course,
    ) -> Result<Vec<Input<'a>>, Error> {
        let folder = format!("{:032x}", rand::random::<u128>());
        let last = functions.len() - 1;
        let mut inputs = Vec::with_capacity(functions.len());
        for (place, &function) in functions.iter().enumerate() {
            let own = flow == Flow::Chained && place > 0;
            let given = (!own).then(|| Arc::clone(&course.inputs[&function.name]));
            let output_bucket =
                if place == last { self.race.destination } else { self.race.bucket };
            let input = Input::new(
                function,
                &folder,
                given,
                self.race.bucket,
                output_bucket,
                inputs.last(),
            );
            if let Some(bytes) = &input.given {
                let put = self.race.cloud.put_object(
                    self.race.bucket,
                    &input.event.key,
                    bytes.to_vec(),
                    content_type(bytes),
                );
                put.await?;
            }
            inputs.push(input);
        }
        Ok(inputs)
    }

    /// Takes away what the pass read and wrote, so that a long race does not fill a disk.
    async fn tidy(&self, inputs: &[Input<'a>], called: &[Called]) -> Result<(), Error> {
        let mut work: HashSet<&str> = HashSet::new();
        let mut destination: Vec<String> = Vec::new();
        for input in inputs {
            work.insert(&input.event.key);
        }
        for input in &inputs[..called.len()] {
            if input.event.output_bucket == self.race.destination {
                destination.push(input.event.output_key.clone());
            } else {
                work.insert(&input.event.output_key);
            }
        }
        let work = work.into_iter().map(str::to_owned).collect::<Vec<_>>();
        self.race.cloud.delete_objects(self.race.bucket, &work).await?;
        self.race.cloud.delete_objects(self.race.destination, &destination).await?;
        Ok(())
    }
}

/// Where in its round a pass is run.
#[derive(Debug, Clone, Copy)]
struct Seat {
    block: u32,
    position: u32,
    phase: Phase,
    flow: Flow,
    orchestration: Orchestration,
}

/// The chain, for those who have one.
fn first_flow(racer: &Racer) -> Flow {
    if racer.racing(Flow::Chained).is_empty() { Flow::Isolated } else { Flow::Chained }
}

/// The media type of what the chain hands on.
fn content_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xd8, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        _ => "application/octet-stream",
    }
}
