//! The words of a study as types, the files that describe one, and the plan made of them.
//!
//! It knows nothing of storage, networks or AWS.

pub mod record;
mod words;

pub use words::{
    Architecture, BadDeployment, BadName, Contestant, Deployment, Flow, Name, Phase, Platform,
    State, Target, UnknownWord,
};
