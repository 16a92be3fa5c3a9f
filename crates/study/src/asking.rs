//! How a study has its answers: the keys of a variant with a model, and `[generate]`.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::file::{Origin, at_least_one};
use crate::place::{InputError, Source, nearest};

/// How a model is asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    /// Where its API is, if not where its provider or the environment has it.
    pub base_url: Option<String>,
    /// How hard it is to think, in the provider's own word.
    pub effort: Option<String>,
    /// The most tokens that an answer may have, thoughts included.
    pub max_output_tokens: u32,
}

/// `[generate]`: how answers are had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generating {
    /// How often what was wrong goes back to its author.
    pub repairs: u32,
    /// Whether repaired answers are raced too; they are verified in any case.
    pub race_repairs: bool,
    /// The samples from the first to this one are raced, the others verified only.
    pub race_samples: u32,
    /// How many requests a provider has at a time.
    pub at_once: u32,
    /// How long one answer is waited for, all attempts together.
    pub deadline_s: u32,
}

/// Tokens of an answer unless the study says otherwise: reasoning models think at length.
pub const DEFAULT_MAX_OUTPUT_TOKENS: u32 = 32_000;
/// How long one answer is waited for unless the study says otherwise.
pub const DEFAULT_DEADLINE_S: u32 = 1800;
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawGenerating {
    repairs: Option<u32>,
    race_repairs: Option<bool>,
    race_samples: Option<Spanned<i64>>,
    at_once: Option<Spanned<i64>>,
    deadline_s: Option<Spanned<i64>>,
}

/// What a variant says of its asking: `base_url`, `effort` and `max_output_tokens`.
type Given = (Option<Spanned<String>>, Option<Spanned<String>>, Option<Spanned<i64>>);

/// How a model is asked; none of it can be said of a folder.
pub(crate) fn asking(
    source: &Source,
    origin: &Origin,
    (base_url, effort, max_output_tokens): Given,
) -> Result<Option<Asking>, InputError> {
    let Origin::Model(_) = origin else {
        let spans = [
            base_url.map(|given| given.span()),
            effort.map(|given| given.span()),
            max_output_tokens.map(|given| given.span()),
        ];
        return match spans.into_iter().flatten().next() {
            Some(span) => Err(source
                .error(span, "a folder is not asked")
                .help("`base_url`, `effort` and `max_output_tokens` are of variants with a model")),
            None => Ok(None),
        };
    };
    if let Some(url) = &base_url
        && !["http://", "https://"].iter().any(|scheme| url.get_ref().starts_with(scheme))
    {
        return Err(source
            .error(url.span(), format!("`{}` is no address", url.get_ref()))
            .help("write it with its scheme, such as http://127.0.0.1:8080/v1"));
    }
    Ok(Some(Asking {
        base_url: base_url.map(Spanned::into_inner),
        effort: effort.map(Spanned::into_inner),
        max_output_tokens: at_least_one(
            source,
            "max_output_tokens",
            max_output_tokens,
            DEFAULT_MAX_OUTPUT_TOKENS,
        )?,
    }))
}

pub(crate) fn generating(
    source: &Source,
    raw: Option<RawGenerating>,
) -> Result<Generating, InputError> {
    let raw = raw.unwrap_or_default();
    Ok(Generating {
        repairs: raw.repairs.unwrap_or(0),
        race_repairs: raw.race_repairs.unwrap_or(false),
        race_samples: at_least_one(source, "race_samples", raw.race_samples, 1)?,
        at_once: at_least_one(source, "at_once", raw.at_once, 4)?,
        deadline_s: at_least_one(source, "deadline_s", raw.deadline_s, DEFAULT_DEADLINE_S)?,
    })
}

pub(crate) fn model_id(source: &Source, given: Spanned<String>) -> Result<String, InputError> {
    const PROVIDERS: [&str; 4] = ["openai", "gemini", "deepseek", "compatible"];
    let fault = match given.get_ref().split_once(':') {
        None => "a model is written `provider:model id`".to_owned(),
        Some((_, "")) => "the model id after the colon is missing".to_owned(),
        Some((provider, _)) if !PROVIDERS.contains(&provider) => {
            let mut fault = format!("there is no provider `{provider}`");
            if let Some(near) = nearest(provider, PROVIDERS) {
                fault.push_str(&format!("; did you mean `{near}`?"));
            }
            fault
        }
        Some(_) => return Ok(given.into_inner()),
    };
    Err(source.error(given.span(), fault).help(format!("providers are {}", PROVIDERS.join(", "))))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::{Source, Study};

    const GOOD: &str = r#"
application = "image-pipeline"
[[variant]]
name = "m"
model = "compatible:some/model"
base_url = "http://127.0.0.1:8080/v1"
samples = 3
[[variant]]
name = "pillow"
source = "pillow"
[[target]]
platform = "local"
architecture = ["x86_64", "arm64"]
[generate]
repairs = 2
"#;

    fn study(text: &str) -> Result<Study, String> {
        Study::from_source(&Source::from_text(Path::new("s.toml"), text))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn one_sample_is_raced_and_the_others_and_repairs_are_verified_once() {
        let study = study(GOOD).unwrap();
        let all: Vec<String> = study.deployments().iter().map(ToString::to_string).collect();
        assert_eq!(all.len(), 2 + 2 + 2 * 3 + 2);
        assert_eq!(all[0], "m/1@local/x86_64/1769");
        assert_eq!(all[2], "m/1+r1@local/x86_64/1769");
        assert_eq!(all[3], "m/1+r2@local/x86_64/1769");
        assert_eq!(all[10], "pillow/1@local/x86_64/1769");
        let raced: Vec<String> = study
            .contestants()
            .filter(|contestant| study.is_raced(contestant))
            .map(|contestant| contestant.to_string())
            .collect();
        assert_eq!(raced, ["m/1", "pillow/1"]);
    }

    #[test]
    fn what_cannot_be_asked_for_is_named_with_its_place() {
        for (from, to, fault) in [
            (
                "source = \"pillow\"",
                "source = \"pillow\"\neffort = \"high\"",
                "a folder is not asked",
            ),
            ("source = \"pillow\"", "source = \"pillow\"\nsamples = 2", "a folder has one sample"),
            ("http://", "", "is no address"),
            ("repairs = 2", "repair = 2", "did you mean `repairs`"),
            ("compatible:", "compatible", "written `provider:model id`"),
        ] {
            let error = study(&GOOD.replace(from, to)).expect_err(to);
            assert!(error.contains(fault), "{to}: {error}");
        }
    }
}
