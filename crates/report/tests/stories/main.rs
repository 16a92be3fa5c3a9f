//! What the report promises, told through its public interface.

mod authors;
mod charts;
mod demo;
#[path = "../../../analyse/tests/stories/duel.rs"]
mod duel;
mod exports;
mod pages;
mod pilots;
mod provenance;
mod rejected;
mod sheets;
#[path = "../../../analyse/tests/stories/simulated.rs"]
mod simulated;
mod terminals;
mod written;
