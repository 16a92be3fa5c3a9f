//! The registry of models: until when each can be asked, what follows it, what it takes and costs.
//!
//! It is dated data with sources, never code. A model that it does not know may be asked all the
//! same: only its price is unknown then.

mod price;

use std::ops::Range;
use std::path::Path;

use jiff::civil::Date;
use photofinish_study::{InputError, Source, nearest};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::provider::Provider;

pub use price::{Peak, TokenPrice};

/// The format of registries that this build reads.
const FORMAT: u32 = 1;

/// How far an entry can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Read in the provider's own dated document.
    Sourced,
    /// Read elsewhere, or not looked up again.
    Unconfirmed,
}

/// The models known on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Registry {
    /// Its name.
    pub name: String,
    /// The day it was written, `YYYY-MM-DD`.
    pub date: String,
    models: Vec<Model>,
}

/// A model, as its provider describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Who answers for it.
    pub provider: Provider,
    /// What it is asked by.
    pub id: String,
    /// Ids that it may say it is when it answers.
    pub snapshots: Vec<String>,
    /// As people call it.
    pub title: String,
    /// From this day on the id is not served, or not by this model; `YYYY-MM-DD`.
    pub ends: Option<String>,
    /// The id that its provider offers instead.
    pub successor: Option<String>,
    /// The words for effort that it takes; none means that nobody looked.
    pub efforts: Vec<String>,
    /// What to know about it.
    pub note: Option<String>,
    /// Where this was read.
    pub source: String,
    /// How far it can be trusted.
    pub standing: Standing,
    /// What it costs, if that is known.
    pub price: Option<TokenPrice>,
}

/// What the registry knows of an id on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found<'a> {
    /// It can be asked; `ends` may be near.
    Known(&'a Model),
    /// It cannot be asked any more.
    Retired {
        /// What it was.
        model: &'a Model,
        /// Since when.
        since: &'a str,
        /// What its provider offers instead.
        successor: Option<&'a str>,
    },
    /// Nothing: it may be asked, at an unknown price.
    Unknown,
}

/// A model that a study names and that is not there any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{provider}:{id}` is retired since {since}{}", offer(*.provider, .successor.as_deref()))]
pub struct Retired {
    /// Whose model.
    pub provider: Provider,
    /// Its id.
    pub id: String,
    /// The day.
    pub since: String,
    /// What to ask instead.
    pub successor: Option<String>,
}

fn offer(provider: Provider, successor: Option<&str>) -> String {
    successor.map_or_else(String::new, |id| {
        format!("; name its successor instead: model = \"{provider}:{id}\"")
    })
}

/// An effort that a model does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{id}` does not take the effort `{effort}`; it takes {}", .takes.join(", "))]
pub struct NoSuchEffort {
    /// The model.
    pub id: String,
    /// What was wanted.
    pub effort: String,
    /// What it takes.
    pub takes: Vec<String>,
}

impl Registry {
    /// Reads and checks a registry.
    pub fn read(source: &Source) -> Result<Self, InputError> {
        let raw: RawRegistry = source.parse()?;
        if *raw.format.get_ref() != FORMAT {
            let message = format!("this is format {}", raw.format.get_ref());
            return Err(source
                .error(raw.format.span(), message)
                .help(format!("this photofinish reads format {FORMAT}")));
        }
        if raw.currency.get_ref() != "USD" {
            return Err(source.error(raw.currency.span(), "prices must be in USD"));
        }
        date(source, &raw.date)?;
        let mut models: Vec<Model> = Vec::new();
        let mut successors: Vec<(Range<usize>, Provider, String)> = Vec::new();
        for entry in raw.model {
            let (span, successor) = (entry.id.span(), entry.successor.clone());
            let model = model(source, entry)?;
            if models.iter().any(|other| other.is(model.provider, &model.id)) {
                let message = format!("`{}:{}` stands twice", model.provider, model.id);
                return Err(source.error(span, message));
            }
            if let Some(named) = successor {
                successors.push((named.span(), model.provider, named.into_inner()));
            }
            models.push(model);
        }
        let registry = Self { name: raw.name, date: raw.date.into_inner(), models };
        for (span, provider, id) in successors {
            if registry.entry(provider, &id).is_none() {
                let mut fault =
                    source.error(span, format!("`{provider}:{id}` is not in the registry"));
                fault.help = nearest(&id, registry.ids(provider))
                    .map(|near| format!("did you mean `{near}`?"));
                return Err(fault);
            }
        }
        Ok(registry)
    }

    /// Reads a registry's text, as if from a file of this name.
    pub fn from_text(name: &str, text: &str) -> Result<Self, InputError> {
        Self::read(&Source::from_text(Path::new(name), text))
    }

