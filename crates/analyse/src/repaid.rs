//! After how many images code that was dearer to write has earned the difference.
//!
//! Of a pair on one target whose two writings have a price, D was the dearer to write, by w dollars,
//! and C the cheaper. Running C costs u dollars an image, the total of [`crate::cost`] over its
//! images; with r the ratio D/C of the pair's verdict on total cost, D saves s = u · (1 − r) an
//! image, and has repaid w after w/s images. The interval is w/s at the ends of r's interval.
//!
//! The one rule decides here too: where the verdict on total cost is undecided, so is this. Prices
//! are taken as linear in the number of images. A pair of local deployments is a projection.

use std::collections::BTreeMap;
use std::sync::Arc;

use photofinish_study::{Contestant, Deployment, Platform};

use crate::cost::CostRow;
use crate::student::Interval;
use crate::verdict::{Family, Measure, Outcome, Verdict};

/// When one contestant's code has repaid its dearer writing.
#[derive(Debug, Clone, PartialEq)]
pub struct Repaid {
    /// Whose code was the dearer to write.
    pub dearer: Arc<Deployment>,
    /// With whose it is compared.
    pub cheaper: Arc<Deployment>,
    /// By how much it was dearer.
    pub extra_usd: f64,
    /// What it saves an image, if it was compared: below 0 it costs more.
    pub saving_usd: Option<f64>,
    /// When.
    pub when: When,
}

/// When dearer writing is repaid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// After so many images.
    After {
        /// So many.
        images: f64,
        /// 95 % interval on that.
        interval: Option<Interval>,
    },
    /// Never: it is the dearer to run, too.
    Never,
    /// Not known: no difference in running cost was shown.
    Undecided,
}

impl Repaid {
    /// Whether it rests on durations that were not measured where the prices hold.
    #[must_use]
    pub fn is_projection(&self) -> bool {
        self.dearer.target.platform == Platform::Local
    }
}

/// One for each pair of contestants that cost differently to write and whose running has a price;
/// `writing_usd` is that of [`crate::score::writing_usd`].
#[must_use]
pub fn repaid(
    costs: &[CostRow],
    verdicts: &[Verdict],
    writing_usd: &BTreeMap<Contestant, f64>,
) -> Vec<Repaid> {
    let of_pairs = |verdict: &&Verdict| {
        verdict.family == Family::Cost
            && verdict.measure == Measure::TotalUsd
            && verdict.outcome != Outcome::Rejected
            && verdict.left.contestant != verdict.right.contestant
    };
    let pair = |verdict: &Verdict| pair(costs, verdict, writing_usd);
    verdicts.iter().filter(of_pairs).filter_map(pair).collect()
}

fn pair(
    costs: &[CostRow],
    verdict: &Verdict,
    writing_usd: &BTreeMap<Contestant, f64>,
) -> Option<Repaid> {
    let written = |deployment: &Deployment| writing_usd.get(&deployment.contestant).copied();
    let extra = written(&verdict.left)? - written(&verdict.right)?;
    if extra == 0.0 {
        return None;
    }
    let (dearer, cheaper) =
        if extra < 0.0 { (&verdict.right, &verdict.left) } else { (&verdict.left, &verdict.right) };
    let row = costs.iter().find(|row| row.deployment == *cheaper)?;
    let an_image = row.total_usd / row.images as f64;
    // The verdict's ratio is left/right; here it is the dearer's to write over the cheaper's.
    let turned = |ratio: f64| if extra < 0.0 { 1.0 / ratio } else { ratio };
    let saving = |ratio: f64| an_image * (1.0 - turned(ratio));
    let saving_usd = verdict.ratio.map(saving);
    let after = |saved: f64| extra.abs() / saved;
    let decided = matches!(verdict.outcome, Outcome::Cheaper | Outcome::Dearer);
    let when = match saving_usd.filter(|_| decided) {
        None => When::Undecided,
        Some(saved) if saved > 0.0 => {
            let ends = verdict.interval.map(|ends| [saving(ends.low), saving(ends.high)]);
            let interval = ends.filter(|ends| ends.iter().all(|saved| *saved > 0.0)).map(|ends| {
                let [a, b] = ends.map(after);
                Interval { low: a.min(b), high: a.max(b) }
            });
            When::After { images: after(saved), interval }
        }
        Some(_) => When::Never,
    };
    let extra_usd = extra.abs();
    let (dearer, cheaper) = (Arc::clone(dearer), Arc::clone(cheaper));
    Some(Repaid { dearer, cheaper, extra_usd, saving_usd, when })
}
