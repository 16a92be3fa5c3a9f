//! `doctor`: what this machine can run, and the mend for what it lacks. It looks, and changes
//! nothing.

mod aws;
mod confinement;
mod disk;
mod machine;
mod tools;

use std::path::Path;

use photofinish_runtimes::Cache;
use photofinish_study::Architecture;

use crate::arguments;
use crate::failure::{Answer, Failure, Told};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// As it should be.
    Fine,
    /// Something cannot be done, or not as well; local studies run all the same.
    Without,
    /// No local study can run.
    Lacking,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Without => "without",
            Self::Lacking => "LACKING",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
struct Finding {
    what: &'static str,
    state: State,
    found: String,
    mend: Option<String>,
}

impl Finding {
    fn fine(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, state: State::Fine, found: found.into(), mend: None }
    }

    fn without(what: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what, state: State::Without, found: found.into(), mend: Some(mend.into()) }
    }

    fn lacking(what: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Lacking, ..Self::without(what, found, mend) }
    }
}

/// Everything that was found, and what follows from it.
struct Examination {
    findings: Vec<Finding>,
    other: Architecture,
    local: bool,
    emulated: bool,
    native: bool,
}

/// Looks at everything and prints it; exit 3 if the local platform cannot run here.
pub(crate) fn doctor(arguments: &arguments::Doctor) -> Result<Answer, Failure> {
    if arguments.aws {
        return account(arguments);
    }
    let examined = Examination::make(arguments.python.python.as_deref());
    if arguments.json {
        println!("{:#}", examined.as_json());
    } else {
        examined.print();
    }
    if examined.local {
        return Ok(Answer::Yes);
    }
    let message = "this machine cannot run the local platform as it is";
    Err(Failure::Lacking(Told::words(message, Some("each line above says what to do"))))
}

/// The same of an AWS account; exit 3 if a study cannot run there.
fn account(arguments: &arguments::Doctor) -> Result<Answer, Failure> {
    let findings = aws::examine(arguments)?;
    if arguments.json {
        println!("{:#}", serde_json::json!({"findings": as_json(&findings)}));
    } else {
        print(&findings);
    }
    if findings.iter().all(|finding| finding.state != State::Lacking) {
        return Ok(Answer::Yes);
    }
    let message = "this account cannot run the study as it is";
    Err(Failure::Lacking(Told::words(message, Some("each line above says what to do"))))
}

fn print(findings: &[Finding]) {
    for finding in findings {
        let mark = finding.state.as_str();
        println!("{mark:>8}  {:<16} {}", finding.what, finding.found);
        if let Some(mend) = &finding.mend {
            println!("{:>8}  {:<16} mend: {mend}", "", "");
        }
    }
}

fn as_json(findings: &[Finding]) -> Vec<serde_json::Value> {
    findings
        .iter()
        .map(|finding| {
            serde_json::json!({
                "what": finding.what,
                "state": finding.state.as_str().to_lowercase(),
                "found": finding.found,
                "mend": finding.mend,
            })
        })
        .collect()
}

impl Examination {
    /// The slow looks are taken at the same time.
    fn make(chosen: Option<&Path>) -> Self {
        let cache = Cache::of_user().ok();
        let cache = cache.as_ref();
        let here = Architecture::of_this_machine();
        let other = match here {
            Some(Architecture::Arm64) => Architecture::X86_64,
            _ => Architecture::Arm64,
        };
        let (tier, native, emulation, python, disk) = std::thread::scope(|scope| {
            let tier = scope.spawn(confinement::probe);
            let native = scope.spawn(tools::native);
            let emulation = scope.spawn(move || tools::emulation(cache, other));
            let python = scope.spawn(move || python(cache, here, chosen));
            let disk = disk::disk(cache);
            let whole = "a look does not panic";
            (
                tier.join().expect(whole),
                native.join().expect(whole),
                emulation.join().expect(whole),
                python.join().expect(whole),
                disk,
            )
        });
        let fetching = tools::fetching();
        let is_fine = |finding: &Finding| finding.state == State::Fine;
        // Another architecture's Python comes as Debian packages only.
        let emulated =
            is_fine(&emulation) && is_fine(&fetching) && fetching.found.starts_with("apt");
        let native_is_fine = is_fine(&native);
        let held = tier.as_ref().ok();
        let findings = vec![
            machine::machine(),
            python,
            fetching,
            confinement::sandbox(&tier),
            confinement::user_namespaces(held),
            confinement::cgroups(held),
            emulation,
            native,
            disk,
        ];
        let local = findings.iter().all(|finding| finding.state != State::Lacking);
        Self { findings, other, local, emulated: emulated && local, native: native_is_fine }
    }

    fn print(&self) {
        print(&self.findings);
        let yes_or_no = |can: bool| if can { "yes" } else { "no" };
        println!(
            "\nOn this machine: run local studies: {}; check {} functions: {}; build the native \
             variant: {}",
            yes_or_no(self.local),
            self.other,
            yes_or_no(self.emulated),
            yes_or_no(self.native),
        );
    }

    fn as_json(&self) -> serde_json::Value {
        serde_json::json!({
            "findings": as_json(&self.findings),
            "local_studies": self.local,
            "other_architecture": self.other.as_str(),
            "checks_of_other_architecture": self.emulated,
            "native_variant": self.native,
        })
    }
}

/// Which Python 3.14 a study would use.
fn python(cache: Option<&Cache>, here: Option<Architecture>, chosen: Option<&Path>) -> Finding {
    const WHAT: &str = "Python 3.14";
    let Some((cache, here)) = cache.zip(here) else {
        return Finding::lacking(WHAT, "nowhere to be had", "see the lines of what is lacking");
    };
    match photofinish_runtimes::outlook(cache, here, chosen) {
        Ok(outlook) => {
            let version = outlook.version.as_deref().unwrap_or("3.14");
            Finding::fine(
                WHAT,
                match outlook.is_ready {
                    true => format!("{version}, in the cache (from {})", outlook.source),
                    false => format!("{version}, to be set up once from {}", outlook.source),
                },
            )
        }
        Err(photofinish_runtimes::Error::Missing { what, mend }) => {
            Finding::lacking(WHAT, what, mend)
        }
        Err(error) => Finding::lacking(WHAT, error.to_string(), "install uv, or use --python PATH"),
    }
}
