//! `doctor`: what this machine can run, and the mend for what it lacks.

use photofinish_study::Architecture;

use crate::arguments;
use crate::failure::{Answer, Failure, Told};

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    fine: bool,
    found: String,
}

/// Looks at everything and prints it; exit 3 if the local platform cannot run here.
pub(crate) fn doctor(arguments: &arguments::Doctor) -> Result<Answer, Failure> {
    let findings = [architecture(), sandbox(), python()];
    if arguments.json {
        let all: Vec<serde_json::Value> = findings
            .iter()
            .map(|finding| {
                serde_json::json!({"what": finding.what, "fine": finding.fine, "found": finding.found})
            })
            .collect();
        println!("{:#}", serde_json::Value::from(all));
    } else {
        for finding in &findings {
            let mark = if finding.fine { "ok" } else { "LACKING" };
            println!("{:>8}  {:<14} {}", mark, finding.what, finding.found);
        }
    }
    if findings.iter().all(|finding| finding.fine) {
        return Ok(Answer::Yes);
    }
    let message = "this machine cannot run the local platform as it is";
    Err(Failure::Lacking(Told::words(message, Some("each line above says what to do"))))
}

fn architecture() -> Finding {
    let found = Architecture::of_this_machine();
    let fine = found.is_some() && cfg!(target_os = "linux");
    let found = found.map_or_else(
        || format!("{} is neither x86_64 nor arm64", std::env::consts::ARCH),
        |architecture| format!("{architecture} {}", std::env::consts::OS),
    );
    Finding { what: "machine", fine, found }
}

fn sandbox() -> Finding {
    let probed = std::env::current_exe().map_err(|error| error.to_string()).and_then(|program| {
        photofinish_sandbox::probe(&program).map_err(|error| error.to_string())
    });
    let fine = probed.is_ok();
    let found = probed.map_or_else(|lack| lack, |tier| tier.summary());
    Finding { what: "sandbox", fine, found }
}

fn python() -> Finding {
    let found = photofinish_runtimes::outlook();
    let fine = found.is_ok();
    let found = found.map_or_else(|lack| lack.to_string(), str::to_owned);
    Finding { what: "Python 3.14", fine, found }
}
