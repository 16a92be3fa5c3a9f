//! What a study on AWS has cost so far by its own books, and whether what comes next may begin. AWS
//! bills hours late, so a study that is to keep to a limit must count for itself.

use std::path::Path;

use photofinish_analyse::spent::{Books, Client, Rates, Trial};
use photofinish_generate::ledger::What;
use photofinish_journal::{Journal, Reader};
use photofinish_measure::{Guard, Racer};
use photofinish_study::record::{Execution, Invocation, Pass};
use photofinish_study::{Deployment, Orchestration, Phase, Platform, Target};
use photofinish_verify::Bill;

use crate::failure::{Failure, Told};
use crate::progress::Progress;
use crate::road::Site;
use crate::road::changing::earlier;
use crate::road::generating;
use crate::road::opening::Opened;
use crate::road::piloting;
use crate::road::platform::{CLIENT_FACT, IN_THE_REGION};

/// Effects for which code may have gone through the bucket.
const PUT_IN_PLACE: [&str; 2] = ["deploy-function", "publish-layer"];

/// What such functions usually take, and their inits, before any was run.
const USUAL_MS: f64 = 150.0;
const USUAL_INIT_MS: f64 = 700.0;

/// The money of a study on AWS.
pub(crate) struct Spending<'a> {
    opened: &'a Opened,
    journal: &'a Journal,
    rates: Rates,
    /// What was spent before this journal was begun: asking models, and earlier results.
    before_usd: f64,
}

/// The money of what is about to be run.
pub(crate) struct Ahead<'a> {
    pub(crate) spending: &'a Spending<'a>,
    pub(crate) racers: &'a [Racer],
}

impl<'a> Spending<'a> {
    /// Of a study on AWS; on this machine nothing costs anything.
    pub(crate) fn of(site: &Site<'a>) -> Result<Option<Self>, Failure> {
        let Site { opened, journal, progress, .. } = *site;
        if opened.platform() != Platform::Aws {
            return Ok(None);
        }
        let rates = rates(opened, &Reader::of(journal))?;
        let before_usd = written(opened)? + put_aside(opened, &rates, progress)?;
        Ok(Some(Self { opened, journal, rates, before_usd }))
    }

    /// Everything so far, in US dollars.
    pub(crate) fn spent(&self) -> Result<f64, photofinish_journal::Error> {
        let doings = Doings::of(self.opened, &Reader::of(self.journal))?;
        Ok(self.before_usd + self.rates.spent(&doings.books()))
    }

    /// What the study may still spend; nothing where it names no limit.
    pub(crate) fn left(&self) -> Result<Option<f64>, photofinish_journal::Error> {
        let Some(limit) = self.limit() else { return Ok(None) };
        Ok(Some(limit - self.spent()?))
    }

    /// The study's limit, if it names one.
    pub(crate) fn limit(&self) -> Option<f64> {
        self.opened.study.budget.as_ref().map(|budget| budget.limit_usd)
    }

    /// Whether one more deployment may be tried, on so many inputs; if not, why.
    pub(crate) fn may_try(
        &self,
        deployment: &Deployment,
        trials: usize,
    ) -> Result<Result<(), String>, photofinish_journal::Error> {
        let doings = Doings::of(self.opened, &Reader::of(self.journal))?;
        let alike = doings.trials.iter().filter(|trial| trial.target == deployment.target);
        let known: Vec<f64> = alike.map(|trial| self.rates.trial(trial)).collect();
        let usual = self.rates.call(deployment.target, USUAL_MS) + self.rates.pass();
        let each = photofinish_analyse::mean(&known).unwrap_or(usual);
        #[expect(clippy::cast_precision_loss, reason = "some dozens")]
        let ahead = each * trials as f64;
        let spent = self.before_usd + self.rates.spent(&doings.books());
        Ok(self.within(spent, ahead, &format!("checking {deployment}")))
    }

