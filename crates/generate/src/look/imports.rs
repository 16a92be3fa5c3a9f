//! What code imports, anywhere in it.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ModModule, Stmt};
use ruff_text_size::{Ranged as _, TextSize};
use serde::{Deserialize, Serialize};

use crate::python::Lines;

/// The names of Python 3.14's own modules; the file's first line says where they are from.
const STANDARD_LIBRARY: &str = include_str!("stdlib-3.14.txt");

/// What code imports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imports {
    /// The first part of each module's name, sorted. One that stands for a neighbouring file
    /// begins with a dot.
    pub modules: Vec<String>,
    /// Those that neither the standard library nor the given libraries offer.
    pub lacking: Vec<Lacking>,
}

/// A module that nothing offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    /// The first part of its name.
    pub module: String,
    /// The line of its first import.
    pub line: usize,
    /// Whether each import of it stands within a `try` that has an `except`, and so may be meant to
    /// fail.
    pub guarded: bool,
}

pub(crate) fn of(module: &ModModule, libraries: &[&str], lines: &Lines) -> Imports {
    let mut search = Search { lines, guards: 0, found: BTreeMap::new() };
    search.visit_body(&module.body);
    let offered = |name: &str| {
        let mut names = STANDARD_LIBRARY.lines().filter(|line| !line.starts_with('#'));
        libraries.contains(&name) || names.any(|standard| standard == name)
    };
    let lacking = search.found.iter().filter(|(name, _)| !offered(name));
    let lacking =
        lacking.map(|(name, &(line, guarded))| Lacking { module: name.clone(), line, guarded });
    Imports { lacking: lacking.collect(), modules: search.found.keys().cloned().collect() }
}

struct Search<'a> {
    lines: &'a Lines,
    /// How many `try` with an `except` are around.
    guards: usize,
    found: BTreeMap<String, (usize, bool)>,
}

impl Search<'_> {
    fn import(&mut self, module: &str, at: TextSize) {
        let first = module.split('.').next().unwrap_or_default().to_owned();
        let (line, guarded) = (self.lines.line(at), self.guards > 0);
        let (_, all_guarded) = self.found.entry(first).or_insert((line, guarded));
        *all_guarded &= guarded;
    }
}

impl Visitor<'_> for Search<'_> {
    fn visit_stmt(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Import(import) => {
                import.names.iter().for_each(|alias| self.import(&alias.name, alias.start()));
            }
            Stmt::ImportFrom(import) if import.level > 0 => {
                let dots = ".".repeat(import.level as usize);
                let module = import.module.as_deref().unwrap_or_default();
                let name = format!("{dots}{module}");
                let (line, guarded) = (self.lines.line(import.start()), self.guards > 0);
                self.found.entry(name).or_insert((line, guarded)).1 &= guarded;
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_deref().unwrap_or_default();
                self.import(module, import.start());
            }
            Stmt::Try(attempt) => {
                let guard = usize::from(!attempt.handlers.is_empty());
                self.guards += guard;
                self.visit_body(&attempt.body);
                self.guards -= guard;
                attempt.handlers.iter().for_each(|handler| self.visit_except_handler(handler));
                self.visit_body(&attempt.orelse);
                self.visit_body(&attempt.finalbody);
            }
            other => walk_stmt(self, other),
        }
    }

    /// `__import__("x")` and `import_module("x")`, where the name stands there.
    fn visit_expr(&mut self, expression: &Expr) {
        if let Expr::Call(call) = expression {
            let called = match &*call.func {
                Expr::Name(name) => name.id.as_str(),
                Expr::Attribute(attribute) => attribute.attr.as_str(),
                _ => "",
            };
            if let ("__import__" | "import_module", Some(Expr::StringLiteral(name))) =
                (called, call.arguments.args.first())
            {
                self.import(name.value.to_str(), call.start());
            }
        }
        walk_expr(self, expression);
    }
}
