//! Models that were never asked, and what they are supposed to have answered.

use photofinish_analyse::repaid::repaid;
use photofinish_analyse::score::{DRAWS, scores, writing_usd};
use photofinish_analyse::speed::Speeds;
use photofinish_report::{AppendixPrompt, ReportData, SentPrompt, Written};
use photofinish_study::record::{Channel, Ending, Generation, Judgement};
use photofinish_study::{Contestant, Digest, Sample};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::simulated::name;

const SAMPLES: u32 = 10;
const FUNCTIONS: [&str; 5] = ["greyscale", "resize", "depth", "rotate", "convert"];

/// A model and how good it is.
struct Model {
    variant: &'static str,
    asked: &'static str,
    served: &'static str,
    stands_for: Option<&'static str>,
    /// The chance of a right answer for each function.
    right: [f64; 5],
    /// What an output token costs.
    usd: f64,
    tokens: f64,
}

const MODELS: [Model; 3] = [
    Model {
        variant: "gpt-5",
        asked: "openai:gpt-5.6-sol",
        served: "gpt-5.6-sol",
        stands_for: Some("openai:gpt-5"),
        right: [0.95, 0.8, 0.9, 0.95, 0.85],
        usd: 1e-5,
        tokens: 5200.0,
    },
    Model {
        variant: "gemini-3-pro",
        asked: "gemini:gemini-3.1-pro",
        served: "gemini-3.1-pro-002",
        stands_for: None,
        right: [0.9, 0.6, 0.85, 0.9, 0.9],
        usd: 1.2e-5,
        tokens: 6100.0,
    },
    Model {
        variant: "deepseek-v3.2",
        asked: "compatible:deepseek-v3.2",
        served: "deepseek-v3.2",
        stands_for: None,
        right: [0.8, 0.1, 0.7, 0.5, 0.75],
        usd: 4e-7,
        tokens: 1900.0,
    },
];

/// What the three models of a study wrote, one round of repairs included.
pub(crate) fn written(data: &ReportData) -> Written {
    let mut chance = ChaCha8Rng::seed_from_u64(562);
    let mut generations = Vec::new();
    for model in &MODELS {
        for sample in 1..=SAMPLES {
            for (function, right) in FUNCTIONS.into_iter().zip(model.right) {
                let first = answer(model, Sample::first(sample), function, right, &mut chance);
                let again = first.is_right() == Some(false);
                generations.push(first);
                if again {
                    let sample = Sample::first(sample).repaired();
                    generations.push(answer(model, sample, function, 0.6, &mut chance));
                }
            }
        }
    }
    // Who raced was right, but for the function that the study rejects.
    for row in generations.iter_mut().filter(|row| row.contestant.sample == Sample::first(1)) {
        let wrong =
            row.contestant.variant.as_str() == "deepseek-v3.2" && row.function.as_str() == "rotate";
        row.ending = Ending::Complete;
        row.judgement = if wrong {
            Judgement::Rejected("turned counter-clockwise".into())
        } else {
            Judgement::Accepted
        };
    }
    generations[3].judgement = Judgement::NotVerified;
    for row in generations
        .iter_mut()
        .filter(|row| row.contestant.variant.as_str() == "gemini-3-pro")
        .take(2)
    {
        (row.served, row.as_asked) = (Some("gemini-3-flash".into()), Some(false));
    }
    generations[5].missing_imports = vec!["cv2".into()];
    generations[5].seen = vec![
        "loop over pixels in line 12: getpixel in a loop".into(),
        "loop over pixels in line 30: getpixel in a loop".into(),
        "bare except in line 40".into(),
    ];
    scored(data, generations)
}

fn scored(data: &ReportData, generations: Vec<Generation>) -> Written {
    let baseline = data.planned.deployments[0].contestant.clone();
    let target = data.planned.deployments[0].target;
    let chosen = data.planned.deployments.iter().map(|d| d.contestant.clone()).collect();
    let speeds = Speeds::of(&data.summary, &baseline, target, chosen);
    Written {
        scores: scores(&generations, &FUNCTIONS.map(name), &DRAWS, Some(&speeds)),
        baseline: Some((baseline, target)),
        repaid: repaid(&data.costs.rows, &data.verdicts, &writing_usd(&generations)),
        prompts: FUNCTIONS.map(prompt).into(),
        generations,
    }
}

fn answer(
    model: &Model,
    sample: Sample,
    function: &str,
    right: f64,
    chance: &mut ChaCha8Rng,
) -> Generation {
    let mut luck = || -> f64 { chance.random() };
    let tokens = (model.tokens * (0.6 + luck())).round();
    let judgement = if luck() < right {
        Judgement::Accepted
    } else {
        Judgement::Rejected("largest block difference is 118.000, the limit is 8.000".into())
    };
    let ending = match luck() {
        draw if draw < 0.02 => Ending::Refused,
        draw if draw < 0.04 => Ending::CutOff,
        _ => Ending::Complete,
    };
    Generation {
        contestant: Contestant { variant: name(model.variant), sample },
        function: name(function),
        asked: model.asked.into(),
        served: Some(model.served.into()),
        as_asked: Some(true),
        stands_for: model.stands_for.map(Into::into),
        effort: Some("high".into()),
        channel: Channel::Api,
        ending,
        attempts: 1,
        input_tokens: Some(1480),
        cached_tokens: Some(0),
        output_tokens: Some(tokens as u64),
        reasoning_tokens: Some((tokens * 0.7) as u64),
        usd: Some(tokens * model.usd),
        seconds: Some((tokens / 8.0).round() / 10.0),
        lines: Some(40),
        complexity: Some(6),
        missing_imports: vec![],
        seen: vec![],
        judgement,
    }
}

fn prompt(function: &str) -> AppendixPrompt {
    let text = format!("Write `lambda_function.py` for {function}.\nAnswer with the file alone.\n");
    let sent = |(variant, note): (&str, &str)| SentPrompt {
        variant: name(variant),
        note: note.to_owned(),
        sha256: Digest::of(format!("{text}{note}").as_bytes()),
    };
    let note = "\nPut the file into one fenced block.\n";
    let models = [("gpt-5", ""), ("gemini-3-pro", ""), ("deepseek-v3.2", note)].map(sent);
    AppendixPrompt { function: name(function), models: models.into(), text }
}
