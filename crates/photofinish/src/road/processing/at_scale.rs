//! `process --on aws`: a pipeline used on any number of pictures in a bucket. A state machine
//! drives the deployed functions; this program lists, plans, starts, watches and tells.

mod batches;
mod bucket;
mod cost;
mod execution;
mod machine;
mod outcome;

use std::collections::HashSet;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use photofinish_cloud::{Cloud, Objects, Place};
use photofinish_study::{Deployment, Platform};

use self::batches::Shape;
use self::bucket::{Folder, Listing, Picture};
use self::cost::{Basis, Estimate};
use self::execution::Run;
use self::outcome::{Outcome, tell};
use super::functions;
use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::progress::{Progress, counted};
use crate::road::interrupt::Interrupt;
use crate::road::opening::{Opened, Reach};
use crate::road::platform::{self, Host};
use crate::road::verifying::{self, Reference};
use crate::road::{Site, block_on, deploying, packing};

/// How long one call may take, in seconds: five in a row must fit into the five minutes that an
/// Express workflow has, beside the calls that are sent again.
const CALL_S: u32 = 50;
/// For how many days at the most what is made is wanted.
const KEEP_DAYS: u32 = 2;

/// Makes what is not made yet.
pub(super) fn process(arguments: &arguments::Process) -> Result<Answer, Failure> {
    let [from, into] = [&arguments.from, &arguments.into].map(|folder| Folder::parse(folder));
    let (from, into) = (from?, into?);
    if into.lies_in(&from) {
        let message = format!("{into} lies in {from}");
        let hint = "choose an OUT outside of IN, so that no output is taken for a picture";
        return Err(Failure::Usage(Told::words(message, Some(hint))));
    }
    let scratch = tempfile::tempdir().map_err(|error| Failure::lacking(&error))?;
    let (mut opened, basis) = open(arguments, scratch.path())?;
    let limit_usd = opened.study.budget.take().map(|budget| budget.limit_usd);
    mark(&mut opened, &from, &into);
    if let Some(images) = arguments.at_scale.images {
        let jobs = arguments.jobs.map_or(batches::USUAL_JOBS, batches::at_most);
        let shape = Shape::of(images.get(), jobs);
        let estimate = Estimate::of(&opened, &basis, shape)?;
        return Ok(show(&estimate, 0, arguments.at_scale.json));
    }
    let work = Work {
        arguments,
        opened: &opened,
        basis,
        limit_usd,
        from,
        into,
        progress: Progress::new(),
    };
    block_on(work.begin())
}

/// Opens the variant on the one target that it is to run on.
fn open(arguments: &arguments::Process, scratch: &Path) -> Result<(Opened, Basis), Failure> {
    let flags = &arguments.at_scale;
    let mut lines = "platform = \"aws\"\n".to_owned();
    if let Some(region) = &flags.region {
        lines.push_str(&format!("region = {}\n", serde_json::Value::from(region.as_str())));
    }
    if let Some(architecture) = flags.architecture {
        lines.push_str(&format!("architecture = [\"{architecture}\"]\n"));
    }
    if let Some(memory_mb) = flags.memory_mb {
        lines.push_str(&format!("memory_mb = [{memory_mb}]\n"));
    }
    let bundled = photofinish_assets::variants(super::APPLICATION);
    let target = functions::Target { lines: &lines, timeout_s: CALL_S, bundled: &bundled };
    let (mut opened, named) = functions::read(arguments, scratch, Platform::Aws, &target)?;
    let deployment = chosen(&opened, functions::candidates(&opened, named)?, flags)?;
    let basis = Basis::of(&opened, &deployment)?;
    functions::narrow(&mut opened, deployment);
    platform::refuse_what_is_not_built(&opened)?;
    if let Some(target) = opened.study.targets.first_mut() {
        target.region = flags.region.clone().or_else(|| target.region.take());
        target.keep_days = KEEP_DAYS;
    }
    opened.study.timeout_s = opened.study.timeout_s.min(CALL_S);
    opened.directory = scratch.join("study");
    Ok((opened, basis))
}

/// The one that is meant; where several are there, somebody has to say.
fn chosen(
    opened: &Opened,
    mut candidates: Vec<Deployment>,
    flags: &arguments::AtScale,
) -> Result<Deployment, Failure> {
    let has: Vec<String> = candidates.iter().map(|one| one.target.to_string()).collect();
    candidates.retain(|Deployment { target, .. }| {
        flags.architecture.is_none_or(|wanted| wanted == target.architecture)
            && flags.memory_mb.is_none_or(|wanted| wanted == target.memory_mb)
    });
    if candidates.len() == 1 {
        return Ok(candidates.remove(0));
    }
    let what = if candidates.is_empty() { "no target like that" } else { "several targets" };
    let message = format!("{} has {what} for this variant", opened.file.display());
    let hint = format!("choose by --architecture and --memory-mb; it has {}", has.join(", "));
    Err(Failure::Usage(Told::words(message, Some(&hint))))
}

