//! Outputs against the reference: a verdict for each function, with its reason.
//!
//! The contract is data; the judge holds one output against it; the trial does so through the
//! deployment that will be raced. It knows nothing of timing.

mod bench;
mod contract;
mod difference;
mod error;
mod expected;
mod judge;
mod mistake;
mod pixels;
mod trial;

pub use contract::{Contract, ContractFixture, Limits, Rule, Step, When};
pub use difference::{Difference, WIDEST};
pub use error::Error;
pub use judge::{Check, Judge, JudgeError, Judgement, Output, Prepared, media_type};
pub use trial::{Fixture, Keep, Trial, Verdict};
