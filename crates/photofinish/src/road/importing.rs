//! `import`: takes a file as a model's answer. Who wrote it is the user's word alone, and every
//! table that shows it says so.

use std::io::Read as _;
use std::path::Path;

use photofinish_generate::code_of;
use photofinish_study::{Contestant, Name, nearest};

use crate::arguments;
use crate::failure::{Answer, Failure, Told};
use crate::road::answers::{self, Answers, Ending, Record};
use crate::road::opening::Opened;

/// What every function's file must define.
const ENTRY_POINT: &str = "lambda_handler";

/// Takes an answer in.
pub(crate) fn import(arguments: &arguments::Import) -> Result<Answer, Failure> {
    let opened = Opened::read(&arguments.study)?;
    let contestant = contestant(&opened, &arguments.variant)?;
    let function = function(&opened, &arguments.function)?;
    let received = read(&arguments.file)?;
    let text = std::str::from_utf8(&received).map_err(|error| {
        let message = format!("{} is not UTF-8: {error}", arguments.file.display());
        usage(message, "save the answer as UTF-8 text")
    })?;
    let extracted = code_of(text, ENTRY_POINT).map_err(|error| {
        let message = format!("{}: {error}", arguments.file.display());
        usage(message, "the file is the answer as it was given, or the code alone")
    })?;
    let answers = Answers::of(&opened.generations, &contestant);
    match answers.text(&function) {
        Some(earlier) if earlier == received => {
            println!("{contestant} {function}: this answer is there already");
            return Ok(Answer::Yes);
        }
        Some(_) if !arguments.replace => {
            let message = format!("{contestant} has another answer for {function} already");
            return Err(usage(message, "give --replace to put this one in its place"));
        }
        _ => {}
    }
    let model = opened.authored(&contestant).model().unwrap_or_default();
    let mut record = Record::of(&contestant, &function, model, answers::Origin::Pasted);
    record.ending = Ending::Code;
    record.code_is = Some(extracted.place.to_owned());
    answers.keep(record, Some(&received), Some(&extracted.code))?;
    println!(
        "{contestant} {function}: {} lines from {}, model unverified: {}",
        extracted.code.lines().count(),
        extracted.place,
        answers.code(&function).display()
    );
    Ok(Answer::Yes)
}

/// The contestant that the answer is of: a variant of the study that a model writes.
fn contestant(opened: &Opened, given: &str) -> Result<Contestant, Failure> {
    let written = if given.contains('/') { given.to_owned() } else { format!("{given}/1") };
    let models: Vec<String> = opened
        .sources
        .iter()
        .filter(|authored| authored.model().is_some())
        .map(|authored| authored.contestant.to_string())
        .collect();
    if models.is_empty() {
        let message = format!("no variant of {} has a model", opened.file.display());
        let hint = "an answer belongs to a variant with model = \"provider:id\"; code of your \
                    own is a variant with source = \"folder\"";
        return Err(usage(message, hint));
    }
    if models.contains(&written) {
        return written.parse().map_err(|error| Failure::usage(&error));
    }
    let hint = match nearest(&written, models.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("models' answers are {}", models.join(", ")),
    };
    Err(usage(format!("the study has no model's answer `{written}`"), &hint))
}

fn function(opened: &Opened, given: &str) -> Result<Name, Failure> {
    let names: Vec<&str> =
        opened.plan.functions.iter().map(|function| function.name.as_str()).collect();
    let mut functions = opened.plan.functions.iter();
    if let Some(function) = functions.find(|function| function.name.as_str() == given) {
        return Ok(function.name.clone());
    }
    let hint = match nearest(given, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its functions are {}", names.join(", ")),
    };
    Err(usage(format!("the study has no function `{given}`"), &hint))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| {
        let message = format!("{}: {error}", file.display());
        usage(message, "give the file that holds the answer, or - for what is typed or piped in")
    })?;
    Ok(bytes)
}

fn usage(message: String, hint: &str) -> Failure {
    Failure::Usage(Told::words(message, Some(hint)))
}
