//! A variant's folder: a folder for each function, and a `variant.toml` where it needs saying
//! what they are written in or which layers they want.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::adapter::{self, Adapter};
use crate::place::{InputError, Source};
use crate::words::Name;

/// The format of `variant.toml` that this program reads.
const FORMAT: u32 = 1;

crate::word! {
    /// What a variant's functions are written in.
    Language, "language":
    /// A `lambda_function.py` a function, on the managed runtime.
    Python = "python",
    /// One Rust package for all functions, on the custom runtime; built on demand.
    Native = "native",
}

/// A variant's folder, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantFolder {
    /// Where it lies.
    pub folder: PathBuf,
    /// What it is written in.
    pub language: Language,
    /// The layers that its functions are deployed with, in order; none said means the
    /// application's.
    pub layers: Option<Vec<String>>,
    /// What it stands for, in a sentence for the report.
    pub about: Option<String>,
    /// How its functions are called, where they were written for another tool.
    pub adapter: Option<Adapter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    format: Spanned<u32>,
    language: Option<Language>,
    layers: Option<Vec<String>>,
    about: Option<String>,
    adapter: Option<Spanned<adapter::Raw>>,
}

impl VariantFolder {
    /// The file that may describe it.
    pub const FILE: &str = "variant.toml";
    /// The one file that a Python function is.
    pub const PYTHON_FILE: &str = "lambda_function.py";

    /// Reads the folder's `variant.toml`; a folder without one is Python.
    pub fn read(folder: &Path) -> Result<Self, InputError> {
        let path = folder.join(Self::FILE);
        let mut variant = Self {
            folder: folder.to_owned(),
            language: Language::Python,
            layers: None,
            about: None,
            adapter: None,
        };
        if path.is_file() {
            let source = Source::read(&path)?;
            let raw: Raw = source.parse()?;
            if *raw.format.get_ref() != FORMAT {
                let message = format!("format {} is not {FORMAT}", raw.format.get_ref());
                let error = source.error(raw.format.span(), message);
                return Err(error.help("use a newer photofinish"));
            }
            variant.language = raw.language.unwrap_or(Language::Python);
            variant.layers = raw.layers;
            variant.about = raw.about;
            if let (Language::Native, Some(adapter)) = (variant.language, &raw.adapter) {
                let error = source.error(adapter.span(), "only Python can be adapted");
                return Err(error.help("leave `language` or `[adapter]` away"));
            }
            let adapter = raw.adapter.map(Spanned::into_inner);
            variant.adapter = adapter.map(|raw| Adapter::of(raw, &source)).transpose()?;
        }
        Ok(variant)
    }

    /// The file without which a function is not there.
    #[must_use]
    pub fn code(&self, function: &Name) -> PathBuf {
        let own = self.folder.join(function.as_str());
        match self.language {
            Language::Python => match &self.adapter {
                Some(adapter) => own.join(&adapter.file),
                None => own.join(Self::PYTHON_FILE),
            },
            Language::Native => self.folder.join("Cargo.toml"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_word_is_python_with_the_applications_layers() {
        let folder = tempfile::tempdir().unwrap();
        let variant = VariantFolder::read(folder.path()).unwrap();
        assert_eq!((variant.language, variant.layers.clone()), (Language::Python, None));
        let code = variant.code(&Name::new("resize").unwrap());
        assert!(code.ends_with("resize/lambda_function.py"));
    }

    #[test]
    fn what_it_says_is_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(VariantFolder::FILE);
        std::fs::write(&path, "format = 1\nlayers = [\"pillow\", \"numpy\"]\n").unwrap();
        let layers = VariantFolder::read(folder.path()).unwrap().layers.unwrap();
        assert_eq!(layers, ["pillow", "numpy"]);
        std::fs::write(&path, "format = 1\nlayer = [\"pillow\"]\n").unwrap();
        let error = VariantFolder::read(folder.path()).unwrap_err();
        assert!(error.to_string().contains("layer"), "{error}");
        std::fs::write(&path, "format = 2\n").unwrap();
        assert!(VariantFolder::read(folder.path()).unwrap_err().to_string().contains("format 2"));
    }
}
