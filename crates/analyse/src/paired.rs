//! The one comparison: a paired t on the logarithms of round means.

use statrs::distribution::{ContinuousCDF as _, StudentsT};

use crate::describe::{spread, two_sided};

/// A geometric ratio with its interval and its p value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paired {
    /// Left over right.
    pub ratio: f64,
    /// Lower end of the 95 % interval.
    pub ci_low: f64,
    /// Upper end.
    pub ci_high: f64,
    /// Two-sided, of no difference.
    pub p: f64,
}

/// The ratio behind paired logarithms of ratios, one for each round; none of fewer than two.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no study has 2^52 rounds")]
pub fn paired_ratio(logs: &[f64]) -> Option<Paired> {
    if logs.len() < 2 || logs.iter().any(|log| !log.is_finite()) {
        return None;
    }
    let centre = spread(logs);
    let error = centre.sd? / (logs.len() as f64).sqrt();
    let half = two_sided(logs.len() - 1)? * error;
    let p = if error > 0.0 {
        let freedom = (logs.len() - 1) as f64;
        let t = StudentsT::new(0.0, 1.0, freedom).ok()?;
        (2.0 * t.sf((centre.mean / error).abs())).min(1.0)
    } else {
        // Without any spread the difference is certain, or there is none.
        f64::from(centre.mean == 0.0)
    };
    Some(Paired {
        ratio: centre.mean.exp(),
        ci_low: (centre.mean - half).exp(),
        ci_high: (centre.mean + half).exp(),
        p,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEFT: [f64; 8] = [10.2, 11.1, 9.8, 10.5, 10.9, 10.1, 9.9, 10.7];

    fn compare(right: [f64; 8]) -> Paired {
        let logs: Vec<f64> = LEFT.iter().zip(right).map(|(l, r)| (l / r).ln()).collect();
        paired_ratio(&logs).unwrap()
    }

    /// From SciPy 1.17.1: `ttest_1samp` and `t.interval` of the logarithms.
    #[test]
    fn ratio_interval_and_p_are_those_of_scipy() {
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9 * b.abs(), "{a} {b}");
        let faster = compare([12.0, 12.9, 12.2, 11.8, 12.6, 12.5, 11.7, 12.8]);
        near(faster.ratio, 0.844_407_385_560_177_6);
        near(faster.ci_low, 0.820_487_509_011_700_5);
        near(faster.ci_high, 0.869_024_604_222_715);
        assert!((faster.p - 2.339_394_104_404_697_3e-6).abs() < 1e-12, "{}", faster.p);
        let level = compare([10.3, 10.9, 10.1, 10.2, 11.0, 10.2, 9.7, 10.9]);
        near(level.ratio, 0.998_771_466_103_670_4);
        near(level.p, 0.873_502_715_446_972_4);
    }

    #[test]
    fn without_spread_a_difference_is_certain_and_none_is_none() {
        assert_eq!(paired_ratio(&[0.5; 4]).unwrap().p, 0.0);
        assert_eq!(paired_ratio(&[0.0; 4]).unwrap().p, 1.0);
        assert_eq!(paired_ratio(&[0.5]), None);
        assert_eq!(paired_ratio(&[0.5, f64::NAN]), None);
    }
}
