//! `verify`: every output through the deployment that is raced, held against the reference.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use photofinish_cloud::Cloud;
use photofinish_journal::Reader;
use photofinish_measure::{Course, Output, OutputCheck};
use photofinish_study::record::Verification;
use photofinish_study::{Digest, Flow, Function, InputError, Name};
use photofinish_verify::{Contract, Fixture, Judge, Trial, Verdict};

use crate::failure::{Answer, Failure, Told};
use crate::road::Site;
use crate::road::changing;
use crate::road::deploying::Deployed;
use crate::road::interrupt::Interrupt;
use crate::road::keeping::Kept;
use crate::road::opening::Opened;
use crate::road::spending::Spending;

/// What the trials found, and the means to hold later outputs against the reference.
pub(crate) struct Verified<'a> {
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) courses: &'a [Course],
    pub(crate) checker: Checker<'a>,
}

impl Verified<'_> {
    /// No, if anything was rejected.
    pub(crate) fn answer(&self) -> Answer {
        if self.verdicts.iter().all(Verdict::is_clean) { Answer::Yes } else { Answer::No }
    }
}

/// The reference at work: the contract, its judge, and what it makes of each picture.
pub(crate) struct Reference {
    pub(crate) judge: Judge,
    pub(crate) courses: Vec<Course>,
    pub(crate) fixtures: HashMap<Name, Vec<Fixture>>,
    pub(crate) pictures: Vec<Fixture>,
}

impl Reference {
    /// Reads the contract and runs the reference over everything; a picture that the reference
    /// refuses is a fault of the application.
    pub(crate) fn prepare(opened: &Opened) -> Result<Self, Failure> {
        let contract = Contract::read(&opened.application.folder.join("contract.toml"))?;
        let judge = Judge::for_contract(&contract)?;
        let mut courses = Vec::new();
        let mut pictures = Vec::new();
        let mut fixtures: HashMap<Name, Vec<Fixture>> = HashMap::new();
        for image in &opened.plan.images {
            let bytes = std::fs::read(&image.file).map_err(|error| {
                InputError::of_file(&image.file, format!("cannot be read: {error}"))
            })?;
            let bytes: Arc<[u8]> = bytes.into();
            let refused = |error: photofinish_verify::JudgeError| {
                InputError::of_file(&image.file, format!("the reference refuses it: {error}"))
                    .help("put a whole picture of the application's kind there")
            };
            let functions = &opened.plan.functions;
            let inputs = chain_from(functions, &judge, &bytes).map_err(refused)?;
            pictures.push(Fixture { name: image.name.as_str().into(), bytes });
            courses.push(Course { image: image.name.clone(), inputs });
        }
        for course in &courses {
            add_fixtures(&mut fixtures, course.image.as_str(), &course.inputs);
        }
        if !opened.study.spike {
            for fixture in contract.fixtures(&opened.application.folder)? {
                let first = opened.plan.functions.iter().position(|f| f.name == fixture.function);
                let Some(first) = first else { continue };
                let functions = &opened.plan.functions[first..];
                let inputs = chain_from(functions, &judge, &fixture.bytes).map_err(|error| {
                    let message =
                        format!("the reference refuses fixture `{}`: {error}", fixture.name);
                    InputError::of_file(&opened.application.folder.join("contract.toml"), message)
                })?;
                add_fixtures(&mut fixtures, &fixture.name, &inputs);
            }
        }
        Ok(Self { judge, courses, fixtures, pictures })
    }
}

/// What each function is given.
pub(crate) type Inputs = HashMap<Name, Arc<[u8]>>;

/// What each of these functions is given, if the first has this and the reference does the steps
/// before every other.
pub(crate) fn chain_from(
    functions: &[Function],
    judge: &Judge,
    given: &Arc<[u8]>,
) -> Result<Inputs, photofinish_verify::JudgeError> {
    let mut inputs = HashMap::new();
    let mut given = Arc::clone(given);
    for function in functions {
        let output = judge.reference(&function.name, &given)?;
        inputs.insert(function.name.clone(), given);
        given = output.into();
    }
    Ok(inputs)
}

/// Gives each function its input under this name.
pub(crate) fn add_fixtures(
    fixtures: &mut HashMap<Name, Vec<Fixture>>,
    name: &str,
    inputs: &Inputs,
) {
    for (function, bytes) in inputs {
        let fixture = Fixture { name: name.into(), bytes: Arc::clone(bytes) };
        fixtures.entry(function.clone()).or_default().push(fixture);
    }
}

