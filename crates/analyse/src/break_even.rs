//! At which ratio of durations arm64 and x86_64 cost the same, for one contestant.
//!
//! With b the x86_64 deployment's mean billed time, as in [`crate::cost`]:
//! - by compute alone: the arm64 billed time whose compute costs what b's costs on x86_64, over b.
//!   Within the first tiers that is the ratio of the two prices, [`PriceBook::break_even`];
//! - by the total: the arm64 billed time at which the arm64 deployment's total, with its own init,
//!   requests, S3, logs and transfer, is the x86_64 deployment's total, over b. Terms that are the
//!   same on both sides do not move it: only differences do, such as a longer init or other outputs.
//!   There is none where the arm64 deployment is dearer even if it computed in no time.
//!
//! arm64 is cheaper exactly when the measured ratio is below the break-even one.
//!
//! [`PriceBook::break_even`]: crate::price::PriceBook::break_even

use std::sync::Arc;

use photofinish_study::{Architecture, Deployment, Target};

use crate::cost::{Costing, Workload};
use crate::price::gb_seconds;

/// Where one contestant's two architectures cost the same.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakEven {
    /// The deployment on x86_64.
    pub x86_64: Arc<Deployment>,
    /// The deployment on arm64.
    pub arm64: Arc<Deployment>,
    /// Mean billed time on arm64 over that on x86_64, as measured.
    pub measured: f64,
    /// The ratio at which compute alone costs the same.
    pub compute: f64,
    /// The ratio at which everything costs the same; none if arm64 is dearer at any.
    pub total: Option<f64>,
}

/// What is known of a deployment whose cost can be told.
pub(crate) struct Priced {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) work: Workload,
    pub(crate) billed_ms: f64,
}

/// One for each contestant and memory size that can be priced on both architectures.
pub(crate) fn break_even(priced: &[Priced], costing: &Costing) -> Vec<BreakEven> {
    let on = |architecture| {
        priced.iter().filter(move |of| of.deployment.target.architecture == architecture)
    };
    let twin = |x86: &Priced| {
        let target = Target { architecture: Architecture::Arm64, ..x86.deployment.target };
        on(Architecture::Arm64).find(|arm| {
            arm.deployment.target == target
                && arm.deployment.contestant == x86.deployment.contestant
        })
    };
    on(Architecture::X86_64).filter_map(|x86| Some(costing.break_even(x86, twin(x86)?))).collect()
}

impl Costing {
    fn break_even(&self, x86: &Priced, arm: &Priced) -> BreakEven {
        let (here, there) =
            (self.terms(&x86.work, x86.billed_ms), self.terms(&arm.work, arm.billed_ms));
        let other_than_time = there.total() - there.compute - there.init;
        let cold_ms = self.assumptions.cold_share * arm.work.init_ms;
        let total_ms = self.arm_ms(arm, here.total() - other_than_time) - cold_ms;
        BreakEven {
            x86_64: Arc::clone(&x86.deployment),
            arm64: Arc::clone(&arm.deployment),
            measured: arm.billed_ms / x86.billed_ms,
            compute: self.arm_ms(arm, here.compute) / x86.billed_ms,
            total: Some(total_ms / x86.billed_ms).filter(|ratio| *ratio > 0.0),
        }
    }

    /// The billed time of an image that so much money pays for, for all images.
    fn arm_ms(&self, arm: &Priced, usd: f64) -> f64 {
        let gb_s = self.book.duration(Architecture::Arm64).bought_with(usd);
        let images = self.assumptions.images as f64;
        gb_s / (images * gb_seconds(arm.deployment.target.memory_mb, 1.0))
    }
}