    /// Every model, in the file's order.
    #[must_use]
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// What is known of an id on a day (`YYYY-MM-DD`, or a moment that begins so).
    #[must_use]
    pub fn find(&self, provider: Provider, id: &str, day: &str) -> Found<'_> {
        let Some(model) = self.entry(provider, id) else { return Found::Unknown };
        // Days of this form sort as text.
        let day = day.get(..10).unwrap_or(day);
        match &model.ends {
            Some(since) if since.as_str() <= day => {
                Found::Retired { model, since, successor: model.successor.as_deref() }
            }
            _ => Found::Known(model),
        }
    }

    /// The model, if it may be asked on that day; none if it is unknown.
    pub fn askable(
        &self,
        provider: Provider,
        id: &str,
        day: &str,
    ) -> Result<Option<&Model>, Retired> {
        match self.find(provider, id, day) {
            Found::Known(model) => Ok(Some(model)),
            Found::Unknown => Ok(None),
            Found::Retired { since, successor, .. } => Err(Retired {
                provider,
                id: id.to_owned(),
                since: since.to_owned(),
                successor: successor.map(str::to_owned),
            }),
        }
    }

    /// Whether `served` is what was asked for by the name of `requested`: the same id, a snapshot
    /// that is listed, or the id with a date behind it.
    #[must_use]
    pub fn is_same(&self, provider: Provider, requested: &str, served: &str) -> bool {
        let bare = |id: &str| id.strip_prefix("models/").unwrap_or(id).to_ascii_lowercase();
        let (asked, came) = (bare(requested), bare(served));
        let dated = came.strip_prefix(&asked).and_then(|rest| rest.strip_prefix('-'));
        let dated = dated.is_some_and(|rest| {
            rest.len() >= 4 && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        });
        let listed = self
            .entry(provider, requested)
            .is_some_and(|model| model.snapshots.iter().any(|snapshot| bare(snapshot) == came));
        asked == came || dated || listed
    }

    fn entry(&self, provider: Provider, id: &str) -> Option<&Model> {
        let named = |model: &&Model| model.is(provider, id);
        let snapshot = |model: &&Model| {
            model.provider == provider && model.snapshots.iter().any(|snapshot| snapshot == id)
        };
        self.models.iter().find(named).or_else(|| self.models.iter().find(snapshot))
    }

    fn ids(&self, provider: Provider) -> impl Iterator<Item = &str> {
        let own = self.models.iter().filter(move |model| model.provider == provider);
        own.map(|model| model.id.as_str())
    }
}

impl Model {
    /// Whether it takes an effort; where nobody looked, it may.
    pub fn takes(&self, effort: &str) -> Result<(), NoSuchEffort> {
        if self.efforts.is_empty() || self.efforts.iter().any(|takes| takes == effort) {
            return Ok(());
        }
        Err(NoSuchEffort {
            id: self.id.clone(),
            effort: effort.to_owned(),
            takes: self.efforts.clone(),
        })
    }

    fn is(&self, provider: Provider, id: &str) -> bool {
        self.provider == provider && self.id == id
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRegistry {
    format: Spanned<u32>,
    name: String,
    date: Spanned<String>,
    currency: Spanned<String>,
    #[serde(default)]
    model: Vec<RawModel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    provider: Provider,
    id: Spanned<String>,
    #[serde(default)]
    snapshots: Vec<String>,
    title: String,
    ends: Option<Spanned<String>>,
    successor: Option<Spanned<String>>,
    #[serde(default)]
    efforts: Vec<String>,
    note: Option<String>,
    source: String,
    status: Standing,
    price: Option<Spanned<TokenPrice>>,
}

fn model(source: &Source, raw: RawModel) -> Result<Model, InputError> {
    if raw.id.get_ref().trim().is_empty() {
        return Err(source.error(raw.id.span(), "a model needs an id"));
    }
    if let Some(ends) = &raw.ends {
        date(source, ends)?;
    }
    let price = match raw.price {
        None => None,
        Some(price) => {
            let span = price.span();
            let price = price.into_inner();
            price.check().map_err(|fault| source.error(span, fault))?;
            Some(price)
        }
    };
    Ok(Model {
        provider: raw.provider,
        id: raw.id.into_inner(),
        snapshots: raw.snapshots,
        title: raw.title,
        ends: raw.ends.map(Spanned::into_inner),
        successor: raw.successor.map(Spanned::into_inner),
        efforts: raw.efforts,
        note: raw.note,
        source: raw.source,
        standing: raw.status,
        price,
    })
}

fn date(source: &Source, written: &Spanned<String>) -> Result<(), InputError> {
    let right = written.get_ref().len() == 10 && written.get_ref().parse::<Date>().is_ok();
    if right {
        return Ok(());
    }
    let message = format!("`{}` is no day", written.get_ref());
    Err(source.error(written.span(), message).help("write it as \"2026-11-24\""))
}
