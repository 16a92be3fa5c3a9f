//! Outputs against the reference: a verdict for each function, with its reason.
//!
//! The contract is data; the judge holds one output against it; the trial does so through the
//! deployment that will be raced. It knows nothing of timing.

mod contract;
mod error;
mod judge;
mod mistake;
mod trial;

pub use contract::{Contract, ContractFixture, Limits, Rule, Step};
pub use error::Error;
pub use judge::{Check, Judge, JudgeError, Judgement, Output, media_type};
pub use trial::{Fixture, Trial, Verdict};
