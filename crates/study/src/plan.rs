//! The plan: what will be run, how often, and about how long that takes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::application::{Application, Function, Image};
use crate::file::Study;
use crate::place::{InputError, Source};
use crate::words::{Deployment, Flow, Platform};

/// What a study will do.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The study as asked for.
    pub study: Study,
    /// The functions that take part, in the chain's order.
    pub functions: Vec<Function>,
    /// The pictures that are raced over.
    pub images: Vec<Image>,
    /// Every deployment.
    pub deployments: Vec<Deployment>,
    /// How often what is run.
    pub counts: Counts,
}

/// How often what is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Sets of fresh sandboxes.
    pub rounds: u32,
    /// Blocks in a round, for each flow, and for the state machines: every image equally often.
    pub blocks: u32,
    /// Race passes of one deployment in one flow, over the whole race.
    pub passes: u32,
    /// First passes of one deployment in a round, kept apart.
    pub warm_up: u32,
    /// Passes of one deployment with stage times.
    pub stages: u32,
    /// Sets of fresh sandboxes of the pilot.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pilot: u32,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Sets of fresh sandboxes of a pilot on AWS, unless the study says otherwise: the fewest from
/// which an interval says more than that it is wide.
pub const DEFAULT_PILOT: u32 = 3;

impl Plan {
    /// Makes the plan of a study over an application.
    pub fn make(
        study: &Study,
        source: &Source,
        application: &Application,
    ) -> Result<Self, InputError> {
        let functions = application.choose_functions(&study.functions, source)?;
        let mut images = application.choose_images(&study.images, source)?;
        if functions.is_empty() || images.is_empty() {
            let path = application.folder.join("application.toml");
            return Err(InputError::of_file(&path, "an application needs a function and an image"));
        }
        if study.spike {
            images.truncate(1);
        }
        if functions[..] != application.functions[..functions.len()] {
            let path = source.path();
            return Err(InputError::of_file(path, "`functions` leaves a hole in the chain").help(
                "name the first function and those that follow it, since each takes the last one's output",
            ));
        }
        let counts = counts(study, images.len());
        Ok(Self {
            study: study.clone(),
            functions,
            images,
            deployments: study.deployments(),
            counts,
        })
    }

    /// Passes that will be run, of every phase, by so many deployments.
    #[must_use]
    pub fn total_passes(&self, deployments: usize) -> u64 {
        let counts = self.counts;
        let machines = u64::from(self.study.has_machines());
        let legs = self.study.flow.len() as u64 + machines;
        let race = u64::from(counts.passes) * legs;
        let warm_up = u64::from(counts.warm_up) * u64::from(counts.rounds) * (1 + machines);
        let stages = if counts.stages > 0 { u64::from(counts.stages + counts.warm_up) } else { 0 };
        deployments as u64 * (race + warm_up + stages)
    }

    /// Passes of each deployment in the pilot: in each set of sandboxes one that finds them cold,
    /// and one over each picture.
    #[must_use]
    pub fn pilot_passes(&self) -> u32 {
        self.counts.pilot * (1 + u32::try_from(self.images.len()).unwrap_or(u32::MAX - 1))
    }

    /// Executions of state machines among them.
    #[must_use]
    pub fn total_executions(&self, deployments: usize) -> u64 {
        let counts = self.counts;
        let of_one = counts.passes + counts.warm_up * counts.rounds;
        u64::from(self.study.has_machines()) * u64::from(of_one) * deployments as u64
    }

    /// Calls of functions that will be made while measuring.
    #[must_use]
    pub fn total_invocations(&self, deployments: usize) -> u64 {
        self.total_passes(deployments) * self.functions.len() as u64
    }

    /// Fresh sandboxes that will be started.
    #[must_use]
    pub fn total_cold_starts(&self, deployments: usize) -> u64 {
        let sets = u64::from(self.counts.rounds) + u64::from(self.counts.stages > 0);
        sets * deployments as u64 * self.functions.len() as u64
    }

    /// A guess before anything was run: what such functions usually take, no more.
    #[must_use]
    pub fn guess(&self, deployments: usize) -> Duration {
        const COLD_START: f64 = 0.7;
        const INVOCATION: f64 = 0.15;
        #[expect(clippy::cast_precision_loss, reason = "a guess")]
        let seconds = COLD_START * self.total_cold_starts(deployments) as f64
            + INVOCATION * self.total_invocations(deployments) as f64;
        Duration::from_secs_f64(seconds)
    }

    /// Race passes of each picture in a round of a flow, for each deployment.
    #[must_use]
    pub fn passes_per_image(&self) -> u32 {
        self.counts.blocks / u32::try_from(self.images.len()).unwrap_or(u32::MAX).max(1)
    }

    /// Whether the race runs this flow.
    #[must_use]
    pub fn has_flow(&self, flow: Flow) -> bool {
        self.study.flow.contains(&flow)
    }
}

/// Blocks so that each deployment has at least the passes asked for, every image equally often
/// in each round.
fn counts(study: &Study, images: usize) -> Counts {
    let images = u32::try_from(images).unwrap_or(u32::MAX);
    let blocks = study.passes.div_ceil(study.rounds).div_ceil(images) * images;
    Counts {
        rounds: study.rounds,
        blocks,
        passes: blocks * study.rounds,
        warm_up: study.warm_up,
        stages: study.stages,
        pilot: pilot(study),
    }
}

/// Where a call costs money, what the race costs is found out before it begins.
fn pilot(study: &Study) -> u32 {
    let on_aws = study.targets.iter().any(|target| target.platform == Platform::Aws);
    match study.pilot {
        _ if study.spike => 0,
        Some(sets) => sets,
        None if on_aws => DEFAULT_PILOT,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::words::Orchestration;

    fn study(passes: u32, rounds: u32) -> Study {
        let text = format!(
            "application = \"a\"\npasses = {passes}\nrounds = {rounds}\n
             [[variant]]\nname = \"v\"\nsource = \"v\"\n[[target]]\nplatform = \"local\""
        );
        Study::from_source(&Source::from_text(Path::new("s.toml"), text)).unwrap()
    }

    #[test]
    fn state_machines_are_a_leg_of_their_own_with_a_warm_up_of_theirs() {
        let with = |machines: bool| {
            let mut study = study(36, 12);
            if machines {
                study.orchestration = vec![Orchestration::Client, Orchestration::StepFunctions];
            }
            let deployments = study.deployments();
            let counts = counts(&study, 3);
            Plan { study, functions: vec![], images: vec![], deployments, counts }.total_passes(2)
        };
        // Two deployments: 36 race passes in each of two flows, 12 to warm up, 10 + 1 of stages.
        assert_eq!(with(false), 2 * (72 + 12 + 11));
        assert_eq!(with(true), 2 * (108 + 24 + 11));
    }

    #[test]
    fn a_deployment_never_has_fewer_passes_than_asked_for_nor_an_image_more_than_another() {
        for (passes, rounds, images, blocks) in
            [(100, 12, 3, 9), (36, 12, 3, 3), (1, 12, 3, 3), (100, 12, 1, 9), (108, 12, 3, 9)]
        {
            let counts = counts(&study(passes, rounds), images);
            assert_eq!(counts.blocks, blocks);
            assert!(counts.passes >= passes && (counts.blocks as usize).is_multiple_of(images));
        }
    }
}
