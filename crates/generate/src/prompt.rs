//! Prompts: one base text for all functions, filled from the contract, so that what is asked for
//! and what is checked cannot disagree.
//!
//! `prompts/base.md` is the text that every function shares, `prompts/NAME.md` the task of one.
//! In both, `{{key}}` stands for a value: `function`, `functions`, `libraries`, and each entry of
//! the function's table in `contract.toml`, lists by index (`{{size.0}}`). `{{task}}` stands for
//! the task. A key that nothing gives is a fault of the text.
//!
//! `prompts/notes.toml` may put a note behind the text for one model alone, with its reason;
//! `prompts/repair.md` is what goes back to a model whose function was wrong, with `{{faults}}`.

use std::collections::BTreeMap;
use std::path::Path;

use photofinish_study::{Application, InputError, Name, Source, nearest};
use serde::Deserialize;

/// The format of `notes.toml` that this program reads.
const NOTES_FORMAT: u32 = 1;

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

/// What stands behind the prompts for one model alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Which model, as studies name it: `provider:model id`.
    pub model: String,
    /// What it is told besides.
    pub text: String,
    /// Why.
    pub reason: String,
}

impl Note {
    /// What is put behind the text that all models have, line ends and all.
    #[must_use]
    pub fn behind(&self) -> String {
        format!("\n{}\n", self.text.trim())
    }
}

/// `prompts/notes.toml`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNotes {
    format: u32,
    #[serde(default)]
    note: Vec<Note>,
}

/// What each function is asked for, in the chain's order.
#[derive(Debug, Clone)]
pub struct Prompts {
    texts: Vec<(Name, String)>,
    notes: Vec<Note>,
    repair: Option<Source>,
}

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
        let repair = folder.join("repair.md");
        let repair = if repair.is_file() { Some(Source::read(&repair)?) } else { None };
        Ok(Self { texts: prompts, notes: notes(&folder.join("notes.toml"))?, repair })
    }

    /// Whether an application has texts to ask with.
    #[must_use]
    pub fn are_in(folder: &Path) -> bool {
        folder.join("prompts/base.md").is_file()
    }

    /// Each function's prompt, as all models have it.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &str)> {
        self.texts.iter().map(|(function, text)| (function, text.as_str()))
    }

    /// The note for a model, if there is one.
    #[must_use]
    pub fn note(&self, model: &str) -> Option<&Note> {
        self.notes.iter().find(|note| note.model == model)
    }

    /// What a model is asked for a function: the prompt, and its note behind it.
    #[must_use]
    pub fn asked(&self, function: &Name, model: &str) -> Option<String> {
        let (_, text) = self.texts.iter().find(|(name, _)| name == function)?;
        let note = self.note(model).map(Note::behind).unwrap_or_default();
        Some(format!("{text}{note}"))
    }

    /// What goes back to a model whose function was wrong; none where the application has no words
    /// for it.
    pub fn repair(&self, function: &Name, faults: &[String]) -> Result<Option<String>, InputError> {
        let Some(repair) = &self.repair else { return Ok(None) };
        let listed: Vec<String> = faults.iter().map(|fault| format!("- {fault}")).collect();
        let values = BTreeMap::from([
            ("function".to_owned(), function.to_string()),
            ("faults".to_owned(), listed.join("\n")),
        ]);
        fill(repair, &values).map(Some)
    }
}

fn notes(path: &Path) -> Result<Vec<Note>, InputError> {
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let raw: RawNotes = Source::read(path)?.parse()?;
    if raw.format != NOTES_FORMAT {
        let message = format!("format {} is not {NOTES_FORMAT}", raw.format);
        return Err(InputError::of_file(path, message).help("use a newer photofinish"));
    }
    Ok(raw.note)
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
    fn a_note_stands_behind_the_text_of_its_model_alone() {
        let (folder, application) = application("Write `{{function}}`.\n");
        let notes =
            "format = 1\n[[note]]\nmodel = \"gemini:x\"\ntext = \"No prose.\"\nreason = \"r\"";
        std::fs::write(folder.path().join("prompts/notes.toml"), notes).unwrap();
        std::fs::write(folder.path().join("prompts/repair.md"), "Wrong:\n{{faults}}\n").unwrap();
        let prompts = Prompts::of(&application, &[]).unwrap();
        let resize = Name::new("resize").unwrap();
        let asked = |model| prompts.asked(&resize, model).unwrap();
        assert_eq!(asked("openai:y"), "Write `resize`.\n");
        assert_eq!(asked("gemini:x"), "Write `resize`.\n\nNo prose.\n");
        let faults = ["too dark".to_owned(), "too wide".to_owned()];
        let repair = prompts.repair(&resize, &faults).unwrap().unwrap();
        assert_eq!(repair, "Wrong:\n- too dark\n- too wide\n");
    }

    #[test]
    fn a_text_that_asks_for_what_nothing_gives_is_named_with_its_place() {
        let (_folder, application) = application("one\n{{media_typ}}");
        let error = Prompts::of(&application, &[]).unwrap_err();
        assert_eq!(error.line_and_column(), Some((2, 1)));
        assert_eq!(error.help.as_deref(), Some("did you mean `media_type`?"));
    }
}
