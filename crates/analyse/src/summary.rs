//! The summary: location, spread and certainty of everything that was measured.
//!
//! What is summed up: *race* rows whose status is `ok`; beside them the cold starts of the
//! *warm-up* (metric `init`) and the stage times of the *stages* passes (`import`, `download`,
//! `compute`, `upload`, `cpu`). Cold, proactive and warm stay apart. The part `pipeline` is a
//! whole pass: the sums of its functions' `duration`, `billed`, `client` and `output_bytes`, and
//! its `turnaround`, the latest `sent_ms` + `client_ms` of its invocations in seconds. A sum is
//! taken only where every function of the plan succeeded once and has the figure; a pass is `ok`
//! if all its invocations are, and its state is that of its least warm invocation.
//!
//! A row for one picture, over its n values:
//! - `mean` x̄; `sd` is the sample's (ddof = 1); `cv` = sd / mean; `sd_raw`, `cv_raw` are the same;
//! - `median`, `p95`, `p99`: quantiles of type 7;
//! - `rounds`: the rounds behind the interval; `ci_low`, `ci_high`: the 95 % interval on the mean
//!   from *round means* m₁…m_R: m̄ ± t(R − 1)·s_m/√R. Calls in one sandbox share its luck, so n
//!   plays no part; with one round there is no interval.
//!
//! A row for `all` pictures:
//! - `mean`: mean of the pictures' means; `sd`: pooled within pictures, √(Σ(nᵢ − 1)sᵢ² / Σ(nᵢ − 1));
//!   `cv` = sd / mean;
//! - `sd_raw`, `cv_raw`, `median`, `p95`, `p99`: over all values as if of one picture;
//! - the interval as above, a round's mean being the mean of its pictures' means; only rounds that
//!   have a value of every picture are used.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use photofinish_study::record::Invocation;
use photofinish_study::{Deployment, Flow, Name, Phase, State, word};

use crate::planned::Planned;
use crate::race::{Images, Part, Race};
use crate::spread::{mean, pooled_sd, quantile, sample_sd};
use crate::student::{Interval, mean_interval};

word! {
    /// What was measured.
    Metric, "metric":
    /// REPORT's Duration.
    Duration = "duration",
    /// REPORT's Billed Duration.
    Billed = "billed",
    /// Request sent to response received.
    Client = "client",
    /// First request sent to last response received, of a whole pass.
    Turnaround = "turnaround",
    /// REPORT's Max Memory Used.
    MaxMemory = "max_memory",
    /// Size of what was written; of a pass, by all its functions.
    OutputBytes = "output_bytes",
    /// REPORT's Init Duration.
    Init = "init",
    /// From a state machine's start to its end, by the platform's clock; of a pass that is one.
    Execution = "execution",
    /// Inspector: importing the function's module.
    Import = "import",
    /// Inspector: reading from S3.
    Download = "download",
    /// Inspector: the rest of the handler.
    Compute = "compute",
    /// Inspector: writing to S3.
    Upload = "upload",
    /// Inspector: CPU time of the call.
    Cpu = "cpu",
}

impl Metric {
    /// The unit its figures are in.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Turnaround => "s",
            Self::MaxMemory => "MB",
            Self::OutputBytes => "B",
            _ => "ms",
        }
    }
}

/// A row of `summary.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryRow {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Whose outputs it was given.
    pub flow: Flow,
    /// Which function, or the pipeline.
    pub part: Part,
    /// Which picture, or all.
    pub images: Images,
    /// What was measured.
    pub metric: Metric,
    /// Cold, proactive or warm.
    pub state: Option<State>,
    /// How many round means the interval rests on.
    pub rounds: u64,
    /// How many values.
    pub n: u64,
    /// See the module's page.
    pub mean: f64,
    /// Spread within a picture.
    pub sd: Option<f64>,
    /// The same, over the mean.
    pub cv: Option<f64>,
    /// Spread over everything.
    pub sd_raw: Option<f64>,
    /// The same, over the mean of everything.
    pub cv_raw: Option<f64>,
    /// The 50 % quantile.
    pub median: f64,
    /// The 95 % quantile.
    pub p95: f64,
    /// The 99 % quantile.
    pub p99: f64,
    /// 95 % interval on the mean, from round means.
    pub interval: Option<Interval>,
}

