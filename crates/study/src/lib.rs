//! The words of a study as types, the files that describe one, and the plan made of them.
//!
//! It knows nothing of storage, networks or AWS.

mod adapter;
mod application;
mod asking;
mod clock;
mod cost;
mod digest;
mod exchange;
mod file;
mod lane;
mod lock;
mod orchestrated;
mod place;
mod plan;
pub mod record;
mod sessions;
mod target;
mod variant;
mod words;

pub use adapter::{Adapter, Field, Style};
pub use application::{Application, Function, Image, MUTANTS};
pub use asking::{Asking, DEFAULT_DEADLINE_S, DEFAULT_MAX_OUTPUT_TOKENS, Generating};
pub use clock::now;
pub use cost::Assumptions;
pub use digest::{Digest, of_directory};
pub use exchange::{Answer, Event, Inspection, Returned};
pub use file::{Budget, DEFAULT_PASSES, DEFAULT_ROUNDS, DEFAULT_TIMEOUT_S, Origin, Study, Variant};
pub use lane::{Lane, LaneFunction};
pub use lock::{Lineup, Lock, PriceEdition, code_key};
pub use place::{InputError, Source, nearest};
pub use plan::{Counts, DEFAULT_PILOT, Plan};
pub use sessions::{DEFAULT_HOURS_APART, Sessions};
pub use target::{DEFAULT_CONCURRENCY, DEFAULT_KEEP_DAYS, DEFAULT_MEMORY_MB, TargetChoice};
pub use variant::{Language, VariantFolder};
pub use words::{
    Architecture, BadDeployment, BadName, Contestant, Deployment, Flow, Name, Orchestration,
    Packaging, Phase, Platform, Sample, State, Target, UnknownWord,
};
