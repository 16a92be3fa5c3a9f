//! What it costs: before, by what was measured or a guess; after, by what was billed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use photofinish_analyse::price::{PriceBook, gb_seconds};
use photofinish_cloud::Usage;
use photofinish_journal::Reader;
use photofinish_study::{Deployment, Lane, Name, Phase, Target};
use serde_json::{Value, json};

use super::batches::Shape;
use super::execution::Run;
use crate::failure::Failure;
use crate::progress::counted;
use crate::road::opening::Opened;

/// What such a function usually takes, and its init, before any was run.
const USUAL_MS: f64 = 150.0;
const USUAL_INIT_MS: f64 = 700.0;
/// What one call writes to the log, in GB: START, END and REPORT, and as much again.
const LOGGED_GB: f64 = 1e-6;
/// What an Express workflow of forty small images is charged for: two chunks of 64 MB.
const EXPRESS_GB: f64 = 0.125;
/// What AWS rounds the time of an Express workflow up to.
const EXPRESS_STEP_S: f64 = 0.1;
/// Reports come seconds late; so long they are waited for.
const LATE: Duration = Duration::from_secs(60);

/// What the time of the functions is taken from.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    /// Milliseconds billed for one warm call of each function that was measured.
    means: HashMap<Name, f64>,
    /// How many calls that rests on.
    calls: u64,
}

impl Basis {
    /// What a study has measured of this deployment on AWS, if it has.
    pub(super) fn of(opened: &Opened, deployment: &Deployment) -> Result<Self, Failure> {
        let known = match Reader::open(&opened.directory) {
            Ok(reader) => reader.invocations().map_err(|error| Failure::usage(&error))?,
            Err(_) => Vec::new(),
        };
        let mut sums: HashMap<Name, (f64, u64)> = HashMap::new();
        for call in known.iter().filter(|call| {
            call.at.phase == Phase::Race
                && *call.at.deployment == *deployment
                && call.init_ms.is_none()
        }) {
            let Some(billed_ms) = call.billed_ms else { continue };
            let (sum, n) = sums.entry(call.function.clone()).or_default();
            *sum += billed_ms;
            *n += 1;
        }
        let calls = sums.values().map(|(_, n)| n).sum();
        #[expect(clippy::cast_precision_loss, reason = "a count of calls")]
        let means = sums.into_iter().map(|(name, (sum, n))| (name, sum / n as f64)).collect();
        Ok(Self { means, calls })
    }

    fn billed_ms(&self, function: &Name) -> f64 {
        self.means.get(function).copied().unwrap_or(USUAL_MS)
    }

    fn words(&self) -> String {
        match self.calls {
            0 => format!("a guess of {USUAL_MS} ms a call before anything was run"),
            n => format!(
                "by the mean of {}",
                counted(usize::try_from(n).unwrap_or(usize::MAX), "call")
            ),
        }
    }
}

/// What it costs, term by term, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Terms {
    compute: f64,
    init: f64,
    requests: f64,
    objects: f64,
    logs: f64,
    orchestration: f64,
}

impl Terms {
    fn total(&self) -> f64 {
        self.compute + self.init + self.requests + self.objects + self.logs + self.orchestration
    }

    fn named(&self) -> [(&'static str, f64); 6] {
        [
            ("compute", self.compute),
            ("init", self.init),
            ("requests", self.requests),
            ("s3", self.objects),
            ("logs", self.logs),
            ("orchestration", self.orchestration),
        ]
    }

    fn as_json(&self) -> Value {
        let mut all: serde_json::Map<String, Value> =
            self.named().iter().map(|(name, usd)| (format!("{name}_usd"), json!(usd))).collect();
        all.insert("total_usd".to_owned(), json!(self.total()));
        all.into()
    }
}

/// What is asked where the functions run.
struct Rates {
    book: PriceBook,
    target: Target,
    functions: f64,
}

impl Rates {
    fn of(opened: &Opened) -> Result<Self, Failure> {
        let target = opened.plan.deployments[0].target;
        #[expect(clippy::cast_precision_loss, reason = "five")]
        let functions = opened.plan.functions.len() as f64;
        Ok(Self { book: opened.book.clone(), target, functions })
    }

