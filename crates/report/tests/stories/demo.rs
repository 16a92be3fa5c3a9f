//! Reports of studies that never happened, for tests and for looking at.

use std::sync::Arc;

use photofinish_analyse::cost::{Assumptions, Costing, costs};
use photofinish_analyse::orchestration::orchestrations;
use photofinish_analyse::price::PriceBook;
use photofinish_analyse::summary::{attempts, cpu_models, starts, summarise};
use photofinish_analyse::verdict::judge;
use photofinish_analyse::{Rejection, completeness};
use photofinish_imaging::{Palette, Plane, encode_png8, luma, scene};
use photofinish_report::sheet::VerificationRow;
use photofinish_report::{Badge, Facts, Picture, ReportData, Source, Text};
use photofinish_study::record::Status;
use photofinish_study::{Architecture, Flow, Phase, Platform};

use crate::simulated::{Rows, Runner, Script, deployment_on, name, with_machines};

const BOOK: &str = include_str!("../../../assets/prices/aws-2026-09.toml");
const FUNCTIONS: [&str; 5] = ["greyscale", "resize", "depth", "rotate", "convert"];
const PILLOW_MS: [f64; 5] = [48.0, 31.0, 9.0, 12.0, 8.0];

fn script(runners: Vec<Runner>) -> Script {
    Script {
        runners,
        functions: FUNCTIONS.map(name).to_vec(),
        images: vec![(name("harbour-2mp"), 2.1), (name("meadow"), 0.8), (name("portrait-6"), 0.6)],
        rounds: 12,
        passes: 3,
        flows: vec![Flow::Chained, Flow::Isolated],
        seed: 562,
    }
}

/// What `quick.toml` gives: two variants on this machine.
pub(crate) fn quick() -> ReportData {
    let runner = |variant, factor: [f64; 5]| Runner {
        deployment: deployment_on(variant, Architecture::X86_64, Platform::Local),
        ms: PILLOW_MS.iter().zip(factor).map(|(ms, factor)| ms * factor).collect(),
    };
    let script =
        script(vec![runner("pillow", [1.0; 5]), runner("plain", [38.0, 11.0, 24.0, 19.0, 1.02])]);
    let rows = script.run();
    let mut data = analysed("quick", &script, rows, &[]);
    data.badges = vec![Badge::Local, Badge::Demonstration];
    data.notes = vec!["pillow and plain were written for this project; they are not the answer of a model under study.".into()];
    data
}

/// Three variants on two architectures of AWS, with failures and a rejected function.
pub(crate) fn large() -> ReportData {
    large_on(Platform::Aws)
}

/// The same, wherever it is said to have run.
pub(crate) fn large_on(platform: Platform) -> ReportData {
    let runner = |variant, architecture, factor: f64| Runner {
        deployment: deployment_on(variant, architecture, platform),
        ms: PILLOW_MS.iter().map(|ms| ms * factor).collect(),
    };
    let script = script(vec![
        runner("gpt-5", Architecture::X86_64, 1.0),
        runner("gpt-5", Architecture::Arm64, 0.86),
        runner("gemini-3-pro", Architecture::X86_64, 1.04),
        runner("gemini-3-pro", Architecture::Arm64, 1.18),
        runner("deepseek-v3.2", Architecture::X86_64, 1.4),
        runner("deepseek-v3.2", Architecture::Arm64, 1.3),
    ]);
    let mut rows = script.run();
    fail_some(&mut rows, 97);
    let rejections: Vec<Rejection> = script.runners[4..]
        .iter()
        .map(|runner| Rejection {
            deployment: runner.deployment.clone(),
            function: name("rotate"),
            reason: "turned counter-clockwise: block (3, 4) is 118 levels off".into(),
        })
        .collect();
    let mut data = analysed("tcss562-simulated", &script, rows, &rejections);
    data.badges = vec![Badge::Aws];
    data.notes = vec!["Simulated figures; no model was asked.".into()];
    data
}

/// Four variants on two architectures, with everything that a report can show.
pub(crate) fn whole() -> ReportData {
    let script = script(four(Platform::Aws));
    let mut rows = script.run();
    fail_some(&mut rows, 487);
    surprise_some(&mut rows);
    let rejections: Vec<Rejection> = script.runners[6..]
        .iter()
        .map(|runner| Rejection {
            deployment: runner.deployment.clone(),
            function: name("rotate"),
            reason: "largest block difference is 118.000, the limit is 8.000; it looks like a turn to the left".into(),
        })
        .collect();
    let mut data = analysed("whole", &script, rows, &rejections);
    data.badges = vec![
        Badge::Aws,
        Badge::ModelUnverified(
            "plain was imported from a file; which model wrote it cannot be told".into(),
        ),
    ];
    data.notes = vec!["Simulated figures; nothing was run.".into()];
    data.labels = labels();
    data.pictures = pictures(&script);
    data
}

