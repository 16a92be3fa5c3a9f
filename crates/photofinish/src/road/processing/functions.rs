//! A variant's own functions: deployed as a study deploys them, each picture through all of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use photofinish_cloud::{Call, Cloud, Kind};
use photofinish_study::{
    Answer, Application, Architecture, Contestant, Deployment, Event, Lane, LaneFunction, Platform,
    Sample, TargetChoice, VariantFolder,
};
use tokio::task::JoinSet;

use super::folder::Picture;
use super::tally::Tally;
use crate::arguments;
use crate::arguments::Consent;
use crate::failure::{Failure, Told};
use crate::progress::Progress;
use crate::road::deploying::Deployed;
use crate::road::interrupt::Interrupt;
use crate::road::opening::{self, Opened};
use crate::road::platform::Local;
use crate::road::verifying::Reference;
use crate::road::{Site, deploying, packing};

/// How long one call may take where no study says: a careless loop over a large photograph is
/// slow, and there is nobody to race.
const PATIENCE_S: u32 = 900;

/// Opens the study that has this variant, or makes one up around a bundled variant or a folder.
pub(super) fn open(
    arguments: &arguments::Process,
    scratch: &std::path::Path,
) -> Result<Opened, Failure> {
    let bundled: Vec<&str> = bundled().collect();
    let lines = "platform = \"local\"";
    let target = Target { lines, timeout_s: PATIENCE_S, bundled: &bundled };
    let (mut opened, named) = read(arguments, scratch, Platform::Local, &target)?;
    opened.directory = scratch.join("study");
    let candidates = candidates(&opened, named)?;
    let here = Architecture::of_this_machine();
    let here = candidates.into_iter().find(|one| Some(one.target.architecture) == here);
    let Some(deployment) = here else {
        return Err(Failure::Lacking(Told::words(
            format!("{} has no target of this machine's architecture", opened.file.display()),
            Some("leave `architecture` out of one of its targets"),
        )));
    };
    narrow(&mut opened, deployment);
    Ok(opened)
}

/// The study that has this variant, and the variant's name in it; or one that is made up around a
/// bundled variant or a folder, with this target.
pub(super) fn read<'a>(
    arguments: &'a arguments::Process,
    scratch: &std::path::Path,
    on: Platform,
    target: &Target<'_>,
) -> Result<(Opened, Option<&'a str>), Failure> {
    let (study, named) = match &arguments.study {
        Some(study) => (study.clone(), Some(arguments.variant.as_str())),
        None => (made_up(&arguments.variant, scratch, target)?, None),
    };
    let asked = arguments::Study { study, out: None, on: Some(on), json: false };
    Ok((Opened::read(&asked)?, named))
}

/// What a study that is made up says of how its functions run.
pub(super) struct Target<'a> {
    /// The lines of its `[[target]]`.
    pub(super) lines: &'a str,
    /// How long a call may take, in seconds.
    pub(super) timeout_s: u32,
    /// The bundled variants that can be asked for.
    pub(super) bundled: &'a [&'static str],
}

/// A study file of one variant.
fn made_up(
    variant: &str,
    scratch: &std::path::Path,
    target: &Target<'_>,
) -> Result<PathBuf, Failure> {
    // A bundled name stays one, whatever folders lie about.
    let source = if target.bundled.contains(&variant) {
        variant.to_owned()
    } else {
        own_folder(variant)?.display().to_string()
    };
    let text = format!(
        "application = \"{}\"\ntimeout_s = {}\n[[variant]]\nname = \"chosen\"\n\
         source = {}\n[[target]]\n{}\n",
        super::APPLICATION,
        target.timeout_s,
        serde_json::Value::from(source),
        target.lines,
    );
    let file = scratch.join("process.toml");
    std::fs::write(&file, text).map_err(|error| Failure::lacking(&error))?;
    Ok(file)
}