    fn within(&self, spent: f64, ahead: f64, what: &str) -> Result<(), String> {
        match self.limit() {
            Some(limit) if spent + ahead > limit => Err(format!(
                "{what} may cost ${ahead:.4}, and of the budget of ${limit:.2} about ${spent:.4} \
                 is spent"
            )),
            _ => Ok(()),
        }
    }
}

impl Guard for Ahead<'_> {
    fn may_begin(&self, phase: Phase) -> Result<Result<(), String>, photofinish_journal::Error> {
        let Spending { opened, journal, rates, before_usd } = self.spending;
        let doings = Doings::of(opened, &Reader::of(journal))?;
        let means = rates.means(&doings.calls);
        let counts = opened.plan.counts;
        let (legs, machines) = (opened.study.legs(), u32::from(opened.study.has_machines()));
        let images = u32::try_from(opened.plan.images.len()).unwrap_or(u32::MAX);
        let executions = match phase {
            Phase::Race => machines * (counts.blocks + counts.warm_up),
            _ => 0,
        };
        // At the most, where a function is not raced in every leg.
        let passes = f64::from(match phase {
            Phase::Stages => counts.stages + counts.warm_up,
            Phase::Pilot => 1 + images,
            Phase::WarmUp | Phase::Race => counts.blocks * legs + counts.warm_up * (1 + machines),
        });
        let mut ahead = match phase {
            Phase::Race => f64::from(counts.blocks * legs) * rates.distance(),
            _ => 0.0,
        };
        for racer in self.racers {
            let call = rates.expected(&racer.lane.deployment, &means, &doings.trials);
            let functions = u32::try_from(racer.lane.functions.len()).unwrap_or(u32::MAX);
            ahead += passes * (f64::from(functions) * call + rates.pass());
            ahead += f64::from(executions) * rates.execution(None);
        }
        let spent = before_usd + rates.spent(&doings.books());
        Ok(self.spending.within(spent, ahead, "the next round"))
    }
}

/// What calls of the study cost.
pub(crate) fn rates(opened: &Opened, reader: &Reader<'_>) -> Result<Rates, Failure> {
    let facts = reader.facts().map_err(|error| Failure::usage(&error))?;
    let place = facts.iter().rev().find(|fact| fact.key == CLIENT_FACT);
    let inside = place.is_some_and(|fact| fact.value.starts_with(IN_THE_REGION));
    Ok(Rates {
        book: opened.book.clone(),
        timeout_ms: f64::from(opened.study.timeout_s) * 1e3,
        client: if inside { Client::InTheRegion } else { Client::Outside },
    })
}

/// Everything that a journal says was done on AWS.
pub(crate) struct Doings {
    pub(crate) calls: Vec<Invocation>,
    pub(crate) trials: Vec<Trial>,
    passes: usize,
    /// Of the passes by state machines, what the platform says of each, if anything.
    executions: Vec<Option<Execution>>,
    distances: usize,
    put_in_place: usize,
}

impl Doings {
    pub(crate) fn of(
        opened: &Opened,
        reader: &Reader<'_>,
    ) -> Result<Self, photofinish_journal::Error> {
        let effects = reader.effects()?;
        let trial = |detail: Option<&str>| {
            let bill = detail.and_then(|detail| serde_json::from_str::<Bill>(detail).ok());
            let target = bill.as_ref().and_then(|bill| bill.deployment.parse::<Deployment>().ok());
            Trial {
                target: target.map_or_else(|| largest(opened), |deployment| deployment.target),
                billed_ms: bill.as_ref().and_then(|bill| bill.billed_ms),
                output_bytes: bill.and_then(|bill| bill.output_bytes),
            }
        };
        let of =
            |name: &'static str| effects.iter().filter(move |effect| &*effect.operation == name);
        let passes = reader.passes()?;
        let by_machine = |pass: &&Pass| pass.at.orchestration == Orchestration::StepFunctions;
        Ok(Self {
            executions: passes.iter().filter(by_machine).map(|pass| pass.execution).collect(),
            trials: of(Bill::EFFECT).map(|effect| trial(effect.detail.as_deref())).collect(),
            put_in_place: PUT_IN_PLACE.into_iter().flat_map(of).count(),
            calls: reader.invocations()?,
            passes: passes.len(),
            distances: reader.distances()?.len(),
        })
    }