    fn time(&self, billed_ms: f64) -> f64 {
        self.book
            .duration(self.target.architecture)
            .of(gb_seconds(self.target.memory_mb, billed_ms))
    }

    /// Everything but the functions' own time, for so many images.
    fn beside(&self, images: f64, shape: Shape, pass_ms: f64) -> Terms {
        let calls = images * self.functions;
        Terms {
            requests: self.book.lambda.requests.of(calls),
            // Each call reads and writes one; a thousand keys are listed by one request, thrice,
            // which is priced as a PUT.
            objects: self.book.s3.put.of(calls + (images / 1000.0).ceil() * 3.0)
                + self.book.s3.get.of(calls),
            logs: self.book.logs.ingestion.of(calls * LOGGED_GB),
            orchestration: self.orchestration(shape, pass_ms),
            ..Terms::default()
        }
    }

    /// A batch is one Express workflow, and is counted as a transition of its parent's too: AWS
    /// does not say that starting it is none.
    #[expect(clippy::cast_precision_loss, reason = "a count of batches")]
    fn orchestration(&self, shape: Shape, pass_ms: f64) -> f64 {
        let batches = shape.batches() as f64;
        let seconds = (pass_ms / 1e3 / EXPRESS_STEP_S).ceil() * EXPRESS_STEP_S;
        self.other("step functions express request", batches)
            + self.other("step functions express duration", batches * seconds * EXPRESS_GB)
            + self.other("step functions standard transition", batches + 2.0)
    }

    fn other(&self, name: &str, amount: f64) -> f64 {
        let prices = self.book.prices();
        let price = prices.iter().find(|(known, _)| *known == name);
        price.expect("the bundled book has it").1.of(amount)
    }
}

/// What so many pictures are expected to cost.
#[derive(Debug, Clone)]
pub(super) struct Estimate {
    deployment: String,
    shape: Shape,
    terms: Terms,
    /// If every call ran into its time limit.
    pub(super) at_most: f64,
    basis: String,
    timeout_s: u32,
    prices: String,
}

impl Estimate {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(super) fn of(opened: &Opened, basis: &Basis, shape: Shape) -> Result<Self, Failure> {
        let rates = Rates::of(opened)?;
        let images = shape.pictures as f64;
        let functions = &opened.plan.functions;
        let billed: Vec<f64> = functions.iter().map(|one| basis.billed_ms(&one.name)).collect();
        let pass_ms: f64 = billed.iter().sum();
        let sandboxes = shape.at_once() as f64 * rates.functions;
        let terms = Terms {
            compute: images * billed.iter().map(|ms| rates.time(*ms)).sum::<f64>(),
            init: sandboxes * rates.time(USUAL_INIT_MS),
            ..rates.beside(images, shape, pass_ms)
        };
        let timeout_ms = f64::from(opened.study.timeout_s) * 1e3;
        let longest = Terms {
            compute: images * rates.functions * rates.time(timeout_ms),
            init: sandboxes * rates.time(USUAL_INIT_MS),
            ..rates.beside(images, shape, rates.functions * timeout_ms)
        };
        Ok(Self {
            deployment: opened.plan.deployments[0].to_string(),
            shape,
            terms,
            at_most: longest.total(),
            basis: basis.words(),
            timeout_s: opened.study.timeout_s,
            prices: rates.book.date,
        })
    }

    pub(super) fn total(&self) -> f64 {
        self.terms.total()
    }

    pub(super) fn as_json(&self, made: u64) -> Value {
        let Shape { pictures, in_a_batch, batches_at_once } = self.shape;
        json!({
            "deployment": self.deployment,
            "images": pictures,
            "made_before": made,
            "batches": self.shape.batches(),
            "images_in_a_batch": in_a_batch,
            "batches_at_once": batches_at_once,
            "images_at_once": self.shape.at_once(),
            "estimate": self.terms.as_json(),
            "at_most_usd": self.at_most,
            "basis": self.basis,
            "price_date": self.prices,
        })
    }

