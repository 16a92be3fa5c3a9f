//! Describing a handful of numbers.

/// Arithmetic mean; none of no numbers.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(values.iter().sum::<f64>() / count(values))
}

/// Sample standard deviation, ddof = 1: √(Σ(x − x̄)² / (n − 1)); none below two numbers.
#[must_use]
pub fn sample_sd(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    Some((squares(values) / (count(values) - 1.0)).sqrt())
}

/// Standard deviation pooled within groups: √(ΣΣ(x − x̄ᵢ)² / Σ(nᵢ − 1)).
///
/// Differences between the groups' means do not enter. None if no group has two numbers.
#[must_use]
pub fn pooled_sd<'a>(groups: impl IntoIterator<Item = &'a [f64]>) -> Option<f64> {
    let (mut sum, mut freedom) = (0.0, 0.0);
    for group in groups {
        if group.len() > 1 {
            sum += squares(group);
            freedom += count(group) - 1.0;
        }
    }
    (freedom > 0.0).then(|| (sum / freedom).sqrt())
}

/// Quantile of type 7 (linear between order statistics at (n − 1)·p), of *sorted* numbers.
#[must_use]
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = last as f64 * p.clamp(0.0, 1.0);
    let below = sorted[place.floor() as usize];
    let above = sorted[(place.floor() as usize + 1).min(last)];
    Some(below + (above - below) * place.fract())
}

fn squares(values: &[f64]) -> f64 {
    let centre = values.iter().sum::<f64>() / count(values);
    values.iter().map(|x| (x - centre).powi(2)).sum()
}

fn count(values: &[f64]) -> f64 {
    values.len() as f64
}
