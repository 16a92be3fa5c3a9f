//! The words of a study as types: one word for one thing.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A word that is not one of a fixed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no {what}; it is one of {}", allowed.join(", "))]
pub struct UnknownWord {
    /// What kind of word was looked for.
    pub what: &'static str,
    /// What was given instead.
    pub given: String,
    /// All the words there are.
    pub allowed: Vec<&'static str>,
}

/// Defines an enum whose members have one spelling each, everywhere.
#[macro_export]
macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $what:literal: $($(#[$member_doc:meta])* $member:ident = $text:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            ::serde::Serialize, ::serde::Deserialize,
        )]
        pub enum $name { $($(#[$member_doc])* #[serde(rename = $text)] $member),+ }

        impl $name {
            /// Every member, in order.
            pub const ALL: &[Self] = &[$(Self::$member),+];

            /// The one spelling, as it stands in files and tables.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $text),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(text: &str) -> Result<Self, $crate::UnknownWord> {
                match text {
                    $($text => Ok(Self::$member),)+
                    _ => Err($crate::UnknownWord {
                        what: $what,
                        given: text.to_owned(),
                        allowed: Self::ALL.iter().map(|member| member.as_str()).collect(),
                    }),
                }
            }
        }
    };
}

word! {
    /// The instruction set that a deployment runs on, in AWS's spelling.
    Architecture, "architecture":
    /// 64-bit x86.
    X86_64 = "x86_64",
    /// 64-bit ARM (Graviton2 on Lambda).
    Arm64 = "arm64",
}

impl Architecture {
    /// The architecture of this machine, if it is one of ours.
    #[must_use]
    pub fn of_this_machine() -> Option<Self> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Self::X86_64),
            "aarch64" => Some(Self::Arm64),
            _ => None,
        }
    }
}

word! {
    /// Where a deployment lives.
    Platform, "platform":
    /// The embedded emulator on loopback.
    Local = "local",
    /// AWS Lambda and S3.
    Aws = "aws",
}

word! {
    /// Whose output a function is given.
    Flow, "flow":
    /// The variant's own output of the step before: the pipeline as it would be hosted.
    Chained = "chained",
    /// The reference's output of the step before: the same bytes for all.
    Isolated = "isolated",
}

word! {
    /// Who calls one function after the other.
    Orchestration, "orchestration":
    /// photofinish itself: it waits for each answer.
    Client = "client",
    /// A state machine beside the functions.
    StepFunctions = "step-functions",
}

word! {
    /// What a function's code is handed over as.
    Packaging, "packaging":
    /// A zip, with its libraries in layers.
    Zip = "zip",
    /// A container image.
    Image = "image",
}

word! {
    /// Why a pass was run. Only `race` is summed up.
    Phase, "phase":
    /// A small trial before the race, for the estimate.
    Pilot = "pilot",
    /// The first calls in a fresh sandbox, kept apart.
    WarmUp = "warm-up",
    /// Passes of their own in which the inspector times the stages.
    Stages = "stages",
    /// The race itself.
    Race = "race",
}

word! {
    /// What an invocation found.
    State, "state":
    /// The sandbox was made for this request.
    Cold = "cold",
    /// The sandbox had been initialised before any request.
    Proactive = "proactive",
    /// The sandbox had served a request before.
    Warm = "warm",
}

/// The name of a variant, function, study or image: lower-case letters, digits, `-`, `_` and `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>);

/// A name that cannot stand in a file name, a key and a function's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` cannot be a name: use 1 to 40 lower-case letters, digits, `-`, `_` or `.`, beginning with a letter or digit"
)]
pub struct BadName(pub String);

impl Name {
    /// Checks and keeps `text`.
    pub fn new(text: &str) -> Result<Self, BadName> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = (1..=40).contains(&text.len())
            && text.starts_with(plain)
            && text.chars().all(|c| plain(c) || matches!(c, '-' | '_' | '.'));
        if good { Ok(Self(text.into())) } else { Err(BadName(text.to_owned())) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Self::new(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Where and how large: platform × architecture × memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    /// Where it lives.
    pub platform: Platform,
    /// What it runs on.
    pub architecture: Architecture,
    /// The function's memory; its CPU share follows from it.
    pub memory_mb: u32,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.platform, self.architecture, self.memory_mb)
    }
}

/// Which of a variant's answers: the sample's number and, after `+r`, the round of repairs that it
/// has been through. Written `1`, or `1+r2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sample {
    /// Which of the independent answers, from 1.
    pub number: u32,
    /// How often its faults went back to its author; a first answer has 0.
    pub repair: u32,
}

impl Sample {
    /// The first answer of a sample.
    #[must_use]
    pub const fn first(number: u32) -> Self {
        Self { number, repair: 0 }
    }

    /// The same sample after another round of repairs.
    #[must_use]
    pub const fn repaired(self) -> Self {
        Self { repair: self.repair + 1, ..self }
    }

    /// The same sample before its last round of repairs; a first answer has none before it.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        Some(Self { repair: self.repair.checked_sub(1)?, ..self })
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.repair {
            0 => write!(f, "{}", self.number),
            repair => write!(f, "{}+r{repair}", self.number),
        }
    }
}

