//! Studies that never happened: rows with known truth behind them, for tests and for looking at.

use std::sync::Arc;

use photofinish_analyse::{Planned, Race};
use photofinish_study::record::{Execution, Invocation, Pass, Position, Status};
use photofinish_study::{
    Architecture, Contestant, Deployment, Flow, Name, Orchestration, Phase, Platform, Sample,
    State, Target,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How the truth spreads.
pub(crate) const SANDBOX_SPREAD: f64 = 0.06;
/// The same, of single calls.
pub(crate) const CALL_SPREAD: f64 = 0.12;

/// One deployment and how fast it really is.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    pub(crate) deployment: Arc<Deployment>,
    /// True milliseconds for each function on a picture of weight 1.
    pub(crate) ms: Vec<f64>,
}

/// What is simulated.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) seed: u64,
    pub(crate) runners: Vec<Runner>,
    pub(crate) functions: Vec<Name>,
    /// Each picture and its weight.
    pub(crate) images: Vec<(Name, f64)>,
    pub(crate) rounds: u32,
    /// Race passes of each picture in a round.
    pub(crate) passes: u32,
    pub(crate) flows: Vec<Flow>,
}

/// The rows that came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub(crate) passes: Vec<Pass>,
    pub(crate) invocations: Vec<Invocation>,
}

impl Rows {
    pub(crate) fn race(&self) -> Race<'_> {
        Race::of(&self.passes, &self.invocations)
    }
}

