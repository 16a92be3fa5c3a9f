//! Who won, by one rule.
//!
//! The unit is the *round*: one set of fresh sandboxes. A round counts for a pair if both
//! deployments have every planned race pass of the flow ok and warm in it, each with the figure
//! that is compared. A round's mean is the arithmetic mean of its pictures' means. The comparison
//! is a paired t on the logarithms of round means ([`crate::paired_ratio`]): a geometric ratio
//! left/right with its 95 % interval (unadjusted) and p. Within each family the p are adjusted by
//! Holm over the comparisons that could be made; a verdict falls if the adjusted p is below 0.05.
//! Below eight counting rounds there is none, and no figures, only "too few rounds".
//!
//! Pairs differ in one thing: two contestants on one target, or one contestant on two architectures
//! of one platform. The left is the earlier in the study. Who is raced beside the others is in no
//! pair. Two memory sizes of one contestant are none either: they are looked at, by the same test,
//! in [`crate::memory`], so that a list of sizes weakens no verdict by Holm.
//!
//! Families:
//! - `pipeline`: the sum of a chained pass's REPORT durations;
//! - `functions`: REPORT durations of single functions, isolated passes;
//! - `architecture`: does one contestant gain more on arm64 than another? The ratio of ratios
//!   (left's arm64/x86_64) / (right's arm64/x86_64) of the pipeline's duration; `faster` means that
//!   the left gains more; left and right name the arm64 deployments; a round counts if all four
//!   deployments have it;
//! - `cost`: compute alone, and the total of [`crate::cost`], of each round's billed mean.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use photofinish_study::{Architecture, Deployment, Flow, Platform, Target, word};

use crate::cost::{Costing, workload};
use crate::holm::holm;
use crate::planned::{Planned, Rejection};
use crate::race::{Part, Race};
use crate::ratio::{PairedRatio, log_ratio};
use crate::rounds::{RoundMean, Rounds, Series};
use crate::student::Interval;
use crate::summary::SummaryRow;

/// Below so many rounds nothing is decided.
pub const FEWEST_ROUNDS: usize = 8;

/// An adjusted p below this decides.
pub const LEVEL: f64 = 0.05;

word! {
    /// Comparisons that share one error rate, fixed before the race.
    Family, "family":
    /// Whole chained passes.
    Pipeline = "pipeline",
    /// Single functions, isolated.
    Functions = "functions",
    /// Contestant × architecture.
    Architecture = "architecture",
    /// Cost of images.
    Cost = "cost",
}

word! {
    /// What is compared.
    Measure, "measure":
    /// REPORT duration.
    Duration = "duration",
    /// REPORT duration on arm64 over that on x86_64.
    ArmOverX86 = "duration_arm64_over_x86_64",
    /// Cost of compute alone.
    ComputeUsd = "compute_usd",
    /// Cost of everything.
    TotalUsd = "total_usd",
}

word! {
    /// What was decided, of the left.
    Outcome, "verdict":
    /// The left takes less time.
    Faster = "faster",
    /// The left takes more time.
    Slower = "slower",
    /// The left costs less.
    Cheaper = "cheaper",
    /// The left costs more.
    Dearer = "dearer",
    /// Nothing was shown.
    Undecided = "undecided",
    /// One of them is wrong, so there is nothing to compare.
    Rejected = "rejected",
}

/// A row of `verdicts.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Which comparisons it shares its error rate with.
    pub family: Family,
    /// What was compared.
    pub measure: Measure,
    /// In which flow.
    pub flow: Flow,
    /// Which function, or the pipeline.
    pub part: Part,
    /// The left deployment.
    pub left: Arc<Deployment>,
    /// The right deployment.
    pub right: Arc<Deployment>,
    /// Geometric mean of left/right.
    pub ratio: Option<f64>,
    /// Its 95 % interval, not adjusted.
    pub interval: Option<Interval>,
    /// How many rounds counted.
    pub rounds: u64,
    /// How many values on the left.
    pub n_left: u64,
    /// How many values on the right.
    pub n_right: u64,
    /// Two-sided p, not adjusted.
    pub p: Option<f64>,
    /// Holm's, within the family.
    pub p_adjusted: Option<f64>,
    /// What was decided.
    pub outcome: Outcome,
    /// Why, where the figures do not say.
    pub reason: String,
}