impl FromStr for Sample {
    type Err = BadDeployment;

    fn from_str(text: &str) -> Result<Self, BadDeployment> {
        let counted = |text: &str| text.parse().ok().filter(|&number: &u32| number > 0);
        let parsed = match text.split_once("+r") {
            None => counted(text).map(Self::first),
            Some((number, repair)) => {
                counted(number).and_then(|number| Some(Self { number, repair: counted(repair)? }))
            }
        };
        let bad = || BadDeployment { what: "sample", given: text.to_owned(), example: "1+r2" };
        parsed.ok_or_else(bad)
    }
}

impl TryFrom<String> for Sample {
    type Error = BadDeployment;

    fn try_from(text: String) -> Result<Self, BadDeployment> {
        text.parse()
    }
}

impl From<Sample> for String {
    fn from(sample: Sample) -> Self {
        sample.to_string()
    }
}

/// One set of functions by one author: a variant and, for a model, which of its samples.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Contestant {
    /// The variant's name in the study.
    pub variant: Name,
    /// Which of its answers.
    pub sample: Sample,
}

impl fmt::Display for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.variant, self.sample)
    }
}

/// One contestant on one target, written `variant/sample@platform/architecture/memory`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Deployment {
    /// Whose code.
    pub contestant: Contestant,
    /// Where.
    pub target: Target,
}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.contestant, self.target)
    }
}

/// Text that is not a sample (`1+r2`), a contestant (`variant/sample`) or a deployment
/// (`variant/sample@platform/architecture/memory`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no {what}; write it like `{example}`")]
pub struct BadDeployment {
    /// What was looked for.
    pub what: &'static str,
    /// What was given instead.
    pub given: String,
    /// One that is right.
    pub example: &'static str,
}

impl FromStr for Contestant {
    type Err = BadDeployment;

    fn from_str(text: &str) -> Result<Self, BadDeployment> {
        let parsed = text.split_once('/').and_then(|(variant, sample)| {
            Some(Self { variant: Name::new(variant).ok()?, sample: sample.parse().ok()? })
        });
        parsed.ok_or_else(|| BadDeployment {
            what: "contestant",
            given: text.to_owned(),
            example: "gpt-5/1",
        })
    }
}

impl FromStr for Deployment {
    type Err = BadDeployment;

    fn from_str(text: &str) -> Result<Self, BadDeployment> {
        let parsed = text.split_once('@').and_then(|(contestant, target)| {
            let mut parts = target.split('/');
            let target = Target {
                platform: parts.next()?.parse().ok()?,
                architecture: parts.next()?.parse().ok()?,
                memory_mb: parts.next()?.parse().ok()?,
            };
            let contestant = contestant.parse().ok()?;
            parts.next().is_none().then_some(Self { contestant, target })
        });
        parsed.ok_or_else(|| BadDeployment {
            what: "deployment",
            given: text.to_owned(),
            example: "gpt-5/1@aws/arm64/1769",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_one_spelling_in_text_and_files() {
        for phase in Phase::ALL {
            assert_eq!(phase.as_str().parse::<Phase>().as_ref(), Ok(phase));
            assert_eq!(serde_json::to_string(phase).unwrap(), format!("\"{phase}\""));
        }
        let error = "hot".parse::<State>().unwrap_err();
        assert_eq!(error.to_string(), "`hot` is no state; it is one of cold, proactive, warm");
    }

    #[test]
    fn a_name_is_safe_in_a_file_name_a_key_and_a_function_name() {
        for good in ["pillow", "gpt-5", "gemini-3.1-pro", "v_2"] {
            assert!(Name::new(good).is_ok(), "{good}");
        }
        for bad in ["", "Pillow", "../x", ".hidden", "a b", "ä", "-x", &"x".repeat(41)] {
            assert!(Name::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_deployment_is_written_as_the_tables_write_it() {
        let deployment = Deployment {
            contestant: Contestant {
                variant: Name::new("gpt-5").unwrap(),
                sample: Sample::first(1),
            },
            target: Target {
                platform: Platform::Aws,
                architecture: Architecture::Arm64,
                memory_mb: 1769,
            },
        };
        assert_eq!(deployment.to_string(), "gpt-5/1@aws/arm64/1769");
        assert_eq!("gpt-5/1@aws/arm64/1769".parse(), Ok(deployment));
        for bad in ["gpt-5@aws/arm64/1769", "gpt-5/1@aws/arm64", "gpt-5/1@aws/arm64/1769/x", ""] {
            assert!(bad.parse::<Deployment>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_repaired_answer_is_told_from_the_first_one() {
        let first = Sample::first(3);
        let repaired = first.repaired();
        assert_eq!((first.to_string(), repaired.to_string()), ("3".to_owned(), "3+r1".to_owned()));
        assert_eq!((repaired.before(), first.before()), (Some(first), None));
        for sample in [first, repaired] {
            assert_eq!(sample.to_string().parse(), Ok(sample));
        }
        for bad in ["", "0", "1+r0", "1+r", "1+", "r1", "-1", "1+r1+r1"] {
            assert!(bad.parse::<Sample>().is_err(), "{bad}");
        }
    }
}
