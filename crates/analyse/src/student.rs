//! Student's t: its tails, its quantile, and the interval on a mean.

use statrs::function::beta::beta_reg;

use crate::spread::{mean, sample_sd};

/// A two-sided 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// P(|T| ≥ |t|) with `freedom` degrees: the regularised incomplete beta I(ν/2, ½) at ν/(ν + t²),
/// which keeps its precision far out in the tails.
#[must_use]
pub fn two_sided_p(t: f64, freedom: f64) -> f64 {
    if t.is_infinite() {
        return 0.0;
    }
    beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t * t)).clamp(0.0, 1.0)
}

/// The t with `freedom` degrees that |T| exceeds with probability `alpha`, by bisection.
///
/// `freedom` must be 1 or more and `alpha` between 0.001 and 1.
#[must_use]
pub fn t_quantile(alpha: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1000.0_f64);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if two_sided_p(middle, freedom) > alpha { low = middle } else { high = middle }
    }
}

/// The 95 % interval on the mean of independent numbers: x̄ ± t(n − 1)·s/√n; none below two.
#[must_use]
pub fn mean_interval(values: &[f64]) -> Option<Interval> {
    let (centre, sd) = (mean(values)?, sample_sd(values)?);
    let n = values.len() as f64;
    let half = t_quantile(0.05, n - 1.0) * sd / n.sqrt();
    Some(Interval { low: centre - half, high: centre + half })
}
