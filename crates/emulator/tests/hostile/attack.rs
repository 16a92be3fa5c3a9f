//! One file of the corpus: what it says about itself, and its code.
//!
//! It begins with a comment: in words what is attacked, then lines `# key: value`.
//! ```text
//! expect: value JSON            the call's value; one such line for each call
//! expect: error TYPE: WORDS     the call fails with an error of this type that says so
//! expect: refused CODE: WORDS   the function cannot be created
//! expect: broken WORDS          the function is created and never becomes active
//! uncounted: value JSON         instead of the first, where no cgroup counts memory
//! log: WORDS                    the end of the last call's log has them
//! with: JSON                    settings of the function
//! entry: JSON                   a further entry of its zip, see [`crate::package`]
//! layer: JSON                   an entry of its layer's zip
//! wait: MILLISECONDS            between two calls
//! only: x86_64                  for this kind of machine
//! ```

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

/// An attack and what must come of it.
pub struct Attack {
    /// Its folder and name, without the ending.
    pub name: String,
    pub python: String,
    pub expected: Vec<Expected>,
    uncounted: Option<Expected>,
    pub log: Vec<String>,
    pub settings: Vec<(String, Value)>,
    pub entries: Vec<Value>,
    pub layer: Vec<Value>,
    pub wait: Duration,
    only: Option<String>,
}

/// What a caller must be told.
#[derive(Clone, Debug)]
pub enum Expected {
    Value(Value),
    Error { kind: String, words: String },
    Refused { code: String, words: String },
    Broken { words: String },
}

impl Attack {
    /// All of the corpus, in the order of their names.
    pub fn read_all(corpus: &Path) -> Vec<Self> {
        let mut attacks = Vec::new();
        for folder in entries(corpus).into_iter().filter(|path| path.is_dir()) {
            for path in entries(&folder) {
                if path.extension().is_some_and(|ending| ending == "py") {
                    attacks.push(Self::read(&path));
                }
            }
        }
        attacks
    }

    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("a file of the corpus");
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
        let stem = path.file_stem().unwrap_or_default();
        let name = format!("{}::{}", folder.to_string_lossy(), stem.to_string_lossy());
        let mut attack = Self {
            name,
            python: text.clone(),
            expected: Vec::new(),
            uncounted: None,
            log: Vec::new(),
            settings: Vec::new(),
            entries: Vec::new(),
            layer: Vec::new(),
            wait: Duration::ZERO,
            only: None,
        };
        let header = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
        let mut words = 0;
        for line in header {
            match line.split_once(": ") {
                Some((key, value)) if !key.contains(' ') => attack.take(key, value),
                _ => words += line.len(),
            }
        }
        assert!(words > 10, "{}: it does not say what it attacks", attack.name);
        assert!(!attack.expected.is_empty(), "{}: it does not say what to expect", attack.name);
        attack
    }

    fn take(&mut self, key: &str, value: &str) {
        let name = &self.name;
        let json = |text: &str| -> Value {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error} in {text}"))
        };
        match key {
            "expect" => {
                let expected = Expected::parse(value, json);
                self.expected.push(expected.unwrap_or_else(|| panic!("{name}: expect: {value}")));
            }
            "uncounted" => {
                self.uncounted = Expected::parse(value, json);
                assert!(self.uncounted.is_some(), "{name}: uncounted: {value}");
            }
            "log" => self.log.push(value.to_owned()),
            "with" => {
                let settings = json(value);
                let settings = settings.as_object().expect("an object of settings");
                self.settings
                    .extend(settings.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            "entry" => self.entries.push(json(value)),
            "layer" => self.layer.push(json(value)),
            "wait" => self.wait = Duration::from_millis(value.parse().expect("milliseconds")),
            "only" => self.only = Some(value.to_owned()),
            _ => panic!("{name}: nothing is known of the key {key}"),
        }
    }

    /// On a machine where memory is counted in processes only.
    pub fn where_memory_is_uncounted(&mut self) {
        if let Some(uncounted) = self.uncounted.take() {
            self.expected[0] = uncounted;
            self.log.clear();
        }
    }

    pub fn is_for_this_machine(&self) -> bool {
        self.only.as_ref().is_none_or(|only| only == crate::python::ARCHITECTURE)
    }
}

impl Expected {
    fn parse(text: &str, json: impl Fn(&str) -> Value) -> Option<Self> {
        let (kind, rest) = text.split_once(' ')?;
        let named =
            || rest.split_once(": ").map(|(name, words)| (name.to_owned(), words.to_owned()));
        Some(match kind {
            "value" => Self::Value(json(rest)),
            "error" => {
                let (kind, words) = named()?;
                Self::Error { kind, words }
            }
            "refused" => {
                let (code, words) = named()?;
                Self::Refused { code, words }
            }
            "broken" => Self::Broken { words: rest.to_owned() },
            _ => return None,
        })
    }
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let listed = std::fs::read_dir(folder).expect("a folder of the corpus");
    let mut paths: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}
