//! A look at code without running it. What is found are facts for a report, never a verdict: a
//! verdict comes from outputs alone.

mod complexity;
mod excepts;
mod handler;
mod imports;
mod loops;

use ruff_python_ast::ModModule;
use serde::{Deserialize, Serialize};

use crate::python::{self, Lines, SyntaxError};

pub use complexity::{Complexity, FunctionComplexity};
pub use handler::Handler;
pub use imports::{Imports, Lacking};
pub use loops::{PixelLoop, Sign};

/// What a look at one file of Python showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Lines of the file, blank ones and comments with them.
    pub lines: usize,
    /// What it is.
    pub text: Text,
}

/// Whether a file is Python 3.14, with what can be seen in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// It is.
    Python(Seen),
    /// It is not, for this reason.
    NotPython(SyntaxError),
}

/// What can be seen in a file of Python.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The function that is to be called.
    pub handler: Handler,
    /// What is imported, and what of it nothing offers.
    pub imports: Imports,
    /// How many ways lead through it.
    pub complexity: Complexity,
    /// Loops that seem to take pixels one by one.
    pub pixel_loops: Vec<PixelLoop>,
    /// Lines with an `except:` that names nothing, and so catches even an interrupt.
    pub bare_excepts: Vec<usize>,
    /// Lines with an `except` for whatever goes wrong after which nothing is raised. Not looked for
    /// in answers that were kept by an earlier program.
    #[serde(default)]
    pub passed_over: Vec<usize>,
}

impl Look {
    /// Looks at code whose entry point has this name and which may import these libraries, by the
    /// names that they are imported by (`PIL`, not Pillow), besides the standard library.
    #[must_use]
    pub fn at(code: &str, entry_point: &str, libraries: &[&str]) -> Self {
        let lines = Lines::of(code);
        let see = |module: &ModModule| Seen {
            handler: handler::of(module, entry_point, &lines),
            imports: imports::of(module, libraries, &lines),
            complexity: complexity::of(module, &lines),
            pixel_loops: loops::of(module, &lines),
            bare_excepts: excepts::bare(module, &lines),
            passed_over: excepts::passed_over(module, &lines),
        };
        let text = match python::read(code, see) {
            Ok(seen) => Text::Python(seen),
            Err(error) => Text::NotPython(error),
        };
        Self { lines: code.lines().count(), text }
    }
}
