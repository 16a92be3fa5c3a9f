//! What a look at code shows. Complexities are radon's.

use std::path::Path;

use photofinish_generate::look::{Handler, Look, Seen, Sign, Text};

const LIBRARIES: [&str; 4] = ["PIL", "boto3", "cv2", "numpy"];

fn seen(code: &str) -> Seen {
    match Look::at(code, "lambda_handler", &LIBRARIES).text {
        Text::Python(seen) => seen,
        Text::NotPython(error) => panic!("{error}\n{code}"),
    }
}

fn bundled(path: &str) -> Seen {
    let application =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/applications/image-pipeline");
    seen(&std::fs::read_to_string(application.join(path)).unwrap())
}

fn complexities(seen: &Seen) -> Vec<(&str, usize, usize)> {
    let functions = seen.complexity.functions.iter();
    functions.map(|found| (found.name.as_str(), found.line, found.complexity)).collect()
}

type Function = (&'static str, usize, usize);

/// `ComplexityVisitor.from_code(source)` of radon 6.0.1 under Python 3.11.7, November 2026: its
/// `total_complexity`, and name, line and complexity of each of its functions and methods.
const OF_RADON: [(&str, usize, &[Function]); 11] = [
    ("variants/plain/resize/lambda_function.py", 5, &[("lambda_handler", 7, 5)]),
    ("variants/plain/rotate/lambda_function.py", 3, &[("lambda_handler", 7, 3)]),
    ("variants/plain/greyscale/lambda_function.py", 3, &[("lambda_handler", 7, 3)]),
    ("variants/plain/convert/lambda_function.py", 1, &[("lambda_handler", 7, 1)]),
    (
        "mutants/right/depth/without_libraries.py",
        21,
        &[
            ("chunks", 16, 2),
            ("chunk", 24, 1),
            ("paeth", 29, 4),
            ("undo", 37, 11),
            ("narrow", 55, 6),
            ("lambda_handler", 73, 1),
        ],
    ),
    (
        "mutants/wrong/depth/filters_ignored.py",
        8,
        &[("chunks", 14, 2), ("chunk", 22, 1), ("narrow", 27, 7), ("lambda_handler", 42, 1)],
    ),
    ("mutants/wrong/rotate/tiles.py", 4, &[("turn", 18, 4), ("lambda_handler", 34, 1)]),
    (
        "mutants/wrong/greyscale/exif_twice.py",
        4,
        &[("grey", 17, 4), ("lambda_handler", 30, 1), ("read", 42, 1), ("write", 46, 1)],
    ),
    (
        "mutants/wrong/depth/own_maximum.py",
        4,
        &[("narrow", 16, 4), ("lambda_handler", 27, 1), ("read", 39, 1), ("write", 43, 1)],
    ),
    (
        "mutants/right/convert/several_data_chunks.py",
        7,
        &[
            ("Png.__init__", 21, 1),
            ("Png.chunk", 27, 1),
            ("Png.row", 31, 2),
            ("Png.finish", 37, 1),
            ("convert", 44, 2),
            ("lambda_handler", 54, 1),
        ],
    ),
    (
        "mutants/right/resize/own_png_writer.py",
        4,
        &[("chunk", 21, 1), ("shrink", 27, 4), ("lambda_handler", 42, 1)],
    ),
];

#[test]
fn complexity_is_what_radon_counts_in_the_bundled_code() {
    for (file, whole, functions) in OF_RADON {
        let seen = bundled(file);
        assert_eq!(complexities(&seen), functions, "{file}");
        // Radon's total counts one more for each method of a class.
        let methods = functions.iter().filter(|(name, ..)| name.contains('.')).count();
        assert_eq!(seen.complexity.whole + methods, whole, "{file}");
    }
}

/// Each kind of decision once or twice.
const DECISIONS: &str = "\
def outer(a, b=1 if 2 else 3):
    for x in a:
        if x and b or not x:
            continue
        elif x:
            pass
        else:
            break
    else:
        pass
    def inner():
        while a:
            pass
    return [y for y in a if y if b], {k: v for k, v in a for _ in v}


class Thing:
    flag = 1 if True else 0

    @property
    def method(self):
        try:
            assert self and self.flag
        except (ValueError, TypeError):
            pass
        except OSError:
            pass
        else:
            pass
        finally:
            pass
        with open('x') as f:
            return lambda q: q if q else f

    async def each(self):
        async for x in self:
            yield f'{x if x else 0}'


def chosen(value):
    match value:
        case [1, 2] | 3:
            pass
        case {'a': b} if b:
            pass
        case _:
            pass


if __name__ == '__main__' and chosen:
    outer(1)
";

#[test]
fn each_kind_of_decision_counts_as_radon_counts_it() {
    let seen = seen(DECISIONS);
    // radon 6.0.1 under Python 3.11.7, `add_inner_blocks(ComplexityVisitor.from_code(…).blocks)`.
    let of_radon = [
        ("outer", 1, 12),
        ("outer.inner", 11, 2),
        ("Thing.method", 21, 6),
        ("Thing.each", 35, 3),
        ("chosen", 40, 3),
    ];
    assert_eq!(complexities(&seen), of_radon);
}

fn handler(code: &str) -> Handler {
    seen(code).handler
}

fn function(takes_event_and_context: bool) -> Handler {
    Handler::Function { line: 1, takes_event_and_context, asynchronous: false }
}

#[test]
fn a_handler_takes_an_event_and_a_context_or_does_not() {
    for (parameters, fits) in [
        ("event, context", true),
        ("event, context, /", true),
        ("event, context=None", true),
        ("event, context, extra=1", true),
        ("*arguments", true),
        ("event, *rest, **more", true),
        ("event, context, *, option=1", true),
        ("event", false),
        ("", false),
        ("event, context, extra", false),
        ("event, *, context", false),
        ("event, context, *, option", false),
        ("**named", false),
    ] {
        let defined = format!("def lambda_handler({parameters}): pass\n");
        assert_eq!(handler(&defined), function(fits), "def ({parameters})");
        let assigned = format!("lambda_handler = lambda {parameters}: 1\n");
        assert_eq!(handler(&assigned), function(fits), "lambda {parameters}");
    }
}

#[test]
fn a_handler_that_is_no_plain_function_is_named_for_what_it_is() {
    let asynchronous = "async def lambda_handler(event, context): pass";
    let expected = Handler::Function { line: 1, takes_event_and_context: true, asynchronous: true };
    assert_eq!(handler(asynchronous), expected);
    for (code, line, by) in [
        ("class H: pass\nlambda_handler = H().call", 2, "assignment"),
        ("a = 1\nclass lambda_handler: pass", 2, "class"),
        ("try:\n    from x import y as lambda_handler\nexcept ImportError: pass", 2, "import"),
        ("import handler as lambda_handler", 1, "import"),
        ("def lambda_handler(): pass\nlambda_handler = cached(lambda_handler)", 2, "assignment"),
    ] {
        assert_eq!(handler(code), Handler::Other { line, by: by.to_owned() }, "{code}");
    }
    for code in [
        "",
        "def handler(event, context): pass",
        "class A:\n    def lambda_handler(self, event): pass",
        "def f():\n    lambda_handler = 1",
        "lambda_handler: int",
    ] {
        assert_eq!(handler(code), Handler::Missing, "{code}");
    }
}

#[test]
fn imports_are_found_wherever_they_stand_and_what_nothing_offers_is_named() {
    let code = "\
import io, os.path as path
from PIL import Image
import skimage.transform
from .neighbour import f
from . import g
try:
    import numba
except ImportError:
    numba = None
def lambda_handler(event, context):
    import compression.zstd
    from imageio.v3 import imread
    import importlib
    importlib.import_module('torch.nn')
    __import__('json')
try:
    import guarded
finally:
    import numba
";
    let imports = seen(code).imports;
    let expected = [
        ".",
        ".neighbour",
        "PIL",
        "compression",
        "guarded",
        "imageio",
        "importlib",
        "io",
        "json",
        "numba",
        "os",
        "skimage",
        "torch",
    ];
    assert_eq!(imports.modules, expected);
    let lacking: Vec<_> =
        imports.lacking.iter().map(|it| (it.module.as_str(), it.line, it.guarded)).collect();
    let expected = [
        (".", 5, false),
        (".neighbour", 4, false),
        ("guarded", 17, false),
        ("imageio", 12, false),
        ("numba", 7, false),
        ("skimage", 3, false),
        ("torch", 14, false),
    ];
    assert_eq!(lacking, expected);
    let guarded = seen("try:\n    import numba\nexcept ImportError:\n    numba = None\n");
    assert!(guarded.imports.lacking[0].guarded);
}

#[test]
fn the_standard_library_is_that_of_3_14() {
    let offered = |module: &str| seen(&format!("import {module}")).imports.lacking.is_empty();
    // New in 3.14; removed in 3.13; removed in 3.12.
    let found = ["compression", "annotationlib", "zlib", "imghdr", "cgi", "distutils"].map(offered);
    assert_eq!(found, [true, true, true, false, false, false]);
}

#[test]
fn bundled_code_imports_nothing_that_is_lacking() {
    for (file, ..) in OF_RADON {
        assert_eq!(bundled(file).imports.lacking, [], "{file}");
    }
}

fn signs(code: &str) -> Vec<(usize, Vec<Sign>)> {
    let seen = seen(code).pixel_loops;
    seen.into_iter().map(|found| (found.line, found.signs)).collect()
}

#[test]
fn loops_over_pixels_are_named_by_what_was_seen() {
    use Sign::{Access, Data, Extents, GetPixel, PutPixel};
    for (code, line, expected) in [
        ("for y in range(height):\n  for x in range(width):\n    f(x)", 1, vec![Extents]),
        ("for y in range(600):\n  for x in range(800):\n    f(x)", 1, vec![Extents]),
        ("a = [f(x) for y in range(im.height) for x in range(im.width)]", 1, vec![Extents]),
        ("a = [[f(x) for x in range(w)] for y in range(h)]", 1, vec![Extents]),
        (
            "for y in range(a.shape[0]):\n  b[y] = [f(x) for x in range(a.shape[1])]",
            1,
            vec![Extents],
        ),
        ("while y < height:\n  while x < width:\n    x += 1", 1, vec![Extents]),
        ("n = 1\nfor p in points:\n  im.putpixel(p, im.getpixel(p))", 2, vec![GetPixel, PutPixel]),
        ("a, b = im.load(), out.load()\nfor p in points:\n  b[p] = 1", 2, vec![Access]),
        ("for p in points:\n  def f():\n    return 1\n  im.putpixel(p, f())", 1, vec![PutPixel]),
        ("a = {x // 4 for x in im.getdata()}", 1, vec![Data]),
        ("for i, p in enumerate(im.getdata()):\n  f(p)", 1, vec![Data]),
    ] {
        assert_eq!(signs(code), [(line, expected)], "{code}");
    }
}

#[test]
fn loops_over_other_things_are_none() {
    for code in [
        "for i in range(256):\n  table.append(i)",
        "for i in range(3):\n  for j in range(4):\n    f(i, j)",
        "for y in range(height):\n  rows.append(data[y])",
        "data = json.load(f)\nfor key in data:\n  data[key] = 1",
        "im.load()\nim.putpixel((0, 0), 1)",
        "pixels = im.load()\npixels[0, 0] = 1",
        "for y in range(height):\n  pass\nfor x in range(width):\n  pass",
        "for y in range(height):\n  def f():\n    for x in range(width):\n      pass",
    ] {
        assert_eq!(signs(code), [], "{code}");
    }
    for library in ["pillow", "numpy"] {
        for function in ["greyscale", "resize", "depth", "rotate", "convert"] {
            let file = format!("variants/{library}/{function}/lambda_function.py");
            assert_eq!(bundled(&file).pixel_loops, [], "{file}");
        }
    }
}

#[test]
fn the_plain_variant_takes_pixels_one_by_one_where_it_computes() {
    for (function, loops) in
        [("greyscale", 1), ("resize", 1), ("depth", 1), ("rotate", 1), ("convert", 0)]
    {
        let seen = bundled(&format!("variants/plain/{function}/lambda_function.py"));
        assert_eq!(seen.pixel_loops.len(), loops, "{function}");
    }
}

#[test]
fn excepts_that_name_nothing_are_found() {
    let code =
        "try:\n  f()\nexcept ValueError:\n  pass\nexcept:\n  try:\n    g()\n  except: pass\n";
    assert_eq!(seen(code).bare_excepts, [5, 8]);
}

#[test]
fn errors_that_are_caught_and_not_raised_are_found_where_everything_is_caught() {
    let code = "try:\n  f()\nexcept ValueError:\n  pass\nexcept (OSError, Exception) as e:\n  \
                return_it(e)\n";
    assert_eq!(seen(code).passed_over, [5]);
    let within = "try:\n  f()\nexcept BaseException:\n  if g():\n    raise\n";
    assert!(seen(within).passed_over.is_empty(), "some way out raises");
    let only_defined = "try:\n  f()\nexcept:\n  def later():\n    raise ValueError\n";
    assert_eq!(seen(only_defined).passed_over, [3]);
    let nested = "try:\n  try:\n    f()\n  except Exception as e:\n    raise RuntimeError from e\n\
                  except Exception:\n  pass\n";
    assert_eq!(seen(nested).passed_over, [6], "what is raised within is passed over without");
    for library in ["pillow", "numpy", "plain"] {
        for function in ["greyscale", "resize", "depth", "rotate", "convert"] {
            let file = format!("variants/{library}/{function}/lambda_function.py");
            assert!(bundled(&file).passed_over.is_empty(), "{file}");
        }
    }
}

#[test]
fn code_that_is_not_python_3_14_is_named_with_its_place() {
    for (code, line, column) in [
        ("def lambda_handler(event, context):\n    return {", 2, 13),
        ("x = 1\n```\n", 2, 1),
        ("if x:\npass\n", 2, 1),
        ("s = 'é' 1\n", 1, 9),
    ] {
        let look = Look::at(code, "lambda_handler", &LIBRARIES);
        let Text::NotPython(error) = look.text else { panic!("{code}") };
        assert_eq!((error.line, error.column), (line, column), "{code}: {error}");
    }
    // New in 3.12 and in 3.14: nested quotes, `except` without parentheses, and t-strings.
    seen("print(f'{d['k']}')\ntry:\n  pass\nexcept A, B:\n  pass\nt'{x}'\n");
}

#[test]
fn lines_are_all_lines() {
    assert_eq!(Look::at("# one\n\nthree = 3\n", "lambda_handler", &[]).lines, 3);
}

#[test]
fn a_look_is_kept_as_json() {
    for code in ["import skimage\nfor p in im.getdata(): pass\n", "def"] {
        let look = Look::at(code, "lambda_handler", &LIBRARIES);
        let text = serde_json::to_string(&look).unwrap();
        assert_eq!(serde_json::from_str::<Look>(&text).unwrap(), look, "{text}");
    }
}

#[test]
fn the_deepest_code_that_is_read_breaks_nothing() {
    for part in ["[", "{", "-", "f(", "x.", "x if x else ", "[x for x in "] {
        let code = format!("y = {}x\n", part.repeat(127 * 1024 / part.len()));
        let _ = Look::at(&code, "lambda_handler", &[]);
    }
    let half = 63 * 1024;
    let cases = format!("match x:\n  case {}{}: pass\n", "[".repeat(half), "]".repeat(half));
    let _ = Look::at(&cases, "lambda_handler", &[]);
    let longer = Look::at(&"x\n".repeat(128 * 1024), "lambda_handler", &[]);
    assert!(matches!(longer.text, Text::NotPython(_)), "it is not read");
}