/// How the race's attempts at one part ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Whose outputs it was given.
    pub flow: Flow,
    /// Which function, or the pipeline for whole passes.
    pub part: Part,
    /// Ended well.
    pub ok: u64,
    /// Ended otherwise, by status.
    pub failed: BTreeMap<Arc<str>, u64>,
    /// Ended well but without a REPORT (no duration); never for passes.
    pub without_report: u64,
    /// Ended well but found the sandbox cold or proactive.
    pub not_warm: u64,
}

/// Position of a deployment and of a part in their order, so that rows sort as the study does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    deployment: usize,
    flow: Flow,
    part: usize,
    metric: Metric,
    state: Option<State>,
}

/// The values of one picture, each with its round.
type Values = Vec<(u32, f64)>;

/// Sums up everything; rows in the order of deployment, flow, part, metric, state, picture.
#[must_use]
pub fn summarise(race: Race<'_>, planned: &Planned) -> Vec<SummaryRow> {
    let mut table = Table::new(planned);
    for call in race.invocations().filter(|call| call.status.is_ok()) {
        for (metric, value) in figures(call) {
            table.add(call, metric, value);
        }
    }
    for whole in race.good_passes(planned.functions.len()) {
        let at = &whole.pass.at;
        for (metric, value) in [
            (Metric::Duration, whole.duration_ms),
            (Metric::Billed, whole.billed_ms),
            (Metric::Client, whole.client_ms),
            (Metric::Turnaround, whole.turnaround_s),
            (Metric::OutputBytes, whole.output_bytes.map(|bytes| bytes as f64)),
            (Metric::Execution, whole.execution.and_then(|of| of.duration_ms)),
        ] {
            let part = planned.functions.len();
            let key = table.key(&at.deployment, at.flow, part, metric, whole.pass.state);
            table.put(key, &at.image, at.round, value);
        }
    }
    table.rows(planned)
}

/// Which figures of an invocation are summed up depends on why it was made.
fn figures(call: &Invocation) -> Vec<(Metric, Option<f64>)> {
    match call.at.phase {
        Phase::Race => vec![
            (Metric::Duration, call.duration_ms),
            (Metric::Billed, call.billed_ms),
            (Metric::Client, call.client_ms),
            (Metric::MaxMemory, call.max_memory_mb),
            (Metric::OutputBytes, call.output_bytes.map(|bytes| bytes as f64)),
        ],
        Phase::WarmUp if call.state == Some(State::Cold) => vec![(Metric::Init, call.init_ms)],
        Phase::Stages => vec![
            (Metric::Import, call.import_ms),
            (Metric::Download, call.download_ms),
            (Metric::Compute, call.compute_ms),
            (Metric::Upload, call.upload_ms),
            (Metric::Cpu, call.cpu_ms),
        ],
        Phase::WarmUp | Phase::Pilot => vec![],
    }
}

struct Table {
    deployments: Vec<Arc<Deployment>>,
    places: HashMap<Arc<Deployment>, usize>,
    parts: HashMap<Name, usize>,
    groups: BTreeMap<Key, BTreeMap<Name, Values>>,
}

impl Table {
    fn new(planned: &Planned) -> Self {
        let deployments = planned.deployments.clone();
        let places = deployments.iter().cloned().enumerate().map(|(i, d)| (d, i)).collect();
        let parts = planned.functions.iter().cloned().enumerate().map(|(i, f)| (f, i)).collect();
        Self { deployments, places, parts, groups: BTreeMap::new() }
    }

    fn key(
        &mut self,
        deployment: &Arc<Deployment>,
        flow: Flow,
        part: usize,
        metric: Metric,
        state: Option<State>,
    ) -> Key {
        let place = self.places.get(deployment).copied().unwrap_or_else(|| {
            self.deployments.push(Arc::clone(deployment));
            self.places.insert(Arc::clone(deployment), self.deployments.len() - 1);
            self.deployments.len() - 1
        });
        Key { deployment: place, flow, part, metric, state }
    }

    /// A function that the plan does not know is none of the study's and is left out.
    fn add(&mut self, call: &Invocation, metric: Metric, value: Option<f64>) {
        let Some(&part) = self.parts.get(&call.function) else { return };
        let key = self.key(&call.at.deployment, call.at.flow, part, metric, call.state);
        self.put(key, &call.at.image, call.at.round, value);
    }

