//! What the report promises, told through its public interface.

mod demo;
#[path = "../../../analyse/tests/stories/duel.rs"]
mod duel;
mod pages;
mod sheets;
#[path = "../../../analyse/tests/stories/simulated.rs"]
mod simulated;
mod terminals;
