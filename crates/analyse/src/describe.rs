//! Mean, spread, quantiles, and the interval of a mean of few.

use statrs::distribution::{ContinuousCDF as _, StudentsT};

use crate::table::mean;

/// Mean and sample standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The arithmetic mean.
    pub mean: f64,
    /// With n − 1; none of one value.
    pub sd: Option<f64>,
}

/// Mean and sample standard deviation of these values.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no study has 2^52 rows")]
pub fn spread(values: &[f64]) -> Spread {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let sd = (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt());
    Spread { mean, sd }
}

/// The quantile at `share` of 0 to 1, between neighbours in a straight line (type 7).
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no study has 2^52 rows")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "share is 0 to 1")]
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

/// The 95 % interval of the mean by Student's t; none of fewer than two values.
#[expect(clippy::cast_precision_loss, reason = "no study has 2^52 rows")]
pub(crate) fn interval(values: &[f64]) -> Option<(f64, f64)> {
    let Spread { mean, sd } = spread(values);
    let half = two_sided(values.len() - 1)? * sd? / (values.len() as f64).sqrt();
    Some((mean - half, mean + half))
}

/// Student's t that leaves 2.5 % on each side.
#[expect(clippy::cast_precision_loss, reason = "no study has 2^52 rows")]
pub(crate) fn two_sided(freedom: usize) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, freedom as f64).ok()?.inverse_cdf(0.975))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From SciPy 1.17.1 and numpy 2.4.6: `numpy.std(ddof=1)`, `numpy.quantile`, `stats.t.interval`.
    #[test]
    fn the_figures_are_those_of_numpy_and_scipy() {
        let values = [3.1, 4.7, 2.2, 9.6, 5.0, 3.3, 4.1];
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
        near(spread(&values).mean, 4.571_428_571_428_571);
        near(spread(&values).sd.unwrap(), 2.4191694757459534);
        near(quantile(&values, 0.5), 4.1);
        near(quantile(&values, 0.95), 8.22);
        let (low, high) = interval(&values).unwrap();
        near(low, 2.3340699673241336);
        near(high, 6.808787175533009);
    }

    #[test]
    fn one_value_has_no_spread_and_no_interval() {
        assert_eq!(spread(&[5.0]).sd, None);
        assert_eq!(interval(&[5.0]), None);
        assert_eq!(quantile(&[5.0], 0.99), 5.0);
    }
}
