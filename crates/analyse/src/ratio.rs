//! The one comparison: a paired t on logarithms.

use crate::spread::{mean, sample_sd};
use crate::student::{Interval, t_quantile, two_sided_p};

/// How much larger the left is than the right, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedRatio {
    /// Geometric mean of left/right.
    pub ratio: f64,
    /// Its 95 % interval, not adjusted for other comparisons.
    pub interval: Interval,
    /// Two-sided p of "the ratio is 1", not adjusted for other comparisons.
    pub p: f64,
}

/// Compares pairs (left, right), one pair for each round.
///
/// With d = ln left − ln right: ratio e^d̄, interval e^(d̄ ± t(R − 1)·s/√R), t = d̄·√R/s. Where
/// all d are the same there is nothing to doubt: p is 1 if they are 0, else 0. None below two
/// pairs, or if a number is not finite or not positive.
#[must_use]
pub fn paired_ratio(pairs: &[(f64, f64)]) -> Option<PairedRatio> {
    let usable = |x: f64| x.is_finite() && x > 0.0;
    if !pairs.iter().all(|&(left, right)| usable(left) && usable(right)) {
        return None;
    }
    let logs: Vec<f64> = pairs.iter().map(|(left, right)| left.ln() - right.ln()).collect();
    log_ratio(&logs)
}

/// The same, of differences of logarithms.
pub(crate) fn log_ratio(logs: &[f64]) -> Option<PairedRatio> {
    let (centre, sd) = (mean(logs)?, sample_sd(logs)?);
    let rounds = logs.len() as f64;
    let error = sd / rounds.sqrt();
    let p = match (error > 0.0, centre == 0.0) {
        (true, _) => two_sided_p(centre / error, rounds - 1.0),
        (false, true) => 1.0,
        (false, false) => 0.0,
    };
    let half = t_quantile(0.05, rounds - 1.0) * error;
    let interval = Interval { low: (centre - half).exp(), high: (centre + half).exp() };
    let found = PairedRatio { ratio: centre.exp(), interval, p };
    (found.ratio.is_finite()
        && interval.low.is_finite()
        && interval.high.is_finite()
        && !p.is_nan())
    .then_some(found)
}
