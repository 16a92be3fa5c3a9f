//! Loops that seem to take pixels one by one: a guess by names, so what was seen is named.
//!
//! A function that is called for each pixel, and takes it by other means, is not seen.

use std::collections::{BTreeMap, BTreeSet};

use photofinish_study::word;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Comprehension, Expr, ExprCall, ModModule, Number, Stmt};
use ruff_text_size::{Ranged as _, TextSize};
use serde::{Deserialize, Serialize};

use crate::python::Lines;

word! {
    /// What makes a loop look like one over pixels.
    Sign, "sign of a loop over pixels":
    /// Two loops, one within the other, over what is named like a width or a height, or over
    /// ranges of hundreds.
    Extents = "nested loops over width and height",
    /// `getpixel` within a loop.
    GetPixel = "getpixel in a loop",
    /// `putpixel` within a loop.
    PutPixel = "putpixel in a loop",
    /// What Pillow's `load()` gave is taken by index within a loop.
    Access = "pixels of load() in a loop",
    /// A loop over what Pillow's `getdata()` gave.
    Data = "a loop over getdata()",
}

/// A loop that seems to take pixels one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelLoop {
    /// The line of the outermost loop.
    pub line: usize,
    /// What was seen.
    pub signs: Vec<Sign>,
}

/// Ranges of at least as many look like a picture's.
const HUNDREDS: u64 = 100;

pub(crate) fn of(module: &ModModule, lines: &Lines) -> Vec<PixelLoop> {
    let mut search =
        Search { loops: Vec::new(), accesses: BTreeSet::new(), found: BTreeMap::new() };
    search.visit_body(&module.body);
    let found = search.found.into_iter();
    found
        .map(|(at, signs)| PixelLoop { line: lines.line(at), signs: signs.into_iter().collect() })
        .collect()
}

struct Search {
    /// The loops around, outermost first: where, and whether over an extent.
    loops: Vec<(TextSize, bool)>,
    /// Names of what `load()` gave.
    accesses: BTreeSet<String>,
    found: BTreeMap<TextSize, BTreeSet<Sign>>,
}

impl Search {
    fn sign(&mut self, sign: Sign) {
        if let Some((outermost, _)) = self.loops.first() {
            self.found.entry(*outermost).or_default().insert(sign);
        }
    }

    fn enter(&mut self, at: TextSize, over: &Expr, is_extent: bool) {
        self.loops.push((at, is_extent));
        if self.loops.iter().filter(|(_, is_extent)| *is_extent).count() >= 2 {
            self.sign(Sign::Extents);
        }
        if mentions(over, &|inner| matches!(inner, Expr::Call(call) if method(call) == "getdata")) {
            self.sign(Sign::Data);
        }
    }

    fn within(&mut self, at: TextSize, over: &Expr, is_extent: bool, bodies: [&[Stmt]; 2]) {
        self.enter(at, over, is_extent);
        bodies.into_iter().for_each(|body| self.visit_body(body));
        self.loops.pop();
    }

    fn comprehended(&mut self, generators: &[Comprehension], elements: &[&Expr]) {
        for each in generators {
            self.visit_expr(&each.iter);
            self.enter(each.start(), &each.iter, is_range_of_extent(&each.iter));
            each.ifs.iter().for_each(|condition| self.visit_expr(condition));
        }
        elements.iter().for_each(|element| self.visit_expr(element));
        self.loops.truncate(self.loops.len() - generators.len());
    }

    fn assigned(&mut self, target: &Expr, value: &Expr) {
        match (target, value) {
            (Expr::Tuple(targets), Expr::Tuple(values)) => {
                let pairs = targets.elts.iter().zip(&values.elts);
                pairs.for_each(|(target, value)| self.assigned(target, value));
            }
            (Expr::Name(name), Expr::Call(call)) if is_load(call) => {
                self.accesses.insert(name.id.to_string());
            }
            _ => {}
        }
    }
}

impl Visitor<'_> for Search {
    fn visit_stmt(&mut self, statement: &Stmt) {
        match statement {
            Stmt::For(each) => {
                self.visit_expr(&each.iter);
                let is_extent = is_range_of_extent(&each.iter);
                self.within(each.start(), &each.iter, is_extent, [&each.body, &each.orelse]);
            }
            Stmt::While(each) => {
                self.visit_expr(&each.test);
                let is_extent = mentions(&each.test, &is_extent);
                self.within(each.start(), &each.test, is_extent, [&each.body, &each.orelse]);
            }
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {
                let around = std::mem::take(&mut self.loops);
                walk_stmt(self, statement);
                self.loops = around;
            }
            Stmt::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.assigned(target, &assign.value));
                walk_stmt(self, statement);
            }
            other => walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &Expr) {
        match expression {
            Expr::ListComp(made) => return self.comprehended(&made.generators, &[&made.elt]),
            Expr::SetComp(made) => return self.comprehended(&made.generators, &[&made.elt]),
            Expr::Generator(made) => return self.comprehended(&made.generators, &[&made.elt]),
            Expr::Call(call) if method(call) == "getpixel" => self.sign(Sign::GetPixel),
            Expr::Call(call) if method(call) == "putpixel" => self.sign(Sign::PutPixel),
            Expr::Subscript(subscript) => match &*subscript.value {
                Expr::Name(name) if self.accesses.contains(name.id.as_str()) => {
                    self.sign(Sign::Access);
                }
                _ => {}
            },
            _ => {}
        }
        walk_expr(self, expression);
    }
}

fn method(call: &ExprCall) -> &str {
    match &*call.func {
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    }
}

/// Pillow's `load()` takes nothing; that of `json`, `numpy` and others takes what is to be loaded.
fn is_load(call: &ExprCall) -> bool {
    method(call) == "load" && call.arguments.is_empty()
}

fn is_range_of_extent(over: &Expr) -> bool {
    mentions(over, &|inner| match inner {
        Expr::Call(call) => {
            let is_range = matches!(&*call.func, Expr::Name(name) if name.id == "range");
            is_range && call.arguments.args.iter().any(|bound| mentions(bound, &is_extent))
        }
        _ => false,
    })
}

fn is_extent(expression: &Expr) -> bool {
    let name = match expression {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        Expr::NumberLiteral(literal) => {
            return matches!(&literal.value, Number::Int(value)
                if value.as_u64().is_none_or(|value| value >= HUNDREDS));
        }
        _ => return false,
    };
    let name = name.to_ascii_lowercase();
    let parts = ["width", "height", "rows", "columns", "cols"];
    let whole = ["w", "h", "size", "shape"];
    parts.iter().any(|part| name.contains(part))
        || whole.contains(&name.as_str())
        || name.ends_with("_w")
        || name.ends_with("_h")
}

/// Whether an expression, or one within it, is what is looked for.
fn mentions(expression: &Expr, wanted: &dyn Fn(&Expr) -> bool) -> bool {
    struct Within<'a> {
        wanted: &'a dyn Fn(&Expr) -> bool,
        found: bool,
    }
    impl Visitor<'_> for Within<'_> {
        fn visit_expr(&mut self, expression: &Expr) {
            self.found = self.found || (self.wanted)(expression);
            if !self.found {
                walk_expr(self, expression);
            }
        }
    }
    let mut within = Within { wanted, found: false };
    within.visit_expr(expression);
    within.found
}
