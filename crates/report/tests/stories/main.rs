//! What the report promises, told through its public interface.

mod sheets;
#[path = "../../../analyse/tests/stories/simulated.rs"]
mod simulated;
