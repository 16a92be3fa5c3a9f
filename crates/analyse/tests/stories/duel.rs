//! The smallest study: two contestants, one function, one picture.

use std::sync::Arc;

use photofinish_study::{Architecture, Deployment, Flow, Platform};

use crate::simulated::{Runner, Script, deployment_on, name};

pub(crate) fn deployment(variant: &str) -> Arc<Deployment> {
    deployment_on(variant, Architecture::X86_64, Platform::Local)
}

/// `left` and `right` of the given true times, nine chained passes a round.
pub(crate) fn duel(seed: u64, rounds: u32, left_ms: f64, right_ms: f64) -> Script {
    let runner = |variant, ms| Runner { deployment: deployment(variant), ms: vec![ms] };
    Script {
        seed,
        runners: vec![runner("left", left_ms), runner("right", right_ms)],
        functions: vec![name("greyscale")],
        images: vec![(name("harbour"), 1.0)],
        rounds,
        passes: 9,
        flows: vec![Flow::Chained],
    }
}