    fn put(&mut self, key: Key, image: &Name, round: u32, value: Option<f64>) {
        let Some(value) = value.filter(|value| value.is_finite()) else { return };
        let group = self.groups.entry(key).or_default();
        match group.get_mut(image) {
            Some(values) => values.push((round, value)),
            None => drop(group.insert(image.clone(), vec![(round, value)])),
        }
    }

    fn rows(self, planned: &Planned) -> Vec<SummaryRow> {
        let mut rows = Vec::new();
        for (key, pictures) in &self.groups {
            let mut push = |images: Images, figures: Figures| {
                let part = planned.functions.get(key.part).cloned();
                rows.push(figures.row(&self.deployments[key.deployment], *key, part, images));
            };
            for (image, values) in pictures {
                let one = Figures::of(&[values]);
                one.into_iter().for_each(|one| push(Images::One(image.clone()), one));
            }
            let every: Vec<&Values> = pictures.values().collect();
            Figures::of(&every).into_iter().for_each(|all| push(Images::All, all));
        }
        rows
    }
}

/// The figures of a row.
struct Figures {
    rounds: u64,
    n: u64,
    mean: f64,
    sd: Option<f64>,
    sd_raw: Option<f64>,
    raw_mean: f64,
    quantiles: [f64; 3],
    interval: Option<Interval>,
}

impl Figures {
    /// Of one picture or more; none without a value.
    fn of(pictures: &[&Values]) -> Option<Self> {
        let values: Vec<Vec<f64>> =
            pictures.iter().map(|picture| picture.iter().map(|&(_, x)| x).collect()).collect();
        let means: Vec<f64> = values.iter().filter_map(|values| mean(values)).collect();
        let mut everything = values.concat();
        let raw_mean = mean(&everything)?;
        let sd_raw = sample_sd(&everything);
        everything.sort_by(f64::total_cmp);
        let rounds: Vec<f64> = round_means(pictures).into_values().collect();
        let at = |p| quantile(&everything, p);
        Some(Self {
            rounds: rounds.len() as u64,
            n: everything.len() as u64,
            mean: mean(&means)?,
            sd: pooled_sd(values.iter().map(Vec::as_slice)),
            sd_raw,
            raw_mean,
            quantiles: [at(0.5)?, at(0.95)?, at(0.99)?],
            interval: mean_interval(&rounds),
        })
    }

    fn row(
        self,
        deployment: &Arc<Deployment>,
        key: Key,
        function: Option<Name>,
        images: Images,
    ) -> SummaryRow {
        let over = |sd: Option<f64>, mean: f64| sd.map(|sd| sd / mean).filter(|cv| cv.is_finite());
        SummaryRow {
            deployment: Arc::clone(deployment),
            flow: key.flow,
            part: function.map_or(Part::Pipeline, Part::Function),
            images,
            metric: key.metric,
            state: key.state,
            rounds: self.rounds,
            n: self.n,
            mean: self.mean,
            sd: self.sd,
            cv: over(self.sd, self.mean),
            sd_raw: self.sd_raw,
            cv_raw: over(self.sd_raw, self.raw_mean),
            median: self.quantiles[0],
            p95: self.quantiles[1],
            p99: self.quantiles[2],
            interval: self.interval,
        }
    }
}

/// For each round that has a value of every picture, the mean of the pictures' means in it.
fn round_means(pictures: &[&Values]) -> BTreeMap<u32, f64> {
    let mut cells: BTreeMap<u32, Vec<Vec<f64>>> = BTreeMap::new();
    for (place, picture) in pictures.iter().enumerate() {
        for &(round, value) in *picture {
            let cell = cells.entry(round).or_insert_with(|| vec![vec![]; pictures.len()]);
            cell[place].push(value);
        }
    }
    let of_round = |cell: Vec<Vec<f64>>| {
        let means: Option<Vec<f64>> = cell.iter().map(|values| mean(values)).collect();
        mean(&means?)
    };
    cells.into_iter().filter_map(|(round, cell)| Some((round, of_round(cell)?))).collect()
}

