//! Many comparisons at once: Holm's step-down adjustment.

/// Adjusted p values, in the order given: reject where they are below the level, and the chance of
/// any false rejection among all of them stays below it.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "no study has 2^52 comparisons")]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&left, &right| p[left].total_cmp(&p[right]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (step, index) in order.into_iter().enumerate() {
        largest = largest.max(p[index] * (p.len() - step) as f64).min(1.0);
        adjusted[index] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    /// From statsmodels 0.14: `multipletests(p, method="holm")`.
    #[test]
    fn the_adjustment_is_that_of_statsmodels() {
        let adjusted = super::holm(&[0.01, 0.04, 0.03, 0.005, 0.6]);
        for (ours, theirs) in adjusted.iter().zip([0.04, 0.09, 0.09, 0.025, 0.6]) {
            assert!((ours - theirs).abs() < 1e-12, "{adjusted:?}");
        }
        assert!(super::holm(&[]).is_empty());
    }
}
