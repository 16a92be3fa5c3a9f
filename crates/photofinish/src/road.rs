//! The road from a study file to its report: each stage reads what earlier ones left and adds
//! its own.

mod adapting;
mod answers;
mod changing;
mod checking;
mod contestants;
mod deploying;
mod doctor;
mod exporting;
mod generating;
mod importing;
mod interrupt;
mod judging;
mod keeping;
mod margins;
mod opening;
mod packing;
mod piloting;
mod planning;
mod platform;
mod prices;
mod processing;
mod prompts;
mod racing;
mod reporting;
mod serving;
mod spending;
mod spike;
mod status;
mod verifying;

use std::future::Future;

use photofinish_journal::Journal;

use crate::arguments::{self, Command};
use crate::failure::{Answer, Failure};
use crate::progress::Progress;
use crate::road::generating::Wanted;
use crate::road::interrupt::Interrupt;
use crate::road::opening::Opened;
use crate::road::packing::Packed;
use crate::road::platform::Host;
use crate::road::verifying::Reference;

/// Does what was asked for.
pub(crate) fn take(command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Plan(arguments) => planning::plan(&arguments),
        Command::Generate(arguments) => generating::generate(&arguments),
        Command::Import(arguments) => importing::import(&arguments),
        Command::Package(work) => walk(&work, Until::Packaged),
        Command::Deploy(work) => walk(&work, Until::Deployed),
        Command::Verify(work) => walk(&work, Until::Verified),
        Command::Pilot(work) => walk(&work, Until::Piloted),
        Command::Measure(work) => walk(&work, Until::Measured),
        Command::Run(work) => walk(&work, Until::Reported),
        Command::Analyse(arguments) => judging::analyse(&arguments),
        Command::Report(arguments) => reporting::report(&arguments),
        Command::Status(arguments) => status::status(&arguments),
        Command::Process(arguments) => processing::process(&arguments),
        Command::Check(arguments) => checking::check(&arguments),
        Command::Export(arguments) => exporting::export(&arguments),
        Command::Prices(arguments) => prices::prices(&arguments),
        Command::Destroy(arguments) => deploying::destroy(&arguments),
        Command::Margins(arguments) => margins::margins(&arguments),
        Command::Doctor(arguments) => doctor::doctor(&arguments),
        Command::Serve(arguments) => serving::serve(&arguments),
    }
}

/// How far along the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Until {
    Packaged,
    Deployed,
    Verified,
    Piloted,
    Measured,
    Reported,
}

impl Until {
    /// The command that goes so far.
    fn command(self) -> &'static str {
        match self {
            Self::Packaged => "package",
            Self::Deployed => "deploy",
            Self::Verified => "verify",
            Self::Piloted => "pilot",
            Self::Measured => "measure",
            Self::Reported => "run",
        }
    }

    /// The answers that are asked for on the way. Who goes a stage at a time can do without those
    /// that nobody gave.
    fn wanted(self) -> Wanted {
        if self == Self::Reported { Wanted::OrFailed } else { Wanted::Missing }
    }
}

/// Runs one piece of asynchronous work to its end.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::lacking(&error))?
        .block_on(work)
}

/// The road up to a stage; what is already done is not done again. What models have not written
/// yet is asked for first; rounds of repairs, if the study wants any, end before the race begins.
fn walk(work: &arguments::Work, until: Until) -> Result<Answer, Failure> {
    let progress = Progress::new();
    let mut opened = Opened::read(&work.study)?;
    platform::refuse_what_is_not_built(&opened)?;
    let wanted = until.wanted();
    if generating::have_answers(&opened, wanted, work.consent, progress)? {
        opened = Opened::read(&work.study)?;
    }
    let mut fresh = work.fresh;
    if opened.study.generate.repairs > 0 && until >= Until::Verified {
        loop {
            leg(&opened, work, Until::Verified, fresh, progress)?;
            fresh = false;
            if !generating::repair(&opened, wanted, work.consent, progress)? {
                break;
            }
            opened = Opened::read(&work.study)?;
        }
    }
    leg(&opened, work, until, fresh, progress)
}

/// One way along the road with everybody whose code is there.
fn leg(
    opened: &Opened,
    work: &arguments::Work,
    until: Until,
    fresh: bool,
    progress: Progress,
) -> Result<Answer, Failure> {
    contestants::all_there(&opened.sources, &opened.file)?;
    if fresh {
        changing::put_aside(opened, progress)?;
    } else {
        changing::settle(opened, progress)?;
    }
    let reference = Reference::prepare(opened)?;
    let journal = opened.journal(until.command())?;
    let packed = packing::package(opened, &journal, work.python.python.as_deref(), progress)?;
    let site = Site {
        opened,
        journal: &journal,
        packed: &packed,
        reference: &reference,
        progress,
        fresh,
        consent: work.consent,
    };
    let answer = if until == Until::Packaged {
        Answer::Yes
    } else if until == Until::Reported && changing::is_finished(&site)? {
        let hint = "every check and every round is in the journal; --fresh starts again";
        progress.say("unchanged", hint);
        Answer::Yes
    } else {
        block_on(on_platform(&site, until))?
    };
    let answer = match (until, opened.study.spike) {
        (Until::Reported, false) => reporting::write(opened, &journal, progress)?.worse(answer),
        _ => answer,
    };
    journal.close().map_err(|error| Failure::usage(&error))?;
    Ok(answer)
}

/// What the stages work on.
pub(crate) struct Site<'a> {
    pub(crate) opened: &'a Opened,
    pub(crate) journal: &'a Journal,
    pub(crate) packed: &'a Packed,
    pub(crate) reference: &'a Reference,
    pub(crate) progress: Progress,
    /// Nothing of earlier results is taken over.
    pub(crate) fresh: bool,
    /// Whether what costs money must be asked for first.
    pub(crate) consent: arguments::Consent,
}

/// The stages that call functions, with the platform at hand for as long as they last.
async fn on_platform(site: &Site<'_>, until: Until) -> Result<Answer, Failure> {
    let interrupt = Interrupt::listen();
    let host = Host::of_study(site).await?;
    let answer = tokio::select! {
        answer = stages(site, &host, until, &interrupt) => answer,
        () = interrupt.twice("the pass at hand") => Err(Failure::Interrupted),
    };
    host.stop().await?;
    answer
}

async fn stages(
    site: &Site<'_>,
    host: &Host,
    until: Until,
    interrupt: &Interrupt,
) -> Result<Answer, Failure> {
    let cloud = host.connect().await?;
    host.note_the_client(site, &cloud).await?;
    let deployed = deploying::deploy(site, &cloud).await?;
    if site.opened.study.spike && until == Until::Reported {
        return spike::answer(site, &deployed, &cloud).await;
    }
    if until == Until::Deployed {
        return Ok(Answer::Yes);
    }
    let verified = verifying::verify(site, &deployed, &cloud, interrupt).await?;
    if until > Until::Verified {
        racing::race(site, &deployed, &verified, &cloud, interrupt, until).await?;
        if racing::is_over(site)? {
            changing::finished(site)?;
        }
    }
    Ok(verified.answer())
}
