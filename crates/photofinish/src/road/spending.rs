//! What a study on AWS has cost so far by its own books, and whether its next round may begin. AWS
//! bills hours late, so a study that is to keep to a limit must count for itself.

use std::collections::HashMap;
use std::sync::Arc;

use photofinish_analyse::price::{PriceBook, gb_seconds};
use photofinish_generate::ledger::What;
use photofinish_journal::{Journal, Reader};
use photofinish_measure::{Guard, Racer};
use photofinish_study::record::{Invocation, Verification};
use photofinish_study::{Counts, Deployment, Phase, Platform};

use crate::failure::Failure;
use crate::road::Site;
use crate::road::generating;
use crate::road::opening::Opened;
use crate::road::reporting::price_book;

/// What one call writes to the log, in GB: START, END and REPORT, and as much again.
const LOGGED_GB: f64 = 1e-6;

/// What such functions usually take, and their inits, before any was run.
const USUAL_MS: f64 = 150.0;
const USUAL_INIT_MS: f64 = 700.0;

/// The money of a race.
pub(crate) struct Spending<'a> {
    opened: &'a Opened,
    journal: &'a Journal,
    limit_usd: f64,
    rates: Rates,
    racers: &'a [Racer],
    /// What asking models had cost before the race.
    written_usd: f64,
}

impl<'a> Spending<'a> {
    /// Of a study on AWS with a budget; nothing else is counted.
    pub(crate) fn of(site: &Site<'a>, racers: &'a [Racer]) -> Result<Option<Self>, Failure> {
        let Site { opened, journal, .. } = *site;
        let Some(budget) = &opened.study.budget else { return Ok(None) };
        if opened.platform() != Platform::Aws {
            return Ok(None);
        }
        let timeout_ms = f64::from(opened.study.timeout_s) * 1e3;
        let rates = Rates { book: price_book()?, timeout_ms };
        let (limit_usd, written_usd) = (budget.limit_usd, written(opened)?);
        Ok(Some(Self { opened, journal, limit_usd, rates, racers, written_usd }))
    }
}

impl Guard for Spending<'_> {
    fn may_begin(&self, phase: Phase) -> Result<Result<(), String>, photofinish_journal::Error> {
        let reader = Reader::of(self.journal);
        let calls = reader.invocations()?;
        let judgements = reader.judgements()?;
        let checks: Vec<&Verification> = judgements.iter().map(|it| &it.verification).collect();
        let means = self.rates.means(&calls);
        let spent =
            self.written_usd + self.rates.spent(&calls) + self.rates.checked(&checks, &means);
        let counts = self.opened.plan.counts;
        let ahead: f64 = self
            .racers
            .iter()
            .map(|racer| {
                let calls = calls_of(racer, counts, phase, self.opened.study.flow.len());
                calls * self.rates.expected(&racer.lane.deployment, &means)
            })
            .sum();
        if spent + ahead <= self.limit_usd {
            return Ok(Ok(()));
        }
        Ok(Err(format!(
            "the next round may cost ${ahead:.4}, and of the budget of ${:.2} about ${spent:.4} is \
             spent",
            self.limit_usd
        )))
    }
}

/// What running the race on AWS may cost, before it is run; nothing of a study that runs elsewhere.
pub(crate) fn foreseen(opened: &Opened) -> Result<Option<String>, Failure> {
    if opened.platform() != Platform::Aws || opened.study.spike {
        return Ok(None);
    }
    let timeout_ms = f64::from(opened.study.timeout_s) * 1e3;
    let rates = Rates { book: price_book()?, timeout_ms };
    let known = match Reader::open(&opened.directory) {
        Ok(reader) => reader.invocations().map_err(|error| Failure::usage(&error))?,
        Err(_) => Vec::new(),
    };
    let means = rates.means(&known);
    #[expect(clippy::cast_precision_loss, reason = "a guess, or a bound")]
    let (calls, starts) =
        (opened.plan.total_invocations(1) as f64, opened.plan.total_cold_starts(1) as f64);
    let (mut usual, mut most) = (0.0, 0.0);
    for deployment in opened.plan.deployments.iter().filter(|d| opened.races_here(d)) {
        let guess = rates.call(deployment, USUAL_MS) + starts / calls * rates.init(deployment);
        usual += calls * means.get(deployment).copied().unwrap_or(guess);
        most += calls * rates.at_most(deployment);
    }
    let by = if means.is_empty() { "a guess before anything was run" } else { "by what was run" };
    Ok(Some(format!(
        "about ${usual:.2}, {by}; ${most:.2} if every call ran into its time limit of {} s",
        opened.study.timeout_s
    )))
}

