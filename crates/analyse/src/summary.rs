//! `summary.csv`: mean, spread and quantiles of everything that was measured.
//!
//! A row for each image, and one called `all`: its mean is the mean of the image means, its `sd`
//! is pooled within images (the square root of the mean variance, weighed by degrees of freedom),
//! `sd_raw` and `cv_raw` are over all values as they are, and its quantiles too. Intervals are
//! Student's t over round means, since calls in one sandbox share its luck; with one round there
//! is none. Only race rows that are right are summed up; init times come from the cold calls of
//! the warm-up, and stage times from the passes of their own.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use photofinish_study::record::Invocation;
use photofinish_study::{Deployment, Flow, Name, Phase, State};

use crate::describe::{interval, quantile, spread};
use crate::table::{Race, Rounds, mean};

/// One row of `summary.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryRow {
    /// Whose code, where.
    pub deployment: Arc<Deployment>,
    /// Whose outputs the function was given.
    pub flow: Flow,
    /// A function's name, or `pipeline`.
    pub function: Name,
    /// A picture's name, or `all`.
    pub image: Name,
    /// What was measured.
    pub metric: Metric,
    /// Cold for init, warm for the rest.
    pub state: State,
    /// How many rounds the values come from.
    pub rounds: usize,
    /// How many values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Within images, n − 1.
    pub sd: Option<f64>,
    /// `sd / mean`.
    pub cv: Option<f64>,
    /// Over all values, n − 1.
    pub sd_raw: Option<f64>,
    /// `sd_raw / mean`.
    pub cv_raw: Option<f64>,
    /// Type 7.
    pub median: f64,
    /// Type 7.
    pub p95: f64,
    /// Type 7.
    pub p99: f64,
    /// Lower end of the 95 % interval of the mean.
    pub ci_low: Option<f64>,
    /// Upper end.
    pub ci_high: Option<f64>,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// REPORT's Duration; of the pipeline, their sum.
    Duration,
    /// REPORT's Billed Duration; of the pipeline, their sum.
    Billed,
    /// Request sent to response received.
    Client,
    /// First request sent to last response received.
    Turnaround,
    /// REPORT's Max Memory Used.
    MaxMemory,
    /// REPORT's Init Duration.
    Init,
    /// Inspector: importing the module.
    Import,
    /// Inspector: reading from S3.
    Download,
    /// Inspector: the rest of the handler.
    Compute,
    /// Inspector: writing to S3.
    Upload,
    /// Inspector: CPU time.
    Cpu,
}

/// In what a metric is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Megabytes.
    Mb,
}

impl Metric {
    /// Every metric, in the order of the tables.
    pub const ALL: &[Self] = &[
        Self::Duration,
        Self::Billed,
        Self::Client,
        Self::Turnaround,
        Self::MaxMemory,
        Self::Init,
        Self::Import,
        Self::Download,
        Self::Compute,
        Self::Upload,
        Self::Cpu,
    ];

    /// Its spelling in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Billed => "billed",
            Self::Client => "client",
            Self::Turnaround => "turnaround",
            Self::MaxMemory => "max_memory",
            Self::Init => "init",
            Self::Import => "import",
            Self::Download => "download",
            Self::Compute => "compute",
            Self::Upload => "upload",
            Self::Cpu => "cpu",
        }
    }

    /// Its unit.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Turnaround => Unit::S,
            Self::MaxMemory => Unit::Mb,
            _ => Unit::Ms,
        }
    }
}

impl FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|metric| metric.as_str() == text);
        found.copied().ok_or_else(|| format!("`{text}` is no metric"))
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Unit {
    /// Its spelling in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ms => "ms",
            Self::S => "s",
            Self::Mb => "MB",
        }
    }
}

type Value = fn(&Invocation) -> Option<f64>;

const OF_RACE: [(Metric, Value); 4] = [
    (Metric::Duration, |row| row.duration_ms),
    (Metric::Billed, |row| row.billed_ms),
    (Metric::Client, |row| row.client_ms),
    (Metric::MaxMemory, |row| row.max_memory_mb),
];
const OF_STAGES: [(Metric, Value); 5] = [
    // Once in a sandbox: later calls report none or zero.
    (Metric::Import, |row| row.import_ms.filter(|ms| *ms > 0.0)),
    (Metric::Download, |row| row.download_ms),
    (Metric::Compute, |row| row.compute_ms),
    (Metric::Upload, |row| row.upload_ms),
    (Metric::Cpu, |row| row.cpu_ms),
];

/// What the values of a row are about.
#[derive(Clone)]
struct Subject<'a> {
    deployment: &'a Arc<Deployment>,
    flow: Flow,
    function: Name,
    metric: Metric,
    state: State,
}

