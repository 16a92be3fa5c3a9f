//! `check`: one output held against the reference, and everything that can be said of it.

mod telling;

use std::path::Path;

use photofinish_imaging::jpeg_header;
use photofinish_study::{Application, Name};
use photofinish_verify::{Contract, Judge, JudgeError, Judgement, Prepared, WorstPixel};

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::road::opening;

/// An output, judged.
struct Checked<'a> {
    arguments: &'a arguments::Check,
    application: Name,
    judgement: Judgement,
    /// None of what is no picture of the size that is asked for.
    worst: Option<WorstPixel>,
    difference: Option<Shown<'a>>,
}

/// What came of the wish to see the difference.
struct Shown<'a> {
    file: &'a Path,
    is_written: bool,
}

/// Says whether it is right; the answer is no if it is not.
pub(crate) fn check(arguments: &arguments::Check) -> Result<Answer, Failure> {
    let named = arguments.application.as_str();
    let folder = opening::bundled_application(named)?.unwrap_or_else(|| named.into());
    let application = Application::read(&folder)?;
    let function = opening::function_named(&application, &arguments.function)?.name.clone();
    let contract = Contract::read(&application.folder.join("contract.toml"))?;
    let judge = Judge::for_contract(&contract)?;
    let input = read(&arguments.input, "INPUT is what the function was given")?;
    let output = read(&arguments.output, "OUTPUT is what the function made of INPUT")?;
    let takes = contract.rule(&function).map_or("nothing", |rule| rule.step.takes());
    let unsuited = |error: String| {
        let message = format!("{} {error}", arguments.input.display());
        let hint = format!("`{function}` takes {takes}");
        Failure::Usage(Told::words(message, Some(&hint)))
    };
    if contract.rule(&function).is_some_and(|rule| rule.step.needs_grey())
        && jpeg_header(&input).is_ok_and(|header| header.components != 1)
    {
        return Err(unsuited("is a JPEG in colour".to_owned()));
    }
    let prepared = judge.prepare(&function, input.into()).map_err(|error| match error {
        JudgeError::Input(error) => unsuited(error.to_string()),
        JudgeError::UnknownFunction(_) => Failure::usage(&error),
    })?;
    let judgement = prepared.judge_file(&output, &arguments.output);
    let checked = Checked {
        arguments,
        application: application.name,
        judgement,
        worst: prepared.worst_pixel(&output),
        difference: show(arguments, &prepared, &output)?,
    };
    if arguments.json {
        println!("{:#}", telling::as_json(&checked));
    } else {
        print!("{}", telling::in_words(&checked));
    }
    Ok(if checked.judgement.accepted { Answer::Yes } else { Answer::No })
}

fn read(file: &Path, hint: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| {
        let message = format!("{} cannot be read: {error}", file.display());
        Failure::Usage(Told::words(message, Some(hint)))
    })
}

/// Writes the difference, if it is asked for and there is one.
fn show<'a>(
    arguments: &'a arguments::Check,
    prepared: &Prepared,
    output: &[u8],
) -> Result<Option<Shown<'a>>, Failure> {
    let Some(file) = arguments.difference.as_deref() else { return Ok(None) };
    if [&arguments.input, &arguments.output].iter().any(|picture| is_one(file, picture)) {
        let message = format!("{} is one of the pictures that are compared", file.display());
        let hint = "choose another file with --difference";
        return Err(Failure::Usage(Told::words(message, Some(hint))));
    }
    let png = prepared.difference(output).map_err(|error| Failure::usage(&error))?;
    if let Some(png) = &png {
        std::fs::write(file, png).map_err(|error| {
            let message = format!("{} cannot be written: {error}", file.display());
            let hint = "choose another file with --difference";
            Failure::Usage(Told::words(message, Some(hint)))
        })?;
    }
    Ok(Some(Shown { file, is_written: png.is_some() }))
}

/// Whether two paths lead to one file.
fn is_one(left: &Path, right: &Path) -> bool {
    matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
}
