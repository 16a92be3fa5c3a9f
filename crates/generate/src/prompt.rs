//! Prompts: one base text for all functions, filled from the contract, so that what is asked for
//! and what is checked cannot disagree.
//!
//! `prompts/base.md` is the text that every function shares, `prompts/NAME.md` the task of one.
//! In both, `{{key}}` stands for a value: `function`, `functions`, `libraries`, and each entry of
//! the function's table in `contract.toml`, lists by index (`{{size.0}}`). `{{task}}` stands for
//! the task. A key that nothing gives is a fault of the text.

use std::collections::BTreeMap;
use std::path::Path;

use photofinish_study::{Application, InputError, Name, Source, nearest};

/// A package that the code may import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// As its authors call it.
    pub name: String,
    /// The version at hand.
    pub version: String,
    /// Where the code finds it, in words.
    pub place: String,
}

/// What each function is asked for, in the chain's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompts(Vec<(Name, String)>);

impl Prompts {
    /// Fills the application's texts.
    pub fn of(application: &Application, libraries: &[Library]) -> Result<Self, InputError> {
        let folder = application.folder.join("prompts");
        let base = Source::read(&folder.join("base.md"))?;
        let contract = Source::read(&application.folder.join("contract.toml"))?;
        let rules: toml::Table = contract.parse()?;
        let names: Vec<&str> =
            application.functions.iter().map(|function| function.name.as_str()).collect();
        let mut prompts = Vec::new();
        for function in &application.functions {
            let mut values = BTreeMap::from([
                ("function".to_owned(), function.name.to_string()),
                ("functions".to_owned(), names.join(", ")),
                ("libraries".to_owned(), listed(libraries)),
            ]);
            let rule = rules.get("function").and_then(|rules| rules.get(function.name.as_str()));
            if let Some(rule) = rule {
                flatten("", rule, &mut values);
            }
            let task = Source::read(&folder.join(format!("{}.md", function.name)))?;
            let task = fill(&task, &values)?;
            values.insert("task".to_owned(), task.trim().to_owned());
            prompts.push((function.name.clone(), fill(&base, &values)?));
        }
        Ok(Self(prompts))
    }

    /// Whether an application has texts to ask with.
    #[must_use]
    pub fn are_in(folder: &Path) -> bool {
        folder.join("prompts/base.md").is_file()
    }

    /// Each function's prompt.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &str)> {
        self.0.iter().map(|(function, text)| (function, text.as_str()))
    }
}

fn listed(libraries: &[Library]) -> String {
    let line =
        |library: &Library| format!("- {} {} ({})", library.name, library.version, library.place);
    libraries.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn flatten(key: &str, value: &toml::Value, into: &mut BTreeMap<String, String>) {
    let inner = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(name, value)| flatten(&inner(name), value, into));
        }
        toml::Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered.for_each(|(index, item)| flatten(&inner(&index.to_string()), item, into));
        }
        toml::Value::String(text) => {
            into.insert(key.to_owned(), text.clone());
        }
        plain => {
            into.insert(key.to_owned(), plain.to_string());
        }
    }
}

fn fill(template: &Source, values: &BTreeMap<String, String>) -> Result<String, InputError> {
    let text = template.text();
    let mut filled = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(begin) = text[at..].find("{{").map(|found| at + found) {
        filled.push_str(&text[at..begin]);
        let Some(end) = text[begin..].find("}}").map(|found| begin + found) else {
            return Err(template.error(begin..begin + 2, "`{{` is not closed by `}}`"));
        };
        let key = text[begin + 2..end].trim();
        let Some(value) = values.get(key) else {
            let mut error = template.error(begin..end + 2, format!("nothing gives `{key}`"));
            let near = nearest(key, values.keys().map(String::as_str));
            error.help = near.map(|near| format!("did you mean `{near}`?"));
            return Err(error);
        };
        filled.push_str(value);
        at = end + 2;
    }
    filled.push_str(&text[at..]);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(base: &str) -> (tempfile::TempDir, Application) {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("a.jpg", "picture");
        write(
            "application.toml",
            "format = 1\nname = \"a\"\ndescription = \"d\"\n
             [[function]]\nname = \"resize\"\nkind = \"k\"\nextension = \"png\"\n
             [[image]]\nname = \"a\"\nfile = \"a.jpg\"\nsource = \"s\"\nlicence = \"l\"",
        );
        write("contract.toml", "[function.resize]\nsize = [800, 600]\nmedia_type = \"image/png\"");
        write("prompts/base.md", base);
        write("prompts/resize.md", "Make it {{size.0}} by {{ size.1 }}.\n");
        let read = Application::read(folder.path()).unwrap();
        (folder, read)
    }

    #[test]
    fn what_is_asked_for_comes_from_the_contract() {
        let (_folder, application) = application("Write `{{function}}`. {{task}}\n{{libraries}}\n");
        let library =
            Library { name: "Pillow".into(), version: "13.0.0".into(), place: "a layer".into() };
        let prompts = Prompts::of(&application, &[library]).unwrap();
        let (function, text) = prompts.iter().next().unwrap();
        assert_eq!(function.as_str(), "resize");
        assert_eq!(text, "Write `resize`. Make it 800 by 600.\n- Pillow 13.0.0 (a layer)\n");
    }

    #[test]
    fn a_text_that_asks_for_what_nothing_gives_is_named_with_its_place() {
        let (_folder, application) = application("one\n{{media_typ}}");
        let error = Prompts::of(&application, &[]).unwrap_err();
        assert_eq!(error.line_and_column(), Some((2, 1)));
        assert_eq!(error.help.as_deref(), Some("did you mean `media_type`?"));
    }
}
