//! Any response to a question to Gemini's `generateContent`: see the crate's `holds`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use photofinish_generate::Provider;
use photofinish_generate_fuzz::holds;

fuzz_target!(|input: &[u8]| holds(Provider::Gemini, input));
