//! The race: its schedule, its rounds and blocks, and how it goes on after a kill.
//!
//! It knows nothing of statistics: whether a difference means something is for `analyse`.

mod distance;
mod error;
mod machine;
mod pass;
mod race;
mod racer;
mod schedule;
mod session;

pub use error::Error;
pub use race::{Course, Ended, Guard, Lap, Output, OutputCheck, Race};
pub use racer::Racer;
pub use schedule::{Block, Leg, round};
pub use session::{Done, Next, Session};