/// Tries every deployment.
pub(crate) async fn verify<'a>(
    site: &Site<'a>,
    deployed: &Deployed,
    cloud: &Cloud,
    interrupt: &Interrupt,
) -> Result<Verified<'a>, Failure> {
    let Site { opened, journal, reference, progress, .. } = *site;
    if !site.fresh {
        let taken = changing::take_over(opened, journal, &deployed.lanes)?;
        if taken > 0 {
            progress.say("verify", &format!("{taken} checks of unchanged code are taken over"));
        }
    }
    let known = Reader::of(journal).verifications().map_err(|error| Failure::usage(&error))?;
    let done = AtomicU64::new(0);
    let bar = Mutex::new(None);
    let kept = Kept::of(&opened.directory);
    let fault = Mutex::new(None);
    let trial = Trial {
        cloud,
        journal,
        judge: &reference.judge,
        fixtures: &reference.fixtures,
        pictures: &reference.pictures,
        chained: opened.study.flow.contains(&Flow::Chained),
        known: &known,
        timeout: Duration::from_secs(u64::from(opened.study.timeout_s)),
        bucket: &deployed.bucket,
        destination: &deployed.destination,
        tell: &|verification: &Verification| {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if let Ok(mut bar) = bar.lock() {
                let bar: &mut Option<crate::progress::Bar> = &mut bar;
                if let Some(bar) = bar {
                    let text = format!("{} {}", verification.deployment, verification.function);
                    bar.at(done, &text);
                }
            }
        },
        keep: &|verification: &Verification, given: &[u8], output: &[u8]| {
            if let Err(failure) = kept.keep(&reference.judge, verification, given, output)
                && let Ok(mut fault) = fault.lock()
            {
                *fault = Some(failure);
            }
        },
    };
    let spending = Spending::of(site)?;
    let steps: usize = deployed.lanes.iter().map(|lane| trial.steps(lane)).sum();
    if let Ok(mut bar) = bar.lock() {
        *bar = Some(progress.bar("verify", steps as u64));
    }
    // Nothing is timed here, so as many deployments are tried at once as there are cores: while
    // one's output is judged, another's function runs.
    let at_once = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let trials = deployed.lanes.iter().map(|lane| async {
        if interrupt.asked().load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        if let Some(spending) = &spending {
            let may = spending.may_try(&lane.deployment, trial.left(lane));
            may.map_err(|error| Failure::usage(&error))?.map_err(|reason| over(opened, &reason))?;
        }
        let timeout = trial.timeout * site.packed.patience(&lane.deployment);
        let trial = Trial { timeout, ..trial };
        trial.run(lane).await.map_err(|error| Failure::provider(&error))
    });
    let verdicts: Vec<Verdict> =
        futures::stream::iter(trials).buffered(at_once).try_collect().await?;
    if let Some(failure) = fault.into_inner().ok().flatten() {
        return Err(failure);
    }
    if let Some(bar) = bar.into_inner().ok().flatten() {
        let clean = verdicts.iter().filter(|verdict| verdict.is_clean()).count();
        bar.end(&format!("{clean} of {} deployments accepted in everything", verdicts.len()));
    }
    for (lane, verdict) in deployed.lanes.iter().zip(&verdicts) {
        for (function, reason) in &verdict.rejections {
            progress.say("rejected", &format!("{} {function}: {reason}", lane.deployment));
        }
    }
    Ok(Verified { verdicts, courses: &reference.courses, checker: Checker::new(&reference.judge) })
}

/// Nothing more is tried; what was found so far stays.
fn over(opened: &Opened, reason: &str) -> Failure {
    let command = opened.command("run");
    let hint = format!("raise `limit_usd` under [budget]: `{command}` goes on from here");
    Failure::Budget(Told::words(reason, Some(&hint)))
}

/// Holds outputs against the reference, each distinct one once.
pub(crate) struct Checker<'a> {
    judge: &'a Judge,
    right: Mutex<HashSet<(Name, Digest, Digest)>>,
}

impl<'a> Checker<'a> {
    fn new(judge: &'a Judge) -> Self {
        Self { judge, right: Mutex::default() }
    }
}

impl OutputCheck for Checker<'_> {
    fn check(&self, output: &Output<'_>) -> Result<(), String> {
        let key = (output.function.clone(), Digest::of(output.input), output.sha256.clone());
        let mut right = self.right.lock().map_err(|_| "an earlier check panicked".to_owned())?;
        if right.contains(&key) {
            return Ok(());
        }
        let judged =
            photofinish_verify::Output { bytes: output.bytes, content_type: output.content_type };
        let judgement = self
            .judge
            .judge(output.function, output.input, &judged)
            .map_err(|error| error.to_string())?;
        if !judgement.accepted {
            return Err(judgement.reason.unwrap_or_else(|| "rejected".to_owned()));
        }
        right.insert(key);
        Ok(())
    }
}
