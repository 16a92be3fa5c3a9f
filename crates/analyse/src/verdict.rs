//! Verdicts, by one rule.
//!
//! The unit is the round. A round counts for a pair if every planned pass of both is right in it.
//! Of each such round the logarithm of the ratio of the two means is taken; a paired t on these
//! gives a geometric ratio, its 95 % interval (of this one comparison) and a p value; p values are
//! adjusted within their family by Holm. Below the level of 0.05 the verdict is faster or slower
//! (cheaper or dearer), else undecided. With fewer than eight rounds it is always undecided.
//!
//! Families: `pipeline` (chained: the sum of REPORT durations), `functions` (isolated: REPORT
//! durations of each), `architecture` (does one author's code gain more on arm64 than another's: a
//! ratio of ratios), `cost` (chained: the price of the calls).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use photofinish_study::record::Invocation;
use photofinish_study::{Architecture, Deployment, Flow, Name};

use crate::holm::holm;
use crate::paired::paired_ratio;
use crate::table::{Race, Rounds};

/// With fewer rounds than these nothing is decided.
pub const FEWEST_ROUNDS: usize = 8;
/// Adjusted p values below this decide.
pub const LEVEL: f64 = 0.05;

macro_rules! spelled {
    ($(#[$doc:meta])* $name:ident: $($(#[$member_doc:meta])* $member:ident = $text:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$member_doc])* $member),+ }

        impl $name {
            /// Its spelling in tables.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $text),+ }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$member),)+
                    _ => Err(format!("`{text}` is none of {}", [$($text),+].join(", "))),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

spelled! {
    /// Comparisons that are adjusted together.
    Family:
    /// The sum of REPORT durations, chained.
    Pipeline = "pipeline",
    /// Each function's REPORT duration, isolated.
    Functions = "functions",
    /// Variant × architecture: a ratio of ratios.
    Architecture = "architecture",
    /// The price of the calls, chained.
    Cost = "cost",
}

spelled! {
    /// What can be said.
    Verdict:
    /// Left takes less time.
    Faster = "faster",
    /// Left takes more time.
    Slower = "slower",
    /// Left costs less.
    Cheaper = "cheaper",
    /// Left costs more.
    Dearer = "dearer",
    /// Nothing can be said.
    Undecided = "undecided",
    /// One of the two was not right, and earns no time.
    Rejected = "rejected",
}

/// One row of `verdicts.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictRow {
    /// What it is adjusted with.
    pub family: Family,
    /// `duration` or `cost`.
    pub metric: &'static str,
    /// Whose outputs the functions were given.
    pub flow: Flow,
    /// A function's name, or `pipeline`.
    pub function: Name,
    /// Who is judged: `variant/sample@platform/architecture/memory`, or a contestant.
    pub left: String,
    /// Against whom.
    pub right: String,
    /// Left over right; below 1, left is faster.
    pub ratio: Option<f64>,
    /// Lower end of its 95 % interval.
    pub ci_low: Option<f64>,
    /// Upper end.
    pub ci_high: Option<f64>,
    /// Rounds that count for both.
    pub rounds: usize,
    /// Left's values in them.
    pub n_left: usize,
    /// Right's.
    pub n_right: usize,
    /// Of this comparison alone.
    pub p: Option<f64>,
    /// Adjusted within the family.
    pub p_adjusted: Option<f64>,
    /// What is said.
    pub verdict: Verdict,
    /// Why, where it needs a word.
    pub reason: String,
}

/// Something that was not right and therefore earns no time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Whose code, where.
    pub deployment: Deployment,
    /// Which function; none for the chain as a whole.
    pub function: Option<Name>,
    /// Why.
    pub reason: String,
}

/// The reason of a verdict on too few rounds.
#[must_use]
pub fn too_few_rounds(rounds: usize) -> String {
    format!("too few rounds: {rounds}, at least {FEWEST_ROUNDS} are needed")
}

type Value = fn(&Invocation) -> Option<f64>;
const DURATION: Value = |row| row.duration_ms;
const COST: Value = |row| row.cost_usd;

/// Every verdict, family by family. `deployments` are all that took part, raced or rejected.
#[must_use]
pub fn verdicts(
    race: &Race<'_>,
    flows: &[Flow],
    deployments: &[Deployment],
    rejections: &[Rejection],
) -> Vec<VerdictRow> {
    let pipeline = Name::new("pipeline").expect("it is a name");
    let mut rows = Vec::new();
    if flows.contains(&Flow::Chained) {
        let chained = |value: Value| {
            move |deployment: &Deployment| race.of_pipeline(deployment, Flow::Chained, value)
        };
        let whole = Comparison { race, rejections, flow: Flow::Chained, function: &pipeline };
        rows.extend(whole.pairs(Family::Pipeline, "duration", deployments, chained(DURATION)));
        rows.extend(whole.interactions(deployments, chained(DURATION)));
        rows.extend(whole.pairs(Family::Cost, "cost", deployments, chained(COST)));
    }
    if flows.contains(&Flow::Isolated) {
        let mut family = Vec::new();
        for function in &race.planned.functions {
            let one = Comparison { race, rejections, flow: Flow::Isolated, function };
            let values = |deployment: &Deployment| {
                race.of_function(deployment, Flow::Isolated, function, DURATION)
            };
            family.extend(one.compared(Family::Functions, "duration", deployments, values));
        }
        adjust(&mut family);
        rows.extend(family);
    }
    rows
}

/// What is compared with what.
struct Comparison<'a> {
    race: &'a Race<'a>,
    rejections: &'a [Rejection],
    flow: Flow,
    function: &'a Name,
}

impl Comparison<'_> {
    fn pairs(
        &self,
        family: Family,
        metric: &'static str,
        deployments: &[Deployment],
        values: impl Fn(&Deployment) -> Rounds,
    ) -> Vec<VerdictRow> {
        let mut rows = self.compared(family, metric, deployments, values);
        adjust(&mut rows);
        rows
    }

    /// Each pair once, not yet adjusted.
    fn compared(
        &self,
        family: Family,
        metric: &'static str,
        deployments: &[Deployment],
        values: impl Fn(&Deployment) -> Rounds,
    ) -> Vec<VerdictRow> {
        let sides: Vec<Rounds> = deployments.iter().map(values).collect();
        let mut rows = Vec::new();
        for left in 0..deployments.len() {
            for right in left + 1..deployments.len() {
                let names = [&deployments[left], &deployments[right]];
                let row = self.empty(family, metric, names.map(ToString::to_string));
                let rejected = names.into_iter().find_map(|name| self.rejected(name));
                rows.push(match rejected {
                    Some(reason) => VerdictRow { verdict: Verdict::Rejected, reason, ..row },
                    None => self.judged(row, &[(&sides[left], 1.0), (&sides[right], -1.0)]),
                });
            }
        }
        rows
    }

    /// For each two contestants on both architectures: (A arm / A x86) / (B arm / B x86).
    fn interactions(
        &self,
        deployments: &[Deployment],
        values: impl Fn(&Deployment) -> Rounds,
    ) -> Vec<VerdictRow> {
        let both: Vec<(&Deployment, &Deployment)> = deployments
            .iter()
            .filter(|deployment| deployment.target.architecture == Architecture::Arm64)
            .filter_map(|arm| {
                let same = |other: &&Deployment| {
                    let target = other.target;
                    other.contestant == arm.contestant
                        && target.architecture == Architecture::X86_64
                        && (target.platform, target.memory_mb)
                            == (arm.target.platform, arm.target.memory_mb)
                };
                Some((arm, deployments.iter().find(same)?))
            })
            .collect();
        let mut rows = Vec::new();
        for (index, left) in both.iter().enumerate() {
            for right in &both[index + 1..] {
                if left.0.target != right.0.target {
                    continue;
                }
                let name = |side: &(&Deployment, &Deployment)| {
                    format!("{} arm64/x86_64", side.0.contestant)
                };
                let row = self.empty(Family::Architecture, "duration", [name(left), name(right)]);
                let sides = [left.0, left.1, right.0, right.1];
                let rejected = sides.into_iter().find_map(|name| self.rejected(name));
                rows.push(match rejected {
                    Some(reason) => VerdictRow { verdict: Verdict::Rejected, reason, ..row },
                    None => {
                        let [a, b, c, d] = sides.map(&values);
                        self.judged(row, &[(&a, 1.0), (&b, -1.0), (&c, -1.0), (&d, 1.0)])
                    }
                });
            }
        }
        adjust(&mut rows);
        rows
    }

    fn rejected(&self, deployment: &Deployment) -> Option<String> {
        let pipeline = self.flow == Flow::Chained;
        let found = self.rejections.iter().find(|rejection| {
            rejection.deployment == *deployment
                && (pipeline || rejection.function.as_ref() == Some(self.function))
        })?;
        let function = found.function.as_ref().map_or("chain", |function| function.as_str());
        Some(format!("{}: {function}: {}", deployment.contestant, found.reason))
    }

    fn empty(&self, family: Family, metric: &'static str, names: [String; 2]) -> VerdictRow {
        let [left, right] = names;
        VerdictRow {
            family,
            metric,
            flow: self.flow,
            function: self.function.clone(),
            left,
            right,
            ratio: None,
            ci_low: None,
            ci_high: None,
            rounds: 0,
            n_left: 0,
            n_right: 0,
            p: None,
            p_adjusted: None,
            verdict: Verdict::Undecided,
            reason: String::new(),
        }
    }

    /// The sum of signed logarithms of round means, over the rounds complete on every side.
    fn judged(&self, row: VerdictRow, sides: &[(&Rounds, f64)]) -> VerdictRow {
        let complete: Vec<(BTreeMap<u32, f64>, f64)> =
            sides.iter().map(|(rounds, sign)| (self.race.complete(rounds), *sign)).collect();
        let rounds: Vec<u32> = complete[0]
            .0
            .keys()
            .copied()
            .filter(|round| complete.iter().all(|(side, _)| side.contains_key(round)))
            .collect();
        let logs: Vec<f64> = rounds
            .iter()
            .map(|round| complete.iter().map(|(side, sign)| sign * side[round].ln()).sum())
            .collect();
        let n = |side: &Rounds| {
            rounds.iter().map(|round| side[round].values().map(Vec::len).sum::<usize>()).sum()
        };
        let half = sides.len() / 2;
        let paired = paired_ratio(&logs);
        let enough = rounds.len() >= FEWEST_ROUNDS;
        let reason = match (enough, paired) {
            (false, _) => too_few_rounds(rounds.len()),
            (true, None) => "a round's mean is not above zero".to_owned(),
            (true, Some(_)) => String::new(),
        };
        VerdictRow {
            ratio: paired.map(|paired| paired.ratio),
            ci_low: paired.map(|paired| paired.ci_low),
            ci_high: paired.map(|paired| paired.ci_high),
            rounds: rounds.len(),
            n_left: n(sides[0].0),
            n_right: n(sides[half].0),
            p: paired.filter(|_| enough).map(|paired| paired.p),
            reason,
            ..row
        }
    }
}

/// Adjusts a family and says what follows.
fn adjust(family: &mut [VerdictRow]) {
    let tested: Vec<usize> = (0..family.len()).filter(|&index| family[index].p.is_some()).collect();
    let p: Vec<f64> = tested.iter().filter_map(|&index| family[index].p).collect();
    for (&index, adjusted) in tested.iter().zip(holm(&p)) {
        let row = &mut family[index];
        row.p_adjusted = Some(adjusted);
        let Some(ratio) = row.ratio else { continue };
        if adjusted >= LEVEL {
            "the difference is no larger than what chance makes".clone_into(&mut row.reason);
            continue;
        }
        row.verdict = match (row.family, ratio < 1.0) {
            (Family::Cost, true) => Verdict::Cheaper,
            (Family::Cost, false) => Verdict::Dearer,
            (_, true) => Verdict::Faster,
            (_, false) => Verdict::Slower,
        };
    }
}
