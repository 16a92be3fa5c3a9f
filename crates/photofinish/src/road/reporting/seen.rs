//! What a look at code found, without running it, in words for the report: facts, no verdicts.

use std::sync::Arc;

use photofinish_generate::look::{Handler, Lacking, Look, PixelLoop, Seen, Sign, Text};

/// What is worth telling of a look, each in a few words that begin with what it is.
pub(super) fn seen(look: &Look) -> Vec<Arc<str>> {
    let words = match &look.text {
        Text::NotPython(error) => vec![format!("no Python 3.14: {error}")],
        Text::Python(seen) => of(seen),
    };
    // The table parts them by semicolons.
    words.into_iter().map(|words| words.replace(';', ",").into()).collect()
}

fn of(seen: &Seen) -> Vec<String> {
    let mut words: Vec<String> = handler(&seen.handler).into_iter().collect();
    words.extend(seen.pixel_loops.iter().map(pixel_loop));
    words.extend(seen.bare_excepts.iter().map(|line| format!("bare except in line {line}")));
    words.extend(seen.passed_over.iter().map(|line| {
        format!("errors passed over in line {line}: whatever is caught there is not raised")
    }));
    words.extend(seen.imports.lacking.iter().map(lacking));
    words
}

fn handler(handler: &Handler) -> Option<String> {
    Some(match handler {
        Handler::Missing => "no handler".to_owned(),
        Handler::Function { line, asynchronous: true, .. } => {
            format!("asynchronous handler in line {line}, which Lambda does not wait for")
        }
        Handler::Function { line, takes_event_and_context: false, .. } => {
            format!("handler without event and context in line {line}")
        }
        Handler::Function { .. } => return None,
        Handler::Other { line, by } => format!("handler by {by} in line {line}"),
    })
}

fn pixel_loop(found: &PixelLoop) -> String {
    let signs: Vec<&str> = found.signs.iter().copied().map(Sign::as_str).collect();
    format!("loop over pixels in line {}: {}", found.line, signs.join(", "))
}

fn lacking(lacking: &Lacking) -> String {
    let Lacking { module, line, guarded } = lacking;
    let within = if *guarded { ", within a try" } else { "" };
    format!("import of {module}, which is not there, in line {line}{within}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_told_with_its_line() {
        let code = "import tifffile\nasync def lambda_handler(event, context):\n    try:\n        \
                    for x in range(800):\n            p = image.getpixel((x, 0))\n    except:\n        pass\n";
        let words = seen(&Look::at(code, "lambda_handler", &["PIL"]));
        let words: Vec<&str> = words.iter().map(|words| &**words).collect();
        assert_eq!(
            words,
            [
                "asynchronous handler in line 2, which Lambda does not wait for",
                "loop over pixels in line 4: getpixel in a loop",
                "bare except in line 6",
                "errors passed over in line 6: whatever is caught there is not raised",
                "import of tifffile, which is not there, in line 1",
            ]
        );
    }

    #[test]
    fn what_is_no_python_is_one_thing_in_the_table() {
        let words = seen(&Look::at("def lambda_handler(;\n", "lambda_handler", &[]));
        assert!(words.len() == 1 && words[0].starts_with("no Python 3.14: "), "{words:?}");
        assert!(!words[0].contains(';'));
        let plain = "def lambda_handler(event, context):\n    return {}\n";
        assert!(seen(&Look::at(plain, "lambda_handler", &[])).is_empty());
    }
}
