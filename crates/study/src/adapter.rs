//! Code that was written for another tool: how it is called there, so that it can be called here
//! without being altered.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::place::{InputError, Source};
use crate::words::Name;

crate::word! {
    /// Whose functions the code is written like.
    Style, "style":
    /// SAAF and FaaS Runner: `yourFunction(request, context)` in `handler.py`.
    Saaf = "saaf",
    /// SeBS: `handler(event)` in `python/function.py`, with SeBS's storage.
    Sebs = "sebs",
}

impl Style {
    /// Whose it is, for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Saaf => "SAAF",
            Self::Sebs => "SeBS",
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::Saaf => "handler.py",
            Self::Sebs => "python/function.py",
        }
    }

    fn function(self) -> &'static str {
        match self {
            Self::Saaf => "yourFunction",
            Self::Sebs => "handler",
        }
    }
}

/// How code of another tool's style is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Adapter {
    /// Whose style.
    pub style: Style,
    /// The file with the function, below the folder of each function; what lies beside it is
    /// packed with it.
    pub file: PathBuf,
    /// The function that is called.
    pub function: String,
    /// Names in the request, and which field of the event each holds.
    pub request: BTreeMap<String, Field>,
    /// What a function is given besides, by the function.
    pub parameters: BTreeMap<Name, toml::Table>,
}

crate::word! {
    /// A field of the event that a function is called with.
    Field, "field of the event":
    /// The bucket of the input.
    Bucket = "bucket",
    /// Its key.
    Key = "key",
    /// The bucket of the output.
    OutputBucket = "output_bucket",
    /// Its key.
    OutputKey = "output_key",
}

/// As it stands in `variant.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    style: Style,
    file: Option<Spanned<String>>,
    function: Option<Spanned<String>>,
    request: Option<Spanned<BTreeMap<String, Field>>>,
    #[serde(default)]
    parameters: BTreeMap<Name, toml::Table>,
}

impl Adapter {
    pub(crate) fn of(raw: Raw, source: &Source) -> Result<Self, InputError> {
        let Raw { style, file, function, request, parameters } = raw;
        if let Some(file) = file.as_ref().filter(|file| !is_module_below(file.get_ref())) {
            let message =
                format!("`{}` is no Python file below the function's folder", file.get_ref());
            let help = format!("write it like `{}`", style.file());
            return Err(source.error(file.span(), message).help(help));
        }
        if let Some(function) = function.as_ref().filter(|name| !is_identifier(name.get_ref())) {
            let message = format!("`{}` is no name of a function", function.get_ref());
            let help = format!("write it like `{}`", style.function());
            return Err(source.error(function.span(), message).help(help));
        }
        if let (Style::Sebs, Some(request)) = (style, &request) {
            let message = "a function of SeBS takes SeBS's event, and nothing in it can be renamed";
            let error = source.error(request.span(), message);
            return Err(error.help("leave `request` away; `parameters` go into its `object`"));
        }
        Ok(Self {
            style,
            file: file.map_or_else(|| style.file().into(), |file| file.into_inner().into()),
            function: function.map_or_else(|| style.function().to_owned(), Spanned::into_inner),
            request: request.map(Spanned::into_inner).unwrap_or_default(),
            parameters,
        })
    }

    /// The name of the file's module.
    #[must_use]
    pub fn module(&self) -> String {
        self.file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

fn is_identifier(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

fn is_module_below(text: &str) -> bool {
    let path = Path::new(text);
    path.components().all(|part| matches!(part, Component::Normal(_)))
        && path.extension().is_some_and(|ending| ending == "py")
        && path.file_stem().and_then(|stem| stem.to_str()).is_some_and(is_identifier)
}

#[cfg(test)]
mod tests {
    use crate::variant::VariantFolder;

    fn read(text: &str) -> Result<super::Adapter, String> {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("format = 1\n[adapter]\n{text}");
        std::fs::write(folder.path().join(VariantFolder::FILE), text).unwrap();
        let variant = VariantFolder::read(folder.path()).map_err(|error| error.to_string())?;
        Ok(variant.adapter.unwrap())
    }

    #[test]
    fn a_style_is_enough() {
        let saaf = read("style = \"saaf\"\n").unwrap();
        assert_eq!((saaf.module(), saaf.function.as_str()), ("handler".into(), "yourFunction"));
        let sebs = read("style = \"sebs\"\n[adapter.parameters.resize]\nwidth = 800\n").unwrap();
        assert_eq!(sebs.file, std::path::Path::new("python/function.py"));
        assert_eq!(sebs.parameters.values().next().unwrap()["width"].as_integer(), Some(800));
    }

    #[test]
    fn what_cannot_be_called_is_refused_with_its_place() {
        for (text, said) in [
            ("style = \"faas\"\n", "saaf"),
            ("style = \"saaf\"\nfile = \"../handler.py\"\n", ":4:8: `../handler.py` is no Python"),
            ("style = \"saaf\"\nfile = \"my-handler.py\"\n", "write it like `handler.py`"),
            ("style = \"saaf\"\nfunction = \"a.b\"\n", ":4:12: `a.b` is no name"),
            ("style = \"saaf\"\n[adapter.request]\nname = \"size\"\n", "output_key"),
            ("style = \"sebs\"\n[adapter.request]\nname = \"key\"\n", "leave `request` away"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