/// What the functions may read and write, and names of their own for what is made for that: the
/// same command finds its things again, and no other command does.
fn mark(opened: &mut Opened, from: &Folder, into: &Folder) {
    let objects =
        |folder: &Folder| Objects { bucket: folder.bucket.clone(), prefix: folder.prefix.clone() };
    opened.reach = Some(Reach { reads: objects(from), writes: objects(into) });
    let target = opened.plan.deployments.first().map(ToString::to_string).unwrap_or_default();
    let route = format!("process {target} from {from} to {into}");
    let digest = photofinish_study::Digest::of(route.as_bytes());
    opened.lock.hashes.insert("process".to_owned(), digest);
}

/// Shows a plan on stdout.
fn show(estimate: &Estimate, made: u64, json: bool) -> Answer {
    if json {
        println!("{:#}", estimate.as_json(made));
    } else {
        print!("{}", estimate.as_text(made));
    }
    Answer::Yes
}

/// One command's work.
struct Work<'a> {
    arguments: &'a arguments::Process,
    opened: &'a Opened,
    basis: Basis,
    limit_usd: Option<f64>,
    from: Folder,
    into: Folder,
    progress: Progress,
}

impl Work<'_> {
    async fn begin(&self) -> Result<Answer, Failure> {
        let place = Place::Aws { region: self.opened.region() };
        let cloud = Cloud::connect(&place).await.map_err(|error| Failure::provider(&error))?;
        let room = cloud.room().await.map_err(|error| Failure::provider(&error))?;
        let listing = self.list(&cloud).await?;
        let wanted = self.wanted(&listing);
        let made = (listing.pictures.len() - wanted.len()) as u64;
        let jobs = self.arguments.jobs.map_or(room.unreserved / 10 * 9, batches::at_most);
        let shape = Shape::of(wanted.len() as u64, jobs.min(room.unreserved).max(1));
        let estimate = Estimate::of(self.opened, &self.basis, shape)?;
        if self.arguments.at_scale.plan {
            return Ok(show(&estimate, made, self.arguments.at_scale.json));
        }
        eprint!("{}", estimate.as_text(made));
        if listing.pictures.is_empty() && listing.refused.is_empty() {
            let message = format!("there is no JPEG in {}", self.from);
            let hint = "a picture's key ends in .jpg or .jpeg";
            return Err(Failure::Usage(Told::words(message, Some(hint))));
        }
        if !wanted.is_empty() {
            self.agree(&estimate)?;
        }
        let mut outcome =
            Outcome { made_before: made, refused: listing.refused, ..Outcome::default() };
        let interrupt = Interrupt::listen();
        let ended = tokio::select! {
            ended = self.make(&cloud, &interrupt, wanted, shape, &mut outcome) => ended,
            () = interrupt.twice("the batches at hand") => Err(Failure::Interrupted),
        };
        // What is under way costs, and is gone on with by the same command.
        let left = match &ended {
            Err(Failure::Provider(_) | Failure::Lacking(_)) if outcome.under_way => Ok(()),
            _ => self.leave(&cloud).await,
        };
        if ended.is_ok() || outcome.execution.is_some() {
            tell(&outcome, self.arguments.at_scale.json, self.progress);
        }
        ended?;
        left?;
        Ok(outcome.answer())
    }

    async fn list(&self, cloud: &Cloud) -> Result<Listing, Failure> {
        let extension = self.opened.plan.functions.last().map_or("png", |last| &last.extension);
        let listing = Listing::read(cloud, &self.from, &self.into, extension).await?;
        if listing.passed_over > 0 {
            let keys = counted(listing.passed_over, "key");
            self.progress.say("passed", &format!("over what is no JPEG by its name: {keys}"));
        }
        Ok(listing)
    }

    /// What is to be made.
    fn wanted(&self, listing: &Listing) -> Vec<Picture> {
        let again = self.arguments.again;
        let all = listing.pictures.iter();
        all.filter(|picture| again || !listing.there.contains(&picture.output)).cloned().collect()
    }

    /// A budget that the estimate passes stops it; consent is asked for all the same.
    fn agree(&self, estimate: &Estimate) -> Result<(), Failure> {
        let (usual, most) = (estimate.total(), estimate.at_most);
        if let Some(limit) = self.limit_usd
            && usual > limit
        {
            let message = format!("it may cost ${usual:.2}, and the study's budget is ${limit:.2}");
            let hint = "raise `limit_usd` in the study's [budget], or process a smaller folder";
            return Err(Failure::Budget(Told::words(message, Some(hint))));
        }
        if self.arguments.at_scale.yes {
            return Ok(());
        }
        let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
        if stdin.is_terminal() && stderr.is_terminal() {
            let asked = write!(stderr, "Begin? [y/N] ").and_then(|()| stderr.flush());
            let mut line = String::new();
            let read = asked.and_then(|()| stdin.read_line(&mut line));
            if read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes") {
                return Ok(());
            }
        }
        let message = format!("nothing was begun: it may cost up to ${most:.2}");
        Err(Failure::Usage(Told::words(message, Some("give --yes to begin all the same"))))
    }

    /// Deploys, verifies and makes; what was under way from an earlier command is waited for first.
    async fn make(
        &self,
        cloud: &Cloud,
        interrupt: &Interrupt,
        wanted: Vec<Picture>,
        shape: Shape,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        if wanted.is_empty() {
            return Ok(());
        }
        let opened = self.opened;
        let journal = opened.journal("process")?;
        let end = expiry();
        let (subject, key) = deploying::EXPIRES;
        journal.note(subject, key, &end).map_err(|error| Failure::usage(&error))?;
        let reference = tokio::task::block_in_place(|| Reference::prepare(opened))?;
        let python = self.arguments.python.python.as_deref();
        let progress = self.progress;
        let packed =
            tokio::task::block_in_place(|| packing::package(opened, &journal, python, progress))?;
        let site = Site {
            opened,
            journal: &journal,
            packed: &packed,
            reference: &reference,
            progress,
            fresh: true,
            // What it costs has been agreed to.
            consent: arguments::Consent { yes: true },
        };
        // Says whether it is AWS that answers.
        Host::of_study(&site).await?;
        let deployed = deploying::deploy(&site, cloud).await?;
        let verified = verifying::verify(&site, &deployed, cloud, interrupt).await?;
        if verified.answer() == Answer::No {
            outcome.rejected = true;
            let text = "the variant was rejected, so no picture was given to it";
            progress.say("stopped", text);
            return Ok(());
        }
        let lane = &deployed.lanes[0];
        let machine =
            machine::put_in_place(&site, cloud, lane, &deployed.bucket, self, shape).await?;
        let run = Run { site: &site, cloud, machine: &machine, bucket: &deployed.bucket };
        let before = wanted.len();
        let wanted = self.wait_for_earlier(&run, interrupt, wanted, outcome).await?;
        outcome.made = (before - wanted.len()) as u64;
        if wanted.is_empty() {
            return Ok(());
        }
        let began_ms = Timestamp::now().as_millisecond();
        let execution = run.start(&wanted, shape).await?;
        outcome.under_way = true;
        let ended = run.watch(&execution, wanted.len() as u64, interrupt).await?;
        outcome.under_way = false;
        let there = bucket::keys(cloud, &self.into).await?;
        outcome.judge(cloud, &wanted, &there, &ended, self.arguments.again).await?;
        outcome.cost = Some(cost::spent(&run, lane, &self.basis, shape, began_ms).await?);
        execution::succeeded(&ended)?;
        if interrupt.asked().load(std::sync::atomic::Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        Ok(())
    }

    /// An execution that an earlier command left behind is gone on with; what is still missing
    /// afterwards is wanted.
    async fn wait_for_earlier(
        &self,
        run: &Run<'_>,
        interrupt: &Interrupt,
        wanted: Vec<Picture>,
        outcome: &mut Outcome,
    ) -> Result<Vec<Picture>, Failure> {
        let earlier = run.under_way().await?;
        if earlier.is_empty() {
            return Ok(wanted);
        }
        outcome.under_way = true;
        for execution in earlier {
            self.progress.say("going on", "with what an earlier command has begun");
            run.watch(&execution, wanted.len() as u64, interrupt).await?;
        }
        outcome.under_way = false;
        let there: HashSet<String> = bucket::keys(run.cloud, &self.into).await?;
        Ok(wanted.into_iter().filter(|picture| !there.contains(&picture.output)).collect())
    }

    /// Takes down what was made, unless it is to be kept.
    async fn leave(&self, cloud: &Cloud) -> Result<(), Failure> {
        if self.arguments.at_scale.keep {
            let text = "functions and state machine, until they expire; the same command without \
                        --keep removes them";
            self.progress.say("kept", text);
            return Ok(());
        }
        let removal = deploying::take_down(self.opened, cloud).await?;
        for remained in &removal.remained {
            self.progress.say("remained", &format!("{}: {}", remained.what, remained.why));
        }
        let text = format!("{} made for this are gone", counted(removal.removed.len(), "thing"));
        self.progress.say("removed", &text);
        Ok(())
    }
}

/// Until when what is made is wanted: midnight, so that commands of one day agree and nothing is
/// made anew for it.
fn expiry() -> String {
    let day = i64::from(24 * 3600);
    let midnight = (Timestamp::now().as_second() / day + i64::from(KEEP_DAYS)) * day;
    let end = Timestamp::from_second(midnight).unwrap_or(Timestamp::MAX);
    debug_assert!(end > Timestamp::now() + SignedDuration::from_hours(23));
    format!("{end:.0}")
}