/// Compares every pair in every family; rows in the order of family, part and pair.
///
/// `summary` and `costing` are for the cost family, which is left out without them.
#[must_use]
pub fn judge(
    race: Race<'_>,
    planned: &Planned,
    rejections: &[Rejection],
    costing: Option<(&[SummaryRow], &Costing)>,
) -> Vec<Verdict> {
    let judged = planned.judged();
    let court = Court { rounds: Rounds::of(race, planned), planned, judged, rejections };
    let flows = |flow| planned.round.keys().any(|(planned, _)| *planned == flow);
    let mut verdicts = Vec::new();
    if flows(Flow::Chained) {
        verdicts.extend(court.pipeline());
        verdicts.extend(court.architecture());
        verdicts.extend(costing.into_iter().flat_map(|(rows, book)| court.cost(rows, book)));
    }
    if flows(Flow::Isolated) {
        verdicts.extend(court.functions());
    }
    verdicts.sort_by_key(|verdict| verdict.family);
    adjust(&mut verdicts);
    verdicts
}

/// The pairs that differ in one thing, the earlier in the study on the left.
#[must_use]
pub fn pairs(deployments: &[Arc<Deployment>]) -> Vec<(&Arc<Deployment>, &Arc<Deployment>)> {
    let comparable = |a: &Deployment, b: &Deployment| {
        let (here, there) = (a.target, b.target);
        if a.contestant == b.contestant {
            here.architecture != there.architecture
                && there == Target { architecture: there.architecture, ..here }
        } else {
            here == there
        }
    };
    let mut pairs = Vec::new();
    for (place, left) in deployments.iter().enumerate() {
        let later = deployments[place + 1..].iter();
        pairs.extend(later.filter(|right| comparable(left, right)).map(|right| (left, right)));
    }
    pairs
}

type Line = BTreeMap<u32, RoundMean>;

/// What is compared, before anything is known of it.
#[derive(Clone)]
struct Question<'a> {
    family: Family,
    measure: Measure,
    part: Part,
    left: &'a Arc<Deployment>,
    right: &'a Arc<Deployment>,
}

struct Court<'a> {
    rounds: Rounds,
    planned: &'a Planned,
    judged: Vec<Arc<Deployment>>,
    rejections: &'a [Rejection],
}

impl<'a> Court<'a> {
    fn pipeline(&self) -> Vec<Verdict> {
        let judge = |(left, right)| {
            let (family, measure, part) = (Family::Pipeline, Measure::Duration, Part::Pipeline);
            let question = Question { family, measure, part, left, right };
            self.answer(&question, &Series::PipelineDuration, |_, mean| Some(mean))
        };
        pairs(&self.judged).into_iter().map(judge).collect()
    }