/// The study, and every race pass again by a state machine, so much slower.
pub(crate) fn with_machines(script: &Script, slower: f64) -> Rows {
    let mut rows = script.run();
    let again = script.run();
    let own = |pass: u64| pass + 100_000;
    for mut call in again.invocations {
        let mut at = (*call.at).clone();
        (at.pass, at.orchestration) = (own(at.pass), Orchestration::StepFunctions);
        call.at = Arc::new(at);
        (call.sent_ms, call.client_ms) = (None, None);
        rows.invocations.push(call);
    }
    for mut pass in again.passes {
        (pass.at.pass, pass.at.orchestration) = (own(pass.at.pass), Orchestration::StepFunctions);
        pass.turnaround_s = pass.turnaround_s.map(|seconds| seconds * slower);
        pass.execution = Some(Execution {
            duration_ms: pass.turnaround_s.map(|seconds| seconds * 900.0),
            billed_ms: Some(300.0),
            memory_mb: Some(64.0),
        });
        rows.passes.push(pass);
    }
    rows
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn deployment_on(
    variant: &str,
    architecture: Architecture,
    platform: Platform,
) -> Arc<Deployment> {
    Arc::new(Deployment {
        contestant: Contestant { variant: name(variant), sample: Sample::first(1) },
        target: Target { platform, architecture, memory_mb: 1769 },
    })
}

/// A factor whose logarithm is normal with the given spread (Box and Muller).
pub(crate) fn luck(chance: &mut ChaCha8Rng, spread: f64) -> f64 {
    let (a, b): (f64, f64) = (chance.random(), chance.random());
    ((-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos() * spread).exp()
}

impl Script {
    pub(crate) fn planned(&self) -> Planned {
        let cell = |flow: Flow| {
            self.images.iter().map(move |(image, _)| ((flow, image.clone()), self.passes))
        };
        Planned {
            beside: std::collections::HashSet::new(),
            deployments: self.runners.iter().map(|runner| runner.deployment.clone()).collect(),
            functions: self.functions.clone(),
            round: self.flows.iter().copied().flat_map(cell).collect(),
        }
    }

    pub(crate) fn run(&self) -> Rows {
        let mut stage = Stage {
            chance: ChaCha8Rng::seed_from_u64(self.seed),
            script: self,
            rows: Rows::default(),
            pass: 0,
        };
        for &flow in &self.flows {
            for round in 1..=self.rounds {
                stage.round(flow, round);
            }
        }
        stage.rows
    }
}

struct Stage<'a> {
    chance: ChaCha8Rng,
    script: &'a Script,
    rows: Rows,
    pass: u64,
}

impl Stage<'_> {
    fn luck(&mut self, spread: f64) -> f64 {
        luck(&mut self.chance, spread)
    }

    fn round(&mut self, flow: Flow, round: u32) {
        let script = self.script;
        for runner in &script.runners {
            let sandboxes: Vec<f64> =
                runner.ms.iter().map(|ms| ms * self.luck(SANDBOX_SPREAD)).collect();
            let first = &script.images[0];
            self.pass(flow, round, 0, runner, &sandboxes, first, Phase::WarmUp);
            if round == 1 {
                self.pass(flow, round, 0, runner, &sandboxes, first, Phase::Stages);
            }
            for block in 1..=script.passes {
                for image in &script.images {
                    self.pass(flow, round, block, runner, &sandboxes, image, Phase::Race);
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is one column of the row it makes")]
    fn pass(
        &mut self,
        flow: Flow,
        round: u32,
        block: u32,
        runner: &Runner,
        sandboxes: &[f64],
        (image, weight): &(Name, f64),
        phase: Phase,
    ) {
        self.pass += 1;
        let at = Arc::new(Position {
            pass: self.pass,
            session: 1,
            round,
            block,
            position: 1,
            phase,
            flow,
            orchestration: Orchestration::Client,
            deployment: runner.deployment.clone(),
            model: None,
            image: image.clone(),
        });
        let state = if phase == Phase::WarmUp { State::Cold } else { State::Warm };
        let mut turnaround_ms = 0.0;
        for (place, (function, sandbox)) in self.script.functions.iter().zip(sandboxes).enumerate()
        {
            let duration = sandbox * weight * self.luck(CALL_SPREAD);
            let mut call = self.call(&at, function, place, duration, state);
            call.sent_ms = Some(turnaround_ms);
            turnaround_ms += call.client_ms.unwrap();
            self.rows.invocations.push(call);
        }
        self.rows.passes.push(Pass {
            at: (*at).clone(),
            state: Some(state),
            started_at: started_at(self.pass),
            turnaround_s: Some(turnaround_ms / 1000.0),
            execution: None,
            status: Status(Status::OK.into()),
        });
    }

    fn call(
        &mut self,
        at: &Arc<Position>,
        function: &Name,
        place: usize,
        duration: f64,
        state: State,
    ) -> Invocation {
        let cold = state == State::Cold;
        let init = cold.then(|| 350.0 * self.luck(SANDBOX_SPREAD));
        let staged = |share: f64| (at.phase == Phase::Stages).then_some(duration * share);
        let billed = (duration + init.unwrap_or(0.0)).ceil();
        Invocation {
            at: at.clone(),
            function: function.clone(),
            state: Some(state),
            started_at: started_at(at.pass),
            sent_ms: None,
            client_ms: Some(billed + 2.25),
            duration_ms: Some(duration),
            billed_ms: Some(billed),
            init_ms: init,
            max_memory_mb: Some(61.0 + place as f64),
            cpu_ms: staged(0.9),
            import_ms: staged(0.0),
            download_ms: staged(0.08),
            compute_ms: staged(0.8),
            upload_ms: staged(0.12),
            input_bytes: Some(400_000),
            output_bytes: Some(150_000 + 10_000 * place as u64),
            s3_requests: Some(2),
            sandbox: Some(format!("r{}-{function}", at.round).into()),
            cpu_model: Some("Simulated CPU 1".into()),
            status: Status(Status::OK.into()),
            error: None,
            output_sha256: None,
            cost_usd: None,
        }
    }
}

fn started_at(pass: u64) -> Arc<str> {
    let (minutes, seconds) = (pass / 60 % 60, pass % 60);
    format!("2026-11-24T{:02}:{minutes:02}:{seconds:02}.000Z", 6 + pass / 3600).into()
}
