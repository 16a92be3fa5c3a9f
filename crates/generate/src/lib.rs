//! Prompts made from an application's contract, a ledger of what was asked and answered, and code
//! taken out of answers, unaltered, and looked at.
//!
//! It does not know what the code is for: formats, sizes and limits come from the contract, words
//! from the application's `prompts` folder. It neither runs code nor judges it.

mod answer;
mod attempt;
pub mod ledger;
pub mod look;
mod prompt;
mod python;

pub use answer::{Extracted, NoCode, code_of};
pub use attempt::{Attempt, Ending, Question, Reply, Request, Response, Speaker, Turn, Usage};
pub use prompt::{Library, Prompts};
pub use python::SyntaxError;