/// Calls of a round; at the most, where a function is not raced in every flow.
fn calls_of(racer: &Racer, counts: Counts, phase: Phase, flows: usize) -> f64 {
    let passes = match phase {
        Phase::Stages => counts.stages + counts.warm_up,
        _ => counts.blocks * u32::try_from(flows).unwrap_or(u32::MAX) + counts.warm_up,
    };
    f64::from(passes) * f64::from(u32::try_from(racer.lane.functions.len()).unwrap_or(u32::MAX))
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

/// What calls cost.
struct Rates {
    book: PriceBook,
    /// The longest that a call can take, and be charged for.
    timeout_ms: f64,
}

/// What a call of each deployment costs on average, where any was answered.
type Means = HashMap<Arc<Deployment>, f64>;

impl Rates {
    /// What comes with every call beside its own price: reading and writing an object on either
    /// side, and its lines in the log.
    fn beside(&self) -> f64 {
        let PriceBook { s3, logs, .. } = &self.book;
        s3.put.of(2.0) + s3.get.of(2.0) + logs.ingestion.of(LOGGED_GB)
    }

    fn call(&self, deployment: &Deployment, billed_ms: f64) -> f64 {
        let target = deployment.target;
        self.book.call_usd(target.architecture, target.memory_mb, billed_ms) + self.beside()
    }

    /// What an init adds to a call: it is billed like the call itself.
    fn init(&self, deployment: &Deployment) -> f64 {
        let target = deployment.target;
        let duration = self.book.duration(target.architecture);
        duration.of(gb_seconds(target.memory_mb, USUAL_INIT_MS))
    }

    /// One whose end nobody knows may have run until it was stopped.
    fn at_most(&self, deployment: &Deployment) -> f64 {
        self.call(deployment, self.timeout_ms)
    }

    fn spent(&self, calls: &[Invocation]) -> f64 {
        let of = |call: &Invocation| {
            let deployment = &call.at.deployment;
            call.billed_ms.map_or_else(|| self.at_most(deployment), |ms| self.call(deployment, ms))
        };
        calls.iter().map(of).sum()
    }

    fn means(&self, calls: &[Invocation]) -> Means {
        let mut sums: HashMap<Arc<Deployment>, (f64, f64)> = HashMap::new();
        for call in calls {
            let Some(billed_ms) = call.billed_ms else { continue };
            let (sum, n) = sums.entry(Arc::clone(&call.at.deployment)).or_default();
            *sum += self.call(&call.at.deployment, billed_ms);
            *n += 1.0;
        }
        sums.into_iter().map(|(deployment, (sum, n))| (deployment, sum / n)).collect()
    }

    /// What a call is expected to cost; before any was answered, the most that it can.
    fn expected(&self, deployment: &Deployment, means: &Means) -> f64 {
        means.get(deployment).copied().unwrap_or_else(|| self.at_most(deployment))
    }

    /// Trials are not timed: each counts as such a call is expected to cost.
    fn checked(&self, checks: &[&Verification], means: &Means) -> f64 {
        checks.iter().map(|check| self.expected(&check.deployment, means)).sum()
    }
}

#[cfg(test)]
mod tests {
    use photofinish_study::record::{Position, Status};
    use photofinish_study::{Flow, Name};

    use super::*;

    const TIMEOUT_MS: f64 = 60_000.0;

    fn rates() -> Rates {
        let book = PriceBook::parse("book", photofinish_assets::PRICES).unwrap();
        Rates { book, timeout_ms: TIMEOUT_MS }
    }

    fn call(billed_ms: Option<f64>) -> Invocation {
        let deployment: Deployment = "gpt-5/1@aws/x86_64/1769".parse().unwrap();
        let name = |text| Name::new(text).unwrap();
        let at = Position {
            round: 1,
            session: 1,
            block: 1,
            position: 1,
            pass: 1,
            phase: Phase::Race,
            flow: Flow::Chained,
            deployment: Arc::new(deployment),
            model: None,
            image: name("harbour"),
        };
        Invocation {
            at: Arc::new(at),
            function: name("resize"),
            state: None,
            started_at: "2026-11-25T00:00:00.000Z".into(),
            sent_ms: None,
            client_ms: None,
            duration_ms: billed_ms,
            billed_ms,
            init_ms: None,
            max_memory_mb: None,
            cpu_ms: None,
            import_ms: None,
            download_ms: None,
            compute_ms: None,
            upload_ms: None,
            input_bytes: None,
            output_bytes: None,
            s3_requests: None,
            sandbox: None,
            cpu_model: None,
            status: Status(Status::OK.into()),
            error: None,
            output_sha256: None,
            cost_usd: None,
        }
    }

    #[test]
    fn a_call_in_doubt_counts_as_one_that_ran_into_its_time_limit() {
        let rates = rates();
        let (doubtful, late) = (rates.spent(&[call(None)]), rates.spent(&[call(Some(TIMEOUT_MS))]));
        assert!((doubtful - late).abs() < 1e-15);
        // 60 s × 1.7275… GB at $0.0000166667, a request, two PUTs, two GETs, a KB of log.
        let by_hand =
            60.0 * 1769.0 / 1024.0 * 0.000_016_666_7 + 2e-7 + 2.0 * 5e-6 + 2.0 * 4e-7 + 0.5e-6;
        assert!((doubtful - by_hand).abs() < 1e-9, "{doubtful} {by_hand}");
    }

    #[test]
    fn what_was_measured_takes_the_place_of_the_worst_case() {
        let rates = rates();
        let deployment = Arc::clone(&call(None).at.deployment);
        let before = rates.expected(&deployment, &rates.means(&[call(None)]));
        let after = rates.expected(&deployment, &rates.means(&[call(Some(300.0)), call(None)]));
        assert!((before - rates.at_most(&deployment)).abs() < 1e-15);
        assert!((after - rates.call(&deployment, 300.0)).abs() < 1e-15 && after < before / 50.0);
    }
}
