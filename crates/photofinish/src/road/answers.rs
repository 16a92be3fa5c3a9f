//! What a study directory holds of each model's answer: the text as it was given, what is known of
//! it, and its code.
//!
//! ```text
//! generations/VARIANT/SAMPLE/answers/FUNCTION.txt     the answer's text, unaltered
//! generations/VARIANT/SAMPLE/answers/FUNCTION.json    where it came from, and how it ended
//! generations/VARIANT/SAMPLE/code/FUNCTION/…          the code in it, where there is any
//! ```

use std::path::{Path, PathBuf};

use photofinish_generate::Usage;
use photofinish_generate::look::Look;
use photofinish_study::record::Ending;
use photofinish_study::{Contestant, Digest, Name, VariantFolder};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Told};
use crate::road::opening::unusable;

/// The format of the records that this program writes.
const FORMAT: u32 = 2;

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// From the model's API: the ledger has every byte.
    Api,
    /// From a file; that the model wrote it is the user's word.
    Pasted,
    /// From the same sample before its last round of repairs, where nothing was wrong with it.
    Carried,
}

/// What is known of one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) format: u32,
    pub(crate) contestant: String,
    pub(crate) function: Name,
    /// As the study names it.
    pub(crate) model: String,
    /// As it named itself.
    pub(crate) served: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) at: String,
    pub(crate) ending: Ending,
    /// Why there is no code.
    pub(crate) why: Option<String>,
    /// Requests that were sent for it.
    pub(crate) attempts: u32,
    /// Of the request that was answered.
    pub(crate) seconds: Option<f64>,
    pub(crate) usage: Usage,
    pub(crate) usd: Option<f64>,
    pub(crate) photofinish: String,
    /// Of the body of the request.
    pub(crate) request_sha256: Option<String>,
    pub(crate) answer_sha256: Option<String>,
    pub(crate) code_sha256: Option<String>,
    /// Where in the answer the code stood.
    pub(crate) code_is: Option<String>,
    /// What a look at the code found, without running it.
    pub(crate) look: Option<Look>,
}

impl Record {
    /// A record with nothing but whose answer it is, and from where.
    pub(crate) fn of(
        contestant: &Contestant,
        function: &Name,
        model: &str,
        origin: Origin,
    ) -> Self {
        Self {
            format: FORMAT,
            contestant: contestant.to_string(),
            function: function.clone(),
            model: model.to_owned(),
            served: None,
            origin,
            at: photofinish_study::now(),
            ending: Ending::Failed,
            why: None,
            attempts: 0,
            seconds: None,
            usage: Usage::default(),
            usd: None,
            photofinish: env!("CARGO_PKG_VERSION").to_owned(),
            request_sha256: None,
            answer_sha256: None,
            code_sha256: None,
            code_is: None,
            look: None,
        }
    }

    /// Whether it says how a question ended. That nobody answered is asked anew.
    pub(crate) fn is_final(&self) -> bool {
        self.ending != Ending::Failed
    }

    /// Counts what an earlier try at the same question came to, where that had no end.
    pub(crate) fn after(&mut self, earlier: &Self) {
        if !earlier.is_final() {
            self.attempts += earlier.attempts;
            self.usd = match (self.usd, earlier.usd) {
                (Some(now), Some(before)) => Some(now + before),
                (now, before) => now.or(before),
            };
        }
    }

    /// What is said where the code should stand, of an answer without any.
    pub(crate) fn reason(&self) -> String {
        let why = self.why.as_deref().unwrap_or("nobody knows why");
        match self.ending {
            Ending::Complete => "there is code".to_owned(),
            Ending::NoCode => format!("the answer has no code: {why}"),
            Ending::CutOff => format!("the answer was cut off: {why}"),
            Ending::Refused => format!("the model refused: {why}"),
            Ending::Failed => format!("no answer was had: {why}"),
        }
    }
}

/// The answers of one contestant.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    folder: PathBuf,
}

impl Answers {
    /// Those in a study directory.
    pub(crate) fn of(directory: &Path, contestant: &Contestant) -> Self {
        let variant = directory.join("generations").join(contestant.variant.as_str());
        Self { folder: variant.join(contestant.sample.to_string()) }
    }

    /// The folder of the code, which is deployed.
    pub(crate) fn code_folder(&self) -> PathBuf {
        self.folder.join("code")
    }

    fn stem(&self, function: &Name) -> PathBuf {
        self.folder.join("answers").join(function.as_str())
    }

    /// The file of a function's code.
    pub(crate) fn code(&self, function: &Name) -> PathBuf {
        self.code_folder().join(function.as_str()).join(VariantFolder::PYTHON_FILE)
    }

    /// What went back to the model before this answer, of a round of repairs.
    pub(crate) fn repair(&self, function: &Name) -> Option<String> {
        std::fs::read_to_string(self.stem(function).with_extension("repair.txt")).ok()
    }

    /// Keeps what goes back to the model, before it is asked.
    pub(crate) fn keep_repair(&self, function: &Name, text: &str) -> Result<(), Failure> {
        put(&self.stem(function).with_extension("repair.txt"), text.as_bytes())
    }

    /// The text of an answer, if there is one.
    pub(crate) fn text(&self, function: &Name) -> Option<Vec<u8>> {
        std::fs::read(self.stem(function).with_extension("txt")).ok()
    }

    /// What is known of an answer; none if nobody has asked for it or pasted it yet.
    pub(crate) fn record(&self, function: &Name) -> Result<Option<Record>, Failure> {
        let path = self.stem(function).with_extension("json");
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&path, &error)),
        };
        let strange = |what: String| {
            let hint = "remove it, and the answer is asked for or pasted again";
            Failure::Usage(Told::words(format!("{}: {what}", path.display()), Some(hint)))
        };
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let format: Format =
            serde_json::from_slice(&text).map_err(|error| strange(error.to_string()))?;
        if format.format != FORMAT {
            return Err(strange(format!("format {} is not {FORMAT}", format.format)));
        }
        serde_json::from_slice(&text).map(Some).map_err(|error| strange(error.to_string()))
    }

    /// Keeps an answer. The record is written last: with it, the answer is there.
    pub(crate) fn keep(
        &self,
        mut record: Record,
        text: Option<&[u8]>,
        code: Option<&str>,
    ) -> Result<Record, Failure> {
        let function = record.function.clone();
        let stem = self.stem(&function);
        record.answer_sha256 = text.map(|text| Digest::of(text).to_string());
        record.code_sha256 = code.map(|code| Digest::of(code.as_bytes()).to_string());
        if let Some(text) = text {
            put(&stem.with_extension("txt"), text)?;
        }
        if let Some(code) = code {
            put(&self.code(&function), code.as_bytes())?;
        }
        let json = serde_json::to_string_pretty(&record).map_err(|e| Failure::usage(&e))?;
        put(&stem.with_extension("json"), format!("{json}\n").as_bytes())?;
        Ok(record)
    }
}

/// Written beside and renamed, so that what is there is whole.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let beside = path.with_extension("part");
        std::fs::write(&beside, bytes)?;
        std::fs::rename(&beside, path)
    };
    write().map_err(|error| unusable(path, &error))
}