    pub(crate) fn books(&self) -> Books<'_> {
        Books {
            calls: &self.calls,
            passes: self.passes,
            executions: &self.executions,
            distances: self.distances,
            trials: &self.trials,
            put_in_place: self.put_in_place,
        }
    }
}

/// Where a call can be dearest: what a trial counts for whose end, and place, nobody knows.
fn largest(opened: &Opened) -> Target {
    let targets = opened.study.all_targets();
    let dearest = targets.max_by(|a, b| {
        let price =
            |target: &Target| opened.book.call_usd(target.architecture, target.memory_mb, 1_000.0);
        price(a).total_cmp(&price(b))
    });
    dearest.expect("a study has a target")
}

/// What is asked for the money of a study that was changed or begun anew: it is spent all the same.
fn put_aside(opened: &Opened, rates: &Rates, progress: Progress) -> Result<f64, Failure> {
    let mut usd = 0.0;
    for folder in earlier(&opened.directory) {
        match spent_in(opened, rates, &folder) {
            Ok(spent) => usd += spent,
            Err(error) => progress.say(
                "budget",
                &format!("{} is not counted: {}", folder.display(), Told::new(&error)),
            ),
        }
    }
    Ok(usd)
}

fn spent_in(
    opened: &Opened,
    rates: &Rates,
    folder: &Path,
) -> Result<f64, photofinish_journal::Error> {
    Ok(rates.spent(&Doings::of(opened, &Reader::open(folder)?)?.books()))
}

/// What running the race on AWS may cost, before it is run; nothing of a study that runs elsewhere.
pub(crate) fn foreseen(opened: &Opened) -> Result<Option<String>, Failure> {
    if opened.platform() != Platform::Aws || opened.study.spike {
        return Ok(None);
    }
    let rates = Rates {
        book: opened.book.clone(),
        timeout_ms: f64::from(opened.study.timeout_s) * 1e3,
        client: Client::Outside,
    };
    #[expect(clippy::cast_precision_loss, reason = "a guess, or a bound")]
    let (calls, starts) =
        (opened.plan.total_invocations(1) as f64, opened.plan.total_cold_starts(1) as f64);
    #[expect(clippy::cast_precision_loss, reason = "a count of passes")]
    let executions = opened.plan.total_executions(1) as f64;
    let (mut usual, mut most) = (0.0, 0.0);
    for deployment in opened.plan.deployments.iter().filter(|d| opened.races_here(d)) {
        let target = deployment.target;
        usual += calls * rates.call(target, USUAL_MS) + starts * rates.init(target, USUAL_INIT_MS);
        most += calls * rates.at_most(target);
        let functions = u32::try_from(opened.plan.functions.len()).unwrap_or(u32::MAX);
        let chain_ms = f64::from(functions) * USUAL_MS;
        let of = |execution| executions * rates.execution(execution);
        usual += of(Some(Execution { duration_ms: Some(chain_ms), ..Execution::default() }));
        most += of(None);
    }
    let limit = opened.study.timeout_s;
    let at_most = format!("${most:.2} if every call ran into its time limit of {limit} s");
    if let Some(words) = piloting::told(opened)? {
        return Ok(Some(format!("{words}; {at_most}")));
    }
    Ok(Some(format!("about ${usual:.2}, a guess before a pilot; {at_most}")))
}

/// What asking models came to, by the ledger.
fn written(opened: &Opened) -> Result<f64, Failure> {
    if opened.models().is_empty() {
        return Ok(0.0);
    }
    let records = generating::records(opened)?;
    let paid = records.entries().iter().filter_map(|entry| match &entry.what {
        What::Outcome(outcome) => outcome.cost_usd(),
        _ => None,
    });
    Ok(paid.sum())
}
