//! Verdicts on whole races: what counts, what is adjusted, and how often identical code is told
//! apart.

use std::sync::Arc;

use photofinish_analyse::{
    Family, Planned, Race, Rejection, Verdict, VerdictRow, summarise, verdicts,
};
use photofinish_study::record::{Invocation, Pass, Position, Status};
use photofinish_study::{
    Architecture, Contestant, Deployment, Flow, Name, Phase, Platform, State, Target,
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn deployment(variant: &str, architecture: Architecture) -> Deployment {
    Deployment {
        contestant: Contestant { variant: name(variant), sample: 1 },
        target: Target { platform: Platform::Local, architecture, memory_mb: 1769 },
    }
}

fn x86(variant: &str) -> Deployment {
    deployment(variant, Architecture::X86_64)
}

fn planned() -> Planned {
    Planned { functions: vec![name("resize")], passes_per_round: 3 }
}

/// Rows as they come from a journal, grown pass by pass.
#[derive(Default)]
struct Rows {
    passes: Vec<Pass>,
    invocations: Vec<Invocation>,
}

impl Rows {
    fn add(&mut self, deployment: &Arc<Deployment>, flow: Flow, round: u32, image: &Name, ms: f64) {
        let at = Position {
            pass: self.passes.len() as u64 + 1,
            session: 1,
            round,
            block: 1,
            position: 1,
            phase: Phase::Race,
            flow,
            deployment: Arc::clone(deployment),
            model: None,
            image: image.clone(),
        };
        let ok = Status("ok".into());
        self.invocations.push(Invocation {
            at: Arc::new(at.clone()),
            function: name("resize"),
            state: Some(State::Warm),
            started_at: "2026-11-24T12:00:00.000Z".into(),
            client_ms: Some(ms + 1.0),
            duration_ms: Some(ms),
            billed_ms: Some(ms.ceil()),
            init_ms: None,
            max_memory_mb: Some(60.0),
            cpu_ms: None,
            import_ms: None,
            download_ms: None,
            compute_ms: None,
            upload_ms: None,
            input_bytes: None,
            output_bytes: None,
            s3_requests: None,
            sandbox: Some("s".into()),
            cpu_model: None,
            status: ok.clone(),
            error: None,
            output_sha256: None,
            cost_usd: Some(ms * 1e-8),
        });
        self.passes.push(Pass {
            at,
            state: Some(State::Warm),
            started_at: "2026-11-24T12:00:00.000Z".into(),
            turnaround_s: Some(ms / 1000.0),
            status: ok,
        });
    }

    /// A race of these deployments, each with its typical time, over three images.
    fn race(
        random: &mut ChaCha8Rng,
        flow: Flow,
        rounds: u32,
        racers: &[(Deployment, f64)],
        (sandbox, call): (f64, f64),
    ) -> Self {
        let images = ["a", "b", "c"].map(name);
        let mut rows = Self::default();
        for (deployment, typical) in racers {
            let deployment = Arc::new(deployment.clone());
            for round in 1..=rounds {
                let luck = sandbox * normal(random);
                for (factor, image) in [1.0, 2.0, 5.0].iter().zip(&images) {
                    let ms = typical * factor * (luck + call * normal(random)).exp();
                    rows.add(&deployment, flow, round, image, ms);
                }
            }
        }
        rows
    }

    fn judge(
        &self,
        flow: Flow,
        racers: &[Deployment],
        rejections: &[Rejection],
    ) -> Vec<VerdictRow> {
        let planned = planned();
        verdicts(&Race::new(&planned, &self.invocations, &self.passes), &[flow], racers, rejections)
    }
}

/// A standard normal number, by the polar road.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Sandboxes differ by 6 %, calls by 12 %: as measured on real platforms.
const USUAL: (f64, f64) = (0.06, 0.12);

/// How often one and the same code, entered twice, is told apart.
fn false_verdicts(rounds: u32, studies: u32) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(562 + u64::from(rounds));
    let racers = [(x86("one"), 20.0), (x86("two"), 20.0)];
    let names = racers.clone().map(|(deployment, _)| deployment);
    let told_apart = (0..studies)
        .filter(|_| {
            let rows = Rows::race(&mut random, Flow::Isolated, rounds, &racers, USUAL);
            let verdicts = rows.judge(Flow::Isolated, &names, &[]);
            assert_eq!(verdicts.len(), 1);
            verdicts[0].verdict != Verdict::Undecided
        })
        .count();
    told_apart as f64 / f64::from(studies)
}

#[test]
fn identical_code_is_told_apart_at_the_nominal_rate_from_eight_rounds_on() {
    for rounds in [8, 12, 30] {
        let rate = false_verdicts(rounds, 3_000);
        assert!((0.04..=0.06).contains(&rate), "{rounds} rounds: {rate}");
    }
}

#[test]
fn below_eight_rounds_nothing_is_ever_decided() {
    for rounds in [2, 7] {
        assert_eq!(false_verdicts(rounds, 200), 0.0);
    }
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let racers = [(x86("fast"), 1.0), (x86("slow"), 100.0)];
    let names = racers.clone().map(|(deployment, _)| deployment);
    let rows = Rows::race(&mut random, Flow::Isolated, 7, &racers, USUAL);
    let verdict = &rows.judge(Flow::Isolated, &names, &[])[0];
    assert_eq!(verdict.verdict, Verdict::Undecided);
    assert!(verdict.reason.starts_with("too few rounds: 7"), "{}", verdict.reason);
    assert!(verdict.ratio.is_some() && verdict.p.is_none());
}

