//! The words of a study as types, the files that describe one, and the plan made of them.
//!
//! It knows nothing of storage, networks or AWS.

mod clock;
mod file;
mod place;
pub mod record;
mod words;

pub use clock::now;
pub use file::{
    Budget, DEFAULT_MEMORY_MB, DEFAULT_PASSES, DEFAULT_ROUNDS, Origin, Study, TargetChoice, Variant,
};
pub use place::{InputError, Source, nearest};
pub use words::{
    Architecture, BadName, Contestant, Deployment, Flow, Name, Phase, Platform, State, Target,
    UnknownWord,
};
