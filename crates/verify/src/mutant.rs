//! Mutants: wrong implementations that must be rejected and right ones that must be accepted, by
//! which the contract's limits are tried.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use photofinish_study::{InputError, MUTANTS, Name, Source, nearest};

const QUOTES: &str = "\"\"\"";
/// What a header's `layers` says if there are none.
const NO_LAYERS: &str = "none";

/// One whole function in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// Which of the application's functions it is.
    pub function: Name,
    /// Its file's name without the ending.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What it is: the whole `lambda_function.py`.
    pub code: String,
    /// Whether it is right, or what kind of mistake it makes.
    pub side: Side,
    /// In a sentence, what it does or what is wrong with it.
    pub says: String,
    /// The layers that it imports from, in order.
    pub layers: Vec<String>,
}

/// Whether an implementation is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// It must be accepted on every fixture.
    Right,
    /// It must be rejected on at least one.
    Wrong {
        /// The kind of mistake, such as `exif-ignored`.
        kind: String,
    },
}

impl Side {
    /// The two folders.
    const FOLDERS: [&str; 2] = ["right", "wrong"];

    fn folder(&self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong { .. } => "wrong",
        }
    }
}

/// `wrong/greyscale/bt709`: where it lies below `mutants`.
impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}/{}", self.side.folder(), self.function, self.name))
    }
}

impl Mutant {
    /// Reads every file below an application's `mutants`, in the order of its functions: `layers`
    /// are those that a function can have.
    pub fn read_all(
        application: &Path,
        functions: &[Name],
        layers: &[&str],
    ) -> Result<Vec<Self>, InputError> {
        let folder = application.join(MUTANTS);
        if !folder.is_dir() {
            let message = "there are no mutants: the folder is not there";
            let help = "an implementation is a file such as mutants/wrong/greyscale/bt709.py";
            return Err(InputError::of_file(&folder, message).help(help));
        }
        let mut all = Vec::new();
        for side in subfolders(&folder, &Side::FOLDERS)? {
            let names: Vec<&str> = functions.iter().map(Name::as_str).collect();
            for function in subfolders(&side, &names)? {
                for path in files(&function)? {
                    let name = function.file_name().unwrap_or_default().to_string_lossy();
                    let name = functions.iter().find(|function| function.as_str() == name);
                    let name = name.expect("other folders are refused").clone();
                    all.push(Self::read(&path, name, side.ends_with("wrong"), layers)?);
                }
            }
        }
        let place = |function: &Name| functions.iter().position(|name| name == function);
        all.sort_by_key(|mutant| (place(&mutant.function), mutant.to_string()));
        Ok(all)
    }

    fn read(
        path: &Path,
        function: Name,
        is_wrong: bool,
        layers: &[&str],
    ) -> Result<Self, InputError> {
        let source = Source::read(path)?;
        let header = Header::of(&source)?;
        let side = match (is_wrong, header.field("kind")?) {
            (false, None) => Side::Right,
            (true, Some((kind, span))) => Side::Wrong { kind: kebab_case(&source, kind, span)? },
            (true, None) => return Err(header.lacks("kind", "kind: exif-ignored")),
            (false, Some((_, span))) => {
                let message = "a right implementation makes no kind of mistake";
                return Err(source.error(span, message).help("leave the line out"));
            }
        };
        let Some((listed, span)) = header.field("layers")? else {
            return Err(header.lacks("layers", "layers: pillow, numpy"));
        };
        Ok(Self {
            function,
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            path: path.to_owned(),
            code: source.text().to_owned(),
            side,
            says: header.says.to_owned(),
            layers: layers_of(&source, listed, &span, layers)?,
        })
    }
}

/// The docstring with which a file begins.
struct Header<'a> {
    source: &'a Source,
    /// Its first line.
    says: &'a str,
    /// Where its other lines are.
    rest: Range<usize>,
}