/// Every row, in a fixed order.
#[must_use]
pub fn summarise(race: &Race<'_>) -> Vec<SummaryRow> {
    let mut rows = Vec::new();
    for deployment in &race.deployments() {
        for &flow in Flow::ALL {
            pipeline(race, deployment, flow, &mut rows);
            for function in &race.planned.functions {
                for (metric, value) in OF_RACE {
                    let rounds = race.of_function(deployment, flow, function, value);
                    let (function, state) = (function.clone(), State::Warm);
                    let subject = Subject { deployment, flow, function, metric, state };
                    rows.extend(describe(&subject, &rounds));
                }
            }
        }
        apart(race, deployment, &mut rows);
    }
    rows
}

fn pipeline(race: &Race<'_>, deployment: &Arc<Deployment>, flow: Flow, rows: &mut Vec<SummaryRow>) {
    let function = Name::new("pipeline").expect("it is a name");
    let subject = |metric| Subject {
        deployment,
        flow,
        function: function.clone(),
        metric,
        state: State::Warm,
    };
    for (metric, value) in &OF_RACE[..3] {
        let rounds = race.of_pipeline(deployment, flow, value);
        rows.extend(describe(&subject(*metric), &rounds));
    }
    // Isolated calls do not wait for each other's outputs: their pass has no turnaround.
    if flow == Flow::Chained {
        let rounds = race.turnaround(deployment, flow);
        rows.extend(describe(&subject(Metric::Turnaround), &rounds));
    }
}

/// Init and stage times, which the race does not carry.
fn apart(race: &Race<'_>, deployment: &Arc<Deployment>, rows: &mut Vec<SummaryRow>) {
    for function in &race.planned.functions {
        let mut add = |metric, phase, state, value: Value| {
            for &flow in Flow::ALL {
                let mut rounds = Rounds::new();
                for row in race.good(phase) {
                    let at = &row.at;
                    if at.deployment == *deployment
                        && at.flow == flow
                        && row.function == *function
                        && (state == State::Warm || row.state == Some(state))
                        && let Some(value) = value(row)
                    {
                        let images = rounds.entry(at.round).or_default();
                        images.entry(at.image.clone()).or_default().push(value);
                    }
                }
                let function = function.clone();
                let subject = Subject { deployment, flow, function, metric, state };
                // Apart from the race no image is run often enough for a row of its own.
                rows.extend(describe(&subject, &rounds).into_iter().take(1));
            }
        };
        add(Metric::Init, Phase::WarmUp, State::Cold, |row| row.init_ms);
        for (metric, value) in OF_STAGES {
            add(metric, Phase::Stages, State::Warm, value);
        }
    }
}

/// The row `all`, then one for each image.
fn describe(subject: &Subject<'_>, rounds: &Rounds) -> Vec<SummaryRow> {
    if rounds.is_empty() {
        return Vec::new();
    }
    let mut by_image: BTreeMap<&Name, Vec<f64>> = BTreeMap::new();
    for images in rounds.values() {
        for (image, values) in images {
            by_image.entry(image).or_default().extend(values);
        }
    }
    let all: Vec<f64> = by_image.values().flatten().copied().collect();
    let image_means: Vec<f64> = by_image.values().map(|values| mean(values)).collect();
    let round_means: Vec<f64> = rounds.values().map(crate::table::mean_of_image_means).collect();
    let name = Name::new("all").expect("it is a name");
    let centre = mean(&image_means);
    let mut rows = vec![row(subject, name, &all, centre, pooled(&by_image), &round_means)];
    for (image, values) in &by_image {
        let round_means: Vec<f64> =
            rounds.values().filter_map(|images| images.get(*image)).map(|v| mean(v)).collect();
        let sd = spread(values).sd;
        rows.push(row(subject, (*image).clone(), values, mean(values), sd, &round_means));
    }
    rows
}

/// The spread within images, pooled by degrees of freedom.
#[expect(clippy::cast_precision_loss, reason = "no study has 2^52 rows")]
fn pooled(by_image: &BTreeMap<&Name, Vec<f64>>) -> Option<f64> {
    let mut squares = 0.0;
    let mut freedom = 0;
    for values in by_image.values() {
        let centre = mean(values);
        squares += values.iter().map(|value| (value - centre).powi(2)).sum::<f64>();
        freedom += values.len() - 1;
    }
    (freedom > 0).then(|| (squares / freedom as f64).sqrt())
}

fn row(
    subject: &Subject<'_>,
    image: Name,
    values: &[f64],
    centre: f64,
    sd: Option<f64>,
    round_means: &[f64],
) -> SummaryRow {
    let raw = spread(values).sd;
    let relative = |sd: Option<f64>| sd.filter(|_| centre > 0.0).map(|sd| sd / centre);
    let interval = interval(round_means);
    SummaryRow {
        deployment: Arc::clone(subject.deployment),
        flow: subject.flow,
        function: subject.function.clone(),
        image,
        metric: subject.metric,
        state: subject.state,
        rounds: round_means.len(),
        n: values.len(),
        mean: centre,
        sd,
        cv: relative(sd),
        sd_raw: raw,
        cv_raw: relative(raw),
        median: quantile(values, 0.5),
        p95: quantile(values, 0.95),
        p99: quantile(values, 0.99),
        ci_low: interval.map(|(low, _)| low),
        ci_high: interval.map(|(_, high)| high),
    }
}
