//! Who answers for models, and how each is reached: the address and the key.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::Key;

/// An API that models are asked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// OpenAI's Responses.
    OpenAi,
    /// Google's `generateContent`.
    Gemini,
    /// DeepSeek's chat completions.
    DeepSeek,
    /// Chat completions of any server that speaks them as OpenAI does.
    Compatible,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OpenAi, Self::Gemini, Self::DeepSeek, Self::Compatible];

    /// As studies write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Gemini => "gemini",
            Self::DeepSeek => "deepseek",
            Self::Compatible => "compatible",
        }
    }

    /// The provider of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == name)
    }

    /// The two halves of `provider:model id`.
    #[must_use]
    pub fn and_model(written: &str) -> Option<(Self, &str)> {
        let (name, id) = written.split_once(':')?;
        Some((Self::of(name)?, id)).filter(|(_, id)| !id.is_empty())
    }

    /// Where it is reached unless told otherwise.
    #[must_use]
    pub fn base_url(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("https://api.openai.com/v1"),
            Self::Gemini => Some("https://generativelanguage.googleapis.com"),
            Self::DeepSeek => Some("https://api.deepseek.com"),
            Self::Compatible => None,
        }
    }

    /// The environment variable that may name another address.
    #[must_use]
    pub fn base_url_variable(self) -> &'static str {
        match self {
            Self::OpenAi => "OPENAI_BASE_URL",
            Self::Gemini => "GOOGLE_GEMINI_BASE_URL",
            Self::DeepSeek => "DEEPSEEK_BASE_URL",
            Self::Compatible => "COMPATIBLE_BASE_URL",
        }
    }

    /// The environment variables that may hold the key; the first that is set counts.
    #[must_use]
    pub fn key_variables(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &["OPENAI_API_KEY"],
            Self::Gemini => &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
            Self::DeepSeek => &["DEEPSEEK_API_KEY"],
            Self::Compatible => &["COMPATIBLE_API_KEY"],
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A provider that cannot be asked as things stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAccess {
    /// Its key is nowhere.
    #[error("there is no key for {provider}; set {}", .provider.key_variables().join(" or "))]
    NoKey {
        /// Whose.
        provider: Provider,
    },
    /// What is set cannot be a key.
    #[error("{variable} cannot be a key: {why}")]
    NotAKey {
        /// Where it was read.
        variable: &'static str,
        /// What is wrong, without what was read.
        why: &'static str,
    },
    /// Nothing says where it is.
    #[error("nothing says where {provider} is; give a base_url, or set {}", .provider.base_url_variable())]
    NoAddress {
        /// Which.
        provider: Provider,
    },
    /// Where it should be is no address.
    #[error("{place} is no address to ask at: {why}")]
    NotAnAddress {
        /// `base_url` or the variable.
        place: &'static str,
        /// What is wrong, without what was read.
        why: String,
    },
}

/// A provider's address and the key for it. It has no `Debug`, since the key has none.
pub struct Access {
    pub(crate) provider: Provider,
    pub(crate) base_url: String,
    pub(crate) key: Option<Key>,
}

impl Access {
    /// Finds both: the address in the study's `base_url`, else in the variable of the provider's
    /// own library, else its usual one; the key in the environment only.
    ///
    /// A key is needed at the provider's usual address. Other servers may do without.
    pub fn find(
        provider: Provider,
        base_url: Option<&str>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, NoAccess> {
        let set = |variable: &str| environment(variable).filter(|value| !value.trim().is_empty());
        let variable = provider.base_url_variable();
        let (place, written) = match base_url {
            Some(given) => ("base_url", Some(given.to_owned())),
            None => (variable, set(variable)),
        };
        let usual = provider.base_url();
        let written = written.or_else(|| usual.map(str::to_owned));
        let base_url = address(place, &written.ok_or(NoAccess::NoAddress { provider })?)?;
        let mut key = None;
        for &variable in provider.key_variables() {
            if let Some(value) = set(variable) {
                let read = Key::read(&value);
                key = Some(read.map_err(|why| NoAccess::NotAKey { variable, why })?);
                break;
            }
        }
        if key.is_none() && Some(base_url.as_str()) == usual {
            return Err(NoAccess::NoKey { provider });
        }
        Ok(Self { provider, base_url, key })
    }

    /// Whose it is.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Where, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Whether it is on this machine itself, where asking costs nothing but time.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        is_loopback(&self.base_url)
    }

    /// Whether there is a key.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }
}

/// Whether an address is this machine's own, by the whole of its host.
pub(crate) fn is_loopback(base_url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(base_url) else { return false };
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// Checks an address: it is recorded with every request, so it may hold no secret.
fn address(place: &'static str, written: &str) -> Result<String, NoAccess> {
    let fault = |why: &str| NoAccess::NotAnAddress { place, why: why.to_owned() };
    let url = reqwest::Url::parse(written.trim()).map_err(|error| fault(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(fault("it must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(fault("it holds a user's name or password; keys go into the environment"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(fault("it must end before any `?` or `#`"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}
