//! The interval on a share of independent answers.

use statrs::function::beta::beta_reg;

use crate::student::Interval;

/// What each tail of a two-sided 95 % interval leaves out.
const TAIL: f64 = 0.025;

/// The 95 % interval of Clopper and Pearson on the chance of being right, from `right` of `n`: it
/// holds the truth at least as often as it says, however few the answers are, and has a width even
/// where all or none are right. None of no answers.
#[must_use]
pub fn proportion_interval(right: u64, n: u64) -> Option<Interval> {
    if n == 0 || right > n {
        return None;
    }
    let (hits, misses) = (right as f64, (n - right) as f64);
    let low = if right == 0 { 0.0 } else { beta_quantile(TAIL, hits, misses + 1.0) };
    let high = if right == n { 1.0 } else { beta_quantile(1.0 - TAIL, hits + 1.0, misses) };
    Some(Interval { low, high })
}

/// Where the regularised incomplete beta of these parameters reaches `p`, by bisection.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if beta_reg(a, b, middle) < p { low = middle } else { high = middle }
    }
}
