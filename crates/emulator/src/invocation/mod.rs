//! Running functions: sandboxes cold and warm, their Runtime API, logs and records.

mod course;
mod deployment;
mod entrypoint;
mod environment;
mod guest;
mod log;
mod outcome;
mod output;
mod persistent;
mod platform;
mod pool;
mod record;
mod report;
mod runtime_api;
mod sandbox;
mod shelf;

pub(crate) use deployment::Deployment;
pub(crate) use guest::Watchers;
pub(crate) use pool::{CONCURRENCY, Invocation, Invoked, Pool};
pub(crate) use sandbox::Surroundings;
