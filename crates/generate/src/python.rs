//! Python 3.14 as ruff's parser reads it: the only place that knows of that parser.
//!
//! What only Python's compiler refuses (a `return` outside of a function) is not seen here.

use std::collections::BTreeSet;

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Expr, ModModule, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged as _, TextRange};
use serde::{Deserialize, Serialize};

/// Longer code is not read: no answer is, and each character can nest a syntax tree deeper.
const LONGEST: usize = 256 * 1024;

/// For the tree of the worst code of that length. Only what is used of it takes memory.
const STACK: usize = 768 * 1024 * 1024;

/// Why code is no Python 3.14.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: usize,
    /// The character in that line, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Hands the syntax tree of some code to `reader`.
pub(crate) fn read<T: Send>(
    code: &str,
    reader: impl FnOnce(&ModModule) -> T + Send,
) -> Result<T, SyntaxError> {
    if code.len() > LONGEST {
        let message = format!("more than {} KiB of code are not read", LONGEST / 1024);
        return Err(SyntaxError { line: 1, column: 1, message });
    }
    let work = || parsed(code).map(|module| reader(&module));
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(read)) => read,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => {
                let message = format!("it could not be read: {error}");
                Err(SyntaxError { line: 1, column: 1, message })
            }
        }
    })
}

fn parsed(code: &str) -> Result<ModModule, SyntaxError> {
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY314);
    let parsed = parse_unchecked(code, options);
    let fault = |range: TextRange, message: String| {
        let (line, column) = place(code, range.start().to_usize());
        SyntaxError { line, column, message }
    };
    if let Some(error) = parsed.errors().first() {
        return Err(fault(error.location, error.error.to_string()));
    }
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        return Err(fault(error.range(), error.to_string()));
    }
    let module = parsed.try_into_module().expect("a module was asked for");
    Ok(module.into_syntax())
}

/// Line and column of a place in some code, from 1.
pub(crate) fn place(code: &str, at: usize) -> (usize, usize) {
    let before = &code[..code.floor_char_boundary(at)];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    (line, column)
}

/// The names that a module binds at its top level: by `def`, `class`, assignment or import, also
/// within its top level's `if`, `try`, `with` and loops.
pub(crate) fn names_bound(module: &ModModule) -> BTreeSet<String> {
    let mut bound = Bound(BTreeSet::new());
    bound.visit_body(&module.body);
    bound.0
}

struct Bound(BTreeSet<String>);

impl Bound {
    fn target(&mut self, target: &Expr) {
        match target {
            Expr::Name(name) => drop(self.0.insert(name.id.to_string())),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|inner| self.target(inner)),
            Expr::List(list) => list.elts.iter().for_each(|inner| self.target(inner)),
            Expr::Starred(starred) => self.target(&starred.value),
            _ => {}
        }
    }
}

impl StatementVisitor<'_> for Bound {
    fn visit_stmt(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(function) => drop(self.0.insert(function.name.to_string())),
            Stmt::ClassDef(class) => drop(self.0.insert(class.name.to_string())),
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.target(target)),
            Stmt::AnnAssign(assign) if assign.value.is_some() => self.target(&assign.target),
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let first = name.split('.').next().unwrap_or_default();
                    self.0.insert(first.to_owned());
                }
            }
            Stmt::ImportFrom(import) => {
                let names = import.names.iter();
                let names = names.map(|alias| alias.asname.as_ref().unwrap_or(&alias.name));
                self.0.extend(names.map(ToString::to_string));
            }
            other => walk_stmt(self, other),
        }
    }
}
