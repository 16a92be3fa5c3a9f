//! Asks a model one question, as studies do, and writes what became of it as one line of JSON.
//!
//!     ask PROVIDER:MODEL [base_url=URL] [effort=WORD] [at_once=N] [times=N]
//!         [pause_ms=N] [request_ms=N] [deadline_ms=N] < QUESTION
//!
//! Asked more than once, each question bears its number, and there is a line for each.

use std::io::Read as _;
use std::process::ExitCode;
use std::time::Duration;

use photofinish_generate::{
    Access, Attempt, Client, Ending, Failure, Patience, Provider, Question, Recorder, Reply,
    Request, Speaker, Turn, Unrecorded, WhyNot,
};
use serde_json::{Value, json};

/// What was recorded of one question.
#[derive(Default)]
struct Record {
    intents: u32,
    attempts: Vec<Value>,
}

impl Recorder for Record {
    fn intent(&mut self, _request: &Request, _sent_at: &str) -> Result<(), Unrecorded> {
        self.intents += 1;
        Ok(())
    }

    fn outcome(&mut self, attempt: &Attempt) -> Result<(), Unrecorded> {
        self.attempts.push(match &attempt.outcome {
            Ok(response) => response.status.into(),
            Err(why) => why.as_str().into(),
        });
        Ok(())
    }
}

struct Wanted {
    provider: Provider,
    model: String,
    base_url: Option<String>,
    effort: Option<String>,
    at_once: usize,
    times: usize,
    patience: Patience,
}

fn wanted() -> Result<Wanted, String> {
    let mut arguments = std::env::args().skip(1);
    let model = arguments.next().ok_or("name a model: PROVIDER:MODEL")?;
    let (provider, model) = Provider::and_model(&model).ok_or("there is no such provider")?;
    let mut wanted = Wanted {
        provider,
        model: model.to_owned(),
        base_url: None,
        effort: None,
        at_once: 4,
        times: 1,
        patience: Patience::default(),
    };
    for argument in arguments {
        let (name, value) = argument.split_once('=').ok_or("arguments are NAME=VALUE")?;
        let number = || value.parse::<u32>().map_err(|error| format!("{name}: {error}"));
        let milliseconds = || number().map(|number| Duration::from_millis(number.into()));
        match name {
            "base_url" => wanted.base_url = Some(value.to_owned()),
            "effort" => wanted.effort = Some(value.to_owned()),
            "at_once" => wanted.at_once = number()? as usize,
            "times" => wanted.times = number()? as usize,
            "pause_ms" => wanted.patience.first_pause = milliseconds()?,
            "request_ms" => wanted.patience.one_request = milliseconds()?,
            "deadline_ms" => wanted.patience.deadline = milliseconds()?,
            _ => return Err(format!("`{name}` is nothing that can be set")),
        }
    }
    Ok(wanted)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("ask: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything was answered.
async fn run() -> Result<bool, Box<dyn std::error::Error>> {
    let wanted = wanted()?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let environment = |variable: &str| std::env::var(variable).ok();
    let access = Access::find(wanted.provider, wanted.base_url.as_deref(), &environment)?;
    let client = Client::new(access, wanted.patience, wanted.at_once)?;
    let questions: Vec<Question> = (1..=wanted.times)
        .map(|number| {
            let text = if wanted.times == 1 { text.clone() } else { format!("{number}. {text}") };
            Question {
                model: wanted.model.clone(),
                turns: vec![Turn { speaker: Speaker::User, text }],
                effort: wanted.effort.clone(),
                max_output_tokens: 1000,
            }
        })
        .collect();
    let asked = questions.iter().map(|question| async {
        let mut record = Record::default();
        let result = client.ask(question, &mut record).await;
        (result, record)
    });
    let mut all = true;
    for (result, record) in futures::future::join_all(asked).await {
        all &= result.is_ok();
        println!("{}", told(&result, &record));
    }
    Ok(all)
}

fn told(result: &Result<Reply, Failure>, record: &Record) -> Value {
    let mut line = json!({"intents": record.intents, "attempts": record.attempts});
    match result {
        Ok(reply) => {
            line["text"] = reply.text.as_str().into();
            line["ending"] = match &reply.ending {
                Ending::Complete => "complete".into(),
                Ending::CutOff(at) => format!("cut off: {at}").into(),
                Ending::Refused(why) => format!("refused: {why}").into(),
            };
            line["served"] = reply.served.as_deref().into();
            line["usage"] = json!(reply.usage);
        }
        Err(failure) => {
            line["failure"] = failure.to_string().into();
            if let WhyNot::Fatal { cause, .. } = &failure.why {
                line["cause"] = cause.as_str().into();
            }
        }
    }
    line
}
