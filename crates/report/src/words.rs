//! The words in which a report speaks, the same on the terminal and on the page.

use photofinish_analyse::{Family, Verdict, VerdictRow};
use photofinish_study::Deployment;

use crate::data::ReportData;

/// Names as short as they may be without being mistaken for one another.
pub(crate) struct Names {
    one_target: Option<String>,
}

impl Names {
    pub(crate) fn of(data: &ReportData) -> Self {
        let mut targets: Vec<String> =
            data.deployments.iter().map(|deployment| deployment.target.to_string()).collect();
        targets.sort();
        targets.dedup();
        Self { one_target: (targets.len() == 1).then(|| targets.remove(0)) }
    }

    /// A deployment; without its target where all have the same.
    pub(crate) fn short(&self, deployment: &Deployment) -> String {
        self.shorten(&deployment.to_string())
    }

    fn shorten(&self, name: &str) -> String {
        let short = self.one_target.as_ref().and_then(|target| {
            name.strip_suffix(target.as_str())?.strip_suffix('@').map(str::to_owned)
        });
        short.unwrap_or_else(|| name.to_owned())
    }
}

/// What a reader must know before any figure.
pub(crate) fn badge(data: &ReportData) -> String {
    let mut words = Vec::new();
    if data.demonstration {
        words.push("a demonstration, too small to be quoted");
    }
    if data.local {
        words.push("measured on the embedded local platform, not on AWS");
    }
    words.join("; ")
}

/// Calls that failed, were wrong, or are in doubt.
pub(crate) fn counted(data: &ReportData) -> usize {
    data.invocations.iter().filter(|row| !row.status.is_ok()).count()
}

/// A figure with as many digits as it deserves.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        small if small >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// A p value as people write it.
pub(crate) fn p_value(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}

/// A verdict as a sentence.
pub(crate) fn sentence(row: &VerdictRow, names: &Names) -> String {
    let (left, right) = (names.shorten(&row.left), names.shorten(&row.right));
    let subject = match row.family {
        Family::Pipeline => "the pipeline".to_owned(),
        Family::Functions => row.function.to_string(),
        Family::Architecture => "the change from x86_64 to arm64".to_owned(),
        Family::Cost => "the price of the calls".to_owned(),
    };
    let certain = |factor: f64, low: f64, high: f64, word: &str| {
        let adjusted = row.p_adjusted.map(p_value).unwrap_or_default();
        format!(
            "{left} is {} × {word} than {right} on {subject} (95 %: {} to {}; {adjusted}; {} rounds, n {} and {})",
            figure(factor),
            figure(low),
            figure(high),
            row.rounds,
            row.n_left,
            row.n_right
        )
    };
    let ratio = row.ratio.zip(row.ci_low.zip(row.ci_high));
    match (row.verdict, ratio) {
        (Verdict::Rejected, _) => {
            format!("rejected: {left} against {right} on {subject}: {}", row.reason)
        }
        (Verdict::Faster | Verdict::Cheaper, Some((ratio, (low, high)))) => {
            certain(1.0 / ratio, 1.0 / high, 1.0 / low, row.verdict.as_str())
        }
        (Verdict::Slower | Verdict::Dearer, Some((ratio, (low, high)))) => {
            let word = if row.verdict == Verdict::Slower { "slower" } else { "dearer" };
            certain(ratio, low, high, word)
        }
        (_, ratio) => {
            let found = ratio.map_or_else(String::new, |(ratio, (low, high))| {
                format!(" (ratio {ratio:.3}, 95 %: {low:.3} to {high:.3}; {} rounds)", row.rounds)
            });
            format!("undecided: {}: {left} against {right} on {subject}{found}", row.reason)
        }
    }
}
