//! Outputs against the reference: a verdict for each function, with its reason.
//!
//! The contract is data; the judge holds one output against it; the trial does so through the
//! deployment that will be raced. It knows nothing of timing.

mod attempt;
mod bench;
mod contract;
mod difference;
mod draw;
mod error;
mod expected;
mod judge;
mod kind;
mod margin;
mod mistake;
mod mutant;
mod opened;
mod pixels;
mod trial;

pub use attempt::{ANSWER, Attempt, Attempted, Outcome};
pub use contract::{Contract, ContractFixture, Limits, Rule, Step, When};
pub use difference::{Difference, WIDEST, WorstPixel};
pub use draw::cut_otherwise;
pub use error::Error;
pub use judge::{Bound, Check, Judge, JudgeError, Judgement, Output, Prepared, figure, media_type};
pub use margin::{Extreme, Margin, Tested, margins};
pub use mutant::{Mutant, Side};
pub use trial::{Bill, Fixture, Keep, Trial, Verdict};