/// Counts how the race's attempts ended, in the order of deployment, flow and part.
#[must_use]
pub fn attempts(race: Race<'_>, planned: &Planned) -> Vec<Attempts> {
    let mut counts: BTreeMap<(usize, Flow, usize), Attempts> = BTreeMap::new();
    let mut table = Table::new(planned);
    let mut count = |deployment: &Arc<Deployment>, flow, part: Option<&Name>, end: End<'_>| {
        let part = part.map_or(Some(planned.functions.len()), |f| table.parts.get(f).copied());
        let Some(part) = part else { return };
        let key = table.key(deployment, flow, part, Metric::Duration, None);
        let entry = counts.entry((key.deployment, flow, part)).or_insert_with(|| Attempts {
            deployment: Arc::clone(deployment),
            flow,
            part: planned.functions.get(part).cloned().map_or(Part::Pipeline, Part::Function),
            ok: 0,
            failed: BTreeMap::new(),
            without_report: 0,
            not_warm: 0,
        });
        entry.count(end);
    };
    for call in race.invocations().filter(|call| call.at.phase == Phase::Race) {
        let end = End {
            status: &call.status.0,
            ok: call.status.is_ok(),
            report: call.duration_ms.is_some(),
            state: call.state,
        };
        count(&call.at.deployment, call.at.flow, Some(&call.function), end);
    }
    for pass in race.passes().filter(|pass| pass.at.phase == Phase::Race) {
        let end = End {
            status: &pass.status.0,
            ok: pass.status.is_ok(),
            report: true,
            state: pass.state,
        };
        count(&pass.at.deployment, pass.at.flow, None, end);
    }
    counts.into_values().collect()
}

/// How one attempt ended.
struct End<'a> {
    status: &'a Arc<str>,
    ok: bool,
    report: bool,
    state: Option<State>,
}

impl Attempts {
    fn count(&mut self, end: End<'_>) {
        if !end.ok {
            *self.failed.entry(Arc::clone(end.status)).or_default() += 1;
            return;
        }
        self.ok += 1;
        self.without_report += u64::from(!end.report);
        self.not_warm += u64::from(end.state.is_some_and(|state| state != State::Warm));
    }
}

/// The processors that a deployment's race ran on, each with how many of its good calls; the one
/// with the most first.
pub type CpuMix = Vec<(Arc<str>, u64)>;

/// The mix of processors behind each deployment's figures.
#[must_use]
pub fn cpu_models(race: Race<'_>) -> BTreeMap<Arc<Deployment>, CpuMix> {
    let mut seen: BTreeMap<Arc<Deployment>, BTreeMap<Arc<str>, u64>> = BTreeMap::new();
    for call in race.good_calls() {
        let models = seen.entry(Arc::clone(&call.at.deployment)).or_default();
        if let Some(model) = &call.cpu_model {
            *models.entry(Arc::clone(model)).or_default() += 1;
        }
    }
    let sorted = |models: BTreeMap<Arc<str>, u64>| {
        let mut models: CpuMix = models.into_iter().collect();
        models.sort_by_key(|(_, calls)| std::cmp::Reverse(*calls));
        models
    };
    seen.into_iter().map(|(deployment, models)| (deployment, sorted(models))).collect()
}

/// How a deployment's sandboxes were started, in the warm-up and the race.
#[derive(Debug, Clone, PartialEq)]
pub struct Starts {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Calls that waited for an init.
    pub cold: u64,
    /// First calls in sandboxes that had been initialised before them.
    pub proactive: u64,
    /// How much of all the time billed was the init of cold calls.
    pub init_share: Option<f64>,
}

/// Counts starts, in the order of deployments.
#[must_use]
pub fn starts(race: Race<'_>, planned: &Planned) -> Vec<Starts> {
    let of = |deployment: &Arc<Deployment>| {
        let calls: Vec<&Invocation> = race
            .invocations()
            .filter(|call| matches!(call.at.phase, Phase::WarmUp | Phase::Race))
            .filter(|call| call.at.deployment == *deployment)
            .collect();
        let count = |state| calls.iter().filter(|call| call.state == Some(state)).count() as u64;
        let billed: f64 = calls.iter().filter_map(|call| call.billed_ms).sum();
        let cold = calls.iter().filter(|call| call.state == Some(State::Cold));
        let init: f64 =
            cold.filter(|call| call.billed_ms.is_some()).filter_map(|c| c.init_ms).sum();
        Starts {
            deployment: Arc::clone(deployment),
            cold: count(State::Cold),
            proactive: count(State::Proactive),
            // Where nothing was cold, nothing is known of inits: no init is not a cheap one.
            init_share: (billed > 0.0 && init > 0.0).then(|| init / billed),
        }
    };
    let all = planned.deployments.iter().map(of);
    all.filter(|starts| starts.cold + starts.proactive > 0).collect()
}
