//! What each model is asked, and `generate --show`, which prints it.

use photofinish_generate::{Library, Prompts};
use photofinish_report::{AppendixPrompt, Sent};
use photofinish_runtimes::WheelSet;
use photofinish_study::{Application, Name};

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::road::generating;
use crate::road::opening::Opened;

/// Prints the prompts, and the notes that some model has behind them.
pub(crate) fn show(opened: &Opened, arguments: &arguments::Generate) -> Result<Answer, Failure> {
    let prompts = needed(&opened.application)?;
    let wanted = |name: &str| {
        let mut functions = opened.plan.functions.iter();
        functions.any(|function| function.name.as_str() == name)
            && arguments.function.as_ref().is_none_or(|only| only == name)
    };
    let chosen: Vec<_> = prompts.iter().filter(|(name, _)| wanted(name.as_str())).collect();
    if let (true, Some(function)) = (chosen.is_empty(), &arguments.function) {
        let message = format!("the study has no function `{function}`");
        return Err(Failure::Usage(Told::words(message, None)));
    }
    if arguments.study.json {
        let all: serde_json::Map<String, serde_json::Value> =
            chosen.iter().map(|(name, text)| (name.to_string(), (*text).into())).collect();
        println!("{:#}", serde_json::Value::from(all));
        return Ok(Answer::Yes);
    }
    for (number, (name, text)) in chosen.iter().enumerate() {
        if chosen.len() > 1 {
            println!("{}===== {name} =====\n", if number > 0 { "\n" } else { "" });
        }
        print!("{text}");
    }
    for model in opened.models() {
        if let Some(note) = prompts.note(model) {
            println!("\n===== behind each of them for {model} alone: {} =====", note.reason);
            print!("{}", note.behind());
        }
    }
    let chosen: Vec<(&Name, &str)> = chosen.into_iter().collect();
    tell_what_was_sent(opened, &chosen)
}

/// Holds what the ledger says was sent to each model against the text: the hash of the very bytes
/// in the logged request, never of the text that is printed above.
fn tell_what_was_sent(opened: &Opened, chosen: &[(&Name, &str)]) -> Result<Answer, Failure> {
    if opened.models().is_empty() {
        return Ok(Answer::Yes);
    }
    let records = generating::records(opened)?;
    println!("\n===== what was sent, by the ledger =====\n");
    let mut answer = Answer::Yes;
    let mut nothing = true;
    for (function, text) in chosen {
        let models = generating::sent_prompts(opened, &records, function)?;
        let prompt =
            AppendixPrompt { function: (*function).clone(), text: (*text).to_owned(), models };
        for sent in &prompt.models {
            nothing = false;
            let words = match prompt.sent(sent) {
                Sent::Same => "this text and nothing else",
                Sent::WithNote => "this text and the note for it",
                Sent::Other => {
                    answer = Answer::No;
                    "ANOTHER TEXT: the prompts were changed since"
                }
            };
            println!("{function:<12} {:<20} {}  {words}", sent.variant, sent.sha256);
        }
    }
    if nothing {
        println!("nothing yet");
    }
    Ok(answer)
}

/// The prompts of an application that models are asked for.
pub(crate) fn needed(application: &Application) -> Result<Prompts, Failure> {
    prompts(application)?.ok_or_else(|| {
        let message = format!("application `{}` has no prompts", application.name);
        let hint = "an application's prompts are prompts/base.md and one file for each function";
        Failure::Usage(Told::words(message, Some(hint)))
    })
}

/// What each function of the application is asked for; none without prompts.
pub(crate) fn prompts(application: &Application) -> Result<Option<Prompts>, Failure> {
    if !Prompts::are_in(&application.folder) {
        return Ok(None);
    }
    Ok(Some(Prompts::of(application, &libraries(application))?))
}

/// What a model's code may import: the application's layers, and what the runtime carries.
fn libraries(application: &Application) -> Vec<Library> {
    let of = |set: WheelSet, place: &'static str| {
        set.pinned().into_iter().map(move |(name, version)| Library {
            name: display_name(&name),
            version,
            place: place.to_owned(),
        })
    };
    let layers = application.layers.iter().filter_map(|name| WheelSet::of_layer(name));
    let layers = layers.flat_map(|set| of(set, "in a Lambda layer"));
    let runtime = of(WheelSet::Runtime, "in the runtime").filter(|library| library.name == "boto3");
    layers.chain(runtime).collect()
}

/// As its authors write it.
fn display_name(package: &str) -> String {
    if package == "pillow" { "Pillow".to_owned() } else { package.to_owned() }
}