#[test]
fn a_real_difference_is_found_with_its_size_and_side() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let racers = [(x86("fast"), 20.0), (x86("slow"), 30.0)];
    let names = racers.clone().map(|(deployment, _)| deployment);
    let rows = Rows::race(&mut random, Flow::Chained, 12, &racers, USUAL);
    let verdicts = rows.judge(Flow::Chained, &names, &[]);
    let of = |family| verdicts.iter().find(|row| row.family == family).unwrap();
    let pipeline = of(Family::Pipeline);
    assert_eq!(pipeline.verdict, Verdict::Faster);
    let (ratio, low, high) =
        (pipeline.ratio.unwrap(), pipeline.ci_low.unwrap(), pipeline.ci_high.unwrap());
    assert!(low < 2.0 / 3.0 && 2.0 / 3.0 < high && low < ratio && ratio < high, "{low} {high}");
    assert_eq!((pipeline.rounds, pipeline.n_left, pipeline.n_right), (12, 36, 36));
    assert_eq!(of(Family::Cost).verdict, Verdict::Cheaper);
}

#[test]
fn an_incomplete_round_counts_for_nobody() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let racers = [(x86("one"), 20.0), (x86("two"), 20.0)];
    let names = racers.clone().map(|(deployment, _)| deployment);
    let mut rows = Rows::race(&mut random, Flow::Isolated, 12, &racers, USUAL);
    let failed = rows.invocations.iter_mut().find(|row| row.at.round == 5).unwrap();
    failed.status = Status("in doubt".into());
    let verdict = &rows.judge(Flow::Isolated, &names, &[])[0];
    assert_eq!((verdict.rounds, verdict.n_left, verdict.n_right), (11, 33, 33));
}

#[test]
fn what_was_rejected_earns_no_time() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let racers = [(x86("right"), 20.0)];
    let names = [x86("right"), x86("wrong")];
    let rows = Rows::race(&mut random, Flow::Isolated, 12, &racers, USUAL);
    let rejection = Rejection {
        deployment: x86("wrong"),
        function: Some(name("resize")),
        reason: "size: it is 64x48".to_owned(),
    };
    let verdict = &rows.judge(Flow::Isolated, &names, &[rejection])[0];
    assert_eq!(verdict.verdict, Verdict::Rejected);
    assert!(verdict.reason.contains("64x48") && verdict.ratio.is_none());
}

#[test]
fn an_architecture_that_suits_one_author_better_is_an_interaction() {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let arm = |variant| deployment(variant, Architecture::Arm64);
    // On arm64 `one` gains a third, `two` nothing.
    let racers = [(x86("one"), 30.0), (arm("one"), 20.0), (x86("two"), 30.0), (arm("two"), 30.0)];
    let names = racers.clone().map(|(deployment, _)| deployment);
    let rows = Rows::race(&mut random, Flow::Chained, 30, &racers, (0.02, 0.05));
    let verdicts = rows.judge(Flow::Chained, &names, &[]);
    let interaction: Vec<&VerdictRow> =
        verdicts.iter().filter(|row| row.family == Family::Architecture).collect();
    assert_eq!(interaction.len(), 1);
    assert_eq!(interaction[0].left, "one/1 arm64/x86_64");
    assert_eq!(interaction[0].verdict, Verdict::Faster);
    assert!((interaction[0].ratio.unwrap() - 2.0 / 3.0).abs() < 0.05);
    // Six pairs, adjusted together.
    assert_eq!(verdicts.iter().filter(|row| row.family == Family::Pipeline).count(), 6);
}

#[test]
fn a_summary_pools_spread_within_images_and_takes_its_interval_from_rounds() {
    let one = Arc::new(x86("one"));
    let mut rows = Rows::default();
    for (round, values) in [(1, [10.0, 20.0, 50.0]), (2, [12.0, 22.0, 56.0])] {
        for (image, ms) in ["a", "b", "c"].map(name).iter().zip(values) {
            rows.add(&one, Flow::Isolated, round, image, ms);
        }
    }
    let planned = planned();
    let summary = summarise(&Race::new(&planned, &rows.invocations, &rows.passes));
    let row = |image: &str| {
        summary
            .iter()
            .find(|row| {
                row.function == name("resize")
                    && row.image == name(image)
                    && row.metric.as_str() == "duration"
            })
            .unwrap()
    };
    let all = row("all");
    assert_eq!((all.n, all.rounds), (6, 2));
    assert!((all.mean - (11.0 + 21.0 + 53.0) / 3.0).abs() < 1e-12);
    // Variances within images: 2, 2 and 18, one degree of freedom each.
    assert!((all.sd.unwrap() - (22.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    assert!(all.sd_raw.unwrap() > 3.0 * all.sd.unwrap());
    // Round means 80/3 and 30: t with one degree of freedom is 12.7062.
    let half = (30.0 - 80.0 / 3.0) / 2.0 * 12.706_204_736;
    assert!((all.ci_high.unwrap() - all.mean - half).abs() < 1e-6);
    assert_eq!((row("b").n, row("b").mean), (2, 21.0));
}
