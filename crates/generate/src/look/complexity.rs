//! Cyclomatic complexity after McCabe, counted as radon 6 counts it.
//!
//! One for a function, and one for each `if`, `elif`, conditional expression, loop, `else` of a
//! loop or of a `try`, `except`, `assert`, further operand of `and` or `or`, `for` and `if` of a
//! comprehension, and `case` that is not a mere name. What an inner function decides is its own;
//! what a lambda decides is its surroundings'. Decorators, defaults and what an `assert` tests do
//! not count. Unlike radon's, `except*` counts as `except` does, methods of a class within a function
//! are counted at all, and a file's sum has one for the file and none for each method.

use ruff_python_ast::visitor::{Visitor, walk_comprehension, walk_expr, walk_stmt};
use ruff_python_ast::{Comprehension, Expr, ModModule, Pattern, Stmt, StmtMatch};
use ruff_text_size::Ranged as _;
use serde::{Deserialize, Serialize};

use crate::python::Lines;

/// How many ways lead through some code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complexity {
    /// One, and each decision of the file, wherever it stands.
    pub whole: usize,
    /// Of each function, method and inner function, by lines.
    pub functions: Vec<FunctionComplexity>,
}

/// How many ways lead through a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionComplexity {
    /// Its name, with those around it: `Class.method`, `outer.inner`.
    pub name: String,
    /// The line of its `def`.
    pub line: usize,
    /// One, and each of its decisions.
    pub complexity: usize,
}

pub(crate) fn of(module: &ModModule, lines: &Lines) -> Complexity {
    let mut count =
        Count { lines, decisions: 0, whole: 0, around: Vec::new(), functions: Vec::new() };
    count.visit_body(&module.body);
    count.functions.sort_by_key(|function| function.line);
    Complexity { whole: 1 + count.whole, functions: count.functions }
}

struct Count<'a> {
    lines: &'a Lines,
    /// Of the function that is being looked at.
    decisions: usize,
    /// Of the file.
    whole: usize,
    /// Names of the functions and classes around.
    around: Vec<String>,
    functions: Vec<FunctionComplexity>,
}

impl Count<'_> {
    fn add(&mut self, decisions: usize) {
        self.decisions += decisions;
        self.whole += decisions;
    }

    /// The decisions of a body that are its own.
    fn within(&mut self, name: &str, body: &[Stmt]) -> usize {
        let outer = std::mem::take(&mut self.decisions);
        self.around.push(name.to_owned());
        self.visit_body(body);
        self.around.pop();
        std::mem::replace(&mut self.decisions, outer)
    }
}

impl Visitor<'_> for Count<'_> {
    fn visit_stmt(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                let complexity = 1 + self.within(&function.name, &function.body);
                let around = self.around.iter().map(|name| format!("{name}."));
                self.functions.push(FunctionComplexity {
                    name: around.chain([function.name.to_string()]).collect(),
                    line: self.lines.line(function.name.start()),
                    complexity,
                });
                return;
            }
            Stmt::ClassDef(class) => {
                self.within(&class.name, &class.body);
                return;
            }
            Stmt::Assert(_) => {
                self.add(1);
                return;
            }
            Stmt::If(branch) => {
                let elif = branch.elif_else_clauses.iter().filter(|clause| clause.test.is_some());
                self.add(1 + elif.count());
            }
            Stmt::For(each) => self.add(1 + usize::from(!each.orelse.is_empty())),
            Stmt::While(each) => self.add(1 + usize::from(!each.orelse.is_empty())),
            Stmt::Try(attempt) => {
                self.add(attempt.handlers.len() + usize::from(!attempt.orelse.is_empty()));
            }
            Stmt::Match(choice) => self.add(cases(choice)),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &Expr) {
        match expression {
            Expr::If(_) => self.add(1),
            Expr::BoolOp(operation) => self.add(operation.values.len().saturating_sub(1)),
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_comprehension(&mut self, comprehension: &Comprehension) {
        self.add(1 + comprehension.ifs.len());
        walk_comprehension(self, comprehension);
    }
}

fn cases(choice: &StmtMatch) -> usize {
    let is_mere_name = |pattern: &Pattern| match pattern {
        Pattern::MatchAs(name) => name.pattern.is_none(),
        _ => false,
    };
    let has_mere_name = choice.cases.iter().any(|case| is_mere_name(&case.pattern));
    choice.cases.len() - usize::from(has_mere_name)
}
