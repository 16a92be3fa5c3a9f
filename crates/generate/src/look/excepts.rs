//! What code catches without naming it, and what it passes over.

use ruff_python_ast::statement_visitor::{
    StatementVisitor, walk_body, walk_except_handler, walk_stmt,
};
use ruff_python_ast::{ExceptHandler, ExceptHandlerExceptHandler, Expr, ModModule, Stmt};
use ruff_text_size::Ranged as _;

use crate::python::Lines;

/// The lines with an `except:` that names nothing.
pub(crate) fn bare(module: &ModModule, lines: &Lines) -> Vec<usize> {
    lines_of(module, lines, |handler| handler.type_.is_none())
}

/// The lines with an `except` for whatever goes wrong after which nothing is raised.
pub(crate) fn passed_over(module: &ModModule, lines: &Lines) -> Vec<usize> {
    lines_of(module, lines, |handler| {
        handler.type_.as_deref().is_none_or(is_everything) && !raises(&handler.body)
    })
}

fn lines_of(
    module: &ModModule,
    lines: &Lines,
    wanted: fn(&ExceptHandlerExceptHandler) -> bool,
) -> Vec<usize> {
    let mut search = Search { lines, wanted, found: Vec::new() };
    search.visit_body(&module.body);
    search.found
}

/// `Exception` or `BaseException`, alone or among others.
fn is_everything(caught: &Expr) -> bool {
    match caught {
        Expr::Name(name) => matches!(name.id.as_str(), "Exception" | "BaseException"),
        Expr::Tuple(several) => several.elts.iter().any(is_everything),
        _ => false,
    }
}

/// Whether these statements raise, whatever else they do; not what is only defined in them.
fn raises(body: &[Stmt]) -> bool {
    struct Raise(bool);
    impl StatementVisitor<'_> for Raise {
        fn visit_stmt(&mut self, statement: &Stmt) {
            match statement {
                Stmt::Raise(_) => self.0 = true,
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
                other => walk_stmt(self, other),
            }
        }
    }
    let mut raise = Raise(false);
    walk_body(&mut raise, body);
    raise.0
}

struct Search<'a> {
    lines: &'a Lines,
    wanted: fn(&ExceptHandlerExceptHandler) -> bool,
    found: Vec<usize>,
}

impl StatementVisitor<'_> for Search<'_> {
    fn visit_except_handler(&mut self, handler: &ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if (self.wanted)(inner) {
            self.found.push(self.lines.line(handler.start()));
        }
        walk_except_handler(self, handler);
    }
}