    fn functions(&self) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for function in &self.planned.functions {
            for (left, right) in pairs(&self.judged) {
                let part = Part::Function(function.clone());
                let (family, measure) = (Family::Functions, Measure::Duration);
                let question = Question { family, measure, part, left, right };
                let series = Series::Function(function.clone());
                verdicts.push(self.answer(&question, &series, |_, mean| Some(mean)));
            }
        }
        verdicts
    }

    fn cost(&self, summary: &[SummaryRow], costing: &Costing) -> Vec<Verdict> {
        let work = |deployment: &Arc<Deployment>| {
            let found = workload(summary, self.planned, costing, deployment);
            (Arc::clone(deployment), found)
        };
        let works: HashMap<_, _> = self.planned.deployments.iter().map(work).collect();
        let mut verdicts = Vec::new();
        for measure in [Measure::ComputeUsd, Measure::TotalUsd] {
            for (left, right) in pairs(&self.judged) {
                let (family, part) = (Family::Cost, Part::Pipeline);
                let question = Question { family, measure, part, left, right };
                let usd = |deployment: &Arc<Deployment>, billed_ms| {
                    let terms = costing.terms(works[deployment].as_ref().ok()?, billed_ms);
                    Some(if measure == Measure::ComputeUsd { terms.compute } else { terms.total() })
                };
                let mut verdict = self.answer(&question, &Series::PipelineBilled, usd);
                let lack = [left, right].into_iter().find_map(|of| works[of].as_ref().err());
                verdict.remark_on_cost(lack);
                verdicts.push(verdict);
            }
        }
        verdicts
    }

    /// One verdict for each two contestants that both raced on both architectures of a kind.
    fn architecture(&self) -> Vec<Verdict> {
        let on_arm = |deployment: &&'a Arc<Deployment>| {
            deployment.target.architecture == Architecture::Arm64
                && !self.planned.beside.contains(*deployment)
                && self.on_x86(deployment).is_some()
        };
        let arms: Vec<&Arc<Deployment>> = self.planned.deployments.iter().filter(on_arm).collect();
        let mut verdicts = Vec::new();
        for (place, &left) in arms.iter().enumerate() {
            let same = arms[place + 1..].iter().filter(|right| right.target == left.target);
            verdicts.extend(same.map(|&right| self.interaction(left, right)));
        }
        verdicts
    }

    fn on_x86(&self, deployment: &Deployment) -> Option<&'a Arc<Deployment>> {
        let target = Target { architecture: Architecture::X86_64, ..deployment.target };
        self.planned
            .deployments
            .iter()
            .find(|other| other.contestant == deployment.contestant && other.target == target)
    }

    fn interaction(&self, left: &Arc<Deployment>, right: &Arc<Deployment>) -> Verdict {
        let (family, measure) = (Family::Architecture, Measure::ArmOverX86);
        let question = Question { family, measure, part: Part::Pipeline, left, right };
        let both = [left, right].map(|arm| {
            let line = |of: &Arc<Deployment>| self.rounds.get(of, &Series::PipelineDuration);
            let x86 = self.on_x86(arm);
            (line(arm), x86.map(line).unwrap_or_default(), x86)
        });
        let four = [Some(left), both[0].2, Some(right), both[1].2];
        if let Some(reason) = self.rejected(four.into_iter().flatten(), &Part::Pipeline) {
            return question.rejected(reason);
        }
        let [left, right] = both.map(|(arm, x86, _)| {
            let quotient = |(round, a): (&u32, &RoundMean)| {
                let b = x86.get(round)?;
                Some((*round, RoundMean { mean: a.mean / b.mean, n: a.n + b.n }))
            };
            arm.iter().filter_map(quotient).collect::<Line>()
        });
        question.compare(&left, &right)
    }

    /// Answers a question of two deployments; `figure` makes of a round's mean what is compared.
    fn answer(
        &self,
        question: &Question<'_>,
        series: &Series,
        figure: impl Fn(&Arc<Deployment>, f64) -> Option<f64>,
    ) -> Verdict {
        let (left, right) = (question.left, question.right);
        if let Some(reason) = self.rejected([left, right], &question.part) {
            return question.rejected(reason);
        }
        let line = |deployment: &Arc<Deployment>| -> Line {
            let of = |(round, at): (u32, RoundMean)| {
                Some((round, RoundMean { mean: figure(deployment, at.mean)?, n: at.n }))
            };
            self.rounds.get(deployment, series).into_iter().filter_map(of).collect()
        };
        question.compare(&line(left), &line(right))
    }

    /// Why nothing can be compared, if one of the deployments is wrong in the part.
    fn rejected<'b>(
        &self,
        deployments: impl IntoIterator<Item = &'b Arc<Deployment>>,
        part: &Part,
    ) -> Option<String> {
        let mut reasons = Vec::new();
        for deployment in deployments {
            let concerned = |rejection: &&Rejection| {
                let here = match part {
                    Part::Function(function) => rejection.function == *function,
                    Part::Pipeline => true,
                };
                here && rejection.deployment == *deployment
            };
            reasons.extend(self.rejections.iter().find(concerned).map(|rejection| {
                format!("{deployment} is rejected: {}: {}", rejection.function, rejection.reason)
            }));
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

impl Question<'_> {
    fn verdict(&self, outcome: Outcome, reason: String) -> Verdict {
        Verdict {
            family: self.family,
            measure: self.measure,
            flow: if self.family == Family::Functions { Flow::Isolated } else { Flow::Chained },
            part: self.part.clone(),
            left: Arc::clone(self.left),
            right: Arc::clone(self.right),
            ratio: None,
            interval: None,
            rounds: 0,
            n_left: 0,
            n_right: 0,
            p: None,
            p_adjusted: None,
            outcome,
            reason,
        }
    }

    fn rejected(&self, reason: String) -> Verdict {
        self.verdict(Outcome::Rejected, reason)
    }

    /// The paired comparison over the rounds that both have; decided later, with its family.
    fn compare(&self, left: &Line, right: &Line) -> Verdict {
        let both: Vec<(RoundMean, RoundMean)> =
            left.iter().filter_map(|(round, a)| Some((*a, *right.get(round)?))).collect();
        let logs: Vec<f64> = both.iter().map(|(a, b)| a.mean.ln() - b.mean.ln()).collect();
        let mut verdict = self.verdict(Outcome::Undecided, String::new());
        verdict.rounds = both.len() as u64;
        verdict.n_left = both.iter().map(|(a, _)| a.n).sum();
        verdict.n_right = both.iter().map(|(_, b)| b.n).sum();
        if both.len() < FEWEST_ROUNDS {
            let rounds = both.len();
            verdict.reason =
                format!("too few rounds: {rounds} complete for both, {FEWEST_ROUNDS} needed");
        } else if let Some(PairedRatio { ratio, interval, p }) = log_ratio(&logs) {
            verdict.ratio = Some(ratio);
            verdict.interval = Some(interval);
            verdict.p = Some(p);
        } else {
            verdict.reason = "a round's mean is not a usable number".to_owned();
        }
        verdict
    }
}

/// Adjusts p within each family and decides.
fn adjust(verdicts: &mut [Verdict]) {
    for &family in Family::ALL {
        let mut tested: Vec<&mut Verdict> = verdicts
            .iter_mut()
            .filter(|verdict| verdict.family == family && verdict.p.is_some())
            .collect();
        let p: Vec<f64> = tested.iter().filter_map(|verdict| verdict.p).collect();
        let comparisons = p.len();
        for (verdict, adjusted) in tested.iter_mut().zip(holm(&p)) {
            verdict.decide(adjusted, comparisons);
        }
    }
}

impl Verdict {
    /// Says what a cost lacks, or that it is a projection.
    fn remark_on_cost(&mut self, lack: Option<&String>) {
        if self.outcome == Outcome::Rejected {
            return;
        }
        if let Some(lack) = lack {
            self.reason = format!("no cost: {lack}");
        } else if self.left.target.platform == Platform::Local {
            let gap = if self.reason.is_empty() { "" } else { "; " };
            self.reason += &format!("{gap}a projection from local durations");
        }
    }

    fn decide(&mut self, p_adjusted: f64, comparisons: usize) {
        self.p_adjusted = Some(p_adjusted);
        let less = self.ratio.is_some_and(|ratio| ratio < 1.0);
        self.outcome = match (p_adjusted < LEVEL, self.family, less) {
            (false, _, _) => Outcome::Undecided,
            (true, Family::Cost, true) => Outcome::Cheaper,
            (true, Family::Cost, false) => Outcome::Dearer,
            (true, _, true) => Outcome::Faster,
            (true, _, false) => Outcome::Slower,
        };
        if self.outcome == Outcome::Undecided {
            let alone = self.p.is_some_and(|p| p < LEVEL);
            let found = if alone {
                format!("a difference by itself, none after Holm over {comparisons} comparisons")
            } else {
                "no difference shown".to_owned()
            };
            let gap = if self.reason.is_empty() { "" } else { "; " };
            self.reason = format!("{found}{gap}{}", self.reason);
        }
    }
}