/// Two variants on AWS, each by the client and by a state machine.
pub(crate) fn orchestrated() -> ReportData {
    let runner = |variant, factor: f64| Runner {
        deployment: deployment_on(variant, Architecture::X86_64, Platform::Aws),
        ms: PILLOW_MS.iter().map(|ms| ms * factor).collect(),
    };
    let script = script(vec![runner("pillow", 1.0), runner("numpy", 1.3)]);
    let mut data = analysed("orchestrated", &script, with_machines(&script, 1.25), &[]);
    data.badges = vec![Badge::Aws];
    data
}

/// The large study with what its models are supposed to have written.
pub(crate) fn authored() -> ReportData {
    let mut data = large();
    data.study = "authored".into();
    data.written = crate::authors::written(&data);
    data
}

/// Four variants on this machine, whose arm64 code only an emulator ran.
pub(crate) fn emulated() -> ReportData {
    let all = four(Platform::Local);
    let arm64 = |runner: &&Runner| runner.deployment.target.architecture == Architecture::Arm64;
    let script = script(all.iter().filter(|runner| !arm64(runner)).cloned().collect());
    let mut data = analysed("emulated", &script, script.run(), &[]);
    data.verification = verification(&Script { runners: all, ..script }, &[]);
    data.emulated = vec![Architecture::Arm64];
    data.badges = vec![Badge::Local];
    data.labels = labels();
    data
}

fn four(platform: Platform) -> Vec<Runner> {
    let on = |variant, architecture, factor: [f64; 5]| Runner {
        deployment: deployment_on(variant, architecture, platform),
        ms: PILLOW_MS.iter().zip(factor).map(|(ms, factor)| ms * factor).collect(),
    };
    [
        ("native", [0.21, 0.4, 0.3, 0.5, 0.4], 0.9),
        ("pillow", [1.0; 5], 0.86),
        ("numpy", [2.4, 1.9, 1.1, 1.3, 1.04], 1.12),
        ("plain", [38.0, 11.0, 24.0, 19.0, 1.02], 0.99),
    ]
    .into_iter()
    .flat_map(|(variant, factor, arm64)| {
        [
            on(variant, Architecture::X86_64, factor),
            on(variant, Architecture::Arm64, factor.map(|each| each * arm64)),
        ]
    })
    .collect()
}

fn labels() -> std::collections::BTreeMap<photofinish_study::Name, String> {
    let label =
        |function: &str| if function == "convert" { "I/O-intensive" } else { "CPU-intensive" };
    FUNCTIONS.iter().map(|function| (name(function), label(function).to_owned())).collect()
}

/// Passes far from the others, and an import for every function.
fn surprise_some(rows: &mut Rows) {
    for pass in rows.passes.iter_mut().filter(|pass| pass.at.pass % 211 == 7) {
        pass.turnaround_s = pass.turnaround_s.map(|seconds| seconds * 2.6);
    }
    for call in rows.invocations.iter_mut().filter(|call| call.at.phase == Phase::Stages) {
        call.import_ms = call.duration_ms.map(|ms| 4.0 + ms * 0.05);
    }
}

/// Turned the wrong way, of the wrong size, and no picture at all.
fn pictures(script: &Script) -> Vec<Picture> {
    let right = luma(&scene(3, 240, 320, Palette::Natural));
    let wrong = right.upside_down();
    let off = right.samples.iter().zip(&wrong.samples).map(|(a, b)| a.abs_diff(*b)).collect();
    let difference = Plane::new(right.width, right.height, off);
    let png = |plane: &Plane<u8>| encode_png8(plane).unwrap();
    let of = |runner: &Runner, input: &str, found, difference, words: &str| Picture {
        contestant: runner.deployment.contestant.clone(),
        architecture: runner.deployment.target.architecture,
        function: name("rotate"),
        input: input.into(),
        expected: png(&right),
        found,
        difference,
        words: words.into(),
    };
    let (left, size, none) = (
        "worst at column 211, row 88: 12 where 201 is asked for; the difference is shown 1.3 times as large",
        "it is 800x600 where 600x800 is asked for, so pixels cannot be compared",
        "nothing can be shown: the output is truncated or damaged: it ends in the chunk at byte 33",
    );
    let lying = png(&right.clockwise());
    vec![
        of(&script.runners[6], "meadow", Some(png(&wrong)), Some(png(&difference)), left),
        of(&script.runners[6], "portrait-6", Some(lying), None, size),
        of(&script.runners[7], "meadow", None, None, none),
    ]
}