/// A folder of the user's own, which has every function of the application.
fn own_folder(variant: &str) -> Result<PathBuf, Failure> {
    let Some(folder) = std::path::absolute(variant).ok().filter(|folder| folder.is_dir()) else {
        let names = bundled().collect::<Vec<_>>().join(", ");
        let message = format!("there is no variant `{variant}`, bundled or as a folder");
        let hint = format!("native, {names}, or a folder with a folder for each function in it");
        return Err(Failure::Usage(Told::words(message, Some(&hint))));
    };
    let code = VariantFolder::read(&folder)?;
    let application = opening::bundled_application(super::APPLICATION)?.expect("it is bundled");
    let functions = Application::read(&application)?.functions;
    let lacking = functions.iter().find(|function| !code.code(&function.name).is_file());
    let Some(function) = lacking else { return Ok(folder) };
    let code = code.code(&function.name);
    let code = code.strip_prefix(&folder).unwrap_or(&code);
    let message = format!(
        "{variant} has no function `{}`: there is no {} in it",
        function.name,
        code.display()
    );
    let hint =
        "VARIANT is a folder with a folder for each function in it; IN and OUT come after it";
    Err(Failure::Usage(Told::words(message, Some(hint))))
}

/// The bundled variants that are functions for the platform.
fn bundled() -> impl Iterator<Item = &'static str> {
    photofinish_assets::variants(super::APPLICATION).into_iter().filter(|name| *name != "native")
}

/// The deployments of the variant that is asked for, or of the only one.
pub(super) fn candidates(opened: &Opened, named: Option<&str>) -> Result<Vec<Deployment>, Failure> {
    let asked = |contestant: &Contestant| {
        named.is_none_or(|named| {
            contestant.to_string() == named
                || (contestant.variant.as_str() == named && contestant.sample == Sample::first(1))
        })
    };
    let all = opened.plan.deployments.iter();
    let found: Vec<_> = all.filter(|deployment| asked(&deployment.contestant)).cloned().collect();
    if found.is_empty() { Err(not_in(opened, named.unwrap_or_default())) } else { Ok(found) }
}

/// Leaves one contestant on one target.
pub(super) fn narrow(opened: &mut Opened, deployment: Deployment) {
    let target = &deployment.target;
    let (architecture, memory_mb) = (vec![target.architecture], vec![target.memory_mb]);
    let was = opened.study.targets.first();
    let (region, role) = was.map_or((None, None), |was| (was.region.clone(), was.role.clone()));
    let choice = TargetChoice::new(target.platform, architecture, memory_mb);
    opened.study.targets = vec![TargetChoice { region, role, ..choice }];
    opened.study.variants.retain(|variant| variant.name == deployment.contestant.variant);
    opened.sources.retain(|authored| authored.contestant == deployment.contestant);
    opened.plan.deployments = vec![deployment];
}

fn not_in(opened: &Opened, named: &str) -> Failure {
    let mut names: Vec<String> =
        opened.study.contestants().map(|contestant| contestant.to_string()).collect();
    names.sort();
    let message = format!("{} has no variant `{named}`", opened.file.display());
    Failure::Usage(Told::words(message, Some(&format!("it has {}", names.join(", ")))))
}

/// Packs, deploys, and runs every picture through the functions.
pub(super) async fn run(
    opened: &Opened,
    reference: &Reference,
    python: Option<&std::path::Path>,
    jobs: usize,
    tally: Arc<Tally>,
    interrupt: &Interrupt,
    progress: Progress,
) -> Result<(), Failure> {
    let journal = opened.journal("process")?;
    let packed =
        tokio::task::block_in_place(|| packing::package(opened, &journal, python, progress))?;
    // On this machine nothing costs anything.
    let consent = Consent { yes: true };
    let site = Site {
        opened,
        journal: &journal,
        packed: &packed,
        reference,
        progress,
        fresh: true,
        consent,
    };
    let local = Local::of_study(&site).await?;
    let ended = tokio::select! {
        ended = all(&site, &local, jobs, tally) => ended,
        () = interrupt.once() => Err(Failure::Interrupted),
    };
    local.stop().await?;
    ended
}

async fn all(
    site: &Site<'_>,
    local: &Local,
    jobs: usize,
    tally: Arc<Tally>,
) -> Result<(), Failure> {
    let cloud = local.connect().await?;
    let deployed = deploying::deploy(site, &cloud).await?;
    let timeout = Duration::from_secs(u64::from(site.opened.study.timeout_s));
    let Deployed { mut lanes, bucket, destination, .. } = deployed;
    let course = Arc::new(Course { cloud, lane: lanes.remove(0), bucket, destination, timeout });
    let mut workers = JoinSet::new();
    for _ in 0..jobs {
        let (course, tally) = (Arc::clone(&course), Arc::clone(&tally));
        workers.spawn(async move { course.work(&tally).await });
    }
    while let Some(ended) = workers.join_next().await {
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    }
    Ok(())
}