    pub(super) fn as_text(&self, made: u64) -> String {
        let row = |what: &str, value: String| format!("{what:<13} {value}\n");
        let shape = self.shape;
        let mut text = row("deployment", self.deployment.clone());
        let there = if made > 0 { format!(", {made} are there already") } else { String::new() };
        text += &row("images", format!("{}{there}", shape.pictures));
        let batches = format!(
            "{} of {} images, {} images at a time",
            shape.batches(),
            shape.in_a_batch,
            shape.at_once()
        );
        text += &row("batches", batches);
        let total = format!("about ${:.4}, {}", self.total(), self.basis);
        text += &row("cost", total);
        for (name, usd) in self.terms.named() {
            text += &row("", format!("${usd:.4} {name}"));
        }
        let most = format!(
            "${:.2}, if every call ran into its time limit of {} s",
            self.at_most, self.timeout_s
        );
        text += &row("at most", most);
        text + &row("prices", format!("of {}, without free tiers", self.prices))
    }
}

/// What was billed.
#[derive(Debug, Clone)]
pub(super) struct Spent {
    terms: Terms,
    calls: u64,
    reported: u64,
}

impl Spent {
    pub(super) fn as_json(&self) -> Value {
        let mut all = self.terms.as_json();
        all["calls_expected"] = json!(self.calls);
        all["calls_reported"] = json!(self.reported);
        all
    }

    pub(super) fn as_text(&self) -> String {
        let mut text = format!(
            "${:.4}: ${:.4} of billed time, ${:.4} of orchestration, ${:.4} of all else",
            self.terms.total(),
            self.terms.compute,
            self.terms.orchestration,
            self.terms.total() - self.terms.compute - self.terms.orchestration,
        );
        if self.reported < self.calls {
            text += &format!(
                "; of {} calls {} are not in the logs yet, and counted at the mean of the others",
                self.calls,
                self.calls - self.reported
            );
        }
        text
    }
}

/// What an execution has cost, by the REPORT lines of its functions; it is waited for those that
/// come late.
#[expect(clippy::cast_precision_loss, reason = "counts")]
pub(super) async fn spent(
    run: &Run<'_>,
    lane: &Lane,
    basis: &Basis,
    shape: Shape,
    since_ms: i64,
) -> Result<Spent, Failure> {
    let rates = Rates::of(run.site.opened)?;
    let (mut compute, mut reported, mut pass_ms) = (0.0, 0, 0.0);
    for function in &lane.functions {
        let usage = reports(run, &function.deployed_as, shape.pictures, since_ms).await?;
        let mean = match usage.calls {
            0 => basis.billed_ms(&function.name),
            n => usage.billed_ms / n as f64,
        };
        let missing = shape.pictures.saturating_sub(usage.calls) as f64;
        compute += rates.time(usage.billed_ms) + missing * rates.time(mean);
        pass_ms += mean;
        reported += usage.calls.min(shape.pictures);
    }
    let images = shape.pictures as f64;
    let calls = shape.pictures * lane.functions.len() as u64;
    let terms = Terms { compute, ..rates.beside(images, shape, pass_ms) };
    Ok(Spent { terms, calls, reported })
}

/// The reports of a function, all of them or as many as there are after a while.
async fn reports(
    run: &Run<'_>,
    function: &str,
    calls: u64,
    since_ms: i64,
) -> Result<Usage, Failure> {
    let began = Instant::now();
    let mut before = None;
    loop {
        let found = run.cloud.usage(function, since_ms).await;
        let found = found.map_err(|error| Failure::provider(&error))?;
        // Where a function failed, those after it were not called: no more come then.
        if found.calls >= calls || before == Some(found.calls) || began.elapsed() > LATE {
            return Ok(found);
        }
        before = Some(found.calls);
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
}
