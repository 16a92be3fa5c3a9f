//! What this crate promises, against other people's implementations of the AWS APIs, against
//! servers that break off, and against lines that AWS wrote.
//!
//! moto comes from the Python package index into a virtual environment of its own in the user's
//! cache, once; without a Python or a network for that, its tests fail and say so.

mod against_moto;
mod peers;
mod report;
mod surroundings;
mod transport;
mod wall_clock;
