//! The append-only record of everything that happened in a study, in SQLite.
//!
//! An intent is written before each call that costs money or changes something, an outcome
//! after it. What a kill leaves without an outcome is *in doubt*: it is read back as such,
//! never dropped and never taken for a success. Triggers refuse any change to what stands.
//!
//! It knows nothing of what the numbers mean.

mod error;
mod holder;
mod read;
mod schema;
mod write;

pub use error::Error;
pub use holder::Holder;
pub use read::{EffectRow, Fact, Judgement, Reader, RoundRow, RunRow, Unfinished};
pub use schema::FORMAT;
pub use write::{
    Distance, EffectId, Identity, InvocationId, InvocationOutcome, Journal, LateReport, OutputSeen,
    PassId, PassIntent, RoundId,
};
