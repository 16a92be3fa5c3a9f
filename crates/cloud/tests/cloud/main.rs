//! What this crate promises, against other people's implementations of the AWS APIs, against
//! servers that break off, and against lines that AWS wrote.
//!
//! moto and MiniStack come from the Python package index into virtual environments of their own in
//! the user's cache, once; without a Python or a network for that, their tests fail and say so.

mod against_ministack;
mod against_moto;
mod chains;
mod fault_walk;
mod ground;
mod images;
mod money;
mod peers;
mod prices;
mod report;
mod state_machines;
mod surroundings;
mod transport;
mod wall_clock;
mod whereabouts;
