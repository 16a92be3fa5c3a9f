//! The judge in bulk: reads one request a line from standard input, answers each with one line of
//! JSON, so that a script in another language can hold thousands of pictures against the contract.
//!
//! ```text
//! judge   FUNCTION  INPUT  OUTPUT     is OUTPUT what FUNCTION must make of INPUT?
//! make    FUNCTION  INPUT  OUTPUT     writes what the reference makes of INPUT
//! pixels  rgb|grey  INPUT  OUTPUT     writes the decoded samples of a JPEG, row by row, as stored
//! ```
//!
//! Fields are separated by tabulators. It takes the path of a `contract.toml`.

use std::io::{BufRead, Write};
use std::path::Path;
use std::process::ExitCode;

use photofinish_imaging::{Limits, decode_grey, decode_rgb};
use photofinish_study::Name;
use photofinish_verify::{Contract, Judge, Output, media_type};
use serde_json::{Value, json};

type Outcome = Result<Value, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("judge: {error}");
            ExitCode::from(2)
        }
    }
}

fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let contract = std::env::args_os().nth(1).ok_or("give the path of a contract.toml")?;
    let judge = Judge::for_contract(&Contract::read(Path::new(&contract))?)?;
    let mut answers = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let answer = match fields[..] {
            ["judge", function, input, output] => judged(&judge, function, input, output),
            ["make", function, input, output] => made(&judge, function, input, output),
            ["pixels", kind, input, output] => pixels(kind, input, output),
            _ => return Err(format!("cannot read the request `{line}`").into()),
        };
        let answer = answer.unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}

fn judged(judge: &Judge, function: &str, input: &str, output: &str) -> Outcome {
    let (input, bytes) = (std::fs::read(input)?, std::fs::read(output)?);
    let output = Output { bytes: &bytes, content_type: Some(media_type(&bytes)) };
    Ok(serde_json::to_value(judge.judge(&Name::new(function)?, &input, &output)?)?)
}

fn made(judge: &Judge, function: &str, input: &str, output: &str) -> Outcome {
    std::fs::write(output, judge.reference(&Name::new(function)?, &std::fs::read(input)?)?)?;
    Ok(json!({}))
}

fn pixels(kind: &str, input: &str, output: &str) -> Outcome {
    let bytes = std::fs::read(input)?;
    let (width, height, samples, orientation) = match kind {
        "rgb" => {
            let (picture, orientation) = decode_rgb(&bytes, Limits::default())?;
            (picture.width, picture.height, picture.samples, orientation)
        }
        "grey" => {
            let (plane, orientation) = decode_grey(&bytes, Limits::default())?;
            (plane.width, plane.height, plane.samples, orientation)
        }
        _ => return Err(format!("there are no pixels of kind `{kind}`").into()),
    };
    std::fs::write(output, samples)?;
    Ok(json!({ "width": width, "height": height, "orientation": orientation.value() }))
}
