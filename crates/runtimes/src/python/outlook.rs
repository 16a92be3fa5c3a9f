//! Which Python 3.14 a study would get here, found out without fetching or making anything.

use std::path::Path;

use photofinish_study::Architecture;

use super::{Origin, Road, entry_name, on_linux, recipe};
use crate::cache::Cache;
use crate::error::Error;
use crate::installed::Installed;
use crate::manifest::Manifest;

/// Where a Python 3.14 would come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// Its source, in words.
    pub source: String,
    /// Its version, where that is known before it is fetched.
    pub version: Option<String>,
    /// Whether it lies in the cache, ready to be used.
    pub is_ready: bool,
}

/// What [`super::python314`] would use; nothing is fetched and nothing is written.
pub fn outlook(
    cache: &Cache,
    architecture: Architecture,
    python: Option<&Path>,
) -> Result<Outlook, Error> {
    on_linux()?;
    let (origin, words) = match python {
        Some(path) => {
            let installed = Installed::at(path)?;
            let words = format!("{} (--python)", installed.path().display());
            (Origin::Installed(installed), words)
        }
        None => match Road::of_this_machine()? {
            Road::Debian => (Origin::Debian, "Debian packages, by apt".to_owned()),
            Road::Uv => match Installed::in_cache(cache) {
                Some(installed) => (Origin::Installed(installed), "uv".to_owned()),
                None => return Ok(unready("uv", None)),
            },
        },
    };
    let place = cache.path().join(entry_name(architecture, &recipe(&origin)));
    match Manifest::read(&place) {
        Ok(manifest) => {
            Ok(Outlook { source: manifest.source, version: Some(manifest.python), is_ready: true })
        }
        Err(_) => Ok(match &origin {
            Origin::Installed(installed) => unready(&words, Some(installed.version())),
            Origin::Debian => unready(&words, None),
        }),
    }
}

fn unready(source: &str, version: Option<&str>) -> Outlook {
    Outlook { source: source.to_owned(), version: version.map(str::to_owned), is_ready: false }
}
