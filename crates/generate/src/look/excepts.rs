//! What code catches without naming it.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_except_handler};
use ruff_python_ast::{ExceptHandler, ModModule};
use ruff_text_size::Ranged as _;

use crate::python::Lines;

/// The lines with an `except:` that names nothing.
pub(crate) fn bare(module: &ModModule, lines: &Lines) -> Vec<usize> {
    let mut search = Search { lines, found: Vec::new() };
    search.visit_body(&module.body);
    search.found
}

struct Search<'a> {
    lines: &'a Lines,
    found: Vec<usize>,
}

impl StatementVisitor<'_> for Search<'_> {
    fn visit_except_handler(&mut self, handler: &ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if inner.type_.is_none() {
            self.found.push(self.lines.line(handler.start()));
        }
        walk_except_handler(self, handler);
    }
}
