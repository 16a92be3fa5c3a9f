//! Prompts made from an application's contract, models asked with them, and code taken out of their
//! answers, unaltered.
//!
//! It does not know what the code is for: formats, sizes and limits come from the contract, words
//! from the application's `prompts` folder. It neither runs code nor judges it.

mod answer;
mod asking;
mod attempt;
mod key;
pub mod ledger;
mod models;
mod prompt;
mod provider;
mod python;
mod wire;

pub use answer::{Extracted, NoCode, code_of};
pub use asking::{
    Client, Clock, Failure, NoClient, Patience, Recorder, Unrecorded, WallClock, WhyNot,
};
pub use attempt::{Attempt, Ending, Question, Reply, Request, Response, Speaker, Turn, Usage};
pub use models::{Found, Model, NoSuchEffort, Peak, Registry, Retired, Standing, TokenPrice};
pub use prompt::{Library, Prompts};
pub use provider::{Access, NoAccess, Provider};
pub use wire::{Cause, Fault};
pub use python::SyntaxError;