/// Of so many passes one times out.
fn fail_some(rows: &mut Rows, every: u64) {
    let doomed = |pass: u64| pass % every == 5;
    for pass in rows.passes.iter_mut().filter(|pass| doomed(pass.at.pass)) {
        pass.status = Status("timeout".into());
        pass.turnaround_s = None;
    }
    for call in rows.invocations.iter_mut().filter(|call| doomed(call.at.pass)) {
        call.status = Status("timeout".into());
        call.error = Some("Sandbox.Timedout: task timed out after 60.00 seconds".into());
        call.duration_ms = None;
    }
    let unreported = rows.invocations.iter_mut().filter(|call| call.at.phase == Phase::Race);
    unreported.step_by(every as usize * 4 + 13).for_each(|call| call.duration_ms = None);
}

fn analysed(study: &str, script: &Script, rows: Rows, rejections: &[Rejection]) -> ReportData {
    let planned = script.planned();
    let summary = summarise(rows.race(), &planned);
    let book = PriceBook::parse("aws-2026-09", BOOK).unwrap();
    let break_even = book.break_even();
    let prices = Facts::of_prices(&book);
    let costing = Costing { book, assumptions: Assumptions::default() };
    let verdicts = judge(rows.race(), &planned, rejections, Some((&summary, &costing)));
    let machines = orchestrations(rows.race(), &planned, rejections, &summary, &costing);
    ReportData {
        study: study.into(),
        costs: costs(&summary, &planned, rejections, &costing).with_machines(&machines),
        orchestrations: machines,
        assumptions: Some(costing.assumptions),
        break_even: Some(break_even),
        verification: verification(script, rejections),
        attempts: attempts(rows.race(), &planned),
        rounds: completeness(rows.race(), &planned),
        cpu_models: cpu_models(rows.race()),
        starts: starts(rows.race(), &planned),
        passes: rows.passes,
        invocations: rows.invocations,
        summary,
        verdicts,
        planned,
        facts: facts().into_iter().chain([prices]).collect(),
        commands: vec!["photofinish run studies/quick.toml --seed 562".into()],
        sources: sources(script),
        texts: vec![
            Text { title: "Contract".into(), body: "[greyscale]\ntakes = \"JPEG\"\n".into() },
            Text { title: "Prompt: greyscale".into(), body: "Write lambda_function.py.\n".into() },
        ],
        ..ReportData::default()
    }
}

fn verification(script: &Script, rejections: &[Rejection]) -> Vec<VerificationRow> {
    let mut rows = Vec::new();
    for runner in &script.runners {
        for function in &script.functions {
            let rejection = rejections
                .iter()
                .find(|r| r.deployment == runner.deployment && r.function == *function);
            rows.extend(script.images.iter().map(|(image, _)| VerificationRow {
                contestant: runner.deployment.contestant.clone(),
                architecture: runner.deployment.target.architecture,
                function: function.clone(),
                input: Arc::from(image.as_str()),
                accepted: rejection.is_none(),
                reason: rejection.map(|r| Arc::clone(&r.reason)),
                metric: "largest block difference".into(),
                value: Some(if rejection.is_some() { 118.0 } else { 0.4 }),
                limit: Some(2.0),
            }));
        }
    }
    rows
}

fn facts() -> Vec<Facts> {
    let row = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        Facts {
            heading: "Study".into(),
            rows: vec![
                row("seed", "562"),
                row("photofinish", "0.1.0"),
                row(
                    "plan",
                    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                ),
                row("prices", "aws-2026-09, published 2026-09-19, us-east-1"),
            ],
        },
        Facts {
            heading: "Machine".into(),
            rows: vec![
                row("processor", "Simulated CPU 1"),
                row("isolation", "namespaces, seccomp, cgroup v2"),
                row("CPU share", "1769 MB = 1 vCPU"),
            ],
        },
    ]
}

fn sources(script: &Script) -> Vec<Source> {
    let of = |runner: &Runner| {
        let variant = runner.deployment.contestant.to_string();
        script.functions.iter().map(move |function| Source {
            variant: variant.clone(),
            function: function.clone(),
            file: "lambda_function.py".into(),
            code: format!("def lambda_handler(event, context):\n    \"\"\"{function} & <co>\"\"\"\n    return {{\"bucket\": event[\"output_bucket\"]}}\n"),
        })
    };
    let mut sources: Vec<Source> = Vec::new();
    for source in script.runners.iter().flat_map(of) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}
