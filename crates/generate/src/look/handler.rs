//! The function that is to be called.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Expr, ModModule, Parameters, Stmt};
use ruff_text_size::{Ranged, TextSize};
use serde::{Deserialize, Serialize};

use crate::python::Lines;

/// What the entry point's name stands for at the end of the file's top level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handler {
    /// Nothing.
    Missing,
    /// A function or a lambda.
    Function {
        /// Where.
        line: usize,
        /// Whether it can be called with an event and a context.
        takes_event_and_context: bool,
        /// Whether it is an `async def`, which Lambda does not wait for.
        asynchronous: bool,
    },
    /// Something of which only running it shows what it is.
    Other {
        /// Where.
        line: usize,
        /// What binds the name: `class`, `assignment` or `import`.
        by: String,
    },
}

pub(crate) fn of(module: &ModModule, entry_point: &str, lines: &Lines) -> Handler {
    let mut search = Search { entry_point, lines, found: Handler::Missing };
    search.visit_body(&module.body);
    search.found
}

struct Search<'a> {
    entry_point: &'a str,
    lines: &'a Lines,
    found: Handler,
}

impl Search<'_> {
    fn other(&mut self, at: TextSize, by: &str) {
        self.found = Handler::Other { line: self.lines.line(at), by: by.to_owned() };
    }

    fn assigned(&mut self, target: &Expr, value: &Expr) {
        if !self.is_in(target) {
            return;
        }
        match (target, value) {
            (Expr::Name(_), Expr::Lambda(lambda)) => {
                self.found = Handler::Function {
                    line: self.lines.line(target.start()),
                    takes_event_and_context: lambda.parameters.as_deref().is_some_and(takes_two),
                    asynchronous: false,
                };
            }
            _ => self.other(target.start(), "assignment"),
        }
    }

    fn is_in(&self, target: &Expr) -> bool {
        match target {
            Expr::Name(name) => name.id == self.entry_point,
            Expr::Tuple(tuple) => tuple.elts.iter().any(|inner| self.is_in(inner)),
            Expr::List(list) => list.elts.iter().any(|inner| self.is_in(inner)),
            Expr::Starred(starred) => self.is_in(&starred.value),
            _ => false,
        }
    }
}

impl StatementVisitor<'_> for Search<'_> {
    fn visit_stmt(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                if function.name.as_str() == self.entry_point {
                    self.found = Handler::Function {
                        line: self.lines.line(function.name.start()),
                        takes_event_and_context: takes_two(&function.parameters),
                        asynchronous: function.is_async,
                    };
                }
            }
            Stmt::ClassDef(class) => {
                if class.name.as_str() == self.entry_point {
                    self.other(class.name.start(), "class");
                }
            }
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.assigned(target, &assign.value));
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assigned(&assign.target, value);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    if alias.asname.as_ref().unwrap_or(&alias.name).as_str() == self.entry_point {
                        self.other(alias.start(), "import");
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    if alias.asname.as_ref().unwrap_or(&alias.name).as_str() == self.entry_point {
                        self.other(alias.start(), "import");
                    }
                }
            }
            other => walk_stmt(self, other),
        }
    }
}

/// Whether two positional arguments fit.
fn takes_two(parameters: &Parameters) -> bool {
    let positional = || parameters.posonlyargs.iter().chain(&parameters.args);
    let needed = positional().filter(|parameter| parameter.default.is_none()).count();
    let named_only = parameters.kwonlyargs.iter().any(|parameter| parameter.default.is_none());
    needed <= 2 && !named_only && (positional().count() >= 2 || parameters.vararg.is_some())
}
