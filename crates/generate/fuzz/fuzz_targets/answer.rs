//! Any text as an answer: what is taken stands in it line by line and in its order, nothing is made
//! up; taken code that is Python has its entry point, and is taken from itself unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use photofinish_generate::code_of;
use photofinish_generate::look::{Handler, Look, Text};

const ENTRY_POINT: &str = "lambda_handler";

fuzz_target!(|bytes: &[u8]| {
    let answer = String::from_utf8_lossy(bytes);
    let Ok(taken) = code_of(&answer, ENTRY_POINT) else { return };
    let code = &taken.code;
    assert!(code.ends_with('\n') && code.contains(ENTRY_POINT) && !code.contains("\r\n"));

    let mut stood = answer.lines();
    for line in code.lines() {
        assert!(stood.any(|whole| whole.trim_end().ends_with(line.trim_end())), "{line:?}");
    }

    if let Text::Python(seen) = Look::at(code, ENTRY_POINT, &[]).text {
        assert_ne!(seen.handler, Handler::Missing);
        let again = code_of(code, ENTRY_POINT).expect("a program as a whole");
        assert_eq!(&again.code, code);
    }
});
