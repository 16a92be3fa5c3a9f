//! Each rule of taking code out of an answer, by a case that `docs/answers.md` names.

use photofinish_generate::{NoCode, code_of};

const CODE: &str = "import boto3\n\n\ndef lambda_handler(event, context):\n    return {}\n";
const OTHER: &str = "def lambda_handler(event, context):\n    return None\n";
const RULES: &str = include_str!("../../../docs/answers.md");

fn fenced(code: &str) -> String {
    format!("```python\n{code}```\n")
}

fn indented(text: &str, by: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".into() } else { format!("{by}{line}\n") };
    text.lines().map(line).collect()
}

enum Expected {
    /// This code.
    Code(String),
    /// None, for a reason in these words.
    None(&'static str),
}

fn code(code: &str) -> Expected {
    Expected::Code(code.to_owned())
}

const ALTERNATIVES: &str = "keep the one that is meant";
const CUT_OFF: &str = "its last code block is not closed";
const NO_ENTRY_POINT: &str = "nothing in it defines";

/// Name in the rules, answer, what is taken.
fn cases() -> Vec<(&'static str, String, Expected)> {
    let mut cases = endings_and_thoughts();
    cases.extend(programs());
    cases.extend(fences());
    cases.extend(several());
    cases.extend(refused());
    cases
}

fn endings_and_thoughts() -> Vec<(&'static str, String, Expected)> {
    let thought = "Perhaps\n```python\ndef lambda_handler(event, context): pass\n```\nor not.";
    let marked = "\"\"\"\n</think>\n\"\"\"\n".to_owned() + CODE;
    vec![
        ("crlf", fenced(CODE).replace('\n', "\r\n"), code(CODE)),
        ("bom", format!("\u{feff}{CODE}"), code(CODE)),
        ("bom-in-block", fenced(&format!("\u{feff}{CODE}")), code(CODE)),
        ("blank-end", format!("{CODE}\n\n  \n"), code(CODE)),
        ("thoughts", format!("<think>\n{thought}\n</think>\n\n{}", fenced(CODE)), code(CODE)),
        ("thoughts-empty", format!("<think></think>{CODE}"), code(CODE)),
        ("thoughts-without-beginning", format!("{thought}\n</think>\n\n{CODE}"), code(CODE)),
        (
            "thoughts-cut-off",
            format!("<think>\n{thought}\n"),
            Expected::None("it ends within its thoughts"),
        ),
        ("thoughts-in-code", marked.clone(), code(&marked)),
    ]
}

fn programs() -> Vec<(&'static str, String, Expected)> {
    let documented =
        format!("\"\"\"Use:\n```python\nlambda_handler({{}}, None)\n```\n\"\"\"\n{CODE}");
    let guarded =
        format!("{CODE}\n\nif __name__ == \"__main__\":\n    print(lambda_handler({{}}, 0))\n");
    let asynchronous = CODE.replace("def", "async def");
    let class = "class Handler:\n    def __call__(self, event, context):\n        return {}\n\n\n\
                 lambda_handler = Handler()\n";
    let guarded_import =
        "try:\n    from fast import lambda_handler\nexcept ImportError:\n    raise\n";
    let broken = CODE.replace("return {}", "return {");
    vec![
        ("whole", CODE.to_owned(), code(CODE)),
        ("whole-with-fence-in-string", documented.clone(), code(&documented)),
        ("whole-indented", indented(CODE, "    "), code(CODE)),
        ("whole-not-python", broken.clone(), code(&broken)),
        ("main-tail", fenced(&guarded), code(&guarded)),
        ("async", fenced(&asynchronous), code(&asynchronous)),
        ("class-instance", fenced(class), code(class)),
        ("bound-by-import", guarded_import.to_owned(), code(guarded_import)),
    ]
}

fn fences() -> Vec<(&'static str, String, Expected)> {
    let docstring = format!("'''\n```python\nlambda_handler\n```\n'''\n{CODE}");
    let deep = CODE.replace("    return", "    '''\n    ```\n    x\n    ```\n    '''\n    return");
    let longer = format!("{CODE}\n# ```\n'''\n```\n'''\n");
    let escaped = CODE.replace("return {}", "return 1 &lt; 2");
    let broken = CODE.replace("return {}", "return {");
    let after = format!("{}\n```\npip install pillow\n```\n", fenced(&broken));
    let inner = format!("# The function\n\n{}\nIt reads the object.\n", fenced(CODE));
    vec![
        ("prose-around", format!("Here it is:\n\n{}\nIt reads.", fenced(CODE)), code(CODE)),
        ("no-language", format!("```\n{CODE}```"), code(CODE)),
        ("wrong-language", format!("```json\n{CODE}```"), code(CODE)),
        ("tildes", format!("~~~py\n{CODE}~~~"), code(CODE)),
        ("longer-fence", format!("````python\n{longer}````"), code(&longer)),
        ("list", indented(&format!("1. So:\n\n{}", fenced(CODE)), "   "), code(CODE)),
        ("deep-list", format!("- So:\n{}", indented(&fenced(CODE), "      ")), code(CODE)),
        ("tab-list", format!("- So:\n{}", indented(&fenced(CODE), "\t")), code(CODE)),
        ("fence-in-docstring", fenced(&docstring), code(&docstring)),
        ("fence-in-deep-docstring", fenced(&deep), code(&deep)),
        ("markdown-around", format!("```markdown\n{inner}```\n"), code(CODE)),
        ("code-in-a-line", format!("Not ```x``` but\n{}", fenced(CODE)), code(CODE)),
        ("escaped", fenced(&escaped), code(&escaped)),
        ("not-python-in-block", after, code(&broken)),
    ]
}

fn several() -> Vec<(&'static str, String, Expected)> {
    let install = format!("```\npip install pillow\n```\n{}", fenced(CODE));
    let test = format!("{}```python\nprint(lambda_handler({{}}, None))\n```\n", fenced(CODE));
    let mention = format!("{}```python\n# lambda_handler = other\n```\n", fenced(CODE));
    let method = "class A:\n    def lambda_handler(self, event): pass\n";
    vec![
        ("beside-a-command", install, code(CODE)),
        ("beside-a-test", test, code(CODE)),
        ("beside-a-mention", mention, code(CODE)),
        ("beside-a-method", format!("{}{}", fenced(method), fenced(CODE)), code(CODE)),
        ("twice-the-same", format!("{}So:\n{}", fenced(CODE), fenced(CODE)), code(CODE)),
        (
            "alternatives",
            format!("{}or\n{}", fenced(CODE), fenced(OTHER)),
            Expected::None(ALTERNATIVES),
        ),
        (
            "draft-and-final",
            format!("A draft:\n{}Better:\n{}", fenced(OTHER), fenced(CODE)),
            Expected::None(ALTERNATIVES),
        ),
    ]
}

fn refused() -> Vec<(&'static str, String, Expected)> {
    let none = |name, answer: &str, words| (name, answer.to_owned(), Expected::None(words));
    vec![
        none("cut-off", &format!("```python\n{CODE}"), CUT_OFF),
        none("cut-off-later", &format!("{}```\npip inst", fenced(CODE)), CUT_OFF),
        none("prose-only", "I cannot help with that.", NO_ENTRY_POINT),
        none("empty", "", NO_ENTRY_POINT),
        none("other-name", &fenced("def handler(event, context):\n    pass\n"), NO_ENTRY_POINT),
        none("longer-name", "lambda_handlers = 1", NO_ENTRY_POINT),
        none("method-only", "class A:\n    def lambda_handler(self): pass\n", NO_ENTRY_POINT),
        none("local-only", "def f():\n    lambda_handler = 1\n", NO_ENTRY_POINT),
        none("text-only", "'''\ndef lambda_handler(event, context): pass\n'''\n", NO_ENTRY_POINT),
        none("quoted", &indented(&fenced(CODE), "> "), NO_ENTRY_POINT),
    ]
}

#[test]
fn each_case_is_taken_as_its_rule_says() {
    for (name, answer, expected) in cases() {
        let taken = code_of(&answer, "lambda_handler");
        match (taken, expected) {
            (Ok(taken), Expected::Code(expected)) => assert_eq!(taken.code, expected, "{name}"),
            (Err(reason), Expected::None(words)) => {
                assert!(reason.to_string().contains(words), "{name}: {reason}");
            }
            (taken, _) => panic!("{name}: {taken:?}"),
        }
    }
}

#[test]
fn each_case_stands_in_the_rules_and_each_of_theirs_is_a_case() {
    let names: Vec<&str> = cases().iter().map(|(name, ..)| *name).collect();
    let rows = RULES.lines().filter_map(|line| line.strip_prefix("| `"));
    let named: Vec<&str> =
        rows.filter_map(|row| row.split_once('`')).map(|(name, _)| name).collect();
    for name in &names {
        assert!(named.contains(name), "`{name}` is not in docs/answers.md");
    }
    for name in &named {
        assert!(names.contains(name), "`{name}` of docs/answers.md is no case");
    }
    assert_eq!(names.len(), named.len(), "one is named twice");
}

#[test]
fn what_was_left_out_and_where_the_code_stood_is_said() {
    let whole = code_of(CODE, "lambda_handler").unwrap();
    assert_eq!((whole.place, whole.after_thoughts), ("the whole answer", false));
    let thought = format!("<think>\nso\n</think>\n{}", fenced(CODE));
    let block = code_of(&thought, "lambda_handler").unwrap();
    assert_eq!((block.place, block.after_thoughts), ("its code block", true));
}

#[test]
fn alternatives_are_counted_by_what_differs() {
    let three = [CODE, OTHER, CODE].map(fenced).concat();
    let entry_point = "lambda_handler".to_owned();
    let expected = NoCode::Alternatives { count: 2, entry_point };
    assert_eq!(code_of(&three, "lambda_handler"), Err(expected));
}

#[test]
fn answers_without_end_or_depth_are_refused_and_nothing_breaks() {
    let nested = ["(", "[", "-", "a.", "not ", "lambda:", "{1:", "a if b else ", "f(", "a+", "*"];
    for part in nested {
        let line = part.repeat(20_000 / part.len());
        for answer in [format!("{CODE}x = {line}"), fenced(&format!("{CODE}x = {line}1\n"))] {
            let _ = code_of(&answer, "lambda_handler");
        }
    }
    let fences = "```\n".repeat(2001);
    assert_eq!(code_of(&fences, "lambda_handler"), Err(NoCode::CutOff));
}