impl<'a> Header<'a> {
    fn of(source: &'a Source) -> Result<Self, InputError> {
        let text = source.text();
        let first_line = 0..text.find('\n').unwrap_or(text.len());
        let wrong = |span, message: &str| {
            let help = "\"\"\"What it does or what is wrong, in a sentence.";
            Err(source.error(span, message).help(format!("begin with {help}")))
        };
        let Some(inner) = text.strip_prefix(QUOTES) else {
            return wrong(first_line, "it does not begin with a docstring");
        };
        let Some(length) = inner.find(QUOTES) else {
            return wrong(first_line, "its docstring has no end");
        };
        let says = inner[..length].lines().next().unwrap_or_default();
        if says.trim().is_empty() {
            return wrong(first_line, "the first line of its docstring is empty");
        }
        let rest = QUOTES.len() + says.len()..QUOTES.len() + length;
        Ok(Self { source, says: says.trim(), rest })
    }

    /// The value of a line `name: value`, and where it stands.
    fn field(&self, name: &str) -> Result<Option<(&'a str, Range<usize>)>, InputError> {
        let mut found = None;
        let mut start = self.rest.start;
        for line in self.source.text()[self.rest.clone()].split_inclusive('\n') {
            let at = start;
            start += line.len();
            let Some(value) = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(':'))
            else {
                continue;
            };
            let value = value.trim();
            let offset = line.find(value).unwrap_or_default();
            let span = at + offset..at + offset + value.len();
            if found.is_some() {
                return Err(self.source.error(span, format!("`{name}` stands here twice")));
            }
            found = Some((value, span));
        }
        Ok(found)
    }

    fn lacks(&self, name: &str, example: &str) -> InputError {
        let message = format!("its docstring does not say `{name}`");
        let help = format!("write a line such as `{example}` into it");
        self.source.error(0..self.rest.end, message).help(help)
    }
}

fn kebab_case(source: &Source, kind: &str, span: Range<usize>) -> Result<String, InputError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = kind.starts_with('-') || kind.ends_with('-');
    if kind.is_empty() || ends || !kind.chars().all(plain) {
        let error = source.error(span, format!("`{kind}` is no kind of mistake in kebab-case"));
        return Err(error.help("such as exif-ignored"));
    }
    Ok(kind.to_owned())
}

fn layers_of(
    source: &Source,
    listed: &str,
    span: &Range<usize>,
    known: &[&str],
) -> Result<Vec<String>, InputError> {
    if listed == NO_LAYERS {
        return Ok(Vec::new());
    }
    let mut layers = Vec::new();
    for name in listed.split(',').map(str::trim) {
        if !known.contains(&name) {
            let error = source.error(span.clone(), format!("there is no layer `{name}`"));
            return Err(match nearest(name, known.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("layers are {}, or {NO_LAYERS}", known.join(", "))),
            });
        }
        if layers.iter().any(|layer| layer == name) {
            return Err(source.error(span.clone(), format!("`{name}` stands here twice")));
        }
        layers.push(name.to_owned());
    }
    Ok(layers)
}

/// The folders in a folder, which must be of those names.
fn subfolders(folder: &Path, names: &[&str]) -> Result<Vec<PathBuf>, InputError> {
    let mut found = Vec::new();
    for path in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !names.contains(&&*name) {
            let message = format!("there is no place for `{name}` here");
            let error = InputError::of_file(&path, message);
            return Err(match nearest(&name, names.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("the folders are {}", names.join(", "))),
            });
        }
        found.push(path);
    }
    Ok(found)
}

/// The files of a function; nothing else may be among them.
fn files(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let paths = entries(folder)?;
    let other = paths.iter().find(|path| path.extension().is_none_or(|ending| ending != "py"));
    if let Some(other) = other {
        let error = InputError::of_file(other, "is no Python file");
        return Err(error.help("each implementation is one file such as bt709.py"));
    }
    Ok(paths)
}

/// What a folder holds; what Python leaves behind does not count.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let unreadable = |error| InputError::of_file(folder, format!("cannot be read: {error}"));
    let mut paths = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if !path.ends_with("__pycache__") {
            paths.insert(path);
        }
    }
    Ok(paths.into_iter().collect())
}