/// The deployed functions, one after the other.
struct Course {
    cloud: Cloud,
    lane: Lane,
    bucket: String,
    destination: String,
    timeout: Duration,
}

/// Why a picture has no output.
enum Fault {
    /// This picture's own.
    Picture(String),
    /// No later picture can fare better.
    Platform(photofinish_cloud::Error),
}

impl From<photofinish_cloud::Error> for Fault {
    fn from(error: photofinish_cloud::Error) -> Self {
        match error.kind() {
            Kind::MissingCredentials | Kind::AccessDenied | Kind::Network => Self::Platform(error),
            _ => Self::Picture(error.to_string()),
        }
    }
}

impl Course {
    /// Takes pictures until none is left.
    async fn work(&self, tally: &Tally) -> Result<(), Failure> {
        while let Some(picture) = tally.next() {
            let output = match self.make(&picture).await {
                Ok(bytes) => Ok(bytes),
                Err(Fault::Picture(reason)) => Err(reason),
                Err(Fault::Platform(error)) => return Err(Failure::provider(&error)),
            };
            tally.ended(&picture, output);
        }
        Ok(())
    }

    /// One picture through all functions; its objects are gone afterwards.
    async fn make(&self, picture: &Picture) -> Result<Vec<u8>, Fault> {
        let bytes = super::read(picture).map_err(Fault::Picture)?;
        // Names have no place in keys: a hash tells pictures apart and fits.
        let folder = photofinish_study::Digest::of(picture.name.as_os_str().as_encoded_bytes());
        let mut keys = vec![format!("{folder}/input")];
        let media_type = photofinish_verify::media_type(&bytes);
        self.cloud.put_object(&self.bucket, &keys[0], bytes, media_type).await?;
        let output = self.through_all(folder.as_str(), &mut keys).await;
        for bucket in [&self.bucket, &self.destination] {
            self.cloud.delete_objects(bucket, &keys).await?;
        }
        output
    }

    async fn through_all(&self, folder: &str, keys: &mut Vec<String>) -> Result<Vec<u8>, Fault> {
        let mut bucket = &self.bucket;
        for (place, function) in self.lane.functions.iter().enumerate() {
            let is_last = place + 1 == self.lane.functions.len();
            let event = Event {
                bucket: self.bucket.clone(),
                key: keys[place].clone(),
                output_bucket: if is_last { &self.destination } else { &self.bucket }.clone(),
                output_key: format!("{folder}/{}.{}", function.name, function.extension),
            };
            keys.push(event.output_key.clone());
            self.call(function, &event).await?;
            bucket = if is_last { &self.destination } else { &self.bucket };
        }
        let last = keys.last().expect("the input's key is there");
        match self.cloud.get_object(bucket, last).await {
            Ok(object) => Ok(object.bytes.to_vec()),
            Err(error) if error.kind() == Kind::NotFound => {
                let function = self.lane.functions.last().map(|function| &function.name);
                let name = function.map(ToString::to_string).unwrap_or_default();
                Err(Fault::Picture(format!("{name} wrote nothing")))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn call(&self, function: &LaneFunction, event: &Event) -> Result<(), Fault> {
        let name = &function.name;
        let payload = serde_json::to_vec(event).expect("an event is plain data");
        let call = Call {
            function: function.deployed_as.clone(),
            payload: payload.into(),
            timeout: self.timeout,
        };
        let invoked = match self.cloud.invoke(&call).await {
            Ok(invoked) => invoked,
            Err(error) => return Err(error.error.into()),
        };
        let wrong = |reason: String| Fault::Picture(format!("{name}: {reason}"));
        if let Some(error) = &invoked.function_error {
            return Err(wrong(format!("{}: {}", error.error_type, error.message)));
        }
        let answer = Answer::parse(&invoked.payload)
            .map_err(|error| wrong(format!("its answer is no JSON: {error}")))?;
        answer.returned(event).map(drop).map_err(wrong)
    }
}
